"""Bytes of an event stream in, events out, by the WHATWG text (section 9.2.6 of the HTML standard).

Lines end with CR, LF or CRLF and with nothing else: ``str.splitlines`` would also cut at U+2028,
which JSON leaves unescaped. An event without data is no event.

Rule: what an event means is not known here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..errors import TooLarge
from ..limits import DEFAULT_LIMITS

_LINE_END = re.compile(rb"\r\n?|\n")


@dataclass(frozen=True)
class Frame:
    """One event of the stream: its name (``message`` if it gives none) and its text."""

    name: str
    data: str


class Decoder:
    """Cuts a stream into frames; bytes may be cut anywhere, also within a character.

    Args:
        max_size: The bytes of one event at most.
    """

    def __init__(self, max_size: int = DEFAULT_LIMITS.message) -> None:
        self._max_size = max_size
        self._pieces: list[bytes] = []
        self._pieces_size = 0
        self._name = b""
        self._data: list[bytes] = []
        self._data_size = 0
        self._started = False
        self._after_cr = False

    def receive(self, chunk: bytes) -> list[Frame]:
        """Take bytes and return the events that they complete.

        Raises:
            TooLarge: An event is too large.
        """
        if self._after_cr and chunk:
            # A line that ended with the last chunk ended with CRLF, of which this is the rest.
            self._after_cr = False
            chunk = chunk.removeprefix(b"\n")
        # A large event comes in many chunks; joining them once keeps the work linear.
        if b"\n" not in chunk and b"\r" not in chunk:
            self._keep(chunk)
            return []
        self._after_cr = chunk.endswith(b"\r")
        buffer = b"".join((*self._pieces, chunk))
        self._pieces = []
        self._pieces_size = 0
        # Ten times as quick for what all servers send.
        lines = _LINE_END.split(buffer) if b"\r" in buffer else buffer.split(b"\n")
        self._keep(lines.pop())
        return [frame for line in lines if (frame := self._line(line)) is not None]

    def _keep(self, piece: bytes) -> None:
        """Keep the beginning of a line."""
        if piece:
            self._pieces.append(piece)
            self._pieces_size += len(piece)
        if self._pieces_size + self._data_size > self._max_size:
            raise TooLarge.of_bytes("a message", "message", self._max_size)

    def _line(self, line: bytes) -> Frame | None:
        """Take one line; return the event that an empty one completes."""
        if not self._started:
            self._started = True
            line = line.removeprefix(b"\xef\xbb\xbf")
        if not line:
            return self._dispatch()
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if field == b"data":
            self._data.append(value)
            self._data_size += len(line) + 1
        elif field == b"event":
            self._name = value
        return None

    def _dispatch(self) -> Frame | None:
        name, data = self._name, self._data
        self._name, self._data, self._data_size = b"", [], 0
        if not data:
            return None
        text = b"\n".join(data).decode("utf-8", "replace")
        return Frame(name.decode("utf-8", "replace") or "message", text)
