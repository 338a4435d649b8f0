"""Calls of an app in this process: what is asked, what they bring, and how far they are."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from ..statuses import OK
from ..transport.local import Content

if TYPE_CHECKING:
    from ..transport.interception import Exchange
    from .cassette import Message
    from .routes import Route


@dataclass(frozen=True)
class AskedCall:
    """A call, as it was posted.

    Attributes:
        way: ``queue``, ``direct`` or ``simple``.
        function: The function's number, or its name for the simple API.
        data: One JSON value for each input.
        event: What the page's event brought, and the number of the component whose it is.
        whole: Whether partial results are to be whole where they could be edits.
        batched: Whether each value is a list of those of several calls.
    """

    way: str
    function: int | str | None
    data: list[Any] = field(repr=False)
    event: tuple[Any, Any] = (None, None)
    whole: bool = False
    batched: bool = False


class Performance(Protocol):
    """What a call brings, one message after the other; used by one thread at a time.

    A message is what the queue would send, without ``event_id``; for the simple API an object with
    ``event`` and ``data``, for a direct call one with ``status`` and ``json``.
    """

    @property
    def refusal(self) -> Content | None:
        """The answer by which the app does not take the call, if it does not."""
        ...

    def advance(self) -> Message | None:
        """Return the next message; ``None`` if there is none before a chunk or a cancel.

        Raises:
            StopIteration: There is none at all any more.
            GradioProxyError: The stream breaks.
        """
        ...

    def take_chunk(self, data: list[Any] | None) -> None:
        """Take another input, ``None`` for the end of them."""
        ...

    def close(self) -> None:
        """Take note that nobody waits any more; may be called again."""
        ...


class Script(Protocol):
    """Says what an app answers.

    Attributes:
        knows_ends: Whether every call has an end, so that one that brings nothing for now is waited
            for as long as that takes.
    """

    knows_ends: bool

    def answer(self, exchange: Exchange, route: Route) -> Content:
        """Return the answer to a request that is about no call.

        Raises:
            GradioProxyError: There is none.
        """
        ...

    def begin(self, exchange: Exchange, asked: AskedCall) -> Performance:
        """Begin a call.

        Raises:
            NotRecorded: Nobody knows what it would bring.
        """
        ...


class PeerCall:
    """A call under way.

    Args:
        event_id: The name that it has here.
        session_hash: The hash that it is under.
        performance: What it brings.
    """

    def __init__(self, event_id: str, session_hash: str, performance: Performance) -> None:
        self.event_id, self.session_hash = event_id, session_hash
        self.performance = performance
        self.is_cancelled = False
        self.is_over = False
        # Counts what came of it from outside, so that whoever waits for that sees it.
        self.changes = 0

    def advance(self) -> Message | None:
        """Return its next message, ``None`` if there is none now."""
        try:
            return self.performance.advance()
        except StopIteration:
            self.end()
            return None
        except BaseException:
            self.end()
            raise

    def end(self) -> None:
        """Let go of what it brings."""
        self.is_over = True
        self.performance.close()


class Unasked:
    """What a call brings whose data have not come."""

    refusal = None

    def advance(self) -> Message | None:
        """Return nothing."""
        return None

    def take_chunk(self, data: list[Any] | None) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""


def reply_json(value: Any, status: int = OK) -> Content:
    """Return an answer in JSON."""
    return Content([json.dumps(value).encode()], status, {"Content-Type": "application/json"})


def write_frame(message: Message) -> bytes:
    """Return a message as an event of a stream."""
    return f"data: {json.dumps(message)}\n\n".encode()
