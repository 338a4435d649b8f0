"""What comes of rows, as it is written: a line for each, in their order, as soon as it is there.

Paths of files are relative to the folder of what is written, as those of an input are to its own.
Without one, as on standard output, files go to a temporary folder, and their paths are whole.
"""

from __future__ import annotations

import contextlib
import csv
import io
import os
import re
import sys
import tempfile
from abc import ABC, abstractmethod
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING, Any, Literal, NamedTuple

import click

from ..errors import FileNotSaved, GradioProxyError
from ..files.saving import NamedPath
from ..functions.naming import field_names
from ..text import one_line
from ..values.simplify import find_files, simplify, write_json
from .output import print_text
from .target import STANDARD_OUTPUT, check_target, is_device

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from typing_extensions import Self

    from ..files.file import File
    from ..schema.endpoint import Endpoint

Form = Literal["csv", "jsonl"]

_FORMS: dict[str, Form] = {".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "jsonl"}
_IN_FOLDER = "results.jsonl"
_SINGLE = "result"
# The columns that every table of results has, at its beginning and its end.
_OWN = ("row", "error")
_LONGEST_SUFFIX = 20
# What spreadsheets take for the beginning of a formula, which could be a stranger's; a number, as
# JSON writes it, is none.
_FORMULA = re.compile(r"(?!-?\d+(\.\d+)?([eE][+-]?\d+)?$)[=+\-@\t\r]", re.ASCII)


class Outcome(NamedTuple):
    """What came of a row.

    Attributes:
        number: Which it is, from 1 on.
        extra: What its other columns had, by their names.
        value: What the function returned.
        error: What it failed with instead.
    """

    number: int
    extra: Mapping[str, Any]
    value: Any = None
    error: BaseException | None = None


class Place(NamedTuple):
    """Where results go.

    Attributes:
        path: The file that is written; ``None`` for standard output.
        files: The folder for files; ``None`` for a temporary one.
        form: How rows are written.
    """

    path: Path | None
    files: Path | None
    form: Form


def plan_results(target: str | None, form: Form | None) -> Place:
    """Say where the results of rows will go.

    Args:
        target: What the caller chose, if anything, as `target.parse_target` has it: a file, or a
            folder, which ends with a slash unless it is there.
        form: How rows are to be written, if the caller chose it.

    Raises:
        click.UsageError: It can't be written, or nothing says how.
    """
    if target is None or target == STANDARD_OUTPUT:
        return Place(None, None, form or "jsonl")
    path = Path(target)
    if path.is_dir() or target.endswith(("/", os.sep)):
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise click.UsageError(f"-o {target}: {error.strerror}") from error
        file = path / (f"{_SINGLE}s.csv" if form == "csv" else _IN_FOLDER)
        check_target(file)
        return Place(file, path, form or "jsonl")
    found = form or _FORMS.get(path.suffix.lower())
    if found is None:
        raise click.UsageError(
            f"-o {target}: its name ends in .csv or .jsonl, or --format says which; "
            "a folder ends with a slash"
        )
    check_target(path)
    return Place(path, None if is_device(path) else _name_folder(path), found)


def _name_folder(path: Path) -> Path:
    """Return the folder for files beside what is written."""
    made = path.with_suffix(".files")
    return made if made != path else path.with_name(f"{path.name}.files")


class Results(ABC):
    """Writes what comes of rows: a context manager.

    What was there before goes when the first row is written, or all is done and there was none.

    Args:
        place: Where it goes.
        width: How many digits the number of a row has in the names of files.
    """

    def __init__(self, place: Place, width: int) -> None:
        self._place = place
        self._width = width
        self._files = place.files
        self._file: IO[bytes] | None = None
        self._is_open = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, _error: object, _traceback: object) -> None:
        try:
            if kind is None:
                self._open()  # there may have been no row
        finally:
            self._close()

    def _open(self) -> None:
        """Open what is written, if that is not done yet: until there is a row, nothing is lost."""
        if self._is_open:
            return
        path = self._place.path
        if path is not None:
            with NamedPath(path):
                self._file = path.open("wb")
        self._is_open = True
        self._begin()

    def _close(self) -> None:
        """Close what is written; each line is there, or it was said that it is not."""
        if self._file is not None:
            with contextlib.suppress(OSError):
                self._file.close()

    @property
    def on_terminal(self) -> bool:
        """Whether a person sees each row as it comes."""
        return self._place.path is None and sys.stdout.isatty()

    def write(self, outcome: Outcome) -> Outcome:
        """Save the files of a result, and write it.

        Returns:
            What was written: an error where a file did not come.

        Raises:
            FileNotSaved, OSError: It can't be written.
        """
        self._open()
        paths: dict[str, str] = {}
        try:
            for name, part in _split_fields(outcome.value):
                self._save(f"{outcome.number:0{self._width}}-{name}", part, paths)
        except GradioProxyError as error:
            if isinstance(error, FileNotSaved):
                raise
            outcome = outcome._replace(value=None, error=error)
        self._add(outcome, paths)
        return outcome

    @abstractmethod
    def _begin(self) -> None:
        """Write what stands above the rows."""

    @abstractmethod
    def _add(self, outcome: Outcome, paths: Mapping[str, str]) -> None:
        """Write what came of a row, whose files are at these paths by their addresses."""

    def _save(self, stem: str, part: Any, paths: dict[str, str]) -> None:
        """Save the files of a field, and add their paths by their addresses."""
        files = {file.url: file for file in find_files(part)}
        for number, (url, file) in enumerate(files.items(), 1):
            if url not in paths:
                numbered = stem if len(files) == 1 else f"{stem}-{number}"
                paths[url] = self._save_file(file, numbered + _find_suffix(file))

    def _save_file(self, file: File, name: str) -> str:
        if self._files is None:
            self._files = Path(tempfile.mkdtemp(prefix="gradioproxy-"))
        with NamedPath(self._files):
            self._files.mkdir(exist_ok=True)
        path = file.save(self._files / name)
        kept = self._place.path
        return str(path) if kept is None else _relate(path, kept.parent)

    def _print(self, line: str) -> None:
        if self._file is None or self._place.path is None:
            print_text(line)
            return
        with NamedPath(self._place.path):
            self._file.write(f"{line}\n".encode("utf-8", "replace"))
            self._file.flush()


