"""The primitive level, against real servers and a scripted one."""

from __future__ import annotations

import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

import gradioproxy as gp
from tests.support.web_server import Reply, reply_json, serve_app

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.gradio import Server
    from tests.support.web_server import Web


FOLLOW = """
import sys, gradioproxy as gp
for update in gp.event(sys.argv[1], "stream_text", sys.argv[2]):
    print(update.name, update.data)
"""


def names(event: gp.Event) -> list[str]:
    """Return what the updates are called."""
    return [update.name for update in event if update.name != "heartbeat"]


def test_an_address_is_enough(server: Server) -> None:
    """A call is made with nothing but a URL, by name, and its result is raw JSON."""
    before = time.time()
    (update,) = gp.send(server.url, "echo", ["hällo"])
    assert update[:3] == (1, "complete", ["hällo"])
    assert before - 1 < update.time < time.time() + 1


def test_partial_results_and_the_end(server: Server) -> None:
    """Each yield is one update with whole values, equal ones included; the end is one more."""
    event = gp.send(server.url, "/stream_same", ["x"], history=True)
    updates = list(event)
    assert [update.name for update in updates] == ["generating"] * 3 + ["complete"]
    assert [update.data for update in updates[:3]] == [["x"]] * 3
    assert [update.num for update in updates] == [1, 2, 3, 4]
    assert event.history == updates
    assert event.status.stage == "finished"
    assert event.error is None
    assert list(event) == []


def test_history_is_kept_only_when_asked_for(server: Server) -> None:
    """An event does not remember what it gave."""
    event = gp.send(server.url, "echo", ["x"])
    assert names(event) == ["complete"]
    assert event.history is None


def test_an_error_is_an_update(server: Server) -> None:
    """An error is yielded after the partial results, and kept; it is not raised."""
    event = gp.send(server.url, "fail_late", [])
    assert names(event) == ["generating", "generating", "error"]
    assert isinstance(event.error, gp.AppError)
    assert event.status.stage == "failed"


def test_hidden_inputs_can_be_left_out(server: Server) -> None:
    """A state in the middle is filled in, or given as null."""
    for data in (["a", "b"], ["a", None, "b"]):
        *_, last = gp.send(server.url, "hidden_between", data)
        assert last.data == ["a 0 b"]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (["a", "b", "c"], "got 3 values; it takes 1"),
        ("text", "a list with one value for each input"),
        ([{1, 2}], "not JSON serializable"),
    ],
)
def test_data_is_checked_before_it_is_sent(server: Server, data: Any, message: str) -> None:
    """What could never be right is an error that says why."""
    with pytest.raises(gp.ArgumentError, match=message):
        gp.send(server.url, "echo", data)


def test_unknown_endpoints(server: Server) -> None:
    """The nearest name is in the message."""
    with pytest.raises(gp.UnknownEndpoint, match="/echo"):
        gp.send(server.url, "ecko", ["x"])


def test_a_session_can_stand_for_its_address(server: Server) -> None:
    """With an open session nothing is asked again; a closed one says so."""
    with gp.connect(server.url) as app:
        assert [update.data for update in gp.send(app, "echo", ["x"])] == [["x"]]
        with pytest.raises(TypeError, match="timeout"):
            gp.send(app, "echo", ["x"], timeout=5)
    with pytest.raises(gp.SessionClosed):
        gp.send(app, "echo", ["x"])


def test_another_process_follows_a_call(server: Server) -> None:
    """A call is found again by its id; where it lives in its own connection, there is none."""
    with gp.send(server.url, "stream_text", ["a b c"]) as event:
        if server.release < (4, 9):
            assert event.event_id is None
            with pytest.raises(gp.ProtocolError, match="connection"):
                gp.event(server.url, "stream_text", "abc")
            return
        assert event.event_id is not None
        ran = subprocess.run(
            [sys.executable, "-c", FOLLOW, server.url, event.event_id],
            check=True,
            capture_output=True,
            text=True,
        )
    assert ran.stdout.splitlines() == [
        "generating ['a']",
        "generating ['a b']",
        "generating ['a b c']",
        "complete ['a b c']",
    ]


