"""Many calls of one function: a bounded number at a time, results in order, at the app's pace.

A call that the app refused because its queue is full, or because there were too many requests, has
not run; so it is made again, and from then on there are as many at once as the app took. Each time
that all of those ended well, one more is tried.
"""

from __future__ import annotations

import concurrent.futures
import time
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..errors import QueueFull, RateLimited

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .job import Job

# How long to wait before a call is made again where nothing tells when there is a place: a full
# queue that other people's calls fill. It is doubled each time.
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 15.0
# How long to sleep at once: nothing sleeps for ever, whatever a server asks for.
LONGEST_SLEEP = 3600.0


@dataclass(eq=False)
class _Slot:
    """One of the inputs that are under way.

    Attributes:
        item: The input.
        job: Its call, as long as that is under way.
        outcome: Its result or error, once it is there.
        failed: Whether that is an error.
        refused_since: When it was first refused, if it was.
    """

    item: Any
    job: Job[Any] | None = None
    outcome: Any = None
    done: bool = False
    failed: bool = False
    refused_since: float | None = None


class Mapped:
    """The calls of one ``map``.

    Args:
        start: Starts the call of an input.
        items: The inputs, of which no more are taken than can be under way.
        concurrency: How many calls are under way at most.
        keep: Whether errors are results.
        patience: Seconds for which a call may be refused; ``None`` for any number.
    """

    def __init__(
        self,
        start: Callable[[Any], Job[Any]],
        items: Iterator[Any],
        concurrency: int,
        *,
        keep: bool,
        patience: float | None,
    ) -> None:
        self._start_call = start
        self._items = items
        self._concurrency = concurrency
        self._keep = keep
        self._patience = patience
        self._slots: deque[_Slot] = deque()
        self._refused: deque[_Slot] = deque()
        self._exhausted = False
        # The pace: how many calls at once the app takes, as far as is known, and not before when.
        self._pace = concurrency
        self._streak = 0
        self._pause = FIRST_PAUSE
        self._not_before = 0.0

    def results(self) -> Iterator[Any]:
        """Yield the results in the order of the inputs; what is under way at the end is cancelled.

        Raises:
            GradioProxyError: A call failed, and errors are not kept.
        """
        try:
            while True:
                self._start_calls()
                if not self._slots:
                    return
                if self._slots[0].done:
                    yield self._outcome(self._slots.popleft())
                else:
                    self._wait()
        finally:
            for slot in self._slots:
                if slot.job is not None:
                    slot.job.cancel()

    def _outcome(self, slot: _Slot) -> Any:
        if slot.failed and not self._keep:
            raise slot.outcome
        return slot.outcome

    @property
    def _running(self) -> list[_Slot]:
        return [slot for slot in self._slots if slot.job is not None]

    def _start_calls(self) -> None:
        """Start as many calls as there may be now: those that were refused first."""
        while len(self._running) < self._pace and time.monotonic() >= self._not_before:
            if self._refused:
                slot = self._refused.popleft()
            elif len(self._slots) < self._concurrency and not self._exhausted:
                try:
                    slot = _Slot(next(self._items))
                except StopIteration:
                    self._exhausted = True
                    return
                self._slots.append(slot)
            else:
                return
            self._start(slot)

    def _start(self, slot: _Slot) -> None:
        try:
            slot.job = self._start_call(slot.item)
        except Exception as error:
            if not self._keep:
                raise
            slot.outcome, slot.done, slot.failed = error, True, True

    def _wait(self) -> None:
        """Wait until a call ends, or one that was refused may be made again."""
        running = self._running
        jobs = [slot.job for slot in running if slot.job is not None]
        if jobs:
            # Its end is what makes a place; a pause is for when there is nothing to wait for.
            concurrent.futures.wait(jobs, return_when=concurrent.futures.FIRST_COMPLETED)
        else:
            pause = self._not_before - time.monotonic()
            time.sleep(min(max(0.0, pause), LONGEST_SLEEP))
        for slot in running:
            if slot.job is not None and slot.job.done():
                self._take(slot, slot.job)

    def _take(self, slot: _Slot, job: Job[Any]) -> None:
        """Take note of how a call ended."""
        slot.job = None
        try:
            slot.outcome = job.result(0)
        except (QueueFull, RateLimited) as error:
            if not self._is_out_of_patience(slot, error):
                self._slow_down(error)
                self._refused.append(slot)
                return
            slot.outcome, slot.failed = error, True
        except Exception as error:  # noqa: BLE001 - whether it is raised is for later to say
            slot.outcome, slot.failed = error, True
        slot.done = True
        self._pause = FIRST_PAUSE
        self._streak += 1
        if self._streak >= self._pace < self._concurrency:
            self._pace, self._streak = self._pace + 1, 0

    def _is_out_of_patience(self, slot: _Slot, error: QueueFull | RateLimited) -> bool:
        """Tell whether a call that was refused is not made again."""
        now = time.monotonic()
        if slot.refused_since is None:
            slot.refused_since = now
        waited = now - slot.refused_since + (error.retry_after or 0.0)
        return error.may_have_run or (self._patience is not None and waited >= self._patience)

    def _slow_down(self, error: QueueFull | RateLimited) -> None:
        """Have no more calls under way than the app took, and wait as long as it says."""
        running = len(self._running)
        self._pace, self._streak = max(1, min(self._pace, running)), 0
        now = time.monotonic()
        if error.retry_after is not None:
            self._not_before = max(self._not_before, now + error.retry_after)
        elif not running:
            self._not_before = now + self._pause
            self._pause = min(2 * self._pause, LONGEST_PAUSE)