class ObjectResults(Results):
    """JSON lines: ``row``, what else the row had as ``input``, and ``result`` or ``error``."""

    def _begin(self) -> None:
        """Write nothing."""

    def _add(self, outcome: Outcome, paths: Mapping[str, str]) -> None:
        line: dict[str, Any] = {"row": outcome.number}
        if outcome.extra:
            line["input"] = simplify(outcome.extra, {})
        if outcome.error is None:
            line["result"] = simplify(outcome.value, paths)
        else:
            line["error"] = _describe_error(outcome.error)
        self._print(write_json(line))


class TableResults(Results):
    """Comma-separated values: ``row``, what else the row had, the result's fields, ``error``.

    Args:
        place: Where they go.
        width: As `Results` has it.
        fields: The names of the result's fields.
        extra: The names of the other columns of the rows.
    """

    def __init__(
        self, place: Place, width: int, fields: Sequence[str], extra: Sequence[str]
    ) -> None:
        super().__init__(place, width)
        self._fields = fields
        self._extra = extra

    def _begin(self) -> None:
        fields = _name_apart(self._fields, _OWN, "result_")
        names = _name_apart(self._extra, [*_OWN, *fields], "input_")
        first, last = _OWN
        self._print(_join_cells([first, *names, *fields, last]))

    def _add(self, outcome: Outcome, paths: Mapping[str, str]) -> None:
        parts = dict(_split_fields(outcome.value))
        cells = [_write_cell(simplify(outcome.extra.get(name), {})) for name in self._extra]
        results = [_write_cell(simplify(parts.get(name), paths)) for name in self._fields]
        failure = "" if outcome.error is None else _name_error(outcome.error)
        guarded = [_guard(cell) for cell in [*results, failure]]
        self._print(_join_cells([str(outcome.number), *cells, *guarded]))


def make_results(place: Place, endpoint: Endpoint, extra: Sequence[str], rows: int) -> Results:
    """Return what writes the results of an endpoint.

    Args:
        place: Where they go.
        endpoint: What is called.
        extra: The names of the columns that are for no parameter.
        rows: How many rows there are.
    """
    width = max(6, len(str(rows)))  # the same for most, so that files keep their names
    if place.form == "jsonl":
        return ObjectResults(place, width)
    several = len(endpoint.results) > 1
    fields = field_names(endpoint) if several else [_SINGLE] * len(endpoint.results)
    return TableResults(place, width, fields, extra)


def _name_apart(names: Sequence[str], others: Sequence[str], prefix: str) -> list[str]:
    """Return names, with a prefix where others are called the same."""
    used, found = {*others}, []
    for name in names:
        made = name
        while made in used or (made != name and made in names):
            made = f"{prefix}{made}"
        used.add(made)
        found.append(made)
    return found


def _split_fields(value: Any) -> list[tuple[str, Any]]:
    """Return the parts of a result with their names."""
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return [*zip(value._fields, value, strict=True)]
    return [(_SINGLE, value)]


def _find_suffix(file: File) -> str:
    """Return what the name of a file ends in, by which programs go."""
    suffix = PurePosixPath(file.name).suffix
    return suffix if len(suffix) <= _LONGEST_SUFFIX else ""


def _relate(path: Path, folder: Path) -> str:
    return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else str(path)


def _describe_error(error: BaseException) -> dict[str, Any]:
    found: dict[str, Any] = {"type": type(error).__name__, "message": str(error)}
    if isinstance(error, GradioProxyError):
        found["may_have_run"] = error.may_have_run
    return found


def _name_error(error: BaseException) -> str:
    return f"{type(error).__name__}: {one_line(error, 10_000)}"


def _write_cell(plain: Any) -> str:
    """Return a value, as JSON has it, as the text of a cell."""
    if plain is None:
        return ""
    return plain if isinstance(plain, str) else write_json(plain)


def _guard(text: str) -> str:
    """Return a text of which no spreadsheet makes a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def _join_cells(cells: Sequence[str]) -> str:
    """Return a line of comma-separated values, without its end."""
    text = io.StringIO()
    # Of this end of lines, either half within a cell is quoted.
    csv.writer(text, lineterminator="\r\n").writerow(cells)
    return text.getvalue().removesuffix("\r\n")
