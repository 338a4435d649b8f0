"""The chunks of one call: one at a time, none lost, and an end that is known."""

from __future__ import annotations

from typing import Any

import pytest

from gradioproxy.protocols.chunks import Feed
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


def feed_of(release: tuple[int, ...] = NEW) -> Feed:
    return Feed(talk("hash", "/p", release), "call", Invocation(3, "f", ["a"]))


def chunk(value: Any) -> Post:
    """Return the post of a chunk."""
    body = {"data": [value], "fn_index": 3, "session_hash": "hash", "event_data": None}
    return Post("call", "/p/stream/e", body, "continue")


def give(feed: Feed, value: Any) -> list[Event]:
    """Let the app answer a chunk."""
    return feed.read(Yielded((value,)), {"msg": "process_streaming"})


def complete(feed: Feed, value: Any, *, generating: bool) -> list[Event]:
    """Let the app end the run."""
    message = {"msg": "process_completed", "output": {"is_generating": generating}}
    return feed.read(Completed((value,)), message)


def test_a_chunk_waits_until_the_one_before_is_answered() -> None:
    """The server would replace the one by the other."""
    feed = feed_of()
    feed.take(["b"])
    feed.take(["c"])
    assert feed.take_posts("e") == []
    assert give(feed, "a") == [Yielded(("a",))]
    assert feed.take_posts("e") == [chunk("b")]
    assert feed.take_posts("e") == []
    assert feed.receive_answer(Reply(200, {"msg": "success"})) is None
    assert give(feed, "b") == [Yielded(("b",))]
    assert feed.take_posts("e") == [chunk("c")]
    give(feed, "c")
    assert feed.take_posts("e") == []
    feed.take(["d"])
    assert feed.take_posts("e") == [chunk("d")]


def test_a_run_is_ended_when_all_is_answered() -> None:
    """And its completion repeats the last value."""
    feed = feed_of()
    feed.take(["b"])
    feed.take(None)
    assert feed.take_posts("e") == []
    give(feed, "a")
    assert feed.take_posts("e") == [chunk("b")]
    give(feed, "b")
    assert feed.is_done
    assert feed.take_posts("e") == [Post("call", "/p/stream/e/close", {}, "continue")]
    assert feed.take_posts("e") == []
    assert feed.receive_answer(Reply(200, {"msg": "success"})) is None
    assert complete(feed, "b", generating=True) == [Completed(("b",))]


def test_a_run_that_would_go_on_once_more_is_not_told_of_its_end() -> None:
    """It is for the conversation to cancel it."""
    feed = feed_of(OLD)
    feed.take(None)
    assert not feed.is_done
    give(feed, "a")
    assert (feed.is_done, feed.take_posts("e"), feed.last) == (True, [], ("a",))


@pytest.mark.parametrize("left", [False, True])
def test_a_completion_can_bring_a_value(left: bool) -> None:
    """The limit of time was reached with this chunk; what is left was not taken."""
    feed = feed_of()
    if left:
        feed.take(["b"])
    told = complete(feed, "a", generating=False)
    assert told[0] == Yielded(("a",))
    assert isinstance(told[1], Closed) if left else told[1] == Completed(("a",))


def test_a_chunk_that_came_too_late_is_told_of() -> None:
    """The completion repeats the value before it."""
    feed = feed_of()
    feed.take(["b"])
    give(feed, "a")
    feed.take_posts("e")
    assert feed.receive_answer(Reply(404, "")) is None
    (told,) = complete(feed, "a", generating=True)
    assert isinstance(told, Closed)


def test_an_end_while_the_app_waits_is_one() -> None:
    """It waited for too long, and nothing is missing."""
    feed = feed_of()
    give(feed, "a")
    assert complete(feed, "a", generating=True) == [Completed(("a",))]


@pytest.mark.parametrize("event", [Failed("boom"), Cancelled()])
def test_other_ends_are_what_they_are(event: Event) -> None:
    feed = feed_of()
    feed.take(["b"])
    assert feed.read(event, {}) == [event]


def test_a_refused_chunk_fails_the_call() -> None:
    feed = feed_of()
    give(feed, "a")
    feed.take(["b"])
    feed.take_posts("e")
    failure = feed.receive_answer(Reply(500, "no"))
    assert isinstance(failure, Refused)
    assert failure.may_have_run
