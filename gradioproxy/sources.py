"""What can go up as a file: paths, bytes, open files, URLs, files of other apps.

A source is made in the caller's thread, where only its existence and size are asked for, and read
by another, possibly after the caller has closed or changed what it was made of.
"""

from __future__ import annotations

import base64
import binascii
import io
import mimetypes
import os
import re
import tempfile
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Any, Protocol
from urllib.parse import unquote, unquote_to_bytes, urlsplit

from .text import clean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_DATA_URL = re.compile(
    r"data:([\w.+-]+/[\w.+-]+)?((?:;[\w.+-]+=[^;,]*)*)(;base64)?,", re.IGNORECASE
)


class Source(Protocol):
    """Something to upload."""

    @property
    def name(self) -> str:
        """What the file is called."""
        ...

    @property
    def size(self) -> int | None:
        """Its size in bytes, as far as it is known."""
        ...

    def open(self) -> IO[bytes]:
        """Return the content, to be read from its start and closed."""
        ...


def mime_type(name: str) -> str:
    """Return the media type that a file's name stands for."""
    return mimetypes.guess_type(name)[0] or "application/octet-stream"


def safe_name(name: str, default: str = "file") -> str:
    """Return a file's name as one that is safe in any folder: no path, no control characters."""
    last = re.split(r"[/\\]", clean(name, 4096).replace("\n", " "))[-1]
    kept = re.sub(r'[<>:"|?*\t]', "_", last).strip(" .")
    stem, extension = os.path.splitext(kept)
    # File systems take 255 bytes; the extension is what programs go by.
    while len((stem + extension).encode()) > 200:  # noqa: PLR2004
        stem, extension = (stem[:-1], extension) if stem else ("", extension[:-1])
    if re.fullmatch(r"(?i)con|prn|aux|nul|com\d|lpt\d", stem):
        stem += "_"
    return stem + extension or default


@dataclass(frozen=True)
class PathSource:
    """A file on disk."""

    path: str
    name: str
    size: int | None

    def open(self) -> IO[bytes]:
        """Open it."""
        return open(self.path, "rb")  # noqa: SIM115 - whoever reads it closes it


@dataclass(frozen=True)
class BytesSource:
    """Bytes in memory."""

    content: bytes = field(repr=False)
    name: str = "file.bin"

    @property
    def size(self) -> int | None:
        """Their number."""
        return len(self.content)

    def open(self) -> IO[bytes]:
        """Return a view of them."""
        return io.BytesIO(self.content)


class _Positioned(io.RawIOBase):
    """Reads a file descriptor of its own from a position of its own, whatever others do."""

    def __init__(self, descriptor: int, position: int) -> None:
        self._descriptor = descriptor
        self._position = position

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        content = os.pread(self._descriptor, len(buffer), self._position)
        buffer[: len(content)] = content
        self._position += len(content)
        return len(content)


class HandleSource:
    """The rest of an open file, from where it stood; it may be closed meanwhile."""

    def __init__(self, descriptor: int, position: int, name: str) -> None:
        self._descriptor = os.dup(descriptor)
        self._position = position
        self.name = name
        self.size: int | None = max(0, os.fstat(descriptor).st_size - position)

    def open(self) -> IO[bytes]:
        """Return a reader."""
        return io.BufferedReader(_Positioned(self._descriptor, self._position), 1 << 18)

    def __del__(self) -> None:
        descriptor = getattr(self, "_descriptor", None)
        if descriptor is not None:
            os.close(descriptor)


class RemoteSource:
    """Something on the web, or a file of another app: fetched to a temporary file when read."""

    def __init__(self, fetch: Callable[[], Iterable[bytes]], name: str, shown: str) -> None:
        self._fetch = fetch
        self._file: IO[bytes] | None = None
        self.name = name
        self.shown = shown
        self.size: int | None = None

    def open(self) -> IO[bytes]:
        """Fetch it, the first time, and return a reader."""
        if self._file is None:
            file = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as the source
            for chunk in self._fetch():
                file.write(chunk)
            self.size = file.tell()
            self._file = file
        self._file.flush()
        return HandleSource(self._file.fileno(), 0, self.name).open()


def from_handle(handle: Any) -> Source:
    """Return the source for an open file or another object with ``read``.

    Raises:
        TypeError: It was opened as text.
    """
    if isinstance(handle, io.TextIOBase):
        raise TypeError("a file opened as text; open it with 'rb'")
    given = getattr(handle, "name", None)
    name = safe_name(os.path.basename(given)) if isinstance(given, str) else "file.bin"
    if isinstance(handle, io.BufferedReader | io.FileIO | io.BufferedRandom) and hasattr(
        os, "pread"
    ):
        if handle.seekable():
            return HandleSource(handle.fileno(), handle.tell(), name)
    content = handle.read()
    if not isinstance(content, bytes | bytearray | memoryview):
        raise TypeError("a file whose read() gives no bytes; open it with 'rb'")
    return BytesSource(bytes(content), name)


def from_data_url(text: str) -> Source | None:
    """Return the source for a ``data:`` URL, or ``None`` if it is none."""
    match = _DATA_URL.match(text)
    if match is None:
        return None
    rest = text[match.end() :]
    try:
        content = base64.b64decode(rest, validate=False) if match[3] else unquote_to_bytes(rest)
    except (binascii.Error, ValueError):
        return None
    return BytesSource(content, "file" + (mimetypes.guess_extension(match[1] or "") or ".bin"))


def url_name(url: str) -> str:
    """Return the name of the file that a URL leads to."""
    return safe_name(unquote(urlsplit(url).path.rsplit("/", 1)[-1]))
