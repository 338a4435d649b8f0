"""What a call's report says of its way."""

from __future__ import annotations

import time

import pytest

from gradioproxy.calls.timeline import Timeline
from gradioproxy.protocols.events import Yielded


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Seconds that pass only in tests, beginning with 100: the last one is now."""
    seconds = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: seconds[-1])
    return seconds


def test_partial_results_are_one_step_until_something_else_happens(clock: list[float]) -> None:
    """Whoever has ten thousand of them reads how the call began, too."""
    steps = Timeline(10)
    clock.append(101)
    steps.note("join")
    for second in range(102, 1102):
        clock.append(second)
        steps.note_partial_result(Yielded(("a", "b")))
    many = (2, "Yielded(2 values), the first of 1,000; the last came at 1001.000 s")
    assert steps.build_entries() == ((1, "join"), many)
    clock.append(1200)
    steps.note("Logged")
    steps.note_partial_result(Yielded(("a", "b")))
    assert steps.build_entries() == (
        (1, "join"),
        many,
        (1100, "Logged"),
        (1100, "Yielded(2 values)"),
    )


def test_only_the_latest_steps_are_kept(clock: list[float]) -> None:
    """Looking at them changes nothing."""
    steps = Timeline(2)
    clock.append(103)
    steps.note("one")
    steps.note("two")
    steps.note_partial_result(Yielded(("a",)))
    latest = ((3, "two"), (3, "Yielded(1 value)"))
    assert steps.build_entries() == latest
    assert steps.build_entries() == latest
