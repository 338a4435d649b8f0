"""How long many calls at once take, and how many threads they take."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, Any

from .clients import BARE, OFFICIAL, OURS, bare_call

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from concurrent.futures import Future

CALLS = 200
# As many as gradioproxy has streams.
BARE_THREADS = 8
# gradio_client loses calls now and then when there are many.
LONGEST = 60


def measure(name: str, url: str) -> dict[str, float]:
    """Return the results per second, the calls that had none, and the most threads beside main."""
    make = {OURS: _ours, "submit": _submit, OFFICIAL: _official, BARE: _bare}[name]
    run = make(url)
    run(10)
    peak = _Peak()
    start = time.perf_counter()
    results = run(CALLS)
    seconds = time.perf_counter() - start
    return {"rate": results / seconds, "lost": CALLS - results, "threads": peak.stop()}


def _succeeded(jobs: Iterable[Future[Any]]) -> int:
    """Wait for all jobs, but not for ever, and return how many have a result."""
    done, _ = wait(jobs, LONGEST)
    return sum(not job.cancelled() and job.exception() is None for job in done)


class _Peak:
    """Counts threads until it is stopped; its own and the main one are left out."""

    def __init__(self) -> None:
        self._stopped = threading.Event()
        self._most = 0
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while not self._stopped.wait(0.01):
            self._most = max(self._most, threading.active_count() - 2)

    def stop(self) -> int:
        self._stopped.set()
        self._thread.join()
        return self._most


def _ours(url: str) -> Callable[[int], int]:
    import gradioproxy

    app = gradioproxy.connect(url)
    return lambda calls: len(list(app.f.map(["x"] * calls)))


def _submit(url: str) -> Callable[[int], int]:
    import gradioproxy

    app = gradioproxy.connect(url)
    return lambda calls: _succeeded([app.f.submit("x") for _ in range(calls)])


def _official(url: str) -> Callable[[int], int]:
    import gradio_client

    client = gradio_client.Client(url, verbose=False)
    return lambda calls: _succeeded([client.submit("x", api_name="/f") for _ in range(calls)])


def _bare(url: str) -> Callable[[int], int]:
    import requests

    sessions = threading.local()

    def call(_: int) -> None:
        if not hasattr(sessions, "own"):
            sessions.own = requests.Session()
        bare_call(sessions.own, url)

    pool = ThreadPoolExecutor(BARE_THREADS)
    return lambda calls: len(list(pool.map(call, range(calls))))


if __name__ == "__main__":
    print(json.dumps(measure(*sys.argv[1:])), flush=True)
    os._exit(0)  # threads that wait for lost calls would keep the process
