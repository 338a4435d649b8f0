"""Values of other libraries as the ones that JSON knows, without asking for those libraries."""

from __future__ import annotations

import datetime as dt
import enum
import json
import math
from types import NoneType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing import TypeGuard

# In this order: a flag is an integer to Python.
_KINDS = {
    str: str,
    bool: bool,
    int: float,
    float: float,
    NoneType: NoneType,
    list: list,
    dict: dict,
}

# Bits of an integer that has fewer digits than Python can be told to write at most.
_SURELY_WRITTEN = 2_000


class DateText(str):
    """The text of a date or a moment: a text like others, but never the name of a file."""

    __slots__ = ()


def to_builtin(value: Any) -> Any:
    """Return a value as what JSON knows, where that is certain, and other values as they are."""
    if isinstance(value, enum.Enum):
        value = value.value
    if hasattr(value, "dtype") and hasattr(value, "tolist"):
        value = _to_list(value)
    if isinstance(value, dt.datetime):
        return DateText(value.isoformat(sep=" "))
    if isinstance(value, dt.date):
        return DateText(value.isoformat())
    return value


def write_key(key: Any) -> str | None:
    """Return the key of a dictionary as JSON has it, which knows texts only.

    Python's own `json` writes flags, numbers and ``None`` as they are written as values; whatever
    else is a key becomes text. ``None`` is what can't be written.
    """
    key = to_builtin(key)
    try:
        return json.dumps(key) if key is None or isinstance(key, int | float) else str(key)
    except Exception:  # noqa: BLE001 - thousands of digits, or a foreign __str__
        return None


def json_kind(value: object) -> type | None:
    """Return what JSON takes a value for; all numbers are of one kind, `float`.

    Values of two kinds are never equal. ``None`` is the kind of what JSON does not know.
    """
    kind = _KINDS.get(type(value))
    return kind or next((kind for base, kind in _KINDS.items() if isinstance(value, base)), None)


def is_finite(value: object) -> TypeGuard[int | float]:
    """Tell whether a value is a number that says how much, and no flag."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    # `math.isfinite` fails at integers that are too large to become floats.
    return -math.inf < value < math.inf


def is_writable(number: int) -> bool:
    """Tell whether Python writes an integer, as JSON or at all: none of thousands of digits."""
    if number.bit_length() < _SURELY_WRITTEN:
        return True
    try:
        return bool(str(number))
    except ValueError:
        return False


def is_missing(value: Any) -> bool:
    """Tell whether a value stands for a missing one: ``None``, ``nan``, and what pandas has."""
    if value is None or type(value).__name__ == "NAType":
        return True
    try:
        return bool(value != value)  # noqa: PLR0124 - which nothing else says of itself
    except Exception:  # noqa: BLE001 - an array compares its parts, and others raise what they like
        return False


def _to_list(array: Any) -> Any:
    """Return the values of an array or of a scalar of NumPy."""
    # Times that are finer than Python's would become mere numbers.
    if str(array.dtype).endswith(("[ns]", "[ps]", "[fs]", "[as]")):
        array = array.astype(f"{array.dtype.kind}8[us]")
    return array.tolist()
