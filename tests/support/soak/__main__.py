"""Start the servers and the crowd, kill a server now and then, and tell what came of it.

``python -m tests.support.soak [--minutes N] [--threads N] [--seed N] [--write]``
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from tests.support.gradio import ROOT, Server, ServerError
from tests.support.soak.breaking import Breaking
from tests.support.soak.figures import Logs, compare, slope
from tests.support.soak.report import render_table, write_page

APPS = (
    ("3.50.2", "faulty"),
    ("4.0.2", "faulty"),
    ("4.13.0", "faulty"),
    ("4.44.1", "faulty_state"),
    ("6.31.0", "faulty"),
    ("6.31.0", "faulty_state"),
)
TALLY_SECONDS = 2
STARTS = 60
"""So often it is tried to start a server again: the system keeps a port for a minute."""

KILL_SECONDS = 90
"""Each time, another server is killed, and started anew."""

FAULTS = ("wrong", "lost", "doubled", "denied", "hung", "foreign")


def main() -> int:
    """Do it; return how many things were wrong."""
    order = _parse_arguments()
    servers = [Server(version, app).start() for version, app in APPS]
    breaking = [Breaking(each.url, order.seed + n) for n, each in enumerate(servers)]
    logs = Logs()
    try:
        with tempfile.TemporaryDirectory(prefix="soak-") as name:
            left, kills = _soak(order, servers, breaking, logs, Path(name))
            with Path(name, "results").open(encoding="utf-8") as results:
                found = compare(results, logs)
    finally:
        for each in breaking:
            each.proxy.__exit__(None, None, None)
        for server in servers:
            server.stop()
    faults = sum((each.counts for each in breaking), Counter())
    report = {
        "minutes": order.minutes,
        "crowd": order.threads,
        "seed": order.seed,
        "kills": kills,
        "faults": dict(faults),
        "memory": _measure(left["samples"]),
        "objects": _measure(left["objects"]),
        **found,
        **{key: left[key] for key in ("stuck", "threads", "most_threads", "descriptors", "files")},
    }
    json.dump(report, sys.stderr, indent=1)
    sys.stdout.write(f"\n{render_table(report)}\n")
    if order.write:
        write_page(ROOT / "docs" / "reliability.rst", report)
    leaks = [*report["stuck"], *report["threads"], *report["files"]]
    wrong: int = sum(found["figures"][fault] for fault in FAULTS)
    return wrong + len(leaks)


def _start(server: Server) -> None:
    """Start a server that was killed, once its port is free."""
    for _ in range(STARTS - 1):
        with contextlib.suppress(ServerError):
            server.start()
            return
        time.sleep(TALLY_SECONDS)
    server.start()


def _measure(samples: list[tuple[float, float]]) -> list[float]:
    """Return the last value, and how much it grows in an hour."""
    return [round(samples[-1][1], 1), round(slope(samples), 1)] if samples else [0.0, 0.0]


def _parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/soak")
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--threads", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--write", action="store_true", help="put the table into the page")
    return parser.parse_args()


def _soak(
    order: argparse.Namespace,
    servers: list[Server],
    breaking: list[Breaking],
    logs: Logs,
    folder: Path,
) -> tuple[dict[str, Any], int]:
    """Let the crowd make its calls; return what it leaves, and how often a server was killed."""
    for each in breaking:
        each.proxy.__enter__()
    temporary = folder / "tmp"
    temporary.mkdir()
    text = json.dumps(
        {
            "urls": [each.proxy.url for each in breaking],
            "seconds": order.minutes * 60,
            "threads": order.threads,
            "seed": order.seed,
            "results": str(folder / "results"),
        }
    )
    crowd = subprocess.Popen(
        [sys.executable, "-m", "tests.support.soak.crowd", text],
        env={**os.environ, "TMPDIR": str(temporary)},
        stdout=subprocess.PIPE,
    )
    kills = 0
    began = last = time.monotonic()
    while crowd.poll() is None:
        time.sleep(TALLY_SECONDS)
        for each in breaking:
            each.tally()
        now = time.monotonic()
        if now - last > KILL_SECONDS and now - began < order.minutes * 60:
            server = servers[kills % len(servers)]
            server.kill()
            logs.add(server.folder)
            _start(server)
            kills, last = kills + 1, now
    left = json.loads(crowd.communicate()[0])
    left["files"] = [path.name for path in temporary.iterdir()]
    for each, server in zip(breaking, servers, strict=True):
        each.tally()
        logs.add(server.folder)
    return left, kills


if __name__ == "__main__":
    sys.exit(bool(main()))
