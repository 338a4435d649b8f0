"""What some components take besides the JSON that their schemas describe.

One function for each component, in the table at the end. It gets a value and the parameter, and
returns what the schema describes, with files still in it; or it raises `ValueError`, whose text
says what the component takes. What a schema alone can say of any component is in `fitting`.
"""

from __future__ import annotations

import base64
import datetime as dt
import io
import os
import zoneinfo
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .fitting import could_be_file, is_inline, is_list
from .marks import Blank, file
from .plain import is_missing, plain
from .shapes import TEXT, Array, File, FixedArray, Object, Reference, Union
from .text import one_line

if TYPE_CHECKING:
    from collections.abc import Callable

    from .schema import Parameter

_TABLE_TAKES = (
    "it takes a DataFrame, rows, dictionaries, a dictionary of columns, a two-dimensional array, "
    "or {'headers': [...], 'data': [[...]]}"
)
_MOMENT_TAKES = "it takes a datetime, a date, a timestamp or text like 2024-01-31 23:59:59"
# What some version or other has in a table.
_IN_TABLES = frozenset({"headers", "data", "metadata", "range"})
_PLOT_TAKES = "it takes a figure of matplotlib, plotly or altair, or {'type': ..., 'plot': ...}"


def coerced(parameter: Parameter, value: Any, *, validate: bool = True) -> Any:
    """Return what a component's schema describes for a value that the component takes.

    Args:
        parameter: The parameter, with its component.
        value: What the caller passed.
        validate: Whether a value is refused of which the component could take the form.

    Returns:
        The value itself, where it is that already or nothing is known of the component.

    Raises:
        ValueError: The component takes nothing like it; the text says what it takes.
    """
    kind = parameter.source.type if parameter.source else parameter.component.lower()
    if kind == "dataframe" and value is not None:
        return _table(value, parameter, validate=validate)
    convert = _CONVERTERS.get(kind)
    return value if convert is None or value is None else convert(value, parameter)


def _property(parameter: Parameter, name: str) -> Any:
    return parameter.source.properties.get(name) if parameter.source else None


def _objects(shape: object) -> list[Object]:
    """Return the objects that a value of a shape, or an item of a list of that shape, can be."""
    match shape:
        case Object():
            return [shape]
        case Array(item):
            return _objects(item)
        case Union(options):
            return [found for option in options for found in _objects(option)]
        case Reference():
            return [shape.target] if isinstance(shape.target, Object) else []
        case _:
            return []


# Tables.


def _table(value: Any, parameter: Parameter, *, validate: bool = True) -> Any:
    """Return headers and rows; what is missing or no number in a cell becomes ``null``."""
    fields = {
        field.name: field.shape for made in _objects(parameter.shape) for field in made.fields
    }
    rest = {"metadata": None} if "metadata" in fields else {}
    if _is_table_value(value, fields):
        # What no version knows is nothing to most, and an error in 3.50.
        known = {*fields, *_IN_TABLES} if fields else value.keys()
        rest = {key: item for key, item in value.items() if key in known}
        headers, rows = value.get("headers"), _rows(value["data"])
        if headers is None and "headers" in value:
            return {**rest, "data": [[_cell(cell) for cell in row] for row in rows]}
    else:
        headers, rows = _headers_and_rows(value)
    width = max(map(len, rows), default=0)
    if validate:
        _check_width(parameter, headers, rows)
    if headers is None:
        headers = _own_headers(parameter, width)
    if _takes_text(fields.get("headers")):
        headers = [str(header) for header in headers]
    cells = [[_cell(cell) for cell in row] for row in rows]
    return {**rest, "headers": [plain(header) for header in headers], "data": cells}


def _takes_text(headers: object) -> bool:
    """Tell whether headers are texts; where the page has numbers, too, the app wants text."""
    match headers:
        case Array(Union(options)):
            return TEXT in options
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
    rows = plain(value["data"])
    return "headers" in value and is_list(rows) and all(is_list(plain(row)) for row in rows)


def _check_width(parameter: Parameter, headers: list[Any] | None, rows: list[list[Any]]) -> None:
    """Do nothing, unless rows are no rows of a table with these headers.

    Raises:
        ValueError: They are longer, which only lists and arrays take. Or they have no headers, and
            are no rows of a table whose columns are fixed: elsewhere the page can have fewer or
            more, too.
    """
    if headers is not None:
        width = max(map(len, rows), default=0)
        if width > len(headers) and _property(parameter, "type") not in {"array", "numpy"}:
            raise ValueError(f"a row has {width} cells, and there are {len(headers)} headers")
        return
    fixed, own = _fixed_columns(parameter), _own_headers(parameter, 0)
    wrong = next((len(row) for row in rows if len(row) != fixed), None)
    if fixed is None or wrong is None:
        return
    names = one_line(", ".join(map(str, own))) if len(own) == fixed else ""
    raise ValueError(
        f"a row has {wrong} cells, and the table {fixed} columns{f' ({names})' if names else ''}; "
        "a DataFrame or dictionaries say which columns they are"
    )


