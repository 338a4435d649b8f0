"""Answers that are made in this process: limits, interruptions, ends."""

from __future__ import annotations

import itertools
import threading
from typing import TYPE_CHECKING, Any

import pytest

from gradioproxy import forksafe
from gradioproxy.errors import ConnectionLost, TooLarge
from gradioproxy.limits import Limits
from gradioproxy.transport.credentials import Access
from gradioproxy.transport.http import Transport
from gradioproxy.transport.in_flight import interruptible
from gradioproxy.transport.local import Content, LocalSocket, LocalStream, Wait
from gradioproxy.transport.response import Answer, ByteStream
from gradioproxy.transport.url import Address

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gradioproxy.transport.interception import Exchange
    from gradioproxy.transport.request import Reply


class Answering:
    """Answers all requests with one content."""

    def __init__(self, content: Content, wait: Callable[[], bool] | None = None) -> None:
        self.content = content
        self.changed = forksafe.Condition()
        self.closed = 0
        self.is_there = wait

    def intercept(self, exchange: Exchange) -> Reply:
        """Return it as it is asked for."""
        with interruptible() as work:
            wait = Wait(self.changed, work)
            content = self.content
            if self.is_there is not None:
                content = Content(self._wait_and_yield(wait, self.is_there), 200)
            if exchange.request.reply is Answer:
                return content.answer(exchange)
            if exchange.request.reply is ByteStream:
                return LocalStream(exchange, content, work, wait, self._count)
            texts = (piece.decode() for piece in content.chunks)
            heard: list[str] = []
            return LocalSocket(
                exchange, texts, heard.append, work=work, wait=wait, on_close=self._count
            )

    def _wait_and_yield(self, wait: Wait, is_there: Callable[[], bool]) -> Iterator[bytes]:
        yield b"first"
        wait.until(is_there, None)
        yield b"second"

    def _count(self) -> None:
        self.closed += 1


def make(interceptor: Answering, **access: Any) -> Transport:
    """Return the way to what answers."""
    return Transport(Address("http://app.test"), Access(**access), interceptor=interceptor)


def test_whole_answers() -> None:
    """Status, headers without case, and content; over a limit it is TooLarge."""
    there = Answering(Content([b"[1", b"]"], 201, {"content-type": "application/json"}))
    answer = make(there).post("/x", [])
    assert (answer.status, answer.json(), answer.headers["Content-Type"]) == (
        201,
        [1],
        "application/json",
    )
    there.content = Content(itertools.repeat(b"x" * 1000))
    with pytest.raises(TooLarge, match="answer"):
        make(there, limits=Limits(answer=5000)).post("/x", [])


def test_streams() -> None:
    """They are read piece by piece, and closed once."""
    there = Answering(Content([b"a", b"b"]))
    stream = make(there).stream("/x", 60)
    assert [*stream] == [b"a", b"b"]
    stream.close()
    stream.close()
    assert there.closed == 1
    assert there.content.status == stream.status


@pytest.mark.parametrize("closing", ["session", "stream"])
def test_a_stream_that_waits_is_interrupted(closing: str) -> None:
    """By whoever closes the connections, or the stream's own reader."""
    transport = make(Answering(Content(()), lambda: False))
    stream = transport.stream("/x", 60)
    pieces = iter(stream)
    assert next(pieces) == b"first"
    ended: list[object] = []

    def read() -> None:
        with pytest.raises(ConnectionLost):
            next(pieces)
        ended.append(True)

    reader = threading.Thread(target=read)
    reader.start()
    (transport.close if closing == "session" else stream.interrupt)()
    reader.join()
    stream.close()
    assert ended == [True]


def test_what_is_waited_for_comes() -> None:
    """As soon as it is notified."""
    event = threading.Event()
    there = Answering(Content(()), event.is_set)
    stream = make(there).stream("/x", 60)
    pieces = iter(stream)
    assert next(pieces) == b"first"

    def set_event() -> None:
        event.set()
        with there.changed:
            there.changed.notify_all()

    setter = threading.Thread(target=set_event)
    setter.start()
    assert next(pieces) == b"second"
    setter.join()
    stream.close()


def test_messages_of_websockets_are_measured() -> None:
    """One over the limit is TooLarge, as from a server."""
    there = Answering(Content([b"short", b"long" * 100]))
    socket = make(there, limits=Limits(message=100)).socket("/x")
    texts = iter(socket)
    assert next(texts) == "short"
    with pytest.raises(TooLarge, match="message"):
        next(texts)
    socket.close()
    assert there.closed == 1
