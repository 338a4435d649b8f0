"""Answers, whole or while they come: what ends them early is an error, or an interruption."""

from __future__ import annotations

import contextlib
import gc
import gzip
import itertools
import socket
import threading
import zlib
from typing import TYPE_CHECKING, Any

import pytest

from gradioproxy.errors import ConnectionLost, GradioProxyError, ServerError, Timeout
from gradioproxy.statuses import LONGEST_WAIT
from gradioproxy.transport.credentials import Access
from gradioproxy.transport.response import LEAST_PROGRESS, Answer
from gradioproxy.transport.whole_response import WholeResponse
from tests.support.interrupting import interrupt_everywhere
from tests.support.web_server import (
    CA,
    PATIENCE,
    Exchange,
    Reply,
    Web,
    reply_json,
    transport_to,
)

if TYPE_CHECKING:
    from collections.abc import Callable


def test_answers_come_whole_whatever_their_status(web: Web) -> None:
    """An answer is its status and its body; only who asks for it gets an error for one."""
    web.on("/x", reply_json({"a": [1]}), Reply(404, b"nothing\nhere"))
    transport = transport_to(web)

    answer = transport.get("/x")
    assert (answer.status, answer.ok, answer.json()) == (200, True, {"a": [1]})
    answer = transport.get("/x")
    assert (answer.status, answer.ok, answer.text) == (404, False, "nothing here")
    with pytest.raises(ServerError) as raised:
        transport.get("/x", accept_errors=False)
    assert str(raised.value) == f"{web.url}/x answered 404: nothing here"
    assert (raised.value.status, raised.value.body) == (404, "nothing here")


def test_bodies_of_error_answers_are_shortened_and_cleaned() -> None:
    """What a server sends instead of JSON is shown short, clean, and on one line."""
    page = b"<h1>\x1b[31mBad\r\n\r\n gateway\x00</h1>\xe2\x80\xae \xff" + b"long " * 10_000
    error = Answer(502, page, "http://host/x").error("and that is that")

    assert str(error).startswith("http://host/x answered 502, and that is that: <h1>[31mBad gate")
    assert len(str(error)) < 300
    assert isinstance(error, ServerError)
    assert len(error.body) <= 200
    assert str(error).isprintable()
    with pytest.raises(ServerError, match="which is no JSON: nothing"):
        Answer(200, b"nothing", "http://host/x").json()
    with pytest.raises(ServerError, match="which is no JSON"):
        Answer(200, b"[" * 200_000, "http://host/x").json()


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        *(("7", 7.0), ("", None), ("soon", None), ("-1", None), ("1e9", None)),
        *(("1" + "0" * 20, LONGEST_WAIT), ("1" + "0" * 400, None)),
        ("Fri, 31 Dec 9999 23:59:59 GMT", LONGEST_WAIT),
    ],
)
def test_retry_after(header: str, seconds: float | None) -> None:
    """Seconds to wait are a number that `time.sleep` takes, or nothing."""
    assert Answer(429, b"", "", {"Retry-After": header}).retry_after == seconds


@pytest.mark.parametrize(
    ("sent", "seconds"),
    [
        ("Fri, 01 Jan 2010 00:00:00 GMT", 90.0),  # the clock here is years ahead
        ("Fri, 01 Jan 2010 00:01:30 GMT", 0.0),
        ("Sat, 02 Jan 2010 00:00:00 GMT", 0.0),
        ("Thu, 31 Dec 2009 00:00:00 GMT", 86_490.0),
        *(("", 0.0), ("soon", 0.0), ("Fri, 99 Jan 2010", 0.0)),  # by the clock here
    ],
)
def test_a_date_is_one_of_the_servers_clock(sent: str, seconds: float) -> None:
    """Which says with each answer what time it is there; the one here may be wrong, or be set."""
    headers = {"Retry-After": "Fri, 01 Jan 2010 00:01:30 GMT", "Date": sent}
    assert Answer(429, b"", "", headers).retry_after == seconds
    number = Answer(429, b"", "", {**headers, "Retry-After": "7"})
    assert number.retry_after == 7


