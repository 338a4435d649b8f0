"""Which of several shapes a value is meant as."""

from __future__ import annotations

import enum
import os
from collections.abc import Mapping, Set
from typing import Any

from .marks import Marked
from .shapes import (
    ANYTHING,
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
    options = [
        option.target if isinstance(option, Reference) else option for option in shape.options
    ]
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
        case Array() | FixedArray():
            return isinstance(value, list | tuple)
        case Object() | Dictionary():
            return isinstance(value, Mapping)
        case FileShape():
            return could_be_file(value)
        case _:
            return True


def _fit(shape: Shape, value: Any) -> tuple[int, int]:
    """Return how well a value has a shape that it can have."""
    match shape:
        case Scalar(kind):
            return (3 if isinstance(value, kind) else 2, 0)
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
            return (2, 0) if has_file(item) else (1, 0)
        case _:
            return (0, 0)


def could_be_file(value: Any) -> bool:
    if isinstance(value, Mapping):
        return "path" in value or "url" in value
    return isinstance(
        value, str | os.PathLike | bytes | bytearray | memoryview | Marked
    ) or hasattr(value, "read")


def is_lone_file(value: Any, item: Shape) -> bool:
    """Tell whether a single file came where a list of files goes."""
    if isinstance(value, list | tuple | Set) or value is None:
        return False
    return isinstance(item, FileShape) and could_be_file(value)


def same(one: Any, other: Any) -> bool:
    """Compare as JSON does: ``1`` equals ``1.0`` but neither ``True`` nor ``"1"``."""
    if isinstance(one, bool) != isinstance(other, bool):
        return False
    return type(one) is type(other) or _both_numbers(one, other) if one == other else False


def _both_numbers(one: Any, other: Any) -> bool:
    return isinstance(one, int | float) and isinstance(other, int | float)
