"""What a call has of its own to say who makes it: in all that it sends, and nowhere else."""

from __future__ import annotations

import concurrent.futures
import inspect
import json
import logging
import threading
from typing import TYPE_CHECKING, Any

import pytest

import gradioproxy as gp
from tests.support.quoted_secrets import find_secrets
from tests.support.web_server import (
    FILE_SCHEMA,
    PATIENCE,
    Exchange,
    Reply,
    Web,
    reply_json,
    serve_app,
)

if TYPE_CHECKING:
    from collections.abc import Callable

PREFIX = "/gradio_api"
JOIN, DATA, CANCEL = (f"{PREFIX}/queue/join", f"{PREFIX}/queue/data", f"{PREFIX}/cancel")
UPLOAD, FETCH = f"{PREFIX}/upload", f"{PREFIX}/file=/srv/out.txt"
STREAM = f"{PREFIX}/stream/hash/run/2/playlist.m3u8"
OUT = {"path": "/srv/out.txt", "meta": {"_type": "gradio.FileData"}}
SOUND = {"path": "hash/run/2/playlist.m3u8", "is_stream": True, "orig_name": "a.mp3"}
SESSION, CALL = "hf_ofthesession", "hf_ofthecall"


def say(exchange: Exchange, kind: str, event_id: str | None, **fields: Any) -> None:
    """Send one message of a stream."""
    message = {"msg": kind, "event_id": event_id, **fields}
    exchange.chunk(f"data: {json.dumps(message)}\n\n".encode())


def complete(exchange: Exchange, event_id: str, value: Any) -> None:
    """Send a result."""
    say(exchange, "process_completed", event_id, output={"data": [value]}, success=True)


def close(exchange: Exchange) -> None:
    """End a stream in good order."""
    say(exchange, "close_stream", None)
    exchange.chunk(b"")


@pytest.fixture
def server(web: Web) -> Web:
    """Give an app with one function that takes a file and returns one."""
    serve_app(web, "convert")
    part = {"label": "File", "component": "File", "type": FILE_SCHEMA}
    named = {"/convert": {"parameters": [{**part, "parameter_name": "file"}], "returns": [part]}}
    web.on(f"{PREFIX}/info", reply_json({"named_endpoints": named, "unnamed_endpoints": {}}))
    web.on(UPLOAD, reply_json(["/srv/in.txt"]))
    web.on(JOIN, reply_json({"event_id": "A"}), reply_json({"event_id": "B"}))
    web.on(CANCEL, reply_json({"success": True}))
    web.on(FETCH, Reply(body=b"out"))
    return web


def sent(web: Web) -> dict[str, set[str | None]]:
    """Return which secrets each path has got."""
    found: dict[str, set[str | None]] = {}
    for request in web.requests:
        found.setdefault(request.path, set()).add(request.headers["Authorization"])
    return found


def test_a_calls_own_secrets_go_with_all_that_it_sends(server: Web) -> None:
    """Uploads, posts, streams, and the download of its result when it is used."""

    def run(exchange: Exchange) -> None:
        exchange.receive()
        exchange.start()
        complete(exchange, "A", OUT)
        close(exchange)

    server.on(DATA, run)
    with gp.connect(server.url, token=SESSION) as app:
        server.requests.clear()
        assert app.with_options(token=CALL).convert(b"in").bytes() == b"out"
    found = sent(server)
    assert {path: found[path] for path in (UPLOAD, JOIN, DATA, FETCH)} == {
        path: {f"Bearer {CALL}"} for path in (UPLOAD, JOIN, DATA, FETCH)
    }


def test_a_cancel_has_the_secrets_of_its_call(server: Web) -> None:
    """And so has a call without any, though the session has some."""

    def run(exchange: Exchange) -> None:
        exchange.receive()
        exchange.start()
        say(exchange, "process_starts", "A", eta=None)
        output = {"data": [OUT]}
        say(exchange, "process_generating", "A", output=output, success=True)
        server.wait_until(lambda: CANCEL in server.paths())
        say(exchange, "process_completed", "A", output={}, success=True)
        close(exchange)

    server.on(DATA, run)
    with gp.connect(server.url, token=SESSION) as app:
        server.requests.clear()
        with app.convert.with_options(token=False).stream(b"in") as stream:
            assert next(stream).bytes() == b"out"
        server.wait_until(lambda: CANCEL in server.paths())
    found = sent(server)
    assert {path: found[path] for path in (UPLOAD, JOIN, DATA, FETCH, CANCEL)} == {
        path: {None} for path in (UPLOAD, JOIN, DATA, FETCH, CANCEL)
    }


