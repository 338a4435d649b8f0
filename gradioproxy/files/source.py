"""What can go up as a file: paths, bytes, open files, URLs, files of other apps.

A source is made in the caller's thread, where only its existence and size are asked for, and read
by another, possibly after the caller has closed or changed what it was made of.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import io
import mimetypes
import os
import re
import stat
import tempfile
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING, Any, NamedTuple, Protocol
from urllib.parse import unquote, unquote_to_bytes, urlsplit

from ..text import clean
from .private import find_temporary_folder
from .reading import call_naming, open_to_read
from .saving import NamedPath, write_chunks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

# What is read at once.
BLOCK = 1 << 18
# File systems take 255 bytes for a name, and something may come behind it.
_LONGEST = 200
# Programs go by the extension; what is longer is none.
_EXTENSION = 20
# Names of devices on Windows, whatever comes behind the first dot.
_DEVICE = re.compile(
    r"^(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9\xb9\xb2\xb3]) *(?=\.|$)", re.IGNORECASE
)
# Quotes and line ends have a meaning in the head of a form's part; half of a pair of surrogates is
# what Python makes of a byte that is no text.
_BREAKING = re.compile(r'["/\\\0\r\n\ud800-\udfff]')
# Servers leave out what else there could be, and some fail where nothing is left.
_NAMELESS = re.compile(r"[^\w-]*")
_DEFAULT = "file"

_DATA_URL = re.compile(
    r"data:([\w.+-]+/[\w.+-]+)?((?:;[\w.+-]+=[^;,]*)*)(;base64)?,", re.IGNORECASE
)

# How files begin, and what a file that begins like this is called if it has no name.
_BEGINNINGS = (
    (rb"\x89PNG\r\n\x1a\n", "image.png"),
    (rb"\xff\xd8\xff", "image.jpg"),
    (rb"GIF8[79]a", "image.gif"),
    (rb"RIFF....WEBP", "image.webp"),
    (rb"BM....\0\0\0\0", "image.bmp"),
    (rb"II\*\0|MM\0\*", "image.tiff"),
    (rb"....ftypavi[fs]", "image.avif"),
    (rb"....ftyp(?:hei[cx]|mif1)", "image.heic"),
    (rb"\s*(?:<\?xml[^>]*>\s*)?<svg\s", "image.svg"),
    (rb"RIFF....WAVE", "audio.wav"),
    (rb"ID3|\xff[\xf2\xf3\xfa\xfb]", "audio.mp3"),
    (rb"OggS", "audio.ogg"),
    (rb"fLaC", "audio.flac"),
    (rb"....ftypM4A", "audio.m4a"),
    (rb"....ftypqt", "video.mov"),
    (rb"....ftyp", "video.mp4"),
    (rb"\x1a\x45\xdf\xa3", "video.webm"),
    (rb"RIFF....AVI ", "video.avi"),
    (rb"glTF", "model.glb"),
    (rb"%PDF-", "file.pdf"),
    (rb"PK\x03\x04", "file.zip"),
    (rb"\x1f\x8b", "file.gz"),
)
# As much as any of these needs.
_BEGINNING = 256


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


def name_for(content: bytes) -> str:
    """Return a name for a file that has none, by how its content begins."""
    beginning = content[:_BEGINNING]
    fitting = (name for known, name in _BEGINNINGS if re.match(known, beginning, re.DOTALL))
    return next(fitting, "file.bin")


def safe_name(name: str) -> str:
    """Return a file's name as one that is safe in any folder: no path, no control characters."""
    last = re.split(r"[/\\]", clean(name, 4096).replace("\n", " "))[-1]
    kept = re.sub(r'[<>:"|?*\t]', "_", last).strip(" .")
    return _shorten(_DEVICE.sub(r"\g<0>_", kept, count=1)) or _DEFAULT


def sent_name(name: str) -> str:
    """Return a file's name as it goes up: as the caller's disk has it, for the app to see.

    Only what would break the form, or could be taken for a path, is replaced; for what else servers
    don't take in a name they have rules of their own.
    """
    kept = _BREAKING.sub("_", name)
    return _DEFAULT if _NAMELESS.fullmatch(kept) else _shorten(kept)


def _shorten(name: str) -> str:
    """Return a name that is not too long, without letters from the middle if it was."""
    extension = PurePosixPath(name).suffix
    if len(extension) > _EXTENSION:
        extension = ""
    stem = name.removesuffix(extension)
    while len((stem + extension).encode()) > _LONGEST:
        stem = stem[:-1].rstrip(" .")
    return stem + extension


class PathSource(NamedTuple):
    """A file on disk."""

    path: str
    name: str
    size: int | None

    def open(self) -> IO[bytes]:
        """Open it."""
        return open_to_read(self.path)


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
    """Reads the file of a source, which it keeps open, from a position of its own."""

    def __init__(self, source: HandleSource) -> None:
        self._source = source
        self._position = source.position

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        source = self._source
        content = call_naming(
            source.shown, _read_at, source.descriptor, len(buffer), self._position
        )
        buffer[: len(content)] = content
        self._position += len(content)
        return len(content)


def _read_at(descriptor: int, size: int, position: int) -> bytes:
    if hasattr(os, "pread"):
        return os.pread(descriptor, size, position)
    # On Windows: `from_handle` gives us no file there whose position matters to others.
    os.lseek(descriptor, position, os.SEEK_SET)
    return os.read(descriptor, size)


