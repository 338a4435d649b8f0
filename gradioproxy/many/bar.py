"""How far a ``map`` is, in a bar: how much is done and failed, how fast, and the time left."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING, Any, Protocol

from ..progress_bar import MOMENT, REDRAW, show_bar
from ..text import one_line

if TYPE_CHECKING:
    from .ledger import Outcome

_COUNTED = "{desc} {percentage:3.0f}%|{bar:20}| {n_fmt}/{total_fmt} [{elapsed}]"
_UNCOUNTED = "{desc} {n_fmt} [{elapsed}]"


class Watcher(Protocol):
    """What is told how far a ``map`` is."""

    @property
    def seconds(self) -> float:
        """How long to wait at most before it is drawn again."""
        ...

    def count(self, outcome: Outcome) -> None:
        """Take note of another input of which it is known what came of it."""
        ...

    def draw(self) -> None:
        """Show how far it is, if it is time for that."""
        ...

    def close(self) -> None:
        """Show nothing any more."""
        ...


class MapBar:
    """A bar for one ``map``, which appears when that takes longer than a moment.

    Args:
        name: The function's name.
        total: How many inputs there are; ``None`` if nobody knows.
    """

    seconds = REDRAW

    def __init__(self, name: str, total: int | None) -> None:
        self._name, self._total = name, total
        self._done = self._failed = self._restored = 0
        self._shown = contextlib.ExitStack()
        self._bar: Any = None
        self._began = time.monotonic()
        self._drawn = self._began - REDRAW + MOMENT

    def count(self, outcome: Outcome) -> None:
        """Take note of an input."""
        self._done += 1
        self._failed += outcome.failed
        self._restored += outcome.restored
        self.draw()

    def draw(self) -> None:
        """Draw it, once a second."""
        now = time.monotonic()
        if now < self._drawn + REDRAW:
            return
        self._drawn = now
        if self._bar is None:
            self._bar = self._shown.enter_context(show_bar(shown_after=now - self._began))
        bar = self._bar
        bar.set_description_str(one_line(self.describe(now - self._began), 60), refresh=False)
        bar.bar_format = _COUNTED if self._total else _UNCOUNTED
        bar.n, bar.total, bar.unit = self._done, self._total, "inputs"
        bar.refresh()

    def describe(self, seconds: float) -> str:
        """Return what is to be said after so many seconds, besides how much is done.

        The rate is that of calls: what was known before took no time.
        """
        made = self._done - self._restored
        rate = made / seconds if seconds > 0 else 0.0
        parts = [self._name]
        parts += [f"{self._failed:,} failed"] if self._failed else []
        parts += [f"{rate:.3g}/s"] if made else []
        if made and self._total is not None and self._total > self._done:
            minutes, left = divmod(round((self._total - self._done) / rate), 60)
            hours, minutes = divmod(minutes, 60)
            clock = f"{hours}:{minutes:02}:{left:02}" if hours else f"{minutes:02}:{left:02}"
            parts.append(f"{clock} left")
        return ", ".join(parts)

    def close(self) -> None:
        """Take it away."""
        self._bar = None
        self._shown.close()
