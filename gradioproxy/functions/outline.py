"""Annotations reduced to what they mean, so that those of a written module can be compared.

Names of classes do not count: a module gives them others where two are called alike.
"""

from __future__ import annotations

import types
import typing
from typing import Any, Literal, NamedTuple, Union

Outline = object
"""Something that is equal for equal annotations, and can be hashed."""

# Deeper, what is the same so far is the same.
MAX_DEPTH = 30


class _Value(NamedTuple):
    """A value of a `typing.Literal`; ``1`` and ``True`` are two."""

    kind: str
    text: str


def outline_members(annotation: Any) -> frozenset[Outline]:
    """Return the outlines of a union's members, of which a choice's values are some.

    Args:
        annotation: The annotation; that of an alternative is a union of one member.
    """
    return frozenset(_outline_members(annotation, ()))


def _outline_members(annotation: Any, around: tuple[type, ...]) -> set[Outline]:
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin in {Union, types.UnionType}:
        return {one for each in arguments for one in _outline_members(each, around)}
    if origin is Literal:
        return {_Value(type(value).__name__, repr(value)) for value in arguments}
    return {_outline(annotation, around)}


def _outline(annotation: Any, around: tuple[type, ...]) -> Outline:  # noqa: PLR0911 - cases
    """Return the outline of an annotation that is in the objects *around*."""
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if len(around) > MAX_DEPTH:
        return "..."
    if str(origin).endswith("NotRequired"):  # which is left there before Python 3.11
        return _outline(arguments[0], around)
    if origin is not None:
        name = getattr(origin, "__name__", str(origin))
        return (name, *(frozenset(_outline_members(each, around)) for each in arguments))
    if annotation in around:
        return around.index(annotation)
    if hasattr(annotation, "__required_keys__"):
        return _outline_object(annotation, around)
    if isinstance(annotation, type) and hasattr(annotation, "_fields"):
        hints = _read_hints(annotation)
        return tuple(
            (name, frozenset(_outline_members(hints.get(name, Any), around)))
            for name in annotation._fields
        )
    if annotation is None or annotation is types.NoneType:
        return "None"
    # Before Python 3.11, Any has no name.
    return getattr(annotation, "__name__", None) or str(annotation).rpartition(".")[2]


def _outline_object(annotation: Any, around: tuple[type, ...]) -> Outline:
    hints, inside = _read_hints(annotation), (*around, annotation)
    return frozenset(
        (key, key in annotation.__required_keys__, frozenset(_outline_members(hint, inside)))
        for key, hint in hints.items()
    )


def _read_hints(annotation: Any) -> dict[str, Any]:
    """Return the annotations of a class, those that are written as text resolved."""
    try:
        return typing.get_type_hints(annotation)
    except Exception:  # noqa: BLE001 - a module that somebody changed may say anything
        return dict.fromkeys(annotation.__annotations__, Any)
