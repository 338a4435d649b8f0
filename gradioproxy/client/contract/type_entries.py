"""Types in a contract: as a person reads them, and so that they can be compared.

The text says all of most types: ``str``, ``list[FileLike] | None``. Of a choice between values it
has their types, and the values are beside it. What both together don't say, such as the keys of an
object, is beside them as JSON Schema.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ...functions.annotations import (
    parameter_annotation,
    render_annotation,
    result_annotation,
)
from ...functions.value_shapes import given_shape, taken_shape
from ...schema.limits import MAX_SHAPE_DEPTH
from ...schema.shape import (
    ANYTHING,
    BOOLEAN,
    FILE,
    INTEGER,
    NULL,
    NUMBER,
    TEXT,
    Array,
    Dictionary,
    Enum,
    parse_shape,
    union,
)
from ...schema.write import write_schema

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ...schema.endpoint import JSON, Parameter, Result
    from ...schema.shape import Shape

_PLAIN: dict[str, Shape] = {
    "Any": ANYTHING,
    "File": FILE,
    "FileLike": FILE,
    "None": NULL,
    "bool": BOOLEAN,
    "float": NUMBER,
    "int": INTEGER,
    "str": TEXT,
}

_CONTAINER = re.compile(r"(list|dict)\[(.+)\]")


def describe_taken(
    parameter: Parameter, name: str, choices: Sequence[JSON] | None
) -> tuple[str, dict[str, Any] | None]:
    """Return the type of a parameter as text, and its schema where that says more.

    Args:
        parameter: The parameter.
        name: Its name in Python.
        choices: Its choices, if the contract has them.
    """
    text = render_annotation(parameter_annotation(parameter, name), choices=choices is None)
    return text, _find_schema(taken_shape(parameter), text, choices)


def describe_given(result: Result, name: str) -> tuple[str, dict[str, Any] | None]:
    """Return the type of a result as text, and its schema where that says more.

    Args:
        result: The result.
        name: Its name in Python, if it has one.
    """
    text = render_annotation(result_annotation(result, name))
    return text, _find_schema(given_shape(result), text, None)


def read_type(entry: Mapping[str, Any]) -> Shape:
    """Return the shape of a parameter or result of a contract; anything, if it says none."""
    return find_type(entry) or ANYTHING


def find_type(entry: Mapping[str, Any]) -> Shape | None:
    """Return the shape of a parameter or result of a contract; ``None`` if it says none."""
    if "schema" in entry:
        return parse_shape(entry["schema"])
    return _read_text(entry["type"], entry.get("choices"))


def _find_schema(shape: Shape, text: str, choices: Sequence[JSON] | None) -> dict[str, Any] | None:
    return None if _read_text(text, choices) == shape else write_schema(shape)


def _read_text(text: str, choices: Sequence[JSON] | None) -> Shape | None:
    """Return the shape of a type that is said by its text, and by the choices beside it."""
    if choices and all(_is_scalar(value) for value in choices):
        return _read_choice(text, choices)
    return _read_plain(text) if text.count("[") <= MAX_SHAPE_DEPTH else None


def _is_scalar(value: JSON) -> bool:
    return value is None or isinstance(value, str | int | float)


def _read_choice(text: str, choices: Sequence[Any]) -> Shape:
    """Return the shape of what takes one or several of some values."""
    one: Shape = Enum(tuple(choices))
    found = Array(one) if text.startswith("list[") else one
    return union([found, NULL]) if text.endswith(" | None") and None not in choices else found


def _read_plain(text: str) -> Shape | None:
    parts = _split_union(text)
    if len(parts) > 1:
        members = [_read_plain(part) for part in parts]
        known = [member for member in members if member is not None]
        return union(known) if len(known) == len(members) else None
    match = _CONTAINER.fullmatch(text)
    if match is None:
        return _PLAIN.get(text)
    inside = match[2] if match[1] == "list" else match[2].removeprefix("str, ")
    item = _read_plain(inside)
    if item is None:
        return None
    return Array(item) if match[1] == "list" else Dictionary(item)


def _split_union(text: str) -> list[str]:
    """Return the members of a union, of which none is cut within its brackets."""
    parts: list[str] = []
    for piece in text.split(" | "):
        if parts and parts[-1].count("[") > parts[-1].count("]"):
            parts[-1] += f" | {piece}"
        else:
            parts.append(piece)
    return parts
