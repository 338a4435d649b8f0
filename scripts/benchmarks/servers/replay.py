"""A server that answers as Gradio does and as fast as it can, so that what a client costs shows.

What it says of itself is what a real server said of the app `apps.replayed`. Its functions take no
time: their messages are written when a call comes in, each a chunk of its own as Gradio writes
them, in the words of Gradio 6.31, 4.8 and 3.50.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import gc
import hashlib
import itertools
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\n"
STREAM = (HEAD % b"text/event-stream") + b"Transfer-Encoding: chunked\r\n\r\n"
WEBSOCKET_KEY = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
TEXT, CLOSE = 1, 8
TWO_BYTES, EIGHT_BYTES = 126, 127
"""What a websocket's frame says of its length, where that takes more than the one byte."""
PIECE = "0123456789" * 10
"""What a text grows by."""

Values = list[Any]


def echo(data: Values) -> Iterator[Values]:
    """Return the text."""
    yield data


def count(data: Values) -> Iterator[Values]:
    """Yield "1", "2", … as edits."""
    yield ["1"]
    for number in range(2, int(data[0]) + 1):
        yield [[["replace", [], str(number)]]]
    yield [str(int(data[0]))]


def grow(data: Values) -> Iterator[Values]:
    """Yield a text of so many pieces, piece by piece, as edits."""
    pieces = int(data[0])
    yield [PIECE]
    for _ in range(pieces - 1):
        yield [[["append", [], PIECE]]]
    yield [PIECE * pieces]


def big(data: Values) -> Iterator[Values]:
    """Return a list of so many records, of 100 bytes each."""
    record = {"name": "a record", "numbers": [1, 2.5, 3], "text": "x" * 44, "flag": True}
    yield [[record] * int(data[0])]


FUNCTIONS: dict[str, Callable[[Values], Iterator[Values]]] = {
    "f": echo,
    "direct": echo,
    "count": count,
    "grow": grow,
    "big": big,
}


def write_messages(
    values: Iterator[Values], named: dict[str, str], cache: dict[str, bytes], key: str
) -> list[bytes]:
    """Return the JSON of a call's messages, from its beginning on; long ones are made once."""
    stored = cache.get(key)
    if stored is None:
        texts = [json.dumps(m) for m in _messages(values, {"event_id": "@@"} if named else {})]
        stored = "\n".join(texts).encode()
        if len(stored) > len(PIECE) * 100:
            cache[key] = stored
    return stored.replace(b"@@", named.get("event_id", "").encode()).split(b"\n")


def _messages(values: Iterator[Values], named: dict[str, str]) -> Iterator[dict[str, Any]]:
    estimation = {"rank": 0, "queue_size": 1, "rank_eta": None}
    yield {"msg": "estimation", **named, **estimation}
    yield {"msg": "process_starts", **named, "eta": None}
    found = [*values]
    for place, data in enumerate(found, 1):
        generating = place < len(found)
        output = {
            "data": data,
            "is_generating": generating,
            "duration": 0.0,
            "average_duration": 0.0,
            "render_config": None,
            "changed_state_ids": [],
        }
        kind = "process_generating" if generating else "process_completed"
        yield {"msg": kind, **named, "output": output, "success": True}


class App:
    """What the server knows.

    Args:
        config: What a real server says at ``/config``.
        info: What it says at ``/info``.
    """

    def __init__(self, config: bytes, info: bytes) -> None:
        described = json.loads(config)
        self.info = info
        self.app_id = json.dumps({"app_id": described.get("app_id")}).encode()
        self._described = described
        self.prefix: str = described.get("api_prefix", "")
        self.names = {
            function.get("id", place): function["api_name"]
            for place, function in enumerate(described["dependencies"])
        }
        self.streams: dict[str, Stream] = {}
        self.numbers = itertools.count()
        self.cache: dict[str, bytes] = {}

    def set_address(self, url: str) -> None:
        """Say in the description where the app is."""
        self.config = json.dumps({**self._described, "root": url}).encode()

    def run(self, body: dict[str, Any], **named: str) -> list[bytes]:
        """Return the messages of a call."""
        name, data = self.names[body["fn_index"]], body["data"]
        key = f"{name} {data}" if name not in {"f", "direct"} else ""
        return write_messages(FUNCTIONS[name](data), named, self.cache, key)

    def stream(self, session_hash: str) -> Stream:
        """Return the stream of a session."""
        return self.streams.setdefault(session_hash, Stream())


class Stream:
    """What is to go out over the stream of a session of Gradio 4.9 and later."""

    def __init__(self) -> None:
        self.waiting: list[bytes] = []
        self.connection: Connection | None = None

    def flush(self) -> None:
        """Write what waits, and the end."""
        if self.connection is not None and self.waiting:
            end = b'{"msg": "close_stream", "event_id": null}'
            self.connection.write_events([*self.waiting, end])
            self.connection.end_stream()
            self.waiting, self.connection = [], None


