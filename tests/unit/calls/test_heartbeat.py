"""One stream for each session hash in use, which ends with it."""

from __future__ import annotations

import logging
import threading
from dataclasses import replace
from typing import TYPE_CHECKING, cast

import pytest

from gradioproxy.calls.heartbeat import Heartbeats
from gradioproxy.calls.workers import Workers
from tests.support.scripted_peer import Peer, Session
from tests.support.web_server import Reply, Web, hang_up, transport_to

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.support.web_server import Exchange, Script


def beat(exchange: Exchange) -> None:
    """Beat once, and then hold the stream until the other side goes."""
    exchange.start(Content_Type="text/event-stream")
    exchange.chunk(b"data: ALIVE\n\n")
    exchange.rfile.read(1)


@pytest.fixture
def hearts(web: Web) -> Iterator[Heartbeats]:
    workers = Workers("heartbeat", 8)
    transport = transport_to(web)
    heartbeats = Heartbeats(transport, "/heartbeat", 60.0, workers)
    yield heartbeats
    heartbeats.stop()
    workers.close()
    workers.join(20)
    transport.close()


def test_each_hash_has_one_and_its_end_is_that_of_no_other(web: Web, hearts: Heartbeats) -> None:
    web.otherwise = beat
    for session_hash in ("a", "b", "a"):
        hearts.ensure(session_hash)
    web.wait_until(lambda: len(web.requests) == 2)
    hearts.end("a")
    web.wait_until(lambda: web.open_connections == 1)
    hearts.end("never there")
    hearts.ensure("b")
    hearts.stop()
    web.wait_until(lambda: web.open_connections == 0)
    hearts.ensure("c")
    assert sorted(web.paths()) == ["/heartbeat/a", "/heartbeat/b"]


def test_what_is_said_of_them_is_said_with_no_lock_of_the_sessions_held(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A log handler of a user's may wait for another thread that calls."""

    def refuse(_: Callable[[], None]) -> None:
        raise RuntimeError("can't start new thread")

    peer = Peer()
    session = Session(peer)
    monkeypatch.setattr(session.hearts, "submit", refuse)
    free: list[bool] = []

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            del record

            def ask() -> None:
                with session.lanes._lock:
                    free.append(True)

            asking = threading.Thread(target=ask, daemon=True)
            asking.start()
            asking.join(20)

    handler = Handler()
    log = logging.getLogger("gradioproxy")
    log.addHandler(handler)
    try:
        with caplog.at_level(logging.DEBUG, "gradioproxy"):
            call = session.call("a")
            call.app = replace(call.app, heartbeat=True)
            session.start(call)
            peer.wait_for_call("a")
    finally:
        log.removeHandler(handler)
        session.close()
    assert free == [True]


class Here:
    """Workers that do everything at once, on the thread that asks."""

    def submit(self, task: Callable[[], None]) -> None:
        """Do it."""
        task()


class Full:
    """Workers without a thread to spare, until there is one."""

    def __init__(self) -> None:
        self.full = True

    def submit(self, task: Callable[[], None]) -> None:
        """Do it, or not."""
        if self.full:
            raise RuntimeError("can't start new thread")
        task()


def test_without_a_thread_there_is_none_for_now(web: Web) -> None:
    """It is not worth a call."""
    web.otherwise = Reply(200, b"data: ALIVE\n\n")
    transport, workers = transport_to(web), Full()
    hearts = Heartbeats(transport, "/heartbeat", 60.0, cast("Workers", workers))
    hearts.ensure("a")
    workers.full = False
    hearts.ensure("a")
    assert web.paths() == ["/heartbeat/a"]
    transport.close()


@pytest.mark.parametrize("end", [Reply(503), Reply(200, b"data: ALIVE\n\n"), hang_up])
def test_one_that_the_server_ends_can_be_opened_again(web: Web, end: Script) -> None:
    web.otherwise = end
    transport = transport_to(web)
    hearts = Heartbeats(transport, "/heartbeat", 60.0, cast("Workers", Here()))
    for _ in range(2):
        hearts.ensure("a")
    assert web.paths() == ["/heartbeat/a"] * 2
    transport.close()
