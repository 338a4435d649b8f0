"""A call: what is asked of an app, and what is needed to bring it there."""

from __future__ import annotations

import contextlib
import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol, cast

from ..errors import SchemaChanged
from ..options import check_session_hash
from ..protocols.conversation import Invocation
from ..protocols.events import Completed
from ..transport.in_flight import interruptible
from .request import find_page_event

if TYPE_CHECKING:
    from collections.abc import Generator, Hashable, Sequence

    from ..files.payload import Payload
    from ..protocols.events import Event
    from ..protocols.machine import Attachable, Machine, Step
    from ..protocols.selection import Following
    from ..schema.endpoint import App
    from ..transport.http import Transport
    from .record import CallRecord

Isolation = Literal["none", "auto", "full"]
"""Under which hash a call may go: ``none`` (the session's own), ``auto`` (that while no other call
runs there, else one of the session's other hashes) or ``full`` (one that no other call has)."""


class Begun(NamedTuple):
    """How the server knows a call that was begun elsewhere.

    Attributes:
        session_hash: The hash that it was begun under; empty for one by the simple API.
        event_id: Its name.
    """

    session_hash: str
    event_id: str

    @property
    def following(self) -> Following:
        """How it is followed; see `protocols.choose`."""
        return "hash" if self.session_hash else "name"


def parse_begun(event_id: object) -> Begun:
    """Read what `client.primitive.Event` has for an id: a name, perhaps with a hash before it.

    Raises:
        TypeError, ValueError: It is none.
    """
    if not isinstance(event_id, str):
        why = ": the call that it is from has no id" if event_id is None else ""
        raise TypeError(
            f"event_id is text, as send(...).event_id is, not {type(event_id).__name__}{why}"
        )
    session_hash, _, name = event_id.rpartition("/")
    if not name:
        raise ValueError("event_id has no name of a call")
    if session_hash:
        check_session_hash(session_hash)
    return Begun(session_hash, name)


class Runtime(Protocol):
    """What runs calls, as far as they have to know: a session's `engine.Engine`."""

    def choose_machine(self, call: Call, session_hash: str, *, fresh: bool) -> Machine:
        """Return what speaks the protocol of a call, under a hash.

        Args:
            call: The call.
            session_hash: The hash.
            fresh: Whether nothing is left under it that harms a generator's call.

        Raises:
            ProtocolError: The call was begun elsewhere, and nothing can follow it.
        """
        ...

    def shares_stream(self, call: Call) -> bool:
        """Tell whether a call can be in one conversation with others: its machine is ``shared``."""
        ...

    def take_rendering(self, raw: Any, session_hash: str) -> None:
        """Take note of a part of the page that the app has made, with functions in it.

        Args:
            raw: What the app answered to the call that made it.
            session_hash: The hash of that call, for which alone it is there.
        """
        ...

    def restart(self, call: Call) -> None:
        """Start a call anew, because the server is another one now; nothing of it was sent."""
        ...


@dataclass(eq=False)
class Call:
    """A call on its way to the app, where it is followed by the lane that it is in.

    Attributes:
        record: What its caller is told.
        runtime: What runs it.
        payload: What is sent, and the files that go up before.
        isolation: Under which hash it may go.
        begun: How the server knows it, if it was begun elsewhere: it is followed, and not made.
        app: The app that it is for, as it describes itself now.
        endpoint: What is called, as it is now.
        data: One JSON value for each input, files in their places.
        tab: The session's own hash when it was begun; see `hashes.SessionHashes.find_tab`.
        attempts: How often it was started anew.
    """

    record: CallRecord
    runtime: Runtime
    payload: Payload
    isolation: Isolation = "auto"
    begun: Begun | None = None

    def __post_init__(self) -> None:
        self.app = self.record.request.app
        self.endpoint = self.record.request.endpoint
        self.data: list[Any] = []
        self.tab = ""
        self.attempts = 0
        if self.begun is not None:  # whatever happens to it here, it was sent
            self.record.set_event_id(self.begun.event_id)
            self.record.set_sent(True)

    @property
    def transport(self) -> Transport:
        """The way to the app, with the secrets of this call."""
        return self.record.request.transport

    @property
    def function(self) -> int:
        """The function's number."""
        return self.endpoint.function

    @property
    def may_yield(self) -> bool:
        """Whether the function may be a generator."""
        return self.endpoint.may_yield

    @property
    def shares_stream(self) -> bool:
        """Whether it can be in one conversation with other calls."""
        return self.runtime.shares_stream(self)

    @property
    def name(self) -> str:
        """The endpoint's name."""
        return self.endpoint.name

    def join(self, machine: Machine, number: Hashable) -> list[Step]:
        """Let the call take part in the conversation of a machine; return the steps that start it.

        Args:
            machine: What its `Runtime` chose for it.
            number: What the machine is to call it.
        """
        if self.begun is None:
            return machine.join(number, self.invocation)
        name = self.begun.event_id
        return cast("Attachable", machine).attach(number, self.function, self.name, name)

    @property
    def invocation(self) -> Invocation:
        """What it asks for, of the app as it is now."""
        event = find_page_event(self.app, self.endpoint, self.record.request.options)
        return Invocation(self.function, self.name, self.data, event)

    def take_events(self, happened: Sequence[Event], session_hash: str) -> None:
        """Note what happened to the call, under a hash; with the lane's lock held."""
        last = happened[-1]
        if isinstance(last, Completed) and last.rendering is not None:
            # Before its end is told: whoever gets the result finds the functions.
            take = self.runtime.take_rendering
            self.record.add_effect(functools.partial(take, last.rendering, session_hash))
        self.record.handle(*happened)

    @property
    def is_over(self) -> bool:
        """Whether nobody wants to hear of it any more."""
        return self.record.is_over

    @contextlib.contextmanager
    def waiting(self, *, patient: bool = False) -> Generator[None]:
        """Let whoever gives the call up end what is waited for in this context.

        Args:
            patient: Whether what is waited for is the result, for which there is no limit of time.
        """
        with interruptible() as work:
            self.record.wait_on(work, patient=patient)
            try:
                yield
            finally:
                self.record.wait_on(None)

    def set_data(self, data: list[Any]) -> None:
        """Set what is sent, now that the files are up."""
        self.data = data

    def retarget(self, app: App) -> None:
        """Let the call go to the app that is there now.

        Raises:
            SchemaChanged: It has no such endpoint, or one that means something else.
        """
        name, found = self.name, app.find(self.name)
        if found is None or not (found is self.endpoint or found.is_compatible(self.endpoint)):
            how = "is gone" if found is None else "takes or returns something else now"
            why = "The app was restarted"
            if self.endpoint.is_rendered:
                why = "The part of the page that it was in is another one now"
            raise SchemaChanged(
                f"{why}, and {name} {how}. Nothing was sent. Look at it with help(), then call it "
                "as it is now."
            )
        self.app, self.endpoint = app, found

    def count_attempt(self) -> None:
        """Note that the call is started anew."""
        self.attempts += 1

    def start_anew(self) -> None:
        """Start the call anew, because the server is another one now; nothing of it was sent."""
        self.record.leave_seat()
        self.runtime.restart(self)
