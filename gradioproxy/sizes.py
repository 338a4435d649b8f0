"""How much of a server's a value is, for limits: without writing it down."""

from __future__ import annotations

from typing import Any

# What stands around each item in JSON at least: ``1,`` in a list, ``"":1,`` in an object.
_ITEM, _FIELD = 2, 5


def measure_value(value: Any) -> int:
    """Return about how many bytes a JSON value takes in a message, and never more than it does."""
    size = 0
    todo = [value]
    while todo:
        one = todo.pop()
        if isinstance(one, str):
            size += len(one)
        elif isinstance(one, list | tuple):
            size += _ITEM * len(one)
            todo += [each for each in one if isinstance(each, str | list | dict)]
        elif isinstance(one, dict):
            size += _FIELD * len(one) + sum(len(key) for key in one if isinstance(key, str))
            todo += [each for each in one.values() if isinstance(each, str | list | dict)]
    return size
