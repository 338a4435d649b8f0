"""Calls of functions that do nothing, one after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..measures.clients import ALL, BARE, OFFICIAL, OURS
from ..processes import measured, run_app, run_replay
from ..table import Row, beside_bare, faster, timed

if TYPE_CHECKING:
    from collections.abc import Iterator

TO_OFFICIAL, TO_BARE = f"{OURS} to {OFFICIAL}", f"{OURS} to {BARE}"


def calls() -> Iterator[Row]:
    """Yield rows for calls of real servers."""
    for number, most in (("4", 1.1), ("200", 1.15)):
        with run_app("endpoints", number) as server:
            queued = measured("latency", server.url, "f", "queue")
            direct = measured("latency", server.url, "direct", "direct")
        what = f"call that does nothing, app of {number}"
        yield _row(f"{what}, queued", queued, most, 6)
        yield _row(f"{what}, not queued", direct, 1.2, 15)


def client() -> Iterator[Row]:
    """Yield rows for calls of the server that takes no time, by protocol."""
    for version, name, way in (
        ("6.31.0", "f", "queue"),
        ("6.31.0", "direct", "direct"),
        ("4.8.0", "f", "sse"),
        ("3.50.2", "f", "websocket"),
    ):
        with run_replay(version) as server:
            numbers = measured("latency", server.url, name, way)
        yield _row(f"replayed call, {way} of {version}", numbers)


def _row(
    what: str, numbers: dict[str, float], most: float | None = None, least: float | None = None
) -> Row:
    seconds = [numbers[f"{name} median"] for name in ALL if f"{name} median" in numbers]
    if TO_OFFICIAL not in numbers:  # which does not know the protocol any more
        ours, bare = seconds
        row = timed(what, [ours, 0, bare], beside_bare(numbers[TO_BARE], most))
        return Row(what, [row.values[0], "", row.values[2]], row.verdicts)
    verdicts = (beside_bare(numbers[TO_BARE], most), faster(numbers[TO_OFFICIAL], least))
    return timed(what, seconds, *verdicts)
