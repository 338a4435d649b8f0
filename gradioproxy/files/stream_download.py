"""The download of a stream of audio or video: what is asked for, what came, and when.

Gradio keeps a stream for a short time only. From 5.0 on it is a playlist of segments, which can be
read at any time, and as one file at the end; before, it is an answer without an end that can be
read once.

Rule: the whole of a stream is asked for once, whatever comes of it. Which call and which results it
belongs to is nothing that is known here.
"""

from __future__ import annotations

import contextlib
import itertools
import logging
import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urljoin

from .. import forksafe
from ..errors import FileGone, FileNotSaved, ServerError
from ..text import one_line
from ..transport.in_flight import interruptible
from .download import read_content
from .private import is_kept
from .saving import save_download

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from ..transport.http import Transport
    from ..transport.in_flight import InFlight

log = logging.getLogger("gradioproxy")

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

    def fetch(self) -> FetchedStream:
        """Bring what the server has of it to this machine; raises what `read_content` does."""
        with contextlib.closing(self._read()) as chunks:
            head = next(chunks, b"")
            kind = detect_kind(head)
            content = itertools.chain([head], chunks)
            return FetchedStream(save_download(content, self.folder, rename(self.name, kind)), kind)

    def _read(self) -> Generator[bytes]:
        if not self.is_playlist:
            yield from self._read_at(self.url)
            return
        playlist = b"".join(self._read_at(self.url)).decode("utf-8", "replace")
        if "#EXT-X-ENDLIST" in playlist.split():
            yield from self._read_at(self.url.removesuffix(_PLAYLIST) + "playlist-file")
            return
        # Not the one file: a server makes that once, and the end of the run would be missing in it.
        for segment in self._list_segments(playlist):
            yield from self._read_at(segment)

    def _read_at(self, url: str) -> Generator[bytes]:
        return read_content(self.transport, url, self.name)

    def _list_segments(self, playlist: str) -> list[str]:
        """Return the addresses of the segments that a playlist names."""
        names = [line.strip() for line in playlist.splitlines()]
        names = [name for name in names if name and not name.startswith("#")]
        for name in names:
            if not _SEGMENT.fullmatch(name):
                said = f"The playlist of {self.name!r} names {one_line(name, 60)!r}."
                raise ServerError(self.transport.hide(said))
        return [urljoin(self.url, name) for name in names]


class StreamDownload:
    """The download of a whole stream, which happens once.

    `start` is for the thread that brings streams here before a call is complete, `wait` for whoever
    uses one, `abandon` for the end of the call:

    ==========  ==============================  ==============================
    state       ``start``                       ``wait``
    ==========  ==============================  ==============================
    new         downloads                       waits for the others
    abandoned   does nothing                    downloads
    here        does nothing                    returns where
    failed      does nothing                    raises why
    ==========  ==============================  ==============================

    Args:
        stream: Where the server has it.
        is_over: Whether the server has sent it already, to whoever had the call.
    """

    def __init__(self, stream: ServedStream, *, is_over: bool = False) -> None:
        self.stream = stream
        self._fetched: FetchedStream | None = None
        self._failure: Exception | None = self._build_gone_error() if is_over else None
        self._abandoned = is_over
        self._started: InFlight | None = None
        self._fetching = forksafe.Lock()
        self._changed = forksafe.Condition()
        forksafe.register(self)

    def after_fork(self) -> None:
        """Leave what is being read to the parent; here, who uses the stream downloads it."""
        self._started = None
        self._abandoned = True

    @property
    def path(self) -> Path | None:
        """Where the whole of it is, if it is here."""
        fetched = self._fetched
        return fetched.path if fetched is not None and is_kept(fetched.path) else None

    @property
    def kind(self) -> StreamKind | None:
        """What it is, once that is known."""
        return None if self._fetched is None else self._fetched.kind

    def start(self) -> None:
        """Download it unless it was abandoned; what goes wrong is raised by `wait`."""
        with interruptible() as work:
            with self._changed:
                if self._abandoned:
                    return
                self._started = work
            given_up = FileGone("The call was given up before its stream was fetched.")
            self._fetch_once(work, given_up)
        if self._failure is not None and not self._abandoned:
            log.warning("A stream could not be fetched: %s", one_line(self._failure, 500))

    def wait(self) -> Path:
        """Return where the whole of it is, downloading it if `start` has not.

        Raises:
            FileGone, ConnectError, ConnectionLost, Timeout: It could not be fetched.
            FileNotSaved: It could not be written; the server has sent it.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._abandoned or self._is_settled)
        with interruptible() as work:
            self._fetch_once(work)
            if not self._is_settled:
                work.ensure_wanted()
        if self._failure is not None:
            raise self._failure
        path = self.path
        if path is None:
            raise self._build_gone_error()
        return path

    def abandon(self) -> None:
        """Give up what `start` is at; from now on, it is downloaded by whoever uses it."""
        with self._changed:
            self._abandoned = True
            started, self._started = self._started, None
            self._changed.notify_all()
        if started is not None:
            started.interrupt()

    def _fetch_once(self, work: InFlight, given_up: FileGone | None = None) -> None:
        """Fetch it, unless that was done or tried before: what is sent once is asked for once.

        Args:
            work: What fetches it; where that was ended before, nothing is asked for.
            given_up: What the failure is if that is ended.
        """
        with self._fetching:
            if self._is_settled or work.interrupted:
                return
            try:
                self._fetched = self.stream.fetch()
            except FileNotSaved as error:
                self._failure = self._build_lost_error(error)
            except Exception as error:  # noqa: BLE001 - the call's other results are good
                self._failure = (given_up if work.interrupted else None) or error
        with self._changed:
            self._changed.notify_all()

    @property
    def _is_settled(self) -> bool:
        return self._fetched is not None or self._failure is not None

    def _build_lost_error(self, error: FileNotSaved) -> FileNotSaved:
        if self.stream.is_playlist:
            return error
        name = self.stream.transport.hide(self.stream.name)
        return FileNotSaved(
            f"{error} The server sends {name!r} once, and that is over: call the function again.",
            path=error.path,
        )

    def _build_gone_error(self) -> FileGone:
        hide = self.stream.transport.hide
        return FileGone(
            f"The server sends {hide(self.stream.name)!r} once, and that is over. Call the "
            "function again, and keep what save() wrote.",
            url=hide(self.stream.url),
        )
