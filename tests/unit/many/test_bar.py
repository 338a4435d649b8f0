"""What the bar of a ``map`` says; how bars look is in `unit/test_progress_bar`."""

from __future__ import annotations

import pytest

from gradioproxy.many.bar import MapBar
from gradioproxy.many.ledger import Outcome


@pytest.mark.parametrize(
    ("total", "restored", "made", "failed", "words"),
    [
        (None, 0, 0, 0, "f"),
        (None, 0, 20, 1, "f, 1 failed, 2/s"),
        (100, 0, 20, 0, "f, 2/s, 00:40 left"),
        (100, 60, 20, 0, "f, 2/s, 00:10 left"),
        (100_000, 0, 20, 0, "f, 2/s, 13:53:10 left"),
        (20, 0, 20, 20, "f, 20 failed, 2/s"),
        (100, 50, 0, 0, "f"),
    ],
)
def test_words(total: int | None, restored: int, made: int, failed: int, words: str) -> None:
    """The rate is of what took time, after ten seconds."""
    bar = MapBar("f", total)
    bar._drawn = float("inf")
    for number in range(restored + made):
        bar.count(Outcome(None, failed=number < failed, restored=number >= made))
    assert bar.describe(10.0) == words
    bar.close()