class HandleSource:
    """The rest of an open file, from a position on; it may be closed and moved meanwhile.

    Args:
        handle: The file.
        position: The position.
        name: What it is called; without a name it gets one that its content suggests.
        path: Where it is, as far as that is known, for errors.
    """

    def __init__(self, handle: IO[bytes], position: int, name: str, path: str = "") -> None:
        self.shown = path or name or "an open file"
        self.descriptor = call_naming(self.shown, os.dup, handle.fileno())
        self.position = position
        self.name = name or name_for(
            call_naming(self.shown, _read_at, self.descriptor, _BEGINNING, position)
        )
        self.size: int | None = max(0, os.fstat(self.descriptor).st_size - position)

    def open(self) -> IO[bytes]:
        """Return a reader."""
        return io.BufferedReader(_Positioned(self), BLOCK)

    def __del__(self) -> None:
        descriptor = getattr(self, "descriptor", None)
        if descriptor is not None:
            os.close(descriptor)


def spool_to_disk(chunks: Iterable[bytes], name: str) -> HandleSource:
    """Return the source for what comes in pieces, kept in a temporary file without a name.

    Raises:
        FileNotSaved: It can't be kept.
    """
    folder = find_temporary_folder()
    with NamedPath(folder, own=True):
        file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - closed by who writes or below
    write_chunks(chunks, file, folder)
    with file, NamedPath(folder, own=True):
        return HandleSource(file, 0, name, str(folder))


class RemoteSource:
    """Something on the web, or a file of another app: fetched to a temporary file when read.

    Args:
        fetch: Gives its content.
        name: What it is called.
        shown: What it is called for people.
        public_url: Where it can be had without any secret, if anywhere.
        app_path: Of a file that the app has at another of its addresses, where it has it.

    Attributes:
        failed: Whether it could not be fetched.
    """

    def __init__(
        self,
        fetch: Callable[[], Iterable[bytes]],
        name: str,
        shown: str,
        public_url: str | None = None,
        app_path: str | None = None,
    ) -> None:
        self._fetch = fetch
        self._fetched: HandleSource | None = None
        self.failed = False
        self.name = name
        self.shown = shown
        self.public_url = public_url
        self.app_path = app_path

    @property
    def size(self) -> int | None:
        """Its size in bytes, once it was fetched."""
        return None if self._fetched is None else self._fetched.size

    def open(self) -> IO[bytes]:
        """Fetch it, the first time, and return a reader."""
        if self._fetched is None:
            self.failed = True  # unless it comes to an end
            self._fetched = spool_to_disk(self._fetch(), self.name)
            self.failed = False
        return self._fetched.open()


_ON_DISK = (io.BufferedReader, io.BufferedRandom, io.FileIO)


def from_handle(handle: Any) -> Source:
    """Return the source for an open file or another object with ``read``.

    What can be asked for its position keeps it, so that a handle can be passed again.

    Raises:
        TypeError: It was opened as text, or is a device that never ends.
        OSError, ValueError: It can't be read.
        FileNotSaved: It has to be kept until it goes up, and can't be.
    """
    # What `tempfile` and web frameworks wrap around a file.
    inner = getattr(handle, "file", None)
    handle = inner if isinstance(inner, (*_ON_DISK, io.TextIOBase)) else handle
    if isinstance(handle, io.TextIOBase):
        raise TypeError("a file opened as text; open it with 'rb'")
    given = getattr(handle, "name", None)
    path = os.fsdecode(given) if isinstance(given, str | bytes) else ""
    name = sent_name(Path(path).name) if path else ""
    position = handle.tell() if _is_seekable(handle) else None
    if isinstance(handle, io.BytesIO):
        content = handle.getvalue()[position:]
        return BytesSource(content, name or name_for(content))
    if isinstance(handle, _ON_DISK) and position is not None:
        if not stat.S_ISREG(os.fstat(handle.fileno()).st_mode):
            raise TypeError("a device, which has no end")
        if handle.writable():
            call_naming(path, handle.flush)
        if hasattr(os, "pread"):
            return HandleSource(handle, position, name, path)
    try:
        return spool_to_disk(_read_blocks(handle, path or name), name)
    finally:
        if position is not None:
            handle.seek(position)


def _is_seekable(handle: Any) -> bool:
    with contextlib.suppress(AttributeError):
        return bool(handle.seekable())
    return False


def _read_blocks(handle: Any, path: str) -> Iterator[bytes]:
    while block := call_naming(path, handle.read, BLOCK):
        if not isinstance(block, bytes | bytearray | memoryview):
            raise TypeError("a file whose read() gives no bytes; open it with 'rb'")
        yield bytes(block)


def from_data_url(text: str) -> Source | None:
    """Return the source for a ``data:`` URL, or ``None`` if it is none."""
    match = _DATA_URL.match(text)
    if match is None:
        return None
    content = unquote_to_bytes(text[match.end() :])
    try:
        if match[3]:
            # Otherwise what is no base64 would be left out, and another content be the file.
            content = base64.b64decode(b"".join(content.split()), validate=True)
    except (binascii.Error, ValueError):
        return None
    extension = mimetypes.guess_extension(match[1] or "")
    return BytesSource(content, f"file{extension}" if extension else name_for(content))


def url_name(url: str) -> str:
    """Return the name of the file that a URL leads to.

    Raises:
        ValueError: It is no URL.
    """
    return sent_name(re.split(r"[/\\]", unquote(urlsplit(url).path))[-1])
