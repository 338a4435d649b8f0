"""What a client hears of a call under way: how far it is, and what the app says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import anyio

from ..calls.progress import describe_status
from ..calls.watching import watch_job
from ..text import one_line, render_count

if TYPE_CHECKING:
    from collections.abc import Callable

    from mcp.types import LoggingLevel

    from ..calls.job import Job
    from ..calls.sight import Sight
    from ..calls.status import Log, Status
    from .bounds import Bounds

# What an app's words are to a client.
_LEVELS: dict[str, LoggingLevel] = {"warning": "warning", "error": "error"}
_LONGEST = 1_000
_NO_MORE = "The app said more than is passed on of one call."
# The app's own progress goes up to this; a bar of it may begin again, and numbers must grow.
_WHOLE = 100.0
_STEP = 0.001


class Listener(Protocol):
    """Whoever made a call."""

    async def report_progress(self, progress: float, total: float | None, message: str) -> None:
        """Hear how far it is."""
        ...

    async def report_log(self, level: LoggingLevel, text: str) -> None:
        """Hear what the app says."""
        ...


class Follower:
    """Tells a listener of one call.

    Args:
        listener: Whom to tell.
        hide: Takes secrets out of a text.
        bounds: How many words of the app's are passed on, and how often its progress is told.
    """

    def __init__(self, listener: Listener, hide: Callable[[str], str], bounds: Bounds) -> None:
        self._listener, self._hide, self._pause = listener, hide, bounds.pause
        self._room = bounds.logs
        self._over = anyio.Event()
        self._logs_told = 0
        self._told: tuple[Status, int] | None = None
        self._progress = 0.0

    def end(self) -> None:
        """Note that the call is over: what is left is told without a pause."""
        self._over.set()

    async def follow(self, job: Job[Any]) -> None:
        """Tell what becomes of a call, until it is over."""
        async for sight in watch_job(job):
            await self._tell_logs(sight)
            if sight.is_over:
                return
            await self._tell_progress(sight)
            with anyio.move_on_after(self._pause):
                await self._over.wait()

    async def _tell_logs(self, sight: Sight) -> None:
        count, _ = sight.news
        fresh = count - self._logs_told
        self._logs_told = count
        for said in sight.logs[-fresh:] if fresh else ():
            self._room -= 1
            if self._room >= 0:
                await self._listener.report_log(_LEVELS.get(said.level, "info"), self._write(said))
            elif self._room == -1:
                await self._listener.report_log("warning", _NO_MORE)

    def _write(self, said: Log) -> str:
        return self._hide(one_line(str(said), _LONGEST))

    async def _tell_progress(self, sight: Sight) -> None:
        now = sight.status, sight.news[1]
        if now == self._told or sight.status.stage == "pending":
            return
        self._told = now
        words, done, total, _ = describe_status(sight.status, self._hide)
        if sight.news[1]:
            words = f"{words}, {render_count(sight.news[1], 'partial result')} so far"
        # It goes from 0 to `_WHOLE` as the app says, and is more each time, as the protocol has it.
        counted = bool(sight.status.progress and total)
        share = _WHOLE * min(1.0, max(0.0, done / total)) if counted and total else 0.0
        self._progress = max(share, self._progress + _STEP)
        known = _WHOLE if counted and self._progress <= _WHOLE else None
        await self._listener.report_progress(self._progress, known, one_line(words, _LONGEST))
