"""Audio and video that an app sends while it makes them: streams as results.

Gradio keeps a stream beside the result that names it, and for a short time only. From 5.0 on it is
a playlist of segments, which can be read at any time, and as one file at the end; before, it is an
answer without an end that can be read once. So a call that puts out streams is complete when they
are on this machine, and all its results that name one stream have it in common.
"""

from __future__ import annotations

import itertools
import logging
import re
import threading
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote, urljoin

from .. import forksafe
from ..errors import FileGone, ServerError
from ..stable_names import named_in_pickles
from ..text import one_line
from .file import File
from .source import safe_name

if TYPE_CHECKING:
    import builtins
    import os
    from collections.abc import Callable, Iterator, Mapping

    from ..transport.http import Transport
    from ..transport.response import ByteStream

log = logging.getLogger("gradioproxy")

PLAYLIST = "playlist.m3u8"
# What a playlist may name: its neighbours, as Gradio calls them. Nothing leads elsewhere.
_SEGMENT = re.compile(r"[\w-]+\.(aac|ts)(\?[^\s#]*)?")
_TS_PACKET = 188
_GIVEN_UP = "The call was given up before its stream was fetched."


class _Kind(NamedTuple):
    extension: str
    media_type: str


def _kind(head: bytes) -> _Kind | None:
    """Return what content is, by its first bytes; servers call AAC ``.mp3``, or give no name."""
    if head[:1] == b"\xff" and head[1:2] and head[1] & 0xE0 == 0xE0:  # noqa: PLR2004 - MPEG's sync
        aac = head[1] & 0x06 == 0
        return _Kind(".aac", "audio/aac") if aac else _Kind(".mp3", "audio/mpeg")
    if head[:1] == b"\x47" and head[_TS_PACKET : _TS_PACKET + 1] in {b"\x47", b""}:
        return _Kind(".ts", "video/mp2t")
    for place, magic, extension, media_type in _MAGIC:
        if head[place : place + len(magic)] == magic:
            return _Kind(extension, media_type)
    return None


_MAGIC = (
    (0, b"ID3", ".mp3", "audio/mpeg"),
    (8, b"WAVE", ".wav", "audio/wav"),
    (0, b"OggS", ".ogg", "audio/ogg"),
    (0, b"fLaC", ".flac", "audio/flac"),
    (0, b"\x1a\x45\xdf\xa3", ".webm", "video/webm"),
)


class Media:
    """Makes the files of one call, and brings its streams here before the call is complete.

    Args:
        transport: The way to the app, with the secrets of the call.
        prefix: What goes before the paths of the API.
        folder: Gives the folder for downloads; ``None`` for private ones.
        run: Runs a function on a thread that may wait for the app.
    """

    def __init__(
        self,
        transport: Transport,
        prefix: str,
        folder: Callable[[], Path] | None,
        run: Callable[[Callable[[], None]], None],
    ) -> None:
        self._transport = transport
        self._prefix = prefix
        self._folder = folder
        self._run = run
        self._lock = forksafe.Lock()
        self._streams: dict[str, tuple[Recording, StreamFile]] = {}
        self._ended = False

    def file(self, raw: Mapping[str, Any]) -> File:
        """Return the `File` for what the app sends for one."""
        if raw.get("is_stream") is not True:
            return File(raw, self._transport, self._prefix, self._folder)
        made = StreamFile(raw, self._transport, self._prefix, self._folder, Recording())
        with self._lock:
            recording, _ = self._streams.setdefault(made.url, (made.recording, made))
            if self._ended:
                recording.end()
        made.recording = recording
        return made

    @property
    def waiting(self) -> bool:
        """Whether there are streams to be fetched."""
        return bool(self._streams)

    def fetch(self, then: Callable[[], None]) -> None:
        """Fetch the streams on another thread, then call *then*, whatever came of it."""
        self._run(lambda: self._fetch(then))

    def _fetch(self, then: Callable[[], None]) -> None:
        try:
            with self._lock:
                streams = list(self._streams.values())
            for recording, file in streams:
                recording.prefetch(file)
        finally:
            then()

    def end(self) -> None:
        """Take note that the call is over; a download that goes on is given up."""
        with self._lock:
            self._ended = True
            streams = list(self._streams.values())
        for recording, _ in streams:
            recording.end()


