"""A call that is fed: what brings its chunks to the app, in order, while it is under way.

Rule: one thread at a time brings chunks of a call up and hands them to its conversation, and none
before the server has named the call: from then on it can't be started anew. When a chunk is posted
is the business of `protocols.chunks`.
"""

from __future__ import annotations

import contextlib
from collections import deque
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from .. import forksafe
from ..errors import ConnectionLost, GradioProxyError, SchemaChanged
from ..files.upload import unreadable
from ..protocols import takes_feeds
from ..protocols.chunks import LATE
from ..protocols.events import Closed
from ..transport.http import Restarted
from ..transport.in_flight import interruptible
from .call import Call
from .failures import error_for, own_error
from .job_record import JobRecord
from .uploading import bring_up

if TYPE_CHECKING:
    from collections.abc import Generator, Hashable

    from ..files.payload import Payload
    from ..protocols.machine import Feeding, Machine, Step
    from ..schema.endpoint import App, Endpoint
    from ..transport.in_flight import InFlight
    from .engine import Engine
    from .lane import Lane

_Chunk: TypeAlias = "Payload | None"
"""A chunk; ``None`` if no other comes."""
_NOTHING: Any = object()


class FeedRecord(JobRecord):
    """What is known of a call that is fed."""

    feeding: FeedCall | None = None
    """What brings it its chunks, while it is under way."""

    def set_event_id(self, event_id: str | None) -> None:
        """Note the server's name for the call."""
        is_new = self.event_id is None and event_id is not None
        super().set_event_id(event_id)
        feeding = self.feeding  # once: the end of the call takes it away
        if is_new and feeding is not None:
            # Here the lane's lock is held.
            self._effects.append(feeding.wake)

    def _complete(self, data: tuple[Any, ...]) -> None:
        """End the call with a result, unless a chunk had not come to its conversation by then."""
        feeding = self.feeding
        if feeding is not None and feeding.stop_taking() and not self.is_over:
            event = Closed(LATE)
            self.fail(error_for(event, self.request.name, sent=self.withhold()))
            return
        super()._complete(data)

    def _conclude(self, *, withdraw: bool = False) -> None:
        """Tell everybody how the call ended, and let go of what brings it more."""
        super()._conclude(withdraw=withdraw)
        self.feeding = None


class FeedCall(Call):
    """A call on its way to the app, and the chunks that follow it."""

    def __post_init__(self) -> None:
        super().__post_init__()
        # Those that the conversation does not know of yet, and how many it has.
        self._chunks: deque[_Chunk] = deque()
        self._given = 1
        self._works: list[InFlight] = []
        # Reentrant, because a handler of a signal may end a feed in the middle of this.
        self._lock = forksafe.RLock()
        self._is_busy = self._takes_no_more = False
        cast("FeedRecord", self.record).feeding = self

    def retarget(self, app: App, endpoint: Endpoint) -> None:
        """Let the call go to the app that is there now.

        Raises:
            SchemaChanged: There the function takes no stream of inputs.
        """
        if not takes_feeds(app, endpoint):
            raise SchemaChanged(
                f"The app was restarted, and a call of {endpoint.name} takes no stream of inputs "
                "any more. Nothing was sent. Begin another feed, of the function as it is now."
            )
        super().retarget(app, endpoint)

    def join(self, machine: Machine, number: Hashable) -> list[Step]:
        """Let the call take part in the conversation of a machine."""
        steps = super().join(machine, number)
        cast("Feeding", machine).begin_feed(number)
        return steps

    @contextlib.contextmanager
    def waiting(self, *, patient: bool = False) -> Generator[None]:
        """Let whoever gives the call up end what is waited for in this context.

        Here one thread can bring a chunk up while another posts the one before.
        """
        with interruptible() as work:
            with self._lock:
                self._works.append(work)
                self.record.wait_on(work, patient=patient)
            try:
                yield
            finally:
                with self._lock:
                    self._works.remove(work)
                    others = self._works[-1:]
                    self.record.wait_on(others[0] if others else None)

    def put(self, chunk: _Chunk) -> bool:
        """Take a chunk, which another thread brings to the app; false if none is taken any more."""
        with self._lock:
            if self._takes_no_more or self.is_over:
                return False
            self._chunks.append(chunk)
            self._takes_no_more = chunk is None
        self.wake()
        return True

    @property
    def taken(self) -> int:
        """How many chunks were taken from its caller, that of the call itself included."""
        with self._lock:
            return self._given + self._count_left()

    def _count_left(self) -> int:
        return len(self._chunks) - self._chunks.count(None)

    def stop_taking(self) -> int:
        """Take no more chunks; return how many have not come to the conversation."""
        with self._lock:
            self._takes_no_more = True
            return self._count_left()

    def wake(self) -> None:
        """Have the chunks brought to the app that are there, if it has named the call."""
        with self._lock:
            if self._is_busy or not self._chunks or self.record.event_id is None:
                return
        try:
            cast("Engine", self.runtime).feed(self._bring)
        except RuntimeError as error:  # the system gives us no thread
            self.record.give_up(own_error(error))

    def _bring(self) -> None:
        """Bring the chunks to the app that are there; on a thread of the session's."""
        with self._lock:
            # Only here it is said that a thread is at it: Ctrl-C can come between asking for one
            # and being given it.
            if self._is_busy:
                return
            self._is_busy = True
        while self._bring_next():
            pass

    def _bring_next(self) -> bool:
        """Bring the next chunk; false if there is none, or the conversation is done."""
        with self._lock:
            chunk = self._chunks[0] if self._chunks and not self.is_over else _NOTHING
            self._is_busy = chunk is not _NOTHING
        if chunk is _NOTHING:
            return False
        given = self._given
        self._bring_one(chunk)
        with self._lock:
            self._is_busy = self._given > given
            return self._is_busy

    def _bring_one(self, chunk: Any) -> None:
        engine = cast("Engine", self.runtime)
        try:
            data = None if chunk is None else bring_up(engine.uploader, self, chunk)

            def send(lane: Lane, number: Hashable) -> list[Step]:
                return lane.do(lambda machine: self._hand_over(lane, machine, number, data))

            engine.act(self.record, send)
        except Restarted:
            text = "The app was restarted in the middle of a feed. Begin another one."
            self.record.give_up(ConnectionLost(text, may_have_run=True))
        except OSError as error:
            own = isinstance(error, GradioProxyError)
            self.record.give_up(error if own else unreadable(error, self.name))
        except Exception as error:  # noqa: BLE001 - whatever it is, nobody must wait for ever
            self.record.give_up(own_error(error))

    def _hand_over(
        self, lane: Lane, machine: Machine, number: Hashable, data: list[Any] | None
    ) -> list[Step]:
        """Give a chunk to the conversation, unless that is done with the call; under its lock."""
        if lane.calls.get(number) is not self:
            return []
        with self._lock:
            self._chunks.popleft()
            self._given += data is not None
        return cast("Feeding", machine).send_chunk(number, data)
