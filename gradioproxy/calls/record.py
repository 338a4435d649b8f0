"""What is known of one call here: how far it got, and what its caller is told of it.

Rule: what happens to a call is noted under locks, the lane's and the record's, and nothing more.
Whatever takes its time or runs others' code (decoding, log lines, the end itself with the callbacks
of users) is an *effect*: effects run one after the other, in order, with no lock held. Who has
told a record something under a lock calls `CallRecord.run_effects` when the lock is free again.
"""

from __future__ import annotations

import abc
from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

from .. import forksafe
from ..errors import ConnectionLost
from ..uncopyable import Uncopyable
from .status import Status

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from ..errors import GradioProxyError
    from ..protocols.events import Event
    from ..transport.in_flight import InFlight
    from .request import CallRequest
    from .status import Stage


class Seating(Protocol):
    """What a call takes part in, as far as its record has to know: a `lane.Lane`."""

    def cancel_at_exit(self, number: Hashable) -> None:
        """Tell the server that a call is given up, and tell nobody else."""


class Listeners:
    """Functions that are called at each change of something.

    Args:
        lock: The lock of what changes; the functions are called without it.
    """

    __slots__ = ("_functions", "_lock")

    def __init__(self, lock: forksafe.RLock) -> None:
        self._lock = lock
        self._functions: set[Callable[[], None]] = set()

    def __len__(self) -> int:
        return len(self._functions)

    def add(self, tell: Callable[[], None]) -> None:
        """Call a function from now on, on whichever thread brings a change."""
        with self._lock:
            self._functions.add(tell)

    def remove(self, tell: Callable[[], None]) -> None:
        """Call it no more."""
        with self._lock:
            self._functions.discard(tell)

    def clear(self) -> None:
        """Call none any more."""
        with self._lock:
            self._functions.clear()

    def tell(self) -> None:
        """Call them all; not to be called with the lock held."""
        with self._lock:
            functions = list(self._functions)
        for tell in functions:
            tell()


