"""What goes to the workers of an executor and comes back from them: everything here pickles.

A chunk is several calls of one function. It has no secrets: a worker has those of its own
environment, as whoever unpickles a function does.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..calls.engine import Engine
    from ..files.payload import Payload
    from ..limits import Limits
    from ..options import CallOptions, SessionOptions
    from ..schema.endpoint import JSON, Endpoint
    from ..transport.http import Transport


class Settings(Protocol):
    """What calls are made with: a `functions.settings.CallSettings`."""

    @property
    def engine(self) -> Engine:
        """What runs them."""
        ...

    @property
    def options(self) -> CallOptions:
        """Their options."""
        ...

    @property
    def way(self) -> Transport:
        """The way to the app."""
        ...


class Find(Protocol):
    """What finds an app where calls are made: a function of a module, as pickles name it."""

    def __call__(self, app: AppReference, /) -> Settings:
        """Return what its calls are made with."""
        ...


@dataclass(frozen=True)
class AppReference:
    """How a worker reaches the app of a session, as far as that is no secret.

    Attributes:
        url: The app's address.
        options: The options of the calls that are not as by default.
        session: Those of the session.
        verify: Whether to check certificates, or the path of a CA bundle.
        timeout: Seconds to wait for an ordinary answer.
        file_hosts: Hosts to which the app's answers may lead.
        limits: How much of them is taken in.
    """

    url: str
    options: Mapping[str, Any]
    session: SessionOptions
    verify: bool | str | None
    timeout: float
    file_hosts: tuple[str, ...]
    limits: Limits


class Ticket(Protocol):
    """What a chunk is made with once: a cluster may hand a chunk out again when a worker dies."""

    def take(self) -> bool:
        """Tell a worker whether it is the first one that takes it, and may begin."""
        ...

    def is_wanted(self) -> bool:
        """Tell a worker that took it whether calls that have not begun are still wanted."""
        ...


@dataclass(frozen=True)
class Chunk:
    """Several calls of one function.

    Attributes:
        find: Returns what the calls are made with, where they are made.
        app: The app.
        name: The function's name.
        endpoint: What is called.
        payloads: What each call sends.
        width: How many of them are under way at most.
        patience: Seconds for which a call may be refused; ``None`` for any number.
        seconds: After so many, no more of them are begun.
        ticket: What the worker has to take before it begins.
    """

    find: Find
    app: AppReference
    name: str
    endpoint: Endpoint
    payloads: Sequence[Payload] = field(repr=False)
    width: int
    patience: float | None
    seconds: float
    ticket: Ticket | None = None


@dataclass(frozen=True)
class Answer:
    """What an app answered to a call.

    Attributes:
        data: One JSON value for each output, hidden ones included.
        streams: The content of streams among them, by their addresses.
    """

    data: tuple[JSON, ...]
    streams: Mapping[str, bytes] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class ChunkAnswer:
    """What became of a chunk.

    Attributes:
        outcomes: What came of its first calls, an `Answer` or an error; the others have not begun.
        seconds: How long that took, without opening the session.
        refused: Whether nothing was done, as another worker had begun it before.
    """

    outcomes: Sequence[Answer | BaseException] = ()
    seconds: float = 0.0
    refused: bool = False
