"""A call on its way to the app, and who is told what becomes of it."""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol

from . import protocols
from .in_flight import interruptible
from .protocols.events import Refused
from .protocols.machine import Reply, Report

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from .answers import Answer
    from .in_flight import InFlight
    from .protocols.events import Event
    from .protocols.machine import Machine, Step
    from .schema import App, Endpoint
    from .transport import Transport

Isolation = Literal["none", "auto", "full"]
"""Under which hash a call may go: ``none`` (the session's own), ``auto`` (that while no other call
runs there, else a lane's) or ``full`` (one that no other call has)."""


class Receiver(Protocol):
    """Who is told what becomes of a call."""

    lane: Any
    event_id: str | None
    sent: bool
    """Whether what makes the app run the call was sent, and not refused."""

    work: InFlight | None
    """What the call alone waits for: its files on their way up, or the answer to its post."""

    def done(self) -> bool:
        """Tell whether nobody wants to hear of the call any more."""
        ...

    def update(self, **changes: Any) -> None:
        """Change the call's status."""
        ...

    def note(self, what: str) -> None:
        """Take note of a step of the call, for reports."""
        ...

    def receive(self, event: Event) -> None:
        """Take what happened to the call; ignored once it is done."""
        ...

    def fail(self, error: BaseException) -> None:
        """End the call with an error; ignored once it is done."""
        ...


def was_sent(job: Receiver) -> bool:
    """Tell whether what makes the app run a call may have been sent, if only a part of it."""
    work = job.work
    return job.sent or (work is not None and work.sent)


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
    def waiting(self) -> Generator[None]:
        """Let whoever gives the call up end what is waited for in this context."""
        with interruptible() as work:
            self.job.work = work
            try:
                yield
            finally:
                self.job.work = None

    @property
    def function(self) -> int:
        """The function's number."""
        return self.endpoint.function

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
    return Reply(answer.status, body, answer.wait)
