"""The rows of an input: comma-separated values below a header, or a JSON object on each line.

Rule: rows are read as often as somebody asks, and never are all of them in memory.
"""

from __future__ import annotations

import csv
import io
import itertools
import json
import shutil
import tempfile
from abc import ABC, abstractmethod
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NamedTuple, TypeVar

import click

from ..files.private import find_temporary_folder
from ..files.saving import NamedPath
from ..text import one_line
from .target import STANDARD_OUTPUT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .input import Input

T = TypeVar("T")

STANDARD_INPUT = STANDARD_OUTPUT

LONGEST = 1 << 26
"""How many characters a line, or a cell, may have: where a quotation mark is left open, the rest of
a file is one cell."""

_BLOCK = 1 << 18
_BEGINNING = 1 << 12
_JSON_NAMES = frozenset({".json", ".jsonl", ".ndjson"})
_TABLE_NAMES = frozenset({".csv", ".tsv"})
# What programs write instead of commas, where these stand in numbers.
_DELIMITERS = ("\t", ";")


class Row(NamedTuple):
    """A row of an input.

    Attributes:
        number: Which it is, from 1 on.
        line: The line of the input on which it begins, from 1 on.
        cells: What it has by the names of its columns: texts, or JSON values.
        problem: Why it is none, if so.
    """

    number: int
    line: int
    cells: dict[str, Any]
    problem: str = ""


class RowFile(ABC):
    """An input that is made of rows.

    Args:
        file: Its content, from its position on; it can be sought.
        name: What it is called for people.
        folder: Where the files are that it names by relative paths; ``None`` for the working one.
    """

    holds_texts: bool
    """Whether cells are texts, which stand for values."""

    _newline: str

    def __init__(self, file: IO[bytes], name: str, folder: Path | None) -> None:
        self.name = name
        self.folder = folder
        self._file = file
        self._start = file.tell()

    def read(self) -> Iterator[Row]:
        """Yield the rows, from the first one on.

        Raises:
            click.UsageError: The rest of it can't be read.
        """
        return self._read(self._parse)

    def _read(self, parse: Callable[[io.TextIOWrapper], Iterator[T]]) -> Iterator[T]:
        """Yield what is found in the text from its beginning on."""
        self._file.seek(self._start)
        # Spreadsheets begin a text with a mark.
        text = io.TextIOWrapper(self._file, "utf-8-sig", newline=self._newline)
        try:
            yield from parse(text)
        except UnicodeDecodeError as error:
            raise click.UsageError(f"{self.name} is no text in UTF-8") from error
        finally:
            if not self._file.closed:  # as where a command ends before its rows do
                text.detach()  # or it would close the file

    @abstractmethod
    def read_columns(self) -> tuple[str, ...] | None:
        """Return the names of the columns of every row; ``None`` where each row has its own.

        Raises:
            click.UsageError: There are none, or one is there twice.
        """

    @abstractmethod
    def _parse(self, text: io.TextIOWrapper) -> Iterator[Row]:
        """Yield the rows of a text."""

    def _read_lines(self, text: io.TextIOWrapper) -> Iterator[str]:
        for number in itertools.count(1):
            line = text.readline(LONGEST)
            if not line:
                return
            if len(line) == LONGEST:
                raise click.UsageError(f"{self.name}:{number}: a line of {LONGEST:,} characters")
            yield line


