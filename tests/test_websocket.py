"""The queue of Gradio 3, without a server: recordings, and what a server might send instead."""

from __future__ import annotations

import json

import pytest

from gradioproxy.protocols.machine import Residue
from gradioproxy.protocols.websocket import Websocket
from tests.recordings.lone import HASH, recordings
from tests.replaying import Replay, replay

OLD, NEW = (3, 24, 0), (3, 50, 2)
RECORDINGS = recordings("websocket")
OUTPUT = {"data": ["x"], "is_generating": False}
WHO = {"session_hash": HASH, "fn_index": 3}
BODY = {"data": ["a"], **WHO, "event_data": None}

every_recording = pytest.mark.parametrize("name", RECORDINGS)


def joined(release: tuple[int, ...] = NEW, *, fresh: bool = True) -> Replay:
    """Return a call for which the socket is open."""
    player = Replay(Websocket(HASH, "", release, fresh=fresh))
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
    player = Replay(Websocket(HASH, "", NEW, generator=generator))
    player.join(data=["a"])
    assert player.machine.residue is Residue.RUN
    player.say("process_completed", output=OUTPUT, success=True)
    assert player.machine.residue is left


@every_recording
def test_a_recorded_conversation_reports_what_happened(name: str) -> None:
    """And sends what the server wanted, in this order."""
    recording = RECORDINGS[name]
    player = replay(recording, Websocket)
    assert player.told == recording.expected
    assert player.done == recording.done


@every_recording
def test_doubled_messages_are_answered_once(name: str) -> None:
    recording = RECORDINGS[name]
    player = joined()
    asked = 0
    for entry in recording.entries:
        if entry[0] == "received":
            player.data(entry[1], entry[1])
            asked += json.loads(entry[1])["msg"] in {"send_hash", "send_data"}
    assert len([entry for entry in player.done if entry[0] == "sent"]) == asked


@every_recording
def test_each_message_may_be_missing(name: str) -> None:
    """Whatever is left out, a call ends once, and with the end of the socket at the latest."""
    recording = RECORDINGS[name]
    received = [entry[1] for entry in recording.entries if entry[0] == "received"]
    for place in range(len(received)):
        player = joined()
        player.data(*received[:place], *received[place + 1 :])
        player.end()
        assert player.over


@every_recording
def test_an_end_at_any_place_loses_the_call(name: str) -> None:
    recording = RECORDINGS[name]
    received = [entry[1] for entry in recording.entries if entry[0] == "received"]
    final = json.loads(received[-1])["msg"] in {"process_completed", "queue_full"}
    for place in range(len(received) if final else len(received) + 1):
        player = joined()
        player.data(*received[:place])
        player.end()
        assert player.told[-1] == ["Lost", "The server ended the conversation without a result."]
        player.end()


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
    "text",
    ["", "nothing", "[]", "1", '"send_data"', "null", "{}", '{"msg": 1}', '{"msg": ["send_data"]}'],
)
def test_what_is_no_message_says_nothing(text: str) -> None:
    player = joined()
    player.data(text, text.encode(), b"\xff")
    assert player.done[1:] == []
    assert player.events == []


@pytest.mark.parametrize("kind", ["alive?", "heartbeat", "of_a_later_version"])
def test_unknown_messages_are_ignored(kind: str) -> None:
    player = running()
    player.say(kind, output={"data": []}, success=True)
    player.say("process_completed", output=OUTPUT, success=True)
    assert player.told == [["Started", None], ["Completed", ["x"]]]


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


def test_after_the_end_nothing_counts() -> None:
    player = running()
    player.say("process_completed", output=OUTPUT, success=True)
    assert player.done == [["close"]]
    player.closed = False
    player.say("process_completed", output=OUTPUT, success=True)
    player.say("send_data")
    player.cancel()
    player.end()
    assert player.told == [["Started", None], ["Completed", ["x"]]]
    assert player.done == [["close"]]


def test_a_call_is_cancelled_by_closing_the_socket_and_by_nothing_else() -> None:
    """A reset would make the generator start again."""
    for player in (joined(OLD, fresh=False), joined(), running()):
        player.done.clear()
        player.cancel()
        assert player.told[-1] == ["Cancelled"]
        assert player.done == [["close"]]


def test_cancelling_another_call_does_nothing() -> None:
    player = running()
    assert player.machine.cancel("b") == []


@pytest.mark.parametrize(
    ("release", "fresh", "resets"),
    [(OLD, False, True), (OLD, True, False), (NEW, False, False), (NEW, True, False)],
)
def test_what_an_earlier_call_left_over_is_reset_where_the_server_does_not(
    release: tuple[int, ...], fresh: bool, resets: bool
) -> None:
    """Before 3.25 the next call would get the rest of the values of one that was given up."""
    player = joined(release, fresh=fresh)
    reset = [["posted", "/reset", WHO]] if resets else []
    assert player.done == [*reset, ["socket", "/queue/join"]]
    if resets:
        assert player.unanswered[0].purpose == "cancel"
        player.answer(200, {"success": False})
        assert player.done == [*reset, ["socket", "/queue/join"]]


def test_the_server_has_no_name_for_the_call() -> None:
    assert running().machine.event_id("a") is None
