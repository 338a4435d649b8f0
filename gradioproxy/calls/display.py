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
from ..markup import HTML, PLAIN, escape_line, render_message, render_note, render_progress
from ..notebook import Output
from ..text import one_line
from ..values.display import render_value
from ..values.plain import render_plain
from ..values.plot import PLOTLY, is_plot, preview_plot
from .future import CANCELLED
from .messages import name_message
from .progress import describe_status
from .status import ENDED

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..files.preview import Fetched
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
_PARTIAL_BYTES, _PARTIAL_FILES, _PARTIAL_TEXT = 2 * MEGABYTE, 4, MEGABYTE // 10


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
    sight, view = record.look(), JobView(record)
    watched = _watchers.enter()
    try:
        note = "" if watched else f"{MOST_WATCHED} other jobs are followed; show it again later"
        output = Output(view.build(sight, note))
        if watched:
            record.show_with_messages()
            name = f"gradioproxy display of {one_line(record.request.name, 40)}"
            # A daemon: a program that ends waits for no display.
            threading.Thread(
                target=_follow, args=(record, view, sight, output), name=name, daemon=True
            ).start()
    except BaseException:
        if watched:
            _watchers.leave()
        raise


def _follow(record: JobRecord, view: JobView, sight: Sight, output: Output) -> None:
    """Change what is shown of a call whenever something happens to it, to its end."""
    try:
        if sight.partial is not None and not sight.is_over:
            output.update(view.build(sight, fetches=True))
        while not sight.is_over:
            sight = record.wait_for_change(sight)
            output.update(view.build(sight, fetches=True))
            if not sight.is_over:
                record.wait_for_end(_PAUSE)
    except Exception:
        # The kernel may be ending; whoever has the job is told all the same.
        log.debug("A job is not shown any more.", exc_info=True)
    finally:
        _watchers.leave()


class JobView:
    """What is shown of a call, drawn again whenever something happens to it.

    Args:
        record: The call.
    """

    def __init__(self, record: JobRecord) -> None:
        self._record = record
        self._hide = record.request.transport.hide
        # The partial result that was drawn last and how, what came of it, and the files in it.
        self._drawn: tuple[tuple[Any, ...] | None, bool, dict[str, Any]] = (None, False, {})
        self._fetched: Mapping[str, Fetched] = {}

    def build(self, sight: Sight, note: str = "", *, fetches: bool = False) -> dict[str, Any]:
        """Return what is shown of the call, by media type.

        Args:
            sight: What of it is shown.
            note: What else is said.
            fetches: Whether files of a partial result may be fetched, which takes its time: who
                looks at something that runs waits for nothing. Those of the result always are.
        """
        name = self._record.request.name
        head = _render_head(name, sight.status, self._hide)
        said = _render_messages(sight.logs, self._hide)
        text = f"<Job {one_line(name, 80)} {sight.status.stage}>"
        try:
            shown = self._build_value(sight, fetches=fetches)
        except Exception as error:  # noqa: BLE001 - a display must not become a traceback of ours
            shown = {HTML: render_note(f"not shown: {self._hide(one_line(error, 300))}")}
        page = "".join([head, render_note(note) if note else "", *said, shown.get(HTML, "")])
        return {**shown, PLAIN: " ".join(filter(None, [text, shown.get(PLAIN)])), HTML: page}

    def _build_value(self, sight: Sight, *, fetches: bool) -> dict[str, Any]:
        """Return what is shown of how the call ended, or of its latest partial result."""
        if sight.end is not None:
            # What could not be shown there may have more room now.
            good = {url: one for url, one in self._fetched.items() if one.preview.alone}
            return _build_end(sight.end, Room(earlier=good))
        if sight.partial is None:
            return {}
        # A call may say a thousand times where it is, and yield something once.
        source, fetched, made = self._drawn
        if source is not sight.partial or fetched is not fetches:
            room = _make_partial_room(self._fetched, fetches=fetches)
            made = _build_result(self._record.decode(sight.partial), room)
            self._drawn, self._fetched = (sight.partial, fetches, made), room.fetched
        return made


def build_job_bundle(record: JobRecord) -> dict[str, Any]:
    """Return what is shown of a call as it is now, by media type."""
    return JobView(record).build(record.look())


def render_state(record: JobRecord) -> str:
    """Return where a call is, as HTML: nothing of what came of it."""
    request = record.request
    return _render_head(request.name, record.status, request.transport.hide)


def _make_partial_room(earlier: Mapping[str, Fetched], *, fetches: bool) -> Room:
    return Room(
        _PARTIAL_BYTES,
        files=_PARTIAL_FILES,
        requests=_PARTIAL_FILES if fetches else 0,
        text=_PARTIAL_TEXT,
        keeps=False,
        earlier=earlier,
    )


def _build_end(end: End, room: Room) -> dict[str, Any]:
    """Return how a call ended."""
    if end is CANCELLED:
        return {}
    if end.stage == "finished":
        return _build_result(end.value, room)
    kind, words = type(end.value).__name__, str(end.value)
    page = render_message("error", kind, words)
    return {PLAIN: f"{kind}: {one_line(words, 500)}", HTML: page}


def _build_result(value: Any, room: Room) -> dict[str, Any]:
    if value is None:
        return {}
    plain = render_plain(value)
    if not is_plot(value):
        return {PLAIN: plain, HTML: render_value(value, room)}
    # What a library of the page draws is shown by that alone, and a picture beside the rest.
    made = preview_plot(value, room)
    drawn = {PLOTLY: made.alone[PLOTLY]} if PLOTLY in made.alone else {}
    return {PLAIN: plain, HTML: made.html, **drawn}


def _render_head(name: str, status: Status, hide: Callable[[str], str]) -> str:
    return f"<div><code>{escape_line(name, 80)}</code> {_render_status(status, hide)}</div>"


def _render_status(status: Status, hide: Callable[[str], str]) -> str:
    """Return where a call is: its stage, and a bar where there is something to count."""
    if status.stage in ENDED:
        return escape_line(status.stage)
    words, done, total, unit = describe_status(status, hide)
    stage = words if words.startswith(status.stage) else f"{status.stage}: {words}"
    has_eta = status.stage == "running" and status.eta is not None
    eta = f", about {status.eta:.0f} s" if has_eta else ""
    return render_progress(stage, done, total, unit, eta)


def _render_messages(logs: tuple[Log, ...], hide: Callable[[str], str]) -> list[str]:
    """Return what the app said last."""
    shown = logs[-_MOST_MESSAGES:]
    more = render_note(f"… {len(logs) - len(shown):,} earlier messages: job.logs")
    said = [render_message(each.level, hide(name_message(each)), hide(each.text)) for each in shown]
    return [more, *said] if len(logs) > len(shown) else said
