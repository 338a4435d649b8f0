"""Many calls at once."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

from ..measures.clients import BARE, OFFICIAL, OURS
from ..processes import measured, run_app, run_replay
from ..table import Row, below, beside_bare, faster, timed

if TYPE_CHECKING:
    from collections.abc import Iterator

THREADS, WAITING_JOB = 12, 20


def at_once() -> Iterator[Row]:
    """Yield rows for 200 calls at once, and for 2,000 by eight."""
    ways = (f"{OURS} submit", f"{OFFICIAL} submit", BARE)
    with run_app("endpoints", "4") as server:
        found = _take_turns(server.url, 200, ways)
    yield from _rows("200 calls at once", 200, found, (1.3, None))
    ways = (f"{OURS} map", f"{OFFICIAL} map", BARE)
    with run_app("endpoints", "4") as server:
        found = _take_turns(server.url, 2000, ways)
    yield from _rows("2,000 calls by eight at a time", 2000, found, (1.15, 2))


def _take_turns(url: str, calls: int, ways: tuple[str, ...]) -> list[dict[str, float]]:
    """Return the numbers of each way: the median of the times, and the most of the rest."""
    rounds = [[measured("throughput", way, url, calls) for way in ways] for _ in range(3)]
    return [
        {
            key: (median if key == "seconds" else max)(numbers[key] for numbers in each)
            for key in each[0]
        }
        for each in zip(*rounds, strict=True)
    ]


def _rows(
    what: str,
    calls: int,
    found: list[dict[str, float]],
    wanted: tuple[float | None, float | None],
) -> Iterator[Row]:
    ours, official, bare = (numbers["seconds"] for numbers in found)
    verdicts = (beside_bare(ours / bare, wanted[0]), faster(ours / official, wanted[1]))
    yield timed(what, [ours, official, bare], *verdicts)
    lost = [numbers["lost"] for numbers in found]
    yield Row(f"\\ lost of {calls}", [f"{n:.0f}" for n in lost], (below(lost[0], 0, ""),))


def jobs() -> Iterator[Row]:
    """Yield rows for thousands of jobs, submitted at once."""
    for number in (1000, 5000):
        with run_replay() as server:
            numbers = measured("throughput", f"{OURS} submit", server.url, number)
        what = f"{number:,} jobs at once"
        yield timed(what, [numbers["seconds"]])
        for name, value, most, unit in (
            ("most threads", numbers["threads"], THREADS, ""),
            ("memory of each", numbers["memory"] / 1000, WAITING_JOB, "kB"),
            ("lost", numbers["lost"], 0, ""),
        ):
            yield Row(f"\\ {name}", [f"{value:.3g} {unit}".rstrip()], (below(value, most, unit),))
