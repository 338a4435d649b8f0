"""The program: runs the measurements that are asked for, and prints the table."""

from __future__ import annotations

import argparse
import datetime as dt
import os
import platform
import re
import sys
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from .parts import calls, files, many, rest, starts, streams
from .processes import NEWEST
from .table import rendered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .table import Row

PAGE = Path(__file__).resolve().parents[2] / "docs" / "performance.rst"
BEGIN, END = ".. measured\n", ".. end of what was measured\n"

PARTS: dict[str, Callable[[], Iterator[Row]]] = {
    part.__name__: part
    for part in (
        calls.calls,
        calls.client,
        starts.imports,
        starts.start,
        starts.opening,
        starts.completion,
        many.at_once,
        many.jobs,
        streams.streams,
        files.large_files,
        files.small_files,
        rest.rest,
    )
}


def describe_machine() -> str:
    """Return what was measured with, and on which machine."""
    packages = ", ".join(
        f"{name} {version(name)}" for name in ("gradioproxy", "gradio_client", "requests")
    )
    cpu = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text(encoding="utf-8"))
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 30
    return (
        f"{dt.datetime.now(dt.timezone.utc):%Y-%m-%d}; {packages}; Gradio {NEWEST}; "
        f"Python {platform.python_version()}; {os.cpu_count()} cores"
        f"{f' ({cpu[1]})' if cpu else ''}, {memory} GB, Linux {platform.release()}"
    )


def write_page(table: str) -> None:
    """Put a table into the page of performance."""
    text = PAGE.read_text(encoding="utf-8")
    before, _, rest_ = text.partition(BEGIN)
    _, _, after = rest_.partition(END)
    PAGE.write_text(f"{before}{BEGIN}\n{table}\n\n{END}{after}", encoding="utf-8")


def main() -> None:
    """Run what the arguments say."""
    parser = argparse.ArgumentParser(prog="scripts/bench", description="Measures gradioproxy.")
    parser.add_argument("part", nargs="*", help=f"one of {', '.join(PARTS)}; by default all")
    parser.add_argument("--check", action="store_true", help="fail if a target is missed")
    parser.add_argument("--write", action="store_true", help=f"put the table into {PAGE.name}")
    arguments = parser.parse_args()
    if unknown := set(arguments.part) - set(PARTS):
        parser.error(f"no part is called {', '.join(sorted(unknown))}")
    if arguments.write and arguments.part:
        parser.error("only the whole table is written")
    rows: list[Row] = []
    try:
        for name in arguments.part or PARTS:
            print(f"bench: {name}", file=sys.stderr)
            rows += PARTS[name]()
    finally:  # what was measured is worth showing, whatever became of the rest
        table = f"{rendered(rows)}\n\n{describe_machine()}"
        print(table)
    if arguments.write:
        write_page(table)
    if arguments.check and not all(row.is_met for row in rows):
        sys.exit(1)


if __name__ == "__main__":
    main()