class Connection(asyncio.Protocol):
    """A connection, over which requests come one after the other, or a websocket's messages."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._data = b""
        self._receive = self._receive_requests
        self._call: dict[str, Any] = {}

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take note of the way back."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - for type checkers
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Take what came."""
        self._data += data
        self._receive()

    # HTTP.

    def _receive_requests(self) -> None:
        while True:
            head, found, rest = self._data.partition(b"\r\n\r\n")
            if not found:
                return
            lines = head.decode("latin-1").split("\r\n")
            fields = dict(line.lower().split(": ", 1) for line in lines[1:] if ": " in line)
            length = int(fields.get("content-length", 0))
            if len(rest) < length:
                return
            body, self._data = rest[:length], rest[length:]
            self._answer(lines[0].split(" ")[1], body, lines[1:])

    def _answer(self, target: str, body: bytes, fields: list[str]) -> None:
        parts = urlsplit(target)
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        path = parts.path.removeprefix(self._app.prefix)
        match path:
            case "/config":
                self._write_json(self._app.config)
            case "/app_id":
                self._write_json(self._app.app_id)
            case "/info":
                self._write_json(self._app.info)
            case "/queue/join" if body:
                self._join(json.loads(body))
            case "/queue/join" if query:
                self._open_single(query)
            case "/queue/join":
                self._upgrade(fields)
            case "/queue/data" if body:
                self._take_single(json.loads(body))
            case "/queue/data":
                stream = self._app.stream(query["session_hash"])
                stream.connection = self
                self._transport.write(STREAM)
                stream.flush()
            case "/run/predict":
                self._run(json.loads(body))
            case _:
                self._transport.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")

    def _write_json(self, body: bytes) -> None:
        head = (HEAD % b"application/json") + b"Content-Length: %d\r\n\r\n" % len(body)
        self._transport.write(head + body)

    def write_events(self, messages: list[bytes]) -> None:
        """Write messages, each a chunk."""
        texts = [b"data: %s\n\n" % message for message in messages]
        self._transport.write(b"".join(b"%x\r\n%s\r\n" % (len(text), text) for text in texts))

    def end_stream(self) -> None:
        """Write the end of a stream."""
        self._transport.write(b"0\r\n\r\n")

    # What comes in, by protocol.

    def _join(self, body: dict[str, Any]) -> None:
        """Take a call of Gradio 4.9 and later."""
        event_id = f"{next(self._app.numbers):032x}"
        self._write_json(b'{"event_id": "%s"}' % event_id.encode())
        stream = self._app.stream(body["session_hash"])
        stream.waiting += self._app.run(body, event_id=event_id)
        stream.flush()

    def _run(self, body: dict[str, Any]) -> None:
        """Take a call past the queue."""
        output = json.loads(self._app.run(body)[-1])["output"]
        self._write_json(json.dumps(output).encode())

    def _open_single(self, query: dict[str, str]) -> None:
        """Open the stream of one call, as Gradio 4.0 to 4.8 have it."""
        event_id = f"{next(self._app.numbers):032x}"
        self._transport.write(STREAM)
        self._app.stream(event_id).connection = self
        estimation = {"msg": "estimation", "rank": 0, "queue_size": 1, "rank_eta": None}
        self.write_events([json.dumps(estimation).encode()])
        ask = {"msg": "send_data", "event_id": event_id}
        self.write_events([json.dumps(ask).encode()])
        del query

    def _take_single(self, body: dict[str, Any]) -> None:
        """Take the data of such a call."""
        self._write_json(b"null")
        stream = self._app.streams.pop(body["event_id"])
        if stream.connection is not None:
            stream.connection.write_events(self._app.run(body)[1:])
            stream.connection.end_stream()

    # Websockets, of Gradio 3.

    def _upgrade(self, fields: list[str]) -> None:
        keys = [
            line.split(": ")[1] for line in fields if line.lower().startswith("sec-websocket-k")
        ]
        digest = hashlib.sha1((keys[0] + WEBSOCKET_KEY).encode(), usedforsecurity=False).digest()
        self._transport.write(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: %s\r\n\r\n" % base64.b64encode(digest)
        )
        self._receive = self._receive_frames
        self._write_frame(b'{"msg": "send_hash"}')

    def _receive_frames(self) -> None:
        while (found := _read_frame(self._data)) is not None:
            kind, text, self._data = found
            if kind != TEXT:  # the end
                self._transport.close()
                return
            self._take_message(json.loads(text))

    def _take_message(self, message: dict[str, Any]) -> None:
        if "data" not in message:
            self._call = message
            estimation = {"msg": "estimation", "rank": 0, "queue_size": 1}
            self._write_frame(json.dumps(estimation).encode())
            self._write_frame(b'{"msg": "send_data"}')
            return
        for text in self._app.run({**self._call, **message})[1:]:
            self._write_frame(text)
        self._write_frame((1000).to_bytes(2, "big"), CLOSE)

    def _write_frame(self, text: bytes, kind: int = TEXT) -> None:
        size = len(text)
        if size < TWO_BYTES:
            length = bytes([size])
        elif size < 1 << 16:
            length = bytes([TWO_BYTES]) + size.to_bytes(2, "big")
        else:
            length = bytes([EIGHT_BYTES]) + size.to_bytes(8, "big")
        self._transport.write(bytes([0x80 | kind]) + length + text)


def _read_frame(data: bytes) -> tuple[int, bytes, bytes] | None:
    """Return the kind and text of a client's frame, which is masked, and what comes behind it."""
    start = 2
    if len(data) < start:
        return None
    size = data[1] & 0x7F
    if size >= TWO_BYTES:
        start += 2 if size == TWO_BYTES else 8
        size = int.from_bytes(data[2:start], "big")
    end = start + 4 + size
    if len(data) < end:
        return None
    mask = itertools.cycle(data[start : start + 4])
    text = bytes(byte ^ key for byte, key in zip(data[start + 4 : end], mask, strict=False))
    return data[0] & 0x0F, text, data[end:]


async def serve(app: App, ready: int) -> None:
    """Serve until standard input ends."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(app), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    app.set_address(f"http://127.0.0.1:{port}")
    os.write(ready, f"http://127.0.0.1:{port}\n".encode())
    await loop.run_in_executor(None, sys.stdin.buffer.read)


def main() -> None:
    """Serve what the files say that the arguments name."""
    config, info = (Path(name).read_bytes() for name in sys.argv[1:3])
    gc.disable()  # nothing goes round in circles but what is there once
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(App(config, info), 1))
    os._exit(0)


if __name__ == "__main__":
    main()
