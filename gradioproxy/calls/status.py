"""Where a call is, and what the app said meanwhile."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from ..protocols import events

if TYPE_CHECKING:
    from ..protocols.events import Event, Unit

Stage = Literal[
    "pending", "uploading", "queued", "running", "downloading", "finished", "failed", "cancelled"
]


ENDED: frozenset[Stage] = frozenset({"finished", "failed", "cancelled"})
"""The stages that nothing follows."""


@dataclass(frozen=True)
class Status:
    """Where a call is.

    Attributes:
        stage: ``pending`` (nothing was sent yet), ``uploading``, ``queued`` (at the app),
            ``running``, ``downloading`` (streams of audio and video), ``finished``, ``failed`` or
            ``cancelled``.
        rank: How many calls are before it in the queue, while it is queued.
        queue_size: How many calls are in the queue.
        eta: Seconds until its turn while it is queued, until its end while it runs; the server's
            guess.
        progress: The app's own progress, one unit for each of its nested bars.
        sent: Bytes of files that have gone up.
        to_send: Bytes of files that go up in all.
    """

    __module__ = "gradioproxy"

    stage: Stage = "pending"
    rank: int | None = None
    queue_size: int | None = None
    eta: float | None = None
    progress: tuple[Unit, ...] = ()
    sent: int = 0
    to_send: int = 0


def advance_status(status: Status, event: Event) -> Status:  # noqa: PLR0911 - a line an event
    """Return the status of a call after something happened to it."""
    match event:
        case events.Queued(rank, size, eta):
            return replace(status, stage="queued", rank=rank, queue_size=size, eta=eta)
        case events.Started(eta):
            return replace(status, stage="running", rank=None, eta=eta)
        case events.Progressed(units):
            return replace(status, stage="running", progress=units)
        case events.Yielded() if status.stage != "running":
            return replace(status, stage="running", rank=None)
        case events.Completed():
            return end_status(status, "finished")
        case events.Cancelled():
            return end_status(status, "cancelled")
        case events.Failed() | events.Refused() | events.Lost():
            return end_status(status, "failed")
        case _:
            return status


def end_status(status: Status, stage: Stage) -> Status:
    """Return the status of a call that is over."""
    return replace(status, stage=stage, rank=None, eta=None)


@dataclass(frozen=True)
class Log:
    """What the app told the person at the page: ``gr.Info`` and ``gr.Warning``."""

    level: str
    text: str
    title: str | None = None

    def __str__(self) -> str:
        return f"{self.title}: {self.text}" if self.title else self.text
