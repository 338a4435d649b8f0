"""Many calls of one function: a bounded number at a time, results in order, at the app's pace.

Inputs that another process is at are passed over, a bounded number of them, and asked for again
later; their results come in their places.
"""

from __future__ import annotations

import contextlib
import functools
import time
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .. import forksafe
from ..errors import ConnectionLost, JournalError, QueueFull, RateLimited
from .ledger import NoLedger, Others, Ours, Outcome
from .pace import Pace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .bar import Watcher
    from .ledger import Ledger
    from .runner import Pending, Runner

LONGEST_SLEEP = 3600.0
"""How long to sleep at once: nothing sleeps for ever, whatever a server asks for."""

ASK_SECONDS = 0.2
"""How often inputs are asked for that other processes are at: nobody tells of these."""

LEAST_AHEAD = 64
"""How many inputs are taken ahead at least while others are waited for."""


@dataclass(eq=False)
class _Slot:
    """One of the inputs that are under way.

    Attributes:
        item: The input, as the runner takes it.
        pending: Its call, as long as that is under way.
        ticket: What it is asked for by, as long as another process is at it.
        outcome: What came of it, once that is known.
        refused_since: When it was first refused, if it was.
    """

    item: Any = None
    pending: Pending | None = None
    ticket: Any = None
    outcome: Outcome | None = None
    refused_since: float | None = None


