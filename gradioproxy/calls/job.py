"""A call's life as its caller sees it: a future that can be watched, iterated and cancelled."""

from __future__ import annotations

import concurrent.futures
import contextlib
import functools
import logging
import time
from collections import deque
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from ..errors import JobCancelled, Timeout, Trace
from ..protocols import events
from ..text import one_line
from ..values.changes import is_update
from .failures import add_call_details, error_for
from .future import CANCELLED, CallFuture, End
from .iteration import iterate, iterate_async, wait_async
from .partial_results import PartialResults
from .record import CallRecord
from .status import Log, Stage, advance_status, end_status

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Generator, Iterator

    from ..errors import GradioProxyError
    from ..files.call_files import CallFiles
    from ..protocols.events import Event
    from ..values.decode import Decoder
    from .partial_results import Node
    from .request import CallRequest

T = TypeVar("T")

# What a job of `submit` keeps of its partial results, and of its history for `report`.
MAX_KEPT_OUTPUTS, MAX_TIMELINE = 1000, 200

log = logging.getLogger("gradioproxy")
_LEVELS = {"warning": logging.WARNING, "error": logging.ERROR}
_LONGEST_LINE = 1000


class Home(Protocol):
    """What a job belongs to, as far as it has to know: a session's `engine.Engine`."""

    def withdraw(self, record: CallRecord) -> None:
        """Tell the server, from another thread, that a call is given up."""
        ...

    def forget(self, record: CallRecord) -> None:
        """Let go of a call that is over."""
        ...

    def run_callback(self, callback: Callable[[], None]) -> None:
        """Run a user's callback on a thread that may wait for other calls."""
        ...