class TableFile(RowFile):
    """Comma-separated values; the first line has the names of the columns.

    Args:
        file: As `RowFile` has it.
        name: What it is called for people.
        folder: As `RowFile` has it.
        has_tabs: Whether its name says that tabs are between its cells.
    """

    holds_texts = True
    _newline = ""

    def __init__(
        self, file: IO[bytes], name: str, folder: Path | None, *, has_tabs: bool = False
    ) -> None:
        super().__init__(file, name, folder)
        self._has_tabs = has_tabs

    def read_columns(self) -> tuple[str, ...]:
        """Return the names in the header."""
        (columns,) = self._read(self._parse_columns)
        return columns

    def _parse_columns(self, text: io.TextIOWrapper) -> Iterator[tuple[str, ...]]:
        yield self._read_header(self._read_lines(text))[1]

    def _parse(self, text: io.TextIOWrapper) -> Iterator[Row]:
        reader, columns = self._read_header(self._read_lines(text))
        number, before = 0, reader.line_num
        try:
            for cells in reader:
                line, before = before + 1, reader.line_num
                if not cells:
                    continue  # a blank line
                number += 1
                problem = ""
                if len(cells) != len(columns):
                    problem = f"it has {len(cells)} cells, and the header has {len(columns)}"
                yield Row(number, line, dict(zip(columns, cells)), problem)  # noqa: B905 - as said
        except csv.Error as error:
            raise click.UsageError(f"{self.name}:{before + 1}: {one_line(error)}") from error

    def _read_header(self, lines: Iterator[str]) -> tuple[Any, tuple[str, ...]]:
        """Return a reader of the rows, and the names of their columns."""
        csv.field_size_limit(LONGEST)
        first = next(lines, "")
        delimiter = "\t" if self._has_tabs else ","
        if delimiter not in first:
            delimiter = next((one for one in _DELIMITERS if one in first), ",")
        reader = csv.reader(itertools.chain([first], lines), delimiter=delimiter, strict=True)
        try:
            columns = tuple(name.strip() for name in next(reader, []))
        except csv.Error as error:
            raise click.UsageError(f"{self.name}:1: {one_line(error)}") from error
        if not any(columns):
            raise click.UsageError(f"{self.name} has no header: a first line with parameters")
        # As pandas writes the numbers of its rows, unless it is told `index=False`.
        columns = tuple(name or f"column_{place}" for place, name in enumerate(columns, 1))
        twice = [name for place, name in enumerate(columns) if name in columns[:place]]
        if twice:
            raise click.UsageError(f"{self.name} has two columns {one_line(repr(twice[0]), 60)}")
        return reader, columns


class ObjectFile(RowFile):
    """JSON lines: an object on each."""

    holds_texts = False
    _newline = "\n"

    def read_columns(self) -> None:
        """Return nothing: each row says what it has."""

    def _parse(self, text: io.TextIOWrapper) -> Iterator[Row]:
        number = 0
        for line, content in enumerate(self._read_lines(text), 1):
            if not content.strip():
                continue
            number += 1
            try:
                made = json.loads(content)
            except (ValueError, RecursionError) as error:
                yield Row(number, line, {}, f"it is no JSON: {one_line(error)}")
                continue
            if isinstance(made, dict):
                yield Row(number, line, made)
            else:
                yield Row(number, line, {}, 'it is no object, such as {"parameter": "value"}')


def open_rows(path: str, source: Input, context: click.Context) -> RowFile:
    """Open an input, and find out what it is made of.

    Args:
        path: Where it is; ``-`` for standard input.
        source: Standard input.
        context: The command's, with which it is closed.

    Returns:
        The input. It is JSON if its name says so, or if it begins with a brace and its name does
        not say that it is a table.

    Raises:
        click.UsageError: It can't be read, or is a JSON value as a whole.
        FileNotSaved: It can't be sought, and there is no room for a copy that can.
    """
    folder = None
    name = "standard input" if path == STANDARD_INPUT else one_line(path)
    try:
        if path == STANDARD_INPUT:
            file = source.open("--input")
        else:
            file = Path(path).open("rb")  # noqa: SIM115 - closed with the command
            context.call_on_close(file.close)
            if Path(path).is_file():
                folder = Path(path).absolute().parent
        if not file.seekable():
            file = context.with_resource(_spool(file))
        start = file.tell()
        beginning = file.read(_BEGINNING).removeprefix(b"\xef\xbb\xbf").lstrip()
        file.seek(start)
    except OSError as error:
        raise click.UsageError(f"--input: {name}: {error.strerror or error}") from error
    suffix = Path(path).suffix.lower()
    if suffix in _TABLE_NAMES:
        return TableFile(file, name, folder, has_tabs=suffix == ".tsv")
    if beginning.startswith(b"[") and (suffix in _JSON_NAMES or suffix == ""):
        raise click.UsageError(f"{name} is a list; jq -c '.[]' makes lines of its objects")
    is_json = suffix in _JSON_NAMES or beginning.startswith(b"{")
    return (ObjectFile if is_json else TableFile)(file, name, folder)


def _spool(file: IO[bytes]) -> IO[bytes]:
    """Return a copy of what can be read once, in a temporary file without a name."""
    folder = find_temporary_folder()
    with NamedPath(folder, own=True):
        copy = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - closed with the command
        try:
            shutil.copyfileobj(file, copy, _BLOCK)
            copy.seek(0)
        except BaseException:
            copy.close()
            raise
    return copy
