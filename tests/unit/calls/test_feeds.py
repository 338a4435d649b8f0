"""Feeds whose chunks are calls of their own, without a server: what begins, and how it ends."""

from __future__ import annotations

from typing import Any

import pytest

from gradioproxy.calls.feed import Feed
from gradioproxy.calls.feeds import ChainFeeder, Chunk
from gradioproxy.errors import AppError, JobCancelled, SessionClosed, Timeout
from gradioproxy.files.payload import Payload
from gradioproxy.protocols.events import Completed, Yielded
from tests.support.scripted_peer import make_job, record_of, tell

WAIT = 60


class Engine:
    """Keeps what is begun, and begins nothing."""

    def __init__(self) -> None:
        self.begun: list[Any] = []
        self.closed = False

    def start(self, job: Any, record: Any, payload: Any, *, tab: bool) -> None:
        """Begin a call."""
        del record, payload
        assert tab
        if self.closed:
            raise SessionClosed("closed")
        self.begun.append(job)


def chunk(given: Any = None) -> Chunk:
    del given
    job = make_job()
    return Chunk(job, record_of(job), Payload([], ()))


def feed_of(engine: Engine) -> Feed[Any]:
    return Feed("f", ChainFeeder(engine, chunk()), dict, chunk)  # type: ignore[arg-type]


def complete(job: Any, value: str) -> None:
    tell(job, Completed((value,)))


def test_a_call_begins_when_the_one_before_has_ended() -> None:
    engine = Engine()
    feed = feed_of(engine)
    feed.send()
    feed.send()
    assert (len(engine.begun), feed.pending) == (1, 3)
    for number in range(3):
        complete(engine.begun[number], str(number))
    assert (len(engine.begun), feed.pending) == (3, 0)
    feed.close()
    assert list(feed) == ["0", "1", "2"]


def test_each_value_that_a_chunk_yields_comes() -> None:
    engine = Engine()
    feed = feed_of(engine)
    for value in ("a", "b"):
        tell(engine.begun[0], Yielded((value,)))
    assert feed.pending == 0
    complete(engine.begun[0], "b")
    feed.close()
    assert list(feed) == ["a", "b"]


def test_an_error_drops_what_waits() -> None:
    engine = Engine()
    feed = feed_of(engine)
    feed.send()
    record_of(engine.begun[0]).fail(AppError("boom"))
    for _ in range(2):
        with pytest.raises(AppError, match="boom"):
            feed.receive(WAIT)
    with pytest.raises(AppError, match="boom"):
        feed.send()
    assert len(engine.begun) == 1


def test_a_cancel_drops_what_waits() -> None:
    """Also between two calls."""
    engine = Engine()
    feed = feed_of(engine)
    complete(engine.begun[0], "0")
    feed.cancel()
    assert feed.receive(WAIT) == "0"
    with pytest.raises(JobCancelled):
        feed.receive(WAIT)
    with pytest.raises(JobCancelled):
        feed.send()


def test_what_can_not_begin_is_told_to_who_waits() -> None:
    """A session can be closed between two chunks."""
    engine = Engine()
    feed = feed_of(engine)
    feed.send()
    engine.closed = True
    complete(engine.begun[0], "0")
    assert feed.receive(WAIT) == "0"
    with pytest.raises(SessionClosed):
        feed.receive(WAIT)
    with pytest.raises(SessionClosed):
        feed.send()


def test_who_waits_can_stop_waiting() -> None:
    """For the next call as well."""
    engine = Engine()
    feed = feed_of(engine)
    with pytest.raises(Timeout):
        feed.receive(0)
    complete(engine.begun[0], "0")
    assert feed.receive(0) == "0"
    with pytest.raises(Timeout):
        feed.receive(0)
    feed.close()
    with pytest.raises(EOFError):
        feed.receive(0)