class Mapped:
    """The calls of one ``map``.

    Args:
        runner: Makes the calls, and says how many are under way at most.
        items: The inputs, of which no more are taken than can be under way.
        keep: Whether errors are results.
        patience: Seconds for which a call may be refused; ``None`` for any number.
        ledger: Knows what became of inputs before; by default nothing is known.
        watcher: Is told how far it is; by default nobody is.
    """

    def __init__(
        self,
        runner: Runner,
        items: Iterator[Any],
        *,
        keep: bool,
        patience: float | None,
        ledger: Ledger | None = None,
        watcher: Watcher | None = None,
    ) -> None:
        self._runner = runner
        self._items = items
        self._keep = keep
        self._ledger: Ledger = NoLedger() if ledger is None else ledger
        self._watcher = watcher
        self._pace = Pace(lambda: runner.capacity, patience)
        self._slots: deque[_Slot] = deque()
        # Those whose calls are to begin: they were refused, or another process has let go of them.
        self._ready: deque[_Slot] = deque()
        self._others: list[_Slot] = []
        self._asked = 0.0
        self._exhausted = False
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
            JournalError: The journal can't be used any more.
        """
        try:
            while True:
                self._start_calls()
                if not self._slots:
                    return
                outcome = self._slots[0].outcome
                if outcome is None:
                    self._wait()
                    continue
                self._slots.popleft()
                if outcome.failed and not self._keep:
                    raise outcome.value
                yield outcome.value
        finally:
            self._give_up()

    def _give_up(self) -> None:
        """Cancel what is under way, and tell who keeps books and who watches."""
        try:
            for slot in self._slots:
                if slot.pending is not None and not slot.pending.cancel():
                    self._note_late_refusal(slot, slot.pending)
        finally:
            try:
                self._ledger.close()
            finally:
                if self._watcher is not None:
                    self._watcher.close()

    def _note_late_refusal(self, slot: _Slot, pending: Pending) -> None:
        """Note of a call that has ended that it was refused, if it was, and never ran.

        What the journal cannot be told counts as what is not known.
        """
        try:
            pending.result(0)
        except (QueueFull, RateLimited) as error:
            if not error.may_have_run:
                with contextlib.suppress(JournalError):
                    self._ledger.note_refusal(slot.item)
        except Exception:  # noqa: BLE001 - that was noted by whoever brought it, and nobody asks
            return

    # Beginning calls.

    def _start_calls(self) -> None:
        """Start as many calls as there may be now: those that were refused first."""
        while self._pace.allows(self._running):
            if self._ready:
                self._start(self._ready.popleft())
            elif len(self._slots) >= self._room or not self._take_next():
                return

    @property
    def _room(self) -> int:
        """How many inputs may be taken and not given back."""
        most = self._runner.capacity
        return most + max(LEAST_AHEAD, 4 * most) if self._others else most

    def _take_next(self) -> bool:
        """Take the next input, and start its call if it is to be made; false if there is none."""
        if self._exhausted:
            return False
        try:
            item = next(self._items)
        except StopIteration:
            self._exhausted = True
            return False
        slot = _Slot()
        try:
            found = self._ledger.look_up(item)
        except JournalError:
            raise
        except Exception as error:
            if not self._keep:
                raise
            found = Outcome(error, failed=True)
        self._slots.append(slot)
        self._take_finding(slot, found)
        if self._ready:
            self._start(self._ready.popleft())
        return True

    def _take_finding(self, slot: _Slot, found: Outcome | Ours | Others) -> None:
        """Take note of what is known of an input."""
        match found:
            case Ours(item):
                slot.item = item
                self._ready.append(slot)
            case Others(ticket):
                slot.ticket = ticket
                self._others.append(slot)
            case Outcome():
                self._end(slot, found)

    def _start(self, slot: _Slot) -> None:
        try:
            slot.pending = pending = self._runner.start(slot.item)
        except Exception as error:
            if not self._keep:
                raise
            self._ledger.note_failure(slot.item, error)
            self._end(slot, Outcome(error, failed=True))
            return
        self._running += 1
        pending.add_done_callback(functools.partial(self._note_end, slot))

    def _note_end(self, slot: _Slot, _pending: Pending) -> None:
        """Take note that a call has ended, on whichever thread that is known first."""
        with self._changed:
            self._ended.append(slot)
            self._changed.notify_all()

    # Waiting for their ends.

    def _wait(self) -> None:
        """Wait until a call ends, or one may be made, or another process has ended one."""
        self._runner.flush()
        limit = self._find_limit()
        if self._running:
            # Its end is what makes a place; a pause is for when there is nothing to wait for.
            with self._changed:
                self._changed.wait_for(lambda: self._ended, limit)
        elif not self._ended:
            time.sleep(LONGEST_SLEEP if limit is None else limit)
        while self._ended:
            slot = self._ended.popleft()
            if slot.pending is not None:
                self._take(slot, slot.pending)
        if self._others and time.monotonic() >= self._asked + ASK_SECONDS:
            self._ask_again()
        if self._watcher is not None:
            self._watcher.draw()

    def _find_limit(self) -> float | None:
        """Return how long to wait at most; ``None`` where only an end is waited for."""
        limits = [] if self._running else [min(self._pace.seconds_left, LONGEST_SLEEP)]
        if self._others:
            limits = [ASK_SECONDS, *(limits if self._ready else [])]
        if self._watcher is not None:
            limits.append(self._watcher.seconds)
        return min(limits, default=None)

    def _ask_again(self) -> None:
        """Ask for the inputs that other processes were at."""
        asked, self._others = self._others, []
        try:
            found = self._ledger.ask_again([slot.ticket for slot in asked])
        except BaseException:
            self._others = asked
            raise
        for slot, each in zip(asked, found, strict=True):
            self._take_finding(slot, each)
        self._asked = time.monotonic()

    def _take(self, slot: _Slot, pending: Pending) -> None:
        """Take note of how a call ended."""
        slot.pending = None
        self._running -= 1
        try:
            outcome = Outcome(pending.result(0))
        except JournalError:
            raise
        except (QueueFull, RateLimited) as error:
            if slot.refused_since is None:
                slot.refused_since = time.monotonic()
            if self._pace.may_try_again(error, slot.refused_since):
                self._ledger.note_refusal(slot.item)
                self._pace.slow_down(error, self._running)
                self._ready.append(slot)
                return
            self._ledger.note_failure(slot.item, error)
            outcome = Outcome(error, failed=True)
        except Exception as error:  # noqa: BLE001 - whether it is raised is for later to say
            outcome = Outcome(error, failed=True)
        self._pace.note_end()
        self._end(slot, outcome)

    def _end(self, slot: _Slot, outcome: Outcome) -> None:
        slot.item, slot.outcome = None, outcome  # what was sent may be large
        if self._watcher is not None:
            self._watcher.count(outcome)


class _LeftCall:
    """A call of the process that this one was forked from."""

    def result(self, timeout: float | None = None) -> Any:
        del timeout
        raise ConnectionLost("The call belongs to the process that this one was forked from.")

    def cancel(self) -> bool:
        return False

    def add_done_callback(self, fn: object) -> None:
        raise NotImplementedError


_LEFT = _LeftCall()
