"""The chunks of one call: one at a time, none lost, and an end that is known."""

from __future__ import annotations

from typing import Any

import pytest

from gradioproxy.protocols.chunks import Chunks
from gradioproxy.protocols.conversation import Invocation
from gradioproxy.protocols.events import (
    Cancelled,
    Closed,
    Completed,
    Event,
    Failed,
    Refused,
    Yielded,
)
from gradioproxy.protocols.machine import Post, Reply
from tests.support.machine_driver import talk

OLD, NEW = (5, 50), (6, 31)


def chunks_of(release: tuple[int, ...] = NEW) -> Chunks:
    return Chunks(talk("hash", "/p", release), "call", Invocation(3, "f", ["a"]))


def chunk(value: Any) -> Post:
    """Return the post of a chunk."""
    body = {"data": [value], "fn_index": 3, "session_hash": "hash", "event_data": None}
    return Post("call", "/p/stream/e", body, "continue")


def give(chunks: Chunks, value: Any) -> list[Event]:
    """Let the app answer a chunk."""
    return chunks.read(Yielded((value,)), {"msg": "process_streaming"})


def complete(chunks: Chunks, value: Any, *, generating: bool) -> list[Event]:
    """Let the app end the run."""
    message = {"msg": "process_completed", "output": {"is_generating": generating}}
    return chunks.read(Completed((value,)), message)


def test_a_chunk_waits_until_the_one_before_is_answered() -> None:
    """The server would replace the one by the other."""
    chunks = chunks_of()
    chunks.take(["b"])
    chunks.take(["c"])
    assert chunks.take_post("e") is None
    assert give(chunks, "a") == [Yielded(("a",))]
    assert chunks.take_post("e") == chunk("b")
    assert chunks.take_post("e") is None
    assert chunks.receive_answer(Reply(200, {"msg": "success"})) is None
    assert give(chunks, "b") == [Yielded(("b",))]
    assert chunks.take_post("e") == chunk("c")
    give(chunks, "c")
    assert chunks.take_post("e") is None
    chunks.take(["d"])
    assert chunks.take_post("e") == chunk("d")


def test_a_run_is_ended_when_all_is_answered() -> None:
    """And its completion repeats the last value."""
    chunks = chunks_of()
    chunks.take(["b"])
    chunks.take(None)
    assert chunks.take_post("e") is None
    give(chunks, "a")
    assert chunks.take_post("e") == chunk("b")
    give(chunks, "b")
    assert chunks.is_done
    assert chunks.take_post("e") == Post("call", "/p/stream/e/close", {}, "continue")
    assert chunks.take_post("e") is None
    assert chunks.receive_answer(Reply(200, {"msg": "success"})) is None
    assert complete(chunks, "b", generating=True) == [Completed(("b",))]


def test_a_run_that_would_go_on_once_more_is_not_told_of_its_end() -> None:
    """It is for the conversation to cancel it."""
    chunks = chunks_of(OLD)
    chunks.take(None)
    assert not chunks.is_done
    give(chunks, "a")
    assert (chunks.is_done, chunks.take_post("e"), chunks.last) == (True, None, ("a",))


@pytest.mark.parametrize("left", [False, True])
def test_a_completion_can_bring_a_value(left: bool) -> None:
    """The limit of time was reached with this chunk; what is left was not taken."""
    chunks = chunks_of()
    if left:
        chunks.take(["b"])
    told = complete(chunks, "a", generating=False)
    assert told[0] == Yielded(("a",))
    assert isinstance(told[1], Closed) if left else told[1] == Completed(("a",))


def test_a_chunk_that_came_too_late_is_told_of() -> None:
    """The completion repeats the value before it."""
    chunks = chunks_of()
    chunks.take(["b"])
    give(chunks, "a")
    chunks.take_post("e")
    assert chunks.receive_answer(Reply(404, "")) is None
    (told,) = complete(chunks, "a", generating=True)
    assert isinstance(told, Closed)


def test_an_end_while_the_app_waits_is_one() -> None:
    """It waited for too long, and nothing is missing."""
    chunks = chunks_of()
    give(chunks, "a")
    assert complete(chunks, "a", generating=True) == [Completed(("a",))]


@pytest.mark.parametrize("event", [Failed("boom"), Cancelled()])
def test_other_ends_are_what_they_are(event: Event) -> None:
    chunks = chunks_of()
    chunks.take(["b"])
    assert chunks.read(event, {}) == [event]


def test_a_refused_chunk_fails_the_call() -> None:
    chunks = chunks_of()
    give(chunks, "a")
    chunks.take(["b"])
    chunks.take_post("e")
    failure = chunks.receive_answer(Reply(500, "no"))
    assert isinstance(failure, Refused)
    assert failure.may_have_run
