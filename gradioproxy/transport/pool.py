"""The connection pool below `requester`: when a connection may be used again, and when not.

Three facts make the stock pool unsafe for calls that have effects. Gradio's server closes idle
connections after five seconds, so a request on one that is nearly that old can be lost without
anyone knowing whether it arrived. A server that was restarted has the old one's address: a pool
that quietly connects again may post the next call to another function. And `http.client` takes the
end of a connection for the end of an answer's head, so that what was cut off looks whole. Here old
connections are not used again, whoever asks for it is told before a new one carries anything, and
a line that was cut off breaks the connection.

urllib3 calls its hooks without saying for which request. So a request is made in a context of
`lease_connection`; ``_get_conn`` hands the `Lease` of this thread to the connection that it takes
from the pool, and the connection keeps it until ``_put_conn``.

============  ======================================================================================
state         of a connection
============  ======================================================================================
idle          it is in the pool
leased        it was taken for one request, and its socket is registered with the request's work
verified      its server was asked who it is (`Lease.verify`), and it was not connected anew since
failed        its last answer was a server's fault; the server closes it soon
refused       it was taken, but is not verified as the lease requires; nothing was sent
============  ======================================================================================

===============  ===================================================================================
hook             what it does
===============  ===================================================================================
``_get_conn``    idle -> leased; one that failed or was idle for long is closed before. Or, if the
                 lease requires it verified and it is not: idle -> refused, `NewConnectionNeeded`
``connect``      verified -> not verified; registers the new socket. Or, if the lease requires a
                 verified one: `NewConnectionNeeded`, as a new connection never is
``getresponse``  -> failed or not; notes in the lease which connection answered
``_put_conn``    leased, refused -> idle; urllib3 passes ``None`` where ``_get_conn`` raised
===============  ===================================================================================

What connections are verified for, and when, is not known here.
"""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any, cast

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from ..statuses import SERVER_FAULT
from .innermost import Innermost
from .reach import check_name
from .request import do_nothing
from .url import add_query
from .whole_response import WholeResponse

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Hashable
    from contextlib import AbstractContextManager

    from urllib3._base_connection import BaseHTTPConnection

    from .in_flight import InFlight
    from .reach import Reach

# uvicorn's ``timeout_keep_alive`` is 5 s, and Gradio leaves it there.
MAX_IDLE = 4.0

# On a Mac, `time.monotonic` is another one than the system's clock of that name.
_SLEEPLESS = {"linux": "CLOCK_BOOTTIME", "darwin": "CLOCK_MONOTONIC"}


def sleepless_time() -> float:
    """Return the seconds of a clock that nobody sets, and that goes on while the machine sleeps.

    `time.monotonic` stands still then on most systems, while servers and routers forget connections
    of which nobody hears.
    """
    number = getattr(time, _SLEEPLESS.get(sys.platform, ""), None)
    return time.monotonic() if number is None else time.clock_gettime(number)


class NewConnectionNeeded(Exception):
    """Raised before anything is sent: there is no connection as the lease requires it."""


class Lease:
    """What one request asks of its connection, and which connection answered it.

    Args:
        work: What the request is a part of, and may be interrupted with.
        required: What the connection has to be verified for; ``None`` for any connection.
        meanwhile: What to do while the server works on the answer; raises nothing.
        query: The query of the request, which urllib3 does not know: its logs have every URL.

    Attributes:
        was_taken: Whether a connection was asked for, so that one is missing in the pool.
    """

    def __init__(
        self,
        work: InFlight,
        required: Hashable = None,
        meanwhile: Callable[[], object] = do_nothing,
        query: str = "",
    ) -> None:
        self.work = work
        self.required = required
        self.meanwhile = meanwhile
        self.query = query
        self.was_taken = False
        self._refused: TrackedConnection | None = None
        self._answered: tuple[TrackedConnection, int] | None = None

    def check(self, connection: TrackedConnection) -> None:
        """Check that a connection may carry the request; else keep it for `take_refused`.

        Raises:
            NewConnectionNeeded: It is not verified as required.
        """
        if self.required is not None and not connection.is_verified_for(self.required):
            self._refused = connection
            raise NewConnectionNeeded

    def take_refused(self) -> TrackedConnection | None:
        """Return the connection that was refused, to be given back; ``None`` if none was."""
        refused, self._refused = self._refused, None
        return refused

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
        return connection.mark_verified(server, serial)


# The lease of the request that a thread makes.
_leases: Innermost[Lease] = Innermost()


def lease_connection(lease: Lease) -> AbstractContextManager[Lease]:
    """Make the requests of this context under a lease, up to those that have one of their own.

    Raises:
        NewConnectionNeeded: At the request, if there is no connection as it is required.
    """
    return _leases.hold(lease)


