"""Where a call is, in a bar: uploads, the queue, the app's own progress."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..progress_bar import MOMENT, REDRAW, UNCOUNTED, show_bar
from ..text import one_line

if TYPE_CHECKING:
    from collections.abc import Callable

    from .record import CallRecord
    from .status import Status

_COUNTED = "{desc} {percentage:3.0f}%|{bar:20}| {n_fmt}/{total_fmt} {unit} [{elapsed}]"


def watch(record: CallRecord) -> None:
    """Wait until a call is over, with a bar if that takes longer than a moment."""
    status = record.wait_for_news(None, MOMENT)
    if record.is_over:
        return
    with show_bar() as bar:
        while not record.is_over:
            show(bar, status, record.request.transport.hide)
            status = record.wait_for_news(status, REDRAW)


def show(bar: Any, status: Status, hide: Callable[[str], str]) -> None:
    """Draw where a call is; *hide* takes secrets out of a text."""
    words, done, total, unit = describe_status(status, hide)
    bar.set_description_str(one_line(words, 60), refresh=False)
    bar.bar_format = _COUNTED if total else UNCOUNTED
    bar.unit, bar.unit_scale = unit, unit == "B"
    bar.n, bar.total = done, total
    bar.refresh()


def describe_status(
    status: Status, hide: Callable[[str], str]
) -> tuple[str, float, float | None, str]:
    """Return the words for a status, what is done, of how much, and the unit.

    Args:
        status: The status.
        hide: Takes secrets out of a text: an app may say what it was called with here as well.
    """
    if status.stage == "uploading" and status.to_send:
        return "uploading", status.sent, status.to_send, "B"
    if status.stage == "queued":
        place = f", {status.rank} before it" if status.rank else ""
        eta = f", about {status.eta:.0f} s" if status.eta is not None else ""
        return f"queued{place}{eta}", 0, None, ""
    if status.progress:
        unit = status.progress[-1]
        words = hide(unit.description or "") or "running"
        if unit.length and unit.index is not None:
            return words, unit.index, unit.length, hide(unit.unit or "") or "steps"
        if unit.fraction is not None:
            return words, round(100 * min(1.0, max(0.0, unit.fraction))), 100, "%"
        return words, 0, None, ""
    return status.stage, 0, None, ""
