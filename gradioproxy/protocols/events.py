"""What can happen to a call: one set of events for all protocols.

Rule: an event holds what the server said, cleaned of control characters, and nothing of the wire.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from ..text import one_line, render_count
from .diffs import build_value

if TYPE_CHECKING:
    from collections.abc import Callable


class Queued(NamedTuple):
    """The call waits: ``rank`` calls are before it (0: it is next); ``eta`` in seconds."""

    rank: int | None
    size: int | None
    eta: float | None


class Started(NamedTuple):
    """The app began to work on the call; ``eta`` in seconds, if the server guesses it."""

    eta: float | None


@dataclass(frozen=True)
class Unit:
    """One bar of the app's own progress.

    Attributes:
        index: Steps done, or ``None``.
        length: Steps in all, or ``None``.
        unit: What a step is called.
        fraction: The share that is done, 0 to 1, where the app counts no steps.
        description: The app's words for it.
    """

    index: int | None
    length: int | None
    unit: str | None
    fraction: float | None
    description: str | None


class Progressed(NamedTuple):
    """The app reported progress: one unit for each of its nested bars."""

    units: tuple[Unit, ...]


LOG_LEVELS = frozenset({"info", "success", "warning", "error"})
"""How urgent it can be what an app says; the versions of Gradio know these and no others."""


class Logged(NamedTuple):
    """The app said something to the person at the page (``gr.Info``, ``gr.Warning``).

    Attributes:
        level: One of `LOG_LEVELS`.
        text: What it said, cleaned, on as many lines as it has.
        title: Its title, if it has one.
    """

    level: str
    text: str
    title: str | None


@dataclass(frozen=True, eq=False)
class Yielded:
    """A partial result: one value for each output, hidden ones included.

    Attributes:
        values: What `diffs.build_value` makes the values of.
        size: About how many bytes they take that those of no earlier partial result do.
    """

    values: tuple[Any, ...]
    size: int = 0

    @property
    def data(self) -> tuple[Any, ...]:
        """The JSON values."""
        return tuple(map(build_value, self.values))

    def __eq__(self, other: object) -> bool:
        return self.data == other.data if isinstance(other, Yielded) else NotImplemented

    __hash__ = None  # type: ignore[assignment]  # as what it holds


@dataclass(frozen=True)
class Completed:
    """The call is over.

    Attributes:
        data: One value for each output, hidden ones included; after partial results they repeat
            the last one.
        rendering: The part of the page that the function made (``gr.render``), as ``/config``
            describes parts of the page; ``None`` if it is no such function.
    """

    data: tuple[Any, ...]
    rendering: Any = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class Failed:
    """The app raised; ``message`` is ``None`` if it hides its errors, ``raw`` is what was sent."""

    message: str | None
    title: str | None = None
    raw: Any = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class Cancelled:
    """The server confirms that the call was cancelled."""


@dataclass(frozen=True)
class Refused:
    """The server answered, but not with what the call should have led to.

    Attributes:
        reason: ``full`` (the queue is), ``login``, ``invalid`` (the request), ``limit`` (too many
            requests) or ``fault``.
        message: What the server said.
        status: Its HTTP status, where there was one.
        retry_after: Seconds to wait, if the server said so.
        problems: What is wrong with which parameter, where the app has checks that say so.
    """

    reason: str
    message: str
    status: int | None = None
    retry_after: float | None = None
    problems: tuple[tuple[str, str], ...] = ()

    @property
    def may_have_run(self) -> bool:
        """Whether the call may have run nevertheless: only a clear refusal says that it did not."""
        refusals = range(400, 500)
        return self.reason == "fault" and self.status not in refusals


@dataclass(frozen=True)
class Lost:
    """The server no longer speaks of the call, which may or may not have run."""

    message: str


@dataclass(frozen=True)
class Closed(Lost):
    """The server ended a run that takes a stream of inputs before it took all of them."""


@dataclass(frozen=True)
class Oversized(Lost):
    """The server sent a message of more than ``maximum`` bytes, with which the call was lost."""

    maximum: int = 0


Event: TypeAlias = (
    Queued
    | Started
    | Progressed
    | Logged
    | Yielded
    | Completed
    | Failed
    | Cancelled
    | Refused
    | Lost
)

FINAL = (Completed, Failed, Cancelled, Refused, Lost)


def summary(event: Event, hide: Callable[[str], str] = str) -> str:
    """Return what a timeline says of an event; values are large, and their owner's business.

    Args:
        event: The event.
        hide: Takes secrets out of a text that a server may have written.
    """
    match event:
        case Yielded(values) | Completed(values):
            return f"{type(event).__name__}({render_count(len(values), 'value')})"
        case _:
            return hide(one_line(event, 300))
