"""An example that can be pasted into a Python prompt, or run by `doctest`.

What an app declares as an example is data: only JSON scalars get into the text, through `repr`, and
a file is always a name to be replaced.
"""

from __future__ import annotations

import ast
import itertools
import math
import re
from typing import TYPE_CHECKING

from ..schema import shape as shapes
from ..schema.match import has_type, member_for, part_of
from ..schema.shape import Array, Enum, Scalar, Shape

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ..schema.constraints import Constraints
    from ..schema.endpoint import JSON, Endpoint, Parameter

MAX_DEPTH = 6
MAX_PARTS = 100
MAX_BITS = 64
MAX_TEXT = 60
MAX_CHOICE = 200

# What a function can do without is shown as long as there are not more arguments than this.
FEW_PARAMETERS = 3

_EMPTY = frozenset({"None", "[]", "{}"})
_PROMPT, _MORE = ">>> ", "... "

_FILES = {
    "image": "image.png",
    "imageeditor": "image.png",
    "imageslider": "image.png",
    "annotatedimage": "image.png",
    "gallery": "image.png",
    "audio": "audio.wav",
    "video": "video.mp4",
    "model3d": "model.glb",
    "multimodaltextbox": "image.png",
}
_SAMPLES: dict[type, str] = {str: "'Hello'", int: "1", float: "1", bool: "True"}


def write_example(
    function: str, endpoint: Endpoint, names: Sequence[str], *, url: str = "", width: int = 72
) -> str:
    """Write what calls an endpoint's function, as a Python prompt shows it.

    Args:
        function: The expression that is called (``app.predict``).
        endpoint: The endpoint.
        names: The names of its parameters in Python.
        url: The app's address, to begin with what opens the session; left out if empty.
        width: The widest line, if there is no longer name.

    Returns:
        Statements behind their prompts. Their last line prints nothing.
    """
    lines = ["import gradioproxy as gp", f"app = gp.connect({url!r})"] if url else []
    if endpoint.collects_event:
        from .page_event import build_event_example  # late: few functions take any

        lines.append(f"event = {build_event_example(endpoint)}")
        function += ".with_options(event_data=event)"
    target = "result = " if endpoint.results else ""
    call = write_example_call(
        f"{target}{function}", endpoint.parameters, names, width - len(_PROMPT)
    )
    first, *more = call.split("\n")
    return "\n".join(
        [*(_PROMPT + line for line in [*lines, first]), *(_MORE + line for line in more)]
    )


def write_example_call(
    function: str, parameters: Sequence[Parameter], names: Sequence[str], width: int
) -> str:
    """Write a call of an endpoint's function.

    Args:
        function: What stands before the brackets.
        parameters: The parameters.
        names: Their names in Python.
        width: The widest line.

    Returns:
        The call; on several lines if one would be too long.
    """
    arguments = _write_arguments(parameters, names, width - len("    ,"))
    line = f"{function}({', '.join(arguments)})"
    if len(line) <= width or not arguments:
        return line
    return "\n".join([f"{function}(", *(f"    {argument}," for argument in arguments), ")"])


def list_example_values(
    parameters: Sequence[Parameter], names: Sequence[str]
) -> list[tuple[str, JSON]]:
    """Return the names of the parameters that an example gives, with their values."""
    written = (text.split("=", 1) for text in _write_arguments(parameters, names, MAX_TEXT))
    # What `repr` made of JSON, or a path of ours.
    return [(name, ast.literal_eval(source)) for name, source in written]


def _write_arguments(
    parameters: Sequence[Parameter], names: Sequence[str], width: int
) -> list[str]:
    """Return the arguments that an example gives, each no wider than *width* if it can be."""
    spare = FEW_PARAMETERS - sum(not parameter.has_default for parameter in parameters)
    made = []
    for name, parameter in zip(names, parameters, strict=True):
        room = width - len(name) - 1
        if parameter.has_default:
            if spare <= 0 or not _is_plain(parameter.default, room):
                continue
            spare -= 1
        made.append(f"{name}={_write_argument(parameter, room)}")
    if made:
        return made
    # A call that gives nothing would show nothing.
    shown = (
        f"{name}={text}"
        for name, parameter in zip(names, parameters, strict=True)
        if (text := _write_argument(parameter, width - len(name) - 1)) not in _EMPTY
    )
    return list(itertools.islice(shown, 1))


def _write_argument(parameter: Parameter, room: int) -> str:
    """Return the source of a value that the parameter takes, as far as that can be known."""
    # Where nothing but a choice is right, one that is too long is better than what is wrong.
    needed = _write_choices(parameter, room) if parameter.closed_choices else []
    texts = _list_candidates(parameter, room)
    made = next((text for text in texts if len(text) <= room or text in needed), None)
    return made or _LeastValue(_write_path(parameter)).write(parameter.shape, 1)


