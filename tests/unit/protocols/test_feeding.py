"""Calls that are fed, beside others in one conversation."""

from __future__ import annotations

from typing import Any

import pytest

from gradioproxy.protocols.conversation import Invocation, PageEvent
from gradioproxy.protocols.events import Cancelled, Completed, Lost, Refused, Yielded
from gradioproxy.protocols.machine import Feeding, Post, Reply
from gradioproxy.protocols.sse_v1 import Multiplexed
from tests.support.machine_driver import Driver, message, talk

OLD, NEW = (5, 40), (6, 31)


class Feeder(Driver):
    """Drives a machine with a call that is fed."""

    def __init__(self, release: tuple[int, ...] = NEW) -> None:
        super().__init__(Multiplexed(talk("hash", "/p", release), sends_edits=True))
        self.join("a", 1, "0")
        assert isinstance(self.machine, Feeding)
        self.machine.begin_feed("a")
        self.name("a")
        self.say("process_starts", "a")

    def send(self, *data: Any) -> None:
        """Send a chunk to the call."""
        assert isinstance(self.machine, Feeding)
        self._take(self.machine.send_chunk("a", [*data]))

    def finish(self) -> None:
        """Say that no other comes."""
        assert isinstance(self.machine, Feeding)
        self._take(self.machine.send_chunk("a", None))

    def give(self, value: Any) -> None:
        """Let the app answer a chunk."""
        output = {"data": [value], "is_generating": True}
        self.say("process_streaming", "a", output=output, success=True)

    def end_run(self, value: Any) -> None:
        """Let the app end the run."""
        output = {"data": [value], "is_generating": True}
        self.say("process_completed", "a", output=output, success=True)


CANCEL = Post("a", "/p/cancel", {"session_hash": "hash", "fn_index": 1, "event_id": "a"}, "cancel")


def test_a_feed_and_its_end() -> None:
    """Chunk by chunk, then the end."""
    feeder = Feeder()
    feeder.send("1")
    assert [post.path for post in feeder.sent] == ["/p/queue/join"]
    feeder.give("0")
    assert feeder.sent[-1].body["data"] == ["1"]
    feeder.answer("a", 200, {"msg": "success"}, "continue")
    feeder.finish()
    feeder.give("1")
    assert feeder.sent[-1] == Post("a", "/p/stream/a/close", {}, "continue")
    feeder.answer("a", 200, {"msg": "success"}, "continue")
    feeder.end_run("1")
    assert feeder.events["a"][1:] == [Yielded(("0",)), Yielded(("1",)), Completed(("1",))]
    assert feeder.machine.calls == 0


def test_a_run_that_would_go_on_is_cancelled_at_its_end() -> None:
    """Its caller has its result by then."""
    feeder = Feeder(OLD)
    feeder.give("0")
    feeder.finish()
    assert feeder.events["a"][-1] == Completed(("0",))
    assert feeder.sent[-1] == CANCEL
    feeder.answer("a", 200, {"success": True}, "cancel")
    feeder.say("process_completed", "a", output={}, success=True)
    assert feeder.events["a"][-1] == Completed(("0",))
    assert feeder.machine.calls == 0


def test_a_feed_can_be_cancelled() -> None:
    """Also with chunks that wait; what comes later is of nobody."""
    feeder = Feeder()
    feeder.send("1")
    feeder.cancel("a")
    assert feeder.sent[-1] == CANCEL
    feeder.answer("a", 200, {"success": True}, "cancel")
    feeder.give("0")
    feeder.send("2")
    feeder.say("process_completed", "a", output={}, success=True)
    assert feeder.events["a"][-1] == Cancelled()
    assert all("stream/" not in post.path for post in feeder.sent)


def test_a_refused_chunk_ends_the_call_here_and_there() -> None:
    feeder = Feeder()
    feeder.give("0")
    feeder.send("1")
    feeder.answer("a", 500, "no", "continue")
    assert isinstance(feeder.events["a"][-1], Refused)
    assert feeder.sent[-1] == CANCEL
    feeder.answer("a", 200, {"success": True}, "cancel")
    feeder.say("process_completed", "a", output={}, success=True)
    assert feeder.machine.calls == 0


def test_an_end_of_the_stream_loses_a_feed() -> None:
    feeder = Feeder()
    feeder.give("0")
    feeder.send("1")
    feeder.answer("a", 200, {"msg": "success"}, "continue")
    feeder.end()
    assert isinstance(feeder.events["a"][-1], Lost)


def test_chunks_for_nobody_are_passed_over() -> None:
    """Of a call that is over, and of one that is not fed."""
    feeder = Feeder()
    feeder.end_run("0")
    assert feeder.machine.send_chunk("a", ["1"]) == []  # type: ignore[attr-defined]
    feeder.machine.begin_feed("a")  # type: ignore[attr-defined]
    feeder.join("b", 2)
    assert feeder.machine.send_chunk("b", ["1"]) == []  # type: ignore[attr-defined]


def test_each_chunk_is_for_the_event_that_the_call_is_for() -> None:
    """The app sees no other event in the second than in the first."""
    machine = Multiplexed(talk("hash", "/p", NEW), sends_edits=True)
    event = PageEvent({"index": 7}, 3)
    steps = machine.join("a", Invocation(1, "f", ["0"], event))
    machine.begin_feed("a")
    machine.receive_answer("a", Reply(200, {"event_id": "a"}))
    machine.send_chunk("a", ["1"])
    output = {"data": ["0"], "is_generating": True}
    steps += machine.receive_data(message("process_streaming", "a", output=output, success=True))
    posts = [step for step in steps if isinstance(step, Post)]
    told = [(post.body["data"], post.body["event_data"], post.body["trigger_id"]) for post in posts]
    assert told == [(["0"], {"index": 7}, 3), (["1"], {"index": 7}, 3)]


@pytest.mark.parametrize("status", [200, 0])
def test_the_answer_to_a_chunk_is_none_to_a_cancel(status: int) -> None:
    """Both are under way; a call of that function waits for the one that is of the cancel."""
    feeder = Feeder()
    feeder.give("0")
    feeder.send("1")
    feeder.join("b", 2, "x")
    feeder.name("b")
    feeder.cancel("a")
    feeder.join("c", 1, "new")
    feeder.answer("a", status, {"msg": "success"}, "continue")
    assert feeder.sent[-1] == CANCEL
    feeder.answer("a", 200, {"success": True}, "cancel")
    assert (feeder.sent[-1].call, feeder.sent[-1].purpose) == ("c", "call")
    assert feeder.machine.receive_answer("a", Reply(200, {}), "cancel") == []


def test_a_chunk_of_an_unknown_run_is_not_waited_for_without_end() -> None:
    """The completion may be on its way, but not for two heartbeats."""
    feeder = Feeder()
    feeder.give("0")
    feeder.say("heartbeat", None)
    feeder.send("1")
    feeder.answer("a", 404, "", "continue")
    feeder.say("heartbeat", None)
    assert feeder.events["a"][-1] == Yielded(("0",))
    feeder.say("heartbeat", None)
    assert isinstance(feeder.events["a"][-1], Lost)
    assert feeder.machine.calls == 0