def two_at_once(server: Web) -> None:
    """Let a stream bring a sound for the first of two calls, and a file for the second."""

    def run(exchange: Exchange) -> None:
        exchange.receive()
        exchange.start()
        server.wait_until(lambda: server.paths().count(JOIN) == 2)
        complete(exchange, "A", SOUND)
        complete(exchange, "B", OUT)
        close(exchange)

    server.on(DATA, run)


def test_calls_with_equal_secrets_share_a_stream(server: Web) -> None:
    """Also where each was given them anew; else the second would wait here for ever."""
    two_at_once(server)
    with gp.connect(server.url, token=SESSION, streams=1) as app:
        jobs = [app.with_options(token=CALL).convert.submit(None) for _ in range(2)]
        assert {job.result(PATIENCE).name for job in jobs} == {"a.mp3", "out.txt"}
    assert server.paths().count(DATA) == 1


def test_a_download_holds_up_nobody(server: Web) -> None:
    """While the stream of one call is fetched, its neighbour's result comes."""
    two_at_once(server)
    asked, answer = threading.Event(), threading.Event()

    def wait(exchange: Exchange) -> None:
        exchange.receive()
        asked.set()
        assert answer.wait(PATIENCE)
        exchange.answer(Reply(body=b"#EXTM3U\n"))

    server.on(STREAM, wait)
    with gp.connect(server.url, streams=1) as app:
        jobs = [app.convert.submit(None) for _ in range(2)]
        assert asked.wait(PATIENCE)
        concurrent.futures.wait(jobs, PATIENCE, concurrent.futures.FIRST_COMPLETED)
        done, other = sorted(jobs, key=lambda job: not job.done())
        assert done.result(0).bytes() == b"out"
        assert (other.status.stage, other.done()) == ("downloading", False)
        answer.set()
        assert other.result(PATIENCE).bytes() == b""


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ([], {"X-Key": "session", "X-Team": "blue", "X-Call": None}),
        ([{"X-Call": "c"}], {"X-Key": "session", "X-Team": "blue", "X-Call": "c"}),
        ([{"x-key": "call"}], {"X-Key": "call", "X-Team": "blue", "X-Call": None}),
        ([{"x-KEY": None}], {"X-Key": None, "X-Team": "blue", "X-Call": None}),
        (
            [{"X-Call": "c"}, {"x-team": "red"}],
            {"X-Key": "session", "X-Team": "red", "X-Call": "c"},
        ),
        ([{"X-Key": None}, {"x-key": "d"}], {"X-Key": "d", "X-Team": "blue", "X-Call": None}),
        (
            [{"X-Call": "c"}, {"x-call": None}],
            {"X-Key": "session", "X-Team": "blue", "X-Call": None},
        ),
        ([{"X-Call": "c"}, None, {}], {"X-Key": "session", "X-Team": "blue", "X-Call": "c"}),
        ([{"X-None": None}], {"X-Key": "session", "X-Team": "blue", "X-Call": None}),
    ],
)
def test_headers_are_added_to_the_sessions(
    server: Web, changes: list[dict[str, str | None] | None], expected: dict[str, str | None]
) -> None:
    """One with the value None is taken away; of the same name, in whatever case, the last wins."""
    with gp.connect(server.url, headers={"X-Key": "session", "X-Team": "blue"}) as app:
        session, function = app, app.convert
        for each in changes:
            given = None if each is None else dict(each)
            session = session.with_options(headers=given)
            function = function.with_options(headers=given)
            if given is not None:
                given["X-Late"] = "changed after"
        server.requests.clear()
        server.on(JOIN, Reply(500))
        for called in (session.convert, function):
            with pytest.raises(gp.ServerError):
                called(None)
        seen = [request.headers for request in server.requests if request.path == JOIN]
    assert [{name: headers[name] for name in expected} for headers in seen] == [expected] * 2
    assert not any("X-Late" in headers for headers in seen)


def test_curl_shows_placeholders(server: Web) -> None:
    """For each header that tells who calls."""
    address = server.url.replace("http://", "http://me:basicpass@")
    with gp.connect(address, token=SESSION, headers={"X-Key": "it's"}) as app:
        shown = str(app.convert.check(None))
    for header in ("X-Key: <value>", "Basic <user:password>", "X-HF-Authorization: Bearer <token>"):
        assert header in shown
    assert not any(secret in shown for secret in (SESSION, "basicpass", "it's"))


TOKEN = "hf_" + "AbCdEfGh" * 4
HEADER, PASSWORD = "headervalue", "loginpass"


def said_by(exchange: Exchange) -> str:
    """Return what came with a request, as an app might say it again."""
    return f"You sent {'; '.join(exchange.headers.values())} and {PASSWORD}"


def fail_to_join(exchange: Exchange) -> None:
    """Fail as a server that shows what it got."""
    exchange.receive()
    exchange.answer(reply_json({"error": said_by(exchange)}, 500))