def test_something_is_done_while_an_answer_is_waited_for(web: Web) -> None:
    """The server has the request then, and nobody waits for it yet."""
    done = threading.Event()

    def answer(exchange: Exchange) -> None:
        assert done.wait(PATIENCE)
        exchange.answer(reply_json("late"))

    web.on("/x", answer)
    assert transport_to(web).get("/x", meanwhile=done.set).json() == "late"


def test_a_stream_gives_what_comes_when_it_comes(web: Web) -> None:
    """Bytes are handed on while the server has not said all."""
    heard = threading.Event()

    def speak(exchange: Exchange) -> None:
        exchange.start()
        exchange.chunk(b"data: 1\n\n")
        assert heard.wait(PATIENCE)
        exchange.chunk(b"data: 2\n\n")
        exchange.chunk(b"")

    web.on("/x", speak)
    chunks = iter(transport_to(web).stream("/x", 60))

    assert next(chunks) == b"data: 1\n\n"
    heard.set()
    assert b"".join(chunks) == b"data: 2\n\n"


def test_chunks_that_came_together_are_given_together(web: Web) -> None:
    """What is there is not given bit by bit; and of what is not whole, nothing is waited for."""
    heard = threading.Event()
    events = [b"data: %d\n\n" % number for number in range(1000)]

    def speak(exchange: Exchange) -> None:
        exchange.start()
        exchange.chunk(events[0])
        assert heard.wait(PATIENCE)
        whole = b"".join(b"%x\r\n%s\r\n" % (len(each), each) for each in events[1:])
        # Of the last one, and then of the end, there is a part.
        exchange.wfile.write(whole + b"5;name=x\r\nda")
        exchange.wfile.flush()
        assert heard_all.wait(PATIENCE)
        exchange.wfile.write(b"ta:\r\n0\r\n")
        exchange.wfile.flush()
        exchange.wfile.write(b"\r\n")

    heard_all = threading.Event()
    web.on("/x", speak)
    chunks = iter(transport_to(web).stream("/x", 60))

    assert next(chunks) == events[0]
    heard.set()
    pieces: list[bytes] = []
    while b"".join(pieces) != b"".join(events[1:]) + b"da":
        pieces.append(next(chunks))
    assert len(pieces) < 100
    heard_all.set()
    assert b"".join(chunks) == b"ta:"


@pytest.mark.parametrize("size", [1, 2, 7, 100])
def test_chunks_may_be_cut_anywhere(web: Web, size: int) -> None:
    """Whatever part of which chunk a packet has, all come, and in their order."""
    events = [b"x" * length for length in (1, 20, 300, 5, 16, 1)]
    body = b"".join(b"%x\r\n%s\r\n" % (len(each), each) for each in events) + b"0\r\n\r\n"

    def speak(exchange: Exchange) -> None:
        exchange.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        exchange.start()
        for start in range(0, len(body), size):
            exchange.wfile.write(body[start : start + size])
            exchange.wfile.flush()

    web.on("/x", speak)
    assert transport_to(web).stream("/x", 60).read() == b"".join(events)


def test_a_compressed_stream_gives_what_comes_when_it_comes(web: Web) -> None:
    """The same where a proxy compresses events as they come."""
    heard = threading.Event()

    def speak(exchange: Exchange) -> None:
        packer = zlib.compressobj(wbits=31)
        exchange.start(Content_Encoding="gzip", Content_Type="text/event-stream")
        for event in (b"data: 1\n\n", b"data: 2\n\n"):
            exchange.chunk(packer.compress(event) + packer.flush(zlib.Z_SYNC_FLUSH))
            assert heard.wait(PATIENCE)
        exchange.chunk(packer.flush())
        exchange.chunk(b"")

    web.on("/x", speak)
    chunks = iter(transport_to(web).stream("/x", 60))

    assert next(chunks) == b"data: 1\n\n"
    heard.set()
    assert b"".join(chunks) == b"data: 2\n\n"


def test_compression_is_asked_for_as_far_as_it_can_be_undone(web: Web) -> None:
    """No encoding is asked for whose end could not be told, and no other is taken."""
    web.on("/x", Reply(body=gzip.compress(b"[1]"), headers={"Content-Encoding": "gzip"}))
    web.on("/y", Reply(body=zlib.compress(b"[1]"), headers={"Content-Encoding": "deflate"}))

    assert transport_to(web).get("/x").json() == [1]
    assert web.requests[0].headers["Accept-Encoding"] == "gzip"
    with pytest.raises(ServerError, match="encoding that nobody asked for, 'deflate'"):
        transport_to(web).get("/y")


