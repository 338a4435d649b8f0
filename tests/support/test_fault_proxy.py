"""The proxy that breaks the network for other tests, as bytes show it to a client."""

from __future__ import annotations

import contextlib
import functools
import socket
import struct
import zlib
from typing import TYPE_CHECKING

import pytest

from tests.support.faults import (
    Break,
    Drip,
    Drop,
    FaultProxy,
    Length,
    Refuse,
    Repeat,
    Respond,
    Rule,
    Rules,
    Spoil,
    Swap,
)
from tests.support.faults.wire import Bell, Wire, read_frame
from tests.support.web_server import Exchange, Reply, Web

if TYPE_CHECKING:
    from collections.abc import Iterator

    from typing_extensions import Self

    from tests.support.faults.rules import Fault

BODY = b"0123456789"
EVENTS = [b'data: {"msg": "a"}\n\n', b'data: {"msg": "b"}\n\n', b'data: {"msg": "b", "n": 2}\n\n']
LAST = b"0\r\n\r\n"


def stream(exchange: Exchange) -> None:
    """Send all events but for the end, and wait until the other side goes away."""
    exchange.receive()
    exchange.start(Content_Type="text/event-stream")
    for event in EVENTS:
        exchange.chunk(event)
    assert exchange.rfile.read1(1) == b""
    exchange.close_connection = True


def whole_stream(exchange: Exchange) -> None:
    """Send all events, and the end."""
    exchange.receive()
    exchange.start(Content_Type="text/event-stream")
    exchange.chunk(b"".join(EVENTS))
    exchange.chunk(b"")


@pytest.fixture
def proxy(web: Web) -> Iterator[FaultProxy]:
    """Give a proxy before a server with one of each kind of answer."""
    web.on("/app_id", Reply(200, BODY))
    web.on("/queue/data", stream)
    web.on("/queue/join", Reply(200, BODY))
    with FaultProxy(web.url) as made:
        yield made


class Client:
    """A client that sends bytes and reads bytes."""

    def __init__(self, proxy: FaultProxy) -> None:
        self.socket = socket.create_connection(("127.0.0.1", int(proxy.url.rsplit(":", 1)[1])))

    def ask(self, target: str, body: bytes = b"") -> None:
        """Send a request."""
        length = f"Content-Length: {len(body)}\r\n" if body else ""
        first = f"{'POST' if body else 'GET'} {target} HTTP/1.1"
        self.socket.sendall(f"{first}\r\nHost: x\r\n{length}\r\n".encode() + body)

    def read(self, size: int) -> bytes:
        """Return so many bytes."""
        data = b""
        while len(data) < size and (piece := self.socket.recv(size - len(data))):
            data += piece
        return data

    def read_until(self, end: bytes) -> bytes:
        """Return what comes up to this, or to the end of the connection."""
        data = b""
        while not data.endswith(end) and (piece := self.socket.recv(1 << 16)):
            data += piece
        return data

    def read_all(self) -> bytes:
        """Return what comes up to the end of the connection."""
        return self.read(1 << 30)

    def end(self) -> None:
        """Say that there are no more requests."""
        self.socket.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        """Go away."""
        self.socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()


@pytest.fixture
def client(proxy: FaultProxy) -> Iterator[Client]:
    """Give a client of the proxy."""
    with Client(proxy) as made:
        yield made


def answer_of(proxy: FaultProxy, client: Client, target: str = "/app_id") -> tuple[bytes, bytes]:
    """Return head and body of an answer behind which the connection ends."""
    client.ask(target)
    head, _, body = client.read_all().partition(b"\r\n\r\n")
    assert proxy.seen[-1].target == target
    return head + b"\r\n\r\n", body


def unchunked(data: bytes) -> bytes:
    """Return what is in chunks, of which the last one is there."""
    found = b""
    while data != LAST:
        size, _, rest = data.partition(b"\r\n")
        found, data = found + rest[: int(size, 16)], rest[int(size, 16) + 2 :]
    return found


