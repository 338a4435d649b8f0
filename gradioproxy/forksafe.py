"""Locks that are free in a forked child, and a notice to objects that have to start anew there.

A child of a fork has one thread, but every lock is as it was: one that another thread of the parent
held would never be released. So all locks of this package come from here. Each knows in which
process it was made, and is replaced when it is first taken in another one. Nothing forks while it
holds one: no code of a user's runs under them.

They are taken and let go of in C, as those of `threading` are: Ctrl-C raises an error at whatever
instruction the main thread is, and in a method of Python's between taking a lock and the ``with``
block, or at the beginning of ``__exit__``, that would leave the lock taken for ever.
"""

from __future__ import annotations

import os
import threading
import time
import weakref
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable


class Restartable(Protocol):
    """An object that is notified in a forked child; such objects are hashed by identity."""

    def after_fork(self) -> None:
        """Start anew; nothing may be waited for here."""
        ...


def register(restartable: Restartable) -> None:
    """Call ``after_fork`` in each forked child in which the object is still in use."""
    _registered.add(restartable)


class _ForkSafe:
    """A lock of `threading`, to be used in a ``with`` statement.

    It is replaced in a forked child before it is taken there.
    """

    def __init__(self) -> None:
        self._make()
        self._process = _process

    def _make(self) -> None:
        """Make the lock of this process."""
        self._lock: Any = self._new_lock()

    def _new_lock(self) -> Any:
        raise NotImplementedError

    def _renew(self) -> None:
        """Make the lock of this process, unless another thread just did."""
        with _process.replacing:
            if self._process is not _process:
                self._make()
                self._process = _process

    # A ``with`` statement asks for both, in either order, and then calls what it got.

    def _find_enter(self) -> Callable[[], bool]:
        if self._process is not _process:
            self._renew()
        enter: Callable[[], bool] = self._lock.__enter__
        return enter

    def _find_exit(self) -> Callable[..., None]:
        if self._process is not _process:
            self._renew()
        leave: Callable[..., None] = self._lock.__exit__
        return leave

    __enter__ = property(_find_enter)
    __exit__ = property(_find_exit)


class Lock(_ForkSafe):
    """As `threading.Lock`."""

    def _new_lock(self) -> Any:
        return threading.Lock()


class RLock(_ForkSafe):
    """As `threading.RLock`."""

    def _new_lock(self) -> Any:
        return threading.RLock()


class Condition(RLock):
    """As a `threading.Condition` whose lock can be taken more than once by a thread."""

    def _make(self) -> None:
        super()._make()
        self._condition = threading.Condition(self._lock)

    def wait(self, timeout: float | None = None) -> bool:
        """Wait to be notified; returns whether it was."""
        try:
            return self._condition.wait(timeout)
        except BaseException:
            # Ctrl-C may have come when the lock was let go of, and the wait had not begun.
            if not self._lock._is_owned():  # noqa: SLF001 - asked of no other by `threading`
                self._lock.acquire()
            raise

    def wait_for(self, predicate: Callable[[], Any], timeout: float | None = None) -> Any:
        """Wait until *predicate* returns something true; returns what it returned last."""
        deadline = None if timeout is None else time.monotonic() + timeout
        while not (found := predicate()):
            left = None if deadline is None else deadline - time.monotonic()
            if left is not None and left <= 0:
                break
            self.wait(left)
        return found

    def notify(self) -> None:
        """Wake one of those that wait."""
        self._condition.notify()

    def notify_all(self) -> None:
        """Wake all that wait."""
        # What happens to a call is told thousands of times to nobody, or to one who was woken
        # before and has had no turn yet. Only `threading` knows of whom it has not woken.
        if self._condition._waiters:  # type: ignore[attr-defined]  # noqa: SLF001
            self._condition.notify_all()


class _Process:
    """The identity of a process: a lock that has another one is replaced."""

    def __init__(self) -> None:
        # Reentrant, because what is collected while a lock is made may take another one.
        self.replacing = threading.RLock()


_process = _Process()
_registered: weakref.WeakSet[Restartable] = weakref.WeakSet()


def _after_fork() -> None:
    global _process  # noqa: PLW0603 - the process is another one
    _process = _Process()
    for restartable in list(_registered):
        restartable.after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