def refuse_to_join(exchange: Exchange) -> None:
    """Refuse as a server that checks what it gets."""
    exchange.receive()
    said = said_by(exchange)
    exchange.answer(reply_json({"detail": [{"loc": ["body", said], "msg": said}]}, 422))


def fail_to_stream(exchange: Exchange) -> None:
    """Answer a page instead of events."""
    exchange.receive()
    exchange.answer(Reply(502, said_by(exchange).encode()))


def raise_in_the_app(exchange: Exchange) -> None:
    """Let the app raise what it was called with."""
    exchange.receive()
    exchange.start()
    said = said_by(exchange)
    say(exchange, "log", "A", log=said, level="warning")
    output = {"error": said, "title": said}
    say(exchange, "process_completed", "A", output=output, success=False)
    close(exchange)


def speak_nonsense(exchange: Exchange) -> None:
    """End the connection in the middle of what is no event."""
    exchange.receive()
    exchange.start()
    exchange.chunk(f"data: {said_by(exchange)}\n\n".encode())
    exchange.drop()


@pytest.mark.parametrize(
    ("path", "script", "kind"),
    [
        (UPLOAD, fail_to_join, gp.ServerError),
        (JOIN, fail_to_join, gp.ServerError),
        (JOIN, refuse_to_join, gp.ArgumentError),
        (DATA, fail_to_stream, gp.ServerError),
        (DATA, raise_in_the_app, gp.AppError),
        (DATA, speak_nonsense, gp.ConnectionLost),
    ],
)
def test_no_error_of_a_call_has_a_secret(
    server: Web,
    caplog: pytest.LogCaptureFixture,
    path: str,
    script: Callable[[Exchange], None],
    kind: type[gp.GradioProxyError],
) -> None:
    """However the server says it again; nor has the log, nor what is told of the call."""
    caplog.set_level(logging.DEBUG)
    server.on("/login", reply_json({"success": True}))
    server.on(path, script)
    access: dict[str, Any] = {"token": SESSION, "auth": ("ann", PASSWORD)}
    with gp.connect(server.url, headers={"X-Key": HEADER}, **access) as app:
        with pytest.raises(kind) as raised:
            app.convert(b"in")
        logs = [str(entry) for job in app.jobs for entry in job.logs]
    secrets = (SESSION, HEADER, PASSWORD)
    assert find_secrets(raised.value, secrets) == []
    assert "<secret>" in str(raised.value) or script is speak_nonsense
    if script is raise_in_the_app:
        assert isinstance(raised.value, gp.AppError)
        assert (raised.value.app_message or "").startswith("You sent ")
        assert SESSION in logs[0]  # what the app said to the caller is the caller's
    assert not any(secret in caplog.text for secret in secrets)


def test_no_description_has_a_secret(server: Web) -> None:
    """Names and labels get into sources, docstrings and errors."""
    part = {"label": f"x {TOKEN}", "component": "Number", "type": {"type": "number"}}
    named = {f"/f{TOKEN}": {"parameters": [{**part, "parameter_name": TOKEN}], "returns": []}}
    serve_app(
        server,
        components=[{"id": 1, "type": "number", "props": {"label": TOKEN}}],
        dependencies=[{"id": 0, "api_name": f"f{TOKEN}", "inputs": [1], "outputs": []}],
    )
    info = reply_json({"named_endpoints": named, "unnamed_endpoints": {}})
    server.on(f"{PREFIX}/info", info)
    with gp.connect(server.url, token=TOKEN) as app:
        [function] = app.functions.values()
        shown = (
            f"{app}{function.__doc__}{function.__name__}{inspect.getsource(function)}{app.config}"
        )
        with pytest.raises(gp.ArgumentError) as wrong:
            function("x")
        with pytest.raises(gp.UnknownEndpoint) as unknown:
            app["/f"]
    assert TOKEN not in shown
    assert find_secrets(wrong.value, [TOKEN]) == find_secrets(unknown.value, [TOKEN]) == []


@pytest.mark.parametrize("path", ["/login", "/config"])
@pytest.mark.parametrize("status", [200, 401, 403, 404, 429, 500])
def test_no_error_of_connecting_has_a_secret(web: Web, path: str, status: int) -> None:
    """Of an app that says again what came with the login, or with what is no description."""

    def script(exchange: Exchange) -> None:
        body = exchange.receive()
        exchange.answer(Reply(status, (said_by(exchange) + body.decode()).encode()))

    web.on(path, script)
    access: dict[str, Any] = {"token": SESSION, "auth": ("ann", PASSWORD)}
    with pytest.raises(gp.GradioProxyError) as raised:
        gp.connect(web.url, headers={"X-Key": HEADER}, **access)
    assert find_secrets(raised.value, [SESSION, HEADER, PASSWORD]) == []
