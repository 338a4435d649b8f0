"""The connection pool below `transport`: when a connection may be used again, and when not.

Three facts make the stock pool unsafe for calls that have effects. Gradio's server closes idle
connections after five seconds, so a request on one that is nearly that old can be lost without
anyone knowing whether it arrived. A server that was restarted has the old one's address: a pool
that quietly connects again may post the next call to another function. And `http.client` takes the
end of a connection for the end of an answer's head, so that what was cut off looks whole. Here old
connections are not used again, whoever asks for it is told before a new one carries anything, and
a line that was cut off breaks the connection.

============================  =====================================================================
a connection                  what happens to it
============================  =====================================================================
is taken from the pool        it is closed, and connects anew, if it was idle for long or its last
                              answer was a server's fault; it is registered with the work in flight
is to carry a verified        it goes back unused if it was not verified for that, and
request                       `NewConnectionNeeded` is raised
connects                      the same; nothing that was verified holds for it any more
answers in `verifying`        it is verified if it outlives the answer
is given back                 it is registered no longer
============================  =====================================================================
"""

from __future__ import annotations

import contextlib
import threading
import time
from typing import TYPE_CHECKING, Any

from requests.adapters import HTTPAdapter
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from ..errors import GradioProxyError
from ..statuses import SERVER_FAULT
from .in_flight import InFlight, current_work
from .network import addresses_of, is_public_address
from .whole_response import WholeResponse

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Hashable

    from urllib3 import PoolManager

# uvicorn's ``timeout_keep_alive`` is 5 s, and Gradio leaves it there.
MAX_IDLE = 4.0

# Bodies go out in blocks of this size; the stock 16 KB make uploads a matter of the interpreter.
BLOCK_SIZE = 1 << 18


class NotPublic(GradioProxyError):
    """Raised before anything is sent: a name led into this machine or a network around it."""


class NewConnectionNeeded(Exception):
    """Raised before anything is sent: the request would need a new connection."""


class Verification:
    """What came of verifying a connection: whether it is there to be used."""

    def __init__(self) -> None:
        self.used: tuple[Any, int] | None = None

    @property
    def kept(self) -> bool:
        """Whether the connection that was verified outlived the answer."""
        if self.used is None:
            return False
        connection, serial = self.used
        return connection.sock is not None and connection.serial == serial


class _Guard(threading.local):
    """What this thread wants of the connections of its requests."""

    expected: Hashable = None
    verification: Verification | None = None
    parked: Any = None


_guard = _Guard()


@contextlib.contextmanager
def verified_only(expected: Hashable) -> Generator[None]:
    """While this context is entered, use connections only that were verified to be for *expected*.

    Raises:
        NewConnectionNeeded: At the request, if there is no such connection; nothing was sent then.
    """
    _guard.expected = expected
    try:
        yield
    finally:
        _guard.expected = None


@contextlib.contextmanager
def unguarded() -> Generator[None]:
    """While this context is entered, requests are not the one that `verified_only` is about."""
    expected, _guard.expected = _guard.expected, None
    try:
        yield
    finally:
        _guard.expected = expected


@contextlib.contextmanager
def verifying(expected: Hashable) -> Generator[Verification]:
    """Verify the connection of the request that is made in this context, unless it raises."""
    _guard.verification = verification = Verification()
    try:
        yield verification
        if verification.used is not None:
            connection, serial = verification.used
            connection.verified = expected, serial
    finally:
        _guard.verification = None


