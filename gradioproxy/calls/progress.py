"""A bar for calls that take longer than a moment: uploads, the queue, the app's own progress."""

from __future__ import annotations

import contextlib
import importlib
import sys
import threading
from typing import TYPE_CHECKING, Any, Literal

from ..text import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from .job import Job
    from .status import Status

# Shorter calls show nothing: a bar that flashes up is a nuisance.
MOMENT = 0.7
# How often the clock in the bar is drawn; the call itself is never asked.
REDRAW = 1.0

_COUNTED = "{desc} {percentage:3.0f}%|{bar:20}| {n_fmt}/{total_fmt} {unit} [{elapsed}]"
_UNCOUNTED = "{desc} [{elapsed}]"


def wanted(progress: bool | Literal["auto"]) -> bool:
    """Tell whether to show a bar: if asked for, or on a terminal or in a notebook."""
    if progress != "auto":
        return progress
    # Calls of other threads would draw over each other and over what the main one prints.
    if threading.current_thread() is not threading.main_thread():
        return False
    return sys.stderr.isatty() or _in_notebook()


def watch(job: Job[Any]) -> None:
    """Wait until a job is done, with a bar if that takes longer than a moment."""
    status = job.wait_for_news(None, MOMENT)
    if job.done():
        return
    bar = _bar()
    try:
        while not job.done():
            show(bar, status)
            status = job.wait_for_news(status, REDRAW)
    finally:
        bar.close()


@contextlib.contextmanager
def waiting(progress: bool | Literal["auto"]) -> Generator[Callable[[str], None]]:
    """Give a function that shows, in a bar with a clock, what is waited for.

    The bar appears with the first words.
    """
    bars: list[Any] = []

    def say(words: str) -> None:
        if not bars:
            bars.append(_bar(shown_after=0))
        bars[0].set_description_str(one_line(words, 60), refresh=False)
        bars[0].refresh()

    try:
        yield say if wanted(progress) else lambda _words: None
    finally:
        for bar in bars:
            bar.close()


def show(bar: Any, status: Status) -> None:
    """Draw where a call is."""
    words, done, total, unit = _figures(status)
    bar.set_description_str(one_line(words, 60), refresh=False)
    bar.bar_format = _COUNTED if total else _UNCOUNTED
    bar.unit, bar.unit_scale = unit, unit == "B"
    bar.n, bar.total = done, total
    bar.refresh()


def _figures(status: Status) -> tuple[str, float, float | None, str]:
    """Return of a status the words, what is done, of how much, and the unit."""
    if status.stage == "uploading" and status.to_send:
        return "uploading", status.sent, status.to_send, "B"
    if status.stage == "queued":
        place = f", {status.rank} before it" if status.rank else ""
        eta = f", about {status.eta:.0f} s" if status.eta is not None else ""
        return f"queued{place}{eta}", 0, None, ""
    if status.progress:
        unit = status.progress[-1]
        words = unit.description or "running"
        if unit.length and unit.index is not None:
            return words, unit.index, unit.length, unit.unit or "steps"
        if unit.fraction is not None:
            return words, round(100 * unit.fraction), 100, "%"
        return words, 0, None, ""
    return status.stage, 0, None, ""


def _bar(shown_after: float = MOMENT) -> Any:
    # Only with ipywidgets can a notebook draw one that is not text.
    widgets = _in_notebook() and "ipywidgets" in sys.modules
    tqdm = importlib.import_module("tqdm.notebook" if widgets else "tqdm").tqdm
    bar = tqdm(
        desc="calling", leave=False, bar_format=_UNCOUNTED, dynamic_ncols=True, file=sys.stderr
    )
    bar.start_t -= shown_after
    return bar


def _in_notebook() -> bool:
    """Tell whether the code runs in a Jupyter kernel, without importing anything for that."""
    module = sys.modules.get("IPython")
    shell = module.get_ipython() if module is not None else None
    return type(shell).__name__ == "ZMQInteractiveShell"
