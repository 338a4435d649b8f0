"""Whether a JSON value has a shape, and which of several.

Rule: a value is taken as it is. What people and language models write instead of what a shape says
is read in `values`, which asks here where the value is JSON already. Every function is total, and
looks at each part of a value once, however a server's schema leads in circles.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..builtin import json_kind
from .limits import MAX_SHAPE_DEPTH
from .shape import (
    ANYTHING,
    Array,
    Dictionary,
    Enum,
    File,
    FixedArray,
    Object,
    Reference,
    Scalar,
    Shape,
    Union,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .endpoint import JSON


def fits(shape: Shape, value: JSON, depth: int = 0) -> bool:
    """Tell whether a value has a shape, with all its parts; what is too deep has none.

    Args:
        shape: The shape.
        value: A JSON value.
        depth: How deep in a value it is.
    """
    if depth > MAX_SHAPE_DEPTH or not has_type(shape, value):
        return False
    match shape:
        case Reference():
            return fits(shape.target, value, depth + 1)
        case Union():
            return fits(member_for(shape, value), value, depth + 1)
        case FixedArray(items):
            complete = len(items) == len(value)
        case Object(_, _, extra):
            allowed = shape.by_name.keys() if extra is None else value.keys()
            complete = shape.required <= value.keys() <= allowed
        case _:
            complete = True
    return complete and all(
        fits(part_of(shape, key), part, depth + 1) for key, part in _parts_of(value)
    )


def has_type(shape: Shape, value: JSON) -> bool:  # noqa: PLR0911 - a case for each shape
    """Tell whether a value has a shape as far as its outermost layer shows."""
    match shape:
        case Scalar(kind):
            is_number = isinstance(value, int | float) and not isinstance(value, bool)
            if kind is float:
                return is_number
            return isinstance(value, kind) and is_number is (kind is int)
        case Enum():
            return value in shape
        case Array() | FixedArray():
            return isinstance(value, list)
        case Object() | Dictionary():
            return isinstance(value, Mapping)
        case File():
            return isinstance(value, str | Mapping)
        case Union():
            return any(has_type(member, value) for member in shape.alternatives)
        case Reference():
            return has_type(shape.target, value)
        case _:
            return True


def member_for(shape: Union, value: JSON) -> Shape:
    """Return the member of a union that a value has, or comes closest to.

    Returns:
        The member, which is neither a union nor a reference; anything at all, if the value is of no
        member's type.
    """
    likely = [member for member in shape.alternatives if has_type(member, value)]
    return max(likely, key=lambda member: rank(member, value), default=ANYTHING)


def rank(shape: Shape, value: JSON) -> tuple[int, ...]:  # noqa: PLR0911 - a case for each shape
    """Return how much speaks for a shape whose type a value has; to be compared with others'."""
    match shape:
        case Enum():
            return (3,)
        case Scalar():
            return (2,)
        case File() if isinstance(value, Mapping):
            if {"path", "meta"} <= value.keys():
                return (3,)
            return (1,) if names_file(value) else (-1,)
        case Object():
            # By the keys of the value: an app can declare thousands that it never sends.
            known = [part for key in value if (part := shape.by_name.get(key)) is not None]
            missing = len(shape.required) - sum(part.required for part in known)
            typed = sum(has_type(part.shape, value[part.name]) for part in known)
            return (2, len(known) - 10 * missing, typed)
        case FixedArray(items) if len(items) == len(value):
            return (2, sum(map(has_type, items, value)))
        case Array(item):
            return (1, not value or has_type(item, value[0]))
        case _:
            return (0,)


def part_of(shape: Shape, key: Any) -> Shape:
    """Return the shape of the part of a value that a key or a place leads to."""
    match shape:
        case Array(item) if isinstance(key, int):
            return item
        case FixedArray(items) if isinstance(key, int) and key < len(items):
            return items[key]
        case Object(_, _, extra):
            part = shape.by_name.get(key)
            if part is not None:
                return part.shape
            return extra if extra is not None else ANYTHING
        case Dictionary(value):
            return value
        case _:
            return ANYTHING


def names_file(value: Mapping[Any, Any]) -> bool:
    """Tell whether an object is what a server sends for one of its files."""
    return "path" in value or "url" in value or value.get("is_file") is True


def json_equal(one: Any, other: Any) -> bool:
    """Compare as JSON does: ``1`` equals ``1.0`` but neither ``True`` nor ``"1"``."""
    kind = json_kind(one)
    # What is of no kind may not even have a truth value when it is compared, also in a list.
    try:
        return kind is not None and kind is json_kind(other) and bool(one == other)
    except Exception:  # noqa: BLE001 - a foreign comparison may raise anything
        return False


def _parts_of(value: JSON) -> Iterable[tuple[Any, JSON]]:
    """Return the parts of a value with their keys or places."""
    if isinstance(value, Mapping):
        return value.items()
    return enumerate(value) if isinstance(value, list) else ()