class _Aware:
    """What all kinds of connection have in common."""

    response_class = WholeResponse

    idle_since = 0.0
    failed = False
    # A connection object can be connected again, and is another connection then.
    serial = 0
    verified: tuple[Hashable, int] | None = None
    sock: Any
    timeout: float | None
    _work: InFlight | None = None
    # The socket that it has there, also when the connection itself has let go of it.
    _held: Any = None

    def connect(self) -> None:
        if _guard.expected is not None:
            raise NewConnectionNeeded
        if self._work is not None:
            self._work.ensure_wanted()
        self.serial += 1
        try:
            super().connect()  # type: ignore[misc]
        except TimeoutError as error:
            raise ConnectTimeoutError(self, str(error)) from error
        except OSError as error:
            # `requests` does not tell it from a connection that breaks under a request.
            raise NewConnectionError(self, str(error)) from error  # type: ignore[arg-type]
        self._hold()

    def request(self, *args: Any, **kwargs: Any) -> None:
        if self.sock is not None:
            # What is left of the request before may be any number of seconds, or none at all.
            self.sock.settimeout(self.timeout)
        if self._work is not None:
            self._work.begin_sending()
        super().request(*args, **kwargs)  # type: ignore[misc]

    def getresponse(self) -> Any:
        response = super().getresponse()  # type: ignore[misc]
        # uvicorn closes the connection behind such an answer without saying so.
        self.failed = response.status >= SERVER_FAULT
        if _guard.verification is not None:
            _guard.verification.used = self, self.serial
        return response

    def lend(self, work: InFlight | None) -> None:
        """Take note of who uses the connection from now on."""
        self._work = work
        if self.sock is not None:
            self._hold()

    def take_back(self) -> None:
        """Take note that nobody uses it any more."""
        if self._work is not None and self._held is not None:
            self._work.end(self._held)
        self._work = self._held = None

    def _hold(self) -> None:
        if self._work is None:
            return
        if self._held is not None:
            self._work.end(self._held)
        self._held = self.sock
        self._work.begin(self._held)


class _Public(_Aware):
    """A connection that is given up before anything is sent, unless it leads to the world."""

    allowed: Callable[[str], bool]

    def _new_conn(self) -> Any:
        # Whether something listens there is already more than a stranger is to know.
        host: str = self.host  # type: ignore[attr-defined]
        if not all(map(type(self).allowed, addresses_of(host))):
            raise NotPublic(f"{host} has an address that is not public")
        # But only what the name led to in fact counts: another look-up may give another answer.
        sock = super()._new_conn()  # type: ignore[misc]
        peer = sock.getpeername()[0]
        if not type(self).allowed(peer):
            sock.close()
            raise NotPublic(f"{peer} is no public address")
        return sock


class _Fresh:
    """What all kinds of pool have in common."""

    def _get_conn(self, timeout: float | None = None) -> Any:
        work = current_work()
        if work is not None:
            work.ensure_wanted()
        connection = super()._get_conn(timeout)  # type: ignore[misc]
        if connection.failed or time.monotonic() - connection.idle_since > MAX_IDLE:
            connection.close()
        expected = _guard.expected
        if expected is not None and connection.verified != (expected, connection.serial):
            # The pool gives back what it was given, and it was given nothing yet.
            _guard.parked = connection
            raise NewConnectionNeeded
        connection.lend(work)
        return connection

    def _put_conn(self, conn: Any) -> None:
        if conn is None:
            conn, _guard.parked = _guard.parked, None
        if conn is not None:
            conn.take_back()  # first: then it may be anybody's
            conn.idle_since = time.monotonic()
        super()._put_conn(conn)  # type: ignore[misc]


def _own_pool(pool: Any, kind: type) -> Any:
    """Return a kind of pool like another, with our kind of connections."""
    if issubclass(pool, _Fresh):
        return pool
    connection = type("_Connection", (kind, pool.ConnectionCls), {})
    return type("_Pool", (_Fresh, pool), {"ConnectionCls": connection})


class Adapter(HTTPAdapter):
    """The adapter of `requests` over such pools, direct or through a proxy."""

    _connection: type = _Aware

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Make the pools of direct connections."""
        super().init_poolmanager(*args, blocksize=BLOCK_SIZE, **kwargs)
        self._use_own_pools(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        """Return the pools of connections through a proxy."""
        manager = super().proxy_manager_for(proxy, blocksize=BLOCK_SIZE, **kwargs)
        self._use_own_pools(manager)
        return manager

    def close(self) -> None:
        """Close the idle connections; those in use are closed when they are given back.

        A pool does so when it is collected, but no longer when the interpreter ends.
        """
        for manager in (self.poolmanager, *self.proxy_manager.values()):
            for key in manager.pools.keys():  # noqa: SIM118 - it can't be iterated
                pool = manager.pools.get(key)
                if pool is not None:
                    pool.close()
        super().close()

    def _use_own_pools(self, manager: PoolManager) -> None:
        # A manager for SOCKS has kinds of its own.
        manager.pool_classes_by_scheme = {
            scheme: _own_pool(pool, self._connection)
            for scheme, pool in manager.pool_classes_by_scheme.items()
        }


class PublicAdapter(Adapter):
    """An adapter whose connections lead to public addresses only."""

    _connection = type(
        "_PublicConnection", (_Public,), {"allowed": staticmethod(is_public_address)}
    )
