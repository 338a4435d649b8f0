"""The connection pool below `transport`: when a connection may be used again, and when not.

Two facts make the stock pool unsafe for calls that have effects. Gradio's server closes idle
connections after five seconds, so a request on one that is nearly that old can be lost without
anyone knowing whether it arrived. And a server that was restarted has the old one's address: a
pool that quietly connects again may post the next call to another function. Here old connections
are not used again, and whoever asks for it is told before a new one carries anything.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

from requests.adapters import HTTPAdapter
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

if TYPE_CHECKING:
    from urllib3 import PoolManager

# uvicorn's ``timeout_keep_alive`` is 5 s, and Gradio leaves it there.
MAX_IDLE = 4.0
SERVER_FAULT = 500

# Bodies go out in blocks of this size; the stock 16 KB make uploads a matter of the interpreter.
BLOCK_SIZE = 1 << 18


class NewConnectionNeeded(Exception):
    """Raised before anything is sent: the request would need a new connection."""


class _Guard(threading.local):
    """Whether this thread wants to be told before a connection is opened."""

    active = False


_guard = _Guard()


class reused_only:  # noqa: N801 - reads as the statement that it is used in
    """While this context is entered, requests of this thread use established connections only.

    Raises:
        NewConnectionNeeded: At the request, if there is no such connection; nothing was sent then.
    """

    def __enter__(self) -> None:
        _guard.active = True

    def __exit__(self, *_: object) -> None:
        _guard.active = False


class _Aware:
    """What all kinds of connection have in common."""

    idle_since = 0.0
    failed = False

    def connect(self) -> None:
        if _guard.active:
            raise NewConnectionNeeded
        try:
            super().connect()  # type: ignore[misc]
        except TimeoutError as error:
            raise ConnectTimeoutError(self, str(error)) from error
        except OSError as error:
            # `requests` does not tell it from a connection that breaks under a request.
            raise NewConnectionError(self, str(error)) from error  # type: ignore[arg-type]

    def getresponse(self) -> Any:
        response = super().getresponse()  # type: ignore[misc]
        # uvicorn closes the connection behind such an answer without saying so.
        self.failed = response.status >= SERVER_FAULT
        return response


class _Fresh:
    """What all kinds of pool have in common."""

    def _get_conn(self, timeout: float | None = None) -> Any:
        connection = super()._get_conn(timeout)  # type: ignore[misc]
        if connection.failed or time.monotonic() - connection.idle_since > MAX_IDLE:
            connection.close()
        return connection

    def _put_conn(self, conn: Any) -> None:
        if conn is not None:
            conn.idle_since = time.monotonic()
        super()._put_conn(conn)  # type: ignore[misc]


def _own_pool(pool: Any) -> Any:
    """Return a kind of pool like another, with our connections."""
    if issubclass(pool, _Fresh):
        return pool
    connection = type("_Connection", (_Aware, pool.ConnectionCls), {})
    return type("_Pool", (_Fresh, pool), {"ConnectionCls": connection})


class Adapter(HTTPAdapter):
    """The adapter of `requests` over such pools, direct or through a proxy."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Make the pools of direct connections."""
        super().init_poolmanager(*args, blocksize=BLOCK_SIZE, **kwargs)
        self._use_own_pools(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        """Return the pools of connections through a proxy."""
        manager = super().proxy_manager_for(proxy, blocksize=BLOCK_SIZE, **kwargs)
        self._use_own_pools(manager)
        return manager

    @staticmethod
    def _use_own_pools(manager: PoolManager) -> None:
        # A manager for SOCKS has kinds of its own.
        manager.pool_classes_by_scheme = {
            scheme: _own_pool(pool) for scheme, pool in manager.pool_classes_by_scheme.items()
        }
