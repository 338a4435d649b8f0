"""The download of a stream of audio or video: what was asked for, what came, and when.

Rule: the whole of a stream is asked for once, whatever comes of it. Which call and which results it
belongs to is nothing that is known here.
"""

from __future__ import annotations

import contextlib
import logging
import time
from typing import TYPE_CHECKING

from .. import forksafe
from ..errors import FileGone, FileNotSaved
from ..text import one_line
from ..transport.in_flight import interruptible
from .call_end import CallEnd, build_fork_error
from .private import is_kept

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from pathlib import Path

    from ..transport.in_flight import InFlight
    from .served_stream import FetchedStream, ServedStream, StreamKind
    from .spool import Spool

log = logging.getLogger("gradioproxy")

# Before Gradio 5 a server ends an answer, as if it were whole, when the app has yielded nothing for
# 120 seconds, by a clock of its own; the rest is there when it is asked again.
SILENCE_SECONDS, PATIENCE_SECONDS = 100.0, 240.0


class StreamDownload:
    """The download of a whole stream, which happens once.

    `start` is for the thread that brings streams here before a call is complete, `wait` for whoever
    uses one, `abandon` for the end of the call, and `begin_spool` for who reads along what is sent
    once, which then is downloaded by `fetch_along`, on another thread:

    =============  ======================  ========================  =============================
    state          ``start``               ``wait``                  ``begin_spool``
    =============  ======================  ========================  =============================
    new            downloads               waits for the others      gives one that is to be filled
    complete       downloads               waits for the others      comes too late
    fetched along  waits for its end       waits for the others      gives the one that there is
    abandoned      does nothing            downloads                 comes too late
    here           does nothing            returns where             comes too late
    failed         does nothing            raises why                comes too late
    =============  ======================  ========================  =============================

    It is complete when the app has made all of it, as `note_completion` says. Who reads a playlist
    along asks for its segments himself, and is told of each part by `note_news`; see `live`.

    Args:
        stream: Where the server has it.
        is_over: Whether the server has sent it already, to whoever had the call.

    Attributes:
        spool: What has come of a stream that is sent once, while somebody reads along; whoever does
            holds it for himself, as it is let go of here when no more of it comes.
        is_inherited: Whether the parent of this process goes on with it, and this one does not.
    """

    def __init__(self, stream: ServedStream, *, is_over: bool = False) -> None:
        self.stream = stream
        self.spool: Spool | None = None
        self._fetched: FetchedStream | None = None
        self._failure: Exception | None = self._build_gone_error() if is_over else None
        self._abandoned = is_over
        self._started: InFlight | None = None
        self._readers: list[InFlight] = []
        self._news, self._news_at = 0, time.monotonic()
        self._is_complete, self._is_cut = is_over, False
        self._is_filling = self.is_inherited = False
        self._build_call_error: Callable[[], BaseException] | None = None
        self._fetching = forksafe.Lock()
        self._changed = forksafe.Condition()
        forksafe.register(self)

    def after_fork(self) -> None:
        """Leave what is being read to the parent; here, who uses the stream downloads it."""
        is_whole = self._is_settled or (self._is_complete and self.stream.is_playlist)
        if not is_whole and self._build_call_error is None:
            self._build_call_error = build_fork_error
        self._started, self._readers, self.spool = None, [], None
        self._abandoned = self._is_complete = self.is_inherited = True

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
                self._started, self._is_complete = work, True
                self._changed.notify_all()
            self._fetch_once(work, self._build_given_up_error())
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

    def abandon(self, end: CallEnd | None = None) -> None:
        """Give up what `start` is at; from now on, it is downloaded by whoever uses it.

        Args:
            end: How the call ended, if it is over.
        """
        build_error, is_cut = end or CallEnd()
        with self._changed:
            self._abandoned = self._is_complete = True
            self._build_call_error, self._is_cut = build_error, is_cut
            started = [self._started, *(self._readers if is_cut else [])]
            self._started = None
            if is_cut:
                self.spool = None
            self._changed.notify_all()
        for work in started:
            if work is not None:
                work.interrupt()

    def take(self, content: bytes) -> None:
        """Take the whole of it from who has downloaded it elsewhere.

        Raises:
            FileNotSaved: It can't be written.
        """
        fetched = self.stream.fetch(part for part in (content,))
        with self._changed:
            self._fetched = fetched
            self._abandoned = self._is_complete = True
            self._changed.notify_all()

    # For who reads along.

    @property
    def is_under_way(self) -> bool:
        """Whether the app may still be making it, so that there is something to read along."""
        if self.stream.is_playlist or self.spool is not None:
            return not (self._abandoned or self._is_settled)
        return not (self._is_complete or self._is_settled)

    @property
    def call_error(self) -> BaseException | None:
        """What the call ended with, if it did not end well."""
        build = self._build_call_error
        return None if build is None else build()

    def ensure_whole(self) -> None:
        """Wait until it is known how the call ends, which a server says after the stream's end.

        Raises:
            GradioProxyError: What was read along is not the whole: the call did not end well, or
                what is sent once did not come.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._is_complete or self._own_failure is not None)
        error = self.call_error or self._own_failure
        if error is not None:
            raise error

    @property
    def _own_failure(self) -> Exception | None:
        """Why what is sent once did not come; who reads a playlist reads it himself."""
        return None if self.stream.is_playlist else self._failure

    def note_news(self) -> None:
        """Take notice that the app has made another part of it."""
        with self._changed:
            self._news, self._news_at = self._news + 1, time.monotonic()
            self._changed.notify_all()

    def note_completion(self) -> None:
        """Take notice that the app has made all of it."""
        with self._changed:
            self._is_complete = True
            self._changed.notify_all()

    def look(self) -> tuple[int, bool]:
        """Return how many parts there were, and whether the app makes no more of them."""
        with self._changed:
            return self._news, self._is_complete

    def wait_for_news(self, known: int) -> bool:
        """Wait for a part beyond those that are known; tell whether there is one."""
        with self._changed:
            self._changed.wait_for(lambda: self._news != known or self._is_complete)
            return self._news != known

    def wait_for_spool(self, spool: Spool, size: int) -> bool:
        """Wait until more than *size* bytes have come over a spool; tell whether any will."""
        with self._changed:
            self._changed.wait_for(
                lambda: self.is_inherited or spool.size > size or self._is_settled or self._is_cut
            )
            return spool.size > size and not self.is_inherited

    def begin_spool(self) -> tuple[Spool | None, bool]:
        """Return what it comes over, ``None`` if that is too late; and whether nobody fills it."""
        from .spool import Spool  # late: few scripts read along

        with self._changed:
            if self.spool is None and self.is_under_way:
                self.spool = Spool()
            return self.spool, not self._is_filling

    def fetch_along(self) -> None:
        """Download a stream that is sent once, as it comes; on a thread that may wait."""
        with self._changed:
            # Only here it is said that a thread is at it: Ctrl-C can come between asking for one
            # and being given it.
            if self._is_filling:
                return
            self._is_filling = True
        with self.reading() as work:
            self._fetch_once(work, self._build_given_up_error())

    @contextlib.contextmanager
    def reading(self) -> Generator[InFlight]:
        """Let the end of the call end what is waited for in this context."""
        with interruptible() as work:
            self.add_reader(work)
            try:
                yield work
            finally:
                self.remove_reader(work)

    def add_reader(self, work: InFlight) -> None:
        """Let the end of the call end a piece of work."""
        with self._changed:
            self._readers.append(work)
            is_cut = self._is_cut
        if is_cut:
            work.interrupt()

    def remove_reader(self, work: InFlight) -> None:
        """Take notice that it is done."""
        with self._changed, contextlib.suppress(ValueError):  # in a forked child it is not there
            self._readers.remove(work)

    # How it is fetched.

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
                once = None if self.stream.is_playlist else self._read_once()
                self._fetched = self.stream.fetch(once)
            except FileNotSaved as error:
                self._failure = self._build_lost_error(error)
            except Exception as error:  # noqa: BLE001 - the call's other results are good
                self._failure = (given_up if work.interrupted else None) or error
        with self._changed:
            self.spool = None
            self._changed.notify_all()

    def _read_once(self) -> Generator[bytes]:
        """Yield what is sent once; while the app makes it, for as long as it makes it."""
        while True:
            is_complete = self.look()[1]
            last = time.monotonic()
            silence = None if is_complete else PATIENCE_SECONDS
            for chunk in self.stream.read_at(self.stream.url, silence):
                last = time.monotonic()
                self._pass_on(chunk)
                yield chunk
            # A server ends the answer, too, when the app has given it nothing for so long.
            is_end = is_complete or time.monotonic() - last < SILENCE_SECONDS
            if is_end or not self._wait_for_more(last):
                return

    def _wait_for_more(self, last: float) -> bool:
        """Wait for news of what did not come any more, or completion; tell whether there are any.

        Args:
            last: When the last part came. What the app said soon after is news of that part.
        """
        soon = last + SILENCE_SECONDS / 2
        with self._changed:
            self._changed.wait_for(lambda: self._news_at > soon or self._is_complete)
            return self._news_at > soon

    def _pass_on(self, chunk: bytes) -> None:
        """Give who reads along what came."""
        spool = self.spool
        if spool is not None:
            spool.add(chunk)
            with self._changed:
                self._changed.notify_all()

    @property
    def _is_settled(self) -> bool:
        return self._fetched is not None or self._failure is not None

    def _build_given_up_error(self) -> FileGone:
        return FileGone("The call was given up before its stream was fetched.")

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