def test_cancelling(server: Server) -> None:
    """A cancelled call ends here at once, and at the server."""
    token = f"primitive {server.port}"
    with gp.send(server.url, "endless", [token]) as event:
        updates = event.update()
        assert next(updates).data == [1]
        assert event.cancel()
        assert not event.cancel()
        assert {update.name for update in updates} <= {"generating", "error"}
    assert isinstance(event.error, gp.JobCancelled)
    assert event.status.stage == "cancelled"
    *_, last = gp.send(server.url, "wait_end", [token])
    assert last.data == [True]


def test_uploads_are_json(server: Server, tmp_path: Path) -> None:
    """What `upload` returns can be sent."""
    path = tmp_path / "a.txt"
    path.write_bytes(b"abc")
    one, two = gp.upload(server.url, [path, b"def"])
    hashes = [update.data for update in gp.send(server.url, "files_hash", [[one, two]])][-1]
    assert hashes == [
        [
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            "cb8379ac2098aa165029e3938a51da0bcecfc008fd6795f401178647f96c5b34",
        ]
    ]


@pytest.mark.since("3.19", "before 3.19 there is no upload")
def test_uploads_of_a_session_are_remembered(server: Server, tmp_path: Path) -> None:
    """A session knows what was brought up in its name."""
    path = tmp_path / "a.txt"
    path.write_bytes(b"abc")
    with gp.connect(server.url) as app:
        gp.upload(app, str(path))
        assert [upload.name for upload in app.uploads] == ["a.txt"]
    with pytest.raises(gp.MissingFile):
        gp.upload(server.url, tmp_path / "b.txt")


def test_an_iteration_stops_after_heartbeats_and_is_taken_up_again(server: Server) -> None:
    """So many heartbeats in a row end an iteration; the next one goes on."""
    token = f"heartbeats {server.port}"
    with gp.send(server.url, "endless", [token]) as running:
        next(running.update())
        waiting = gp.send(server.url, "wait_end", [token])
        waiting.heartbeat = 0.01
        assert [update.name for update in waiting.update(max_heartbeats=3)] == ["heartbeat"] * 3
        assert waiting.status.stage in {"pending", "queued", "running"}
    assert names(waiting) == ["complete"]


def test_another_process_is_not_needed_to_cancel(server: Server) -> None:
    """A call that nobody followed is cancelled all the same, where the server takes it back."""
    token = f"unfollowed {server.port}"
    event = gp.send(server.url, "endless", [token])
    *_, last = gp.send(server.url, "wait_begin", [token])
    assert last.data == [True]
    assert event.cancel()
    *_, last = gp.send(server.url, "wait_end", [token])
    assert last.data == [True]


def test_a_session_with_other_secrets(web: Web) -> None:
    """What is made of one of `with_options` carries these, on each of the roads."""
    serve_app(web, "echo")
    web.on("/gradio_api/call/echo", reply_json({"event_id": "e1"}))
    web.on("/gradio_api/call/echo/e1", Reply(404))
    web.on("/gradio_api/upload", reply_json(["x"]))
    with gp.connect(web.url, headers={"X-Who": "ann"}) as app:
        other = app.with_options(headers={"X-Who": "bob"})
        web.requests.clear()
        gp.send(other, "/echo", ["x"])
        list(gp.event(other, "/echo", "e1"))
        gp.upload(other, b"x")
    assert {each.path.rsplit("/", 1)[1] for each in web.requests} >= {"echo", "e1", "upload"}
    # Who the server is, is asked in nobody's name but the session's.
    asked = [each for each in web.requests if not each.path.endswith("app_id")]
    assert {each.headers["X-Who"] for each in asked} == {"bob"}
