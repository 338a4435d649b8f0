"""How long many calls at once take, and how many threads they take: WAY, URL, CALLS."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, Any

from .clients import BARE, OFFICIAL, OURS, BareClient, memory, official_client

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from concurrent.futures import Future

# As many as gradioproxy has streams.
CONNECTIONS = 8
# gradio_client loses calls now and then when there are many.
LONGEST = 120
WARM_UP = 10


def measure(way: str, url: str, calls: str) -> dict[str, float]:
    """Return the seconds, the calls that had no result, the most threads beside main, and memory.

    The memory is by how many bytes that of the process grew at most, for each call.
    """
    run = WAYS[way](url)
    run(WARM_UP)
    number = int(calls)
    peak = _Peak()
    start = time.perf_counter()
    results = run(number)
    seconds = time.perf_counter() - start
    threads, grown = peak.stop()
    return {
        "seconds": seconds,
        "lost": number - results,
        "threads": threads,
        "memory": grown / number,
    }


def _succeeded(jobs: Iterable[Future[Any]]) -> int:
    """Wait for all jobs, but not for ever, and return how many have the right result."""
    done, _ = wait(jobs, LONGEST)
    return sum(
        not job.cancelled() and job.exception() is None and job.result() == "x" for job in done
    )


class _Peak:
    """Counts threads and memory until it is stopped; its own and the main thread are left out."""

    def __init__(self) -> None:
        self._stopped = threading.Event()
        self._threads = 0
        self._memory = self._before = memory()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while not self._stopped.wait(0.01):
            self._threads = max(self._threads, threading.active_count() - 2)
            self._memory = max(self._memory, memory())

    def stop(self) -> tuple[int, int]:
        self._stopped.set()
        self._thread.join()
        return self._threads, self._memory - self._before


def map_ours(url: str) -> Callable[[int], int]:
    """Call by ``map``."""
    import gradioproxy

    app = gradioproxy.connect(url)
    return lambda calls: list(app.f.map(["x"] * calls, concurrency=CONNECTIONS)).count("x")


def submit_ours(url: str) -> Callable[[int], int]:
    """Submit all calls, then wait for them."""
    import gradioproxy

    app = gradioproxy.connect(url)
    return lambda calls: _succeeded([app.f.submit("x") for _ in range(calls)])


def submit_official(url: str) -> Callable[[int], int]:
    """Do so with gradio_client."""
    client = official_client(url)
    return lambda calls: _succeeded([client.submit("x", api_name="/f") for _ in range(calls)])


def map_official(url: str) -> Callable[[int], int]:
    """Call gradio_client from as many threads as ``map`` makes calls at once."""
    client = official_client(url)
    pool = ThreadPoolExecutor(CONNECTIONS)

    def run(calls: int) -> int:
        jobs = [pool.submit(client.predict, "x", api_name="/f") for _ in range(calls)]
        return _succeeded(jobs)

    return run


def run_bare(url: str) -> Callable[[int], int]:
    """Make the requests from as many threads, each with a connection of its own."""
    clients = threading.local()

    def call(_: int) -> bool:
        if not hasattr(clients, "own"):
            clients.own = BareClient(url)
        return b"process_completed" in clients.own.queue("f", ["x"])

    pool = ThreadPoolExecutor(CONNECTIONS)
    return lambda calls: sum(pool.map(call, range(calls)))


WAYS = {
    f"{OURS} map": map_ours,
    f"{OURS} submit": submit_ours,
    f"{OFFICIAL} map": map_official,
    f"{OFFICIAL} submit": submit_official,
    BARE: run_bare,
}


if __name__ == "__main__":
    print(json.dumps(measure(*sys.argv[1:])), flush=True)
    os._exit(0)  # threads that wait for lost calls would keep the process
