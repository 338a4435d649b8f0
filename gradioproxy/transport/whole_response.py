"""Answers whose head is complete, and that come within a time limit.

Two things that `http.client` does not hold: it takes the end of a connection for the end of a head,
and its timeout starts anew with each byte. And one that it can't do: it gives chunks one by one,
though a thousand may have come.
"""

from __future__ import annotations

import http.client
import io
import re
import time
from typing import Any, cast

# How many bytes are taken from the socket at once, of what comes in lines and chunks.
_BUFFER = 1 << 15
# What separates a chunk from the next one (RFC 9112, 7.1), whose size it has.
_BETWEEN_CHUNKS = re.compile(rb"\r\n([0-9a-fA-F]{1,8})\r\n")


class _Paced(io.RawIOBase):
    """Reads from a socket until a deadline.

    Args:
        raw: The reader of the socket.
        sock: The socket.

    Attributes:
        deadline: The time by `time.monotonic`; ``None`` for the socket's own timeout alone.
        waits: Whether to read anything; else there is never anything to read.
    """

    _raw: Any = None  # until it is set: Ctrl-C may come before, and `close` is called all the same

    def __init__(self, raw: io.RawIOBase, sock: Any) -> None:
        self.deadline: float | None = None
        self.waits = True
        self._raw = raw
        self._sock = sock

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def readinto(self, buffer: Any) -> int | None:
        """Read what there is."""
        if not self.waits:
            return None
        if self.deadline is not None:
            left = self.deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError("the answer took too long")
            self._sock.settimeout(left)
        found: int | None = self._raw.readinto(buffer)
        return found

    def close(self) -> None:
        """Let go of the socket."""
        if self._raw is not None:
            self._raw.close()
        super().close()


class _WholeLines(io.BufferedReader):
    """Reads lines from a socket; the end in the middle of a line is an error."""

    # How many lines of the head were read; ``None`` unless one is being read.
    head_lines: int | None = None

    def readline(self, size: int | None = -1, /) -> bytes:
        line = super().readline(-1 if size is None else size)
        # A line of the size that was asked for was not cut off; `http.client` says it is too long.
        cut = not line.endswith(b"\n") and (size is None or size < 0 or len(line) < size)
        # `http.client` itself raises an error for an end before the first line.
        if cut and (line or self.head_lines):
            raise http.client.RemoteDisconnected("it ended in the middle of an answer")
        if self.head_lines is not None:
            self.head_lines += 1
        return line


class _PacedSocket:
    """What `http.client` takes for a socket, to get the reader of an answer from.

    Another reader, put in its place afterwards, would leave a moment without any, in which Ctrl-C
    can come; then the answer would not be closed, nor its connection.

    Args:
        sock: The socket.
    """

    def __init__(self, sock: Any) -> None:
        self._sock = sock

    def makefile(self, mode: str) -> _WholeLines:
        """Return a reader of what comes over the socket."""
        return _WholeLines(_Paced(self._sock.makefile(mode, buffering=0), self._sock), _BUFFER)


class WholeResponse(http.client.HTTPResponse):
    """An answer whose head is complete, and that comes, head and body, within the time limit."""

    fp: Any = None  # until it is set, as above

    def __init__(self, sock: Any, *args: Any, **kwargs: Any) -> None:
        paced: Any = _PacedSocket(sock)
        super().__init__(paced, *args, **kwargs)
        self._lines: _WholeLines = self.fp
        self._paced = cast("_Paced", self._lines.raw)
        seconds = sock.gettimeout()
        self._paced.deadline = None if seconds is None else time.monotonic() + seconds
        self._sock = sock

    def limit_silence(self, seconds: float | None) -> None:
        """Limit the time without a byte from now on, no longer the whole; ``None`` for no limit."""
        if self.isclosed():  # it was read to its end, and the connection may be another's
            return
        self._paced.deadline = None
        self._sock.settimeout(seconds)

    def read_ready(self) -> bytes:
        """Return the whole chunks that have come and that nobody has read, without waiting.

        To be asked after a chunk was read; there are none after a part of one.
        """
        if self.isclosed() or not self.chunked or self.chunk_left != 0:
            return b""
        self._paced.waits = False
        try:
            ahead = self._lines.peek()
        finally:
            self._paced.waits = True
        chunks, place = [], 0
        while found := _BETWEEN_CHUNKS.match(ahead, place):
            start = found.end()
            end = start + int(found[1], 16)
            if end == start or end > len(ahead):  # the last one, which ends the answer; or a part
                break
            chunks.append(ahead[start:end])
            place = end
        self._lines.read(place)
        return b"".join(chunks)

    def begin(self) -> None:
        """Read the head."""
        self._lines.head_lines = 0
        try:
            super().begin()
        finally:
            self._lines.head_lines = None