class CallRecord(Uncopyable, abc.ABC):
    """What is known of one call here.

    Args:
        request: What is asked of the app.

    Attributes:
        request: The same.
        event_id: The server's name for the call.
        sent: Whether what makes the app run the call was sent, and not refused.
        seat: The conversation in which the call takes part, and its number there.
        work: What the call alone waits for: its files on their way up, or the answer to its post.
        patient: Whether that answer comes when the call is over, whenever that is.
    """

    def __init__(self, request: CallRequest) -> None:
        self.request = request
        self.event_id: str | None = None
        self.sent = False
        self.seat: tuple[Seating, Hashable] | None = None
        self.work: InFlight | None = None
        self.patient = False
        # Reentrant, because a collected stream cancels its job from wherever the collector runs.
        self._changed = forksafe.Condition()
        self._status = Status()
        self._effects: deque[Callable[[], None]] = deque()
        self._has_runner = False
        self._listeners = Listeners(self._changed)
        forksafe.register(self)  # last, when all is there that a child may ask for

    def after_fork(self) -> None:
        """Leave the call, and whoever waits for it, to the parent."""
        self.sent, self.work, self.seat = self.was_sent, None, None
        self._listeners.clear()
        self._effects.clear()
        self._has_runner = False
        self.abandon(
            ConnectionLost("The call belongs to the process that this one was forked from.")
        )

    @property
    @abc.abstractmethod
    def is_over(self) -> bool:
        """Whether it is known how the call ended: nobody wants to hear of it any more."""

    @property
    def is_ending(self) -> bool:
        """Whether it is known how the call ends, if only here: nothing of it is sent any more."""
        return self.is_over

    @abc.abstractmethod
    def handle(self, *happened: Event) -> None:
        """Note what happened to the call, unless it is over; the rest is left to `run_effects`."""

    @abc.abstractmethod
    def fail(self, error: BaseException) -> None:
        """End the call with an error, unless it is over; not to be called with a lock held."""

    @abc.abstractmethod
    def give_up(self, error: BaseException) -> None:
        """End the call with an error of this side, and have the server told of that."""

    @abc.abstractmethod
    def cancel(self) -> bool:
        """Give the call up; return whether that is how it ends."""

    @abc.abstractmethod
    def abandon(self, error: GradioProxyError) -> None:
        """End the call in a forked child, where nobody brings it to its end."""

    def drop_files(self) -> None:
        """Give up the files that are on their way here, because the process is about to end."""

    @abc.abstractmethod
    def note(self, what: str) -> None:
        """Note a step of the call for reports, where such are written."""

    def forget_app(self) -> None:
        """Keep no more of the app than reports say: it may be another one after each call."""
        self.request = self.request.without_endpoints()

    # Where it is at the server.

    def take_seat(self, seating: Seating, number: Hashable) -> None:
        """Note where the call takes part."""
        self.seat = seating, number

    def leave_seat(self) -> None:
        """Note that the call takes part nowhere."""
        self.seat = None

    def set_event_id(self, event_id: str | None) -> None:
        """Note the server's name for the call; ``None`` changes nothing."""
        self.event_id = event_id or self.event_id

    def set_sent(self, sent: bool) -> None:
        """Note whether what makes the app run the call was sent, and not refused."""
        self.sent = sent

    @property
    def was_sent(self) -> bool:
        """Whether what makes the app run the call may have been sent, if only a part of it."""
        work = self.work
        return self.sent or (work is not None and work.sent)

    def wait_on(self, work: InFlight | None, *, patient: bool = False) -> None:
        """Note what the call alone waits for, which is ended if nobody waits for the call."""
        with self._changed:
            self.sent = self.was_sent
            self.work, self.patient = work, patient
            if work is not None and self.is_ending:
                work.interrupt()

    def prepare_sending(self) -> None:
        """Do what has to be done before what makes the app run the call is sent; without a lock.

        Raises:
            GradioProxyError: It can't be done, and nothing is to be sent.
        """

    def begin_sending(self) -> bool:
        """Note that what makes the app run the call goes out now, unless the call is ending."""
        with self._changed:
            self.sent = self.sent or not self.is_ending
            return not self.is_ending

    def withhold(self) -> bool:
        """Let nothing be sent that was not begun; return whether anything was."""
        with self._changed:
            self.sent = self.sent or (self.work is not None and self.work.withhold())
            return self.sent

    # Its status, and who waits for another one.

    @property
    def status(self) -> Status:
        """Where the call is, at this moment."""
        return self._status

    def update(self, **changes: Any) -> None:
        """Change the status; not to be called with a lock held."""
        with self._changed:
            if self.is_over:
                return
            self._set_status(replace(self._status, **changes))
        self.run_effects()

    def change_stage(self, stage: Stage, *, only_from: Stage | None = None) -> Stage:
        """Change the stage, unless it is another one than *only_from*; return the one before."""
        with self._changed:
            before = self._status.stage
            if not self.is_over and only_from in {None, before}:
                self._set_status(replace(self._status, stage=stage))
        self.run_effects()
        return before

    def wait_for_news(self, known: Status | None, timeout: float) -> Status:
        """Return the status as soon as it is not *known* any more, or the call is done.

        Args:
            known: A status; ``None`` to wait for the end alone.
            timeout: Seconds after which it is returned as it is.
        """
        with self._changed:
            self._changed.wait_for(
                lambda: self.is_over or (known is not None and self._status is not known), timeout
            )
            return self._status

    def wait_until(self, condition: Callable[[], Any], timeout: float | None = None) -> bool:
        """Wait until a condition holds that depends on what happens to the call; tell whether."""
        with self._changed:
            return bool(self._changed.wait_for(condition, timeout))

    def add_listener(self, tell: Callable[[], None]) -> None:
        """Call a function at each change, on whichever thread brings it."""
        self._listeners.add(tell)

    def remove_listener(self, tell: Callable[[], None]) -> None:
        """Call it no more."""
        self._listeners.remove(tell)

    def _set_status(self, status: Status) -> None:
        """Change the status and wake whoever waits for news; with the lock held."""
        self._status = status
        self._notify()

    def _notify(self) -> None:
        """Wake whoever waits for news; with the lock held."""
        self._changed.notify_all()
        if self._listeners:
            self._effects.append(self._listeners.tell)

    # Effects.

    def add_effect(self, effect: Callable[[], None]) -> None:
        """Have something done without a lock, in the order of what happens to the call."""
        with self._changed:
            self._effects.append(effect)

    def run_effects(self) -> None:
        """Run what was left to be done without a lock, unless another thread is at it."""
        while self._run_effect():
            pass

    def _run_effect(self) -> bool:
        """Run the first effect; false if there is none, or another thread is at it.

        It is only then taken off: what Ctrl-C cuts short is done by who comes next.
        """
        runs = False
        try:
            with self._changed:
                if self._has_runner or not self._effects:
                    return False
                runs = self._has_runner = True
                effect = self._effects[0]
            try:
                effect()
            except KeyboardInterrupt:
                raise
            except BaseException as error:
                self._drop_effect(effect)
                if not isinstance(error, Exception):
                    raise
                self.give_up(error)  # nobody must wait for ever
            self._drop_effect(effect)
        finally:
            if runs:
                self._has_runner = False
        return True

    def _drop_effect(self, effect: Callable[[], None]) -> None:
        with self._changed:
            if self._effects and self._effects[0] is effect:  # in a forked child it is not
                del self._effects[0]
