"""HTTP, event streams and websockets, as far as a proxy has to know them.

Rule: whoever waits for bytes is woken by them, by the end of what it watches meanwhile, or by the
proxy's end; nothing here knows the time.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import socket
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

CHUNK = 1 << 16
# What a head must not be larger than; that of an answer of Gradio has some hundred bytes.
LARGEST_HEAD = 1 << 20


class Ended(Exception):
    """What was read from has ended, in the middle of what was to be read."""


class Gone(Exception):
    """The one that was watched meanwhile has gone away, or the proxy is being stopped."""


class Bell:
    """Something to be woken by: once rung, it wakes everybody who waits with it in view."""

    def __init__(self) -> None:
        self._read, self._write = os.pipe()
        self.rung = False

    def fileno(self) -> int:
        """Return what `select` takes."""
        return self._read

    def ring(self) -> None:
        """Wake those who wait, and those who will."""
        if not self.rung:
            self.rung = True
            os.write(self._write, b"!")

    def close(self) -> None:
        """Give the pipe back."""
        os.close(self._read)
        os.close(self._write)


class Wire:
    """One end of the proxy: a socket, and what was read of it ahead.

    Args:
        connected: The socket.
        stop: Ends every wait.
    """

    def __init__(self, connected: socket.socket, stop: Bell) -> None:
        self.socket = connected
        self.ended = False
        self._stop = stop
        self._ahead = b""
        if connected.family == socket.AF_INET:
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def fileno(self) -> int:
        """Return what `select` takes."""
        return self.socket.fileno()

    def read_some(self, size: int = CHUNK, watch: Wire | None = None) -> bytes:
        """Return some bytes, at least one.

        Args:
            size: How many at most.
            watch: Who is waited for, if anybody is.

        Raises:
            Ended: There are no more.
            Gone: The other one has ended meanwhile, or the proxy is being stopped.
        """
        if not self._ahead:
            self.wait(watch)
            self._ahead = self._receive()
        if not self._ahead:
            raise Ended
        piece, self._ahead = self._ahead[:size], self._ahead[size:]
        return piece

    def read(self, size: int, watch: Wire | None = None) -> bytes:
        """Return so many bytes; raises as `read_some`."""
        pieces = []
        while size:
            pieces.append(self.read_some(size, watch))
            size -= len(pieces[-1])
        return b"".join(pieces)

    def read_to(self, mark: bytes, watch: Wire | None = None) -> bytes:
        """Return what comes up to a mark, and the mark; raises as `read_some`."""
        found = b""
        while mark not in found:
            found += self.read_some(watch=watch)
            if len(found) > LARGEST_HEAD:
                raise Ended
        end = found.index(mark) + len(mark)
        self._ahead = found[end:] + self._ahead
        return found[:end]

    def send(self, data: bytes) -> None:
        """Send bytes.

        Raises:
            Gone: Nobody takes them.
        """
        view = memoryview(data)
        while view:
            _, ready, _ = select.select([self._stop], [self], [])
            if self._stop.rung:
                raise Gone
            try:
                view = view[self.socket.send(view) :] if ready else view
            except OSError as error:
                raise Gone from error

    def wait_with(self, other: Wire) -> Wire:
        """Wait until this one or another one has something to read, and return which.

        Raises:
            Gone: The proxy is being stopped.
        """
        for wire in (self, other):
            if wire._ahead:
                return wire
        ready = _readable(self, other, self._stop)
        if self._stop.rung:
            raise Gone
        return self if self in ready else other

    def drain(self, *until: Bell) -> bytes:
        """Wait until the other side has ended, or a bell was rung; return what came meanwhile."""
        came = self._ahead
        while not self.ended and not self._stop.rung and not any(bell.rung for bell in until):
            ready = _readable(self, self._stop, *until)
            if self in ready:
                came += self._receive()
        return came

    def halt(self, *until: Bell) -> None:
        """Read nothing until a bell is rung, or the other side has gone away."""
        gone = select.poll()
        gone.register(self, select.POLLRDHUP)  # and, as always, POLLHUP and POLLERR
        for bell in (self._stop, *until):
            gone.register(bell, select.POLLIN)
        gone.poll()

    def pause(self, seconds: float) -> None:
        """Wait for a time.

        Raises:
            Gone: The other side has gone away meanwhile, or the proxy is being stopped.
        """
        if seconds and _readable(self, self._stop, seconds=seconds):
            raise Gone

    def end(self) -> None:
        """Tell the other side that nothing more comes."""
        try:
            self.socket.shutdown(socket.SHUT_WR)
        except OSError:
            self.ended = True

    def hang_up(self) -> None:
        """End the connection, and wait until the other side has taken notice."""
        self.end()
        self.drain()
        self.close()

    def reset(self) -> None:
        """Let the connection go as if its host had lost it."""
        linger = struct.pack("ii", 1, 0)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.close()

    def close(self) -> None:
        """Give the socket back."""
        self.ended = True
        self.socket.close()

    def wait(self, watch: Wire | None = None) -> None:
        """Wait until there is something to read; raises `Gone` as `read_some`."""
        while True:
            watched = [watch] if watch is not None and not watch.ended else []
            ready = _readable(self, self._stop, *watched)
            if self._stop.rung:
                raise Gone
            if watch is not None and watch in ready:
                watch.look()
                if watch.ended:
                    raise Gone
            if self in ready:
                return

    def look(self) -> None:
        """Read ahead what has come."""
        self._ahead += self._receive()

    def _receive(self) -> bytes:
        try:
            data = self.socket.recv(CHUNK)
        except OSError:
            data = b""
        self.ended = self.ended or not data
        return data


def _readable(*things: Wire | Bell, seconds: float | None = None) -> list[Wire | Bell]:
    """Wait until one of these has something to read, or has ended, or has rung; return which."""
    return select.select(things, (), (), seconds)[0]


@dataclass
class Head:
    """The head of a request or of an answer: its first line, and its other lines as they are."""

    first: str
    fields: list[tuple[str, str]]

    @classmethod
    def parse(cls, data: bytes) -> Head:
        """Return the head that these bytes are."""
        first, *rest = data.decode("latin-1").removesuffix("\r\n\r\n").split("\r\n")
        fields = [line.split(":", 1) for line in rest]
        return cls(first, [(name, value.strip()) for name, value in fields])

    def get(self, name: str) -> str:
        """Return the value of a field, an empty one if it isn't there."""
        return next((value for found, value in self.fields if found.lower() == name), "")

    def set(self, name: str, value: str | None) -> None:
        """Replace a field, or take it away."""
        self.fields = [field for field in self.fields if field[0].lower() != name]
        if value is not None:
            self.fields.append((name, value))

    @property
    def status(self) -> int:
        """The status of an answer."""
        return int(self.first.split(" ")[1])

    @property
    def framing(self) -> str:
        """How the end of the body is marked: ``chunked``, by its ``length``, by the ``close``."""
        if "chunked" in self.get("transfer-encoding").lower():
            return "chunked"
        return "length" if self.get("content-length") else "close"

    def __bytes__(self) -> bytes:
        lines = [self.first, *(f"{name}: {value}" for name, value in self.fields)]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def read_body(wire: Wire, head: Head, watch: Wire | None = None) -> Iterator[bytes]:
    """Yield a body as it comes, without the frames of its chunks; raises as `Wire.read_some`."""
    # What the head says counts now: it may be another one when the first piece is asked for.
    if head.framing == "chunked":
        return _read_chunks(wire, watch)
    if head.framing == "length":
        return _read_length(wire, int(head.get("content-length")), watch)
    return _read_to_end(wire, watch)