def _fixed_columns(parameter: Parameter) -> int | None:
    """Return the number of columns, if nobody can change it on the page."""
    for name in ("column_count", "col_count"):
        match _property(parameter, name):
            case [int() as number, "fixed"]:
                return number
    match _property(parameter, "column_limits"):
        case [int() as least, int() as most] if least == most:
            return most
    return None


def _cell(value: Any) -> Any:
    if type(value) in {str, int, bool}:
        return value  # most are, and there can be millions
    return None if is_missing(value) else plain(value)


def _headers_and_rows(value: Any) -> tuple[list[Any] | None, list[list[Any]]]:
    """Return what is in a table of any kind; without headers where it has none."""
    if hasattr(value, "to_frame"):  # a column alone
        value = value.to_frame()
    if hasattr(value, "columns") and hasattr(value, "rows"):  # as polars has them
        return list(value.columns), _rows(value.rows())
    if hasattr(value, "columns") and hasattr(value, "to_dict"):  # as pandas has them
        split = value.to_dict(orient="split")
        names = [" ".join(map(str, n)) if isinstance(n, tuple) else n for n in split["columns"]]
        return names, split["data"]
    if isinstance(value, Mapping):
        columns = [list(column) for column in map(plain, value.values()) if is_list(column)]
        if len(columns) < len(value) or len({len(column) for column in columns}) > 1:
            raise ValueError(f"{_TABLE_TAKES}; columns are lists of one length")
        return list(value), [list(row) for row in zip(*columns, strict=True)]
    if is_list(value) and value and all(isinstance(row, Mapping) for row in value):
        names = list(dict.fromkeys(name for row in value for name in row))
        return names, [[row.get(name) for name in names] for row in value]
    return None, _rows(value)


def _rows(value: Any) -> list[list[Any]]:
    value = plain(value)
    if not is_list(value):
        raise ValueError(_TABLE_TAKES)
    rows = [plain(row) for row in value]
    if rows and not any(map(is_list, rows)):
        return [[cell] for cell in rows]  # one column
    if not all(map(is_list, rows)):
        raise ValueError(_TABLE_TAKES)
    return [list(row) for row in rows]


def _own_headers(parameter: Parameter, width: int) -> list[Any]:
    """Return the headers that the page has, as many as there are columns."""
    given = _property(parameter, "headers")
    headers = given if isinstance(given, list) else []
    return headers[: width or None] + [str(n) for n in range(len(headers) + 1, width + 1)]


# Moments.


def _moment(value: Any, parameter: Parameter) -> Any:
    """Return a moment as text, as the page shows it: without a zone, in the one of the app."""
    timed = _property(parameter, "include_time") is not False
    zone = _zone(parameter)
    moment = value
    if isinstance(moment, str):
        # Such a component gives its text to the app as it is; and the server reads "now" itself.
        if _property(parameter, "type") == "string" or "now" in moment:
            return moment
        try:
            moment = dt.datetime.fromisoformat(moment.strip())
        except ValueError:
            return value
    moment = _point_in_time(moment, zone)
    if moment.tzinfo is not None:
        if zone is None:
            raise ValueError(f"{_MOMENT_TAKES}, and no time zone: the app does not name its own")
        moment = moment.astimezone(zone)
    return moment.strftime("%Y-%m-%d %H:%M:%S" if timed else "%Y-%m-%d")


def _point_in_time(value: Any, zone: dt.tzinfo | None) -> dt.datetime:
    """Return a date or a timestamp as a moment."""
    if hasattr(value, "dtype") and value.dtype.kind == "M":
        value = value.astype("datetime64[us]").tolist()
    if isinstance(value, dt.datetime):
        return value
    if isinstance(value, dt.date):
        return dt.datetime.combine(value, dt.time())
    try:
        return dt.datetime.fromtimestamp(plain(value), zone)
    except (TypeError, OverflowError, OSError, ValueError):
        raise ValueError(_MOMENT_TAKES) from None


def _zone(parameter: Parameter) -> dt.tzinfo | None:
    name = _property(parameter, "timezone")
    try:
        return zoneinfo.ZoneInfo(name) if isinstance(name, str) and name else None
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return None


# Images, texts, labels.


def _layers(value: Any, _parameter: Parameter) -> Any:
    """Return an image as the editor has one that nobody has drawn on."""
    if could_be_file(value):
        value = {"background": value}
    if isinstance(value, Mapping) and value.get("background") is not None:
        # What the caller gives is sent, even if it is nothing.
        unpainted = not value.get("layers") and "composite" not in value
        if unpainted:
            return {"layers": [], "composite": value["background"], **value}
    return value


def _sketch(value: Any, parameter: Parameter) -> Any:
    """Return an image alone as one that nobody has drawn on, where what is drawn goes in too."""
    if not (_is_sketch(parameter) and could_be_file(value)):
        return value
    if hasattr(value, "read"):
        value = file(value.read())  # it can be read once
    return {"image": value, "mask": Blank(value)}


def _is_sketch(parameter: Parameter) -> bool:
    """Tell whether an image goes in beside what is drawn on it."""
    return any(field.name == "mask" for made in _objects(parameter.shape) for field in made.fields)


