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

from ..builtin import plain
from ..schema.shape import File, FixedArray, Union
from .grids import objects_in, property_of, table_of
from .markers import Blank, file
from .shorthand import could_be_file, is_inline, is_list

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..schema.endpoint import Parameter

_MOMENT_TAKES = "it takes a datetime, a date, a timestamp or text like 2024-01-31 23:59:59"
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
        return table_of(value, parameter, validate=validate)
    convert = _CONVERTERS.get(kind)
    return value if convert is None or value is None else convert(value, parameter)


# Tables.


# Moments.


def _moment(value: Any, parameter: Parameter) -> Any:
    """Return a moment as text, as the page shows it: without a zone, in the one of the app."""
    timed = property_of(parameter, "include_time") is not False
    zone = _zone(parameter)
    moment = value
    if isinstance(moment, str):
        # Such a component gives its text to the app as it is; and the server reads "now" itself.
        if property_of(parameter, "type") == "string" or "now" in moment:
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
    name = property_of(parameter, "timezone")
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
    return any(
        field.name == "mask" for made in objects_in(parameter.shape) for field in made.fields
    )


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
    return value if could_be_file(value) else table_of(value, parameter)


def _message(value: Any, _parameter: Parameter) -> Any:
    """Return a file, or several of them, as a message without text."""
    files = value if isinstance(value, list) else [value]
    texts = any(isinstance(file, str) for file in files)
    return {"text": "", "files": files} if all(map(could_be_file, files)) and not texts else value


def _turns(value: Any, parameter: Parameter) -> Any:
    """Return pairs of what was said and answered as messages, where the chat is made of these."""
    roles = any(f.name == "role" for made in objects_in(parameter.shape) for f in made.fields)
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
