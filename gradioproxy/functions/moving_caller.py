"""Making the calls of a function that is at several addresses, whichever of them takes each.

Each address has a caller of its own, with what the app there says of the function: its number, how
its files are written, what its hidden inputs hold. The parameters are those of the function for
all of them, which `client` sees to.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, cast

from ..calls.job import Job
from ..calls.job_record import JobRecord
from ..calls.moving import MovingRecord
from ..errors import SchemaChanged
from ..values.file_slots import Sources
from .caller import Caller

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..calls.call_journal import CallJournal
    from ..calls.engine import Engine
    from ..calls.feed import Feed
    from ..calls.replica_engine import ReplicaEngine
    from ..calls.request import Encoded, Prepared
    from ..files.payload import Payload
    from ..options import CallOptions
    from ..schema.endpoint import Endpoint
    from ..transport.http import Transport
    from .calling import JobParts
    from .check import Check
    from .settings import CallSettings


_NOTHING = object()


class MovingCaller(Caller):
    """Makes the calls of one function at several addresses.

    Args:
        settings: How calls are made; the engine is a `ReplicaEngine`.
        endpoint: What is called, as all addresses have it.
        name: The function's name.
        names: Its parameters' names.
        defaults: As for `Caller`.
        settings_at: Returns how calls with some options are made by the engine of one address.
    """

    def __init__(
        self,
        settings: CallSettings,
        endpoint: Endpoint,
        name: str,
        names: tuple[str, ...],
        defaults: Mapping[str, Any],
        *,
        settings_at: Callable[[Engine, CallOptions], CallSettings],
    ) -> None:
        super().__init__(settings, endpoint, name, names, defaults)
        self._settings_at = settings_at
        self._callers: dict[Engine, Caller] = {}

    def find_caller(self, engine: Engine) -> Caller:
        """Return what makes the calls at one address.

        Raises:
            SchemaChanged: The app there has no such function, or one that means something else.
        """
        known = self._callers.get(engine)
        found = engine.app.find(self.endpoint.name)
        if known is not None and found is known.endpoint:
            return known
        if found is None or not found.is_compatible(self.endpoint):
            how = "is gone" if found is None else "takes or returns something else"
            raise SchemaChanged(
                f"{self.endpoint.name} {how} at {engine.transport.address.url}. Nothing was sent."
            )
        settings = self._settings_at(engine, self.settings.options)
        made = Caller(
            settings, found, self.name, self.names, self.defaults, result=self.result_type
        )
        self._callers[engine] = made
        return made

    def feed(self, /, **arguments: Any) -> Feed[Any]:
        """Call the app with a first chunk, and return what takes the others; at one address."""
        return self._choose_caller().feed(**arguments)

    def check(self, /, **arguments: Any) -> Check:
        """Check the arguments and return what would be sent to the address that is next."""
        return self._choose_caller().check(**arguments)

    def _choose_caller(self) -> Caller:
        self._ensure_current()
        return self._engine.find(self.find_caller)[0]

    def _ensure_current(self) -> None:
        """Do nothing, if the function is one that all addresses are held to.

        Raises:
            SchemaChanged: The session was refreshed, and it is another one now.
        """
        found = self._engine.app.find(self.endpoint.name)
        if found is self.endpoint:
            return
        if found is None or not found.is_compatible(self.endpoint):
            how = "is gone" if found is None else "takes or returns something else now"
            raise SchemaChanged(
                f"The session was refreshed, and {self.endpoint.name} {how}. Nothing was sent. "
                "Look at it with help(), then call it as it is now."
            )

    def list_ways(self) -> list[Transport]:
        """Return the ways to all addresses that were reached."""
        return [each.engine.transport for each in self._engine.replicas if each.is_known]

    @property
    def _engine(self) -> ReplicaEngine:
        return cast("ReplicaEngine", self.settings.engine)

    def _prepare(
        self,
        arguments: Mapping[str, Any],
        keep: int | None,
        *,
        result_only: bool = False,
        make: type[JobRecord] = JobRecord,
    ) -> JobParts:
        del make  # feeds are made by the callers of single addresses
        trip = _Trip(self, arguments, self._make_sources())
        return self._prepare_trip(trip, keep, result_only=result_only)

    def make_job(self, encoded: Encoded, journal: CallJournal) -> JobParts:
        """Return the parts of a call, whose way a journal keeps wherever it goes."""
        arguments, _, sources = encoded  # what is sent differs with the address
        trip = _Trip(self, arguments, sources)
        return self._prepare_trip(trip, 0, result_only=True, journal=journal)

    def _prepare_trip(
        self,
        trip: _Trip,
        keep: int | None,
        *,
        result_only: bool,
        journal: CallJournal | None = None,
    ) -> JobParts:
        self._ensure_current()
        engine = self._engine
        first, replica = engine.find(trip.prepare)
        record = MovingRecord(
            first, replica, engine, trip, keep, result_only=result_only, journal=journal
        )
        return Job(record), record, first.payload

    def hide(self, text: str) -> str:
        """Return a text without the secrets that calls go with to any of the addresses."""
        for way in self.list_ways():
            text = way.hide(text)
        return super().hide(text)

    def _make_sources(self) -> Sources:
        return Sources(self.list_ways())

    def begin(self, job: Job[Any], record: JobRecord, payload: Payload) -> None:
        """Run a call that was prepared, where it waits least; returns at once."""
        del payload  # which is made anew where the call moves on
        self._engine.send(job, cast("MovingRecord", record))


class _Trip:
    """Makes what one call sends, for each address that it goes to: of the arguments as they were.

    Args:
        caller: The function's caller.
        arguments: Its arguments by name. Lists and objects are copied, since whoever passed them
            may change them before the call moves on.
        sources: What was found of the files among them, and will be.
    """

    def __init__(
        self, caller: MovingCaller, arguments: Mapping[str, Any], sources: Sources
    ) -> None:
        self._caller = caller
        self._sources = sources
        # A default that was left out is known by its identity.
        self._arguments = {
            name: value if value is caller.defaults.get(name, _NOTHING) else _copy(value)
            for name, value in arguments.items()
        }

    def prepare(self, engine: Engine) -> Prepared:
        """Return what it takes to make the call at one address; see `moving.Trip`."""
        return self._caller.find_caller(engine).prepare(self._arguments, self._sources)


def _copy(value: Any) -> Any:
    """Return a copy of lists and dictionaries, and other values as they are."""
    with contextlib.suppress(RecursionError):  # the encoder says what is wrong with it
        return _copy_deeply(value)
    return value


def _copy_deeply(value: Any) -> Any:
    if type(value) is list:
        return [_copy_deeply(item) for item in value]
    if type(value) is dict:
        return {key: _copy_deeply(item) for key, item in value.items()}
    return value