class Job(CallFuture[T], CallRecord, Generic[T]):
    """A call under way.

    It is a `concurrent.futures.Future` (`concurrent.futures.wait`, `as_completed` and
    `asyncio.wrap_future` take it), it can be awaited, and iterated for its partial results, with
    ``for`` and with ``async for``. Made by a function's ``submit``.
    """

    __module__ = "gradioproxy"

    def __init__(
        self,
        request: CallRequest,
        home: Home,
        decoder: Decoder,
        files: CallFiles,
        keep: int = MAX_KEPT_OUTPUTS,
    ) -> None:
        CallFuture.__init__(self)
        CallRecord.__init__(self, request)
        # Let go of at the end: the session remembers the job, and would be held by it.
        self._home: Home | None = home
        self._decoder = decoder
        self._files = files
        self._logs: list[Log] = []
        self._partial = PartialResults(keep)
        self._updates: tuple[Any, ...] = ()
        self._callbacks: list[Callable[[concurrent.futures.Future[T]], object]] = []
        self._began = time.monotonic()
        self._timeline: deque[tuple[float, str]] = deque(maxlen=MAX_TIMELINE)

    def __repr__(self) -> str:
        return f"<Job {self.request.name} {self._status.stage}>"

    # What is known of it.

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
        return [self._decoder.decode(data) for data in kept]

    @property
    def updates(self) -> tuple[dict[str, Any] | None, ...]:
        """How the app changed its components with the latest result, one for each value of it.

        Where it gave an update (``gr.update``, or a component) instead of a value: all of it, with
        the result's value if it has one; ``None`` elsewhere. A named tuple if the result is one.
        """
        return self._decoder.updates(self._updates)

    def running(self) -> bool:
        """Return whether the app is working on the call."""
        return self._status.stage == "running" and not self.is_over

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
        self._tell_end()
        with self._own_errors(timeout):
            return super().result(timeout)

    def exception(self, timeout: float | None = None) -> BaseException | None:
        """Wait for the call's end and return its error, or ``None``; see `result`."""
        self._tell_end()
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
                f"{self.request.name}() has no result after {timeout} s; it goes on.",
                limit="result",
                seconds=timeout,
            ) from None

    def _cancellation(self) -> JobCancelled:
        own = JobCancelled(f"{self.request.name}() was cancelled.")
        return own.with_call(event_id=self.event_id, may_have_run=self.sent)

    def cancel(self) -> bool:
        """Give the call up, also while it runs.

        Waiters are woken at once; the server is told by another thread, and whatever it still
        sends is dropped.

        Returns:
            Whether the job is cancelled now; false if it was done before.
        """
        self._finish(CANCELLED)
        # Also of one that was given up, and whose end Ctrl-C came into.
        self._conclude(withdraw=self._end is CANCELLED)
        return self._end is CANCELLED

    def add_done_callback(self, fn: Callable[[concurrent.futures.Future[T]], object]) -> None:
        """Call *fn* with the job when it is done, on a thread that may wait for other calls."""
        with self._changed:
            if not self.is_over:
                self._callbacks.append(fn)
                return
        self._call_back(fn)

    def _call_back(self, fn: Callable[[concurrent.futures.Future[T]], object]) -> None:
        try:
            fn(self)
        except Exception:
            log.exception("A callback of %r failed.", self)

    # Iteration.

    def __iter__(self) -> Iterator[T]:
        """Iterate over the partial results, from the first that is kept."""
        with self._changed:
            return self._iterate(self._partial.first)

    def new_outputs(self) -> Iterator[T]:
        """Iterate over the partial results that are still to come."""
        with self._changed:
            return self._iterate(self._partial.end)

    def _iterate(self, node: Node) -> Iterator[T]:
        values = iterate(self, node)
        del node  # or whatever comes would be kept until the end
        for data in values:
            yield self._decoder.decode(data)
        self._raise_failure()

    def __aiter__(self) -> AsyncIterator[T]:
        """Iterate over the partial results as they come, without blocking the loop."""
        with self._changed:
            return self._iterate_async(self._partial.first)

    async def _iterate_async(self, node: Node) -> AsyncIterator[T]:
        values = iterate_async(self, node)
        del node  # as above
        async for data in values:
            yield self._decoder.decode(data)
        self._raise_failure()

    def __await__(self) -> Generator[Any, None, T]:
        return self._wait().__await__()

    async def _wait(self) -> T:
        await wait_async(self)
        return self.result(0)

    def _raise_failure(self) -> None:
        """Raise what the job ended with, if it did not end well."""
        error = self.exception(0)
        if error is not None:
            raise error

    # What the session's threads tell it.

    def note(self, what: str) -> None:
        """Add an entry to the timeline of the job's report."""
        self._timeline.append((time.monotonic() - self._began, what))

    def handle(self, event: Event) -> None:
        """Note what happened to the call, unless it is over."""
        with self._changed:
            if self.is_over:
                return
            self.note(self.request.transport.hide(events.summary(event)))
            try:
                self._handle(event)
            except Exception as error:  # noqa: BLE001 - whatever it is, nobody must wait for ever
                self._effects.append(functools.partial(self.give_up, error))

    def _handle(self, event: Event) -> None:
        match event:
            case events.Queued() | events.Started() | events.Progressed():
                self._set_status(advance_status(self._status, event))
            case events.Logged(level, text, title):
                self._logs.append(Log(level, text, title))
                self._effects.append(functools.partial(self._write_log_line, level, text))
                self._notify()
            case events.Yielded(data):
                self._decoder.check(data)
                self._partial.append(data)
                self._set_status(advance_status(self._status, event))
            case events.Completed(data):
                self._effects.append(functools.partial(self._complete, data))
            case _:
                error = error_for(event, self.request.name, sent=self.withhold())
                self._effects.append(functools.partial(self.fail, error))

    def _write_log_line(self, level: str, text: str) -> None:
        # On one line: a second one could look as if somebody else had written it.
        line = self.request.transport.hide(one_line(text, _LONGEST_LINE))
        log.log(_LEVELS.get(level, logging.INFO), "%s: %s", self.request.name, line)

    def fail(self, error: BaseException) -> None:
        """End the job with an error, unless it is over; not to be called with a lock held."""
        if self._finish_with(error, "cancelled" if isinstance(error, JobCancelled) else "failed"):
            self._conclude()

    def give_up(self, error: BaseException) -> None:
        """End the job with an error of this side, and have the app told, or it could go on."""
        if self._finish_with(error, "failed"):
            self._conclude(withdraw=True)

    def expire(self) -> None:
        """End the job because ``call_timeout`` is over."""
        seconds = self.request.options.call_timeout
        self.give_up(
            Timeout(
                f"{self.request.name}() took longer than call_timeout={seconds} s and was "
                "cancelled.",
                limit="call_timeout",
                seconds=seconds,
            )
        )

    def abandon(self, error: GradioProxyError) -> None:
        """End the job in a forked child, where nobody brings it to its end.

        Its callbacks are the parent's.
        """
        self._forget_waiters()
        self._callbacks = []
        self._home = None
        self._finish_with(error, "failed")
        self._tell_end()

    def trace(self) -> Trace:
        """Return what is known of the call, for a report."""
        return Trace(self.request.peer, self.request.text, tuple(self._timeline))

    # How it ends. First that is noted, in one step, from which on whatever comes is ignored; then
    # whoever waits is told, with no lock held. What Ctrl-C cuts short, whoever comes next goes on
    # with: asking the job is enough for the future, and cancelling it or closing its session for
    # the rest.

    def _finish(self, end: End) -> bool:
        """Note how the job ends, unless it is over; tell whether it was not."""
        with self._changed:
            if self.is_over:
                return False
            if end.stage != "finished":
                self.withhold()
            self._set_status(end_status(self._status, end.stage))
            self._end = end
            return True

    def _finish_with(self, error: BaseException, stage: Stage) -> bool:
        """Note that the job ends with an error, unless it is over; tell whether it was not."""
        with self._changed:
            if self.is_over:
                return False
            self.withhold()
        # An error without its details is still one, and nobody must wait for ever.
        with contextlib.suppress(Exception):
            self._add_details(error)
        return self._finish(End(stage, error))

    def _conclude(self, *, withdraw: bool = False) -> None:
        """Tell everybody how the job ended, and the server if it is to stop."""
        self._tell_end()
        self._files.end_call()
        self.run_effects()
        with self._changed:
            callbacks, self._callbacks = self._callbacks, []
        home = self._home
        if home is not None:
            for fn in callbacks:
                home.run_callback(functools.partial(self._call_back, fn))
            home.forget(self)
            if withdraw:
                home.withdraw(self)
            self._home = None

    def _complete(self, data: tuple[Any, ...]) -> None:
        """End the job with a result, as soon as its streams are here; an effect."""
        if self.is_over:
            return  # it was given up just now, by whoever runs this
        try:
            result = self._decoder.decode(data)
        except Exception as error:  # noqa: BLE001 - whatever it is, nobody must wait for ever
            self.give_up(error)
            return
        with self._changed:
            if self._end is not None:
                return
            self._updates = data if any(map(is_update, data)) else ()  # values can be large
            if not self._partial.count and self.request.endpoint.generator is not True:
                # The result of a call that yields nothing counts as its one partial result.
                self._partial.append(data)
                self._notify()
        if self._files.has_streams:
            self.note("streams are fetched")
            self.update(stage="downloading", eta=None)
            self._files.download_all(functools.partial(self._finish_well, result))
        else:
            self._finish_well(result)

    def _finish_well(self, result: T) -> None:
        if self._finish(End("finished", result)):
            self._conclude()

    def _add_details(self, error: BaseException) -> None:
        add_call_details(
            error,
            self.trace(),
            event_id=self.event_id,
            sent=self.sent,
            outputs=lambda: tuple(self.outputs),
            hide=self.request.transport.hide,
        )