class Recording:
    """A stream as far as it is on this machine.

    Attributes:
        path: Where the whole of it is, once it is.
        kind: What it is, once that is known.
    """

    def __init__(self) -> None:
        self.path: Path | None = None
        self.kind: _Kind | None = None
        self._failure: Exception | None = None
        self._given_up: FileGone | None = None
        self._open: ByteStream | None = None
        self._lock = forksafe.Lock()
        self._over = threading.Event()
        forksafe.register(self)

    def after_fork(self) -> None:
        """Start with a new event, whose lock nobody holds, and leave what is read to the parent."""
        self._open = None
        over, self._over = self._over.is_set(), threading.Event()
        if over:
            self._over.set()

    def prefetch(self, file: StreamFile) -> None:
        """Bring the whole stream here; `complete` raises what went wrong."""
        if self._over.is_set():
            return
        self._fetch(file, self._opened)
        if self._failure is not None and not self._over.is_set():
            log.warning("A stream could not be fetched: %s", self._failure)

    def _fetch(self, file: StreamFile, opened: Callable[[ByteStream | None], None]) -> None:
        """Fetch it, unless that was done or tried before: what is sent once is asked for once."""
        with self._lock:
            if self.path is not None or self._failure is not None:
                return
            try:
                self.path = file.download_whole(opened)
            except Exception as error:  # noqa: BLE001 - the call's other results are good
                self._failure = self._given_up or error

    def complete(self, file: StreamFile) -> Path:
        """Return where the whole stream is, once its call is over.

        Raises:
            FileGone, ConnectError, ConnectionLost, Timeout, OSError: It could not be fetched.
        """
        self._over.wait()
        self._fetch(file, lambda _: None)
        if self._failure is not None:
            raise self._failure
        if self.path is None or not self.path.exists():
            raise _gone(file)
        return self.path

    def lose(self, file: StreamFile) -> None:
        """Take note that nothing can be fetched any more."""
        self._failure = _gone(file)
        self._over.set()

    def end(self) -> None:
        """Take note that the call is over; a prefetch that goes on is given up."""
        self._over.set()
        stream = self._open
        if stream is not None:
            self._given_up = FileGone(_GIVEN_UP)
            stream.interrupt()

    def _opened(self, stream: ByteStream | None) -> None:
        """Take note of what is being read, which `end` interrupts; ``None`` is the end of it.

        Raises:
            FileGone: The call was given up.
        """
        self._open = stream
        # In this order: `end` marks the end first, and then looks for what is being read.
        if self._over.is_set():
            raise FileGone(_GIVEN_UP)


def _gone(file: StreamFile) -> FileGone:
    return FileGone(
        f"The server sends {file.name!r} once, and that is over. Call the function again, and keep "
        "what save() wrote.",
        url=file.url,
    )


