"""How long many calls of a function that takes a while take, in one way: WAY, CALLS, URL...

Each way is what a person would write. What it needs before the first call (sessions, processes, a
cluster) is made before, and has made a call.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from .clients import OFFICIAL, OURS, official_client

if TYPE_CHECKING:
    from collections.abc import Callable

# As many as the app works on at once, and processes to make the calls of.
WORKERS, PROCESSES = 8, 2
# What ends before this process does: processes that were left would keep its output open.
CLOSING = contextlib.ExitStack()


def measure(way: str, calls: str, *urls: str) -> dict[str, float]:
    """Return the seconds, and the calls that had no right result."""
    run = WAYS[way](*urls)
    run(WORKERS)
    number = int(calls)
    start = time.perf_counter()
    right = run(number)
    return {"seconds": time.perf_counter() - start, "lost": number - right}


def loop(url: str) -> Callable[[int], int]:
    """Make one call after the other."""
    import gradioproxy

    app = gradioproxy.connect(url)
    return lambda calls: sum(app.wait("x") == "x" for _ in range(calls))


def threads_official(url: str) -> Callable[[int], int]:
    """Make them with gradio_client, on threads."""
    client = official_client(url)
    pool = ThreadPoolExecutor(WORKERS)

    def call(_: int) -> bool:
        try:
            return bool(client.predict("x", api_name="/wait") == "x")
        except Exception:  # noqa: BLE001 - it loses some
            return False

    return lambda calls: sum(pool.map(call, range(calls)))


def map_(url: str) -> Callable[[int], int]:
    """Make them with ``map``."""
    import gradioproxy

    app = gradioproxy.connect(url)
    return lambda calls: _count(app.wait.map(["x"] * calls, concurrency=WORKERS))


def journal(url: str) -> Callable[[int], int]:
    """Make them with ``map``, which keeps what came."""
    import gradioproxy

    app = gradioproxy.connect(url)

    def run(calls: int) -> int:
        results = app.wait.map(["x"] * calls, concurrency=WORKERS, journal=f"{calls}.sqlite")
        return _count(results)

    return run


def processes(url: str) -> Callable[[int], int]:
    """Let processes make them."""
    import gradioproxy

    app = gradioproxy.connect(url)
    pool = CLOSING.enter_context(ProcessPoolExecutor(PROCESSES))
    return lambda calls: _count(app.wait.map(["x"] * calls, concurrency=WORKERS, executor=pool))


def dask(url: str) -> Callable[[int], int]:
    """Let a cluster's processes make them."""
    import distributed

    import gradioproxy

    app = gradioproxy.connect(url)
    cluster = distributed.LocalCluster(  # type: ignore[no-untyped-call]
        n_workers=PROCESSES, threads_per_worker=1, dashboard_address=None
    )
    CLOSING.enter_context(cluster)
    client = CLOSING.enter_context(distributed.Client(cluster))  # type: ignore[no-untyped-call]
    return lambda calls: _count(app.wait.map(["x"] * calls, concurrency=WORKERS, executor=client))


def replicas(*urls: str) -> Callable[[int], int]:
    """Share them among several addresses."""
    import gradioproxy

    app = gradioproxy.replicas(*urls)
    number = WORKERS * len(urls)
    return lambda calls: _count(app.wait.map(["x"] * calls, concurrency=number))


def _count(results: Any) -> int:
    return sum(result == "x" for result in results)


WAYS: dict[str, Callable[..., Callable[[int], int]]] = {
    f"{OURS} loop": loop,
    f"{OFFICIAL} threads": threads_official,
    f"{OURS} map": map_,
    f"{OURS} journal": journal,
    f"{OURS} processes": processes,
    f"{OURS} dask": dask,
    f"{OURS} replicas": replicas,
}


if __name__ == "__main__":
    print(json.dumps(measure(*sys.argv[1:])), flush=True)
    CLOSING.close()
    os._exit(0)  # threads that wait for lost calls would keep the process
