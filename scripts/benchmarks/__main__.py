"""The program: runs the measurements that are asked for, and prints the table."""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from .clients import BARE, OFFICIAL, OURS
from .processes import measured, python, server
from .table import Row, below, beside_bare, faster, rendered, timed

if TYPE_CHECKING:
    from collections.abc import Iterator

ALL = (OURS, OFFICIAL, BARE)
TO_OFFICIAL, TO_BARE = f"{OURS} to {OFFICIAL}", f"{OURS} to {BARE}"
MEGABYTE = 1 << 20


def calls() -> Iterator[Row]:
    """Calls of a function that does nothing, one after the other."""
    with server("calls") as url:
        numbers = measured("latency", url)
    seconds = [numbers[f"{name} median"] for name in ALL]
    yield timed("no-op call, median", seconds, beside_bare(numbers[TO_BARE], 1.3))
    yield timed("no-op call, median", seconds, faster(numbers[TO_OFFICIAL], 5))
    yield timed("no-op call, 95th percentile", [numbers[f"{name} p95"] for name in ALL])


def imports() -> Iterator[Row]:
    """Imports in fresh processes."""
    statements = {
        OURS: "import gradioproxy",
        OFFICIAL: "import gradio_client",
        BARE: "import requests",
        "connect": "import gradioproxy; gradioproxy.connect",
    }
    seconds: dict[str, list[float]] = {name: [] for name in statements}
    for warm in (False, *[True] * 9):
        for name, statement in statements.items():
            code = (
                f"import time; start = time.perf_counter(); {statement}; "
                "print(time.perf_counter() - start)"
            )
            taken = float(python("-c", code))
            if warm:
                seconds[name].append(taken)
    ours, official, bare, connect = (median(times) for times in seconds.values())
    yield timed("import", [ours, official, bare], faster(ours / official, 4))
    what = "import, with all that connect needs"
    yield timed(what, [connect, official, bare], faster(connect / official))


def opening() -> Iterator[Row]:
    """Connecting to an app with 200 endpoints."""
    with server("endpoints", "200", "200") as url:
        numbers = measured("opening", url)
    seconds = [numbers[f"{name} median"] for name in ALL]
    yield timed("connect, 200 endpoints", seconds, beside_bare(numbers[TO_BARE], 1.3))
    yield timed("connect, 200 endpoints", seconds, faster(numbers[TO_OFFICIAL]))


def uploads() -> Iterator[Row]:
    """The upload of a file of 1 GB, which is all zeros and takes no room until it is sent."""
    seconds: dict[str, list[float]] = {name: [] for name in ALL}
    memory = dict.fromkeys(ALL, 0.0)
    with tempfile.TemporaryDirectory(prefix="gradioproxy-bench-") as folder:
        path = Path(folder, "file.bin")
        path.touch()
        os.truncate(path, 1024 * MEGABYTE)
        with server("uploads") as url:
            for name in (*ALL, *reversed(ALL)):
                numbers = measured("uploading", name, url, str(path))
                seconds[name].append(numbers["seconds"])
                memory[name] = max(memory[name], numbers["memory"] / MEGABYTE)
    yield Row(
        "upload of 1 GB, memory",
        [f"{memory[name]:.3g} MB" for name in ALL],
        below(memory[OURS], 48, "MB"),
    )
    ours, official, _ = times = [median(seconds[name]) for name in ALL]
    speeds = [f"{1024 / taken:.3g} MB/s" for taken in times]
    yield Row("upload of 1 GB, speed", speeds, faster(ours / official))


def throughput() -> Iterator[Row]:
    """Two hundred calls at once."""
    ways = (*ALL, "submit")
    rates: dict[str, list[float]] = {name: [] for name in ways}
    threads, lost = dict.fromkeys(ways, 0.0), dict.fromkeys(ways, 0.0)
    with server("calls") as url:
        for name in (*ways, *reversed(ways)):
            numbers = measured("throughput", name, url)
            rates[name].append(numbers["rate"])
            threads[name] = max(threads[name], numbers["threads"])
            lost[name] += numbers["lost"]
    rate = {name: median(values) for name, values in rates.items()}
    for name, how in ((OURS, "map"), ("submit", "submit")):
        each = (name, OFFICIAL, BARE)
        ratio = rate[OFFICIAL] / rate[name]
        what = f"200 calls by {how}"
        yield Row(what, [f"{rate[one]:.3g}/s" for one in each], faster(ratio))
        yield Row(f"{what}, most threads", [f"{threads[one]:.0f}" for one in each])
        yield Row(f"{what}, lost of 400", [f"{lost[one]:.0f}" for one in each])


def completion() -> Iterator[Row]:
    """Tab on an app with 1,000 endpoints, beside a module with as many written functions."""
    with server("endpoints", "1000", "100") as url:
        numbers = measured("touching", url)
    for how in ("with jedi", "without"):
        ours, written = numbers[f"ours {how}"], numbers[f"written {how}"]
        verdict = replace(
            below(ours * 1000, 200, "ms"), ratio=f"{ours / written:.2f}x a written module"
        )
        yield timed(f"Tab over 1,000 functions, {how}", [ours], verdict)
    yield timed("touch 1,000 functions", [numbers["first"]])
    yield timed("touch 1,000 functions again", [numbers["again"]])


PARTS = {part.__name__: part for part in (calls, imports, opening, uploads, throughput, completion)}


def main() -> None:
    """Run what the arguments say."""
    parser = argparse.ArgumentParser(prog="scripts/bench", description="Measures gradioproxy.")
    parser.add_argument("part", nargs="*", help=f"one of {', '.join(PARTS)}; by default all")
    parser.add_argument("--check", action="store_true", help="fail if a target is missed")
    arguments = parser.parse_args()
    if unknown := set(arguments.part) - set(PARTS):
        parser.error(f"no part is called {', '.join(sorted(unknown))}")
    rows: list[Row] = []
    try:
        for name in arguments.part or PARTS:
            print(f"bench: {name}", file=sys.stderr)
            rows += PARTS[name]()
    finally:  # what was measured is worth showing, whatever became of the rest
        print(rendered(rows))
    packages = ("gradioproxy", "gradio_client", "requests")
    print()
    print(
        *(f"{package} {version(package)}," for package in packages),
        f"Python {platform.python_version()}, {os.cpu_count()} cores",
    )
    if arguments.check and any(row.verdict.met is False for row in rows):
        sys.exit(1)


if __name__ == "__main__":
    main()
