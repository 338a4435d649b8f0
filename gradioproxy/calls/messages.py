"""What an app tells the person at the page (``gr.Info``, ``gr.Warning``), told in a notebook.

There it is shown as what it is, below the cell that made the call. Without that, Python writes
warnings to the standard error, where notebooks make errors of them.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from .. import forksafe
from ..markup import HTML, PLAIN, render_message, render_note
from ..notebook import Output, capture_cell, find_cell
from ..text import one_line

if TYPE_CHECKING:
    from contextvars import Context

    from .status import Log

_NOTHING = {PLAIN: "", HTML: ""}

MOST_TOLD = 50
"""How many messages are shown below one cell, however many calls it makes."""
_MOST_CELLS = 16


def name_message(said: Log) -> str:
    """Return the heading of a message: its own, or what it is."""
    return said.title or said.level.capitalize()


class _Counts:
    """How many messages were shown below each of the last cells."""

    def __init__(self) -> None:
        self._lock = forksafe.Lock()
        self._counts: dict[object, int] = {}

    def count(self, cell: object) -> int:
        """Count one more below a cell; return how many there are now."""
        with self._lock:
            count = self._counts.pop(cell, 0) + 1
            self._counts[cell] = count
            while len(self._counts) > _MOST_CELLS:
                del self._counts[next(iter(self._counts))]
            return count


_counts = _Counts()


class Teller:
    """Shows the messages of one call, below the cell that made it, for as long as it runs.

    Made by the thread that makes the call.
    """

    # Nothing is published with the lock held: what a kernel does then is nothing that is known.
    def __init__(self) -> None:
        self._lock = forksafe.Lock()
        self._context: Context | None = capture_cell()
        # Where the kernel says nothing of its cells, each call is one.
        self._cell: object = find_cell() or object()
        self._outputs: list[Output] = []

    def tell(self, name: str, said: Log) -> None:
        """Show a message of the app to the function of that name."""
        context = self._context
        if context is None:
            return
        told = _counts.count(self._cell)
        if told > MOST_TOLD + 1:
            return
        words, heading = said.text, name_message(said)
        data = {
            PLAIN: f"{heading}: {one_line(words, 1000)}",
            HTML: render_message(said.level, f"{name}: {heading}", words),
        }
        if told > MOST_TOLD:
            more = "… and more messages, which are not shown"
            data = {PLAIN: more, HTML: render_note(more)}
        # The kernel may be ending, and the call goes on all the same.
        with contextlib.suppress(Exception):
            self._keep(context.copy().run(Output, data))

    def _keep(self, output: Output) -> None:
        """Keep what was shown, to be taken back; at once if all else was meanwhile."""
        with self._lock:
            is_wanted = self._context is not None
            if is_wanted:
                self._outputs.append(output)
        if not is_wanted:
            output.update(_NOTHING)

    def take_back(self) -> None:
        """Show nothing more, and nothing of what was, as what shows the job itself does so."""
        for output in self.end():
            with contextlib.suppress(Exception):
                output.update(_NOTHING)

    def end(self) -> list[Output]:
        """Show nothing more and let go of the cell; return what was shown."""
        with self._lock:
            self._context = None
            shown, self._outputs = self._outputs, []
            return shown
