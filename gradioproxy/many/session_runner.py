"""The runner whose calls are those of this session, made by its own threads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import forksafe

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..calls.job import Job
    from ..calls.job_record import JobRecord
    from ..errors import ConnectionLost
    from ..files.payload import Payload


class SessionRunner:
    """Makes calls over one session.

    Args:
        begin: Begins a call that was prepared; returns at once.
        prepare: Returns the job of an input, its record, and what it sends; nothing has begun.
        capacity: How many are under way at most.
    """

    def __init__(
        self,
        begin: Callable[[Job[Any], JobRecord, Payload], object],
        prepare: Callable[[Any], tuple[Job[Any], JobRecord, Payload]],
        capacity: int,
    ) -> None:
        self._begin = begin
        self._prepare = prepare
        self.capacity = capacity

    def start(self, item: Any) -> PendingJob:
        """Begin the call of an input; raises what is wrong with its arguments."""
        job, record, payload = self._prepare(item)
        pending = PendingJob(job, record)
        # The last step: if Ctrl-C comes into it, the engine gives up what nobody gets.
        self._begin(job, record, payload)
        return pending

    def flush(self) -> None:
        """Do nothing: each call is begun at once."""

    @property
    def failure(self) -> ConnectionLost | None:
        """Nothing: the calls fail, each for itself."""
        return None

    def close(self) -> None:
        """Do nothing: the session is its owner's."""


class PendingJob:
    """A job as a `runner.Pending`.

    Its own callbacks have threads that may wait, as users write them; ours are called where the end
    is known first.
    """

    def __init__(self, job: Job[Any], record: JobRecord) -> None:
        self._job = job
        self._record = record
        self._lock = forksafe.Lock()
        self._callbacks: list[Callable[[PendingJob], object]] = []

    def result(self, timeout: float | None = None) -> Any:
        """Return its result, or raise its error."""
        return self._job.result(timeout)

    def cancel(self) -> bool:
        """Give it up."""
        return self._job.cancel()

    def add_done_callback(self, fn: Callable[[PendingJob], object]) -> None:
        """Call a function when it is done, on the thread that brings the end."""
        with self._lock:
            self._callbacks.append(fn)
        self._record.add_listener(self._look)
        self._look()  # it may have ended before anybody listened

    def _look(self) -> None:
        if not self._record.is_over:
            return
        self._record.remove_listener(self._look)
        with self._lock:
            callbacks, self._callbacks = self._callbacks, []
        for fn in callbacks:
            fn(self)
