"""Calling a function for each row, and writing what comes.

Rule: of a million rows as few are in memory as are under way.
"""

from __future__ import annotations

import contextlib
import itertools
import operator
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import click

from ..many.bar import MapBar
from ..many.mapping import LONGEST_SLEEP
from ..progress_bar import is_wanted
from .row_arguments import RowError
from .row_results import Outcome
from .row_tally import Tally

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from ..functions.function import Function
    from ..many.ledger import Outcome as MapOutcome
    from .row_checks import RowSource
    from .row_results import Results


@dataclass(frozen=True)
class RowOptions:
    """How rows are called.

    Attributes:
        concurrency: How many calls are under way at most; ``None`` for what `map` has.
        patience: Seconds for which a call may be refused.
        stop_on_error: Whether the first row that fails ends it.
        journal: The path of the journal, if there is one.
        retry_failed: Whether calls are made again that failed.
        repeat_unknown: Whether calls are made again of which nobody knows whether they ran.

    Raises:
        click.UsageError: There is no journal, and something is to be done with what it has.
    """

    concurrency: int | None = None
    patience: float = 300
    stop_on_error: bool = False
    journal: str | None = None
    retry_failed: bool = False
    repeat_unknown: bool = False

    def __post_init__(self) -> None:
        if self.journal is None and (self.retry_failed or self.repeat_unknown):
            option = "--retry-failed" if self.retry_failed else "--repeat-unknown"
            raise click.UsageError(f"{option} is about what is in a journal; --journal FILE")


def call_rows(
    source: RowSource, function: Function, results: Results, rows: int, options: RowOptions
) -> bool:
    """Call a function for each row, and write what comes; in the end, say how much of it came.

    Args:
        source: The rows.
        function: What is called.
        results: Writes what comes.
        rows: How many there are.
        options: How they are called.

    Returns:
        Whether some failed.

    Raises:
        click.UsageError: The rows are not those any more that were looked at.
        FileNotSaved, OSError: The results can't be written.
        JournalError: The journal can't be used.
    """
    tally = Tally(rows, options.journal)
    # Rows that come on a terminal show by themselves how far it is.
    watcher = _Watcher(function.__name__, rows, shown=not results.on_terminal)
    feed = _Feed(source, rows)
    with results, tally:
        columns = feed.columns(len(function.endpoint.parameters))
        calls = function.map(*columns, **_spell(options, watcher))
        with contextlib.closing(cast("Generator[Any]", calls)):
            for value in calls:
                number, extra = feed.taken.popleft()
                kept = {"error" if isinstance(value, Exception) else "value": value}
                written = results.write(Outcome(number, extra, **kept))
                tally.count(written, watcher.restored)
                if written.error is not None and options.stop_on_error:
                    break
    return tally.failed + tally.unknown > 0


def _spell(options: RowOptions, watcher: _Watcher) -> dict[str, Any]:
    """Return options as those of ``map``."""
    return {
        "errors": "keep",
        "concurrency": options.concurrency,
        "patience": options.patience,
        "journal": options.journal,
        "retry": "failed" if options.retry_failed else None,
        "repeat_unknown": options.repeat_unknown,
        "progress": watcher,
    }


class _Watcher:
    """Is told by a ``map`` how far it is, and shows it in a bar if anybody looks.

    Args:
        name: The function's name.
        rows: How many inputs there are.
        shown: Whether a terminal shows it.

    Attributes:
        restored: Of how many it was known before what came of them.
    """

    def __init__(self, name: str, rows: int, *, shown: bool) -> None:
        self._bar = MapBar(name, rows) if shown and is_wanted("auto") else None
        self.restored = 0

    @property
    def seconds(self) -> float:
        """How long to wait at most before it is drawn again."""
        return LONGEST_SLEEP if self._bar is None else self._bar.seconds

    def count(self, outcome: MapOutcome) -> None:
        """Take note of another input of which it is known what came of it."""
        self.restored += outcome.restored
        if self._bar is not None:
            self._bar.count(outcome)

    def draw(self) -> None:
        """Show how far it is."""
        if self._bar is not None:
            self._bar.draw()

    def close(self) -> None:
        """Show nothing any more."""
        if self._bar is not None:
            self._bar.close()


class _Feed:
    """Gives a ``map`` its iterables, one row at a time.

    Args:
        source: The rows.
        rows: How many of them were looked at; there are no others, also if there are more by now.

    Attributes:
        taken: The number of each row whose result is not there yet, and what else it had.
    """

    def __init__(self, source: RowSource, rows: int) -> None:
        self._source = source
        self._rows = rows
        self.taken: deque[tuple[int, dict[str, Any]]] = deque()

    def columns(self, number: int) -> list[Iterator[Any]]:
        """Return an iterable for each of so many parameters."""
        copies = enumerate(itertools.tee(self._take(), number))
        return [map(operator.itemgetter(place), copy) for place, copy in copies]

    def _take(self) -> Iterator[tuple[Any, ...]]:
        number = 0
        for row in itertools.islice(self._source.read(), self._rows):
            try:
                given = self._source.arguments.make(row)
            except RowError as error:
                raise self._build_error(f"line {row.line}: {error}") from error
            number = row.number
            self.taken.append((number, given.extra))
            yield given.values
        if number < self._rows:
            raise self._build_error(f"it had {self._rows:,} rows, and has {number:,}")

    def _build_error(self, reason: str) -> click.UsageError:
        return click.UsageError(f"{self._source.file.name} was changed meanwhile: {reason}")