def _lone(value: Any, parameter: Parameter) -> Any:
    """Return the file in a list of one file, as pages send it, where one is taken."""
    one = value[0] if isinstance(value, list | tuple) and len(value) == 1 else None
    return one if isinstance(parameter.shape, File) and could_be_file(one) else value


def _titled(value: Any, parameter: Parameter) -> Any:
    """Return a video alone as one without subtitles, where Gradio 3 has a pair of them.

    It takes both, but not from functions that are given what the page sends (``preprocess=False``,
    as all that flag): those find a pair there. No video is ``None`` on the page, too: a pair of
    nothing is more than other functions understand.
    """
    is_alone = could_be_file(value) or (isinstance(value, Mapping) and is_inline(value))
    return [value, None] if is_alone and _is_pair(parameter.shape) else value


def _is_pair(shape: object) -> bool:
    return isinstance(shape, Union) and any(isinstance(one, FixedArray) for one in shape.options)


def _series(value: Any, parameter: Parameter) -> Any:
    """Return a time series as a table, unless it is in a file."""
    return value if could_be_file(value) else _table(value, parameter)


def _message(value: Any, _parameter: Parameter) -> Any:
    """Return a file, or several of them, as a message without text."""
    files = value if isinstance(value, list) else [value]
    texts = any(isinstance(file, str) for file in files)
    return {"text": "", "files": files} if all(map(could_be_file, files)) and not texts else value


def _turns(value: Any, parameter: Parameter) -> Any:
    """Return pairs of what was said and answered as messages, where the chat is made of these."""
    roles = any(f.name == "role" for made in _objects(parameter.shape) for f in made.fields)
    if not roles or not is_list(value):
        return value
    messages: list[Any] = []
    for turn in value:
        if not isinstance(turn, list | tuple) or len(turn) != 2:  # noqa: PLR2004
            messages.append(turn)
            continue
        said = zip(("user", "assistant"), turn, strict=True)
        messages += [{"role": role, "content": text} for role, text in said if text is not None]
    return messages


def _tokens(value: Any, _parameter: Parameter) -> Any:
    """Return a text with entities as its pieces, marked and unmarked."""
    if not isinstance(value, Mapping) or not {"text", "entities"} <= value.keys():
        return value
    text, end = str(value["text"]), 0
    pieces: list[tuple[str, Any]] = []
    try:
        for entity in sorted(value["entities"], key=lambda entity: entity["start"]):
            pieces.append((text[end : entity["start"]], None))
            end = entity["end"]
            mark = entity.get("entity") or entity.get("entity_group")
            pieces.append((text[entity["start"] : end], mark))
    except (KeyError, TypeError, AttributeError):
        raise ValueError("entities have 'entity', 'start' and 'end'") from None
    return [piece for piece in [*pieces, (text[end:], None)] if piece[0]]


def _label(value: Any, _parameter: Parameter) -> Any:
    """Return the confidences by label as the page has them, the highest first."""
    if not isinstance(value, Mapping) or not value or value.keys() <= {"label", "confidences"}:
        return value
    numbers = {label: plain(number) for label, number in value.items()}
    if not all(isinstance(number, int | float) for number in numbers.values()):
        raise ValueError("it takes a label, or a dictionary of labels with their confidences")
    ranked = sorted(numbers.items(), key=lambda pair: pair[1], reverse=True)
    confidences = [{"label": label, "confidence": number} for label, number in ranked]
    return {"label": ranked[0][0], "confidences": confidences}


def _picked(value: Any, _parameter: Parameter) -> Any:
    """Return paths below the folder that the page shows as lists of their parts."""
    one = isinstance(value, str | os.PathLike)
    paths = [value] if one else value
    if not is_list(paths):
        return value
    return [_parts(path) if isinstance(path, str | os.PathLike) else path for path in paths]


def _parts(path: Any) -> list[str]:
    return [part for part in os.fspath(path).replace(os.sep, "/").split("/") if part]


def _figure(value: Any, _parameter: Parameter) -> Any:
    """Return a figure as the page gets it from the app."""
    if isinstance(value, Mapping):
        return value
    library = type(value).__module__.partition(".")[0]
    if library == "matplotlib" and hasattr(value, "savefig"):
        file = io.BytesIO()
        value.savefig(file, format="png")
        image = base64.b64encode(file.getvalue()).decode("ascii")
        return {"type": library, "plot": f"data:image/png;base64,{image}"}
    if library in {"altair", "plotly"} and hasattr(value, "to_json"):
        return {"type": library, "plot": value.to_json()}
    raise ValueError(_PLOT_TAKES)


_CONVERTERS: dict[str, Callable[[Any, Parameter], Any]] = {
    "chatbot": _turns,
    "datetime": _moment,
    "file": _lone,
    "fileexplorer": _picked,
    "highlightedtext": _tokens,
    "image": _sketch,
    "imageeditor": _layers,
    "label": _label,
    "multimodaltextbox": _message,
    "plot": _figure,
    "timeseries": _series,
    "uploadbutton": _lone,
    "video": _titled,
}
