"""Calls over networks that break as seeds say; see `tests.support.faults.schedules`.

One seed: ``FAULT_SEEDS=17-17 scripts/test --gradio 6.31.0 tests/servers/test_faulty_schedules.py``.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.support.faults.checking import in_parallel
from tests.support.faults.schedules import play

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.gradio.running import RunningServers

TESTED_VERSIONS = ("3.50.2", "4.0.2", "4.13.0", "4.44.1", "6.31.0")

FIRST, LAST = map(int, os.environ.get("FAULT_SEEDS", "1-12").split("-"))
AT_ONCE = 4
"""So many schedules, each with its own session and proxy, wait for their timeouts together."""


@pytest.mark.parametrize("app", ["faulty", "faulty_state"])
@pytest.mark.parametrize("first", range(FIRST, LAST + 1, AT_ONCE))
def test_calls_over_a_network_that_breaks(
    gradio: RunningServers, version: str, app: str, first: int, tmp_path: Path
) -> None:
    """Every call ends, right or with an error that is true; the next one is right at once.

    No value is wrong, missing or another's, nothing runs twice, and nothing is left behind.
    """
    server = gradio(version, app)
    seeds = range(first, min(first + AT_ONCE, LAST + 1))
    in_parallel(play, *((server, seed, tmp_path / str(seed)) for seed in seeds))