def test_without_rules_nothing_changes(proxy: FaultProxy, client: Client, web: Web) -> None:
    """Requests and answers pass as they are, several over one connection."""
    for number in range(2):
        client.ask("/queue/join", b'["x"]')
        proxy.wait_until(lambda number=number: len(proxy.of("post")) > number)  # type: ignore[misc]
        answer = b""
        while not answer.endswith(BODY):
            answer += client.read(1)
        assert answer == proxy.seen[number].head + BODY
        assert answer.startswith(b"HTTP/1.1 200 OK\r\nServer: ")
        assert b"\r\nContent-Length: 10\r\n" in answer
    proxy.wait_until(lambda: all(exchange.delivered for exchange in proxy.seen))
    assert [(e.kind, e.status, e.answer) for e in proxy.seen] == [("post", 200, BODY)] * 2
    assert [request.body for request in web.requests] == [b'["x"]'] * 2
    assert [exchange.has_passed("x") for exchange in proxy.about("x")] == [True, True]
    client.close()
    proxy.wait_until(lambda: proxy.open_connections == 0)


@pytest.mark.parametrize("after", [0, 1, 20])
def test_a_head_is_cut_at_its_place(proxy: FaultProxy, client: Client, after: int) -> None:
    proxy.aim(Rule("app_id", Break("head", after)))
    client.ask("/app_id")
    assert client.read_all() == proxy.seen[0].head[:after]
    assert (proxy.seen[0].forwarded, proxy.seen[0].broken) == (True, True)


@pytest.mark.parametrize(("after", "left"), [(0, b""), (4, BODY[:4]), (10**6, BODY[:-1])])
def test_a_body_is_cut_at_its_place(
    proxy: FaultProxy, client: Client, after: int, left: bytes
) -> None:
    proxy.aim(Rule("app_id", Break("body", after)))
    assert answer_of(proxy, client)[1] == left


def test_a_connection_is_reset(proxy: FaultProxy, client: Client) -> None:
    proxy.aim(Rule("app_id", Break("head", 5, "rst")))
    client.ask("/app_id")
    with pytest.raises(ConnectionResetError):
        client.read_all()


def test_nothing_is_forwarded_of_a_request_that_is_swallowed(
    proxy: FaultProxy, client: Client, web: Web
) -> None:
    proxy.aim(Rule("post", Break("request", how="stall")))
    client.ask("/queue/join", b'["x"]')
    proxy.wait_until(lambda: proxy.broken == 1)
    assert (len(proxy.about("x")), proxy.seen[0].has_passed("x"), web.requests) == (1, False, [])
    client.close()
    proxy.wait_until(lambda: proxy.seen[0].left)


def test_what_has_stalled_can_go_on(proxy: FaultProxy, client: Client) -> None:
    proxy.aim(Rule("app_id", Break("body", 3, "stall")))
    client.ask("/app_id")
    proxy.wait_until(lambda: proxy.broken == 1)
    assert client.read(len(proxy.seen[0].head) + 3)[-3:] == BODY[:3]
    proxy.release()
    assert client.read(len(BODY) - 3) == BODY[3:]


def test_a_large_request_stalls_unread(proxy: FaultProxy, client: Client, web: Web) -> None:
    web.on("/upload", Reply(200, BODY))
    proxy.aim(Rule("upload", Break("sending", 1000, "stall")))
    client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    client.socket.settimeout(0)
    with pytest.raises(BlockingIOError):
        client.ask("/upload", bytes(1 << 20))
    proxy.wait_until(lambda: proxy.broken == 1)
    assert web.requests == []


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (Break("message", 0), []),
        (Break("message", 2), EVENTS[:2]),
        (Break("message", 1, msg="b"), EVENTS[:2]),
        (Break("message", 2, msg="b"), EVENTS),
    ],
)
@pytest.mark.parametrize("how", ["fin", "end"])
def test_a_stream_ends_behind_a_message(
    proxy: FaultProxy, client: Client, fault: Break, expected: list[bytes], how: str
) -> None:
    """With the last chunk, if it is to end in good order."""
    proxy.aim(Rule("stream", Break(fault.at, fault.after, how, msg=fault.msg)))  # type: ignore[arg-type]
    client.ask("/queue/data?session_hash=1")
    proxy.wait_until(lambda: proxy.broken == 1)
    client.end()
    _, _, body = client.read_all().partition(b"\r\n\r\n")
    assert body.endswith(LAST) == (how == "end")
    assert unchunked(body if how == "end" else body + LAST) == b"".join(expected)


