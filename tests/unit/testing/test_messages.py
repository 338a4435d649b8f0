"""What is kept of messages, and partial results whole or as edits."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gradioproxy.testing.messages import Edits, is_final, keep_message
from tests.support.faked import completed, yielded
from tests.support.schemas import values


def test_what_is_kept() -> None:
    """No times, and nothing that is the stream's alone; errors keep how long they are shown."""
    assert keep_message({"msg": "estimation", "rank": 0}) is None
    assert keep_message({"msg": 5}) is None
    started = {"msg": "process_starts", "event_id": "x", "eta": 1.0}
    assert keep_message(started) == {"msg": "process_starts"}
    failed: dict[str, Any] = {"msg": "process_completed", "success": False}
    failed["output"] = {"error": "boom", "duration": 10}
    assert keep_message({**failed, "event_id": "x"}) == failed


def test_which_are_final() -> None:
    assert is_final(completed(1))
    assert is_final({"event": "error", "data": None})
    assert not is_final(yielded(1))


@given(st.integers(1, 3).flatmap(lambda n: st.lists(st.lists(values, min_size=n, max_size=n))))
def test_edits_lead_to_the_same_values(results: list[list[Any]]) -> None:
    """Whatever the values are."""
    write, read = Edits(), Edits()
    messages = [yielded(*result) for result in results]
    assert [read.read(write.write(message)) for message in messages] == messages


def test_the_last_message_of_a_call() -> None:
    """Whatever a server writes besides."""
    assert is_final({"msg": "process_completed"})
    assert is_final({"event": "complete"})
    assert not is_final({"msg": "log", "event": "complete"})
    assert not is_final({"msg": "log", "event": []})
    assert not is_final({"event": []})
