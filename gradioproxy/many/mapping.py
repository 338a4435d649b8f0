"""Many calls of one function: a bounded number at a time, results in order, at the app's pace.

A call that the app refused because its queue is full, or because there were too many requests, has
not run; so it is made again, and from then on there are as many at once as the app took. Each time
that all of those ended well, one more is tried.
"""

from __future__ import annotations

import functools
import math
import time
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .. import forksafe
from ..errors import ConnectionLost, QueueFull, RateLimited

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .runner import Pending, Runner

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
        pending: Its call, as long as that is under way.
        outcome: Its result or error, once it is there.
        failed: Whether that is an error.
        refused_since: When it was first refused, if it was.
    """

    item: Any
    pending: Pending | None = None
    outcome: Any = None
    done: bool = False
    failed: bool = False
    refused_since: float | None = None


class Mapped:
    """The calls of one ``map``.

    Args:
        runner: Makes the calls, and says how many are under way at most.
        items: The inputs, of which no more are taken than can be under way.
        keep: Whether errors are results.
        patience: Seconds for which a call may be refused; ``None`` for any number.
    """

    def __init__(
        self,
        runner: Runner,
        items: Iterator[Any],
        *,
        keep: bool,
        patience: float | None,
    ) -> None:
        self._runner = runner
        self._items = items
        self._keep = keep
        self._patience = patience
        self._slots: deque[_Slot] = deque()
        self._refused: deque[_Slot] = deque()
        self._exhausted = False
        # The pace: how many calls at once the app takes, as far as is known, and not before when.
        self._pace = math.inf
        self._streak = 0
        self._pause = FIRST_PAUSE
        self._not_before = 0.0
        # Reentrant, as a call may be done when it is asked to say so. What is told is only noted.
        self._changed = forksafe.Condition()
        self._ended: deque[_Slot] = deque()
        self._running = 0
        forksafe.register(self)

    def after_fork(self) -> None:
        """Leave what is under way to the parent: nobody tells this process of it."""
        for slot in self._slots:
            if slot.pending is not None:
                slot.pending = _LEFT
                self._ended.append(slot)

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
                if slot.pending is not None:
                    slot.pending.cancel()

    def _outcome(self, slot: _Slot) -> Any:
        if slot.failed and not self._keep:
            raise slot.outcome
        return slot.outcome

    @property
    def _has_room(self) -> bool:
        return self._running < min(self._pace, self._runner.capacity)

    def _start_calls(self) -> None:
        """Start as many calls as there may be now: those that were refused first."""
        while self._has_room and time.monotonic() >= self._not_before:
            if self._refused:
                slot = self._refused.popleft()
            elif len(self._slots) < self._runner.capacity and not self._exhausted:
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
            slot.pending = pending = self._runner.start(slot.item)
        except Exception as error:
            if not self._keep:
                raise
            slot.outcome, slot.done, slot.failed = error, True, True
            return
        self._running += 1
        pending.add_done_callback(functools.partial(self._note_end, slot))

    def _note_end(self, slot: _Slot, _pending: Pending) -> None:
        """Take note that a call has ended, on whichever thread that is known first."""
        with self._changed:
            self._ended.append(slot)
            self._changed.notify_all()

    def _wait(self) -> None:
        """Wait until a call ends, or one that was refused may be made again."""
        self._runner.flush()
        if self._running:
            # Its end is what makes a place; a pause is for when there is nothing to wait for.
            with self._changed:
                self._changed.wait_for(lambda: self._ended)
        else:
            pause = self._not_before - time.monotonic()
            time.sleep(min(max(0.0, pause), LONGEST_SLEEP))
        while self._ended:
            slot = self._ended.popleft()
            if slot.pending is not None:
                self._take(slot, slot.pending)

    def _take(self, slot: _Slot, pending: Pending) -> None:
        """Take note of how a call ended."""
        slot.pending = None
        self._running -= 1
        try:
            slot.outcome = pending.result(0)
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
        if self._streak >= self._pace < self._runner.capacity:
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
        self._pace, self._streak = max(1, min(self._pace, self._running)), 0
        now = time.monotonic()
        if error.retry_after is not None:
            self._not_before = max(self._not_before, now + error.retry_after)
        elif not self._running:
            self._not_before = now + self._pause
            self._pause = min(2 * self._pause, LONGEST_PAUSE)


class _LeftCall:
    """A call of the process that this one was forked from."""

    def done(self) -> bool:
        return True

    def result(self, timeout: float | None = None) -> Any:
        del timeout
        raise ConnectionLost("The call belongs to the process that this one was forked from.")

    def cancel(self) -> bool:
        return False

    def add_done_callback(self, fn: object) -> None:
        raise NotImplementedError


_LEFT = _LeftCall()
