"""What is taken in of a server: each limit has an error that names it, and nothing grows beyond."""

from __future__ import annotations

import base64
import contextlib
import gzip
import hashlib
import pickle
import struct
import tracemalloc
from typing import TYPE_CHECKING

import pytest

import gradioproxy as gp
from gradioproxy.client.inbox import Inbox
from gradioproxy.limits import MEGABYTE, Limits
from gradioproxy.protocols.events import Completed, Yielded
from gradioproxy.transport.credentials import Access
from tests.support.scripted_peer import request_of
from tests.support.web_server import Reply, Web, reply_json, serve_app, transport_to

if TYPE_CHECKING:
    from tests.support.web_server import Exchange

BOMB = gzip.compress(bytes(200 * MEGABYTE), 9)
PACKED = {"Content-Encoding": "gzip"}


def test_limits_are_numbers() -> None:
    for wrong in (0, -1, True, 1.5, "1", None):
        with pytest.raises(ValueError, match="message must be a number"):
            Limits(message=wrong)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        Limits(1)  # type: ignore[call-arg]
    assert pickle.loads(pickle.dumps(Limits(logs=7))).logs == 7  # noqa: S301 - made here


@pytest.mark.parametrize("path", ["/config", "/gradio_api/info", "/"])
def test_a_description_that_unpacks_to_more(web: Web, path: str) -> None:
    """It is counted while it is unpacked, so that no more than the limit is ever there."""
    serve_app(web, "f")
    if path == "/":
        web.on("/config", Reply(404))
    web.on(path, Reply(body=BOMB, headers=PACKED))
    tracemalloc.start()
    try:
        with pytest.raises(gp.TooLarge, match=r"a description of more than 2,097,152 bytes") as end:
            gp.connect(web.url, limits=Limits(description=2 * MEGABYTE))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert "Limits(description=...)" in str(end.value)
    assert (end.value.limit, end.value.maximum) == ("description", 2 * MEGABYTE)
    assert peak < 16 * MEGABYTE


def test_too_many_functions(web: Web) -> None:
    serve_app(web, *(f"f{number}" for number in range(11)))
    with pytest.raises(gp.TooLarge, match=r"has 11 functions, more than 10.*Limits\(endpoints="):
        gp.connect(web.url, limits=Limits(endpoints=10))
    with gp.connect(web.url, limits=Limits(endpoints=11)) as app:
        assert len(app) == 11


@pytest.mark.parametrize("packed", [False, True])
def test_an_answer_that_is_too_large(web: Web, *, packed: bool) -> None:
    body = bytes(3 * MEGABYTE)
    reply = Reply(body=gzip.compress(body) if packed else body, headers=PACKED if packed else {})
    web.on("/x", reply)
    transport = transport_to(web, Access(limits=Limits(answer=2 * MEGABYTE)))
    with pytest.raises(gp.TooLarge, match=r"an answer of more than 2,097,152 bytes"):
        transport.post("/x", [])
    enough = transport_to(web, Access(limits=Limits(answer=3 * MEGABYTE)))
    assert enough.post("/x", []).body == body


def test_a_stream_that_unpacks_to_more_comes_in_small_pieces(web: Web) -> None:
    """Who reads it counts: one of events has no limit in all."""
    web.on("/x", Reply(body=BOMB, headers=PACKED))
    sizes = [len(piece) for piece in transport_to(web).stream("/x", 60)]
    assert sum(sizes) == 200 * MEGABYTE
    assert max(sizes) <= 1 << 16


def frame(kind: int, data: bytes, size: int | None = None, *, last: bool = True) -> bytes:
    """Return a frame of a websocket that says that it is of some size."""
    return bytes([kind | (0x80 if last else 0), 127]) + struct.pack("!Q", size or len(data)) + data


def open_websocket(exchange: Exchange) -> None:
    """Answer a handshake."""
    key = str(exchange.headers["Sec-WebSocket-Key"]) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
    accept = base64.b64encode(hashlib.sha1(key.encode()).digest()).decode()  # noqa: S324 - RFC 6455
    head = f"HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: {accept}\r\n"
    exchange.wfile.write(f"{head}Upgrade: websocket\r\nConnection: Upgrade\r\n\r\n".encode())


@pytest.mark.parametrize("way", ["one frame", "many frames", "a frame that says so"])
def test_a_message_of_a_websocket_that_is_too_large(web: Web, way: str) -> None:
    """However it is cut, and whether or not it ever comes."""
    piece = b"x" * 10_000

    def flood(exchange: Exchange) -> None:
        open_websocket(exchange)
        exchange.wfile.write(frame(1, b"small") * 50)  # each has the limit anew
        if way == "many frames":
            exchange.wfile.write(frame(1, piece, last=False))
        elif way == "a frame that says so":
            exchange.wfile.write(frame(1, b"", 1 << 40))
        else:
            exchange.wfile.write(frame(1, b"", 2 * MEGABYTE))
        while True:
            exchange.wfile.write(frame(0, piece, last=False) if way == "many frames" else piece)

    web.on("/x", flood)
    transport = transport_to(web, Access(limits=Limits(message=100_000)))
    with contextlib.closing(transport.socket("/x")) as opened:
        messages = iter(opened)
        assert [next(messages) for _ in range(50)] == ["small"] * 50
        with pytest.raises(gp.TooLarge, match=r"a message of more than 100,000 bytes") as raised:
            next(messages)
    assert raised.value.limit == "message"


def test_a_result_within_the_limits_is_none_of_this(web: Web) -> None:
    web.on("/x", reply_json(["x" * MEGABYTE]))
    assert transport_to(web).post("/x", []).json() == ["x" * MEGABYTE]


def test_what_nobody_reads_of_a_primitive_call() -> None:
    """It ends, whatever the app still has to say."""
    inbox = Inbox(request_of(limits=Limits(kept=100)))
    for number in range(100):
        inbox.handle(Yielded(("x" * 60,)))
        assert inbox.next(0) is not None, number
    inbox.handle(Yielded(("x" * 60,)))
    inbox.handle(Yielded(("x" * 60,)))
    inbox.handle(Yielded(("late",)))
    inbox.handle(Completed(("late",)))
    assert [update[0] for update in iter(lambda: inbox.next(0), None) if update] == [
        "generating",
        "generating",
        "error",
    ]
    assert isinstance(inbox.error, gp.TooLarge)
    assert inbox.error.limit == "kept"
