"""A call's life as its caller sees it: a future that can be watched, iterated and cancelled."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import functools
import logging
import time
from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from ..errors import JobCancelled, Timeout, Trace
from ..protocols import events
from ..values.changes import is_update
from .call import Receiver
from .failures import complete, error_for
from .partial_results import PartialResults
from .status import ENDED, Log, Stage, Status, advanced, ended

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Generator, Iterator

    from ..errors import GradioProxyError
    from ..protocols.events import Event
    from .order import Order
    from .partial_results import Node

T = TypeVar("T")

# What a job of `submit` keeps of its partial results, and of its history for `report`.
KEPT, TIMELINE = 1000, 200

log = logging.getLogger("gradioproxy")
_LEVELS = {"warning": logging.WARNING, "error": logging.ERROR}


class Job(concurrent.futures.Future[T], Receiver, Generic[T]):
    """A call under way.

    It is a `concurrent.futures.Future` (`concurrent.futures.wait`, `as_completed` and
    `asyncio.wrap_future` take it), it can be awaited, and iterated for its partial results, with
    ``for`` and with ``async for``. Made by a function's ``submit``.
    """

    __module__ = "gradioproxy"

    def __init__(self, order: Order, keep: int = KEPT) -> None:
        super().__init__()
        Receiver.__init__(self)
        self._order = order
        self._status = Status()
        self._logs: list[Log] = []
        self._partial = PartialResults(keep)
        self._updates: tuple[Any, ...] = ()
        self._listeners: set[Callable[[], None]] = set()
        self._began = time.monotonic()
        self._timeline: deque[tuple[float, str]] = deque(maxlen=TIMELINE)
        self._last_answer = ""
        # In a forked child: why there will be no result here.
        self._abandoned: GradioProxyError | None = None

    def __repr__(self) -> str:
        return f"<Job {self._order.name} {self._status.stage}>"

    # What is known of it.

    @property
    def status(self) -> Status:
        """Where the call is, at this moment."""
        return self._status

    @property
    def logs(self) -> list[Log]:
        """What the app said so far with ``gr.Info`` and ``gr.Warning``."""
        with self._changed:
            return list(self._logs)

    @property
    def outputs(self) -> list[T]:
        """The partial results so far, the last 1,000 at most; each a copy of its own."""
        with self._changed:
            kept = self._partial.kept
        return [self._order.decode(data) for data in kept]

    @property
    def updates(self) -> tuple[dict[str, Any] | None, ...]:
        """How the app changed its components with the latest result, one for each value of it.

        Where it gave an update (``gr.update``, or a component) instead of a value: all of it, with
        the result's value if it has one; ``None`` elsewhere. A named tuple if the result is one.
        """
        return self._order.updates(self._updates)

    def _note_updates(self, data: tuple[Any, ...]) -> None:
        # Values alone are not kept: they can be large.
        self._updates = data if any(map(is_update, data)) else ()

    def done(self) -> bool:
        """Return whether the call is over, or another process's."""
        return self._abandoned is not None or super().done()

    def cancelled(self) -> bool:
        """Return whether the job was cancelled."""
        return self._abandoned is None and super().cancelled()

    def running(self) -> bool:
        """Return whether the app is working on the call."""
        return self._status.stage == "running" and not self.done()

    # The future.

    def result(self, timeout: float | None = None) -> T:
        """Wait for the call's end and return its result.

        Args:
            timeout: Seconds to wait; the call goes on if they are over.

        Returns:
            What the function returns.

        Raises:
            Timeout: The seconds are over.
            JobCancelled: The job was cancelled.
            GradioProxyError: What else went wrong with the call, the app's own error included.
        """
        if self._abandoned is not None:
            raise self._abandoned
        with self._own_errors(timeout):
            return super().result(timeout)

    def exception(self, timeout: float | None = None) -> BaseException | None:
        """Wait for the call's end and return its error, or ``None``; see `result`."""
        if self._abandoned is not None:
            return self._abandoned
        with self._own_errors(timeout):
            return super().exception(timeout)

    @contextlib.contextmanager
    def _own_errors(self, timeout: float | None) -> Generator[None]:
        """Raise our errors where a future raises its own."""
        try:
            yield
        except JobCancelled:
            raise
        except concurrent.futures.CancelledError:
            raise self._cancellation() from None
        except concurrent.futures.TimeoutError as error:
            if isinstance(error, Timeout):
                raise  # the call's own
            raise Timeout(
                f"{self._order.name}() has no result after {timeout} s; it goes on.",
                limit="result",
                seconds=timeout,
            ) from None

    def _cancellation(self) -> JobCancelled:
        own = JobCancelled(f"{self._order.name}() was cancelled.")
        return own.with_call(event_id=self.event_id, may_have_run=self.sent)

    def cancel(self) -> bool:
        """Give the call up, also while it runs.

        Waiters are woken at once; the server is told by another thread, and whatever it still
        sends is dropped.

        Returns:
            Whether the job is cancelled now; false if it was done before.
        """
        with self._changed:
            already = self.cancelled()
            if self._abandoned is not None or not super().cancel():
                return False
            if already:
                return True
            self.withhold()
            super().set_running_or_notify_cancel()
            self._end("cancelled")
        self._order.withdraw(self)
        return True

    def add_done_callback(self, fn: Callable[[concurrent.futures.Future[T]], object]) -> None:
        """Call *fn* with the job when it is done, on a thread that may wait for other calls."""
        if self._abandoned is not None:
            fn(self)
            return
        if self.done():
            super().add_done_callback(fn)
            return

        def call() -> None:
            try:
                fn(self)
            except Exception:
                log.exception("A callback of %r failed.", self)

        super().add_done_callback(lambda _: self._order.defer(call))

    # Iteration.

    def __iter__(self) -> Iterator[T]:
        """Iterate over the partial results, from the first that is kept."""
        with self._changed:
            node = self._partial.first
        return self._follow(node)

    def news(self) -> Iterator[T]:
        """Iterate over the partial results that are still to come."""
        with self._changed:
            return self._follow(self._partial.end)

    def _follow(self, node: Node) -> Iterator[T]:
        while True:
            with self._changed:
                while node.next is None and not self.done():
                    self._changed.wait()
            if node.next is None:
                self._raise_failure()
                return
            data, node = node.data, node.next
            yield self._order.decode(data)

    def _raise_failure(self) -> None:
        """Raise what the job ended with, if it did not end well."""
        error = self.exception(0)
        if error is not None:
            raise error

    def __await__(self) -> Generator[Any, None, T]:
        return self._wait().__await__()

    async def _wait(self) -> T:
        done = asyncio.Event()
        with self._listening(done):
            while not self.done():
                done.clear()
                if not self.done():
                    await self._cancelling(done)
        return self.result(0)

    async def _cancelling(self, event: asyncio.Event) -> None:
        """Wait for *event*; who gives up waiting gives up the call."""
        try:
            await event.wait()
        except asyncio.CancelledError:
            self.cancel()
            raise

    @contextlib.contextmanager
    def _listening(self, event: asyncio.Event) -> Generator[None]:
        """Set *event* of the running loop at each change."""
        loop = asyncio.get_running_loop()

        def tell() -> None:
            # A loop that was closed has nobody waiting any more.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(event.set)

        with self._changed:
            self._listeners.add(tell)
        try:
            yield
        finally:
            with self._changed:
                self._listeners.discard(tell)

    def __aiter__(self) -> AsyncIterator[T]:
        """Iterate over the partial results as they come, without blocking the loop."""
        with self._changed:
            node = self._partial.first
        return self._follow_async(node)

    async def _follow_async(self, node: Node) -> AsyncIterator[T]:
        news = asyncio.Event()
        with self._listening(news):
            while True:
                news.clear()
                # Asked in this order: what comes after the last question sets the event.
                done = self.done()
                if node.next is not None:
                    data, node = node.data, node.next
                    yield self._order.decode(data)
                elif done:
                    self._raise_failure()
                    return
                else:
                    await self._cancelling(news)

    # What the session's threads tell it.

    def wait_for_news(self, known: Status | None, timeout: float) -> Status:
        """Wait until the status is not *known* any more, or the job is done; return it."""
        with self._changed:
            self._changed.wait_for(
                lambda: self.done() or (known is not None and self._status is not known), timeout
            )
            return self._status

    def note(self, what: str) -> None:
        """Add an entry to the timeline of the job's report."""
        self._timeline.append((time.monotonic() - self._began, what))

    def update(self, **changes: Any) -> None:
        """Change the status."""
        with self._changed:
            if not self.done():
                self._status = replace(self._status, **changes)
                self._tell()

    def receive(self, event: Event) -> None:
        """Take what happened to the call; ignored once the job is done."""
        with self._changed:
            if self.done():
                return
            self.note(events.summary(event))
            try:
                self._take(event)
            except Exception as error:  # noqa: BLE001 - whatever it is, nobody must wait for ever
                self.fail(error)
            else:
                return
        self._order.withdraw(self)  # or the app could go on for nobody

    def _take(self, event: Event) -> None:
        match event:
            case events.Queued() | events.Started() | events.Progressed():
                self._status = advanced(self._status, event)
                self._tell()
            case events.Logged(level, text, title):
                self._logs.append(Log(level, text, title))
                log.log(_LEVELS.get(level, logging.INFO), "%s: %s", self._order.name, text)
                self._tell()
            case events.Yielded(data):
                self._order.check(data)
                self._status = advanced(self._status, event)
                self._partial.append(data)
                self._tell()
            case events.Completed(data):
                self._complete(data)
            case _:
                self.fail(error_for(event, self._order.name, sent=self.withhold()))

    def fail(self, error: BaseException) -> None:
        """End the job with an error; ignored once the job is done."""
        with self._changed:
            if self.done():
                return
            # An error without its details is still one, and nobody must wait for ever.
            with contextlib.suppress(Exception):
                complete(
                    error,
                    self.trace(),
                    event_id=self.event_id,
                    sent=self.withhold(),
                    outputs=lambda: tuple(self.outputs),
                )
            super().set_exception(error)
            self._end("cancelled" if isinstance(error, JobCancelled) else "failed")

    def abandon(self, error: GradioProxyError) -> None:
        """End the job in a forked child, where nobody brings it to its end.

        The lock of the future itself may be held by a thread that is not there, and is not asked
        any more; its callbacks are the parent's.
        """
        if self._status.stage in ENDED:
            return
        self._abandoned = error
        self.sent, self.work = self.was_sent, None
        self._listeners = set()
        complete(
            error,
            self.trace(),
            event_id=self.event_id,
            sent=self.sent,
            outputs=lambda: tuple(self.outputs),
        )
        self._status = ended(self._status, "failed")

    def expire(self, seconds: float) -> None:
        """End the job because ``call_timeout`` is over."""
        error = Timeout(
            f"{self._order.name}() took longer than call_timeout={seconds} s and was cancelled.",
            limit="call_timeout",
            seconds=seconds,
        )
        with self._changed:
            if self.done():
                return
            self.fail(error)
        self._order.withdraw(self)

    def trace(self) -> Trace:
        """Return what is known of the call, for a report."""
        return Trace(self._order.app, self._order.call(), tuple(self._timeline), self._last_answer)

    def _complete(self, data: tuple[Any, ...]) -> None:
        result = self._order.decode(data)
        self._note_updates(data)
        if not self._partial.count and self._order.lone:
            self._partial.append(data)
            self._tell()
        if self._order.media.waiting:
            self.note("streams are fetched")
            self.update(stage="downloading", eta=None)
            self._order.media.fetch(functools.partial(self._finish, result))
        else:
            self._finish(result)

    def _finish(self, result: T) -> None:
        with self._changed:
            if not self.done():
                super().set_result(result)
                self._end("finished")

    def _end(self, stage: Stage) -> None:
        self._order.media.end()
        self._status = ended(self._status, stage)
        self._tell()

    def _tell(self) -> None:
        """Wake whoever waits for news."""
        self._changed.notify_all()
        for tell in self._listeners:
            tell()