class StreamFile(File):
    """A stream of audio or video.

    That of a final result is on this machine already, as a whole. That of a partial result can be
    used as well: from Gradio 5 on it has what the app has made until its first use; before Gradio 5
    using it waits for the end of the call.

    ``url`` is where the app streams it (a playlist from Gradio 5 on); ``name`` and ``mime_type``
    tell what the content is as soon as it was fetched, and what the server says before that.
    """

    def __init__(
        self,
        raw: Mapping[str, Any],
        transport: Transport,
        prefix: str,
        folder: Callable[[], Path] | None,
        recording: Recording,
    ) -> None:
        super().__init__(raw, transport, prefix, folder)
        self.recording = recording
        self._own_kind: _Kind | None = None

    def __fspath__(self) -> str:
        if not self._is_playlist:
            return str(self.recording.complete(self))
        recorded = self.recording.path
        if self._path is None and recorded is not None and recorded.exists():
            return str(recorded)
        return super().__fspath__()

    def __reduce__(self) -> tuple[Callable[..., File], tuple[Any, ...]]:
        return restore_stream, (self._raw, self._transport.address.url, self._prefix)

    @property
    def url(self) -> str:
        """Where the app streams it."""
        path = self._server_path()
        if path.startswith(("http://", "https://")):
            return path
        return self._transport.address.join(
            f"{self._prefix}/stream/{quote(path, errors='replace')}"
        )

    @property
    def name(self) -> str:
        """Its name, safe for any folder."""
        name = safe_name(str(self._raw.get("orig_name") or "stream"))
        kind = self._kind
        return name if kind is None else str(PurePosixPath(name).with_suffix(kind.extension))

    @property
    def mime_type(self) -> str:
        """Its media type."""
        return super().mime_type if self._kind is None else self._kind.media_type

    def bytes(self) -> builtins.bytes:
        """Return its content; raises what `File.bytes` does."""
        return Path(self).read_bytes()

    def save(self, to: str | os.PathLike[str]) -> Path:
        """Write it to a file; see `File.save`."""
        self.__fspath__()  # only then it has its name
        return super().save(to)

    def chunks(self) -> Iterator[builtins.bytes]:
        """Yield its content; raises what `bytes` does."""
        with Path(self).open("rb") as handle:
            while chunk := handle.read(1 << 16):
                yield chunk

    def is_kept_by(self, transport: Transport) -> bool:
        """Tell that no app has it, to be named when it is passed."""
        del transport
        return False

    def download_whole(self, opened: Callable[[ByteStream | None], None]) -> Path:
        """Fetch it and return where it is; raises as `bytes` does.

        Args:
            opened: Called with each answer as it begins, and with ``None`` behind the last one.
        """
        path = self._keep(self._read(opened))
        self.recording.kind = self._own_kind
        return path

    @property
    def _kind(self) -> _Kind | None:
        return self._own_kind or self.recording.kind

    @property
    def _is_playlist(self) -> bool:
        return self.url.endswith(f"/{PLAYLIST}")

    def _download(self) -> Path:
        return self._keep(self._read(lambda _: None))

    def _read(self, opened: Callable[[ByteStream | None], None]) -> Iterator[builtins.bytes]:
        """Yield what the server has of it."""
        if not self._is_playlist:
            yield from self._fetched(self.url, opened)
        else:
            playlist = b"".join(self._fetched(self.url, opened)).decode("utf-8", "replace")
            if "#EXT-X-ENDLIST" in playlist.split():
                whole = self.url.removesuffix(PLAYLIST) + "playlist-file"
                yield from self._fetched(whole, opened)
            else:
                for segment in self._segments(playlist):
                    yield from self._fetched(segment, opened)
        opened(None)

    def _segments(self, playlist: str) -> list[str]:
        """Return the addresses of the segments that a playlist names."""
        names = [line.strip() for line in playlist.splitlines()]
        names = [name for name in names if name and not name.startswith("#")]
        for name in names:
            if not _SEGMENT.fullmatch(name):
                raise ServerError(f"The playlist of {self.name!r} names {one_line(name, 60)!r}.")
        return [urljoin(self.url, name) for name in names]

    def _keep(self, chunks: Iterator[builtins.bytes]) -> Path:
        head = next(chunks, b"")
        self._own_kind = _kind(head)
        return super()._keep(itertools.chain([head], chunks))


@named_in_pickles
def restore_stream(raw: dict[str, Any], url: str, prefix: str) -> StreamFile:
    """Make a pickled file again, without the secrets that it was first fetched with."""
    from ..transport.credentials import Access
    from ..transport.http import Transport
    from ..transport.url import Address

    recording = Recording()
    file = StreamFile(raw, Transport(Address(url), Access()), prefix, None, recording)
    recording.lose(file)
    return file
