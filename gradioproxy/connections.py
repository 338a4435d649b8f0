"""The connection pool below `transport`: when a connection may be used again, and when not.

Two facts make the stock pool unsafe for calls that have effects. Gradio's server closes idle
connections after five seconds, so a request on one that is nearly that old can be lost without
anyone knowing whether it arrived. And a server that was restarted has the old one's address: a
pool that quietly connects again may post the next call to another function. Here old connections
are not used again, and whoever asks for it is told before a new one carries anything.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from typing import TYPE_CHECKING, Any

from requests.adapters import HTTPAdapter
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from .errors import GradioProxyError
from .reach import addresses_of, is_public_address

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Hashable

    from urllib3 import PoolManager

# uvicorn's ``timeout_keep_alive`` is 5 s, and Gradio leaves it there.
MAX_IDLE = 4.0
SERVER_FAULT = 500

# Bodies go out in blocks of this size; the stock 16 KB make uploads a matter of the interpreter.
BLOCK_SIZE = 1 << 18


class NotPublic(GradioProxyError):
    """Raised before anything is sent: a name led into this machine or a network around it."""


class NewConnectionNeeded(Exception):
    """Raised before anything is sent: the request would need a new connection."""


class InFlight:
    """What a thread waits for, as another one sees it: it can be given up, and nothing else."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._interrupted = False
        self._socket: Any = None

    def interrupt(self) -> None:
        """End the wait, at once or as soon as it begins; the connection is not used again."""
        with self._lock:
            self._interrupted = True
            self._shut_down()

    def begin(self, connected: Any) -> None:
        """Take note of the socket on which the thread waits from now on."""
        with self._lock:
            self._socket = connected
            if self._interrupted:
                self._shut_down()

    def end(self) -> None:
        """Take note that it does not wait any more: the connection may be another's soon."""
        with self._lock:
            self._socket = None

    def _shut_down(self) -> None:
        # TLS inside of TLS has nothing of the kind.
        shut_down = getattr(self._socket, "shutdown", None)
        if shut_down is not None:
            with contextlib.suppress(OSError, ValueError):
                shut_down(socket.SHUT_RDWR)


class _Guard(threading.local):
    """What this thread wants of the connections of its requests."""

    expected: Hashable = None
    noting = False
    noted: tuple[tuple[Any, int], ...] = ()
    parked: Any = None
    in_flight: InFlight | None = None


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
def verifying(expected: Hashable) -> Generator[None]:
    """Verify the connection of the request that is made in this context, unless it raises."""
    _guard.noting, _guard.noted = True, ()
    try:
        yield
        noted: tuple[tuple[Any, int], ...] = _guard.noted
        for connection, serial in noted:
            connection.verified = expected, serial
    finally:
        _guard.noting, _guard.noted = False, ()


@contextlib.contextmanager
def interruptible() -> Generator[InFlight]:
    """Let other threads end the wait for the answers to the requests made in this context."""
    _guard.in_flight = in_flight = InFlight()
    try:
        yield in_flight
    finally:
        _guard.in_flight = None


class _Aware:
    """What all kinds of connection have in common."""

    idle_since = 0.0
    failed = False
    # A connection object can be connected again, and is another connection then.
    serial = 0
    verified: tuple[Hashable, int] | None = None
    sock: Any

    def connect(self) -> None:
        if _guard.expected is not None:
            raise NewConnectionNeeded
        self.serial += 1
        try:
            super().connect()  # type: ignore[misc]
        except TimeoutError as error:
            raise ConnectTimeoutError(self, str(error)) from error
        except OSError as error:
            # `requests` does not tell it from a connection that breaks under a request.
            raise NewConnectionError(self, str(error)) from error  # type: ignore[arg-type]

    def getresponse(self) -> Any:
        in_flight = _guard.in_flight
        if in_flight is not None:
            in_flight.begin(self.sock)
        try:
            response = super().getresponse()  # type: ignore[misc]
        finally:
            if in_flight is not None:
                in_flight.end()
        # uvicorn closes the connection behind such an answer without saying so.
        self.failed = response.status >= SERVER_FAULT
        if _guard.noting:
            _guard.noted = ((self, self.serial),)
        return response


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
        connection = super()._get_conn(timeout)  # type: ignore[misc]
        if connection.failed or time.monotonic() - connection.idle_since > MAX_IDLE:
            connection.close()
        expected = _guard.expected
        if expected is not None and connection.verified != (expected, connection.serial):
            # The pool gives back what it was given, and it was given nothing yet.
            _guard.parked = connection
            raise NewConnectionNeeded
        return connection

    def _put_conn(self, conn: Any) -> None:
        if conn is None:
            conn, _guard.parked = _guard.parked, None
        if conn is not None:
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
