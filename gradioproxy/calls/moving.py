"""Calls that can go to one of several addresses, and on to another one while nothing was sent.

A `MovingRecord` is what its caller's job shows. What runs the call at one address knows an
`Attempt`, which speaks for the record for as long as the call is there: whatever comes of an
attempt that was left is ignored.

Rule: a call moves only if nothing was sent that could make an app run it. Whether that is so is
found out under the record's lock, from which on the attempt that is left can send nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from ..errors import (
    AuthenticationError,
    ConnectError,
    ConnectionLost,
    GradioProxyError,
    NotGradio,
    RateLimited,
    SchemaChanged,
    SchemaError,
    ServerError,
    SpaceError,
    Timeout,
)
from ..files.source import RemoteSource
from .failures import own_error
from .job_record import Home, JobRecord
from .record import CallRecord
from .status import Status

if TYPE_CHECKING:
    from collections.abc import Callable

    from .. import forksafe
    from ..protocols.events import Event
    from ..transport.in_flight import InFlight
    from .call_journal import CallJournal
    from .engine import Engine
    from .replica import Replica
    from .request import Prepared
    from .status import Stage

_OF_ADDRESSES = (
    AuthenticationError,
    ConnectError,
    ConnectionLost,
    NotGradio,
    RateLimited,
    SchemaChanged,
    SchemaError,
    ServerError,
    SpaceError,
    Timeout,
)


def is_of_address(error: BaseException) -> bool:
    """Tell whether an error says that an address is of no use, and nothing of the call itself."""
    return isinstance(error, _OF_ADDRESSES) and getattr(error, "limit", "") != "call_timeout"


class Trip(Protocol):
    """Makes what a call sends, for each address that it goes to."""

    def prepare(self, engine: Engine) -> Prepared:
        """Return what it takes to make the call there.

        Raises:
            SchemaChanged: There is no such function, or one that means something else.
            TypeError, ArgumentError, SchemaError: It can't be made with these arguments.
        """
        ...


class Mover(Home, Protocol):
    """What a call that can move belongs to: a `replica_engine.ReplicaEngine`."""

    def move(self, record: MovingRecord, attempt: Attempt, error: GradioProxyError) -> None:
        """Let a call go to another address; whatever comes of that, the call goes on or ends.

        Args:
            record: What is known of the call.
            attempt: What was left.
            error: Why.
        """
        ...


class MovingRecord(JobRecord):
    """What is known of a call that can go to one of several addresses.

    Args:
        first: What it takes to make it where it goes first.
        replica: That address.
        home: What it belongs to.
        trip: Makes what it sends elsewhere.
        keep: As for `JobRecord`.
        result_only: As for `JobRecord`.
        journal: As for `JobRecord`.

    Attributes:
        attempt: What is known of it where it is now; ``None`` while it is nowhere.
        failures: Why each address could not take it, each time.
    """

    def __init__(
        self,
        first: Prepared,
        replica: Replica,
        home: Mover,
        trip: Trip,
        keep: int | None = None,
        *,
        result_only: bool = False,
        journal: CallJournal | None = None,
    ) -> None:
        self.attempt: Attempt | None = None  # before another thread may fork
        self._mover: Mover | None = home
        request, _, decoder, files = first
        super().__init__(
            request, home, decoder, files, keep, result_only=result_only, journal=journal
        )
        self.first: tuple[Prepared, Replica] | None = (first, replica)
        self.trip: Trip | None = trip
        self.failures: dict[Replica, list[GradioProxyError]] = {}

    # Where it is.

    def begin_attempt(self, made: Prepared, replica: Replica) -> Attempt | None:
        """Let the call be one of an address; ``None`` if it is ending.

        Args:
            made: What it takes to make it there.
            replica: The address.
        """
        with self._changed:
            if self.is_ending:
                return None
            self.request, self._decoder, self._files = made.request, made.decoder, made.files
            self.attempt, self.first = Attempt(self, self._changed, made, replica), None
            return self.attempt

    def leave(self, attempt: Attempt, error: BaseException) -> bool:
        """Leave an address that failed, if the call can go to another one.

        Args:
            attempt: What is known of the call there.
            error: What the address failed with.

        Returns:
            Whether the attempt counts no more: what it failed with is no end of the call.
        """
        with self._changed:
            if attempt.is_ending:
                return True
            mover = self._mover
            if mover is None or not attempt.can_leave(error):
                attempt.stay()
                return False
            attempt.close()
            self.attempt, self.event_id = None, None
            # Whatever was to follow from what was heard there, such as the end of the call.
            self._effects.clear()
            self.note(f"leaves {attempt.request.transport.address.url}: {type(error).__name__}")
            self._set_status(Status())
        self.run_effects()
        self.note_unsent()  # before it can be sent elsewhere
        mover.move(self, attempt, own_error(error))
        return True

    def fail(self, error: BaseException) -> None:
        """End the call with an error, or let it go to another address."""
        attempt = self.attempt
        if attempt is None or not self.leave(attempt, error):
            super().fail(error)

    # What is known of it there.

    @property
    def was_sent(self) -> bool:
        """Whether what makes the app run the call may have been sent, if only a part of it."""
        return self.sent if self.attempt is None else self.attempt.was_sent

    def withhold(self) -> bool:
        """Let nothing be sent that was not begun; return whether anything was."""
        with self._changed:
            if self.attempt is not None:
                self.sent = self.attempt.withhold()
            return self.sent

    def _conclude(self, *, withdraw: bool = False) -> None:
        super()._conclude(withdraw=withdraw)
        # The session remembers the job, and would be held by these.
        self.attempt = self._mover = self.trip = self.first = None
        self.failures = {}


class Attempt(CallRecord):
    """What is known of a call at one address, where it may not stay.

    Args:
        record: What its caller is told.
        lock: The record's lock, which is this one's too.
        made: What it takes to make the call there.
        replica: The address.

    Attributes:
        replica: The same.
        payload: What the call sends there.
    """

    def __init__(
        self, record: MovingRecord, lock: forksafe.Condition, made: Prepared, replica: Replica
    ) -> None:
        self._record = record
        self._is_closed = self._stays = self._may_be_answered = False
        super().__init__(made.request)
        self._changed = lock
        self.replica, self.payload = replica, made.payload

    @property
    def is_over(self) -> bool:
        """Whether nobody wants to hear of it any more."""
        return self._is_closed or self._record.is_over

    @property
    def is_ending(self) -> bool:
        """Whether nothing is sent there any more."""
        return self._is_closed or self._record.is_ending

    def close(self) -> None:
        """Ignore whatever comes of it from now on."""
        self._is_closed = True

    def stay(self) -> None:
        """Let the call not leave any more: it is about to end; with the lock held."""
        self._stays = True

    def can_leave(self, error: BaseException) -> bool:
        """Tell whether the call can go elsewhere after an error; with the lock held.

        If so, nothing can be sent any more. What was refused once may not be sent elsewhere: not
        every server that says so has done nothing.
        """
        carried = (slot.source for slot in self.payload.slots)
        if any(isinstance(each, RemoteSource) and each.failed for each in carried):
            return False  # it is where a file comes from that failed
        options = self.request.options
        if isinstance(error, AuthenticationError) and (
            # It may be the call itself that was refused, or this call's own secrets.
            self._may_be_answered or options.token or options.headers
        ):
            return False
        return is_of_address(error) and not self.withhold() and not self._stays

    # What the engine of the address tells.

    def handle(self, *happened: Event) -> None:
        """Note what happened to the call."""
        with self._changed:
            if not self.is_over:
                for event in happened:
                    self.replica.load.note(event)
                self._record.handle(*happened)

    def fail(self, error: BaseException) -> None:
        """Let the call go elsewhere, or end it."""
        if not self._record.leave(self, error):
            self._record.fail(error)

    def give_up(self, error: BaseException) -> None:
        """End the call with an error of this side, and have the server told of that."""
        if not self.is_over:
            self._record.give_up(error)

    def cancel(self) -> bool:
        """Give the call up."""
        return not self._is_closed and self._record.cancel()

    def abandon(self, error: GradioProxyError) -> None:
        """Do nothing: the record knows of the fork as well."""

    def drop_files(self) -> None:
        """Give up the files that are on their way here."""
        if not self._is_closed:
            self._record.drop_files()

    def note(self, what: str) -> None:
        """Add a step to the timeline of the call's report."""
        if not self._is_closed:
            self._record.note(what)

    def set_event_id(self, event_id: str | None) -> None:
        """Note the server's name for the call; ``None`` changes nothing."""
        with self._changed:
            super().set_event_id(event_id)
            if not self._is_closed:
                self._record.set_event_id(event_id)

    def prepare_sending(self) -> None:
        """Do what has to be done before what makes the app run the call is sent."""
        if not self._is_closed:
            self._record.prepare_sending()

    def set_sent(self, sent: bool) -> None:
        """Note whether what makes the app run the call was sent, and not refused."""
        with self._changed:
            super().set_sent(sent)
            self._stays = self._stays or sent

    def wait_on(self, work: InFlight | None, *, patient: bool = False) -> None:
        """Note what the call alone waits for, which is ended if nobody waits for the call."""
        with self._changed:
            self._may_be_answered = self._may_be_answered or self.was_sent
            super().wait_on(work, patient=patient)

    # What is the record's own.

    @property
    def status(self) -> Status:
        """Where the call is, at this moment."""
        return self._record.status

    def update(self, **changes: Any) -> None:
        """Change the status; not to be called with a lock held."""
        if not self._is_closed:
            self._record.update(**changes)

    def change_stage(self, stage: Stage, *, only_from: Stage | None = None) -> Stage:
        """Change the stage, unless it is another one than *only_from*; return the one before."""
        if self._is_closed:
            return stage
        return self._record.change_stage(stage, only_from=only_from)

    def add_effect(self, effect: Callable[[], None]) -> None:
        """Have something done without a lock, in the order of what happens to the call."""
        with self._changed:
            if not self._is_closed:
                self._record.add_effect(effect)

    def run_effects(self) -> None:
        """Run what was left to be done without a lock."""
        if not self._is_closed:
            self._record.run_effects()
