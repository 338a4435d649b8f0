"""Bytes of an event stream in, events out, by the WHATWG text (section 9.2.6 of the HTML standard).

Lines end with CR, LF or CRLF and with nothing else: ``str.splitlines`` would also cut at U+2028,
which JSON leaves unescaped. An event without data is no event.

Rule: what an event means is not known here.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from ..errors import TooLarge
from ..limits import DEFAULT_LIMITS

_LINE_END = re.compile(rb"\r\n?|\n")


class Frame(NamedTuple):
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
        self._is_too_large = False

    def receive(self, chunk: bytes) -> list[Frame]:
        """Take bytes and return the events that they complete.

        Raises:
            TooLarge: An event is too large.
        """
        if self._is_too_large:
            raise TooLarge.of_bytes("a message", "message", self._max_size)
        if self._after_cr and chunk:
            # A line that ended with the last chunk ended with CRLF, of which this is the rest.
            self._after_cr = False
            chunk = chunk.removeprefix(b"\n")
        # A large event comes in many chunks; joining them once keeps the work linear.
        if b"\n" not in chunk and b"\r" not in chunk:
            self._keep(chunk)
            return self._check_size([])
        self._after_cr = chunk.endswith(b"\r")
        buffer = b"".join((*self._pieces, chunk))
        self._pieces = []
        self._pieces_size = 0
        # Ten times as quick for what all servers send.
        lines = _LINE_END.split(buffer) if b"\r" in buffer else buffer.split(b"\n")
        self._keep(lines.pop())
        if not self._started:
            self._started = True
            lines[0] = lines[0].removeprefix(b"\xef\xbb\xbf")
        frames = []
        for line in lines:
            if line:
                self._take_field(line)
            elif self._data:
                frames.append(self._complete())
            else:
                self._name = b""
        return self._check_size(frames)

    def _keep(self, piece: bytes) -> None:
        """Keep the beginning of a line."""
        if piece:
            self._pieces.append(piece)
            self._pieces_size += len(piece)

    def _check_size(self, frames: list[Frame]) -> list[Frame]:
        """Return the events that came, unless what has begun behind them is too large.

        Raises:
            TooLarge: It is. If events came before it, that is said the next time.
        """
        self._is_too_large = self._pieces_size + self._data_size > self._max_size
        if self._is_too_large and not frames:
            raise TooLarge.of_bytes("a message", "message", self._max_size)
        return frames

    def _take_field(self, line: bytes) -> None:
        """Take one line of an event."""
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if field == b"data":
            self._data.append(value)
            self._data_size += len(line) + 1
        elif field == b"event":
            self._name = value

    def _complete(self) -> Frame:
        """Return the event that is complete, and begin with the next one."""
        name, data = self._name, self._data
        self._name, self._data, self._data_size = b"", [], 0
        text = b"\n".join(data).decode("utf-8", "replace")
        return Frame(name.decode("utf-8", "replace") if name else "message", text)
