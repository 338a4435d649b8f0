"""The adapter of `requests` over the pools of `pool`, direct or through a proxy."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from requests.adapters import HTTPAdapter

from .pool import VerifyingPool, VerifyingTLSPool

if TYPE_CHECKING:
    from collections.abc import Callable

    from urllib3 import PoolManager

# Bodies go out in blocks of this size; the stock 16 KB make uploads a matter of the interpreter.
BLOCK_SIZE = 1 << 18


class Adapter(HTTPAdapter):
    """The adapter of `requests` over such pools, direct or through a proxy.

    Args:
        is_allowed: Tells of an IP address whether connections may lead there, before anything is
            sent; all may if it is not given.
        size: How many connections to keep.
    """

    def __init__(self, is_allowed: Callable[[str], bool] | None = None, size: int = 16) -> None:
        self._is_allowed = is_allowed
        super().__init__(pool_connections=2, pool_maxsize=size)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Make the pools of direct connections."""
        super().init_poolmanager(*args, blocksize=BLOCK_SIZE, **kwargs)
        self._use_pools(self.poolmanager, VerifyingPool, VerifyingTLSPool)

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        """Return the pools of connections through a proxy."""
        manager = super().proxy_manager_for(proxy, blocksize=BLOCK_SIZE, **kwargs)
        if proxy.lower().startswith("socks"):
            from . import socks  # late, as PySocks need not be there

            self._use_pools(manager, socks.VerifyingPool, socks.VerifyingTLSPool)
        else:
            self._use_pools(manager, VerifyingPool, VerifyingTLSPool)
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

    def _use_pools(
        self, manager: PoolManager, plain: type[VerifyingPool], tls: type[VerifyingTLSPool]
    ) -> None:
        # What a pool does not know itself it passes on to the connections that it makes.
        pools: Any = {
            "http": functools.partial(plain, is_allowed=self._is_allowed),
            "https": functools.partial(tls, is_allowed=self._is_allowed),
        }
        manager.pool_classes_by_scheme = pools