def _read_chunks(wire: Wire, watch: Wire | None) -> Iterator[bytes]:
    while size := int(wire.read_to(b"\r\n", watch), 16):
        yield wire.read(size, watch)
        wire.read(2, watch)
    wire.read_to(b"\r\n", watch)


def _read_length(wire: Wire, left: int, watch: Wire | None) -> Iterator[bytes]:
    while left:
        piece = wire.read_some(min(left, CHUNK), watch)
        left -= len(piece)
        yield piece


def _read_to_end(wire: Wire, watch: Wire | None) -> Iterator[bytes]:
    with contextlib.suppress(Ended):
        while True:
            yield wire.read_some(watch=watch)


def split_messages(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Yield the messages of an event stream, each with the empty line behind it."""
    rest = b""
    for piece in pieces:
        *whole, rest = (rest + piece).split(b"\n\n")
        for message in whole:
            yield message + b"\n\n"
    if rest:
        yield rest


def content_of_event(message: bytes) -> bytes:
    """Return the data of a message of an event stream."""
    lines = message.splitlines()
    return b"\n".join(
        line.removeprefix(b"data:").strip() for line in lines if line.startswith(b"data:")
    )


def event_of(content: bytes) -> bytes:
    """Return the message of an event stream that has this data."""
    return b"data: " + content + b"\n\n"


def kind_of_message(content: bytes) -> str:
    """Return the ``msg`` of what is in a message of an event stream or a websocket."""
    try:
        parsed = json.loads(content)
    except ValueError:
        return ""
    return str(parsed.get("msg", "")) if isinstance(parsed, dict) else ""


@dataclass(frozen=True)
class WebsocketFrame:
    """A frame of a websocket: as it came, and what is in it."""

    raw: bytes
    opcode: int
    payload: bytes

    TEXT = 1
    CLOSE = b"\x88\x02\x03\xe8"
    """The frame by which a server closes in good order."""

    @staticmethod
    def of(content: bytes) -> bytes:
        """Return the frame of a server that has this text."""
        size = len(content)
        length = bytes([size]) if size < 126 else b"\x7e" + size.to_bytes(2, "big")
        return b"\x81" + length + content


def read_frame(wire: Wire, watch: Wire | None = None) -> WebsocketFrame:
    """Return the next frame of a websocket; raises as `Wire.read_some`."""
    start = wire.read(2, watch)
    masked, size = start[1] & 0x80, start[1] & 0x7F
    length = wire.read({126: 2, 127: 8}.get(size, 0), watch)
    mask = wire.read(4 if masked else 0, watch)
    data = wire.read(int.from_bytes(length, "big") if length else size, watch)
    payload = bytes(byte ^ mask[i % 4] for i, byte in enumerate(data)) if masked else data
    return WebsocketFrame(start + length + mask + data, start[0] & 0x0F, payload)
