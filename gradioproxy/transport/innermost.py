"""What a thread is doing, and what that is a part of."""

from __future__ import annotations

import contextlib
import threading
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Generator

T = TypeVar("T")


class _Held(Generic[T]):
    """A value, and the one that it is within."""

    def __init__(self, value: T, outer: _Held[T] | None) -> None:
        self.value = value
        self.outer = outer
        self.is_over = False


class _Thread(threading.local):
    """The latest that this thread holds, which may be over."""

    latest: _Held[Any] | None = None


class Innermost(Generic[T]):
    """The value of the innermost context that a thread is in, for each thread its own."""

    def __init__(self) -> None:
        self._thread = _Thread()

    def find(self) -> T | None:
        """Return the value, if the thread is in any context."""
        held = self._find_held()
        return None if held is None else held.value

    @contextlib.contextmanager
    def hold(self, value: T) -> Generator[T]:
        """Have a value for the time of a context."""
        held = _Held(value, self._find_held())
        self._thread.latest = held
        try:
            yield value
        finally:
            # Where Ctrl-C came just before or after what is done in this context, this is done by
            # the collector: on any thread, and while that one may be in another context.
            held.is_over = True
            if self._thread.latest is held:
                self._thread.latest = held.outer

    def _find_held(self) -> _Held[T] | None:
        held = self._thread.latest
        while held is not None and held.is_over:
            held = held.outer
        return held
