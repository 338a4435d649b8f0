"""Calls over networks that break as a seed says; see `tests.faults.schedules`.

One seed: ``scripts/test --gradio 6.31.0 tests/test_faulty_schedules.py -k "seed17-"``; other seeds
than those below are given by ``FAULT_SEEDS=100-199``.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.faults.schedules import Schedule

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Servers

TESTED_VERSIONS = ("3.50.2", "4.0.2", "4.13.0", "4.44.1", "6.31.0")

FIRST, LAST = map(int, os.environ.get("FAULT_SEEDS", "1-12").split("-"))


@pytest.mark.parametrize("app", ["faulty", "faulty_state"])
@pytest.mark.parametrize("seed", range(FIRST, LAST + 1), ids=lambda seed: f"seed{seed}")
def test_calls_over_a_network_that_breaks(
    gradio: Servers, version: str, app: str, seed: int, tmp_path: Path
) -> None:
    """Every call ends, right or with an error that is true; the next one is right at once.

    No value is wrong, missing or another's, nothing runs twice, and nothing is left behind.
    """
    schedule = Schedule(gradio(version, app), seed, tmp_path, state=app == "faulty_state")
    try:
        schedule.play()
    except BaseException as error:
        error.__notes__ = [*getattr(error, "__notes__", []), f"seed {seed}: {schedule.rules!r}"]
        raise
