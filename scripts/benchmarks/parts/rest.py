"""What a session takes that does nothing, and what many calls leave behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..measures.resting import EARLY, IDLE_SECONDS, LATE
from ..processes import measured, run_app
from ..table import Row, below

if TYPE_CHECKING:
    from collections.abc import Iterator

MEGABYTE = 1 << 20
FLAT = 2
"""How many MB 9,000 calls may add, which is 230 bytes each: a leak of anything shows."""


def rest() -> Iterator[Row]:
    """Yield rows for an idle session, and for memory after ever more calls."""
    with run_app("endpoints", "4") as server:
        numbers = measured("resting", server.url, server.process)
    idle = numbers["cpu"] * 1000
    threads, cpu = below(numbers["threads"], 0, ""), below(idle, 5, "ms")
    yield Row("idle session, threads", [f"{numbers['threads']:.0f}"], (threads,))
    yield Row(f"idle session, CPU in {IDLE_SECONDS} s", [f"{idle:.2g} ms"], (cpu,))
    for where, what in (("here", "memory"), ("there", "memory of the server")):
        early, late = (numbers[f"{where} after {count}"] / MEGABYTE for count in (EARLY, LATE))
        text = f"{early:.1f} MB to {late:.1f} MB"
        verdict = below(late - early, FLAT, "MB more")
        yield Row(f"{what}, call {EARLY:,} to {LATE:,}", [text], (verdict,))
