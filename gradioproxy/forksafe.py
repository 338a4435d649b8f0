"""Locks that are free in a forked child, and a notice to objects that have to start anew there.

A child of a fork has one thread, but every lock is as it was: one that another thread of the parent
held would never be released. So all locks of this package come from here. Each knows in which
process it was made, and is replaced when it is first taken in another one. Nothing forks while it
holds one: no code of a user's runs under them.
"""

from __future__ import annotations

import os
import threading
import weakref
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from typing_extensions import Self


class Restartable(Protocol):
    """An object that is notified in a forked child; such objects are hashed by identity."""

    def after_fork(self) -> None:
        """Start anew; nothing may be waited for here."""
        ...


def register(restartable: Restartable) -> None:
    """Call ``after_fork`` in each forked child in which the object is still in use."""
    _registered.add(restartable)


class _ForkSafe:
    """A lock of `threading`, replaced in a forked child before it is taken there."""

    def __init__(self) -> None:
        self._lock: Any = self._make()
        self._process = _process

    def _make(self) -> Any:
        raise NotImplementedError

    def __enter__(self) -> Self:
        if self._process is not _process:
            self._replace()
        self._lock.acquire()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._lock.release()

    def _replace(self) -> None:
        with _process.replacing:
            if self._process is not _process:
                self._lock = self._make()
                self._process = _process


class Lock(_ForkSafe):
    """As `threading.Lock`, to be used in a ``with`` statement."""

    def _make(self) -> Any:
        return threading.Lock()


class RLock(_ForkSafe):
    """As `threading.RLock`, to be used in a ``with`` statement."""

    def _make(self) -> Any:
        return threading.RLock()


class Condition(_ForkSafe):
    """As a `threading.Condition` whose lock can be taken more than once by a thread."""

    def _make(self) -> Any:
        return threading.Condition(threading.RLock())

    def wait(self, timeout: float | None = None) -> bool:
        """Wait to be notified; returns whether it was."""
        notified: bool = self._lock.wait(timeout)
        return notified

    def wait_for(self, predicate: Callable[[], Any], timeout: float | None = None) -> Any:
        """Wait until *predicate* returns something true; returns what it returned last."""
        return self._lock.wait_for(predicate, timeout)

    def notify(self) -> None:
        """Wake one of those that wait."""
        self._lock.notify()

    def notify_all(self) -> None:
        """Wake all that wait."""
        self._lock.notify_all()


class _Process:
    """The identity of a process: a lock that has another one is replaced."""

    def __init__(self) -> None:
        self.replacing = threading.Lock()


_process = _Process()
_registered: weakref.WeakSet[Restartable] = weakref.WeakSet()


def _after_fork() -> None:
    global _process  # noqa: PLW0603 - the process is another one
    _process = _Process()
    for restartable in list(_registered):
        restartable.after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
