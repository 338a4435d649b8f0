"""Many calls of a function that takes a while: the ways to make them, beside each other."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from ..measures.clients import OFFICIAL, OURS
from ..measures.growing import EARLY
from ..processes import measured, run_app, run_replay
from ..table import MEGABYTE, NONE, Row, below, render_time

if TYPE_CHECKING:
    from collections.abc import Iterator

CALLS = 2000
MILLION = 1_000_000
FLAT = 8
"""How many MB all inputs after the first ones may add, which is 8 bytes each."""
HEADINGS = ("way", "time", "calls a second", "lost")
# The way, how it is called, and how many addresses it gets.
WAYS = (
    (f"{OURS} loop", "a loop", 1),
    (f"{OFFICIAL} threads", "8 threads with ``gradio_client``", 1),
    (f"{OURS} map", "``map``", 1),
    (f"{OURS} journal", "``map`` with a journal", 1),
    (f"{OURS} processes", "``map`` with 2 processes", 1),
    (f"{OURS} dask", "``map`` with Dask, 2 processes", 1),
    (f"{OURS} replicas", "``map`` over two replicas", 2),
)


def scale() -> Iterator[Row]:
    """Yield a row for each way: the seconds, calls per second, and what was lost."""
    with run_app("waiting") as one, run_app("waiting") as other:
        for way, what, addresses in WAYS:
            numbers = measured("scaling", way, CALLS, *(one.url, other.url)[:addresses])
            seconds, lost = numbers["seconds"], numbers["lost"]
            values = [render_time(seconds), f"{CALLS / seconds:.0f}", f"{lost:.0f}"]
            yield Row(what, values, (below(lost, 0, "") if way.startswith(OURS) else NONE,))


def million() -> Iterator[Row]:
    """Yield rows for the memory of a ``map`` over a million inputs, which takes an hour."""
    with run_replay() as server, tempfile.TemporaryDirectory() as folder:
        journal = Path(folder, "run.sqlite")
        for what, more in (("``map``", ()), ("``map`` with a journal", (str(journal),))):
            numbers = measured("growing", server.url, MILLION, *more)
            seconds = numbers["seconds"]
            values = [f"{seconds:.0f} s", f"{MILLION / seconds:.0f}"]
            yield Row(f"{what}, {MILLION:,} inputs", values)
            early, late = numbers["early"] / MEGABYTE, numbers["late"] / MEGABYTE
            verdict = below(late - early, FLAT, "MB more")
            values = [f"{late:.0f} MB", f"{early:.0f} MB after {EARLY:,}"]
            yield Row("\\ memory", values, (verdict,))
        yield Row("\\ on the disk", [f"{journal.stat().st_size / MEGABYTE:.0f} MB"])
