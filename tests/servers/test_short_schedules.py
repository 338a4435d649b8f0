"""A thousand calls, each over a network that breaks in another way.

See `tests.support.faults.short`; ``SHORT_SEEDS=0-999`` draws others than those of each run, and one
seed is looked at by ``SHORT_SEEDS=17-17 scripts/test --gradio 6.31.0 FILE``.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.support.faults.checking import in_parallel
from tests.support.faults.short import Target, play_short
from tests.support.versions import release_of

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.faults.single_faults import Way
    from tests.support.gradio.running import RunningServers

TESTED_VERSIONS = ("3.50.2", "4.0.2", "4.13.0", "4.44.1", "6.31.0")

SEEDS: dict[Way, int] = {"queue": 150, "direct": 66, "simple": 92}
"""How many seeds there are for each way to call, at least one for each fault at each step."""

AT_ONCE = 24
"""So many schedules, each with its own session and proxy, wait for their timeouts together."""


def ways_of(version: str) -> list[Way]:
    """Return how the apps of a version can be called."""
    found: list[Way] = ["queue"]
    if release_of(version) < (4, 9) or release_of(version) >= (5,):
        found.append("direct")
    if release_of(version) >= (4, 20):
        found.append("simple")
    return found


def seeds_of(way: Way, app: str) -> range:
    """Return the seeds of a way to call: one half for each of the apps, or what was asked for."""
    if asked := os.environ.get("SHORT_SEEDS"):
        first, last = map(int, asked.split("-"))
        return range(first, last + 1)
    half = SEEDS[way] // 2
    return range(half) if app == "faulty" else range(half, SEEDS[way])


@pytest.mark.parametrize("app", ["faulty", "faulty_state"])
def test_a_call_that_meets_a_fault(
    gradio: RunningServers, version: str, app: str, tmp_path: Path
) -> None:
    """Every call ends, right or with an error that is true; the next one is right at once.

    Every value is one that the server's log has. Nothing runs twice, and nothing is left behind.
    """
    other = "faulty" if app == "faulty_state" else "faulty_state"
    target, instead = Target.of(gradio(version, app)), Target.of(gradio(version, other))
    cases = [
        (target, instead, way, seed, tmp_path / f"{way}{seed}")
        for way in ways_of(version)
        for seed in seeds_of(way, app)
    ]
    in_parallel(play_short, *cases, at_once=AT_ONCE)
