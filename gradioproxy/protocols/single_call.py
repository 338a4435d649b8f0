"""What the machines of one call have in common: its states, its reports, and its end.

Rule: when the call is over, whatever comes is ignored. Each protocol has a subclass, whose module
has a table of what follows in which state; it overrides what its server makes different.
"""

from __future__ import annotations

import enum
import json
import re
from typing import TYPE_CHECKING, Any

from ..errors import TooLarge
from ..statuses import OK
from .cancelling import cancel_post
from .event_stream import Decoder
from .events import FINAL, Cancelled, Completed, Event, Lost, Oversized, Refused
from .machine import Close, Report, Residue
from .messages import DAMAGED, TOO_DEEP, UNREADABLE, Reader

if TYPE_CHECKING:
    from .conversation import Conversation
    from .event_stream import Frame
    from .machine import Call, Reply, Step


_EVENT_ID = re.compile(rb'"event_id"\s*:\s*"([^"\\]*)"')


# How often a server is told to forget an earlier run, before the next call is lost.
MAX_CLEARINGS = 2


class State(enum.Enum):
    """How far a call is; a protocol has some of these."""

    NEW = enum.auto()
    """Nothing was asked yet."""

    CLEARING = enum.auto()
    """The server was told to forget an earlier run; of this one nothing was sent."""

    WAITING = enum.auto()
    """The server was told that there is a call, and will ask for its data."""

    POSTED = enum.auto()
    """The data were sent, and nothing has come of them."""

    STREAMING = enum.auto()
    """The stream was opened after the server had named the call."""

    YIELDING = enum.auto()
    """There was a partial result."""

    GIVEN_UP = enum.auto()
    """Nobody wants the result. The server can't be told yet, or whether it must be is not known."""

    STOPPING = enum.auto()
    """The server was told to forget the run, and the call is over when it has answered."""

    OVER = enum.auto()
    """The final event was reported."""


