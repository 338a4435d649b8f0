"""Bars with a clock."""

from __future__ import annotations

import contextlib
import io

import pytest

from gradioproxy.progress_bar import MOMENT, make_bar, show_wait
from tests.support.clocks import JUMPS, let_time_jump

MINUTE = 60


@pytest.mark.parametrize("jumps", JUMPS)
def test_its_clock_does_not_go_by_the_one_on_the_wall(
    monkeypatch: pytest.MonkeyPatch, jumps: tuple[float, ...]
) -> None:
    """Which somebody may set meanwhile: it would show a day less than nothing, or a year."""
    let_time_jump(monkeypatch, jumps)
    with contextlib.redirect_stderr(io.StringIO()) as drawn:
        bar = make_bar()
        for number in range(6):
            bar.set_description_str(f"step {number}", refresh=False)
            bar.refresh()
            assert MOMENT <= bar.format_dict["elapsed"] < MINUTE
        bar.close()
        with show_wait(True) as show:
            show("waiting")
            show("still waiting")
    lines = drawn.getvalue()
    assert "step 5 [00:" in lines
    assert "still waiting [00:" in lines
