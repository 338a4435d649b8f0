"""The future that a job is: what it knows of the end, and how that is told to whoever waits.

Rule: the end is noted in one step, under the lock of whoever notes it; the future is told
afterwards, with no other lock held. If Ctrl-C comes in between, asking the future is enough to have
it told. Nothing here knows how a future of the standard library is made.
"""

from __future__ import annotations

import concurrent.futures
import contextlib
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

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


class CallFuture(concurrent.futures.Future[T]):
    """A future whose end is noted first and told afterwards."""

    def __init__(self) -> None:
        super().__init__()
        self._end: End | None = None
        # Reentrant, because a collected stream cancels its job from wherever the collector runs.
        self._telling = forksafe.RLock()
        self._was_told = False

    @property
    def is_over(self) -> bool:
        """Whether it is known how the call ended."""
        return self._end is not None

    def done(self) -> bool:
        """Return whether the call is over, or another process's."""
        self._tell_end()
        return self.is_over

    def cancelled(self) -> bool:
        """Return whether the job was cancelled."""
        self._tell_end()
        return super().cancelled()

    def _tell_end(self) -> None:
        """Let whoever waits know how the call ended, once that is known."""
        end = self._end
        if end is None:
            return
        with self._telling:
            if self._was_told:
                return
            # It may know already, if telling it was interrupted: then it refuses.
            with contextlib.suppress(concurrent.futures.InvalidStateError, RuntimeError):
                if end is CANCELLED:
                    super().cancel()
                    super().set_running_or_notify_cancel()
                elif end.stage == "finished":
                    super().set_result(end.value)
                else:
                    super().set_exception(end.value)
            self._was_told = True

    def _forget_waiters(self) -> None:
        """Begin anew in a forked child, as far as others wait for the future.

        A thread that is not there may hold the lock of the one that it was, and those who wait for
        it are the parent's.
        """
        concurrent.futures.Future.__init__(self)
        self._was_told = False
