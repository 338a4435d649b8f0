"""Calling a function for each row: all rows are looked at first, and what comes is written.

Rule: of a million rows as few are in memory as are under way.
"""

from __future__ import annotations

import contextlib
import itertools
import operator
import time
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import click

from ..errors import ArgumentError
from ..progress_bar import show_wait
from ..text import one_line
from .failures import write_error
from .row_arguments import RowError
from .row_results import Outcome

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator

    from ..functions.function import Function
    from .row_arguments import RowArguments
    from .row_results import Results
    from .rows import Row, RowFile

MOST_PROBLEMS = 20
"""How many problems are shown; all are counted."""

MOST_EXTRA = 1000
"""How many columns a table of results has besides its own."""

# How often it is said how far it is.
_TELLING = 1000


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


class RowSource(NamedTuple):
    """Where rows come from.

    Attributes:
        file: The file that has them.
        arguments: Makes arguments of them.
        limit: How many of them are taken, if not all.
    """

    file: RowFile
    arguments: RowArguments
    limit: int | None = None

    def read(self) -> Iterator[Row]:
        """Yield the rows that are taken."""
        return itertools.islice(self.file.read(), self.limit)


class Checked(NamedTuple):
    """What is known of rows that were looked at.

    Attributes:
        rows: How many there are.
        extra: The names of their columns that are for no parameter, the first `MOST_EXTRA` and one.
    """

    rows: int
    extra: tuple[str, ...]


def check_rows(source: RowSource, function: Function) -> Checked:
    """Look at all rows; what is wrong with them is said, each problem on a line.

    Args:
        source: The rows.
        function: What will be called.

    Returns:
        What there is to know of them.

    Raises:
        click.UsageError: Something is wrong, and nothing was called.
    """
    if not function.endpoint.parameters:
        raise click.UsageError(f"{function.__name__}() has no parameters that rows could give")
    columns = source.file.read_columns()
    wrong = [] if columns is None else source.arguments.check_columns(columns)
    if wrong:
        raise click.UsageError(f"{source.file.name}: {'; '.join(wrong)}")
    checker = _Checker(source.file.name, source.arguments, function)
    with show_wait("auto") as say:
        for row in source.read():
            checker.check(row)
            if checker.rows % _TELLING == 0:
                say(f"looking at row {checker.rows:,}")
    checker.tell()
    return Checked(checker.rows, tuple(checker.extra))


class _Checker:
    """Looks at rows.

    Args:
        name: What they are in.
        arguments: Makes their arguments.
        function: What will be called.

    Attributes:
        rows: How many there were.
        extra: The names of their columns that are for no parameter, in their order.
    """

    def __init__(self, name: str, arguments: RowArguments, function: Function) -> None:
        self.rows = 0
        self.extra: dict[str, None] = {}
        self._name = name
        self._arguments = arguments
        self._function = function
        self._shown: list[str] = []
        self._problems = 0
        self._wrong = 0

    def check(self, row: Row) -> None:
        """Look at a row."""
        self.rows += 1
        found = self._find_problems(row)
        self._wrong += bool(found)
        self._problems += len(found)
        room = MOST_PROBLEMS - len(self._shown)
        self._shown += [f"{self._name}:{row.line}: {one_line(one, 500)}" for one in found[:room]]

    def tell(self) -> None:
        """Say what is wrong, and what may be.

        Raises:
            click.UsageError: Something is.
        """
        for line in self._shown:
            write_error(line)
        if self._problems > len(self._shown):
            write_error(f"... and {self._problems - len(self._shown):,} more")
        if self._problems:
            raise click.UsageError(
                f"{self._wrong:,} of {self.rows:,} rows can't be called; nothing was sent"
            )
        for name, meant in self._arguments.find_misspelled(self.extra).items():
            write_error(f"gradioproxy: {one_line(repr(name), 60)} is copied; is it for {meant!r}?")

    def _find_problems(self, row: Row) -> tuple[str, ...]:
        try:
            given = self._arguments.make(row)
            self._function.check(*given.values)
        except RowError as error:
            return error.problems
        except ArgumentError as error:
            return tuple(map(str, error.problems))
        for name in given.extra:
            if len(self.extra) <= MOST_EXTRA:
                self.extra[name] = None
        return ()


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
    feed = _Feed(source, rows)
    with results, tally:
        columns = feed.columns(len(function.endpoint.parameters))
        calls = function.map(*columns, **_spell(options))
        with contextlib.closing(cast("Generator[Any]", calls)):
            for value in calls:
                number, extra = feed.taken.popleft()
                failed = isinstance(value, Exception)
                kept = {"error": value} if failed else {"value": value}
                tally.count(written := results.write(Outcome(number, extra, **kept)))
                if written.error is not None and options.stop_on_error:
                    break
    return tally.failed > 0


def _spell(options: RowOptions) -> dict[str, Any]:
    """Return options as those of ``map``."""
    return {
        "errors": "keep",
        "concurrency": options.concurrency,
        "patience": options.patience,
    }


class Tally:
    """Counts what came of rows, and says so in the end: a context manager.

    Args:
        rows: How many there are.
        journal: The path of the journal, if there is one.

    Attributes:
        done: How many have a result.
        failed: How many have an error.
    """

    def __init__(self, rows: int, journal: str | None) -> None:
        self.done = self.failed = 0
        self._rows = rows
        self._journal = journal
        self._first: Outcome | None = None
        self._began = 0.0

    def __enter__(self) -> None:
        self._began = time.monotonic()

    def __exit__(self, _kind: object, error: BaseException | None, _traceback: object) -> None:
        if isinstance(error, BrokenPipeError):
            return  # whoever reads has seen enough
        write_error(f"gradioproxy: {self.describe(time.monotonic() - self._began)}")
        if error is not None and self._journal is None:
            write_error(
                "gradioproxy: with --journal FILE, the next time would begin where this ended"
            )
        elif error is not None:
            shown = one_line(self._journal)
            write_error(
                f"gradioproxy: the same command goes on from here; {shown} has what is done"
            )

    def count(self, outcome: Outcome) -> None:
        """Take note of what came of a row."""
        if outcome.error is None:
            self.done += 1
            return
        self.failed += 1
        self._first = self._first or outcome

    def describe(self, seconds: float) -> str:
        """Return what came of the rows in so many seconds."""
        known = self.done + self.failed
        parts = [f"{self.done:,} done"]
        parts += [f"{self.failed:,} failed"] if self.failed else []
        parts += [f"{self._rows - known:,} left"] if known < self._rows else []
        rate = known / seconds if seconds > 0 else 0
        text = f"{', '.join(parts)} in {seconds:.2f} s ({rate:.3g} rows a second)"
        if self._first is not None:
            text += f"; row {self._first.number} failed first: {one_line(self._first.error)}"
        return text


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

    def columns(self, number: int) -> list[Column]:
        """Return an iterable for each of so many parameters."""
        copies = itertools.tee(self._take(), number)
        return [
            Column(map(operator.itemgetter(place), copy), self._rows)
            for place, copy in enumerate(copies)
        ]

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


class Column:
    """The values of one parameter: their number is known, and they come once.

    Args:
        values: The values.
        length: Their number.
    """

    def __init__(self, values: Iterable[Any], length: int) -> None:
        self._values = values
        self._length = length

    def __iter__(self) -> Iterator[Any]:
        return iter(self._values)

    def __len__(self) -> int:
        return self._length
