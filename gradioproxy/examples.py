"""A call of a function that can be pasted.

What an app declares as an example is data: only JSON scalars get into the text, through `repr`, and
a file is always a name to be replaced.
"""

from __future__ import annotations

import itertools
import math
import re
from typing import TYPE_CHECKING, Any

from . import shapes
from .shapes import Array, Choice, Scalar, Shape

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .schema import JSON, Parameter

MAX_LINE = 72
MAX_VALUE = 160
MAX_DEPTH = 6

# What a function can do without is shown as long as there are not more arguments than this.
FEW_PARAMETERS = 3

_FILES = {
    "image": "image.png",
    "imageeditor": "image.png",
    "imageslider": "image.png",
    "annotatedimage": "image.png",
    "gallery": "image.png",
    "audio": "audio.wav",
    "video": "video.mp4",
    "model3d": "model.glb",
}
_SAMPLES: dict[type, str] = {str: "'Hello'", int: "1", float: "1", bool: "True"}


def example_call(
    function: str, parameters: Sequence[Parameter], names: Sequence[str], depth: int = 0
) -> str:
    """Write a call of an endpoint's function.

    Args:
        function: The expression that is called (``app.predict``).
        parameters: The parameters.
        names: Their names in Python.
        depth: How many columns the call will be indented.

    Returns:
        A valid expression; on several lines if one would be too long.
    """
    spare = FEW_PARAMETERS - sum(not parameter.has_default for parameter in parameters)
    arguments = []
    for name, parameter in zip(names, parameters, strict=True):
        if parameter.has_default:
            if spare <= 0 or not _is_plain(parameter.default):
                continue
            spare -= 1
        arguments.append(f"{name}={_argument(parameter)}")
    line = f"{function}({', '.join(arguments)})"
    if len(line) + depth <= MAX_LINE or not arguments:
        return line
    return "\n".join([f"{function}(", *(f"    {argument}," for argument in arguments), ")"])


def _argument(parameter: Parameter) -> str:
    """Return the source of a value that the parameter takes, as far as that can be known."""
    file = _file(parameter)
    if parameter.has_default and _is_plain(parameter.default):
        return repr(parameter.default)
    if isinstance(parameter.shape, shapes.File):
        return file
    for option in parameter.options or ():
        if _is_plain(option.value):
            return f"[{option.value!r}]" if parameter.several else repr(option.value)
    value = _limited(parameter.example, parameter.source.properties if parameter.source else {})
    text = _written(value, parameter.shape, file, MAX_DEPTH) if value is not None else None
    if text is None or len(text) > MAX_VALUE:
        text = _made(parameter.shape, file, MAX_DEPTH)
    return text if len(text) <= 2 * MAX_VALUE else "None"


def _file(parameter: Parameter) -> str:
    """Return the source of a path that shows what kind of file goes there."""
    name = _FILES.get(parameter.component.lower())
    types = parameter.source.properties.get("file_types") if parameter.source else None
    for kind in types if isinstance(types, list) else ():
        if isinstance(kind, str) and re.fullmatch(r"(\.[A-Za-z0-9]{1,8}){1,2}", kind):
            return repr(f"path/to/file{kind}")
        if isinstance(kind, str) and kind in _FILES:
            name = name or _FILES[kind]
    return repr(f"path/to/{name or 'file.txt'}")


def _is_plain(value: JSON) -> bool:
    """Tell whether a value is a scalar whose `repr` is short source for it."""
    finite = not isinstance(value, float) or math.isfinite(value)
    return isinstance(value, str | int | float) and finite and len(repr(value)) <= MAX_LINE


def _limited(value: JSON, properties: Mapping[str, JSON]) -> JSON:
    """Return a number moved to where the component's limits are."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    for key, limit in (("minimum", max), ("maximum", min)):
        bound = properties.get(key)
        if isinstance(bound, int | float):
            value = limit(value, bound)
    return value


def _written(value: JSON, shape: Shape, file: str, depth: int) -> str | None:
    """Return the source of a declared example, or ``None`` if it is none of this shape."""
    shape = _fitting(value, shape)
    if depth == 0:
        return None
    if isinstance(shape, shapes.File):
        return file
    if isinstance(value, list):
        # Of a list whose items are alike, one is enough to show how it is written.
        parts = value[:1] if isinstance(shape, Array) else value[:9]
        kinds = shape.items if isinstance(shape, shapes.FixedArray) else ()
        item = shape.item if isinstance(shape, Array) else shapes.ANYTHING
        pairs = itertools.zip_longest(parts, kinds[: len(parts)], fillvalue=item)
        items = [_written(part, kind, file, depth - 1) for part, kind in pairs]
        return f"[{', '.join(part or 'None' for part in items)}]"
    if isinstance(value, dict):
        return _mapping(value, shape, file, depth)
    return repr(value) if value is None or _is_plain(value) else None


def _mapping(value: Mapping[str, JSON], shape: Shape, file: str, depth: int) -> str | None:
    """Return the source of an example that is an object, without what says nothing."""
    if isinstance(value.get("path"), str) and "meta" in value:
        return file
    parts = {part.name: part for part in shape.fields} if isinstance(shape, shapes.Object) else {}
    written = []
    for key, inner in value.items():
        part = parts.get(key)
        text = _written(inner, part.shape if part else shapes.ANYTHING, file, depth - 1)
        if text is None:
            return None
        if inner is not None or (part and part.required):
            written.append(f"{key!r}: {text}")
    return f"{{{', '.join(written)}}}"


def _fitting(value: JSON, shape: Shape) -> Shape:
    """Return the member of a union that a value is of, and what a reference stands for."""
    if isinstance(shape, shapes.Reference):
        shape = shape.target
    if not isinstance(shape, shapes.Union):
        return shape
    wanted: dict[type, type | tuple[type, ...]] = {
        dict: (shapes.Object, shapes.Dictionary, shapes.File),
        list: (Array, shapes.FixedArray),
    }
    for option in shape.options:
        if isinstance(option, wanted.get(type(value), Scalar | Choice)):
            return option
    return shapes.ANYTHING


def _made(shape: Shape, file: str, depth: int) -> str:  # noqa: PLR0911 - a case for each shape
    """Return the source of the least value of a shape."""
    if depth == 0:
        return "None"
    match shape:
        case Scalar(kind):
            return _SAMPLES.get(kind, "None")
        case Choice(values):
            return next((repr(value) for value in values if _is_plain(value)), "None")
        case shapes.File():
            return file
        case Array(item):
            return f"[{file}]" if isinstance(item, shapes.File) else "[]"
        case shapes.FixedArray(items):
            return f"[{', '.join(_made(item, file, depth - 1) for item in items[:9])}]"
        case shapes.Object(_, fields):
            parts: list[Any] = [part for part in fields if part.required][:9]
            made = (f"{part.name!r}: {_made(part.shape, file, depth - 1)}" for part in parts)
            return f"{{{', '.join(made)}}}"
        case shapes.Union(options):
            return _made(options[0], file, depth - 1)
        case shapes.Dictionary():
            return "{}"
        case _:
            return "None"