class TrackedConnection(HTTPConnection):
    """A connection that knows its lease, and what it was verified for.

    Args:
        reach: Judges where the connection may lead, unless a proxy makes it.

    Attributes:
        serial: Counts how often it was connected: each time it is another connection.
        failed: Whether its last answer was a server's fault.
        idle_since: When it was given back, by `sleepless_time`.
    """

    response_class = WholeResponse
    scheme = "http"
    is_direct = True
    """Whether the socket leads to the server itself, or to a proxy that speaks no HTTP."""

    def __init__(self, *args: Any, reach: Reach | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.serial = 0
        # The server that it leads to, and the serial number that this was found out for.
        self._verified: tuple[Hashable, int] | None = None
        self.failed = False
        self.idle_since = 0.0
        self._reach = reach
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

    def putrequest(self, method: str, url: str, *args: Any, **kwargs: Any) -> None:
        """Send the first line, with the query: what is above logs and keeps URLs."""
        super().putrequest(method, add_query(url, self._lease.query), *args, **kwargs)

    def getresponse(self) -> Any:
        """Return the answer, of which the head was read."""
        self._lease.meanwhile()
        response = super().getresponse()
        # uvicorn closes the connection behind such an answer without saying so.
        self.failed = response.status >= SERVER_FAULT
        self._lease.note_answer(self)
        return response

    def is_verified_for(self, server: Hashable) -> bool:
        """Tell whether it is known to lead to a server, as it is connected now."""
        return self._verified == (server, self.serial)

    def mark_verified(self, server: Hashable, serial: int) -> bool:
        """Note which server a connection leads to; tell whether it is still connected so.

        Args:
            server: The server.
            serial: The `serial` of the connection that was verified; another thread may have
                connected anew since.
        """
        self._verified = server, serial
        return self.sock is not None and self.serial == serial

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
        self.idle_since = sleepless_time()

    def _register(self) -> None:
        """Let the work end what is waited for on the socket."""
        if self._registered is not None:
            self._lease.work.end(self._registered)
        self._registered = self.sock
        self._lease.work.begin(self._registered)

    def _new_conn(self) -> socket.socket:
        reach = self._reach
        if reach is None or not self.is_direct or self.proxy is not None:
            return super()._new_conn()
        host = f"[{self.host}]" if ":" in self.host else self.host
        url = f"{self.scheme}://{host}:{self.port}"
        check_name(reach, url)
        sock = super()._new_conn()
        try:
            reach.check(url, sock.getpeername()[0].partition("%")[0])
        except BaseException:
            sock.close()
            raise
        return sock


class TrackedTLSConnection(TrackedConnection, HTTPSConnection):
    """The same over TLS."""

    scheme = "https"


class VerifyingPool(HTTPConnectionPool):
    """A pool that lends its connections as leases require them."""

    ConnectionCls = TrackedConnection

    def _get_conn(self, timeout: float | None = None) -> TrackedConnection:
        lease = _leases.find()
        if lease is None:
            raise RuntimeError("a request without a lease")
        lease.work.ensure_wanted()
        lease.was_taken = True
        connection = cast("TrackedConnection", super()._get_conn(timeout))
        if connection.failed or sleepless_time() - connection.idle_since > MAX_IDLE:
            connection.close()
        lease.check(connection)
        connection.lend(lease)
        return connection

    def try_connecting(self, seconds: float) -> tuple[str | None, bool]:
        """Connect as a request would, through the proxy if there is one, and let go of it.

        It is not kept for the next one: with TLS 1.3 there may be something to read, by which
        urllib3 takes it for broken.

        Args:
            seconds: How long each step may take.

        Returns:
            The version of TLS, and whether the certificate was checked.
        """
        connection = self._get_conn()
        try:
            connection.close()
            connection.timeout = seconds
            if self.proxy is not None:
                self._prepare_proxy(connection)
            if connection.is_closed:
                connection.connect()
            return getattr(connection.sock, "version", lambda: None)(), connection.is_verified
        finally:
            connection.close()
            self._put_conn(connection)

    def _put_conn(self, conn: BaseHTTPConnection | None) -> None:
        lease = _leases.find()
        if conn is None and lease is not None:
            # `urlopen` was given nothing by ``_get_conn``, and so gives nothing back.
            conn = lease.take_refused()
            if conn is None and not lease.was_taken:
                return  # given up before, and nothing is missing in the pool
        elif isinstance(conn, TrackedConnection):
            conn.take_back()  # first: then it may be anybody's
        super()._put_conn(conn)


class VerifyingTLSPool(VerifyingPool, HTTPSConnectionPool):
    """The same over TLS."""

    ConnectionCls = TrackedTLSConnection
