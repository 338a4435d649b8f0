"""Reading files of this machine, with errors that say which file they are about.

Those of the system say so where a file is opened, and not where it is read. But a file is read long
after it was named, by another thread, and among many.
"""

from __future__ import annotations

import contextlib
import io
import os
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_BLOCK = 1 << 16


class _NamingReader(io.RawIOBase):
    """Reads a file, and puts its path into errors that have none."""

    def __init__(self, raw: io.RawIOBase, path: str) -> None:
        self._raw = raw
        self._path = path

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return self._raw.seekable()

    def readinto(self, buffer: Any) -> int | None:
        found: int | None = call_naming(self._path, self._raw.readinto, buffer)
        return found

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        place: int = call_naming(self._path, self._raw.seek, offset, whence)
        return place

    def tell(self) -> int:
        return self._raw.tell()

    def close(self) -> None:
        self._raw.close()
        super().close()


def open_to_read(path: Path | str) -> IO[bytes]:
    """Open a file.

    Raises:
        OSError: It can't be opened; what is read of it raises one too, with the path as well.
    """
    raw: Any = Path(path).open("rb", buffering=0)  # noqa: SIM115 - it is closed with the reader
    return io.BufferedReader(_NamingReader(raw, str(path)), _BLOCK)


def read_blocks(handle: IO[bytes]) -> Iterator[bytes]:
    """Yield the content of an open file, to its end, and close it there."""
    with handle:
        while block := handle.read(_BLOCK):
            yield block


def read_file(path: Path) -> Iterator[bytes]:
    """Yield the content of a file; raises what `open_to_read` does."""
    yield from read_blocks(open_to_read(path))


def open_if_there(path: Path | None) -> contextlib.AbstractContextManager[IO[bytes] | None]:
    """Open a file that somebody may have taken away; ``None`` where it is not there."""
    # Not asked for first: who cleans up could come between.
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        if path is not None:
            return open_to_read(path)
    return contextlib.nullcontext()


def call_naming(path: str, act: Callable[..., Any], *arguments: Any) -> Any:
    """Return what a function returns; an error of the system that it raises gets a path.

    Raises:
        OSError: That error, of the same class.
    """
    try:
        return act(*arguments)
    except OSError as error:
        named = OSError(error.errno, error.strerror, path or None)
        # Libraries have kinds of their own, which say more.
        if error.filename is not None or error.errno is None or type(error) is not type(named):
            raise
        raise named from error
