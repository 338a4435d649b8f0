"""The chunks of one call whose inputs are streamed, from Gradio 5 on.

The first chunk is the data of the call's join. The app answers each chunk with a value
(``process_streaming``), then waits for the next, which is posted to ``stream/<event_id>``; until
its time limit is reached, or it has waited for too long.

Rule 1: the server has room for one chunk: another one that comes before it is taken replaces it. So
a chunk is posted when the value of the one before has come, and none is lost. Rule 2: a run is
ended when the last value has come, by ``stream/<event_id>/close`` where that ends it; where it
would run once more with the same chunk, it is cancelled. Rule 3: a completion brings a value of its
own if the run was at work (``is_generating`` is false then); else it repeats the last one. Rule 4:
a chunk that the app had not taken when it ended the run is told of, and not passed over.

==================  ============================  ==============================================
state               what comes                    what follows
==================  ============================  ==============================================
at work             ``process_streaming``         `Yielded`; the next chunk is posted, or the end
at work             a completion of this chunk    `Yielded`, `Completed`; `Closed` if some are left
at work             one that repeats              `Closed`: the chunk came too late
at work             a refusal of the chunk        it is given up
waiting             a chunk                       it is posted: at work
waiting             no more                       the end is posted: ending; or it is cancelled
waiting, ending     any completion                `Completed`
any                 any other final event         over
==================  ============================  ==============================================
"""

from __future__ import annotations

import enum
from collections import deque
from typing import TYPE_CHECKING, Any

from ..statuses import NOT_FOUND, OK
from .events import Closed, Completed, Event, Yielded
from .machine import Post
from .refusals import read_refusal

if TYPE_CHECKING:
    from .conversation import Conversation, Invocation
    from .machine import Call, Reply

LATE = "The app reached its time limit, or waited for too long, and did not take every chunk."


class _State(enum.Enum):
    AT_WORK = enum.auto()
    WAITING = enum.auto()
    ENDING = enum.auto()


class Chunks:
    """The chunks of one call.

    Args:
        conversation: With whom.
        call: The driver's name for the call.
        asked: What the call asks for, with the first chunk.

    Attributes:
        last: The latest value.
        is_unknown: Whether the server said that it does not know the run (any more).
    """

    def __init__(self, conversation: Conversation, call: Call, asked: Invocation) -> None:
        self._conversation = conversation
        self._call, self._asked = call, asked
        self._state = _State.AT_WORK
        self._waiting: deque[list[Any]] = deque()
        self._finishing = False
        self.last: tuple[Any, ...] = ()
        self.is_unknown = False

    def take(self, data: list[Any] | None) -> None:
        """Take a chunk, which is posted when its turn comes; ``None`` if no other comes."""
        if data is None:
            self._finishing = True
        else:
            self._waiting.append(data)

    @property
    def is_done(self) -> bool:
        """Whether all is answered and nothing more comes, so that the run is to be ended."""
        return self._state is _State.WAITING and self._finishing and not self._waiting

    def take_post(self, event_id: str) -> Post | None:
        """Return what is to be posted now, if anything is: a chunk, or the end."""
        if self._state is not _State.WAITING:
            return None
        path = self._conversation.path(f"stream/{event_id}")
        if self._waiting:
            self._state = _State.AT_WORK
            chunk = self._waiting.popleft()
            body = self._conversation.call_body(self._asked._replace(data=chunk))
            return Post(self._call, path, body, "continue")
        if self._finishing and self._conversation.release.closes_feeds_at_rest:
            self._state = _State.ENDING
            return Post(self._call, f"{path}/close", {}, "continue")
        return None

    def receive_answer(self, reply: Reply) -> Event | None:
        """Take the answer to a chunk or to the end; return how that fails the call, if it does."""
        # The server does not know a run that is over: its completion is there, or on its way. If
        # it never comes, heartbeats tell.
        self.is_unknown = self.is_unknown or reply.status == NOT_FOUND
        if reply.status in {OK, NOT_FOUND}:
            return None
        return read_refusal(reply)

    def read(self, event: Event, message: dict[str, Any]) -> list[Event]:
        """Take what a message says of the call; return what is to be told of it."""
        if isinstance(event, Yielded):
            self._state, self.last = _State.WAITING, event.data
            return [event]
        if not isinstance(event, Completed):
            return [event]
        told: list[Event] = []
        late = bool(self._waiting)
        if self._state is _State.AT_WORK:
            output = message.get("output")
            if isinstance(output, dict) and output.get("is_generating") is False:
                told.append(Yielded(event.data))
            else:
                late = True
        return [*told, Closed(LATE) if late else event]
