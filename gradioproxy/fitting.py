"""Which of several shapes a value is meant as."""

from __future__ import annotations

import enum
import os
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Any

from .marks import Marked
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


def option_for(shape: Union, value: Any) -> Shape:
    """Return the member of a union that a value is meant as."""
    options: list[Shape] = []
    for option in shape.options:
        target = option.target if isinstance(option, Reference) else option
        options += target.options if isinstance(target, Union) else [target]
    if value is not None:
        options = [option for option in options if option != NULL]
    if len(options) == 1:
        return options[0]
    fitting = [option for option in options if _fits(option, value)]
    if not fitting:
        return ANYTHING
    # Text is text where text is possible; the file is for what can't be anything else.
    return max(fitting, key=lambda option: _fit(option, value))


def _fits(shape: Shape, value: Any) -> bool:
    """Tell whether a value can have a shape, by its outermost layer."""
    match shape:
        case Scalar() | Choice():
            return isinstance(value, str | int | float | bool | type(None) | enum.Enum)
        case Array(item):
            return isinstance(value, list | tuple | AbstractSet) or is_lone_file(value, item)
        case FixedArray():
            return isinstance(value, list | tuple)
        case Object() | Dictionary():
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
            return (2, -1 if is_lone_file(value, item) else 0) if has_file(item) else (1, 0)
        case _:
            return (0, 0)


def names_file(value: Mapping[Any, Any]) -> bool:
    """Tell whether an object is what a server sends for one of its files."""
    return "path" in value or "url" in value or value.get("is_file") is True


def could_be_file(value: Any) -> bool:
    """Tell whether a value can be meant as a file."""
    if isinstance(value, Mapping):
        return names_file(value)
    return isinstance(
        value, str | os.PathLike | bytes | bytearray | memoryview | Marked
    ) or hasattr(value, "read")


def is_lone_file(value: Any, item: Shape) -> bool:
    """Tell whether a single file came where a list of files goes."""
    if isinstance(value, list | tuple | AbstractSet) or value is None:
        return False
    return isinstance(item, FileShape) and could_be_file(value)


def same(one: Any, other: Any) -> bool:
    """Compare as JSON does: ``1`` equals ``1.0`` but neither ``True`` nor ``"1"``."""
    numbers = int | float
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, numbers) and isinstance(other, numbers):
        return one == other
    kinds = (str, list, dict, type(None))
    # What is none of these may not even have a truth value when it is compared.
    return any(isinstance(one, kind) and isinstance(other, kind) for kind in kinds) and one == other
