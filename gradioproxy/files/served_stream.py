"""A stream of audio or video where the server has it, and what its content is.

Gradio keeps a stream for a short time only. From 5.0 on it is a playlist of segments, which can be
read at any time, and as one file at the end; before, it is an answer without an end that can be
read once.

Rule: it is never changed. When it is asked for is the business of `stream_download`.
"""

from __future__ import annotations

import contextlib
import itertools
import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urljoin

from ..errors import ServerError, TooLarge
from ..text import one_line
from .download import read_content
from .saving import save_download

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from ..transport.http import Transport

_PLAYLIST = "playlist.m3u8"
# What a playlist may name: its neighbours, as Gradio calls them. Nothing leads elsewhere.
_SEGMENT = re.compile(r"[\w-]+\.(aac|ts)(\?[^\s#]*)?")
_TS_PACKET = 188


class StreamKind(NamedTuple):
    """What a stream is, by its content."""

    extension: str
    media_type: str


def detect_kind(head: bytes) -> StreamKind | None:
    """Return what content is, by its first bytes; servers call AAC ``.mp3``, or give no name."""
    if head[:1] == b"\xff" and head[1:2] and head[1] & 0xE0 == 0xE0:  # noqa: PLR2004 - MPEG's sync
        aac = head[1] & 0x06 == 0
        return StreamKind(".aac", "audio/aac") if aac else StreamKind(".mp3", "audio/mpeg")
    if head[:1] == b"\x47" and head[_TS_PACKET : _TS_PACKET + 1] in {b"\x47", b""}:
        return StreamKind(".ts", "video/mp2t")
    for place, magic, extension, media_type in _MAGIC:
        if head[place : place + len(magic)] == magic:
            return StreamKind(extension, media_type)
    return None


def rename(name: str, kind: StreamKind | None) -> str:
    """Return the name of a stream with the extension of what it is, as far as that is known."""
    return name if kind is None else str(PurePosixPath(name).with_suffix(kind.extension))


_MAGIC = (
    (0, b"ID3", ".mp3", "audio/mpeg"),
    (8, b"WAVE", ".wav", "audio/wav"),
    (0, b"OggS", ".ogg", "audio/ogg"),
    (0, b"fLaC", ".flac", "audio/flac"),
    (0, b"\x1a\x45\xdf\xa3", ".webm", "video/webm"),
)


class FetchedStream(NamedTuple):
    """A stream on this machine: where, and what it is as far as that can be told."""

    path: Path
    kind: StreamKind | None


class Playlist(NamedTuple):
    """What there is of a stream: the addresses of its segments, and whether these are all."""

    segments: list[str]
    has_ended: bool


@dataclass(frozen=True)
class ServedStream:
    """A stream where the server has it.

    Attributes:
        transport: The way there.
        url: Its address.
        name: What the server calls it, safe for any folder.
        folder: Where its downloads go; ``None`` for private folders.
    """

    transport: Transport
    url: str
    name: str
    folder: Path | None

    @property
    def is_playlist(self) -> bool:
        """Whether it can be read at any time, as far as the app has made it."""
        return self.url.endswith(f"/{_PLAYLIST}")

    def fetch(self, content: Generator[bytes] | None = None) -> FetchedStream:
        """Bring what the server has of it to this machine; raises what `read_content` does.

        Args:
            content: What reads it; by default it is read as the server has it now.
        """
        with contextlib.closing(self._read() if content is None else content) as chunks:
            head = next(chunks, b"")
            kind = detect_kind(head)
            whole = itertools.chain([head], chunks)
            return FetchedStream(save_download(whole, self.folder, rename(self.name, kind)), kind)

    def read_playlist(self) -> Playlist:
        """Return what the server has made of it so far.

        Raises:
            GradioProxyError: As `read_content` does.
            TooLarge: It is over the limit for answers.
        """
        maximum, content = self.transport.access.limits.answer, bytearray()
        with contextlib.closing(self.read_at(self.url)) as chunks:
            for chunk in chunks:
                content += chunk
                if len(content) > maximum:
                    raise TooLarge.of_bytes("a playlist", "answer", maximum)
        text = content.decode("utf-8", "replace")
        return Playlist(self._list_segments(text), "#EXT-X-ENDLIST" in text.split())

    def read_at(self, url: str, silence: float | None = None) -> Generator[bytes]:
        """Yield what is at an address of it; see `read_content`."""
        return read_content(self.transport, url, self.name, silence=silence)

    def _read(self) -> Generator[bytes]:
        if not self.is_playlist:
            yield from self.read_at(self.url)
            return
        playlist = self.read_playlist()
        if playlist.has_ended:
            yield from self.read_at(self.url.removesuffix(_PLAYLIST) + "playlist-file")
            return
        # Not the one file: a server makes that once, and the end of the run would be missing in it.
        for segment in playlist.segments:
            yield from self.read_at(segment)

    def _list_segments(self, playlist: str) -> list[str]:
        """Return the addresses of the segments that a playlist names."""
        names = [line.strip() for line in playlist.splitlines()]
        names = [name for name in names if name and not name.startswith("#")]
        for name in names:
            if not _SEGMENT.fullmatch(name):
                said = f"The playlist of {self.name!r} names {one_line(name, 60)!r}."
                raise ServerError(self.transport.hide(said))
        return [urljoin(self.url, name) for name in names]
