"""IPython on a real terminal."""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING, Any

import pexpect
import pyte

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

COLUMNS, LINES = 80, 120
PATIENCE = 60

IPYTHON = (
    *("-m", "IPython", "--no-banner", "--no-confirm-exit", "--no-pdb"),
    *("--HistoryManager.enabled=False", "--no-automagic"),
)
CLEAR = "\x15"  # Ctrl-U


class Terminal:
    """IPython on a terminal of eighty columns, as a person sees it.

    Args:
        folder: Where it runs.
        *options: Arguments of the program.
        program: What Python runs, if it is not IPython itself.
    """

    def __init__(self, folder: Path, *options: str, program: Sequence[str] = IPYTHON) -> None:
        screen: Any = pyte.Screen(COLUMNS, LINES)
        self._screen = screen
        self._stream = pyte.Stream(screen)
        self._process = pexpect.spawn(
            sys.executable,
            [*program, *options],
            # Not where files are that completion would offer.
            cwd=str(folder),
            dimensions=(LINES, COLUMNS),
            encoding="utf-8",
            env={
                **os.environ,
                "IPYTHONDIR": str(folder),
                "PAGER": "cat",
                # It would ask where the cursor is, and take a late answer for another prompt's.
                "PROMPT_TOOLKIT_NO_CPR": "1",
                "TERM": "xterm",
            },
        )
        self._process.delaybeforesend = None
        # A program asks the terminal where the cursor is.
        screen.write_process_input = self._process.send
        try:
            self.wait(lambda lines: lines[-1] == "In [1]:")
        except BaseException:
            self.close()
            raise

    @property
    def lines(self) -> list[str]:
        """What is on the screen."""
        return str("\n".join(line.rstrip() for line in self._screen.display)).rstrip().split("\n")

    def wait(self, shown: Callable[[list[str]], bool]) -> list[str]:
        """Read until the screen shows something; return its lines."""
        deadline = time.monotonic() + PATIENCE
        try:
            while not shown(self.lines):
                left = max(0, deadline - time.monotonic())
                self._stream.feed(self._process.read_nonblocking(4096, timeout=left))
        except (pexpect.TIMEOUT, pexpect.EOF) as error:
            raise AssertionError("\n".join(["the screen at the end:", *self.lines])) from error
        return self.lines

    def press(self, keys: str) -> None:
        """Press keys."""
        self._process.send(keys)

    def run(self, code: str, number: int) -> list[str]:
        """Run code as the input of that number, and return what the screen shows then."""
        self.press(f"{code}\r")
        return self.wait(lambda lines: lines[-1] == f"In [{number + 1}]:")

    def close(self) -> None:
        """End it."""
        self._process.close(force=True)