class SingleCallMachine:
    """A machine for one call; see `machine.Machine`.

    Args:
        conversation: With whom it speaks.
        sends_edits: Whether partial results after the first come as edits.
    """

    shared = False
    cancels_alone = False
    is_deaf = False
    closing: tuple[type[Event], ...] = (Lost,)
    """The events in a message after which the stream or socket is closed from here."""

    def __init__(self, conversation: Conversation, *, sends_edits: bool = False) -> None:
        self._conversation = conversation
        self._release = conversation.release
        self._reader = Reader(
            sends_edits=sends_edits,
            release=conversation.release,
            max_size=conversation.max_message,
        )
        self._decoder = Decoder(conversation.max_message)
        self._state = State.NEW
        self._end: Event | None = None
        self._call: Call = None
        self._function = -1
        self._event_id: str | None = None
        self._clearings = 0

    # Of the machine's interface, what is the same for all.

    def receive_answer(self, call: Call, reply: Reply, purpose: str = "call") -> list[Step]:
        """Take the answer to a post; the state tells which one it is."""
        del purpose
        if not self._is_current(call):
            return []
        return (
            self._take_clearing(reply)
            if self._state is State.CLEARING
            else self._take_answer(reply)
        )

    def receive_data(self, data: bytes | str) -> list[Step]:
        """Take bytes of the stream."""
        if not self._is_under_way or isinstance(data, str):
            return []
        try:
            frames = self._decoder.receive(data)
        except TooLarge as error:
            return self._end_and_close(Oversized(str(error), error.maximum))
        steps: list[Step] = []
        for frame in frames:
            if self._is_under_way:
                steps += self._take_frame(frame)
        return steps

    def receive_end(self) -> list[Step]:
        """Take notice of the end of the stream or socket."""
        if self._is_given_up:
            return self._report(Cancelled())
        return self._report(Lost("The server ended the conversation without a result."))

    def cancel(self, call: Call) -> list[Step]:
        """Give the call up."""
        if not self._is_current(call) or self._is_given_up:
            return []
        return self._give_up()

    def event_id(self, call: Call) -> str | None:
        """Return the server's name for the call."""
        return self._event_id if call == self._call else None

    @property
    def calls(self) -> int:
        """How many calls are under way: one or none."""
        return int(self._is_under_way)

    @property
    def accepts(self) -> bool:
        """Whether a call may join now: the only one, and it has not."""
        return self._state is State.NEW

    @property
    def is_ending(self) -> bool:
        """Whether the server is to end the stream."""
        return self._state is State.OVER

    def drop_stream(self) -> list[Step]:
        """Drop the stream, on which nothing more is to come."""
        return [Close()]

    @property
    def stale(self) -> bool:
        """Whether a value is left of which the server would send edits; see `machine.Machine`."""
        left = self._reader.leaves_base and not isinstance(self._end, Completed)
        return left and self._release.knows_runs_by_address

    @property
    def residue(self) -> Residue:
        """What would be left at the server if the conversation ended now."""
        end = self._end
        unknown = isinstance(end, Cancelled | Lost) or (
            isinstance(end, Refused) and end.may_have_run
        )
        left = self._is_under_way or unknown
        is_run = left and self._release.knows_runs_by_hash_alone
        return Residue.RUN if is_run else Residue.NOTHING

    # What protocols override; the call is under way, and of `_give_up` not given up before.

    def _take_answer(self, reply: Reply) -> list[Step]:
        """Take the answer to a post."""
        del reply
        return []

    def _take_frame(self, frame: Frame) -> list[Step]:
        """Take an event of the stream."""
        return self._take_message(parse_frame(frame))

    def _take_message(self, message: dict[str, Any]) -> list[Step]:
        """Take a message."""
        del message
        return []

    def _give_up(self) -> list[Step]:
        """Give the call up, and the conversation with it."""
        return self._end_and_close(Cancelled())

    def _start(self) -> list[Step]:
        """Start the call for which the server was made to forget an earlier run."""
        return []

    # What they use.

    def _clear(self) -> list[Step]:
        """Make the server forget an earlier run before the call is started."""
        self._state = State.CLEARING
        self._clearings += 1
        return [cancel_post(self._conversation, self._call, self._function)]

    def _take_clearing(self, reply: Reply) -> list[Step]:
        """Take the answer to that. Without one the call could get the values of that run."""
        if reply.status == OK:
            return self._start()
        if self._clearings < MAX_CLEARINGS:
            return self._clear()
        return self._report(Lost("it does not forget an earlier run of the function"))

    @property
    def _is_under_way(self) -> bool:
        return self._state not in {State.NEW, State.OVER}

    @property
    def _is_given_up(self) -> bool:
        return self._state in {State.GIVEN_UP, State.STOPPING}

    def _is_current(self, call: Call) -> bool:
        """Tell whether a call is this machine's, and under way."""
        return self._is_under_way and call == self._call

    def _begin(self, call: Call, function: int, state: State) -> None:
        """Begin with the call."""
        self._call, self._function, self._state = call, function, state

    def _read(self, message: dict[str, Any]) -> list[Step]:
        """Return what follows from a message about the call."""
        event = self._reader.receive(message)
        if event is None:
            return []
        is_last = isinstance(event, self.closing)
        return self._end_and_close(event) if is_last else self._report(event)

    def _report(self, event: Event) -> list[Step]:
        """Report an event; if the call was given up, only the final one."""
        if not self._is_under_way:
            return []
        if isinstance(event, FINAL):
            self._state, self._end = State.OVER, event
        elif self._is_given_up:
            return []
        return [Report(self._call, event)]

    def _end_and_close(self, event: Event) -> list[Step]:
        """End the call with an event, and the conversation with it."""
        return [*self._report(event), Close()]


_DECODER = json.JSONDecoder()


def parse_object(text: bytes | str) -> dict[str, Any]:
    """Return the object that a text is in JSON; an empty one if it says nothing.

    One that can't be read may have been a result, or a change of the one before. It becomes a
    message that says so, of the call that it seems to be about.
    """
    try:
        message = _load(text)
    except ValueError:
        return _stand_in(DAMAGED, text) if text.strip() else {}
    except RecursionError:
        return _stand_in(TOO_DEEP, text)
    if message is None:
        return {}
    return message if isinstance(message, dict) else _stand_in(DAMAGED, text)


def parse_frame(frame: Frame) -> dict[str, Any]:
    """Return the message that an event of a queue's stream is: they are without names."""
    message = parse_object(frame.data)
    return {} if frame.name != "message" and message.get("msg") in UNREADABLE else message


def _load(text: bytes | str) -> Any:
    """Return what a text is in JSON.

    As `json.loads`, and in half the time for what servers send: a value with nothing around it.

    Raises:
        ValueError: It is none.
    """
    if isinstance(text, str):
        try:
            value, end = _DECODER.raw_decode(text)
        except ValueError:
            end = -1
        if end == len(text):
            return value
    return json.loads(text)


def _stand_in(kind: str, text: bytes | str) -> dict[str, Any]:
    """Return what stands for a message that can't be read."""
    raw = text.encode(errors="replace") if isinstance(text, str) else text
    found = _EVENT_ID.search(raw)
    return {"msg": kind, "event_id": found[1].decode(errors="replace") if found else None}