def _list_candidates(parameter: Parameter, room: int) -> Iterator[str]:
    """Yield sources of values for a parameter, the best first."""
    file = _write_path(parameter)
    if parameter.has_default and _is_plain(parameter.default, room):
        yield repr(parameter.default)
    if isinstance(parameter.shape, shapes.File):
        yield file
    yield from _write_choices(parameter, room)
    value = _move_within_limits(parameter.example, parameter.constraints)
    text = None if value is None else _write_value(value, parameter.shape, file, MAX_DEPTH)
    if text and text not in _EMPTY:
        yield text
    made = (_LeastValue(file).write(parameter.shape, depth) for depth in (MAX_DEPTH, 2, 1))
    yield from (text for text in made if text != "None")


def _write_choices(parameter: Parameter, room: int) -> list[str]:
    """Return the sources of choices as the parameter takes them, those that fit first."""
    values = [choice.value for choice in (parameter.choices or ())[:20]]
    texts = [repr(value) for value in values if _is_plain(value, MAX_CHOICE)]
    made = [f"[{text}]" for text in texts] if parameter.takes_list else texts
    return sorted(made, key=lambda text: len(text) > room)


def _write_path(parameter: Parameter) -> str:
    """Return the source of a path that shows what kind of file goes there."""
    name = _FILES.get(parameter.kind)
    for kind in parameter.constraints.file_types:
        if re.fullmatch(r"(\.[A-Za-z0-9]{1,8}){1,2}", kind):
            return repr(f"file{kind}")
        if kind in _FILES:
            name = name or _FILES[kind]
    return repr(name or "file.txt")


def _is_plain(value: JSON, room: int) -> bool:
    """Tell whether a value is a scalar whose `repr` is source for it, and fits."""
    if isinstance(value, int):
        # A number of thousands of digits can't even be written.
        return value.bit_length() <= MAX_BITS
    if isinstance(value, float):
        return math.isfinite(value)
    return isinstance(value, str) and len(value) < room and len(repr(value)) <= room


def _move_within_limits(value: JSON, constraints: Constraints) -> JSON:
    """Return a number moved to where the component's limits are."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    if constraints.minimum is not None:
        value = max(value, constraints.minimum)
    if constraints.maximum is not None:
        value = min(value, constraints.maximum)
    return value


def _write_value(value: JSON, shape: Shape, file: str, depth: int) -> str | None:
    """Return the source of a declared example, or ``None`` if it is none of this shape."""
    if depth == 0 or not has_type(shape, value):
        return None
    if isinstance(shape, shapes.Reference):
        shape = shape.target
    if isinstance(shape, shapes.Union):
        shape = member_for(shape, value)
    if isinstance(shape, shapes.File):
        return file
    if isinstance(value, list):
        # Of a list whose items are alike, one is enough to show how it is written.
        parts = value[:1] if isinstance(shape, Array) else value[:9]
        items = [
            _write_value(part, part_of(shape, place), file, depth - 1) or ""
            for place, part in enumerate(parts)
        ]
        return f"[{', '.join(items)}]" if all(items) else None
    if isinstance(value, dict):
        return _write_mapping(value, shape, file, depth)
    return repr(value) if value is None or _is_plain(value, MAX_TEXT) else None


def _write_mapping(value: Mapping[str, JSON], shape: Shape, file: str, depth: int) -> str | None:
    """Return the source of an example that is an object, without what says nothing."""
    if isinstance(value.get("path"), str) and "meta" in value:
        return file
    fields = shape.fields if isinstance(shape, shapes.Object) else ()
    required = {part.name for part in fields if part.required}
    written = []
    for key, inner in value.items():
        kind = part_of(shape, key)
        if key not in required and (inner is None or _is_constant(kind)):
            continue
        text = _write_value(inner, kind, file, depth - 1)
        if text is None:
            return None
        written.append(f"{key!r}: {text}")
    return f"{{{', '.join(written)}}}"


def _is_constant(shape: Shape) -> bool:
    """Tell whether there is only one value of a shape, so that it need not be said."""
    return isinstance(shape, Enum) and len(shape.values) == 1


class _LeastValue:
    """Writes the least value of a shape, so deep; what does not fit a line anyway is left out.

    Args:
        file: The source of a file.
    """

    def __init__(self, file: str) -> None:
        self.file = file
        self.left = MAX_PARTS

    def write(self, shape: Shape, depth: int) -> str:  # noqa: PLR0911 - a case for each shape
        self.left -= 1
        if depth == 0 or self.left < 0:
            return "None"
        match shape:
            case Scalar(kind):
                return _SAMPLES.get(kind, "None")
            case Enum(values):
                return next((repr(one) for one in values if _is_plain(one, MAX_TEXT)), "None")
            case shapes.File():
                return self.file
            case Array(item):
                made = self.write(item, depth - 1)
                return f"[{made}]" if made != "None" else "[]"
            case shapes.FixedArray(items):
                return f"[{', '.join(self.write(item, depth - 1) for item in items[:9])}]"
            case shapes.Object(_, fields):
                needed = [part for part in fields if part.required] or fields
                parts = (f"{p.name!r}: {self.write(p.shape, depth - 1)}" for p in needed[:9])
                return f"{{{', '.join(parts)}}}"
            case shapes.Union(members):
                return self.write(members[0], depth - 1)
            case shapes.Dictionary():
                return "{}"
            case _:
                return "None"
