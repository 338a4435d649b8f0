"""An answer whose head is whole, or none, and that comes within its time.

Two things that `http.client` leaves to chance: it takes the end of a connection for the end of a
head, and its timeout starts anew with each byte.
"""

from __future__ import annotations

import http.client
import io
import time
from typing import Any


class _Paced(io.RawIOBase):
    """What comes over a socket, until a deadline.

    The stock timeout starts anew with each byte: a server that drips would hold us for ever.

    Args:
        raw: What the socket gives.
        sock: The socket.

    Attributes:
        deadline: Until when, by `time.monotonic`; ``None`` for what the socket's own timeout says.
    """

    def __init__(self, raw: io.RawIOBase, sock: Any) -> None:
        self.deadline: float | None = None
        self._raw = raw
        self._sock = sock

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def readinto(self, buffer: Any) -> int | None:
        """Read what there is."""
        if self.deadline is not None:
            left = self.deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError("the answer took too long")
            self._sock.settimeout(left)
        found: int | None = self._raw.readinto(buffer)
        return found

    def close(self) -> None:
        """Let go of the socket."""
        self._raw.close()
        super().close()


class _WholeLines(io.BufferedReader):
    """What comes over a socket, of which a line that was cut off is no line."""

    # How many lines of a head were read, while one is.
    head_lines: int | None = None

    def readline(self, size: int | None = -1, /) -> bytes:
        line = super().readline(-1 if size is None else size)
        # What is as long as it was asked to be is for the caller to judge.
        cut = not line.endswith(b"\n") and (size is None or size < 0 or len(line) < size)
        # An end before the first line of a head means that there is no answer at all.
        if cut and (line or self.head_lines):
            raise http.client.RemoteDisconnected("it ended in the middle of an answer")
        if self.head_lines is not None:
            self.head_lines += 1
        return line


class WholeResponse(http.client.HTTPResponse):
    """An answer whose head is whole, or none; and that comes within its time, head and body."""

    def __init__(self, sock: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        # The stock reader has read nothing yet.
        self._paced = _Paced(self.fp.detach(), sock)
        self._lines = self.fp = _WholeLines(self._paced)
        seconds = sock.gettimeout()
        self._paced.deadline = None if seconds is None else time.monotonic() + seconds
        self._sock = sock

    def limit_silence(self, seconds: float | None) -> None:
        """From now on let only so many seconds pass without a byte; ``None`` for any number."""
        self._paced.deadline = None
        self._sock.settimeout(seconds)

    def begin(self) -> None:
        """Read the head."""
        self._lines.head_lines = 0
        try:
            super().begin()
        finally:
            self._lines.head_lines = None
