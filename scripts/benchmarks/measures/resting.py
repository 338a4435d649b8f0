"""What a session takes that does nothing, and what many calls leave: URL, the server's process."""

from __future__ import annotations

import gc
import json
import sys
import threading
import time

import psutil

import gradioproxy

from .clients import memory

IDLE_SECONDS = 5
EARLY, LATE = 1_000, 10_000


def measure(url: str, process: str) -> dict[str, float]:
    """Return threads, connections and seconds of an idle session, and memory in bytes."""
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
    for number in range(1, LATE + 1):
        app.f("x")
        if number in {EARLY, LATE}:
            gc.collect()
            numbers[f"here after {number}"] = memory()
            numbers[f"there after {number}"] = memory(process)
    app.close()
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
