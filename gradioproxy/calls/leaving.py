"""The end of the interpreter, at which servers are told of the calls that are given up with it.

Rule: it comes soon, however many sessions there are and whatever their servers do.
"""

from __future__ import annotations

import atexit
import contextlib
import time
import weakref
from typing import Protocol

# How long the servers are told of the calls under way, in all.
TELL_SECONDS = 5.0
# How long the threads that make calls are waited for, in all.
LEAVE_SECONDS = 1.0


class Leaver(Protocol):
    """What is told of the end: an `engine.Engine`, hashed by identity."""

    def leave(self, deadline: float) -> None:
        """Tell the server, until a moment of `time.monotonic`."""
        ...

    def finish_leaving(self, deadline: float) -> None:
        """End the connections, after waiting for what is still being said."""
        ...


def register(leaver: Leaver) -> None:
    """Tell an object of the interpreter's end, if it is still in use then."""
    _leavers.add(leaver)


_leavers: weakref.WeakSet[Leaver] = weakref.WeakSet()


def _leave() -> None:
    leavers = list(_leavers)
    with contextlib.suppress(KeyboardInterrupt):  # who presses Ctrl-C again waits for no server
        deadline = time.monotonic() + TELL_SECONDS
        for leaver in leavers:
            leaver.leave(deadline)
        deadline = time.monotonic() + LEAVE_SECONDS
        for leaver in leavers:
            leaver.finish_leaving(deadline)


atexit.register(_leave)
