"""Tables as callers have them, made into the ones that the app's page sends."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..builtin import is_missing, to_builtin
from ..schema.shape import TEXT, Array, Object, Reference, Union
from ..text import one_line, render_count
from .kinds import is_list

if TYPE_CHECKING:
    from ..schema.endpoint import Parameter

_TABLE_TAKES = (
    "it takes a DataFrame, rows, dictionaries, a dictionary of columns, a two-dimensional array, "
    "or {'headers': [...], 'data': [[...]]}"
)
# What some version or other has in a table.
_IN_TABLES = frozenset({"headers", "data", "metadata", "range"})


def objects_in(shape: object) -> list[Object]:
    """Return the objects that a value of a shape, or an item of a list of that shape, can be."""
    found: list[Object] = []
    todo, seen = [shape], set[int]()
    while todo:
        one = todo.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        match one:
            case Object():
                found.append(one)
            case Array(item):
                todo.append(item)
            case Union(members):
                todo += reversed(members)
            case Reference() if isinstance(one.target, Object):
                todo.append(one.target)
            case _:
                pass
    return found


def read_table(value: Any, parameter: Parameter, *, validate: bool = True) -> Any:
    """Return headers and rows; what is missing or no number in a cell becomes ``null``."""
    fields = {
        field.name: field.shape for made in objects_in(parameter.shape) for field in made.fields
    }
    rest = {"metadata": None} if "metadata" in fields else {}
    if _is_table_value(value, fields):
        # What no version knows is nothing to most, and an error in 3.50.
        known = {*fields, *_IN_TABLES} if fields else value.keys()
        rest = {key: item for key, item in value.items() if key in known}
        headers, rows = value.get("headers"), read_rows(value["data"])
        if headers is None and "headers" in value:
            return {**rest, "data": [[_read_cell(cell) for cell in row] for row in rows]}
    else:
        headers, rows = _read_columns(value)
    width = max(map(len, rows), default=0)
    if validate:
        _check_width(parameter, headers, rows)
    if headers is None:
        headers = _own_headers(parameter, width)
    if _takes_text(fields.get("headers")):
        headers = [str(header) for header in headers]
    cells = [[_read_cell(cell) for cell in row] for row in rows]
    return {**rest, "headers": [to_builtin(header) for header in headers], "data": cells}


def check_no_table(parameter: Parameter) -> None:
    """Do nothing, if a component takes ``None`` for a table.

    Raises:
        ValueError: It is Gradio's own, which fails at it in every version.
    """
    own = parameter.component.lower() == parameter.kind
    if own and not (parameter.has_default and parameter.default is None):
        raise ValueError(_TABLE_TAKES)


def _takes_text(headers: object) -> bool:
    """Tell whether headers are texts; where the page has numbers, too, the app wants text."""
    match headers:
        case Array(Union(members)):
            return TEXT in members
        case _:
            return headers == Array(TEXT)


def _is_table_value(value: Any, fields: Mapping[str, Any]) -> bool:
    """Tell whether a value is a table as the server writes it, and no dictionary of columns.

    Versions differ in what else they put into a table.
    """
    if not isinstance(value, Mapping) or "data" not in value:
        return False
    if value.keys() <= {*fields, *(_IN_TABLES if "headers" in value else {"data"})}:
        return True
    # In a column there are cells, and no rows.
    rows = to_builtin(value["data"])
    return "headers" in value and is_list(rows) and all(is_list(to_builtin(row)) for row in rows)


def _check_width(parameter: Parameter, headers: list[Any] | None, rows: list[list[Any]]) -> None:
    """Do nothing, unless rows are no rows of a table with these headers.

    Raises:
        ValueError: One is longer than the headers, which only lists and arrays take; or all are
            shorter, which no DataFrame can be made of. Or there are no headers, and they are no
            rows of the table on the page.
    """
    widths = list(map(len, rows))
    if headers is not None:
        width = max(widths, default=0)
        constraints = parameter.constraints
        wrong = width > len(headers) and not constraints.takes_long_rows
        if wrong or (0 < width < len(headers) and constraints.names_columns):
            raise ValueError(
                f"a row has {render_count(width, 'cell')}, and there are {len(headers)} headers"
            )
        return
    own, count = _own_headers(parameter, 0), parameter.constraints.columns
    if count is not None:
        odd = next((width for width in widths if width != count), None)
    else:
        count = _find_least_width(parameter, own)
        odd = next((width for width in widths if 0 < width < count), None)
    if odd is None:
        return
    names = one_line(", ".join(map(str, own))) if len(own) == count else ""
    raise ValueError(
        f"a row has {render_count(odd, 'cell')}, and the table {render_count(count, 'column')}"
        f"{f' ({names})' if names else ''}; "
        "a DataFrame or dictionaries say which columns they are"
    )


def _find_least_width(parameter: Parameter, own: list[Any]) -> int:
    """Return how many cells a row without headers has at least, where its columns can change.

    A column can be added on the page, which gets a number. But which one a missing cell belongs to
    is not known where the columns have names, unless a function gives the table others. Lists and
    arrays have no names.
    """
    numbered = [str(header) for header in own] == [str(n + 1) for n in range(len(own))]
    free = numbered or parameter.changeable or not parameter.constraints.names_columns
    return 0 if free else len(own)


def _read_cell(value: Any) -> Any:
    if type(value) in {str, int, bool}:
        return value  # most are, and there can be millions
    return None if is_missing(value) else to_builtin(value)


def _read_columns(value: Any) -> tuple[list[Any] | None, list[list[Any]]]:
    """Return what is in a table of any kind; without headers where it has none."""
    if hasattr(value, "to_frame"):  # a column alone
        value = value.to_frame()
    if hasattr(value, "columns") and hasattr(value, "rows"):  # as polars has them
        return list(value.columns), read_rows(value.rows())
    if hasattr(value, "columns") and hasattr(value, "to_dict"):  # as pandas has them
        split = value.to_dict(orient="split")
        names = [" ".join(map(str, n)) if isinstance(n, tuple) else n for n in split["columns"]]
        return names, split["data"]
    if isinstance(value, Mapping):
        columns = [list(column) for column in map(to_builtin, value.values()) if is_list(column)]
        if len(columns) < len(value) or len({len(column) for column in columns}) > 1:
            raise ValueError(f"{_TABLE_TAKES}; columns are lists of one length")
        return list(value), [list(row) for row in zip(*columns, strict=True)]
    if is_list(value) and value and all(isinstance(row, Mapping) for row in value):
        names = list(dict.fromkeys(name for row in value for name in row))
        return names, [[row.get(name) for name in names] for row in value]
    return None, read_rows(value)


def read_rows(value: Any) -> list[list[Any]]:
    """Return the rows of a table that came as a list of them, or as an array."""
    value = to_builtin(value)
    if not is_list(value):
        raise ValueError(_TABLE_TAKES)
    rows = [to_builtin(row) for row in value]
    if rows and not any(map(is_list, rows)):
        return [[cell] for cell in rows]  # one column
    if not all(map(is_list, rows)):
        raise ValueError(_TABLE_TAKES)
    return [list(row) for row in rows]


def _own_headers(parameter: Parameter, width: int) -> list[Any]:
    """Return the headers that the page has, as many as there are columns."""
    headers = list(parameter.constraints.headers)
    return headers[: width or None] + [str(n) for n in range(len(headers) + 1, width + 1)]
