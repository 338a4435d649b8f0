"""What a session takes that does nothing, and what many calls leave: WAY, URL, server's process."""

from __future__ import annotations

import gc
import json
import sys
import threading
import time
from typing import TYPE_CHECKING

import psutil

import gradioproxy

from .clients import OURS, BareClient, memory

if TYPE_CHECKING:
    from collections.abc import Callable

IDLE_SECONDS = 5
EARLY, LATE = 1_000, 10_000


def measure(way: str, url: str, process: str) -> dict[str, float]:
    """Return threads, connections and seconds of an idle session, and memory in bytes.

    Args:
        way: Who makes the calls; the bare client has no session that could be idle.
        url: The app's address.
        process: The number of the server's process.
    """
    return _measure_ours(url, process) if way == OURS else _measure_bare(url, process)


def _measure_ours(url: str, process: str) -> dict[str, float]:
    app = gradioproxy.connect(url)
    port = int(url.rsplit(":", 1)[1])
    app.f("x")
    time.sleep(IDLE_SECONDS)
    before = time.process_time()
    time.sleep(IDLE_SECONDS)
    numbers = {
        "cpu": time.process_time() - before,
        "threads": threading.active_count() - 1,
        "connections": _count_connections(port),
    }
    numbers |= _measure_memory(lambda: app.f("x"), process)
    app.close()
    return numbers


def _measure_bare(url: str, process: str) -> dict[str, float]:
    client = BareClient(url)
    return _measure_memory(lambda: client.queue("f", ["x"]), process)


def _measure_memory(call: Callable[[], object], process: str) -> dict[str, float]:
    """Make many calls; return the memory of both sides early and late."""
    numbers: dict[str, float] = {}
    for number in range(1, LATE + 1):
        call()
        if number in {EARLY, LATE}:
            gc.collect()
            numbers[f"here after {number}"] = memory()
            numbers[f"there after {number}"] = memory(process)
    return numbers


def _count_connections(port: int) -> int:
    """Return how many connections to the server are open."""
    return sum(
        connection.status == psutil.CONN_ESTABLISHED
        for connection in psutil.Process().net_connections("tcp")
        if connection.raddr and connection.raddr.port == port
    )


if __name__ == "__main__":
    print(json.dumps(measure(*sys.argv[1:])))
