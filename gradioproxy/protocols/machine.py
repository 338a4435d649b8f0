"""The interface of every protocol: what came goes in, steps come out.

Rule 1: a machine does no I/O, knows no threads and no clock. Whoever drives it carries out the
steps that it returns, in order, and tells it what came of them. `Open` and `OpenSocket` come last
among them, since a driver may well read to the end before it does anything else.

Rule 2: a step is something to send (`Post`, `Open`, `OpenSocket`, `Send`, `Close`) or a `Report`
of something that happened to a call. After the report of a final event no other comes for that
call, whatever the server sends.

Rule 3: what a peer sends never raises. Messages of unknown kinds are ignored, as later versions
may send them; what contradicts the protocol fails the call that it is about with `events.Lost`.

The driver's side, for each step:

============ =================================================================================
`Post`       post ``body`` to ``path``; give the answer to `Machine.receive_answer`
`Open`       open the event stream at ``path``; give what comes to `Machine.receive_data` and
             its end to `Machine.receive_end`
`OpenSocket` the same for a websocket, of whose messages only texts count; it has no heartbeats
`Send`       send a text over the open socket
`Close`      close the stream or the socket; nothing more is expected, and no call is joined to
             this machine any more
`Report`     hand the event to the call
============ =================================================================================
"""

from __future__ import annotations

import enum
from collections.abc import Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeAlias, runtime_checkable

if TYPE_CHECKING:
    from .conversation import Invocation
    from .events import Event

Call: TypeAlias = Hashable
"""What the driver uses to tell calls apart; a machine only hands it back."""


class Post(NamedTuple):
    """Post JSON to a path below the app's address.

    Attributes:
        call: The call that it is for.
        path: Where.
        body: What.
        purpose: ``call`` (until now nothing of the call has run, so that it can be started anew if
            this can't be sent), ``continue`` (it goes on with what runs) or ``cancel`` (it stops
            what is left of a call, and its failure is none). Only the last may be repeated.
        patient: Whether the answer is the result, and so comes as late as the app likes.
    """

    call: Call
    path: str
    body: Any
    purpose: str = "call"
    patient: bool = False


class Open(NamedTuple):
    """Open the event stream at a path below the app's address.

    Attributes:
        path: Where.
        heartbeats: Whether the server sends something every 15 seconds, so that silence means
            that it is gone.
        begins: Whether it begins a call of which nothing has run until now, so that it can be
            started anew if the stream can't be opened.
    """

    path: str
    heartbeats: bool = True
    begins: bool = False


class OpenSocket(NamedTuple):
    """Open a websocket at a path below the app's address."""

    path: str


class Send(NamedTuple):
    """Send a text over the open websocket.

    Attributes:
        text: The text.
        runs: Whether it makes the app run the call.
    """

    text: str
    runs: bool = False


@dataclass(frozen=True)
class Close:
    """Close the stream or socket."""


class Report(NamedTuple):
    """Something happened to a call."""

    call: Call
    event: Event


Step: TypeAlias = Post | Open | OpenSocket | Send | Close | Report


class Reply(NamedTuple):
    """The answer to a `Post`, as far as a protocol needs it; ``body`` is parsed JSON or text."""

    status: int
    body: Any
    retry_after: float | None = None


class Residue(enum.Enum):
    """What of a conversation may be left at the server, under its session hash."""

    NOTHING = enum.auto()
    """Nothing: the next call can go under the hash at once."""

    RUN = enum.auto()
    """A run of the function, which the next call of that function would continue."""

    RESET = enum.auto()
    """A reset of the function, which the server makes some time after its run has ended: a call of
    that function which runs by then would start again in the middle."""

    DROPPED = enum.auto()
    """A stream of events that was closed from here, which the server may not have noticed yet."""

    STREAM = enum.auto()
    """A stream of events that was lost, and may be open at the server for long: it would get some
    of the events of the next call; see `Settling`."""


class Machine(Protocol):
    """One conversation with a server: one call, or several if ``shared``."""

    shared: bool
    """Whether several calls can be under way at once.

    Without it there is one call for each machine, and no two machines of one session hash may have
    calls of one function under way: Gradio 3 knows a generator by these two, and would give the
    one call what the other is waiting for.
    """

    cancels_alone: bool
    """Whether a call is cancelled only when no other is left."""

    @property
    def stale(self) -> bool:
        """Whether the server may send a generator's first value as edits of a value of another's.

        Before Gradio 6.27 it knows a run's last value by the hash and by the address of an object.
        That of a run which failed or was given up stays, and a later run may get the address.
        """
        ...

    def join(self, call: Call, asked: Invocation) -> list[Step]:
        """Start a call.

        Args:
            call: The driver's name for it.
            asked: What it asks for.
        """
        ...

    def receive_answer(self, call: Call, reply: Reply, purpose: str = "call") -> list[Step]:
        """Take the answer to a `Post` of that purpose; of status 0 if there was none."""
        ...

    def receive_data(self, data: bytes | str) -> list[Step]:
        """Take bytes of the open stream, or a text message of the open socket."""
        ...

    def receive_end(self) -> list[Step]:
        """Take notice that the stream or socket came to its orderly end."""
        ...

    def cancel(self, call: Call) -> list[Step]:
        """Give a call up; the steps tell the server, as far as they can.

        A step that would harm another call of this machine waits until it harms nobody. No report
        follows but the final one, by which the driver learns that nothing is left of the call.
        """
        ...

    def event_id(self, call: Call) -> str | None:
        """Return the server's name for a call, if it has one."""
        ...

    @property
    def calls(self) -> int:
        """How many calls are under way, given up or not."""
        ...

    @property
    def accepts(self) -> bool:
        """Whether a call may join now."""
        ...

    @property
    def is_deaf(self) -> bool:
        """Whether a stream is open that has brought nothing, and so may be broken."""
        ...

    @property
    def is_ending(self) -> bool:
        """Whether the server is to end the open stream, as nobody is left who waits for anything.

        No call may join then: if the end does not come, the stream may be broken.
        """
        ...

    def drop_stream(self) -> list[Step]:
        """Drop a stream that was to end, and has not."""
        ...

    @property
    def residue(self) -> Residue:
        """What would be left at the server if the conversation ended now."""
        ...


class Settling(Protocol):
    """Finds out whether a server still holds a stream of an earlier conversation under a hash."""

    @property
    def look_seconds(self) -> float:
        """After so many seconds a stream ends of which the server knows no call."""
        ...

    def open_again(self) -> str:
        """Return the path of the stream to ask for, whose bytes `receive_data` takes."""
        ...

    def receive_data(self, data: bytes) -> bool:
        """Take bytes of the stream; tell whether the server has let go."""
        ...


@runtime_checkable
class Feeding(Machine, Protocol):
    """A machine whose calls can take a stream of inputs, chunk by chunk; see `feeding`."""

    def begin_feed(self, call: Call) -> None:
        """Let a call that has just joined take chunks; its data is the first."""
        ...

    def send_chunk(self, call: Call, data: list[Any] | None) -> list[Step]:
        """Send a chunk to a call once the server has named it.

        Args:
            call: The driver's name for it.
            data: One JSON value for each input; ``None`` ends the call when all is answered.
        """
        ...


@runtime_checkable
class Attachable(Machine, Protocol):
    """A machine whose calls are posted apart from the stream that tells of them."""

    def attach(self, call: Call, function: int, name: str, event_id: str) -> list[Step]:
        """Follow a call that was posted before, maybe by another process.

        Args:
            call: The driver's name for it.
            function: The function's number.
            name: The endpoint's name.
            event_id: The server's name for the call.
        """
        ...
