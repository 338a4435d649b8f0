"""What a session takes that does nothing, and what many calls leave behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..measures.clients import BARE, OURS
from ..measures.resting import EARLY, IDLE_SECONDS, LATE
from ..processes import measured, run_app
from ..table import MEGABYTE, Row, below

if TYPE_CHECKING:
    from collections.abc import Iterator

FLAT = 2
"""How many MB 9,000 calls may add, which is 230 bytes each: a leak of anything shows."""


def rest() -> Iterator[Row]:
    """Yield rows for an idle session, and for memory after ever more calls."""
    with run_app("endpoints", "4") as server:
        ours = measured("resting", OURS, server.url, server.process)
    with run_app("endpoints", "4") as server:
        bare = measured("resting", BARE, server.url, server.process)
    idle = ours["cpu"] * 1000
    threads, cpu = below(ours["threads"], 0, ""), below(idle, 5, "ms")
    yield Row("idle session, threads", [f"{ours['threads']:.0f}"], (threads,))
    yield Row(f"idle session, CPU in {IDLE_SECONDS} s", [f"{idle:.2g} ms"], (cpu,))
    here, there = _grown(ours, "here"), _grown(ours, "there")
    by_hand = _grown(bare, "there")
    yield Row(
        f"memory, 9,000 calls after {EARLY:,}", [f"{here:+.1f} MB"], (below(here, FLAT, "MB"),)
    )
    # Gradio keeps something of every call, whoever makes it.
    yield Row(
        "\\ of the server",
        [f"{there:+.1f} MB", "", f"{by_hand:+.1f} MB"],
        (below(there - by_hand, FLAT, "MB more"),),
    )


def _grown(numbers: dict[str, float], where: str) -> float:
    """Return by how many MB memory grew."""
    return (numbers[f"{where} after {LATE}"] - numbers[f"{where} after {EARLY}"]) / MEGABYTE
