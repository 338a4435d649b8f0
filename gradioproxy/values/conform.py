"""Plain values, and the shapes that they are to have.

`conform` is for what a caller passes: it says what is wrong. `mend` is for what a language model
wrote: it puts right what leaves no doubt, and leaves everything else as it is.
"""

from __future__ import annotations

import json
import math
import numbers
import os
import re
from collections.abc import Mapping
from types import NoneType
from typing import Any

from ..schema.limits import MAX_SHAPE_DEPTH
from ..schema.match import has_type
from ..schema.shape import (
    NULL,
    Anything,
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
from ..text import short_repr
from .foreign import unpack
from .kinds import is_list

# How many members of a union, or keys of an object, a message names, and how deep it goes for that.
LISTED = 6
NAMED_DEPTH = 2

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_FLAGS = {"true": True, "false": False}
_NOTHING = frozenset({"null", "none"})
_NAMES: dict[type, str] = {
    str: "text",
    int: "a whole number",
    float: "a number",
    bool: "True or False",
    NoneType: "None",
}


class Misfit(ValueError):
    """A value has not the shape that it is to have; the text says what is taken.

    Attributes:
        place: The place inside of what was passed (``[2]``); empty for the whole.
        got: What is there.
    """

    def __init__(self, takes: str, got: Any, place: str = "") -> None:
        super().__init__(f"it takes {takes}")
        self.got = got
        self.place = place


def as_number(value: Any) -> int | float | None:
    """Return the number that a value is, or that a text says; ``None`` for what is none.

    Args:
        value: A number of Python or of another library; or the text of one, as Gradio 3 takes it.
            `bool` is a number in Python, and stays what it is.
    """
    if isinstance(value, int | float):
        return value
    try:
        if isinstance(value, str):
            text = value.strip()
            if not _NUMBER.fullmatch(text):
                return None
            return int(text) if re.fullmatch(r"[+-]?\d+", text, re.ASCII) else float(text)
        if is_foreign_number(value):
            number = float(value)
            return int(number) if math.isfinite(number) and value == int(number) else number
    except (ValueError, OverflowError):  # a number of thousands of digits
        pass
    return None


def is_foreign_number(value: Any) -> bool:
    """Tell whether a value is a decimal or a fraction; complex numbers are not to be compared."""
    number = isinstance(value, numbers.Number) and not isinstance(value, int | float)
    return number and hasattr(value, "__float__")


def conform(shape: Shape, value: Any) -> Any:
    """Return a value as its shape has it.

    Args:
        shape: What is expected.
        value: What was passed, with anything of Python's in it.

    Returns:
        The value; texts of numbers, and numbers where text goes, as what they are there.

    Raises:
        Misfit: It has not the shape.
    """
    return _Conformer().conform(shape, value, "", 0)


def mend(shape: Shape, value: Any, depth: int = 0) -> Any:  # noqa: C901, PLR0911 - a case for each shape
    """Return what a language model meant, where its slip leaves no doubt.

    Args:
        shape: What is expected.
        value: What the model gave.
        depth: How deep in it this is.

    Returns:
        A number for its text, a flag for ``"true"``, a list for a single value or the text of one,
        an object for its text; every other value as it is.
    """
    if depth > MAX_SHAPE_DEPTH or value is None:
        return value
    match shape:
        case Reference():
            return mend(shape.target, value, depth + 1)
        case Union(members):
            return _mend_union(members, value, depth)
        case Scalar(kind):
            return _mend_scalar(kind, value)
        case Enum():
            return _mend_choice(shape, value)
        case Array(item):
            return _mend_list(item, value, depth)
        case FixedArray(items):
            value = _read_json(value, list)
            if isinstance(value, list) and len(value) == len(items):
                return [mend(one, part, depth + 1) for one, part in zip(items, value, strict=True)]
            return value
        case Object(_, fields, _):
            value = _read_json(value, dict)
            kinds = {part.name: part.shape for part in fields}
        case Dictionary(inner):
            value = _read_json(value, dict)
            kinds = dict.fromkeys(value, inner) if isinstance(value, dict) else {}
        case _:
            return value
    if not isinstance(value, dict):
        return value
    return {
        key: mend(kinds[key], part, depth + 1) if key in kinds else part
        for key, part in value.items()
    }


def name_shape(shape: Shape, depth: int = NAMED_DEPTH) -> str:  # noqa: PLR0911 - a case for each shape
    """Return a shape in words that follow "it takes", so deep."""
    match shape:
        case Scalar(kind):
            return _NAMES[kind]
        case Enum(values):
            shown = [short_repr(value) for value in values[:LISTED]]
            return " or ".join([*shown, "others"] if len(values) > LISTED else shown)
        case FixedArray(items):
            return f"a list of {len(items)}"
        case Array(item):
            plain = isinstance(item, Anything) or not depth
            return "a list" if plain else f"a list, each of it {name_shape(item, depth - 1)}"
        case Object(_, fields, _):
            names = [short_repr(part.name) for part in fields if part.required][:LISTED]
            return f"a dictionary with {', '.join(names)}" if names else "a dictionary"
        case Dictionary():
            return "a dictionary"
        case Union(members):
            named = (name_shape(member, max(depth - 1, 0)) for member in members[:LISTED])
            return " or ".join(dict.fromkeys(named))
        case File():
            return "a file"
        case _:
            return "what JSON can say"


_MISFIT = object()


def _as_scalar(kind: type, value: Any) -> Any:
    """Return a value as a scalar of that type, or `_MISFIT`."""
    if kind is str:
        return _as_text(value)
    if kind is bool:
        return as_flag(value)
    if kind is NoneType:
        return value if value is None else _MISFIT
    number = as_number(value)
    if kind is int and isinstance(number, float):
        number = int(number) if number.is_integer() else None
    return _MISFIT if number is None else number


def _as_text(value: Any) -> Any:
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if _is_number(value) or is_foreign_number(value):
        return _write_number(value, _MISFIT)
    return value if isinstance(value, str) else _MISFIT


def _write_number(number: Any, otherwise: Any) -> Any:
    """Return a number as text; *otherwise* if it has more digits than Python writes."""
    try:
        return str(number)
    except ValueError:
        return otherwise


def as_flag(value: Any) -> Any:
    """Return the flag that a value is: 0 and 1 are, texts are not; `_MISFIT` for what is none."""
    known = isinstance(value, int | float) and value in (0, 1)
    return bool(value) if known else _MISFIT


def is_flag(value: Any) -> bool:
    """Tell whether a value is a flag."""
    return as_flag(value) is not _MISFIT


class _Conformer:
    """Makes one value conform."""

    def __init__(self) -> None:
        # What came of a part of the value as a member of a union, where that is tried inside of
        # another member. Members have parts in common, and each part of the value would be tried
        # once for each way that leads to both. The values are held, or others got their numbers.
        self.tried: dict[tuple[int, int], tuple[Shape, Any, Any]] = {}
        self.trying = 0

    def conform(self, shape: Shape, value: Any, place: str, depth: int) -> Any:
        value = unpack(value)
        if depth > MAX_SHAPE_DEPTH or isinstance(shape, Anything | File | Reference):
            return value
        made: Any = value
        match shape:
            case Scalar(kind):
                made = _as_scalar(kind, value)
            case Enum():
                made = shape.find(value, _MISFIT)
            case Array() | FixedArray() if is_list(value):
                made = self.conform_items(shape, [*value], place, depth)
            case Dictionary() | Object() if isinstance(value, Mapping):
                made = self.conform_entries(shape, value, place, depth)
            case Union(members):
                made = self.conform_to_member(members, value, place, depth)
            case _:
                made = _MISFIT
        if made is _MISFIT:
            raise Misfit(name_shape(shape), value, place)
        return made

    def conform_items(
        self, shape: Array | FixedArray, values: list[Any], place: str, depth: int
    ) -> Any:
        if isinstance(shape, FixedArray) and len(values) != len(shape.items):
            return _MISFIT
        kinds = shape.items if isinstance(shape, FixedArray) else [shape.item] * len(values)
        pairs = enumerate(zip(kinds, values, strict=True))
        return [self.conform(kind, one, f"{place}[{n}]", depth + 1) for n, (kind, one) in pairs]

    def conform_entries(
        self, shape: Dictionary | Object, value: Mapping[Any, Any], place: str, depth: int
    ) -> Any:
        if isinstance(shape, Dictionary):
            kinds: dict[Any, Shape] = dict.fromkeys(value, shape.value)
        else:
            kinds = {part.name: part.shape for part in shape.fields}
            if any(part.required and part.name not in value for part in shape.fields):
                return _MISFIT
        made = dict(value)
        for key, part in value.items():
            if key in kinds:
                made[key] = self.conform(kinds[key], part, f"{place}[{short_repr(key)}]", depth + 1)
        return made

    def conform_to_member(
        self, members: tuple[Shape, ...], value: Any, place: str, depth: int
    ) -> Any:
        """Return a value as one of several shapes: the one that it has, before one made of it."""
        listed = [*value] if is_list(value) else value
        for member in sorted(members, key=lambda member: not has_type(member, listed)):
            made = self.try_member(member, value, place, depth)
            if made is not _MISFIT:
                return made
        return _MISFIT

    def try_member(self, member: Shape, value: Any, place: str, depth: int) -> Any:
        key = id(member), id(value)
        if key in self.tried:
            return self.tried[key][-1]
        self.trying += 1
        try:
            made = self.conform(member, value, place, depth + 1)
        except Misfit:
            made = _MISFIT
        self.trying -= 1
        if self.trying and (is_list(value) or isinstance(value, Mapping)):
            self.tried[key] = member, value, made
        return made


def _mend_union(members: tuple[Shape, ...], value: Any, depth: int) -> Any:
    for member in members:
        if has_type(member, value):
            return mend(member, value, depth + 1)
    text = value.strip().lower() if isinstance(value, str) else ""
    if text in _NOTHING and NULL in members:
        return None
    for member in members:
        made = mend(member, value, depth + 1)
        if made is not value and has_type(member, made):
            return made
    return value


def _mend_list(item: Shape, value: Any, depth: int) -> Any:
    # In a list of lists, who knows how deep a single value goes.
    nested = isinstance(item, Array | FixedArray | Reference)
    lone = isinstance(value, str | int | float | dict) and not nested
    # A choice can look like anything.
    if not (isinstance(item, Enum) and has_type(item, value)):
        value = _read_json(value, list)
    if isinstance(value, list):
        return [mend(item, one, depth + 1) for one in value]
    return [mend(item, value, depth + 1)] if lone else value


def _mend_scalar(kind: type, value: Any) -> Any:
    if kind is bool and isinstance(value, str):
        return _FLAGS.get(value.strip().lower(), value)
    if kind is str and isinstance(value, list | dict):
        return _write_json(value)
    if kind is str and _is_number(value):
        return _write_number(value, value)
    if kind in (int, float) and isinstance(value, str | float):
        number = as_number(value)
        if isinstance(number, float) and kind is int and number.is_integer():
            return int(number)
        return value if number is None else number
    return value


def _mend_choice(shape: Enum, value: Any) -> Any:
    if value in shape:
        return value
    made = (_mend_scalar(kind, value) for kind in dict.fromkeys(map(type, shape.values)))
    return next((one for one in made if one in shape), value)


def _write_json(value: Any) -> Any:
    """Return a list or an object as the JSON text that was to be written."""
    try:
        return json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError):  # it holds what its caller put there
        return value


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _read_json(value: Any, kind: type) -> Any:
    """Return the list or the object that a text is the JSON of, or the value itself."""
    if not isinstance(value, str) or not value.lstrip().startswith("[" if kind is list else "{"):
        return value
    try:
        found = json.loads(value)
    except (ValueError, RecursionError):
        return value
    return found if isinstance(found, kind) else value
