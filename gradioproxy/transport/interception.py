"""Who answers requests in place of the network, or looks on while it does.

Every request, stream and websocket passes here on its way, one step above where secrets are added
(`Connections.prepare`): so whoever is here sees what is asked for and no secret but what a body
holds. Connections have the interceptor that was installed when they were made, and keep it: those
to other origins have that of the app that names these.

Rule: a session that was opened before never gets one. In a thread that installed some itself, the
latest of these counts; elsewhere the latest of all, as programs open sessions on threads of theirs.
"""

from __future__ import annotations

import threading
from dataclasses import field
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from .. import forksafe
from ..frozen import frozen
from ..uncopyable import Uncopyable

if TYPE_CHECKING:
    import contextlib
    from collections.abc import Callable

    from .credentials import Access
    from .in_flight import InFlight
    from .redaction import Redactor
    from .request import Reply, Request
    from .url import Address


class Works(Protocol):
    """Ends what is under way when the connections are closed."""

    def under_way(self, work: InFlight) -> contextlib.AbstractContextManager[None]:
        """Let a work be ended in this context."""
        ...

    def begin_work(self, work: InFlight) -> None:
        """Let it be ended from now on."""
        ...

    def end_work(self, work: InFlight) -> None:
        """Take note that it is over."""
        ...


@frozen()
class Exchange(Uncopyable):
    """A request that is about to be sent.

    Attributes:
        request: The request.
        named: The app's address, as whoever opened the session named it.
        access: How it is reached.
        redactor: Takes the secrets out of what servers say.
        works: What the answer is a part of.
        send: Sends a request over the network, this one or one that is like it.
    """

    request: Request[Any]
    named: Address
    access: Access = field(repr=False)
    redactor: Redactor = field(repr=False)
    works: Works = field(repr=False)
    send: Callable[[Request[Any]], Reply] = field(repr=False)


class Interceptor(Protocol):
    """Answers requests, or has them sent and looks on."""

    def intercept(self, exchange: Exchange) -> Reply:
        """Return what comes back for a request, of the kind that it asks for.

        Raises:
            GradioProxyError: Nothing does.
        """
        ...


class _Network:
    """Has every request sent as it is."""

    def intercept(self, exchange: Exchange) -> Reply:
        """Send a request over the network."""
        return exchange.send(exchange.request)


NETWORK: Interceptor = _Network()
"""What connections have that were made while none was installed."""


class _Installed(NamedTuple):
    """An interceptor, the thread that installed it, and whether it is for other threads too."""

    interceptor: Interceptor
    thread: int
    everywhere: bool


_installing = forksafe.Lock()
_installed: tuple[_Installed, ...] = ()


def find_interceptor() -> Interceptor | None:
    """Return the interceptor for connections that are made now, if there is one."""
    found = _installed
    own = [each for each in found if each.thread == threading.get_ident()]
    latest = (own or [each for each in found if each.everywhere])[-1:]
    return latest[0].interceptor if latest else None


def install(interceptor: Interceptor, *, everywhere: bool = True) -> None:
    """Let connections that are made from now on have an interceptor.

    Args:
        interceptor: The interceptor.
        everywhere: Whether those of other threads have it too.
    """
    global _installed  # noqa: PLW0603 - it is about all of the process
    with _installing:
        _installed += (_Installed(interceptor, threading.get_ident(), everywhere),)


def uninstall(interceptor: Interceptor) -> None:
    """Let no more connections have it; those that do keep it."""
    global _installed  # noqa: PLW0603 - as above
    with _installing:
        _installed = tuple(each for each in _installed if each.interceptor is not interceptor)
