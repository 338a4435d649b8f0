"""What ends a server: Ctrl-C, and the signal by which programs are asked to end."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Awaitable

log = logging.getLogger("gradioproxy.mcp")

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
# What is cancelled ends at once, but for a thread that writes to who reads nothing.
_GRACE_SECONDS = 5


def run_until_signal(serving: Awaitable[None]) -> None:
    """Run what serves until it ends, or until a signal ends it: then it is cancelled.

    Raises:
        KeyboardInterrupt: It was Ctrl-C.
    """
    came: list[int] = []
    asyncio.run(_run(serving, came))
    if signal.SIGINT in came:
        raise KeyboardInterrupt


async def _run(serving: Awaitable[None], came: list[int]) -> None:
    task = asyncio.ensure_future(serving)
    with contextlib.ExitStack() as stack:
        for number in _SIGNALS:
            stack.enter_context(_Handled(number, task, came))
        try:
            await task
        except BaseException:
            # What is cancelled in the middle of something can fail in ways of its own.
            if not came:
                raise
            log.debug("Ended by a signal.", exc_info=True)


class _Handled:
    """Cancels a task when a signal comes: a context manager."""

    def __init__(self, number: int, task: asyncio.Future[Any], came: list[int]) -> None:
        self._number, self._task, self._came = number, task, came
        self._loop = asyncio.get_running_loop()
        self._before: Any = None

    def __enter__(self) -> None:
        # The loop's own way to do it is not there on Windows.
        self._before = signal.signal(self._number, self._handle)

    def __exit__(self, *_: object) -> None:
        signal.signal(self._number, self._before)

    def _handle(self, number: int, _frame: object) -> None:
        self._came.append(number)
        self._loop.call_soon_threadsafe(self._task.cancel)
        last = threading.Timer(_GRACE_SECONDS, os._exit, [128 + number])
        last.daemon = True
        last.start()
