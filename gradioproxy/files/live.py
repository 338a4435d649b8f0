"""Reading a stream of audio or video while the app makes it.

Who reads along is woken by each partial result of the call, by which the app says that it has made
another part, and by the call's end; nobody asks a server in vain.

Rule: what is yielded is whole, or an error says why not. Who stops leaves nothing open: a playlist
is read piece by piece, and what is sent once is a part of its call, and ends with it.
"""

from __future__ import annotations

import contextlib
import io
from typing import TYPE_CHECKING, Any

from ..errors import ConnectionLost, GradioProxyError
from ..transport.in_flight import interruptible
from .call_end import build_fork_error

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from .spool import Spool
    from .stream_download import StreamDownload


def read_along(
    download: StreamDownload, run: Callable[[Callable[[], None]], None]
) -> Generator[bytes] | None:
    """Return an iterator over the content of a stream, from its beginning, as it comes.

    Args:
        download: The download of the stream.
        run: Runs a function on a thread that may wait for the app.

    Returns:
        The iterator; ``None`` where there is nothing to read along: the stream is here, or the call
        is over. It raises what `download.read_content` does, and what the call ended with.
    """
    if not download.is_under_way:
        return None
    if download.stream.is_playlist:
        return _follow_playlist(download)
    spool, needs_thread = download.begin_spool()
    if spool is None:
        return None
    if needs_thread:
        run(download.fetch_along)
    return _follow_spool(download, spool)


def _follow_playlist(download: StreamDownload) -> Generator[bytes]:
    has_ended = is_complete = False
    given = 0
    while not (has_ended or is_complete):
        known, is_complete = download.look()
        try:
            with download.reading():
                playlist = download.stream.read_playlist()
            for segment in playlist.segments[given:]:
                yield from _read_segment(download, segment)
        except GradioProxyError as error:
            raise download.call_error or error from None
        # One that is shorter than before makes nothing come twice.
        given, has_ended = max(given, len(playlist.segments)), playlist.has_ended
        if not (has_ended or is_complete):
            download.wait_for_news(known)
    download.ensure_whole()


def _read_segment(download: StreamDownload, url: str) -> Generator[bytes]:
    with contextlib.ExitStack() as stack:
        chunks = stack.enter_context(contextlib.closing(download.stream.read_at(url)))
        # Between the chunks the thread is the user's: the work goes on, and its context does not.
        with interruptible() as work:
            download.add_reader(work)
            stack.callback(download.remove_reader, work)
            chunk = next(chunks, None)
        while chunk is not None:
            yield chunk
            chunk = next(chunks, None)


def _follow_spool(download: StreamDownload, spool: Spool) -> Generator[bytes]:
    place = 0
    while download.wait_for_spool(spool, place):
        chunk = spool.read(place)
        place += len(chunk)
        yield chunk
    if download.is_inherited:
        raise download.call_error or build_fork_error()
    download.ensure_whole()


def read_then_fail(download: StreamDownload, chunks: Iterator[bytes]) -> Generator[bytes]:
    """Yield what there is of a stream whose call may be over, then raise what that ended with.

    Args:
        download: The download of the stream.
        chunks: The content.
    """
    yield from chunks
    if (error := download.call_error) is not None:
        raise error


class ChunkReader(io.RawIOBase):
    """An open file whose content comes in chunks.

    Args:
        chunks: The content; it is closed with the file.
    """

    # What it has until it is made: it is closed also where Ctrl-C came before that.
    _chunks: Iterator[bytes] = iter(())

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._error: BaseException | None = None
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read what is there, or the next chunk; return how many bytes that are, 0 at the end.

        Once that failed, it fails each time: an iterator that has failed says it is at its end.
        """
        if self._error is not None:
            raise self._error
        try:
            return self._read_next(buffer)
        except Exception as error:
            self._error = error
            raise
        except BaseException:  # Ctrl-C: nobody knows what of the chunk was lost
            self._error = ConnectionLost("Reading was interrupted.")
            raise

    def _read_next(self, buffer: Any) -> int:
        while not self._rest:
            chunk = next(self._chunks, None)
            if chunk is None:
                return 0
            self._rest = memoryview(chunk)
        count = min(len(buffer), len(self._rest))
        buffer[:count], self._rest = self._rest[:count], self._rest[count:]
        return count

    def close(self) -> None:
        """Let go of what the content comes from."""
        if (close := getattr(self._chunks, "close", None)) is not None:
            close()
        super().close()
