"""A call as its caller sees it: a future that can be watched, iterated and cancelled."""

from __future__ import annotations

import functools
import logging
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from ..errors import Timeout
from ..uncopyable import Uncopyable
from .failures import copy_error
from .future import CANCELLED, CallFuture, End
from .iteration import iterate

if TYPE_CHECKING:
    import concurrent.futures
    from collections.abc import AsyncIterator, Callable, Generator, Iterator

    from .job_record import JobRecord
    from .partial_results import Node
    from .status import Log, Status

T = TypeVar("T")

log = logging.getLogger("gradioproxy")


class Job(Uncopyable, CallFuture[T], Generic[T]):
    """A call under way.

    It is a `concurrent.futures.Future` (`concurrent.futures.wait`, ``as_completed`` and
    `asyncio.wrap_future` take it), it can be awaited, and iterated for its partial results, with
    ``for`` and with ``async for``. Made by a function's ``submit``.
    """

    __module__ = "gradioproxy"

    _instead = "Pass its result."

    def __init__(self, record: JobRecord) -> None:
        super().__init__(record)
        self._record = record
        record.take_teller(self._teller)

    def __repr__(self) -> str:
        return f"<Job {self._record.request.name} {self.status.stage}>"

    # What is known of it.

    @property
    def status(self) -> Status:
        """Where the call is, at this moment."""
        return self._record.status

    @property
    def event_id(self) -> str | None:
        """The server's name for the call, once there is one."""
        return self._record.event_id

    @property
    def logs(self) -> list[Log]:
        """What the app said last with ``gr.Info`` and ``gr.Warning``, 1,000 texts at most."""
        return self._record.list_logs()

    @property
    def outputs(self) -> list[T]:
        """The partial results so far, the last 1,000 at most; each a copy of its own.

        The result of a call that yields none is one, if the job was begun with ``submit``.
        """
        return self._record.decode_outputs()

    @property
    def updates(self) -> tuple[dict[str, Any] | None, ...]:
        """How the app changed its components with the latest result, one for each value of it.

        Where it gave an update (``gr.update``, or a component) instead of a value: all of it, with
        the result's value if it has one; ``None`` elsewhere. A named tuple if the result is one.
        """
        return self._record.decode_updates()

    def running(self) -> bool:
        """Return whether the app is working on the call."""
        return self.status.stage == "running" and not self._record.is_over

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
        end = self._wait_for_end(timeout)
        if end.stage == "finished":
            value: T = end.value
            return value
        try:
            raise self._record.build_cancellation() if end is CANCELLED else copy_error(end.value)
        finally:
            del end, self  # which the error's traceback would hold, and they hold the error

    def exception(self, timeout: float | None = None) -> BaseException | None:
        """Wait for the call's end and return its error, or ``None``; see `result`."""
        end = self._wait_for_end(timeout)
        if end is CANCELLED:
            raise self._record.build_cancellation()
        return None if end.stage == "finished" else end.value

    def _wait_for_end(self, timeout: float | None) -> End:
        """Return how the call ended.

        It is the record that is waited for, and not the future: Ctrl-C in the middle of what a
        future of the standard library does can leave its lock taken, and whoever waits asleep.

        Raises:
            Timeout: The seconds are over.
        """
        end = self._record.wait_for_end(timeout)
        self._tell_end()
        if end is None:
            raise Timeout(
                f"{self._record.request.name}() has no result after {timeout} s; it goes on.",
                limit="result",
                seconds=timeout,
            )
        return end

    def cancel(self) -> bool:
        """Give the call up, also while it runs.

        Waiters are woken at once; the server is told by another thread, and whatever it still
        sends is dropped.

        Returns:
            Whether the job is cancelled now; false if it was done before.
        """
        return self._record.cancel()

    def add_done_callback(self, fn: Callable[[concurrent.futures.Future[T]], object]) -> None:
        """Call *fn* with the job when it is done, on a thread that may wait for other calls."""
        call = functools.partial(_call_back, fn, self)
        if not self._record.add_callback(call):
            call()

    # Iteration.

    def __iter__(self) -> Iterator[T]:
        """Iterate over the partial results, from the first that is kept."""
        return self._iterate(self._record.find_first())

    def new_outputs(self) -> Iterator[T]:
        """Iterate over the partial results that are still to come."""
        return self._iterate(self._record.find_next())

    def _iterate(self, node: Node) -> Iterator[T]:
        values = iterate(self._record, node)
        del node  # or whatever comes would be kept until the end
        for data in values:
            yield self._record.decode(data)
        self._raise_failure()

    def __aiter__(self) -> AsyncIterator[T]:
        """Iterate over the partial results as they come, without blocking the loop."""
        return self._iterate_async(self._record.find_first())

    async def _iterate_async(self, node: Node) -> AsyncIterator[T]:
        from .async_iteration import iterate_async  # late, as that says

        values = iterate_async(self._record, node)
        del node  # as above
        async for data in values:
            yield self._record.decode(data)
        self._raise_failure()

    def __await__(self) -> Generator[Any, None, T]:
        return self._wait().__await__()

    async def _wait(self) -> T:
        from .async_iteration import wait_async  # late, as that says

        await wait_async(self._record, lambda: self._record.end)
        return self.result(0)

    # In notebooks.

    def _ipython_display_(self) -> None:
        """Show the call and what becomes of it, in place, until it ends.

        Raises:
            NotImplementedError: Nothing changes any more, or nowhere: IPython shows it otherwise.
        """
        from ..notebook import in_notebook  # late: few scripts look

        if self._record.is_over or not in_notebook():
            raise NotImplementedError
        from .display import watch_job

        watch_job(self._record)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        """Return what is shown of it as it is now."""
        del include, exclude  # IPython leaves out what is not wanted
        from ..notebook import shows_media  # late, as above

        if not shows_media():
            return {"text/plain": repr(self)}
        from .display import build_job_bundle

        return build_job_bundle(self._record)

    def _raise_failure(self) -> None:
        """Raise what the job ended with, if it did not end well."""
        error = self.exception(0)
        if error is not None:
            raise copy_error(error)


def _call_back(fn: Callable[[Any], object], job: Job[Any]) -> None:
    try:
        fn(job)
    except Exception:
        log.exception("A callback of %r failed.", job)
