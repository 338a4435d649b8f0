"""What has come of a stream so far, for those who read along while the rest is on its way."""

from __future__ import annotations

import tempfile
import weakref
from pathlib import Path

from .. import forksafe
from .saving import NamedPath

_BLOCK = 1 << 16


class Spool:
    """Bytes to which one thread adds, and which others read at places of their own; on disk.

    Attributes:
        size: How many there are.
    """

    def __init__(self) -> None:
        self._place = Path(tempfile.gettempdir())
        with NamedPath(self._place, own=True):
            self._file = tempfile.TemporaryFile()  # noqa: SIM115 - it is closed just below
        # With the last who has it: some may still read when the stream is here.
        weakref.finalize(self, self._file.close).atexit = False
        self._lock = forksafe.Lock()
        self.size = 0

    def add(self, chunk: bytes) -> None:
        """Add some.

        Raises:
            FileNotSaved: There is no room.
        """
        with self._lock, NamedPath(self._place, own=True):
            self._file.seek(self.size)
            self._file.write(chunk)
            self._file.flush()
            self.size += len(chunk)

    def read(self, place: int) -> bytes:
        """Return what there is from a place on, but not more than a block of it.

        Raises:
            FileNotSaved: It can't be read.
        """
        with self._lock, NamedPath(self._place, own=True):
            self._file.seek(place)
            return self._file.read(min(_BLOCK, self.size - place))
