"""Values of other libraries become builtins, in the whole tree of an argument.

What is left is what JSON knows, in dictionaries with the caller's keys, and what could be a file:
bytes, paths, open files, `File`, `FileMarker` and `InMemory`. Other objects stay as they are, for
whoever knows their places to refuse them. Later stages see no other library.
"""

from __future__ import annotations

import base64
import datetime as dt
import io
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, Any

from ..builtin import to_builtin
from ..files.in_memory import InMemory, recognize
from ..frozen import frozen
from ..schema.limits import MAX_VALUE_DEPTH
from .grids import check_no_table, read_table
from .kinds import could_be_file
from .markers import FileMarker

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..schema.endpoint import Parameter

# What is JSON already.
SCALARS = frozenset({type(None), bool, int, float, str})

_MOMENT_TAKES = "it takes a datetime, a date, a timestamp or text like 2024-01-31 23:59:59"
_PLOT_TAKES = "it takes a figure of matplotlib, plotly or altair, or {'type': ..., 'plot': ...}"


@frozen(repr=False)
class Endless:
    """Stands for what has no end, or none in sight.

    Attributes:
        got: What it is, in words.
        expected: What is taken.
    """

    got: str
    expected: str

    def __repr__(self) -> str:
        return "..."


IN_ITSELF = Endless("a value that contains itself", "it takes what JSON can say")
TOO_DEEP = Endless("a value nested too deeply", f"at most {MAX_VALUE_DEPTH} levels are sent")


def read_foreign(parameter: Parameter, value: Any, *, validate: bool = True) -> Any:
    """Return a value as builtins: as its component has it, where no other one takes such objects.

    Args:
        parameter: The parameter, with its component.
        value: What the caller passed.
        validate: Whether a table is refused that is none of the component's, and text that is to be
            a moment and is none.

    Raises:
        ValueError: The component takes nothing like it; the text says what it takes.
    """
    kind = parameter.kind
    if kind == "dataframe" and value is not None:
        value = read_table(value, parameter, validate=validate)
    elif kind == "dataframe" and validate:
        check_no_table(parameter)
    elif kind in _READERS and value is not None:
        value = _READERS[kind](value, parameter)
    if validate and kind == "datetime":
        _check_moment(value, parameter)
    return to_builtins(value)


def to_builtins(value: Any) -> Any:
    """Return a value of any kind as builtins, with what could be a file in it."""
    return _convert(value, 0, set())


def unpack(value: Any) -> Any:
    """Return an array or a sound as what JSON has for it: lists; other values as they are."""
    if not isinstance(value, InMemory):
        return value
    content = value.value
    if isinstance(content, list | tuple):
        return [to_builtins(part) for part in content]
    made = to_builtin(content)
    return value if made is content else to_builtins(made)


def _convert(value: Any, depth: int, around: set[int]) -> Any:
    """Convert a value that is so deep inside of those of the numbers *around*."""
    if type(value) in SCALARS:
        return value
    if not isinstance(value, Mapping) and (known := recognize(value)) is not None:
        return known
    if depth > MAX_VALUE_DEPTH or id(value) in around:
        return TOO_DEEP if depth > MAX_VALUE_DEPTH else IN_ITSELF
    around.add(id(value))
    try:
        if not isinstance(value, list | tuple | Mapping | AbstractSet):
            return _convert_leaf(value, depth, around)
        if isinstance(value, Mapping):
            return {key: _convert(part, depth + 1, around) for key, part in value.items()}
        # Tables have millions of scalars.
        parts = [
            part if type(part) in SCALARS else _convert(part, depth + 1, around) for part in value
        ]
        return tuple(parts) if isinstance(value, tuple) else parts
    finally:
        around.discard(id(value))


def _convert_leaf(value: Any, depth: int, around: set[int]) -> Any:
    if isinstance(value, FileMarker):
        return FileMarker(_convert(value.value, depth, around))
    made = to_builtin(value)
    return value if made is value else _convert(made, depth, around)


# What single components take.


def _read_moment(value: Any, parameter: Parameter) -> Any:
    """Return a moment as text, as the page shows it: without a zone, in the one of the app."""
    zone = _find_zone(parameter)
    moment = value
    if isinstance(moment, str):
        # Such a component gives its text to the app as it is; and the server reads "now" itself.
        if parameter.constraints.passes_text_on or "now" in moment:
            return moment
        try:
            moment = dt.datetime.fromisoformat(moment.strip())
        except ValueError:
            return value
    moment = _to_datetime(moment, zone)
    if moment.tzinfo is not None:
        if zone is None:
            raise ValueError(f"{_MOMENT_TAKES}, and no time zone: the app does not name its own")
        moment = moment.astimezone(zone)
    return moment.strftime(_get_moment_format(parameter))


def _check_moment(value: Any, parameter: Parameter) -> None:
    """Do nothing, unless a component that reads text as a moment would fail at this one.

    Raises:
        ValueError: It would.
    """
    known = not isinstance(value, str) or not value or "now" in value
    if known or not parameter.constraints.reads_moments:
        return
    try:
        dt.datetime.strptime(value, _get_moment_format(parameter))  # noqa: DTZ007 - it is dropped
    except ValueError:
        raise ValueError(_MOMENT_TAKES) from None


def _get_moment_format(parameter: Parameter) -> str:
    return "%Y-%m-%d %H:%M:%S" if parameter.constraints.timed else "%Y-%m-%d"


def _to_datetime(value: Any, zone: dt.tzinfo | None) -> dt.datetime:
    """Return a date or a timestamp as a moment."""
    if hasattr(value, "dtype") and value.dtype.kind == "M":
        value = value.astype("datetime64[us]").tolist()
    if isinstance(value, dt.datetime):
        return value
    if isinstance(value, dt.date):
        return dt.datetime.combine(value, dt.time())
    try:
        return dt.datetime.fromtimestamp(to_builtin(value), zone)
    except (TypeError, OverflowError, OSError, ValueError):
        raise ValueError(_MOMENT_TAKES) from None


def _find_zone(parameter: Parameter) -> dt.tzinfo | None:
    name = parameter.constraints.timezone
    if not name:
        return None
    import zoneinfo  # late: few apps name a time zone

    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _read_figure(value: Any, _parameter: Parameter) -> Any:
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


def _read_series(value: Any, parameter: Parameter) -> Any:
    """Return a time series as a table, unless it is in a file."""
    return value if could_be_file(value) else read_table(value, parameter)


_READERS: dict[str, Callable[[Any, Parameter], Any]] = {
    "datetime": _read_moment,
    "plot": _read_figure,
    "timeseries": _read_series,
}
