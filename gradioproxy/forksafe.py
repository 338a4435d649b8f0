"""What a forked child must not share with its parent: locks that a thread of the parent may hold.

This module is loaded before those whose own handlers rely on it, and handlers in the child run in
the order in which they were registered: locks are new before anything else happens.
"""

from __future__ import annotations

import os
import threading
import weakref
from typing import Protocol


class Renewable(Protocol):
    """What is told that it is in a forked child now; it is told apart by identity."""

    def after_fork(self) -> None:
        """Start anew; nothing may be waited for here."""
        ...


def track(renewable: Renewable) -> None:
    """Call ``after_fork`` in each forked child in which the object is still in use."""
    _tracked.add(renewable)


class Lock:
    """A lock that is free in a forked child, whichever thread of the parent held it."""

    def __init__(self) -> None:
        self.after_fork()
        track(self)

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(self, *_exc: object) -> None:
        self._lock.release()

    def after_fork(self) -> None:
        """Be free."""
        self._lock = threading.Lock()


_tracked: weakref.WeakSet[Renewable] = weakref.WeakSet()


def _after_fork() -> None:
    for renewable in list(_tracked):
        renewable.after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
