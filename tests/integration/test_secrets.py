"""What a call has of its own to say who makes it: in all that it sends, and nowhere else."""

from __future__ import annotations

import concurrent.futures
import json
import threading
from typing import Any

import pytest

import gradioproxy as gp
from tests.support.web_server import (
    FILE_SCHEMA,
    PATIENCE,
    Exchange,
    Reply,
    Web,
    reply_json,
    serve_app,
)

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


def test_curl_shows_placeholders(server: Web) -> None:
    """For each header that tells who calls."""
    address = server.url.replace("http://", "http://me:basicpass@")
    with gp.connect(address, token=SESSION, headers={"X-Key": "it's"}) as app:
        shown = str(app.convert.check(None))
    for header in ("X-Key: <value>", "Basic <user:password>", "X-HF-Authorization: Bearer <token>"):
        assert header in shown
    assert not any(secret in shown for secret in (SESSION, "basicpass", "it's"))
