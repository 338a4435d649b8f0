"""A call on its way to the app, and who is told what becomes of it."""

from __future__ import annotations

import abc
import contextlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol

from .. import forksafe, protocols
from ..protocols.events import Refused
from ..protocols.machine import Reply, Report
from ..transport.in_flight import interruptible

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Hashable

    from ..protocols.events import Event
    from ..protocols.machine import Machine, Step
    from ..schema.endpoint import App, Endpoint
    from ..transport.http import Transport
    from ..transport.in_flight import InFlight
    from ..transport.response import Answer

Isolation = Literal["none", "auto", "full"]
"""Under which hash a call may go: ``none`` (the session's own), ``auto`` (that while no other call
runs there, else a lane's) or ``full`` (one that no other call has)."""


class Conversation(Protocol):
    """What a call takes part in, as far as the call has to know: a `lane.Lane`."""

    def abandon(self, number: Hashable) -> None:
        """Tell the server that a call is given up, and nobody else."""


class Receiver(abc.ABC):
    """Who is told what becomes of a call.

    Attributes:
        lane: Where the call takes part, and its number there.
        event_id: The server's name for the call.
        sent: Whether what makes the app run the call was sent, and not refused.
        work: What the call alone waits for: its files on their way up, or the answer to its post.
        patient: Whether that answer comes when the call is over, whenever that is.
    """

    def __init__(self) -> None:
        self.lane: tuple[Conversation, Hashable] | None = None
        self.event_id: str | None = None
        self.sent = False
        self.work: InFlight | None = None
        self.patient = False
        self._changed = forksafe.Condition()

    def wait_on(self, work: InFlight | None, *, patient: bool = False) -> None:
        """Take note of what the call alone waits for; it is ended if nobody waits any more."""
        with self._changed:
            self.sent = self.was_sent
            self.work, self.patient = work, patient
            if work is not None and self.done():
                work.interrupt()

    def begin_sending(self) -> bool:
        """Take note that what makes the app run the call goes out now, unless nobody waits."""
        with self._changed:
            self.sent = self.sent or not self.done()
            return not self.done()

    @property
    def was_sent(self) -> bool:
        """Whether what makes the app run the call may have been sent, if only a part of it."""
        work = self.work
        return self.sent or (work is not None and work.sent)

    def withhold(self) -> bool:
        """Let nothing be sent that was not begun; return whether anything was."""
        with self._changed:
            self.sent = self.sent or (self.work is not None and self.work.withhold())
            return self.sent

    @abc.abstractmethod
    def done(self) -> bool:
        """Tell whether nobody wants to hear of the call any more."""

    @abc.abstractmethod
    def update(self, **changes: Any) -> None:
        """Change the call's status."""

    @abc.abstractmethod
    def note(self, what: str) -> None:
        """Take note of a step of the call, for reports."""

    @abc.abstractmethod
    def receive(self, event: Event) -> None:
        """Take what happened to the call; ignored once it is done."""

    @abc.abstractmethod
    def fail(self, error: BaseException) -> None:
        """End the call with an error; ignored once it is done."""


@dataclass(eq=False)
class Call:
    """A call on its way to the app.

    Attributes:
        job: What its caller knows it by.
        transport: The way to the app, with the secrets of this call.
        app: The app that it is for, as it described itself.
        endpoint: What is called.
        again: Starts it anew, because the server is another one now.
        isolation: Under which hash it may go.
        choose: Returns the machine for an app, an endpoint and a hash.
        data: One JSON value for each input.
        attempts: How often it was started.
    """

    job: Receiver
    transport: Transport
    app: App
    endpoint: Endpoint
    again: Callable[[Call], None]
    isolation: Isolation = "auto"
    choose: Callable[..., Machine] = protocols.choose
    data: list[Any] = field(default_factory=list)
    attempts: int = 0

    @contextlib.contextmanager
    def waiting(self, *, patient: bool = False) -> Generator[None]:
        """Let whoever gives the call up end what is waited for in this context.

        Args:
            patient: Whether it is the call's result, whenever that comes.
        """
        with interruptible() as work:
            self.job.wait_on(work, patient=patient)
            try:
                yield
            finally:
                self.job.wait_on(None)

    def start_anew(self) -> None:
        """Start it anew, because the server is another one now; nothing of it was sent there."""
        self.job.lane = None
        self.again(self)

    @property
    def function(self) -> int:
        """The function's number."""
        return self.endpoint.function

    @property
    def may_yield(self) -> bool:
        """Whether the function may be a generator."""
        return self.endpoint.generator is not False

    @property
    def name(self) -> str:
        """The endpoint's name."""
        return self.endpoint.name


def is_refusal(step: Step) -> bool:
    """Tell whether a step reports that the server did not run a call."""
    if not isinstance(step, Report) or not isinstance(step.event, Refused):
        return False
    return not step.event.may_have_run


def reply_of(answer: Answer) -> Reply:
    """Return of an answer what a protocol needs."""
    try:
        body = json.loads(answer.body)
    except (ValueError, RecursionError):
        body = answer.text
    return Reply(answer.status, body, answer.retry_after)
