"""What came of the rows, counted, and said when all came or it ended before."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from ..errors import GradioProxyError
from ..many.entry import find_state
from ..text import one_line
from .failures import write_error

if TYPE_CHECKING:
    from .row_results import Outcome


class Tally:
    """Counts what came of rows, and says so in the end: a context manager.

    Args:
        rows: How many there are.
        journal: The path of the journal, if there is one.

    Attributes:
        done: How many have a result.
        failed: How many have an error.
        unknown: How many may have run, and nobody knows what came of them.
        restored: How many of these were known before, from the journal.
    """

    def __init__(self, rows: int, journal: str | None) -> None:
        self.done = self.failed = self.unknown = self.restored = 0
        self._rows = rows
        self._journal = journal
        self._first: Outcome | None = None
        self._began = 0.0

    def __enter__(self) -> None:
        self._began = time.monotonic()

    def __exit__(self, _kind: object, error: BaseException | None, _traceback: object) -> None:
        if isinstance(error, BrokenPipeError):
            return  # whoever reads has seen enough
        if not self.known and isinstance(error, Exception):
            return  # it did not begin, and the error says why
        write_error(f"gradioproxy: {self.describe(time.monotonic() - self._began)}")
        hint = self._find_hint(ended=error is None)
        if hint:
            write_error(f"gradioproxy: {hint}")

    def _find_hint(self, *, ended: bool) -> str:
        """Return what can be done about rows that have no result, if anything can."""
        if not ended and self._journal is None:
            return "with --journal FILE, the next time would begin where this ended"
        if not ended:
            return f"the same command goes on from here; {one_line(self._journal)} has what is done"
        again = {"--retry-failed": self.failed, "--repeat-unknown": self.unknown}
        options = [option for option, count in again.items() if count and self._journal is not None]
        return f"the same command with {' '.join(options)} makes these again" if options else ""

    def count(self, outcome: Outcome, restored: int = 0) -> None:
        """Take note of what came of a row, and of how many it was known before."""
        error = outcome.error
        if error is None:
            self.done += 1
        elif _may_have_run(error):
            self.unknown += 1
        else:
            self.failed += 1
        # Some are known before those that stand before them.
        self.restored = min(restored, self.known)
        if error is not None:
            self._first = self._first or outcome

    @property
    def known(self) -> int:
        """Of how many it is known what came of them."""
        return self.done + self.failed + self.unknown

    def describe(self, seconds: float) -> str:
        """Return what came of the rows in so many seconds."""
        counts = {
            "failed": self.failed,
            "unknown": self.unknown,
            "from the journal": self.restored,
            "left": self._rows - self.known,
        }
        parts = [f"{self.done:,} done"]
        parts += [f"{count:,} {name}" for name, count in counts.items() if count]
        text = f"{', '.join(parts)} in {seconds:.2f} s"
        made = self.known - self.restored
        if made and seconds > 0:
            text += f" ({made / seconds:.3g} calls a second)"
        if self._first is not None:
            text += f"; row {self._first.number} failed first: {one_line(self._first.error)}"
        return text


def _may_have_run(error: BaseException) -> bool:
    """Tell whether nobody knows what came of a call, as a journal has it."""
    sent = isinstance(error, GradioProxyError) and error.may_have_run
    return find_state(error, sent=sent) == "unknown"
