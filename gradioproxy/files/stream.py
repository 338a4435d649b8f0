"""A stream of audio or video that an app sends while it makes it, as its caller has it.

Rule: the whole of a stream is the business of its `StreamDownload`, which all results that name the
stream have in common; what a partial result has of it before is a snapshot of that result alone.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import quote

from ..stable_names import named_in_pickles
from ..transport.credentials import Access
from ..transport.http import Transport
from ..transport.url import Address
from .file import File, server_path
from .reading import read_file
from .served_stream import ServedStream, rename
from .source import safe_name
from .stream_download import StreamDownload

if TYPE_CHECKING:
    import builtins
    import os
    from collections.abc import Callable, Iterator, Mapping

    from .preview import Room
    from .served_stream import StreamKind


class StreamFile(File):
    """A stream of audio or video.

    That of a final result is on this machine already, as a whole. That of a partial result can be
    used as well: from Gradio 5 on it has what the app has made until its first use; before Gradio 5
    using it waits for the end of the call. Iterating over it, and reading what `open` returns,
    waits for no end: that gives the stream from its beginning, each part as soon as there is one.

    ``url`` is where the app streams it (a playlist from Gradio 5 on); ``name`` and ``mime_type``
    tell what the content is as soon as it was fetched, and what the server says before that.
    """

    def __init__(
        self,
        raw: Mapping[str, Any],
        prefix: str,
        download: StreamDownload,
        run: Callable[[Callable[[], None]], None] | None = None,
    ) -> None:
        self._download = download
        self._run = run
        self._stream = download.stream
        self._snapshot_kind: StreamKind | None = None
        super().__init__(raw, self._stream.transport, prefix, self._stream.folder)

    def __fspath__(self) -> str:
        if not self._stream.is_playlist:
            return str(self._download.wait())
        whole = self._download.path
        if self._path is None and whole is not None:
            return str(whole)
        return super().__fspath__()

    def __reduce__(self) -> tuple[Callable[..., File], tuple[Any, ...]]:
        return restore_stream, (self._raw, self._transport.address.url, self._prefix)

    @property
    def url(self) -> str:
        """Where the app streams it."""
        return self._stream.url

    @property
    def name(self) -> str:
        """Its name, safe for any folder."""
        return rename(name_stream(self._raw), self._kind)

    @property
    def mime_type(self) -> str:
        """Its media type."""
        return super().mime_type if self._kind is None else self._kind.media_type

    def bytes(self) -> builtins.bytes:
        """Return its content; raises what `File.bytes` does."""
        return b"".join(self.chunks())

    def save(self, to: str | os.PathLike[str]) -> Path:
        """Write it to a file; see `File.save`."""
        self.__fspath__()  # only then it has its name
        return super().save(to)

    def chunks(self) -> Iterator[builtins.bytes]:
        """Yield what `bytes` returns; what is still to come is for who iterates over it."""
        yield from read_file(Path(self))

    def __iter__(self) -> Iterator[builtins.bytes]:
        """Yield the stream as the app makes it; raises what `bytes` does, and the call's error."""
        # Late: few scripts read a stream that is being made.
        from .live import read_along, read_then_fail

        along = None if self._run is None else read_along(self._download, self._run)
        return read_then_fail(self._download, self.chunks()) if along is None else along

    @property
    def public_url(self) -> None:
        """Nowhere: what its address has is a playlist, or is sent once."""

    def belongs_to(self, transport: Transport) -> bool:
        """Tell that no app has it, to be named when it is passed."""
        del transport
        return False

    def _find_content(self) -> Path | None:
        """Return where the snapshot or the whole is on this machine, if either is."""
        return super()._find_content() or self._download.path

    def _fetch_head(self, limit: int, room: Room) -> NoReturn:  # noqa: ARG002 - as a `File` has it
        """Fetch nothing: who only looks waits for no end of a call, nor takes what is sent once.

        Raises:
            NotShownError: Always.
        """
        from .preview import NotShownError  # late: few scripts look

        raise NotShownError("it was not fetched; its save() writes it to a file")

    @property
    def _kind(self) -> StreamKind | None:
        return self._snapshot_kind or self._download.kind

    def _fetch(self) -> Path:
        """Take a snapshot of a playlist; return its path."""
        path, self._snapshot_kind = self._stream.fetch()
        return path


def find_stream(
    raw: Mapping[str, Any], transport: Transport, prefix: str, folder: Path | None
) -> ServedStream:
    """Return where the server has the stream that it speaks of; see `File` for the arguments."""
    url = server_path(raw)
    if not url.startswith(("http://", "https://")):
        url = transport.address.join(f"{prefix}/stream/{quote(url, errors='replace')}")
    return ServedStream(transport, url, name_stream(raw), folder)


def name_stream(raw: Mapping[str, Any]) -> str:
    """Return what the server calls a stream, safe for any folder."""
    return safe_name(str(raw.get("orig_name") or "stream"))


@named_in_pickles
def restore_stream(raw: dict[str, Any], url: str, prefix: str) -> StreamFile:
    """Make a pickled file again, without the secrets that it was first fetched with."""
    stream = find_stream(raw, Transport(Address(url), Access()), prefix, None)
    return StreamFile(raw, prefix, StreamDownload(stream, is_over=True))
