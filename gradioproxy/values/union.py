"""Which of several shapes a value is meant as, and what it is short for."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Any

from ..files.in_memory import InMemory
from ..files.source import mime_type, name_for
from ..schema.match import rank
from ..schema.shape import (
    ANYTHING,
    NULL,
    Array,
    Dictionary,
    Enum,
    FixedArray,
    Object,
    Reference,
    Scalar,
    Shape,
    Union,
    has_file,
)
from ..schema.shape import File as FileShape
from .kinds import could_be_file, is_list
from .markers import FileMarker
from .shorthand import expand_parts, expand_shorthand, is_single_item


def expand(shape: Shape, value: Any) -> tuple[Shape, Any]:
    """Return what a value is meant as, which is no union, and the value as that has it."""
    if isinstance(shape, Reference):
        shape = shape.target
    if isinstance(shape, Union):
        shape = choose_member(shape, value)
    return shape, expand_shorthand(shape, value)


def choose_member(shape: Union, value: Any) -> Shape:
    """Return the member of a union that a value is meant as."""
    members = [*shape.alternatives]
    if value is not None:
        members = [member for member in members if member != NULL]
    if len(members) == 1:
        return members[0]
    fitting = [member for member in members if _can_be(member, value)]
    if not fitting:
        return ANYTHING
    # Text is text where text is possible; the file is for what can't be anything else.
    return max(fitting, key=lambda member: _rate(member, value))


def _can_be(shape: Shape, value: Any) -> bool:  # noqa: PLR0911 - a case for each shape
    """Tell whether a value can have a shape, by its outermost layer."""
    match shape:
        case Scalar() | Enum():
            return isinstance(value, str | int | float | bool | type(None) | enum.Enum)
        case Array(item):
            return is_list(value) or is_single_item(value, item)
        case FixedArray():
            return isinstance(value, list | tuple) or expand_parts(shape, value) is not None
        case Object():
            return isinstance(value, Mapping) or expand_parts(shape, value) is not None
        case Dictionary():
            return isinstance(value, Mapping)
        case FileShape():
            return could_be_file(value)
        case _:
            return True


def _rate(shape: Shape, value: Any) -> tuple[int, ...]:  # noqa: PLR0911 - a case for each shape
    """Return how well a value has a shape that it can have."""
    match shape:
        case Scalar(kind):
            return (3 if isinstance(value, kind) else 1, 0)
        case Enum():
            return (3 if value in shape else 1, 0)
        case Object(_, fields, _) if expand_parts(shape, value) is not None:
            return (1, _rate_first_part(fields[0].name, fields[0].shape, value))
        case Object() | FileShape() if isinstance(value, Mapping):
            return rank(shape, value)
        case FileShape():
            return (2, 0)
        case FixedArray(items) if isinstance(value, list | tuple):
            return (2, 1 if len(items) == len(value) else -1)
        case Array(item):
            return (2, -1 if is_single_item(value, item) else 0) if has_file(item) else (1, 0)
        case _:
            return (0, 0)


def _rate_first_part(name: str, first: Shape, value: Any) -> int:
    """Return how much a value looks like the first part of an object, which is called *name*.

    A tuple is how Gradio's own components write a file; a text alone is a text.
    """
    in_tuple = isinstance(value, list | tuple)
    if not isinstance(first, FileShape):
        return 0 if in_tuple else 1
    return 2 if name == _guess_file_kind(value[0] if in_tuple else value) else int(in_tuple)


def _guess_file_kind(value: Any) -> str:
    """Return the first half of the media type of what could be a file, as far as it shows."""
    if isinstance(value, FileMarker):
        value = value.value
    if isinstance(value, InMemory):
        return value.kind
    if isinstance(value, bytes | bytearray | memoryview):
        value = name_for(bytes(value[:1024]))
    if isinstance(value, Mapping):
        given = value.get("mime_type")
        name = value.get("orig_name") or value.get("path") or value.get("name")
    else:
        given = getattr(value, "mime_type", None)
        name = value if isinstance(value, str) else getattr(value, "name", None)
    text = given if isinstance(given, str) and given else mime_type(str(name))
    return text.partition("/")[0]
