"""What an app tells the person at the page (``gr.Info``, ``gr.Warning``), told in a notebook.

There it is shown as what it is, below the cell that made the call. Without that, Python writes
warnings to the standard error, where notebooks make errors of them.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from ..markup import HTML, PLAIN, render_message, render_note
from ..notebook import Output
from ..text import one_line

if TYPE_CHECKING:
    from contextvars import Context

    from .status import Log

MOST_TOLD = 50
"""How many messages of one call are shown."""


def name_message(said: Log) -> str:
    """Return the heading of a message: its own, or what it is."""
    return said.title or said.level.capitalize()


class Teller:
    """Shows the messages of one call.

    Args:
        cell: What makes them belong to the cell that made the call.
    """

    def __init__(self, cell: Context) -> None:
        self._cell = cell
        self._told = 0
        self._outputs: list[Output] = []

    def tell(self, name: str, said: Log) -> None:
        """Show a message of the app to the function of that name."""
        self._told += 1
        if self._told > MOST_TOLD + 1:
            return
        words, heading = said.text, name_message(said)
        data = {
            PLAIN: f"{heading}: {one_line(words, 1000)}",
            HTML: render_message(said.level, f"{name}: {heading}", words),
        }
        if self._told > MOST_TOLD:
            more = "… and more messages, which are not shown"
            data = {PLAIN: more, HTML: render_note(more)}
        # The kernel may be ending, and the call goes on all the same.
        with contextlib.suppress(Exception):
            self._outputs.append(self._cell.copy().run(Output, data))

    def take_back(self) -> None:
        """Show nothing more, as what shows the job itself does so."""
        self._told = MOST_TOLD + 1
        for output in self._outputs:
            with contextlib.suppress(Exception):
                output.update({PLAIN: "", HTML: ""})
