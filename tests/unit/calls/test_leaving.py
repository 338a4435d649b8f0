"""The end of the interpreter."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING

from gradioproxy.calls import leaving

if TYPE_CHECKING:
    import pytest


class Leaver:
    """Something that is told of the end.

    Args:
        error: What comes in between.
    """

    def __init__(self, error: type[BaseException] | None = None) -> None:
        self.deadlines: list[float] = []
        self._error = error
        leaving.register(self)

    def leave(self, deadline: float) -> None:
        """Take note of it."""
        self.deadlines.append(deadline)
        if self._error is not None:
            raise self._error

    def finish_leaving(self, deadline: float) -> None:
        """Take note of it."""
        self.deadlines.append(deadline)


def test_all_sessions_have_the_same_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many there are; those that are gone are not told."""
    monkeypatch.setattr(leaving, "_leavers", weakref.WeakSet())
    one, other = Leaver(), Leaver()
    Leaver()
    leaving._leave()
    assert one.deadlines == other.deadlines
    assert len(one.deadlines) == 2


def test_ctrl_c_ends_it_without_a_word(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leaving, "_leavers", weakref.WeakSet())
    leavers = [Leaver(KeyboardInterrupt) for _ in range(2)]
    leaving._leave()
    assert sorted(len(leaver.deadlines) for leaver in leavers) == [0, 1]
