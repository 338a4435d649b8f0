"""Looking at rows before any is called: what is wrong with which of them is said, all of it."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, NamedTuple

import click

from ..errors import ArgumentError
from ..progress_bar import show_wait
from ..text import one_line
from .failures import write_error
from .row_arguments import RowError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..functions.function import Function
    from .row_arguments import RowArguments
    from .rows import Row, RowFile

MOST_PROBLEMS = 20
"""How many problems are shown; all are counted."""

MOST_EXTRA = 1000
"""How many columns a table of results has besides its own."""

# How often it is said how far it is.
_TELLING = 1000


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
