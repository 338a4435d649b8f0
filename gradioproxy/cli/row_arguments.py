"""The arguments that the rows of an input give to a function.

Rule: a cell stands for nothing but itself. No text in it is an option, names standard input or a
file that is read; it names a file that goes up where the parameter takes one.
"""

from __future__ import annotations

import inspect
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from ..files.source import from_data_url
from ..functions.naming import parameter_names
from ..functions.value_shapes import input_shape
from ..schema import shape as shapes
from ..suggest import find_nearest
from ..text import one_line
from ..values.union import expand
from .arguments import convert_cell, read_argument, takes_path
from .rows import STANDARD_INPUT

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from ..functions.function import Function
    from ..schema.endpoint import Endpoint, Parameter
    from ..schema.shape import Shape
    from .input import Input
    from .rows import Row

_BLANKS = re.compile(r"[-\s]+")
_WEB = ("http://", "https://")
_LISTED = 10


class RowError(ValueError):
    """A row gives a function no arguments that it takes; ``problems`` lists why."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(self.problems))


class Given(NamedTuple):
    """What a row gives.

    Attributes:
        values: A value for each parameter of the function.
        extra: What is in other columns, by their names.
    """

    values: tuple[Any, ...]
    extra: dict[str, Any]


@dataclass(frozen=True, eq=False)
class _Column:
    """A parameter, as cells give it.

    Attributes:
        name: Its name in Python.
        parameter: The parameter.
        shape: What it takes.
        default: What stands for leaving it out.
    """

    name: str
    parameter: Parameter
    shape: Shape
    default: Any


@dataclass
class _Match:
    """Which columns are for which parameters.

    Attributes:
        columns: What each column is for.
        extra: Those that are for none.
        problems: What is wrong with them.
    """

    columns: dict[str, _Column] = field(default_factory=dict)
    extra: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


class RowArguments:
    """Makes arguments of rows.

    Args:
        function: The function.
        constants: What its parameters are given in every row, by their names.
        folder: Where the files are that rows name by relative paths; ``None`` for the working one.
        texts: Whether cells are texts, which stand for values, or values.
        passes: Whether there may be columns that are for no parameter.
    """

    def __init__(
        self,
        function: Function,
        constants: Mapping[str, Any],
        *,
        folder: Path | None,
        texts: bool,
        passes: bool,
    ) -> None:
        endpoint = function.endpoint
        taken = inspect.signature(function).parameters
        self._columns = {
            name: _Column(name, parameter, input_shape(parameter), taken[name].default)
            for name, parameter in zip(parameter_names(endpoint), endpoint.parameters, strict=True)
        }
        self._constants = constants
        self._folder = folder
        self._texts = texts
        self._passes = passes
        self._matched: tuple[tuple[str, ...], _Match] = (), _Match()

    def check_columns(self, columns: Iterable[str]) -> list[str]:
        """Return what is wrong with the columns that all rows have, as far as it is."""
        return self._match(tuple(columns)).problems

    def find_misspelled(self, extra: Iterable[str]) -> dict[str, str]:
        """Return which parameter may be meant by columns that are for none, if one may be."""
        found = {name: find_nearest(name, self._columns) for name in extra}
        return {name: near[0] for name, near in found.items() if near}

    def make(self, row: Row) -> Given:
        """Return what a row gives.

        Raises:
            RowError: It is none, its columns are wrong, or its cells can't be what is taken.
        """
        if row.problem:
            raise RowError([row.problem])
        match = self._match(tuple(row.cells))
        problems = [*match.problems]
        values = {name: column.default for name, column in self._columns.items()}
        values.update(self._constants)
        for key, column in match.columns.items():
            values[column.name] = self._try_cell(column, row.cells[key], problems)
        if problems:
            raise RowError(problems)
        return Given(tuple(values.values()), {key: row.cells[key] for key in match.extra})

    def _try_cell(self, column: _Column, value: Any, problems: list[str]) -> Any:
        """Return what a cell stands for, or add why it is nothing that is taken."""
        try:
            return self._convert(column, value)
        except ValueError as error:
            problems.append(str(error))
            return None

    def _convert(self, column: _Column, value: Any) -> Any:
        if self._texts and not value:
            if not column.parameter.has_default:
                raise ValueError(f"{column.name}: it is empty, and there is no default for it")
            return column.default
        if self._texts:
            try:
                value = convert_cell(column.parameter, column.shape, value, column.name)
            except click.UsageError as error:
                raise ValueError(error.message) from error
        if self._folder is not None and shapes.has_file(column.parameter.shape):
            return place_paths(column.parameter.shape, value, self._folder)
        return value

    def _match(self, columns: tuple[str, ...]) -> _Match:
        """Return what columns are for; the same ones come again and again."""
        if self._matched[0] != columns or not columns:
            self._matched = columns, self._find_match(columns)
        return self._matched[1]

    def _find_match(self, columns: tuple[str, ...]) -> _Match:
        match = _Match()
        given: dict[str, str] = dict.fromkeys(self._constants, "--set")
        for key in columns:
            column = self._columns.get(key) or self._columns.get(_BLANKS.sub("_", key.strip()))
            if column is None:
                match.extra.append(key)
            elif column.name in given:
                both = f"{given[column.name]} and {_quote(key)}"
                match.problems.append(f"{column.name} is given twice, by {both}")
            else:
                given[column.name] = _quote(key)
                match.columns[key] = column
        if match.extra and not self._passes:
            unknown = match.extra[:_LISTED]
            match.problems += [_describe_unknown(key, self._columns) for key in unknown]
            match.problems[-1] += " (--pass-through copies such columns to the results)"
        match.problems += [
            f"{name} is missing, and has no default"
            for name, column in self._columns.items()
            if name not in given and not column.parameter.has_default
        ]
        return match


def read_constants(
    endpoint: Endpoint, texts: Iterable[str], standard_input: Input
) -> dict[str, Any]:
    """Return what parameters are given in every row.

    Args:
        endpoint: The endpoint.
        texts: ``PARAM=VALUE``, where the value is as for an option of ``call``.
        standard_input: Standard input.

    Raises:
        click.UsageError: There is no such parameter, or its value can't be read.
    """
    parameters = dict(zip(parameter_names(endpoint), endpoint.parameters, strict=True))
    given: dict[str, list[str]] = {}
    for text in texts:
        key, equals, value = text.partition("=")
        name = key if key in parameters else _BLANKS.sub("_", key.strip())
        if not equals:
            raise click.UsageError(f"--set takes PARAM=VALUE, not {_quote(text)}")
        if name not in parameters:
            raise click.UsageError(f"--set: {_describe_unknown(key, parameters)}")
        given.setdefault(name, []).append(value)
    return {
        name: _read_constant(name, parameters[name], values, standard_input)
        for name, values in given.items()
    }


def _read_constant(name: str, parameter: Parameter, texts: list[str], standard_input: Input) -> Any:
    option = f"--set {name}"
    if len(texts) > 1 and not isinstance(input_shape(parameter), shapes.Array):
        raise click.UsageError(f"{option}: given twice")
    if takes_path(parameter) and STANDARD_INPUT in texts:
        raise click.UsageError(f"{option}: standard input is no file that every row could have")
    return read_argument(parameter, texts, option, standard_input)


def place_paths(shape: Shape, value: Any, folder: Path) -> Any:
    """Return a value with the relative paths in it as those of files below a folder.

    Args:
        shape: What the value is to be.
        value: The value, as JSON has it.
        folder: The folder.

    Returns:
        The same, with absolute paths where a text is a file; URLs stay what they are.
    """
    if not shapes.has_file(shape) or not isinstance(value, str | list | dict):
        return value
    shape, value = expand(shape, value)
    if isinstance(value, str):
        is_path = isinstance(shape, shapes.File) and not value.startswith(_WEB)
        return str(folder / value) if is_path and from_data_url(value) is None else value
    parts = _pair_parts(shape, value)
    if isinstance(value, list):
        return [place_paths(inner, part, folder) for inner, part in parts]
    if isinstance(value, dict):
        placed = (place_paths(inner, part, folder) for inner, part in parts)
        return dict(zip(value, placed, strict=True))
    return value


def _pair_parts(shape: Shape, value: Any) -> list[tuple[Shape, Any]]:
    """Return the items of a list, or the values of an object, each with what it is to be."""
    parts = [*value.values()] if isinstance(value, dict) else value
    inner: list[Shape] = [shapes.ANYTHING] * len(parts)
    match shape:
        case shapes.Array(item) if isinstance(value, list):
            inner = [item] * len(parts)
        case shapes.FixedArray(items) if isinstance(value, list) and len(items) == len(parts):
            inner = [*items]
        case shapes.Dictionary(one) if isinstance(value, dict):
            inner = [one] * len(parts)
        case shapes.Object(_, fields, _) if isinstance(value, dict):
            known = {part.name: part.shape for part in fields}
            inner = [known.get(key, shapes.ANYTHING) for key in value]
    return [*zip(inner, parts, strict=True)]


def _describe_unknown(key: str, names: Iterable[str]) -> str:
    near = find_nearest(key, names)
    hint = f"did you mean {near[0]!r}?" if near else f"there are {one_line(', '.join(names), 300)}"
    return f"there is no parameter {_quote(key)}, {hint}"


def _quote(text: str) -> str:
    return one_line(repr(text), 60)
