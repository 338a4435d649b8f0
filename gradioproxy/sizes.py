"""How much of a server's a value is, for limits: without writing it down."""

from __future__ import annotations

from typing import Any

# What stands around each item in JSON at least: ``1,`` in a list, ``"":1,`` in an object.
_ITEM, _FIELD = 2, 5
_CONTAINERS = (list, dict)
_TEXTS = {str}


def measure_value(value: Any) -> int:
    """Return about how many bytes a JSON value takes in a message, and never more than it does."""
    if not isinstance(value, _CONTAINERS):
        return len(value) if isinstance(value, str) else 0
    size = 0
    todo: list[Any] = [value]
    while todo:
        one = todo.pop()
        if isinstance(one, dict):
            size += _FIELD * len(one) + sum(map(len, map(str, one)))
            one = one.values()
        else:
            size += _ITEM * len(one)
        # Most of what comes has items of one kind, of which a loop of Python's own takes thrice as
        # long as reading them did.
        kinds = set(map(type, one))
        if kinds == _TEXTS:
            size += sum(map(len, one))
            continue
        if str in kinds:
            size += sum([len(each) for each in one if isinstance(each, str)])
        if not kinds.isdisjoint(_CONTAINERS):
            todo += [each for each in one if isinstance(each, _CONTAINERS)]
    return size
