"""The adapter of `requests` over the pools of `pool`, direct or through a proxy."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, cast

from requests.adapters import HTTPAdapter

from .network import KEEPALIVE
from .pool import TrackedConnection, VerifyingPool, VerifyingTLSPool

if TYPE_CHECKING:
    from collections.abc import Mapping

    import requests
    from urllib3 import PoolManager

    from .reach import Reach

# Bodies go out in blocks of this size; the stock 16 KB make uploads a matter of the interpreter.
BLOCK_SIZE = 1 << 18
SOCKET_OPTIONS = [*TrackedConnection.default_socket_options, *KEEPALIVE]


class Adapter(HTTPAdapter):
    """The adapter of `requests` over such pools, direct or through a proxy.

    Args:
        reach: Judges where connections may lead.
        size: How many connections to keep.
    """

    def __init__(self, reach: Reach, size: int = 16) -> None:
        self._reach = reach
        super().__init__(pool_connections=2, pool_maxsize=size)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Make the pools of direct connections."""
        super().init_poolmanager(
            *args, blocksize=BLOCK_SIZE, socket_options=SOCKET_OPTIONS, **kwargs
        )
        self._use_pools(self.poolmanager, VerifyingPool, VerifyingTLSPool)

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        """Return the pools of connections through a proxy."""
        manager = super().proxy_manager_for(
            proxy, blocksize=BLOCK_SIZE, socket_options=SOCKET_OPTIONS, **kwargs
        )
        if proxy.lower().startswith("socks"):
            from . import socks  # late, as PySocks need not be there

            self._use_pools(manager, socks.VerifyingPool, socks.VerifyingTLSPool)
        else:
            self._use_pools(manager, VerifyingPool, VerifyingTLSPool)
        return manager

    def open_pool(
        self, request: requests.PreparedRequest, verify: bool | str, proxies: Mapping[str, str]
    ) -> VerifyingPool:
        """Return the pool that a request takes its connection from, ready to connect.

        Args:
            request: The request.
            verify: Whether to check certificates, or the path of a CA bundle.
            proxies: Proxies by scheme.

        Raises:
            OSError: There is no such bundle.
        """
        pool = self.get_connection_with_tls_context(request, verify, proxies=dict(proxies))
        self.cert_verify(pool, str(request.url), verify, None)  # type: ignore[no-untyped-call]
        return cast("VerifyingPool", pool)

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

    def _use_pools(
        self, manager: PoolManager, plain: type[VerifyingPool], tls: type[VerifyingTLSPool]
    ) -> None:
        # What a pool does not know itself it passes on to the connections that it makes.
        pools: Any = {
            "http": functools.partial(plain, reach=self._reach),
            "https": functools.partial(tls, reach=self._reach),
        }
        manager.pool_classes_by_scheme = pools
