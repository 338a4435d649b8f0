"""The queue of Gradio 3, without a server: recordings, and what a server might send instead."""

from __future__ import annotations

import pytest

from gradioproxy.protocols.machine import Residue
from gradioproxy.protocols.websocket import Websocket
from tests.support.machine_driver import talk
from tests.support.recording.lone import HASH
from tests.support.replay import Replay

OLD, NEW = (3, 24, 0), (3, 50, 2)
OUTPUT = {"data": ["x"], "is_generating": False}
WHO = {"session_hash": HASH, "fn_index": 3}
BODY = {"data": ["a"], **WHO, "event_data": None}


def joined(release: tuple[int, ...] = NEW, *, fresh: bool = True) -> Replay:
    """Return a call for which the socket is open."""
    player = Replay(Websocket(talk(HASH, "", release), fresh=fresh))
    player.join(data=["a"])
    return player


def running() -> Replay:
    """Return a call that the app works on."""
    player = joined()
    for kind in ("send_hash", "send_data", "process_starts"):
        player.say(kind)
    player.done.clear()
    return player


@pytest.mark.parametrize(("generator", "left"), [(True, Residue.RESET), (False, Residue.NOTHING)])
def test_the_server_resets_a_function_after_its_run(generator: bool, left: Residue) -> None:
    """When it has told of its end; to what gives one value that does no harm."""
    player = Replay(Websocket(talk(HASH, "", NEW), generator=generator))
    player.join(data=["a"])
    assert player.machine.residue is Residue.RUN
    player.say("process_completed", output=OUTPUT, success=True)
    assert player.machine.residue is left


def test_the_server_asks_and_is_answered() -> None:
    player = joined()
    assert player.done == [["socket", "/queue/join"]]
    player.say("send_hash")
    player.say("estimation", rank=2, queue_size=3, rank_eta=1.5)
    player.say("send_data")
    assert player.done[1:] == [["sent", WHO], ["sent", BODY]]
    assert player.told == [["Queued", 2, 3, 1.5]]


def test_the_data_are_sent_without_a_question_for_the_hash() -> None:
    player = joined()
    player.say("send_data")
    assert player.done[1:] == [["sent", BODY]]


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("process_completed", {}),
        ("process_completed", {"output": None, "success": True}),
        ("process_completed", {"output": {"data": "x"}, "success": True}),
        ("process_completed", {"output": [], "success": False}),
        ("process_generating", {"output": {"data": None}, "success": True}),
        ("process_generating", {"output": {"is_generating": True}, "success": True}),
    ],
)
def test_a_result_that_is_none_loses_the_call(kind: str, fields: dict[str, object]) -> None:
    """The socket is closed, as nothing good can come any more."""
    player = running()
    player.say(kind, **fields)
    assert player.told[-1][0] == "Lost"
    assert player.done == [["close"]]


def test_is_generating_in_the_last_message_means_nothing() -> None:
    player = running()
    player.say("process_completed", output={**OUTPUT, "is_generating": True}, success=True)
    assert player.told[-1] == ["Completed", ["x"]]


def test_a_call_is_cancelled_by_closing_the_socket_and_by_nothing_else() -> None:
    """A reset would make the generator start again."""
    for player in (joined(OLD, fresh=False), joined(), running()):
        player.done.clear()
        player.cancel()
        assert player.told[-1] == ["Cancelled"]
        assert player.done == [["close"]]


@pytest.mark.parametrize(
    ("release", "fresh", "resets"),
    [(OLD, False, True), (OLD, True, False), (NEW, False, False), (NEW, True, False)],
)
def test_what_an_earlier_call_left_over_is_reset_where_the_server_does_not(
    release: tuple[int, ...], fresh: bool, resets: bool
) -> None:
    """Before 3.25 the next call would get the rest of the values of one that was given up."""
    player = joined(release, fresh=fresh)
    opened = ["socket", "/queue/join"]
    if not resets:
        assert player.done == [opened]
        return
    assert player.done == [["posted", "/reset", WHO]]
    assert player.unanswered[0].purpose == "cancel"
    player.answer(200, {"success": False})
    assert player.done == [["posted", "/reset", WHO], opened]


@pytest.mark.parametrize("status", [0, 500, 504])
def test_a_reset_without_an_answer_is_made_once_more_and_then_the_call_is_lost(
    status: int,
) -> None:
    """It might get the values of the other run."""
    player = joined(OLD, fresh=False)
    player.answer(status, None)
    assert [step[1] for step in player.done] == ["/reset", "/reset"]
    player.answer(status, None)
    assert player.told == [["Lost", "it does not forget an earlier run of the function"]]
    assert player.machine.residue is Residue.RUN


def test_the_server_has_no_name_for_the_call() -> None:
    assert running().machine.event_id("a") is None


def test_a_question_that_is_none_is_not_answered() -> None:
    """Nor is it written out to be compared, which ends where Python's stack does."""
    replay = joined()
    done = len(replay.done)
    deep = "[" * 900 + "]" * 900
    replay.data(f'{{"msg": {deep}}}', '{"msg": {"send_hash": 1}}', '{"msg": null}')
    assert len(replay.done) == done
    assert not replay.over
