"""Clocks that are set while something is under way: by a person, by the network, or by a sleep."""

from __future__ import annotations

import itertools
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

DAY, YEAR = 86_400.0, 365 * 86_400.0
JUMPS = ((0.0, -DAY), (0.0, YEAR), (0.0, -DAY, YEAR))
"""By how much a clock is off, each time that somebody looks."""

PROGRAM = f"""
import itertools, time
_real, _offsets = time.time, itertools.cycle((0, -{DAY}, 0, {YEAR}, -{DAY}, {YEAR}))
time.time = lambda: _real() + next(_offsets)
"""
"""The beginning of a program in which it is set at each look."""


def let_time_jump(monkeypatch: pytest.MonkeyPatch, jumps: tuple[float, ...]) -> None:
    """Let the clock on the wall be off by another number of seconds at each look."""
    offsets, real = itertools.cycle(jumps), time.time
    monkeypatch.setattr(time, "time", lambda: real() + next(offsets))
