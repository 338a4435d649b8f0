"""The runner whose calls are those of this session, made by the threads of an executor."""

from __future__ import annotations

import concurrent.futures
from typing import TYPE_CHECKING, Any

from .. import forksafe
from ..calls.failures import copy_error
from ..errors import JobCancelled
from .losses import describe_end, describe_loss

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..errors import ConnectionLost
    from .session_runner import PendingJob, SessionRunner


class ThreadRunner:
    """Makes calls by the threads of an executor.

    Args:
        executor: The executor.
        runner: Makes them in this process.
        name: The function's name, for messages.

    Attributes:
        failure: Why the executor takes nothing more, if it does not.
    """

    def __init__(
        self, executor: concurrent.futures.Executor, runner: SessionRunner, name: str
    ) -> None:
        self._executor = executor
        self._runner = runner
        self._name = name
        self.capacity = runner.capacity
        self.failure: ConnectionLost | None = None

    def start(self, item: Any) -> ThreadCall:
        """Hand an input out; what is wrong with it is what comes of it.

        Raises:
            ConnectionLost: The executor takes nothing more.
        """
        call = ThreadCall(self._runner, item, self._name)
        try:
            if self.failure is None:
                call.submit(self._executor)
        except Exception as error:  # noqa: BLE001 - whatever it is, it takes nothing more
            self.failure = describe_end(self._name, error)
        if self.failure is not None:
            raise copy_error(self.failure)
        return call

    def flush(self) -> None:
        """Do nothing: each input is handed out at once."""

    def close(self) -> None:
        """Do nothing: the executor is its owner's."""


class ThreadCall:
    """A call of a thread's, as a `runner.Pending`.

    Args:
        runner: Makes it.
        item: The input.
        name: The function's name, for messages.
    """

    def __init__(self, runner: SessionRunner, item: Any, name: str) -> None:
        self._runner = runner
        self._item = item
        self._name = name
        self._lock = forksafe.Lock()
        self._call: PendingJob | None = None
        self._is_unwanted = False
        self._future: concurrent.futures.Future[Any] = concurrent.futures.Future()

    def submit(self, executor: concurrent.futures.Executor) -> None:
        """Hand it out."""
        self._future = executor.submit(self._make)

    def _make(self) -> Any:
        """Make the call, on a thread of the executor's."""
        call = self._runner.start(self._item)
        with self._lock:
            self._call, is_unwanted = call, self._is_unwanted
        if is_unwanted:
            call.cancel()
        return call.result()

    def result(self, timeout: float | None = None) -> Any:
        """Return its result, or raise its error."""
        try:
            return self._future.result(timeout)
        except JobCancelled:  # which is one of those, too
            raise
        except concurrent.futures.CancelledError as error:
            raise describe_loss(self._name, error, may_have_run=False) from None

    def cancel(self) -> bool:
        """Give it up."""
        with self._lock:
            self._is_unwanted, call = True, self._call
        return self._future.cancel() or (call is not None and call.cancel())

    def add_done_callback(self, fn: Callable[[ThreadCall], object]) -> None:
        """Call a function when it is done, on the thread that made it, or here."""
        self._future.add_done_callback(lambda _: fn(self))
