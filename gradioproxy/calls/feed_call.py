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
from ..errors import ConnectionLost, GradioProxyError
from ..files.upload import unreadable
from ..transport.http import Restarted
from ..transport.in_flight import interruptible
from .call import Call
from .failures import own_error
from .job_record import JobRecord
from .uploading import bring_up

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Hashable

    from ..files.payload import Payload
    from ..protocols.machine import Feeding, Machine, Step
    from ..transport.in_flight import InFlight
    from .engine import Engine
    from .lane import Lane

_Chunk: TypeAlias = "Payload | None"
"""A chunk; ``None`` if no other comes."""


class FeedRecord(JobRecord):
    """What is known of a call that is fed."""

    on_name: Callable[[], None] | None = None
    """Called when the server has named the call."""

    def set_event_id(self, event_id: str | None) -> None:
        """Note the server's name for the call."""
        is_new = self.event_id is None and event_id is not None
        super().set_event_id(event_id)
        if is_new and self.on_name is not None:
            self.on_name()

    def _conclude(self, *, withdraw: bool = False) -> None:
        """Tell everybody how the call ended, and let go of what brings it more."""
        super()._conclude(withdraw=withdraw)
        self.on_name = None


class FeedCall(Call):
    """A call on its way to the app, and the chunks that follow it."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self._chunks: deque[_Chunk] = deque()
        self._works: list[InFlight] = []
        self._lock = forksafe.Lock()
        self._is_busy = False
        cast("FeedRecord", self.record).on_name = self._wake

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
            self._works.append(work)
            self.record.wait_on(work, patient=patient)
            try:
                yield
            finally:
                self._works.remove(work)
                others = self._works[-1:]
                self.record.wait_on(others[0] if others else None)

    def put(self, chunk: _Chunk) -> None:
        """Take a chunk, which another thread brings to the app."""
        with self._lock:
            self._chunks.append(chunk)
        self._wake()

    def _wake(self) -> None:
        with self._lock:
            if self._is_busy or not self._chunks or self.record.event_id is None:
                return
            self._is_busy = True
        try:
            cast("Engine", self.runtime).feed(self._bring)
        except RuntimeError as error:  # the system gives us no thread
            self.record.give_up(own_error(error))

    def _bring(self) -> None:
        """Bring the chunks to the app that are there; on a thread of the session's."""
        while True:
            with self._lock:
                if self.is_over:
                    self._chunks.clear()
                if not self._chunks:
                    self._is_busy = False
                    return
                chunk = self._chunks.popleft()
            self._bring_one(chunk)

    def _bring_one(self, chunk: _Chunk) -> None:
        engine = cast("Engine", self.runtime)
        try:
            data = None if chunk is None else bring_up(engine.uploader, self, chunk)
        except Restarted:
            text = "The app was restarted in the middle of a feed. Begin another one."
            self.record.give_up(ConnectionLost(text, may_have_run=True))
        except OSError as error:
            own = isinstance(error, GradioProxyError)
            self.record.give_up(error if own else unreadable(error, self.name))
        except Exception as error:  # noqa: BLE001 - whatever it is, nobody must wait for ever
            self.record.give_up(own_error(error))
        else:
            engine.act(self.record, _Sending(data))


class _Sending:
    """Sends a chunk to a call in its conversation.

    Args:
        data: One JSON value for each input; ``None`` if no other chunk comes.
    """

    def __init__(self, data: list[Any] | None) -> None:
        self._data = data

    def __call__(self, lane: Lane, number: Hashable) -> list[Step]:
        """Return the steps that follow."""
        return lane.do(lambda machine: cast("Feeding", machine).send_chunk(number, self._data))
