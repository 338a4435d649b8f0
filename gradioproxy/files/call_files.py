"""The files among the results of one call: they are made here, and its streams are brought here.

Gradio keeps a stream beside the result that names it, and for a short time only. So a call that has
streams among its results is complete when they are on this machine, and all its results that name
one stream have its download in common.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from .. import forksafe
from ..errors import ConnectionLost, NotGradio
from .call_end import CallEnd, build_fork_error
from .file import File

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from ..transport.http import Transport
    from .stream_download import StreamDownload


class CallFiles:
    """Makes the files of one call, and brings its streams here before the call is complete.

    Args:
        transport: The way to the app, with the secrets of the call.
        prefix: What goes before the paths of the API.
        folder: Where downloads go; ``None`` for private folders.
        run: Runs a function on a thread that may wait for the app.
        run_along: The same, on threads of those that bring a stream here while the app makes it:
            they hold up no call that is complete. By default, *run*.
    """

    def __init__(
        self,
        transport: Transport,
        prefix: str,
        folder: Path | None,
        run: Callable[[Callable[[], None]], None],
        run_along: Callable[[Callable[[], None]], None] | None = None,
    ) -> None:
        self._transport = transport
        self._prefix = prefix
        self._folder = folder
        self._run, self._run_along = run, run_along or run
        # Reentrant, because a collected stream cancels its job from wherever the collector runs.
        self._lock = forksafe.RLock()
        self._downloads: dict[str, StreamDownload] = {}
        # What came of them where another process downloaded them, by their addresses.
        self._brought: Mapping[str, bytes] = {}
        # How the call ended, for the streams of results that are decoded later.
        self._end: CallEnd | None = None
        forksafe.register(self)

    def after_fork(self) -> None:
        """Leave the call to the parent: of what is decoded here, nobody downloads the streams."""
        if self._end is None:
            self._end = CallEnd(build_fork_error)

    def make_file(self, raw: Mapping[str, Any]) -> File:
        """Return the `File` for what the app sends for one."""
        if raw.get("is_stream") is not True:
            return File(raw, self._transport, self._prefix, self._folder)
        from .stream import StreamFile, find_stream  # late: few apps stream what they make
        from .stream_download import StreamDownload

        stream = find_stream(raw, self._transport, self._prefix, self._folder)
        # Looked for first: each partial result of a call may name the same one.
        download = self._downloads.get(stream.url)
        if download is None:
            new = StreamDownload(stream)
            with self._lock:
                download = self._downloads.setdefault(stream.url, new)
        brought = self._brought.get(stream.url)
        if brought is not None and download.path is None:
            download.take(brought)
        elif self._end is not None:
            download.abandon(self._end)
        # What is elsewhere is asked for by whoever uses it, and not by a mere result.
        elif not self.is_own(stream.url):
            download.abandon()
        return StreamFile(raw, self._prefix, download, self._run_along)

    def is_own(self, url: str) -> bool:
        """Tell whether the app itself has what is at an address."""
        try:
            return self._transport.is_own(url)
        except NotGradio:  # it is no address at all, which whoever uses it learns
            return False

    def take(self, streams: Mapping[str, bytes]) -> None:
        """Take the streams of a call that was made elsewhere, where they were downloaded.

        Args:
            streams: Their content, by their addresses; of others, who uses one downloads it.
        """
        self._brought = streams
        self._end = CallEnd()

    def find_fetched(self) -> dict[str, Path]:
        """Return where the streams are that were brought here, by their addresses."""
        downloads = {download.stream.url: download.path for download in self._list_downloads()}
        return {url: path for url, path in downloads.items() if path is not None}

    def run(self, task: Callable[[], None]) -> None:
        """Run what may wait for the app on another thread."""
        self._run(task)

    @property
    def has_streams(self) -> bool:
        """Whether any of the files is a stream, so that there is something to download."""
        return bool(self._downloads)

    def download_all(self, then: Callable[[], None]) -> None:
        """Download the streams on another thread, then call *then*, whatever came of it."""
        # At once: that thread may wait for others, and who reads along for the end.
        for download in self._list_downloads():
            download.note_completion()
        self._run(functools.partial(self._download_all, then))

    def _download_all(self, then: Callable[[], None]) -> None:
        try:
            for download in self._list_downloads():
                download.start()
        finally:
            then()

    def note_news(self) -> None:
        """Take notice of another partial result: there may be more of each stream."""
        if self._downloads:
            for download in self._list_downloads():
                download.note_news()

    def end_call(
        self, build_error: Callable[[], BaseException] | None = None, *, is_cut: bool = True
    ) -> None:
        """Give up what is still being downloaded, as the call is over: who uses it fetches it.

        Args:
            build_error: Returns what the call ended with, if it did not end well.
            is_cut: Whether who reads a stream along is to end at once, and not with the stream.
        """
        self._end = end = CallEnd(build_error, is_cut)
        for download in self._list_downloads():
            download.abandon(end)

    def drop(self) -> None:
        """Give up what is still being read, as the process is about to end."""
        self.end_call(_build_leaving_error)

    def _list_downloads(self) -> list[StreamDownload]:
        with self._lock:
            return list(self._downloads.values())


def _build_leaving_error() -> ConnectionLost:
    return ConnectionLost("The program ended before the call did.")
