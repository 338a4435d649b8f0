"""Progress bars with a clock, for what takes longer than a moment; only here `tqdm` is known.

On terminals they are those of `tqdm`. In notebooks it would write them to the standard error, where
they look like errors, or take widgets, which not every front end has, and whose bar can't be given
another total when that is known. So there a bar is a piece of HTML that is changed in place.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import sys
import threading
import time
from typing import TYPE_CHECKING, Any, Literal

from .notebook import Output, in_notebook
from .text import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

# Seconds. Shorter calls show nothing: a bar that flashes up is a nuisance.
MOMENT = 0.7
# How often the clock in a bar is drawn; what is waited for is never asked.
REDRAW = 1.0
UNCOUNTED = "{desc} [{elapsed}]"


def is_wanted(progress: bool | Literal["auto"]) -> bool:
    """Tell whether to show a bar: if asked for, or on a terminal or in a notebook."""
    if progress != "auto":
        return progress
    # Calls of other threads would draw over each other and over what the main one prints.
    if threading.current_thread() is not threading.main_thread():
        return False
    return (sys.stderr is not None and sys.stderr.isatty()) or in_notebook()


@contextlib.contextmanager
def show_wait(progress: bool | Literal["auto"]) -> Generator[Callable[[str], None]]:
    """Give a function that shows, in a bar with a clock, what is waited for.

    The bar appears with the first words.
    """
    with contextlib.ExitStack() as shown:
        bars: list[Any] = []

        def say(words: str) -> None:
            if not bars:
                bars.append(shown.enter_context(show_bar(shown_after=0)))
            bars[0].set_description_str(one_line(words, 60), refresh=False)
            bars[0].refresh()

        yield say if is_wanted(progress) else lambda _words: None


class show_bar:  # noqa: N801 - it is used like a function
    """Gives a bar whose clock began *shown_after* seconds ago, and takes it away in the end."""

    def __init__(self, shown_after: float = MOMENT) -> None:
        self._bar = _make_bar(shown_after)

    def __enter__(self) -> Any:
        return self._bar

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        self._bar.close()
        if error is not None:
            _erase_line()


def _erase_line() -> None:
    """Leave nothing of a bar that was interrupted while it was drawn: it knows not of all."""
    if not in_notebook() and sys.stderr is not None and sys.stderr.isatty():
        columns = 80
        with contextlib.suppress(OSError, ValueError):  # what claims to be a terminal may be none
            columns = os.get_terminal_size(sys.stderr.fileno()).columns or columns
        blank = " " * (columns - 1)
        print(f"\r{blank}\r", end="", file=sys.stderr, flush=True)  # noqa: T201 - of the bar


def _make_bar(shown_after: float) -> Any:
    """Make a bar that is drawn when it is refreshed, and not before anybody can take it away."""
    if in_notebook():
        return NotebookBar(shown_after)
    tqdm = importlib.import_module("tqdm").tqdm
    bar = tqdm(
        desc="calling",
        leave=False,
        bar_format=UNCOUNTED,
        dynamic_ncols=True,
        file=sys.stderr,
        delay=MOMENT,
    )
    bar.delay = 0
    # Its own is the clock on the wall, which somebody may set meanwhile.
    bar._time = time.monotonic  # noqa: SLF001
    bar.start_t = bar.last_print_t = time.monotonic() - shown_after
    return bar


class NotebookBar:
    """A bar below a notebook's cell, with as much of `tqdm` as is used of it.

    Attributes:
        n: How much is done.
        total: Of how much; ``None`` where that is not known.
        unit: What is counted.
        unit_scale: Whether it is counted in thousands.
        bar_format: Not used: that of text.
    """

    def __init__(self, shown_after: float = 0) -> None:
        self.n: float = 0
        self.total: float | None = None
        self.unit, self.unit_scale, self.bar_format = "", False, ""
        self._words = "calling"
        self._began = time.monotonic() - shown_after
        self._output: Output | None = None

    def set_description_str(self, words: str, *, refresh: bool = True) -> None:
        """Set the words that stand before it."""
        self._words = words
        if refresh:
            self.refresh()

    def refresh(self) -> None:
        """Draw it."""
        self._show(self._render())

    def close(self) -> None:
        """Take it away."""
        if self._output is not None:
            self._show({"text/plain": "", "text/html": ""})

    def _render(self) -> dict[str, str]:
        from .markup import describe_count, render_progress  # late: few scripts are notebooks

        minutes, seconds = divmod(int(time.monotonic() - self._began), 60)
        clock = f" [{minutes:02}:{seconds:02}]"
        count = f" {describe_count(self.n, self.total, self.unit)}" if self.total else ""
        page = render_progress(self._words, self.n, self.total, self.unit, clock)
        text = one_line(f"{self._words}{count}{clock}")
        return {"text/plain": text, "text/html": f"<div>{page}</div>"}

    def _show(self, data: dict[str, str]) -> None:
        # The kernel may be ending: a bar is no reason for a call to fail.
        with contextlib.suppress(Exception):
            if self._output is None:
                self._output = Output(data)
            else:
                self._output.update(data)
