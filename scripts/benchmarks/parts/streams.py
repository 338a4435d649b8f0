"""Streams of partial results, and large ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..measures.clients import ALL, BARE, OFFICIAL, OURS
from ..measures.streaming import HALF
from ..processes import measured, run_app, run_replay
from ..table import Row, below, beside_bare, faster, timed

if TYPE_CHECKING:
    from collections.abc import Iterator

PIECES, RECORDS = 10_000, 500_000
ROUNDS, SHORT_ROUNDS = 3, 15
"""How often what takes seconds is measured, and what takes a tenth of one, soon disturbed."""
TWICE = 2.4
"""What takes twice as long as half of it, with some allowance; the square of two is four."""


def streams() -> Iterator[Row]:
    """Yield rows for partial results of a real server, and of one that takes no time."""
    with run_app("endpoints", "4") as server:
        numbers = measured("streaming", server.url, "stream", "count", 1500, ROUNDS)
    yield _row("1,500 partial results, real server", numbers)
    with run_replay() as server:
        numbers = measured("streaming", server.url, "stream", "count", PIECES, SHORT_ROUNDS)
        yield _row("10,000 partial results", numbers, 2.0, 3)
        numbers = measured("streaming", server.url, "growth", "grow", PIECES, SHORT_ROUNDS)
        yield _row("a text that grows to 1 MB", numbers, None, 10)
        ratio = numbers[f"{OURS} to {HALF}"]
        verdict = below(ratio, TWICE, "x")
        yield Row("\\ beside one of half the length", [f"{ratio:.2f}x"], (verdict,))
        numbers = measured("streaming", server.url, "stream", "grow", PIECES, ROUNDS)
        yield _row("the same, each of its 10,000 texts", numbers)
        numbers = measured("streaming", server.url, "result", "big", RECORDS, ROUNDS)
        yield _row("a result of 50 MB", numbers, 1.5, 1)


def _row(
    what: str, numbers: dict[str, float], most: float | None = None, least: float | None = None
) -> Row:
    return timed(
        what,
        [numbers[f"{name} median"] for name in ALL],
        beside_bare(numbers[f"{OURS} to {BARE}"], most),
        faster(numbers[f"{OURS} to {OFFICIAL}"], least),
    )
