"""Whether one annotation takes every value of another: how written modules are compared with apps.

It goes by what annotations mean: names of classes do not count, as a module gives them others where
two are called alike. The rules are those of `schema.inclusion`, by which locks are compared.
"""

from __future__ import annotations

import types
import typing
from typing import Any, Literal, NamedTuple, Union

Outline = object
"""An annotation reduced to what it means: equal for equal ones, and it can be hashed."""

# Deeper, what is the same so far is the same.
MAX_DEPTH = 30

ANY, FLOAT, INT = "Any", "float", "int"
FILES = frozenset({"File", "FileLike"})
MAPPINGS = frozenset({"Mapping", "dict"})


class _Value(NamedTuple):
    """A value of a `typing.Literal`; ``1`` and ``True`` are two."""

    kind: str
    text: str


class _Generic(NamedTuple):
    """What has parts, such as a list."""

    name: str
    parts: tuple[frozenset[Outline], ...]


class _Key(NamedTuple):
    name: str
    needed: bool
    members: frozenset[Outline]


class _Object(NamedTuple):
    """A `typing.TypedDict`."""

    keys: frozenset[_Key]


class _Fields(NamedTuple):
    """A named tuple."""

    names: tuple[str, ...]
    parts: tuple[frozenset[Outline], ...]


def includes_annotation(wide: Any, narrow: Any, *, more_keys: bool = False) -> bool:
    """Tell whether each value of one annotation is one of another, too.

    Args:
        wide: The annotation that is to take them.
        narrow: The annotation that they have.
        more_keys: Of objects, whether they are for somebody who reads the keys of *wide*: others
            do no harm, and none of these may be missing for good.
    """
    return _includes(outline_members(wide), outline_members(narrow), more_keys)


def _includes(wide: frozenset[Outline], narrow: frozenset[Outline], more_keys: bool) -> bool:
    return all(
        one in wide or any(_takes(taker, one, more_keys) for taker in wide) for one in narrow
    )


def _takes(wide: Outline, narrow: Outline, more_keys: bool) -> bool:
    """Compare two members of unions that are not equal."""
    if wide == ANY:
        return not _has_file(narrow)
    match wide, narrow:
        case str(), str() | _Value():
            kind = narrow.kind if isinstance(narrow, _Value) else narrow
            return wide == kind or (wide == FLOAT and kind == INT)
        case _Generic(name, (_, values)), _Object(keys) if name in MAPPINGS:
            return all(_includes(values, key.members, more_keys) for key in keys)
        case (_Generic(one, takers), _Generic(other, parts)) | (
            _Fields(one, takers),
            _Fields(other, parts),
        ):
            same = one == other and len(takers) == len(parts)
            pairs = zip(takers, parts, strict=False)
            return same and all(_includes(taker, part, more_keys) for taker, part in pairs)
        case _Object(), _Object():
            return _takes_object(wide, narrow, more_keys)
        case _:
            return False


def _takes_object(wide: _Object, narrow: _Object, more_keys: bool) -> bool:
    takers = {key.name: key for key in wide.keys}
    keys = {key.name: key for key in narrow.keys}
    for name, taker in takers.items():
        sure = name in keys and keys[name].needed
        if (taker.needed and not sure) or (more_keys and name not in keys):
            return False
    return all(
        _includes(takers[name].members, key.members, more_keys) if name in takers else more_keys
        for name, key in keys.items()
    )


def _has_file(outline: Outline) -> bool:
    if isinstance(outline, _Object):
        inside = [key.members for key in outline.keys]
    else:
        inside = [*outline.parts] if isinstance(outline, _Generic | _Fields) else []
    return outline in FILES or any(_has_file(one) for members in inside for one in members)


# Reduced.


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
        return _Generic(name, tuple(_outline_part(each, around) for each in arguments))
    if annotation in around:
        return around.index(annotation)
    if hasattr(annotation, "__required_keys__"):
        return _outline_object(annotation, around)
    if isinstance(annotation, type) and hasattr(annotation, "_fields"):
        hints, names = _read_hints(annotation), annotation._fields
        return _Fields(names, tuple(_outline_part(hints.get(name, Any), around) for name in names))
    if annotation is None or annotation is types.NoneType:
        return "None"
    # Before Python 3.11, Any has no name.
    return getattr(annotation, "__name__", None) or str(annotation).rpartition(".")[2]


def _outline_part(annotation: Any, around: tuple[type, ...]) -> frozenset[Outline]:
    return frozenset(_outline_members(annotation, around))


def _outline_object(annotation: Any, around: tuple[type, ...]) -> Outline:
    hints, inside = _read_hints(annotation), (*around, annotation)
    needed = annotation.__required_keys__
    return _Object(
        frozenset(_Key(key, key in needed, _outline_part(hints[key], inside)) for key in hints)
    )


def _read_hints(annotation: Any) -> dict[str, Any]:
    """Return the annotations of a class, those that are written as text resolved."""
    try:
        return typing.get_type_hints(annotation)
    except Exception:  # noqa: BLE001 - a module that somebody changed may say anything
        return dict.fromkeys(annotation.__annotations__, Any)