@pytest.mark.parametrize("hold", [False, True])
def test_the_server_can_be_left_in_the_dark(
    proxy: FaultProxy, client: Client, web: Web, hold: bool
) -> None:
    """What it is sent then goes nowhere; until the network is said to be calm."""
    proxy.aim(Rule("stream", Break("message", 1, "end", hold=hold)))
    client.ask("/queue/data")
    proxy.wait_until(lambda: proxy.broken == 1)
    if hold:
        assert web.open_connections == 1
    proxy.calm()
    web.wait_until(lambda: web.open_connections == 0)


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (Drop(1), [EVENTS[1], EVENTS[2]]),
        (Drop(2, "b"), EVENTS[:2]),
        (Repeat(1, "b"), [EVENTS[0], EVENTS[1], EVENTS[1], EVENTS[2]]),
        (Swap(1), [EVENTS[1], EVENTS[0], EVENTS[2]]),
        (Swap(2, "b"), EVENTS),  # there is no next one
        (Spoil(2, "half"), [EVENTS[0], b'data: {"msg"\n\n', EVENTS[2]]),
        (Spoil(2, "list"), [EVENTS[0], b'data: [{"msg": "b"}]\n\n', EVENTS[2]]),
        (Spoil(1, "bytes"), [b'data: \xff\xfe{"msg": "a"}\n\n', *EVENTS[1:]]),
        (Spoil(2, "types", "b"), [*EVENTS[:2], b'data: {"msg": "b", "n": {"x": 2}}\n\n']),
        (Spoil(2, "bare", "b"), [*EVENTS[:2], EVENTS[1]]),
    ],
    ids=repr,
)
def test_a_message_is_lost_or_changed(
    proxy: FaultProxy, client: Client, web: Web, fault: Fault, expected: list[bytes]
) -> None:
    web.on("/queue/data", whole_stream)
    proxy.aim(Rule("stream", fault))
    client.ask("/queue/data")
    proxy.wait_until(lambda: proxy.broken == 1)
    client.end()
    assert unchunked(client.read_all().partition(b"\r\n\r\n")[2]) == b"".join(expected)


def test_what_is_over_is_forgotten(proxy: FaultProxy, client: Client) -> None:
    """And whoever asks for it gets what met a fault."""
    proxy.aim(Rule("post", Respond(503)))
    client.ask("/queue/join", b'["x"]')
    client.ask("/app_id")
    proxy.wait_until(lambda: len(proxy.seen) == 2 and proxy.seen[1].delivered)
    assert [exchange.kind for exchange in proxy.forget()] == ["post"]
    assert proxy.seen == []


def test_another_server_takes_the_place(proxy: FaultProxy, client: Client, web: Web) -> None:
    """What goes on with the old one ends, and what comes later goes to the new one."""
    with Web() as other:
        other.on("/app_id", Reply(200, b"other"))
        client.ask("/app_id")
        assert client.read_until(BODY).endswith(BODY)
        proxy.move(other.url)
        assert client.read_all() == b""
        with Client(proxy) as again:
            again.ask("/app_id")
            assert again.read_until(b"other").endswith(b"other")
    assert len(web.requests) == 1


@pytest.mark.parametrize("forward", [False, True])
def test_another_answer(proxy: FaultProxy, client: Client, web: Web, forward: bool) -> None:
    proxy.aim(Rule("post", Respond(503, 7, forward=forward)))
    client.ask("/queue/join", b'["x"]')
    proxy.wait_until(lambda: proxy.broken == 1)
    client.end()
    head, _, body = client.read_all().partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 503 Service Unavailable\r\n")
    assert b"retry-after: 7" in head
    assert body == b"503 of the proxy"
    assert (len(web.requests), proxy.seen[0].has_passed("x")) == (forward, forward)


def test_a_length_can_be_wrong(proxy: FaultProxy, client: Client) -> None:
    proxy.aim(Rule("app_id", Length(5)))
    head, body = answer_of(proxy, client)
    assert b"content-length: 15" in head.lower()
    assert body == BODY


def test_an_answer_can_come_byte_by_byte(proxy: FaultProxy, client: Client) -> None:
    proxy.aim(Rule("app_id", Drip()))
    client.ask("/app_id")
    assert client.read(1) == b"H"
    proxy.wait_until(lambda: proxy.broken == 1)
    client.end()
    assert client.read_all().endswith(b"\r\n\r\n" + BODY)


