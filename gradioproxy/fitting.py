"""Which of several shapes a value is meant as, and what it is short for."""

from __future__ import annotations

import enum
import os
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Any

from .encoding import is_media, is_sound
from .marks import Marked
from .plain import plain
from .shapes import (
    ANYTHING,
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
    has_file,
)
from .shapes import File as FileShape
from .sources import mime_type, name_for

_NOTHING = object()


def option_for(shape: Union, value: Any) -> Shape:
    """Return the member of a union that a value is meant as."""
    options = _options(shape)
    if value is not None:
        options = [option for option in options if option != NULL]
    if len(options) == 1:
        return options[0]
    fitting = [option for option in options if _fits(option, value)]
    if not fitting:
        return ANYTHING
    # Text is text where text is possible; the file is for what can't be anything else.
    return max(fitting, key=lambda option: _fit(option, value))


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
            parts = _parts(shape, value)
            return value if parts is None else parts
        case _:
            return value


def names_file(value: Mapping[Any, Any]) -> bool:
    """Tell whether an object is what a server sends for one of its files."""
    return "path" in value or "url" in value or value.get("is_file") is True


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
            return any(is_lone(value, option) for option in _options(item))
        case FileShape():
            return could_be_file(value)
        case Object(_, fields, _) if isinstance(value, Mapping) and not names_file(value):
            required = {part.name for part in fields if part.required}
            return bool(required) and required <= value.keys()
        case Object() | FixedArray():
            return _parts(item, value) is not None
        case _:
            return False


def same(one: Any, other: Any) -> bool:
    """Compare as JSON does: ``1`` equals ``1.0`` but neither ``True`` nor ``"1"``."""
    numbers = int | float
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, numbers) and isinstance(other, numbers):
        return one == other
    kinds = (str, list, dict, type(None))
    # What is none of these may not even have a truth value when it is compared, also in a list.
    try:
        comparable = any(isinstance(one, kind) and isinstance(other, kind) for kind in kinds)
        return comparable and bool(one == other)
    except Exception:  # noqa: BLE001 - a foreign comparison may raise anything
        return False


def is_list(value: Any) -> bool:
    """Tell whether a value is a list of things, and not a sound."""
    return isinstance(value, list | tuple | AbstractSet) and not is_sound(value)


def _options(shape: Union) -> list[Shape]:
    """Return the members of a union, and those of the unions in it, however its references lead."""
    options: list[Shape] = []
    todo: list[Shape] = list(reversed(shape.options))
    followed: set[str] = set()
    while todo:
        option = todo.pop()
        if isinstance(option, Reference):
            if option.name in followed:
                continue
            followed.add(option.name)
            option = option.target
        if isinstance(option, Union):
            todo += reversed(option.options)
        else:
            options.append(option)
    return options


def _fits(shape: Shape, value: Any) -> bool:  # noqa: PLR0911 - a case for each shape
    """Tell whether a value can have a shape, by its outermost layer."""
    match shape:
        case Scalar() | Choice():
            return isinstance(value, str | int | float | bool | type(None) | enum.Enum)
        case Array(item):
            return is_list(value) or is_lone(value, item)
        case FixedArray():
            return isinstance(value, list | tuple) or _parts(shape, value) is not None
        case Object():
            return isinstance(value, Mapping) or _parts(shape, value) is not None
        case Dictionary():
            return isinstance(value, Mapping)
        case FileShape():
            return could_be_file(value)
        case _:
            return True


def _fit(shape: Shape, value: Any) -> tuple[int, int]:  # noqa: PLR0911 - a case for each shape
    """Return how well a value has a shape that it can have."""
    match shape:
        case Scalar(kind):
            return (3 if isinstance(value, kind) else 1, 0)
        case Choice(values):
            return (3 if any(same(v, value) for v in values) else 1, 0)
        case Object(_, fields, _) if _parts(shape, value) is not None:
            return (1, _likeness(fields[0].name, fields[0].shape, value))
        case Object(_, fields, _) if isinstance(value, Mapping):
            names = {part.name for part in fields}
            required = {part.name for part in fields if part.required}
            missing = len(required - value.keys())
            return (2, len(names & value.keys()) - 10 * missing)
        case FileShape():
            is_data = isinstance(value, Mapping) and {"path", "meta"} <= value.keys()
            return (3 if is_data else 1 if isinstance(value, Mapping) else 2, 0)
        case FixedArray(items) if isinstance(value, list | tuple):
            return (2, 1 if len(items) == len(value) else -1)
        case Array(item):
            return (2, -1 if is_lone(value, item) else 0) if has_file(item) else (1, 0)
        case _:
            return (0, 0)


def _parts(shape: Object | FixedArray, value: Any) -> dict[str, Any] | list[Any] | None:
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
            return any(_takes(option, value) for option in _options(shape))
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
            return any(same(known, plain(value)) for known in values)
        case _:
            return False


def _empty(shape: Shape) -> Any:
    """Return the empty value of a shape, or `_NOTHING` if it has none."""
    if shape == NULL or (isinstance(shape, Union) and NULL in _options(shape)):
        return None
    return [] if isinstance(shape, Array) else _NOTHING


def _likeness(name: str, first: Shape, value: Any) -> int:
    """Return how much a value looks like the first part of an object, which is called *name*.

    A tuple is how Gradio's own components write a file; a text alone is a text.
    """
    in_tuple = isinstance(value, list | tuple) and not is_sound(value)
    if not isinstance(first, FileShape):
        return 0 if in_tuple else 1
    return 2 if name == _kind_of_file(value[0] if in_tuple else value) else int(in_tuple)


def _kind_of_file(value: Any) -> str:
    """Return the first half of the media type of what could be a file, as far as it shows."""
    if isinstance(value, Marked):
        value = value.value
    if is_media(value):
        return "audio" if is_sound(value) else "image"
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
