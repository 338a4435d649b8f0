"""The program: runs the measurements that are asked for, and prints the table."""

from __future__ import annotations

import argparse
import datetime as dt
import os
import platform
import re
import sys
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from .parts import calls, files, many, rest, scale, starts, streams
from .processes import NEWEST
from .table import HEADINGS, rendered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from .table import Row

DOCS = Path(__file__).resolve().parents[2] / "docs"
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


@dataclass(frozen=True)
class Page:
    """A page with a table of what was measured.

    Attributes:
        path: Where it is, in the folder of the documentation.
        parts: What is measured for it.
        headings: Those of its columns.
    """

    path: str
    parts: Mapping[str, Callable[[], Iterator[Row]]]
    headings: Sequence[str] = HEADINGS


PAGES = (
    Page("performance.rst", PARTS),
    Page("howto/many_calls.rst", {"scale": scale.scale}, scale.HEADINGS),
)

LONG: dict[str, Callable[[], Iterator[Row]]] = {"million": scale.million}
"""What takes too long for each time: it is measured where it is asked for, and is in no table."""


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


def write_page(path: Path, table: str) -> None:
    """Put a table into a page."""
    text = path.read_text(encoding="utf-8")
    before, _, rest_ = text.partition(BEGIN)
    _, _, after = rest_.partition(END)
    path.write_text(f"{before}{BEGIN}\n{table}\n\n{END}{after}", encoding="utf-8")


def measure_page(page: Page, names: Sequence[str], *, write: bool) -> bool:
    """Measure parts of a page, print the table, and tell whether all is as it has to be.

    Args:
        page: The page.
        names: The parts; none for all.
        write: Whether the table goes into the page.
    """
    rows: list[Row] = []
    try:
        for name in names or page.parts:
            print(f"bench: {name}", file=sys.stderr)
            rows += page.parts[name]()
    finally:  # what was measured is worth showing, whatever became of the rest
        table = f"{rendered(rows, page.headings)}\n\n{describe_machine()}"
        print(table)
    if write:
        write_page(DOCS / page.path, table)
    return all(row.is_met for row in rows)


def main() -> None:
    """Run what the arguments say."""
    pages = (*PAGES, Page("", LONG))
    known = [name for page in pages for name in page.parts]
    parser = argparse.ArgumentParser(prog="scripts/bench", description="Measures gradioproxy.")
    parser.add_argument("part", nargs="*", help=f"one of {', '.join(known)}; by default all")
    parser.add_argument("--check", action="store_true", help="fail if a target is missed")
    parser.add_argument("--write", action="store_true", help="put the tables into their pages")
    arguments = parser.parse_args()
    if unknown := {*arguments.part} - {*known}:
        parser.error(f"no part is called {', '.join(sorted(unknown))}")
    met = True
    for page in pages:
        names = [name for name in arguments.part if name in page.parts]
        if arguments.write and names and ({*names} != {*page.parts} or not page.path):
            parser.error("only whole tables of pages are written")
        if names or (not arguments.part and page.path):
            met &= measure_page(page, names, write=arguments.write)
    if arguments.check and not met:
        sys.exit(1)


if __name__ == "__main__":
    main()
