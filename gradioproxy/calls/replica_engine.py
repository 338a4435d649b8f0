"""What runs the calls of one app that is at several addresses: each goes where it would wait least.

An address that fails a call of which nothing was sent is left out, and the call goes to another.
One that was left out is tried again when a call comes, after a pause that doubles, while the call
goes elsewhere. Where all are left out, the call waits until each was tried since it came.

Rule: every call that waits here is placed or ended by whoever ends the last try that it waits for.
"""

from __future__ import annotations

import contextlib
import functools
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from ..errors import GradioProxyError, ProtocolError, SchemaChanged, SessionClosed
from .engine import Engine
from .failures import own_error
from .load import Balance
from .replica import build_outage_error

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ..files.filedata import Upload
    from ..options import SessionOptions
    from ..transport.http import Transport
    from .described import Described
    from .job import Job
    from .job_record import JobRecord
    from .moving import Attempt, MovingRecord
    from .record import CallRecord
    from .replica import Replica
    from .request import Prepared

T = TypeVar("T")

# How often a call goes to one address: a second time, if that was tried meanwhile and answered.
MOST_ATTEMPTS = 2


class ReplicaEngine(Engine):
    """Runs calls at several addresses.

    Args:
        description: What the app says of itself: what each address is held to.
        transport: The way to the one that said so.
        options: The session's options.
        replicas: The addresses.
        describe: Asks all of them for their descriptions, again; returns what they are held to.
    """

    def __init__(
        self,
        description: Described,
        transport: Transport,
        options: SessionOptions,
        replicas: Sequence[Replica],
        describe: Callable[[Transport], Described],
    ) -> None:
        self.replicas = tuple(replicas)
        self._balance = Balance()
        # Each with how many tries had been begun when it came: what these find out may be old.
        self._waiting: dict[MovingRecord, int] = {}
        self._tries = 0
        wider = replace(options, streams=options.streams * len(self.replicas))
        super().__init__(description, transport, wider, describe)

    @property
    def uploads(self) -> list[Upload]:
        """The files that went up, at each address."""
        known = [each.engine for each in self.replicas if each.is_known]
        return [upload for engine in known for upload in engine.uploader.uploads]

    @property
    def session_hash(self) -> str:
        """What the app knows the session by at the first address that was reached."""
        return next(each.engine.session_hash for each in self.replicas if each.is_known)

    def ensure_open(self) -> None:
        """Do nothing, unless the session was closed.

        Raises:
            SessionClosed: It was.
        """
        if self.closed:
            urls = ", ".join(repr(each.url) for each in self.replicas)
            raise SessionClosed(
                f"The session was closed. Open it again with gradioproxy.replicas({urls})."
            )

    def refresh(self) -> None:
        """Ask for the app's description again, and whether all addresses have that app.

        Raises:
            GradioProxyError: No address answers, or its app keeps a state.
        """
        super().refresh()
        for each in self.replicas:
            try:
                engine = each.reach(self.app)
            except GradioProxyError as error:  # noqa: PERF203 - the others are asked all the same
                self._end_try(each, error, None)
            else:
                self._end_try(each, None, engine)

    def leave_state(self) -> None:
        """Let calls that are begun from now on go under hashes that nobody has used."""
        super().leave_state()
        for each in self.replicas:
            if each.is_known:
                each.engine.leave_state()

    # Where a call goes.

    def find(self, make: Callable[[Engine], T]) -> tuple[T, Replica]:
        """Return where a call would wait least, and what it takes to make it there.

        Args:
            make: Returns that; raises `SchemaChanged` where the app is another one.

        Raises:
            SchemaChanged: It is at each address.
            GradioProxyError, TypeError: As *make* does.
        """
        self.ensure_open()
        while (chosen := self._choose()) is not None:
            made = self._make_at(chosen, make)
            if made is not None:
                return made, chosen
        for each in self.replicas:  # the arguments are checked although nobody is there
            if each.is_known:
                with contextlib.suppress(SchemaChanged):
                    return make(each.engine), each
        raise self._build_error()

    def _make_at(self, replica: Replica, make: Callable[[Engine], T]) -> T | None:
        """Return what it takes to make a call at an address; ``None`` if that has another app."""
        try:
            return make(replica.engine)
        except SchemaChanged as error:
            self._leave_out(replica, error)
            return None

    def _choose(self, record: MovingRecord | None = None) -> Replica | None:
        """Return the address where a call would wait least, of those that can take it."""
        with self._lock:
            there = [each for each in self._find_open(record) if each.outage is None]
            place = self._balance.choose([each.load for each in there]) if there else None
            now = time.monotonic()
            due = [each for each in self.replicas if each.outage and each.outage.due <= now]
        self._begin_tries(due)
        return None if place is None else there[place]

    def _find_open(self, record: MovingRecord | None) -> list[Replica]:
        """Return the addresses that have not failed a call too often."""
        failures = {} if record is None else record.failures
        return [each for each in self.replicas if len(failures.get(each, ())) < MOST_ATTEMPTS]

    def send(self, job: Job[Any], record: MovingRecord) -> None:
        """Run a call; returns at once.

        Raises:
            SessionClosed: The session was closed.
            TooManyJobs: The session remembers as many jobs as it may, by its policy.
        """
        self._take_in(job, record, functools.partial(self._guard, record, self._begin))

    def move(self, record: MovingRecord, attempt: Attempt, error: GradioProxyError) -> None:
        """Let a call go to another address, as its own could not take it."""
        self._guard(record, functools.partial(self._move, attempt=attempt, error=error))

    def _guard(self, record: MovingRecord, act: Callable[[MovingRecord], None]) -> None:
        """Do something for a call that is nowhere; if that fails, the call ends with it."""
        try:
            act(record)
        except Exception as error:  # noqa: BLE001 - whatever it is, nobody must wait for ever
            record.fail(own_error(error))
        except BaseException:
            record.cancel()
            raise

    def _begin(self, record: MovingRecord) -> None:
        if record.first is not None:
            made, replica = record.first
            if replica.outage is None:
                self._launch(record, replica, made)
                return
        self._place(record)

    def _move(self, record: MovingRecord, attempt: Attempt, error: GradioProxyError) -> None:
        replica = attempt.replica
        replica.engine.let_go(attempt)
        replica.load.end(attempt)
        with self._lock:
            record.failures.setdefault(replica, []).append(error)
        self._leave_out(replica, error)
        self._place(record)

    def _place(self, record: MovingRecord, *, waits: bool = True) -> None:
        """Let a call go where it would wait least.

        Args:
            record: What is known of it.
            waits: Whether it waits until those were tried that are left out, if it is all of them.

        Raises:
            GradioProxyError: There is no place for it.
        """
        while (trip := record.trip) is not None and not record.is_over:
            chosen = self._choose(record)
            if chosen is None:
                if not waits:
                    raise self._build_error(record)
                self._wait(record)
                return
            made = self._make_at(chosen, trip.prepare)
            if made is not None:
                self._launch(record, chosen, made)
                return

    def _launch(self, record: MovingRecord, replica: Replica, made: Prepared) -> None:
        attempt = record.begin_attempt(made, replica)
        if attempt is None:
            return
        replica.load.begin(attempt, made.request.name, time.monotonic())
        try:
            replica.engine.launch(attempt, made.payload)
        except GradioProxyError as error:  # as of an app that was restarted meanwhile
            attempt.fail(error)
        finally:
            if attempt.is_over:  # it was given up before it was there, or has left already
                replica.engine.let_go(attempt)
                replica.load.end(attempt)

    def _leave_out(self, replica: Replica, error: GradioProxyError) -> None:
        with self._lock:
            if replica.outage is None:  # else another call, or a try, told of it
                replica.leave_out(error)

    # Calls that wait because all addresses are left out.

    def _wait(self, record: MovingRecord) -> None:
        """Let a call wait until each address was tried that is left out; then it is placed."""
        with self._lock:
            self._waiting[record] = self._tries
        self._end_waiting()  # nothing may be left to be tried, or one came back meanwhile

    def _begin_tries(self, replicas: Sequence[Replica]) -> None:
        """Try addresses that are left out, each on a thread, unless that is being done."""
        for each in replicas:
            try:
                with self._lock:
                    if each.outage is None or each.outage.trying or self.closed:
                        continue
                    self._tries += 1
                    each.begin_try(self._tries)
                self._calls.submit(functools.partial(self._try, each))
            except RuntimeError as error:  # the system gives us no thread
                self._end_try(each, own_error(error), None)
            except BaseException:  # Ctrl-C: whoever comes next tries it
                with self._lock:
                    each.end_try()
                raise

    def _try(self, replica: Replica) -> None:
        """Find out whether an address can take calls again."""
        try:
            engine = replica.reach(self.app)
        except Exception as error:  # noqa: BLE001 - whatever it is, who waits is told
            # In here: a name for the error would hold this frame, to which the error leads.
            self._end_try(replica, own_error(error), None)
        else:
            self._end_try(replica, None, engine)

    def _end_try(
        self, replica: Replica, error: GradioProxyError | None, engine: Engine | None
    ) -> None:
        with self._lock:
            is_late = self.closed
            if error is not None:
                replica.leave_out(error)
            elif engine is not None:
                replica.come_back(engine)
        if is_late:
            replica.close()
        self._end_waiting()

    def _end_waiting(self) -> None:
        """Place the calls that need not wait any longer, and end those that have no place.

        What the others wait for is tried.
        """
        while (record := self._take_ready()) is not None:
            self._guard(record, functools.partial(self._place, waits=False))
        with self._lock:
            needed = {each for one in self._waiting for each in self._find_untried(one)}
        self._begin_tries([*needed])

    def _take_ready(self) -> MovingRecord | None:
        """Return a call that need not wait any longer, which waits no more; ``None`` if all do."""
        with self._lock:
            ready = next((each for each in self._waiting if not self._must_wait(each)), None)
            if ready is not None:
                del self._waiting[ready]
            return ready

    def _must_wait(self, record: MovingRecord) -> bool:
        """Tell whether an address is still to be tried for a call, and there is no other for it."""
        if self.closed or any(each.outage is None for each in self._find_open(record)):
            return False
        return bool(self._find_untried(record))

    def _find_untried(self, record: MovingRecord) -> list[Replica]:
        """Return the addresses that are left out, and were not tried since a waiting call came."""
        began = self._waiting[record]
        out = self._find_open(record)
        return [each for each in out if each.outage and each.outage.tried <= began]

    def _build_error(self, record: MovingRecord | None = None) -> GradioProxyError:
        failures = {} if record is None else record.failures
        with self._lock:
            errors = {each.url: found[-1] for each, found in failures.items()}
            errors |= {each.url: each.outage.error for each in self.replicas if each.outage}
        return build_outage_error(
            "No address of the app can take the call. It did not run.", errors
        )

    # What calls ask for, as `moving.Mover`.

    def withdraw(self, record: CallRecord) -> None:
        """Tell the server, from another thread, that a call is given up."""
        attempt: Attempt | None = getattr(record, "attempt", None)
        if attempt is not None:
            attempt.replica.engine.withdraw(attempt)

    def forget(self, record: JobRecord) -> None:
        """Let go of a call that is over."""
        self.let_go(record)
        attempt: Attempt | None = getattr(record, "attempt", None)
        if attempt is None:
            return
        replica = attempt.replica
        replica.engine.let_go(attempt)
        if record.end is not None and record.end.stage == "finished":
            self._balance.finish(replica.load, attempt, time.monotonic())
            with self._lock:
                replica.prove()
        replica.load.end(attempt)

    # The session's own life.

    def start(self, *args: Any, **options: Any) -> NoReturn:
        """Refuse to make a call that only one address knows of.

        Raises:
            ProtocolError: Always.
        """
        del args, options
        raise ProtocolError(
            "Of a session with several addresses, nobody knows which of them has begun this call. "
            "Connect to that one alone."
        )

    def close(self) -> None:
        """Cancel what runs, end the threads and close the connections."""
        with self._lock:
            self.closed = True
            self._waiting.clear()
        with contextlib.ExitStack() as stack:  # whatever comes of one, the others are closed
            stack.callback(super().close)
            for each in self.replicas:
                stack.callback(each.close)
            for record in self._under_way.list():
                record.cancel()

    def after_fork(self) -> None:
        """Start anew in a forked child; calls that were under way are the parent's."""
        super().after_fork()
        self._waiting = {}
        for each in self.replicas:
            each.after_fork()
