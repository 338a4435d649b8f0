"""The connection pool below `requester`: when a connection may be used again, and when not.

Three facts make the stock pool unsafe for calls that have effects. Gradio's server closes idle
connections after five seconds, so a request on one that is nearly that old can be lost without
anyone knowing whether it arrived. A server that was restarted has the old one's address: a pool
that quietly connects again may post the next call to another function. And `http.client` takes the
end of a connection for the end of an answer's head, so that what was cut off looks whole. Here old
connections are not used again, whoever asks for it is told before a new one carries anything, and
a line that was cut off breaks the connection.

urllib3 gives its hooks no argument that says which request they are called for. So a request is
made while its `Lease` is entered, `_get_conn` hands that to the connection that it takes, and all
else is between these two.

=========  ============================================================================
a conn.    means
=========  ============================================================================
idle       is in the pool, without a lease
leased     was taken from the pool for one request, and is registered with its work
verified   leads to a server that was asked who it is, since this connection was made
failed     brought an answer that was a server's fault: the server closes it
refused    was taken from the pool and is not what the lease requires: nothing was sent
=========  ============================================================================

===============  ======================================================================
a hook           does
===============  ======================================================================
``_get_conn``    idle -> leased. One that failed, or was idle for long, is closed first
                 and connects anew. If the lease requires a verified one and it is
                 none: idle -> refused, and `NewConnectionNeeded` is raised.
``connect``      Raises `NewConnectionNeeded` if the lease requires a verified
                 connection. Else it is neither verified nor registered as what it was
                 before, and registered as what it is now.
``getresponse``  -> failed, or not; the lease knows from then on which connection it was.
``_put_conn``    leased, refused -> idle; urllib3 passes ``None`` for a refused one.
===============  ======================================================================

`Lease.verify` makes a connection verified. This module does not know what that is for, nor whom a
request is for.
"""

from __future__ import annotations

import contextlib
import threading
import time
from typing import TYPE_CHECKING, Any, cast

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from ..errors import GradioProxyError
from ..statuses import SERVER_FAULT
from .network import resolve_addresses
from .whole_response import WholeResponse

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Generator, Hashable

    from urllib3._base_connection import BaseHTTPConnection

    from .in_flight import InFlight

# uvicorn's ``timeout_keep_alive`` is 5 s, and Gradio leaves it there.
MAX_IDLE = 4.0


class NotPublic(GradioProxyError):
    """Raised before anything is sent: a name led into this machine or a network around it."""


class NewConnectionNeeded(Exception):
    """Raised before anything is sent: there is no connection as the lease requires it."""


class Lease:
    """What one request asks of its connection, and which connection answered it.

    Args:
        work: What the request is a part of, and may be interrupted with.
        required: What the connection has to be verified for; ``None`` for any connection.
    """

    def __init__(self, work: InFlight, required: Hashable = None) -> None:
        self.work = work
        self.required = required
        self.refused: TrackedConnection | None = None
        self._answered: tuple[TrackedConnection, int] | None = None

    def admits(self, connection: TrackedConnection) -> bool:
        """Tell whether a connection is one that may carry the request."""
        return self.required is None or connection.verified == (self.required, connection.serial)

    def note_answer(self, connection: TrackedConnection) -> None:
        """Note which connection brings the answer."""
        self._answered = connection, connection.serial

    def verify(self, server: Hashable) -> bool:
        """Say that the connection that brought the answer leads to *server*.

        Returns:
            Whether the connection outlived the answer, so that it can carry what follows.
        """
        if self._answered is None:
            return False
        connection, serial = self._answered
        connection.verified = server, serial
        return connection.sock is not None and connection.serial == serial


class _Current(threading.local):
    """The lease of the request that this thread makes."""

    lease: Lease | None = None


_current = _Current()


@contextlib.contextmanager
def lease_connection(work: InFlight, required: Hashable = None) -> Generator[Lease]:
    """Make the requests of this context under a lease, up to those that have one of their own.

    Args:
        work: As for `Lease`.
        required: As for `Lease`.

    Raises:
        NewConnectionNeeded: At the request, if there is no connection as it is required.
    """
    outer, _current.lease = _current.lease, (lease := Lease(work, required))
    try:
        yield lease
    finally:
        _current.lease = outer


