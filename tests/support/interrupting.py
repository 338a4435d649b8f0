"""Ctrl-C at each place where it can come: where the interpreter itself looks for signals.

That is where a function of Python's begins, behind each call of one of C's, and where a loop turns
back. A line or an instruction of another kind is never interrupted, and no function of C's.
"""

from __future__ import annotations

import dis
import functools
import inspect
import sys
import threading
from typing import TYPE_CHECKING, Any

from tests.support.gradio import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import CodeType, FrameType

OURS = (f"{ROOT}/gradioproxy/", "/contextlib.py")
THREADS = ("/threading.py",)
"""The library's locks of Python, which are no better than its authors could make them."""

TURNS = ("JUMP_BACKWARD", "JUMP_ABSOLUTE")


def interrupt_everywhere(
    function: Callable[[], object], files: tuple[str, ...] = OURS, step: int = 1
) -> Iterator[str]:
    """Call a function again and again, with Ctrl-C at one place further on each time.

    Args:
        function: The function.
        files: What the names of the files have in them whose code is interrupted.
        step: How many places to go on.

    Yields:
        After each call, where it was interrupted.
    """
    place = 1
    while (where := _Interrupt(place, files).call(function)) is not None:
        yield where
        place += step


class _Interrupt:
    """One Ctrl-C.

    Args:
        place: At which of the places.
        files: As above.
    """

    def __init__(self, place: int, files: tuple[str, ...]) -> None:
        self._left = place
        self._files = files
        self._where: str | None = None
        self._before: dict[FrameType, str] = {}
        # Those that called a function of Python's; where that returns, no signal is looked for.
        self._callers: set[FrameType | None] = set()
        # Generators that go on. Python 3.10 would not look for their ``finally`` any more if what
        # it tells of their beginning raised, although a signal comes behind that.
        self._resumed: set[FrameType] = set()

    def call(self, function: Callable[[], object]) -> str | None:
        """Call a function; return where it was interrupted, ``None`` if there are fewer places."""
        assert threading.current_thread() is threading.main_thread()
        sys.settrace(self._enter)
        try:
            function()
        except KeyboardInterrupt:
            assert self._where is not None
        finally:
            sys.settrace(None)
        return self._where

    def _enter(self, frame: FrameType, _what: str, _: Any) -> Any:
        self._callers.add(frame.f_back)
        if not any(name in frame.f_code.co_filename for name in self._files):
            return None
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        if frame.f_code.co_flags & inspect.CO_GENERATOR:
            self._resumed.add(frame)
        else:
            self._pass(frame)
        return self._trace

    def _trace(self, frame: FrameType, what: str, _: Any) -> Any:
        if what == "opcode":
            name = _names_of(frame.f_code).get(frame.f_lasti, "")
            before, self._before[frame] = self._before.get(frame, ""), name
            called_python = frame in self._callers
            self._callers.discard(frame)
            begins = frame in self._resumed
            self._resumed.discard(frame)
            if begins or (before.startswith("CALL") and not called_python) or name in TURNS:
                self._pass(frame)
        return self._trace

    def _pass(self, frame: FrameType) -> None:
        self._left -= 1
        if self._left == 0:
            sys.settrace(None)
            self._before.clear()
            self._callers.clear()
            self._resumed.clear()
            file = frame.f_code.co_filename.rpartition("/")[2]
            self._where = f"{file}:{frame.f_lineno}, {frame.f_code.co_name}"
            raise KeyboardInterrupt


@functools.cache
def _names_of(code: CodeType) -> dict[int, str]:
    return {instruction.offset: instruction.opname for instruction in dis.get_instructions(code)}