def test_only_the_requests_that_are_meant_are_met(proxy: FaultProxy) -> None:
    """The n-th since the rules were given, of those that are about something."""
    proxy.aim(Rule("post", Respond(500), nth=2, about="y"))
    statuses = []
    for body in (b'["y"]', b'["x"]', b'["y"]', b'["y"]'):
        with Client(proxy) as client:
            client.ask("/queue/join", body)
            statuses.append(client.read(12)[-3:])
    assert statuses == [b"200", b"200", b"500", b"200"]


def test_connections_are_refused(proxy: FaultProxy) -> None:
    """One, or all until the network is calm."""
    proxy.aim(Rule("connection", Refuse()))
    assert status_of(proxy) == b""
    assert status_of(proxy) == b"200"
    proxy.aim(Rule("connection", Refuse(deaf=True)))
    assert status_of(proxy) == b""
    proxy.wait_until(lambda: proxy.deaf)
    with pytest.raises(ConnectionRefusedError):
        Client(proxy)
    proxy.calm()
    assert status_of(proxy) == b"200"
    assert proxy.resets == 2


def status_of(proxy: FaultProxy) -> bytes:
    """Return the status of an answer over a new connection, nothing where that is reset."""
    with contextlib.suppress(ConnectionError), Client(proxy) as client:
        client.ask("/app_id")
        return client.read(12)[-3:]
    return b""


def test_idle_connections_end(proxy: FaultProxy, client: Client) -> None:
    client.ask("/app_id")
    proxy.wait_until(lambda: bool(proxy.seen) and proxy.seen[0].delivered)
    proxy.end_idle()
    assert client.read_all() == proxy.seen[0].head + BODY


@pytest.mark.parametrize("style", ["close", "http10", "chunked", "gzip"])
def test_the_end_of_an_answer_is_marked_in_a_style(web: Web, style: str) -> None:
    web.on("/app_id", Reply(200, BODY))
    with (
        FaultProxy(web.url, style=style) as proxy,  # type: ignore[arg-type]
        Client(proxy) as client,
    ):
        client.ask("/app_id")
        if style in {"chunked", "gzip"}:
            proxy.wait_until(lambda: bool(proxy.seen) and proxy.seen[0].delivered)
            client.end()
        head, _, body = client.read_all().partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.0" if style == "http10" else b"HTTP/1.1")
    assert (b"Content-Length" in head) == (style == "close")
    assert (b"connection: close" in head) == (style == "close")
    if style in {"chunked", "gzip"}:
        body = unchunked(body)
    assert (zlib.decompress(body, 31) if style == "gzip" else body) == BODY


def test_frames_of_websockets_are_read() -> None:
    """Short and long ones, masked or not."""
    long = bytes(range(256)) * 300
    mask = b"abcd"
    masked = bytes(byte ^ mask[place % 4] for place, byte in enumerate(b"hello"))
    frames = [
        (b"\x81\x85" + mask + masked, b"hello"),
        (b"\x81\x02hi", b"hi"),
        (b"\x81\x7e" + struct.pack(">H", 300) + long[:300], long[:300]),
        (b"\x82\x7f" + struct.pack(">Q", len(long)) + long, long),
    ]
    stop = Bell()
    for raw, payload in frames:
        here, there = socket.socketpair(socket.AF_UNIX)
        with here, there:
            there.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
            there.sendall(raw)
            frame = read_frame(Wire(here, stop))
        assert (frame.raw, frame.payload) == (raw, payload)
    stop.close()


def test_a_seed_is_one_schedule() -> None:
    """The same each time; all of them together know every kind of fault."""
    draw = functools.partial(Rules.from_seed, protocol="sse_v3", state=True)
    assert [repr(draw(seed)) for seed in range(50)] == [repr(draw(seed)) for seed in range(50)]
    rules = [rule for seed in range(300) for rule in draw(seed).rules]
    assert {type(rule.fault) for rule in rules} == {Break, Respond, Refuse}
    broken = [rule.fault for rule in rules if isinstance(rule.fault, Break)]
    assert {fault.at for fault in broken} == {"request", "sending", "head", "body", "message"}
    assert {fault.how for fault in broken} == {"fin", "rst", "stall", "end"}
    assert {rule.kind for rule in rules} == {
        *("post", "stream", "heartbeat", "upload", "file", "app_id", "connection")
    }