class TrackedConnection(HTTPConnection):
    """A connection that knows its lease, and what it was verified for.

    Args:
        is_allowed: Tells of an IP address whether the connection may lead there; all may if it is
            not given.

    Attributes:
        serial: Counts how often it was connected: each time it is another connection.
        verified: The server that it leads to, and the serial number that this was found out for.
        failed: Whether its last answer was a server's fault.
        idle_since: When it was given back.
    """

    response_class = WholeResponse

    def __init__(
        self, *args: Any, is_allowed: Callable[[str], bool] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.serial = 0
        self.verified: tuple[Hashable, int] | None = None
        self.failed = False
        self.idle_since = 0.0
        self._is_allowed = is_allowed
        # The present one, or the last.
        self._lease: Lease
        # The socket that is registered, also when the connection itself has let go of it.
        self._registered: Any = None

    def connect(self) -> None:
        """Connect, if any connection will do."""
        if self._lease.required is not None:
            raise NewConnectionNeeded
        self._lease.work.ensure_wanted()
        self.serial += 1
        try:
            super().connect()
        except TimeoutError as error:
            raise ConnectTimeoutError(self, str(error)) from error
        except OSError as error:
            # `requests` does not tell it from a connection that breaks under a request.
            raise NewConnectionError(self, str(error)) from error
        self._register()

    def request(self, *args: Any, **kwargs: Any) -> None:
        """Send a request, if it is still wanted."""
        if self.sock is not None:
            # What is left of the request before may be any number of seconds, or none at all.
            self.sock.settimeout(self.timeout)
        self._lease.work.begin_sending()
        super().request(*args, **kwargs)

    def getresponse(self) -> Any:
        """Return the answer, of which the head was read."""
        response = super().getresponse()
        # uvicorn closes the connection behind such an answer without saying so.
        self.failed = response.status >= SERVER_FAULT
        self._lease.note_answer(self)
        return response

    def lend(self, lease: Lease) -> None:
        """Carry what is sent under a lease from now on."""
        self._lease = lease
        if self.sock is not None:
            self._register()

    def take_back(self) -> None:
        """End the lease."""
        if self._registered is not None:
            self._lease.work.end(self._registered)
        self._registered = None
        self.idle_since = time.monotonic()

    def _register(self) -> None:
        """Let the work end what is waited for on the socket."""
        if self._registered is not None:
            self._lease.work.end(self._registered)
        self._registered = self.sock
        self._lease.work.begin(self._registered)

    def _new_conn(self) -> socket.socket:
        if self._is_allowed is None:
            return super()._new_conn()
        # Whether something listens there is already more than a stranger is to know.
        if not all(map(self._is_allowed, resolve_addresses(self.host))):
            raise NotPublic(f"{self.host} has an address that is not public")
        # But only what the name led to in fact counts: another look-up may give another answer.
        sock = super()._new_conn()
        peer = sock.getpeername()[0]
        if not self._is_allowed(peer):
            sock.close()
            raise NotPublic(f"{peer} is no public address")
        return sock


class TrackedTLSConnection(TrackedConnection, HTTPSConnection):
    """The same over TLS."""


class VerifyingPool(HTTPConnectionPool):
    """A pool that lends its connections as leases require them."""

    ConnectionCls = TrackedConnection

    def _get_conn(self, timeout: float | None = None) -> TrackedConnection:
        lease = _current.lease
        if lease is None:
            raise RuntimeError("a request without a lease")
        lease.work.ensure_wanted()
        connection = cast("TrackedConnection", super()._get_conn(timeout))
        if connection.failed or time.monotonic() - connection.idle_since > MAX_IDLE:
            connection.close()
        if not lease.admits(connection):
            # `urlopen` was given nothing, and so gives nothing back.
            lease.refused = connection
            raise NewConnectionNeeded
        connection.lend(lease)
        return connection

    def _put_conn(self, conn: BaseHTTPConnection | None) -> None:
        lease = _current.lease
        if conn is None and lease is not None:
            conn, lease.refused = lease.refused, None
        elif isinstance(conn, TrackedConnection):
            conn.take_back()  # first: then it may be anybody's
        super()._put_conn(conn)


class VerifyingTLSPool(VerifyingPool, HTTPSConnectionPool):
    """The same over TLS."""

    ConnectionCls = TrackedTLSConnection
