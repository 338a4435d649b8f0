"""What a value is short for: one thing for a list of it, parts for an object."""

from __future__ import annotations

import os
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Any

from ..builtin import plain
from ..files.in_memory import is_media, is_sound
from ..schema.match import json_equal, members_of, names_file
from ..schema.shape import (
    NULL,
    Array,
    Choice,
    Dictionary,
    FixedArray,
    Object,
    Reference,
    Scalar,
    Shape,
    Union,
)
from ..schema.shape import File as FileShape
from .markers import Marked

_NOTHING = object()


def written_out(shape: Shape, value: Any) -> Any:
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
        case Array(item) if is_lone(value, item):
            return [value]
        case Object() | FixedArray():
            parts = parts_of(shape, value)
            return value if parts is None else parts
        case _:
            return value


def names_local_file(value: Any) -> bool:
    """Tell whether an object is what gradio_client's ``handle_file`` makes of a file that is here.

    What servers send of their files says more, if only that it is not known: address, size, type.
    So do those of ``upload``.
    """
    if not isinstance(value, Mapping) or value.keys() != {"path", "orig_name", "meta"}:
        return False
    path = value["path"]
    if not isinstance(path, str) or value["meta"] != {"_type": "gradio.FileData"}:
        return False
    try:
        return bool(value["orig_name"] == Path(path).name and Path(path).exists())
    except (OSError, ValueError):
        return False  # a text that can't be a path


def is_inline(value: Mapping[Any, Any]) -> bool:
    """Tell whether an object is a file of Gradio 3 with its content in it."""
    data = value.get("data")
    return isinstance(data, str) and data.startswith("data:")


def could_be_file(value: Any) -> bool:
    """Tell whether a value can be meant as a file."""
    if isinstance(value, Mapping):
        return names_file(value)
    named = isinstance(value, str | os.PathLike | bytes | bytearray | memoryview | Marked)
    return named or hasattr(value, "read") or is_media(value)


def is_lone(value: Any, item: Shape) -> bool:  # noqa: PLR0911 - a case for each shape
    """Tell whether a single thing came where a list of files or objects goes."""
    if value is None or is_list(value):
        return False
    match item:
        case Reference():
            return is_lone(value, item.target)
        case Union():
            return any(is_lone(value, option) for option in members_of(item))
        case FileShape():
            return could_be_file(value)
        case Object(_, fields, _) if isinstance(value, Mapping) and not names_file(value):
            required = {part.name for part in fields if part.required}
            return bool(required) and required <= value.keys()
        case Object() | FixedArray():
            return parts_of(item, value) is not None
        case _:
            return False


def is_list(value: Any) -> bool:
    """Tell whether a value is a list of things, and not a sound."""
    return isinstance(value, list | tuple | AbstractSet) and not is_sound(value)


def parts_of(shape: Object | FixedArray, value: Any) -> dict[str, Any] | list[Any] | None:
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
    given = list(value) if isinstance(value, list | tuple) and not is_sound(value) else [value]
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
            return any(_takes(option, value) for option in members_of(shape))
        case FileShape():
            return could_be_file(value)
        case Array(item):
            return is_list(value) or (isinstance(item, FileShape) and could_be_file(value))
        case FixedArray():
            return isinstance(value, list | tuple)
        case Object() | Dictionary():
            return isinstance(value, Mapping)
        case Scalar(kind):
            value = plain(value)
            number = isinstance(value, int | float) and not isinstance(value, bool)
            return number if kind is float else isinstance(value, kind) and number is (kind is int)
        case Choice(values):
            return any(json_equal(known, plain(value)) for known in values)
        case _:
            return False


def _empty(shape: Shape) -> Any:
    """Return the empty value of a shape, or `_NOTHING` if it has none."""
    if shape == NULL or (isinstance(shape, Union) and NULL in members_of(shape)):
        return None
    return [] if isinstance(shape, Array) else _NOTHING