@pytest.mark.parametrize("members", [1, 2])
def test_what_is_packed_is_whole_or_lost(web: Web, members: int) -> None:
    """Wherever it is cut, also where nothing but the end of the connection ends the answer."""
    packed = b"".join(gzip.compress(b"[%d]" % number) for number in range(members))
    whole = b"".join(b"[%d]" % number for number in range(members))
    ends = {len(packed) // members * number for number in range(1, members + 1)}
    transport = transport_to(web)

    for size in range(len(packed) + 1):

        def speak(exchange: Exchange, size: int = size) -> None:
            exchange.send_response(200)
            exchange.send_header("Content-Encoding", "gzip")
            exchange.send_header("Connection", "close")
            exchange.end_headers()
            exchange.wfile.write(packed[:size])

        web.on("/x", speak)
        if size in ends:
            assert whole.startswith(transport.stream("/x", 60).read())
        else:
            with pytest.raises(ConnectionLost, match="middle of the answer"):
                transport.stream("/x", 60).read()


HEAD = (
    b"HTTP/1.1 200 OK\r\nDate: today\r\nContent-Length: 2\r\nContent-Type: application/json\r\n"
    b"X-Last: 1\r\n\r\n"
)


def write(exchange: Exchange, content: bytes) -> None:
    """Write an answer as it is, and end the connection."""
    exchange.close_connection = True
    exchange.wfile.write(content)


@pytest.mark.parametrize("size", range(len(HEAD)))
def test_a_head_that_is_cut_is_no_answer(web: Web, size: int) -> None:
    """Not one with an empty body, nor one with fewer headers."""
    web.on("/x", lambda exchange: write(exchange, HEAD[:size]))
    with pytest.raises(ConnectionLost):
        transport_to(web).stream("/x", 60).read()


def test_a_head_that_is_whole_is_an_answer(web: Web) -> None:
    web.on("/x", lambda exchange: write(exchange, HEAD + b"[]"))
    assert transport_to(web).stream("/x", 60).read() == b"[]"


@pytest.mark.parametrize("line", [b"", b"0", b"0\r", b"1", b"00", b"0;name=value"])
def test_the_size_of_a_chunk_that_is_cut_is_no_end(web: Web, line: bytes) -> None:
    """A server may write sizes with zeros before them."""

    def speak(exchange: Exchange) -> None:
        exchange.start()
        exchange.chunk(b"first")
        exchange.wfile.write(line)
        exchange.close_connection = True

    web.on("/x", speak)
    stream = transport_to(web).stream("/x", 60)
    with pytest.raises(ConnectionLost):
        stream.read()


def garbled(exchange: Exchange) -> None:
    """Send what is no gzip."""
    exchange.start(Content_Encoding="gzip")
    exchange.chunk(b"no gzip at all")
    exchange.chunk(b"")


def cut_chunk(exchange: Exchange) -> None:
    """End the connection within a chunk."""
    exchange.start()
    exchange.chunk(b"first")
    exchange.wfile.write(b"10\r\nsecond")
    exchange.drop()


def cut_between(exchange: Exchange) -> None:
    """End the connection between two chunks."""
    exchange.start()
    exchange.chunk(b"first")
    exchange.drop()


def cut_length(exchange: Exchange) -> None:
    """End the connection before as much came as was announced."""
    exchange.send_response(200)
    exchange.send_header("Content-Length", "100")
    exchange.end_headers()
    exchange.wfile.write(b"first")
    exchange.drop()


def wrong_chunk(exchange: Exchange) -> None:
    """Announce a chunk of no length."""
    exchange.start()
    exchange.chunk(b"first")
    exchange.wfile.write(b"many\r\n")
    exchange.drop()


@pytest.mark.parametrize("script", [cut_chunk, cut_between, cut_length, wrong_chunk])
def test_an_answer_that_is_cut_is_a_lost_connection(web: Web, script: Any) -> None:
    """What came before the cut is given; the end of a connection is no end of an answer."""
    web.on("/x", script)
    transport = transport_to(web)
    came: list[bytes] = []

    with pytest.raises(ConnectionLost) as raised:
        came.extend(transport.stream("/x", 60))
    assert b"".join(came).startswith(b"first")
    assert str(raised.value).startswith(f"The connection to {web.url}/x broke (")
    with pytest.raises(ConnectionLost):
        transport.get("/x")


def test_what_can_not_be_decompressed_is_an_error(web: Web) -> None:
    """A garbled answer is an error of ours like any other."""
    web.on("/x", garbled)
    transport = transport_to(web)
    with pytest.raises(GradioProxyError):
        transport.get("/x")
    with pytest.raises(GradioProxyError):
        transport.stream("/x", 60).read()


def test_silence_is_a_timeout(web: Web) -> None:
    """A stream in which nothing comes for the agreed time raises, naming the option for it."""
    over = threading.Event()

    def speak(exchange: Exchange) -> None:
        exchange.start()
        exchange.chunk(b"first")
        over.wait(PATIENCE)

    web.on("/x", speak)
    with pytest.raises(Timeout, match="idle_timeout") as raised:
        transport_to(web).stream("/x", 0.05).read()
    over.set()

    assert raised.value.limit == "idle_timeout"
    assert isinstance(raised.value, TimeoutError)


class Clock:
    """The time that answers are measured by; it passes when a test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        """Return the time."""
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    for module in ("response", "whole_response"):
        monkeypatch.setattr(f"gradioproxy.transport.{module}.time", clock)
    return clock


@pytest.mark.parametrize("place", ["head", "body", "continue"])
def test_an_answer_that_drips_is_a_timeout(web: Web, clock: Clock, place: str) -> None:
    """``timeout`` is for an answer as a whole, and not for each of its bytes."""
    begin = {
        "head": b"HTTP/1.1 200 OK\r\nX-Long: ",
        "body": b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n",
        "continue": b"HTTP/1.1 100 Continue\r\n\r\n" * 50,
    }[place]

    def drip(exchange: Exchange) -> None:
        exchange.close_connection = True
        with contextlib.suppress(OSError):  # the client goes
            for byte in itertools.chain(begin, itertools.repeat(ord("x"), 10_000)):
                exchange.wfile.write(bytes([byte]))
                clock.now += 1.0
            exchange.rfile.read(1)  # it never ends by itself, however slowly somebody reads

    web.on("/x", drip)
    transport = transport_to(web, Access(timeout=PATIENCE))
    asks: list[Callable[[], object]] = [
        lambda: transport.get("/x"),
        lambda: transport.post("/x", []),
        lambda: transport.download("/x").read(),
    ]
    if place != "body":
        asks.append(lambda: transport.stream("/x", None))
    for ask in asks:
        with pytest.raises(Timeout) as raised:
            ask()
        assert raised.value.limit == "timeout"


@pytest.mark.parametrize("kind", ["stream", "download"])
def test_what_may_take_any_time(web: Web, clock: Clock, kind: str) -> None:
    """Events are many or few, as it happens; and a file is as large as it is."""
    chunk = b"x" if kind == "stream" else b"x" * LEAST_PROGRESS

    def speak(exchange: Exchange) -> None:
        exchange.start()
        for _ in range(20):
            clock.now += PATIENCE / 2
            exchange.chunk(chunk)
        exchange.chunk(b"")

    web.on("/x", speak)
    transport = transport_to(web, Access(timeout=PATIENCE))
    stream = transport.stream("/x", 60) if kind == "stream" else transport.download("/x")
    assert stream.read() == chunk * 20


def test_no_answer_is_a_timeout(web: Web) -> None:
    """An answer that does not begin in time raises, whatever was asked."""
    over = threading.Event()

    def keep_silent(exchange: Exchange) -> None:
        over.wait(PATIENCE)
        exchange.drop()

    web.on("/x", keep_silent)
    transport = transport_to(web, Access(timeout=0.05))

    with pytest.raises(Timeout) as post:
        transport.post("/x", [])
    with pytest.raises(Timeout) as stream:
        transport.stream("/x", 60)
    with pytest.raises(Timeout) as file:
        transport.download("/x")
    over.set()

    assert [raised.value.limit for raised in (post, stream, file)] == ["timeout"] * 3
    assert [raised.value.may_have_run for raised in (post, stream, file)] == [True, False, False]
    assert "raise timeout= if it is slow" in str(post.value)


@pytest.mark.parametrize("tls", [False, True])
@pytest.mark.parametrize("compressed", [False, True])
def test_a_stream_is_interrupted(web: Web, *, tls: bool, compressed: bool) -> None:
    """A thread that waits in a stream leaves it, with an error, when another one says so."""
    del web  # for its environment
    over, waiting = threading.Event(), threading.Event()
    headers: dict[str, Any] = {"Content_Encoding": "gzip"} if compressed else {}

    def speak(exchange: Exchange) -> None:
        exchange.start(200, **headers)
        packer = zlib.compressobj(wbits=31)
        first = packer.compress(b"first") + packer.flush(zlib.Z_SYNC_FLUSH)
        exchange.chunk(first if compressed else b"first")
        over.wait(PATIENCE)

    with Web(tls=tls) as server:
        server.on("/x", speak)
        stream = transport_to(server, Access(verify=str(CA))).stream("/x", None)
        came: list[bytes | Exception] = []

        def read() -> None:
            try:
                for chunk in stream:
                    came.append(chunk)
                    waiting.set()
            except Exception as error:  # noqa: BLE001 - which it is, the test says
                came.append(error)

        reader = threading.Thread(target=read)
        reader.start()
        assert waiting.wait(PATIENCE)
        stream.interrupt()
        reader.join(PATIENCE)
        ended = not reader.is_alive()
        over.set()

        assert ended
        first, error = came
        assert first == b"first"
        assert isinstance(error, ConnectionLost)
        stream.interrupt()
        stream.close()
        stream.interrupt()


def test_nothing_holds_what_ended_an_interrupted_stream(
    web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A library's exception may hold itself, and by its traceback the transport."""
    web.on("/x", Reply(body=b"content"))
    stream = transport_to(web).stream("/x", None)
    broken = OSError("broken")

    def fail(*_: object, **__: object) -> None:
        raise broken

    monkeypatch.setattr(stream._response.raw, "read1", fail)
    stream.interrupt()
    with pytest.raises(ConnectionLost, match="was not waited for"):
        list(stream)
    assert broken.__traceback__ is None


@pytest.mark.parametrize("ending", ["close", "keep-alive"])
def test_limiting_a_stream_that_has_ended_harms_nobody(web: Web, ending: str) -> None:
    """Its connection is closed, or another one's already."""
    web.on("/x", Reply(200, b"data", {"Connection": ending}))
    stream = transport_to(web).stream("/x", 60.0)
    assert stream.read() == b"data"
    stream.limit_silence(0.001, "idle_timeout")
    stream.close()


def test_interrupting_a_stream_that_has_ended_harms_nobody(web: Web) -> None:
    """The connection may be another request's by then."""
    started, over = threading.Event(), threading.Event()

    def speak(exchange: Exchange) -> None:
        exchange.start()
        exchange.chunk(b"first")
        started.set()
        over.wait(PATIENCE)
        exchange.chunk(b"second")
        exchange.chunk(b"")

    web.on("/x", Reply(body=b"whole"))
    web.on("/y", speak)
    transport = transport_to(web)
    old = transport.stream("/x", 60)
    assert old.read() == b"whole"
    new = transport.stream("/y", 60)
    assert started.wait(PATIENCE)

    old.interrupt()
    old.close()
    over.set()

    assert new.read() == b"firstsecond"
    assert web.connections == 1


MAKING = ("/transport/whole_response.py", "/http/client.py")


def test_an_answer_that_is_interrupted_while_it_is_made() -> None:
    """It holds its connection no longer than whoever made it."""
    pairs = [socket.socketpair() for _ in range(100)]
    left = iter(pairs)

    def make() -> None:
        ours, _ = next(left)
        try:
            WholeResponse(ours).close()
        finally:
            ours.close()

    wheres = list(interrupt_everywhere(make, MAKING))
    gc.collect()
    for where, (_, theirs) in zip(wheres, pairs, strict=False):
        theirs.setblocking(False)
        assert theirs.recv(1) == b"", where
    assert len(wheres) > 10
    for ours, theirs in pairs:
        ours.close()
        theirs.close()
