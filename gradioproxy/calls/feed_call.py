"""A call that is fed: what brings its chunks to the app, in order, while it is under way.

Rule: one thread at a time brings chunks of a call up and hands them to its conversation, and none
before the server has named the call: from then on it can't be started anew. When a chunk is posted
is the business of `protocols.chunks`.
"""

from __future__ import annotations

import contextlib
from collections import deque
from typing import TYPE_CHECKING, Any, cast

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
    from ..schema.endpoint import App
    from ..transport.in_flight import InFlight
    from .engine import Engine
    from .lane import Lane


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

    record: FeedRecord
    runtime: Engine

    def __post_init__(self) -> None:
        super().__post_init__()
        # Those that the conversation does not know of yet, and how many it has.
        self._chunks: deque[Payload] = deque()
        self._given = 1
        # Whether it is still to be told, behind the last of them, that no other comes.
        self._end_is_due = False
        self._works: list[InFlight] = []
        # Reentrant, because a handler of a signal may end a feed in the middle of this.
        self._lock = forksafe.RLock()
        self._is_busy = self._takes_no_more = False
        self.record.feeding = self

    def retarget(self, app: App) -> None:
        """Let the call go to the app that is there now.

        Raises:
            SchemaChanged: As of any call; or there the function takes no stream of inputs.
        """
        found = app.find(self.name)
        if found is not None and not takes_feeds(app, found):
            raise SchemaChanged(
                f"The app was restarted, and a call of {self.name} takes no stream of inputs "
                "any more. Nothing was sent. Begin another feed, of the function as it is now."
            )
        super().retarget(app)

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

    def put(self, chunk: Payload) -> bool:
        """Take a chunk, which another thread brings to the app; false if none is taken any more."""
        with self._lock:
            if self._takes_no_more or self.is_over:
                return False
            self._chunks.append(chunk)
        self.wake()
        return True

    def finish(self) -> None:
        """Take notice that no other chunk comes, which another thread tells the app."""
        with self._lock:
            if self._takes_no_more or self.is_over:
                return
            self._takes_no_more = self._end_is_due = True
        self.wake()

    @property
    def taken(self) -> int:
        """How many chunks were taken from its caller, that of the call itself included."""
        with self._lock:
            return self._given + len(self._chunks)

    def stop_taking(self) -> int:
        """Take no more chunks; return how many have not come to the conversation."""
        with self._lock:
            self._takes_no_more = True
            return len(self._chunks)

    def wake(self) -> None:
        """Have the chunks brought to the app that are there, if it has named the call."""
        with self._lock:
            if self._is_busy or not self._has_more or self.record.event_id is None:
                return
        try:
            self.runtime.feed(self._bring)
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

    @property
    def _has_more(self) -> bool:
        """Whether a chunk, or the end, is still to come to the conversation."""
        return bool(self._chunks) or self._end_is_due

    def _bring_next(self) -> bool:
        """Bring the next chunk, or the end behind the last; false if nothing follows.

        A chunk stays that can't be handed over, because the conversation is done with the call.
        """
        with self._lock:
            self._is_busy = self._has_more and not self.is_over
            if not self._is_busy:
                return False
            given = self._given
            chunk = self._chunks[0] if self._chunks else None
        self._bring_one(chunk)
        with self._lock:
            self._is_busy = self._given > given
            return self._is_busy

    def _bring_one(self, chunk: Payload | None) -> None:
        """Bring a chunk to the app; ``None`` for the end."""
        try:
            data = None if chunk is None else bring_up(self.runtime.uploader, self, chunk)

            def send(lane: Lane, number: Hashable) -> list[Step]:
                return lane.do(lambda machine: self._hand_over(lane, machine, number, data))

            self.runtime.act(self.record, send)
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
        """Give a chunk to the conversation, unless that is done with the call; under its lock.

        Args:
            lane: The conversation.
            machine: Its machine, which takes feeds: the call went nowhere else, see `retarget`.
            number: What the machine calls the call.
            data: One JSON value for each input; ``None`` for the end.
        """
        if lane.calls.get(number) is not self:
            return []
        with self._lock:
            if data is None:
                self._end_is_due = False
            else:
                self._chunks.popleft()
                self._given += 1
        return cast("Feeding", machine).send_chunk(number, data)
