"""A call in a notebook: where it is, what its app says, its latest partial result, and its end.

What is shown of a call that runs is changed in place, by a thread of its own (`watch_job`): the
call wakes it when something happens, and it ends with the call. There are never more than
`MOST_WATCHED` such threads; beyond, what is shown stays as it was, and says so.
"""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Any

from .. import forksafe
from ..files.preview import MEGABYTE, Room
from ..markup import HTML, PLAIN, escape_line, render_message, render_note, render_size
from ..notebook import Output
from ..text import one_line
from ..values.display import build_bundle, render_plain, render_value
from ..values.plot import is_plot
from .future import CANCELLED
from .messages import name_message
from .progress import describe_status
from .status import ENDED

if TYPE_CHECKING:
    from collections.abc import Callable

    from .future import End
    from .job_record import JobRecord
    from .sight import Sight
    from .status import Log, Status

log = logging.getLogger("gradioproxy")

MOST_WATCHED = 16
# Seconds between two changes of what is shown: nobody reads more, and notebooks keep up with it.
_PAUSE = 0.2
_MOST_MESSAGES = 20
# Of files among partial results: there may be many, and each is looked at for a moment.
_PARTIAL_BYTES = 2 * MEGABYTE


class _Watchers:
    """How many threads of this process show calls that run."""

    def __init__(self) -> None:
        self._lock = forksafe.Lock()
        self._count = 0
        forksafe.register(self)

    def after_fork(self) -> None:
        """Begin anew: the threads are the parent's."""
        self._count = 0

    def enter(self) -> bool:
        """Count one more, unless there are as many as there may be."""
        with self._lock:
            has_room = self._count < MOST_WATCHED
            self._count += has_room
            return has_room

    def leave(self) -> None:
        """Count one less."""
        with self._lock:
            self._count = max(0, self._count - 1)


_watchers = _Watchers()


def watch_job(record: JobRecord) -> None:
    """Show a call below the cell that runs, and what becomes of it, in place."""
    sight = record.look()
    watched = _watchers.enter()
    try:
        note = "" if watched else f"{MOST_WATCHED} other jobs are followed; show it again later"
        output = Output(build_job_bundle(record, sight, note))
        if watched:
            record.show_with_messages()
            name = f"gradioproxy display of {one_line(record.request.name, 40)}"
            # A daemon: a program that ends waits for no display.
            threading.Thread(
                target=_follow, args=(record, sight, output), name=name, daemon=True
            ).start()
    except BaseException:
        if watched:
            _watchers.leave()
        raise


def _follow(record: JobRecord, sight: Sight, output: Output) -> None:
    """Change what is shown of a call whenever something happens to it, to its end."""
    try:
        while not sight.is_over:
            sight = record.wait_for_change(sight)
            output.update(build_job_bundle(record, sight))
            if not sight.is_over:
                record.wait_for_end(_PAUSE)
    except Exception:
        # The kernel may be ending; whoever has the job is told all the same.
        log.debug("A job is not shown any more.", exc_info=True)
    finally:
        _watchers.leave()


def build_job_bundle(record: JobRecord, sight: Sight, note: str = "") -> dict[str, Any]:
    """Return what is shown of a call, by media type.

    Args:
        record: The call.
        sight: What of it is shown.
        note: What else is said.
    """
    name, hide = record.request.name, record.request.transport.hide
    head = f"<div><code>{escape_line(name, 80)}</code> {_render_status(sight.status)}</div>"
    parts = [head, render_note(note) if note else "", *_render_messages(sight.logs, hide)]
    text = f"<Job {one_line(name, 80)} {sight.status.stage}>"
    shown: dict[str, Any] = {}
    try:
        if sight.end is not None:
            shown = _build_end(sight.end)
        elif sight.partial is not None:
            shown = _build_value(record.decode(sight.partial), Room(_PARTIAL_BYTES, files=4))
    except Exception as error:  # noqa: BLE001 - a display must not become a traceback of ours
        shown = {HTML: render_note(f"not shown: {one_line(error, 300)}")}
    page = "".join([*parts, shown.get(HTML, "")])
    return {**shown, PLAIN: " ".join(filter(None, [text, shown.get(PLAIN)])), HTML: page}


def _build_end(end: End) -> dict[str, Any]:
    """Return how a call ended."""
    if end is CANCELLED:
        return {}
    if end.stage == "finished":
        # What a library of the page draws is shown by that alone.
        return build_bundle(end.value) if is_plot(end.value) else _build_value(end.value, Room())
    kind, words = type(end.value).__name__, str(end.value)
    page = render_message("error", kind, words)
    return {PLAIN: f"{kind}: {one_line(words, 500)}", HTML: page}


def _build_value(value: object, room: Room) -> dict[str, Any]:
    if value is None:
        return {}
    return {PLAIN: render_plain(value), HTML: render_value(value, room)}


def _render_status(status: Status) -> str:
    """Return where a call is: its stage, and a bar where there is something to count."""
    if status.stage in ENDED:
        return escape_line(status.stage)
    words, done, total, unit = describe_status(status)
    stage = words if words.startswith(status.stage) else f"{status.stage}: {words}"
    bar = count = ""
    if total:
        share = min(1.0, max(0.0, done / total))
        bar = f" <progress value='{share:.4f}' max='1'></progress>"
        count = f" {_render_count(done, total, unit)}"
    has_eta = status.stage == "running" and status.eta is not None
    eta = f", about {status.eta:.0f} s" if has_eta else ""
    return f"{escape_line(stage)}{bar}{escape_line(count + eta)}"


def _render_count(done: float, total: float, unit: str) -> str:
    if unit == "%":
        return f"{done / total:.0%}"
    if unit == "B":
        return f"{render_size(int(done))} of {render_size(int(total))}"
    return f"{done:g}/{total:g} {unit}"


def _render_messages(logs: tuple[Log, ...], hide: Callable[[str], str]) -> list[str]:
    """Return what the app said last."""
    shown = logs[-_MOST_MESSAGES:]
    more = render_note(f"… {len(logs) - len(shown):,} earlier messages: job.logs")
    said = [render_message(each.level, hide(name_message(each)), hide(each.text)) for each in shown]
    return [more, *said] if len(logs) > len(shown) else said
