"""The simple API, without a server: recordings, and what a server might send instead."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gradioproxy.protocols.conversation import Invocation
from gradioproxy.protocols.machine import Open, Post
from gradioproxy.protocols.simple import Simple
from tests.support.machine_driver import talk
from tests.support.recording.lone import HASH
from tests.support.replay import Replay

OLD, NEW = (4, 29, 0), (6, 31, 0)
CANCEL = ["posted", "/cancel", {"session_hash": "e", "fn_index": 3, "event_id": "e"}]


def posted(release: tuple[int, ...] = NEW) -> Replay:
    """Return a call that was posted."""
    player = Replay(Simple(talk(HASH, "", release)))
    player.join()
    player.done.clear()
    return player


def streaming(release: tuple[int, ...] = NEW) -> Replay:
    """Return a call whose stream is open."""
    player = posted(release)
    player.answer(200, {"event_id": "e"})
    player.done.clear()
    return player


def event(name: str, data: object) -> bytes:
    """Return the bytes of an event."""
    return f"event: {name}\ndata: {json.dumps(data)}\n\n".encode()


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("/predict", "/call/predict"),
        ("predict", "/call/predict"),
        ("/a b", "/call/a%20b"),
        ("/a/b?c#d", "/call/a%2Fb%3Fc%23d"),
        ("/Grüße", "/call/Gr%C3%BC%C3%9Fe"),
        ("//x", "/call/%2Fx"),
        ("/100%", "/call/100%25"),
        ("/\ud800", "/call/%3F"),  # half a character, which JSON can have
    ],
)
def test_a_function_goes_by_its_name(name: str, path: str) -> None:
    machine = Simple(talk(HASH, "/gradio_api", NEW))
    assert machine.join("a", Invocation(3, name, [1])) == [
        Post("a", f"/gradio_api{path}", {"data": [1]})
    ]


def test_a_name_that_the_server_gives_leads_nowhere_else() -> None:
    player = posted()
    player.answer(200, {"event_id": "../x?y#z"})
    assert player.done == [["open", "/call/name/..%2Fx%3Fy%23z"]]
    assert player.machine.event_id("a") == "../x?y#z"


ANSWERS: list[tuple[int, Any, list[Any]]] = [
    (200, {}, ["Refused", "fault", "", 200, None, []]),
    (200, {"event_id": 1}, ["Refused", "fault", "", 200, None, []]),
    (200, ["e"], ["Refused", "fault", "e", 200, None, []]),
    (200, "a page", ["Refused", "fault", "a page", 200, None, []]),
    (404, {"detail": "Not Found"}, ["Refused", "fault", "Not Found", 404, None, []]),
    (413, "too large", ["Refused", "invalid", "too large", 413, None, []]),
    (
        422,
        {"detail": [{"loc": ["body"], "msg": "bad"}]},
        ["Refused", "invalid", "body: bad", 422, None, []],
    ),
    (429, "", ["Refused", "limit", "", 429, None, []]),
    (500, "Internal Server Error", ["Refused", "fault", "Internal Server Error", 500, None, []]),
    (503, {"detail": "Queue is full."}, ["Refused", "full", "Queue is full.", 503, None, []]),
    (
        503,
        {"detail": "Queue is stopped."},
        ["Refused", "fault", "Queue is stopped.", 503, None, []],
    ),
    (0, None, ["Refused", "fault", "", 0, None, []]),
]


@pytest.mark.parametrize(("status", "body", "told"), ANSWERS)
def test_an_answer_without_a_name_ends_the_call(status: int, body: Any, told: list[Any]) -> None:
    player = posted()
    player.answer(status, body)
    assert player.told == [told]
    assert player.done == []


FRAMES: list[tuple[tuple[int, ...], str, Any, list[Any]]] = [
    (NEW, "generating", ["x", None], ["Yielded", ["x", None]]),
    (NEW, "complete", ["x"], ["Completed", ["x"]]),
    (NEW, "complete", [], ["Completed", []]),
    (NEW, "complete", None, ["Cancelled"]),
    (NEW, "error", None, ["Failed", None, None]),
    (NEW, "error", {"error": None}, ["Failed", None, None]),
    (NEW, "error", {}, ["Failed", None, None]),
    (NEW, "error", {"error": "'boom'", "title": "Oh"}, ["Failed", "'boom'", "Oh"]),
    (NEW, "error", ["x"], ["Failed", None, None]),
    (OLD, "error", None, ["Failed", None, None]),
    (OLD, "error", "404: Session not found.", ["Lost", "404: Session not found."]),
    (NEW, "error", "Server stopped\u202e unexpectedly.", ["Lost", "Server stopped unexpectedly."]),
    (NEW, "generating", None, ["Lost", "The server sent an output without data."]),
    (NEW, "generating", {"data": []}, ["Lost", "The server sent an output without data."]),
    (NEW, "complete", "x", ["Lost", "The server sent an output without data."]),
]


@pytest.mark.parametrize(("release", "name", "data", "told"), FRAMES)
def test_what_an_event_says(
    release: tuple[int, ...], name: str, data: Any, told: list[Any]
) -> None:
    player = streaming(release)
    player.data(event(name, data))
    assert player.told == [told]


@pytest.mark.parametrize("name", ["generating", "complete", "error"])
def test_a_result_that_can_not_be_read_loses_the_call(name: str) -> None:
    player = streaming()
    player.data(f"event: {name}\ndata: [1,\n\n".encode())
    assert player.told == [["Lost", "The server sent a result that can't be read."]]
    assert player.done == [["close"]]


def test_a_second_answer_does_nothing() -> None:
    player = streaming()
    player.unanswered.append(Post("a", "", {}))
    player.answer(500, "x")
    assert player.events == []


def test_a_call_is_cancelled_by_closing_its_stream() -> None:
    player = streaming()
    player.data(event("generating", ["x"]))
    player.cancel()
    assert player.told == [["Yielded", ["x"]], ["Cancelled"]]
    assert player.done == [["close"]]


@pytest.mark.parametrize(
    ("release", "cancel"), [(NEW, CANCEL), (OLD, ["posted", "/reset", {"event_id": "e"}])]
)
def test_a_call_that_has_no_stream_yet_is_cancelled_by_its_name(
    release: tuple[int, ...], cancel: list[Any]
) -> None:
    player = posted(release)
    player.cancel()
    player.cancel()
    assert player.done == []
    player.answer(200, {"event_id": "e"})
    assert player.told == [["Cancelled"]]
    assert player.done == [cancel]
    assert player.unanswered[0].purpose == "cancel"
    player.answer(200, {"success": True})
    assert player.done == [cancel]


def test_a_call_that_was_given_up_and_not_taken_is_over() -> None:
    player = posted()
    player.cancel()
    player.answer(503, {"detail": "Queue is full."})
    assert player.told == [["Refused", "full", "Queue is full.", 503, None, []]]
    assert player.done == []


def test_a_call_can_be_followed_by_its_name() -> None:
    machine = Simple(talk(HASH, "/gradio_api", NEW))
    assert machine.attach("a", 3, "/predict", "e/") == [Open("/gradio_api/call/predict/e%2F")]
    assert machine.event_id("a") == "e/"
    assert len(machine.receive_data(event("complete", ["x"]))) == 1
    assert machine.calls == 0
