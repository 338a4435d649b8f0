"""Partial results as edits of the one before (protocols ``sse_v2`` and later).

An edit is ``[operation, path, value]``. Values are never changed in place: what an edit touches is
copied along its path and the rest is shared, so that every earlier value stays as it was.
"""

from __future__ import annotations

from typing import Any

from ..errors import ProtocolError


def apply_edits(value: Any, edits: Any) -> Any:
    """Return *value* with the edits made, in order.

    Raises:
        ProtocolError: The edits do not fit the value.
    """
    if not isinstance(edits, list):
        raise ProtocolError("The server sent edits that are no list.")
    for edit in edits:
        try:
            operation, path, change = edit
            value = _edited(value, operation, list(path), change)
        except (TypeError, ValueError, LookupError, AttributeError):
            raise ProtocolError(
                "The server sent an edit that does not fit the value it is for."
            ) from None
    return value


def _edited(value: Any, operation: str, path: list[str | int], change: Any) -> Any:
    """Return *value* with one edit made at *path*."""
    if not path:
        if operation == "replace":
            return change
        if operation == "append":
            return value + change
        raise ValueError(operation)
    if len(path) > 1 or operation in {"replace", "append"}:
        key, *rest = path
        if not isinstance(value, dict | list) or isinstance(key, str) != isinstance(value, dict):
            raise TypeError(key)
        copy: Any = value.copy()
        if operation == "replace" and not rest and isinstance(copy, dict):
            copy[key] = change  # may be a new key
        else:
            copy[key] = _edited(value[key], operation, rest, change)  # type: ignore[index]
        return copy
    return _resized(value, operation, path[0], change)


def _resized(value: Any, operation: str, key: str | int, change: Any) -> Any:
    """Return *value* with an item added or deleted."""
    copy = value.copy()
    if operation == "add":
        if isinstance(copy, list):
            copy.insert(int(key), change)
        else:
            copy[key] = change
    elif operation == "delete":
        del copy[key]
    else:
        raise ValueError(operation)
    return copy
