"""Values of other libraries as the ones that JSON knows, without asking for those libraries."""

from __future__ import annotations

import datetime as dt
import enum
import json
from typing import Any


def plain(value: Any) -> Any:
    """Return a value as what JSON knows, where that is certain, and other values as they are."""
    if isinstance(value, enum.Enum):
        value = value.value
    if hasattr(value, "dtype") and hasattr(value, "tolist"):
        value = _listed(value)
    if isinstance(value, dt.datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, dt.date):
        return value.isoformat()
    return value


def key_of(key: Any) -> str:
    """Return the key of a dictionary as JSON has it, which knows texts only.

    Python's own `json` writes flags, numbers and ``None`` as they are written as values; whatever
    else is a key becomes text.
    """
    key = plain(key)
    return json.dumps(key) if key is None or isinstance(key, int | float) else str(key)


def is_missing(value: Any) -> bool:
    """Tell whether a value stands for a missing one: ``None``, ``nan``, and what pandas has."""
    if value is None or type(value).__name__ == "NAType":
        return True
    try:
        return bool(value != value)  # noqa: PLR0124 - which nothing else says of itself
    except (TypeError, ValueError):
        return False  # an array, which compares its parts


def _listed(array: Any) -> Any:
    """Return the values of an array or of a scalar of NumPy."""
    # Times that are finer than Python's would become mere numbers.
    if str(array.dtype).endswith(("[ns]", "[ps]", "[fs]", "[as]")):
        array = array.astype(f"{array.dtype.kind}8[us]")
    return array.tolist()
