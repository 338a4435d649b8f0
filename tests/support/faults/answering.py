"""An answer on its way to the client: how its end is marked, and where it breaks off.

Styles, which are those of all answers of a proxy (but for websockets):

===========  ====================================================================================
``plain``    as the server sent it
``close``    with ``Connection: close``, and the connection ends behind it
``http10``   of HTTP/1.0, without a length: the end of the connection is the end of the answer
``chunked``  in chunks, also where the server gave a length
``gzip``     the same, and compressed if the server did not do that; not event streams
===========  ====================================================================================
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Literal

from tests.support.faults.altering import Altering
from tests.support.faults.rules import Break, Drip, Length
from tests.support.faults.wire import Head, content_of_event, event_of, split_messages

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.support.faults.rules import Fault
    from tests.support.faults.wire import Wire

Style = Literal["plain", "close", "http10", "chunked", "gzip"]

GZIP = 31
"""The window of zlib that stands for the format of gzip."""

NO_BODY = frozenset({204, 304})


class Answering:
    """The way of one answer.

    Args:
        client: Where it goes.
        fault: What happens to it, if anything does.
        style: See above.
        break_off: Called where it breaks off; returns where it goes on, raises where it doesn't.
        begin: Called with the head before it is sent.

    Attributes:
        reusable: Whether the connection can have another answer behind this one.
    """

    def __init__(
        self,
        client: Wire,
        fault: Fault | None,
        style: Style,
        break_off: Callable[[Break], None],
        begin: Callable[[bytes], None],
    ) -> None:
        self.reusable = True
        self._client = client
        self._fault = fault
        self._style = style
        self._break_off = break_off
        self._begin = begin
        self._framing = "length"
        self._events = False
        self._compresses = False
        self._altering = Altering(fault, event_of)
        self._last = (
            -1
        )  # of a body whose length was announced: where it can break off at the latest
        self._dripped = 0
        # How far each part has come, in the units of `Break`.
        self._counts = {"head": 0, "body": 0, "message": 0}

    @property
    def size(self) -> int:
        """How many bytes of the body went to the client, without the frames of chunks."""
        return self._counts["body"]

    def pass_on(self, head: Head, body: Iterator[bytes]) -> None:
        """Send a whole answer."""
        self._events = head.get("content-type").startswith("text/event-stream")
        bare = head.status in NO_BODY
        self._dress(head, bare=bare)
        self._begin(bytes(head))
        self._send_head(bytes(head))
        self._reach("body")
        if self._events:
            self._reach("message")
            body = split_messages(body)
        elif self._compresses:
            body = _compressed(body)
        for piece in body:
            self._send_piece(piece)
        self._send_framed(self._altering.rest())
        self._reach("body", last=True)
        self.finish()

    def finish(self) -> None:
        """Mark the end."""
        if self._framing == "chunked":
            self._client.send(b"0\r\n\r\n")

    def finish_early(self) -> None:
        """Mark the end before it has come; that of the connection where there is no other mark."""
        self.reusable = self.reusable and self._framing == "chunked"
        self.finish()

    def _dress(self, head: Head, *, bare: bool) -> None:
        """Change the head as style and fault want it."""
        if self._style in {"chunked", "gzip"} and not bare:
            head.set("content-length", None)
            head.set("transfer-encoding", "chunked")
            encoded = bool(head.get("content-encoding"))
            self._compresses = self._style == "gzip" and not self._events and not encoded
            if self._compresses:
                head.set("content-encoding", "gzip")
        if self._style == "http10":
            head.first = head.first.replace("HTTP/1.1", "HTTP/1.0", 1)
            for name in ("content-length", "transfer-encoding", "connection"):
                head.set(name, None)
        if self._style == "close":
            head.set("connection", "close")
        if isinstance(self._fault, Length) and head.framing == "length":
            head.set("content-length", str(int(head.get("content-length")) + self._fault.by))
            self.reusable = False
        self._framing = "length" if bare else head.framing
        if head.framing == "length":
            self._last = int(head.get("content-length")) - 1
        closes = self._style in {"close", "http10"} or head.get("connection").lower() == "close"
        self.reusable = self.reusable and not closes and self._framing != "close"

    def _send_head(self, data: bytes) -> None:
        fault = self._fault
        cut = min(fault.after, len(data)) if isinstance(fault, Break) and fault.at == "head" else 0
        self._send_bytes(data[:cut])
        if isinstance(fault, Break) and fault.at == "head":
            self._break_off(fault)
        self._send_bytes(data[cut:])

    def _send_piece(self, piece: bytes) -> None:
        """Send a piece of the body, or a message."""
        if not self._events:
            self._send_framed(piece)
            return
        content = content_of_event(piece)
        for message in self._altering.alter(piece, content):
            self._send_framed(message)
        self._counts["message"] = self._altering.count
        if self._altering.counts(content):
            self._reach("message")

    def _send_framed(self, piece: bytes) -> None:
        """Send a piece, up to where the body is to break off, and what is behind that."""
        fault = self._fault
        first = piece
        if isinstance(fault, Break) and fault.at == "body":
            first = piece[: max(0, self._place(fault) - self._counts["body"])]
        ends = isinstance(fault, Break) and fault.how == "end" and len(first) < len(piece)
        if self._framing == "chunked" and piece:
            self._client.send(b"%x\r\n" % len(first if ends else piece))
        self._send_bytes(first)
        self._counts["body"] += len(first)
        if ends and self._framing == "chunked":
            self._client.send(b"\r\n")
        if len(first) < len(piece):
            self._reach("body")
            self._send_bytes(piece[len(first) :])
            self._counts["body"] += len(piece) - len(first)
        if self._framing == "chunked" and piece:
            self._client.send(b"\r\n")

    def _send_bytes(self, data: bytes) -> None:
        fault = self._fault
        if isinstance(fault, Drip):
            slow = data if not fault.count else data[: max(0, fault.count - self._dripped)]
            for place in range(len(slow)):
                self._client.send(slow[place : place + 1])
                self._client.pause(fault.seconds)
            self._dripped += len(slow)
            data = data[len(slow) :]
        self._client.send(data)

    def _reach(self, part: str, *, last: bool = False) -> None:
        """Break off, if this is the place."""
        fault = self._fault
        if not isinstance(fault, Break) or fault.at != part:
            return
        count, place = self._counts[part], self._place(fault)
        if count == place or (last and count < place):
            self._break_off(fault)

    def _place(self, fault: Break) -> int:
        """Return where it is to break off."""
        bounded = fault.at == "body" and self._last >= 0
        return min(fault.after, self._last) if bounded else fault.after


def _compressed(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Yield the pieces of a body as gzip has them."""
    compress = zlib.compressobj(wbits=GZIP)
    for piece in pieces:
        yield compress.compress(piece)
    yield compress.flush()
