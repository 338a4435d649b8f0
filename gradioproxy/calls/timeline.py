"""What happened to a call, and when, for reports."""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING

from ..protocols.events import summary

if TYPE_CHECKING:
    from ..protocols.events import Yielded


class Timeline:
    """The latest steps of a call, which begins now.

    Partial results are one step until something else happens: thousands of them would leave no
    room for the others, and to write of each would take as long as reading it.

    Args:
        keep: How many steps are kept.
    """

    def __init__(self, keep: int) -> None:
        self._began = time.monotonic()
        self._steps: deque[tuple[float, str]] = deque(maxlen=keep)
        # Of the partial results behind them: what they are, how many, and when the ends came.
        self._partial = ""
        self._count = 0
        self._first = self._last = self._began

    def note(self, what: str) -> None:
        """Add a step."""
        self._steps += self._render_partial_results()
        self._count = 0
        self._steps.append((time.monotonic() - self._began, what))

    def note_partial_result(self, event: Yielded) -> None:
        """Take note of a partial result."""
        self._last = time.monotonic()
        if not self._count:
            self._first, self._partial = self._last, summary(event)
        self._count += 1

    def build_entries(self) -> tuple[tuple[float, str], ...]:
        """Return the steps, each after how many seconds and what; see `errors.Trace`."""
        steps = self._steps.copy()
        steps += self._render_partial_results()
        return tuple(steps)

    def _render_partial_results(self) -> list[tuple[float, str]]:
        """Return the steps that the latest partial results are: one, if there were any."""
        if not self._count:
            return []
        what = self._partial
        if self._count > 1:
            last = self._last - self._began
            what = f"{what}, the first of {self._count:,}; the last came at {last:.3f} s"
        return [(self._first - self._began, what)]
