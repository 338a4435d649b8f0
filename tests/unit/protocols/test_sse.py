"""The queue of Gradio 4.0 to 4.8, without a server: recordings, and what might come instead."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gradioproxy.protocols.conversation import Invocation
from gradioproxy.protocols.machine import Open
from gradioproxy.protocols.sse import Sse
from tests.support.machine_driver import talk
from tests.support.recording.lone import HASH
from tests.support.replay import Replay

if TYPE_CHECKING:
    from collections.abc import Callable

FIRST, NEW = (4, 0, 2), (4, 8, 0)
OUTPUT = {"data": ["x"], "is_generating": False}
BODY = {"data": ["a"], "fn_index": 3, "session_hash": HASH, "event_data": None}
DATA = ["posted", "/queue/data", {**BODY, "event_id": "e"}]
RESET = ["posted", "/reset", {"event_id": "e"}]


def joined(release: tuple[int, ...] = NEW, *, generator: bool = True) -> Replay:
    """Return a call whose stream is open."""
    player = Replay(Sse(talk(HASH, "", release), generator=generator))
    player.join(data=["a"])
    player.done.clear()
    return player


def running(release: tuple[int, ...] = NEW, *, generator: bool = True) -> Replay:
    """Return a call that the app works on."""
    player = joined(release, generator=generator)
    player.say("send_data", event_id="e")
    player.answer(200, None)
    player.say("process_starts")
    player.done.clear()
    player.events.clear()
    return player


def test_the_stream_is_opened_with_function_and_hash() -> None:
    machine = Sse(talk("a&b", "/prefix", NEW))
    path = "/prefix/queue/join?fn_index=3&session_hash=a%26b"
    assert machine.join("a", Invocation(3, "", [])) == [Open(path, heartbeats=True, begins=True)]


@pytest.mark.parametrize(
    ("release", "heartbeats"), [((4, 0, 0), False), ((4, 3, 0), False), ((4, 4, 0), True)]
)
def test_servers_that_send_only_one_heartbeat_count_as_sending_none(
    release: tuple[int, ...], heartbeats: bool
) -> None:
    steps = Sse(talk(HASH, "", release)).join("a", Invocation(3, "", []))
    assert [getattr(step, "heartbeats", None) for step in steps] == [heartbeats]


def test_the_data_are_posted_when_the_server_asks() -> None:
    player = joined()
    player.say("estimation", rank=1, queue_size=2, rank_eta=None)
    assert player.done == []
    player.say("send_data", event_id="e")
    assert player.done == [DATA]
    assert player.unanswered[0].purpose == "call"
    assert player.machine.event_id("a") == "e"
    assert player.machine.event_id("b") is None


@pytest.mark.parametrize("event_id", [None, 1, {}, ["e"]])
def test_a_question_without_a_name_is_none(event_id: object) -> None:
    player = joined()
    player.say("send_data", event_id=event_id)
    assert player.done == []


ANSWERS: list[tuple[int, Any, list[Any]]] = [
    (500, "Internal Server Error", ["Refused", "fault", "Internal Server Error", 500, None, []]),
    (
        401,
        {"detail": "Not authenticated"},
        ["Refused", "login", "Not authenticated", 401, None, []],
    ),
    (
        422,
        {"detail": [{"loc": ["body", "data"], "msg": "bad"}]},
        ["Refused", "invalid", "body.data: bad", 422, None, []],
    ),
    (429, "slow down", ["Refused", "limit", "slow down", 429, None, []]),
    (0, None, ["Refused", "fault", "", 0, None, []]),
]


@pytest.mark.parametrize(("status", "body", "event"), ANSWERS)
def test_data_that_are_not_taken_end_the_call(status: int, body: Any, event: list[Any]) -> None:
    player = joined()
    player.say("send_data", event_id="e")
    player.answer(status, body)
    assert player.told == [event]
    assert player.done == [DATA, ["close"]]


def test_messages_may_overtake_the_answer_to_the_data() -> None:
    player = joined()
    player.say("send_data", event_id="e")
    player.say("process_starts")
    player.say("process_completed", output=OUTPUT, success=True)
    player.answer(200, None)
    assert player.told == [["Started", None], ["Completed", ["x"]]]
    assert player.done == [DATA]


def test_a_result_that_is_none_loses_the_call() -> None:
    player = running()
    player.say("process_generating", output={"data": "x"}, success=True)
    assert player.told == [["Lost", "The server sent an output without data."]]
    assert player.done == [["close"]]


def started(player: Replay) -> None:
    player.say("process_starts")


def yielded(player: Replay) -> None:
    player.say("process_generating", output=OUTPUT, success=True)


@pytest.mark.parametrize("release", [FIRST, NEW])
def test_a_call_that_waits_is_cancelled_by_closing_the_stream(release: tuple[int, ...]) -> None:
    """The server asks for its data in vain, and goes on."""
    player = joined(release)
    player.say("estimation", rank=1, queue_size=2, rank_eta=None)
    player.cancel()
    assert player.told[-1] == ["Cancelled"]
    assert player.done == [["close"]]


@pytest.mark.parametrize("before", [started, yielded])
def test_a_call_that_runs_is_reset_and_its_stream_closed(before: Callable[[Replay], None]) -> None:
    player = running()
    before(player)
    player.cancel()
    assert player.told[-1] == ["Cancelled"]
    assert player.done == [RESET, ["close"]]
    assert player.unanswered[0].purpose == "cancel"
    player.answer(200, {"success": True})
    assert player.done == [RESET, ["close"]]


def test_gradio_4_0_is_told_after_a_value_that_a_generator_was_given_up() -> None:
    """Before, it does not know it; and it does not notice that its stream was closed."""
    player = running(FIRST)
    player.cancel()
    started(player)
    assert player.done == []
    yielded(player)
    yielded(player)
    assert player.done == [RESET]
    player.answer(200, {"success": True})
    assert player.told == [["Cancelled"]]
    assert player.done == [RESET, ["close"]]


def test_gradio_4_0_ends_a_stream_after_the_reset() -> None:
    player = running(FIRST)
    yielded(player)
    player.cancel()
    assert player.done == [RESET]
    player.end()
    assert player.told == [["Yielded", ["x"]], ["Cancelled"]]
    player.answer(200, {"success": True})
    assert player.done == [RESET]


def test_a_call_that_completes_before_it_could_be_reset_is_over() -> None:
    player = running(FIRST)
    player.cancel()
    player.cancel()
    player.say("process_completed", output=OUTPUT, success=True)
    assert player.told == [["Completed", ["x"]]]
    assert player.done == []


def test_gradio_4_0_can_be_left_alone_with_a_function_that_yields_nothing() -> None:
    player = running(FIRST, generator=False)
    player.cancel()
    assert player.told == [["Cancelled"]]
    assert player.done == [RESET, ["close"]]
