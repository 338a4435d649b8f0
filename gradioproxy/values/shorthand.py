"""What a value is short for: one thing for a list of it, parts for an object."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..schema.match import names_file
from ..schema.shape import (
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
)
from ..schema.shape import File as FileShape
from .kinds import could_be_file, is_list

_NOTHING = object()


def expand_shorthand(shape: Shape, value: Any) -> Any:
    """Return a value as its shape writes it, where a person may write less.

    One thing stands for the list of it. The tuple of its parts, or its first part alone, stands for
    an object, and the first part alone for a list with fixed places, as long as what is left out
    can be empty: ``(path, caption)`` for an image of a gallery, ``text`` for a message with files.

    Args:
        shape: What is expected; no union.
        value: What came.

    Returns:
        The value itself if it is short for nothing.
    """
    match shape:
        case Array(item) if is_single_item(value, item):
            return [value]
        case Object() | FixedArray():
            parts = expand_parts(shape, value)
            return value if parts is None else parts
        case _:
            return value


def is_single_item(value: Any, item: Shape) -> bool:  # noqa: PLR0911 - a case for each shape
    """Tell whether a single thing came where a list of files or objects goes."""
    if value is None or is_list(value):
        return False
    match item:
        case Reference():
            return is_single_item(value, item.target)
        case Union():
            return any(is_single_item(value, member) for member in item.alternatives)
        case FileShape():
            return could_be_file(value)
        case Object(_, fields, _) if isinstance(value, Mapping) and not names_file(value):
            required = {part.name for part in fields if part.required}
            return bool(required) and required <= value.keys()
        case Object() | FixedArray():
            return expand_parts(item, value) is not None
        case _:
            return False


def expand_parts(shape: Object | FixedArray, value: Any) -> dict[str, Any] | list[Any] | None:
    """Return what a value is short for, or ``None`` if it is short for nothing."""
    if value is None:
        return None
    if isinstance(shape, FixedArray):
        names: list[Any] = list(range(len(shape.items)))
        shapes, needed = list(shape.items), set(names)
        if is_list(value):
            return None
    else:
        names, shapes = [f.name for f in shape.fields], [f.shape for f in shape.fields]
        needed = {part.name for part in shape.fields if part.required}
        if isinstance(value, Mapping) and (not names_file(value) or {"path", "url"} & {*names}):
            return None
    given = list(value) if isinstance(value, list | tuple) else [value]
    if not 0 < len(given) <= len(names) or not all(map(_takes, shapes, given)):
        return None
    parts = dict(zip(names, given, strict=False))
    for name, part in list(zip(names, shapes, strict=True))[len(given) :]:
        empty = _empty(part)
        if name in needed and empty is _NOTHING:
            return None
        if name in needed:
            parts[name] = empty
    return list(parts.values()) if isinstance(shape, FixedArray) else parts


def _takes(shape: Shape, value: Any) -> bool:  # noqa: PLR0911 - a case for each shape
    """Tell whether a value has a shape beyond doubt, by its outermost layer and as it is."""
    match shape:
        case Reference():
            return _takes(shape.target, value)
        case Union():
            return any(_takes(member, value) for member in shape.alternatives)
        case FileShape():
            return could_be_file(value)
        case Array(item):
            return is_list(value) or (isinstance(item, FileShape) and could_be_file(value))
        case FixedArray():
            return isinstance(value, list | tuple)
        case Object() | Dictionary():
            return isinstance(value, Mapping)
        case Scalar(kind):
            number = isinstance(value, int | float) and not isinstance(value, bool)
            return number if kind is float else isinstance(value, kind) and number is (kind is int)
        case Enum():
            return value in shape
        case _:
            return False


def can_be_empty(shape: Shape) -> bool:
    """Tell whether a part of that shape can be left out, as there is a value that is nothing."""
    return _empty(shape) is not _NOTHING


def _empty(shape: Shape) -> Any:
    """Return the empty value of a shape, or `_NOTHING` if it has none."""
    if shape == NULL or (isinstance(shape, Union) and NULL in shape.alternatives):
        return None
    return [] if isinstance(shape, Array) else _NOTHING
