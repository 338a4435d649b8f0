"""Progress bars with a clock, for what takes longer than a moment; only here `tqdm` is known."""

from __future__ import annotations

import contextlib
import importlib
import sys
import threading
import time
from typing import TYPE_CHECKING, Any, Literal

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
    return sys.stderr.isatty() or _in_notebook()


@contextlib.contextmanager
def show_wait(progress: bool | Literal["auto"]) -> Generator[Callable[[str], None]]:
    """Give a function that shows, in a bar with a clock, what is waited for.

    The bar appears with the first words.
    """
    bars: list[Any] = []

    def say(words: str) -> None:
        if not bars:
            bars.append(make_bar(shown_after=0))
        bars[0].set_description_str(one_line(words, 60), refresh=False)
        bars[0].refresh()

    try:
        yield say if is_wanted(progress) else lambda _words: None
    finally:
        for bar in bars:
            bar.close()


def make_bar(shown_after: float = MOMENT) -> Any:
    """Make a bar of tqdm, whose clock begins when the wait did, *shown_after* seconds ago."""
    # Only with ipywidgets can a notebook draw one that is not text.
    widgets = _in_notebook() and "ipywidgets" in sys.modules
    tqdm = importlib.import_module("tqdm.notebook" if widgets else "tqdm").tqdm
    bar = tqdm(
        desc="calling", leave=False, bar_format=UNCOUNTED, dynamic_ncols=True, file=sys.stderr
    )
    # Its own is the clock on the wall, which somebody may set meanwhile.
    bar._time = time.monotonic  # noqa: SLF001
    bar.start_t = bar.last_print_t = time.monotonic() - shown_after
    return bar


def _in_notebook() -> bool:
    """Tell whether the code runs in a Jupyter kernel, without importing anything for that."""
    module = sys.modules.get("IPython")
    shell = module.get_ipython() if module is not None else None
    return type(shell).__name__ == "ZMQInteractiveShell"
