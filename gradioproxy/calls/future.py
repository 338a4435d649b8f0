"""The future that a job is: what it knows of the end, and how that is told to whoever waits.

Rule: the end is noted in one step, under the lock of whoever notes it; the future is told
afterwards, with no other lock held. If Ctrl-C comes in between, asking the future is enough to have
it told. Nothing here knows how a future of the standard library is made.
"""

from __future__ import annotations

import concurrent.futures
import contextlib
import weakref
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar

from .. import forksafe

if TYPE_CHECKING:
    from .status import Stage

T = TypeVar("T")


class End(NamedTuple):
    """How a call ended: ``value`` is its result or its error, by the stage."""

    stage: Stage
    value: Any = None


CANCELLED = End("cancelled")
"""That its caller gave it up."""


class Ending(Protocol):
    """What is known of a call's end: a `job_record.JobRecord`."""

    end: End | None


class EndTeller:
    """Tells a future how its call ended.

    The call's record holds it, and not the future: who lets go of a job lets go of its results.

    Args:
        future: The future.
    """

    def __init__(self, future: concurrent.futures.Future[Any]) -> None:
        self._future = weakref.ref(future)
        # Reentrant, because a collected stream cancels its job from wherever the collector runs.
        self._lock = forksafe.RLock()
        self._was_told = False

    def tell(self, end: End | None) -> None:
        """Let whoever waits know how the call ended, once that is known."""
        future = self._future()
        if future is not None:
            self.tell_to(future, end)

    def tell_to(self, future: concurrent.futures.Future[Any], end: End | None) -> None:
        """Do the same for the future itself, which is asked.

        It can be where no weak reference leads to it any more: in a finalizer of what the collector
        found. What is called are the methods of the standard library's class, which the future
        overrides.
        """
        if end is None:
            return
        with self._lock:
            if self._was_told:
                return
            # It may know already, if telling it was interrupted: then it refuses.
            with contextlib.suppress(concurrent.futures.InvalidStateError, RuntimeError):
                if end is CANCELLED:
                    concurrent.futures.Future.cancel(future)
                    concurrent.futures.Future.set_running_or_notify_cancel(future)
                elif end.stage == "finished":
                    concurrent.futures.Future.set_result(future, end.value)
                else:
                    concurrent.futures.Future.set_exception(future, end.value)
            self._was_told = True

    def forget_waiters(self) -> None:
        """Begin anew in a forked child, as far as others wait for the future.

        A thread that is not there may hold the lock of the one that it was, and those who wait for
        it are the parent's.
        """
        future = self._future()
        if future is not None:
            concurrent.futures.Future.__init__(future)
        self._was_told = False


class CallFuture(concurrent.futures.Future[T]):
    """A future whose end is noted by a record first, and told afterwards.

    Args:
        record: The record.
    """

    def __init__(self, record: Ending) -> None:
        super().__init__()
        self._ending = record
        self._teller = EndTeller(self)

    def done(self) -> bool:
        """Return whether the call is over, or another process's."""
        self._tell_end()
        return self._ending.end is not None

    def cancelled(self) -> bool:
        """Return whether the job was cancelled."""
        self._tell_end()
        return self._ending.end is CANCELLED

    def _tell_end(self) -> None:
        self._teller.tell_to(self, self._ending.end)
