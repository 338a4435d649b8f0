"""What tells two types of contracts from each other, in words."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Literal

from ...builtin import json_kind
from ...schema.inclusion import Incomparable, includes
from ...schema.shape import NULL, Array, Object, Reference, Union
from ...text import one_line
from .type_entries import read_type

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

    from ...schema.shape import Shape

    Entry = Mapping[str, Any]

MAX_LISTED = 6
MAX_VALUE = 60
MAX_TYPE = 120

_MEDIA = frozenset({"image", "audio", "video", "model3d"})
_FILES = frozenset({"file", "uploadbutton", "downloadbutton"})
"""Components of any files; nothing is known of those that are not Gradio's own."""

_PAST = {"takes": "took", "is": "was"}

_DOUBTS = {"takes": "may take less than it took", "is": "may be something else than it was"}


def takes_same(old: Entry, new: Entry) -> bool:
    """Tell whether a parameter takes what another one took."""
    return surely_includes(read_type(new), read_type(old)) and not takes_other_files(old, new)


def surely_includes(wide: Shape, narrow: Shape, *, more_keys: bool = False) -> bool:
    """Tell whether it is known that one shape takes every value of another; see `includes`."""
    try:
        return includes(wide, narrow, more_keys=more_keys)
    except Incomparable:
        return False


def takes_other_files(old: Entry, new: Entry) -> bool:
    """Tell whether a parameter that is a file is one of another medium, such as a video."""
    was, now = _media_of(old), _media_of(new)
    return was != now and now in _MEDIA and was in _MEDIA | _FILES


def gives_other_files(old: Entry, new: Entry) -> bool:
    """Tell whether a result that is a file is one of another medium, or of any."""
    return takes_other_files(new, old)


def _media_of(entry: Entry) -> str:
    component = entry.get("component")
    return component.lower() if isinstance(component, str) else ""


def describe_type_change(
    verb: Literal["takes", "is"], old: Entry, new: Entry, before: Shape, after: Shape
) -> str:
    """Return the clause of what a parameter takes now, or what a result is now.

    Args:
        verb: Whether it is about a parameter or a result.
        old: The entry that there was.
        new: The entry that there is.
        before: Its shape.
        after: The shape that there is.
    """
    was, now = (one_line(each["type"], MAX_TYPE) for each in (old, new))
    keys = _describe_keys(before, after, more_keys=verb == "is")
    if was == now:
        return f"{verb} another {now} now{f' ({keys})' if keys else ''}"
    return f"{verb} {now}, and {_PAST[verb]} {was}"


def describe_doubt(verb: Literal["takes", "is"]) -> str:
    """Return the clause of types that are too large for it to be known what changed.

    Args:
        verb: Whether it is about a parameter or a result.
    """
    return f"{_DOUBTS[verb]}: the types are too large to be compared"


def _describe_keys(before: Shape, after: Shape, *, more_keys: bool) -> str:
    """Return what differs of the keys of an object, or of the objects in a list."""
    one, other = _find_object(before), _find_object(after)
    if one is None or other is None:
        return ""
    facts = []
    for part in one.fields:
        name, now = part.name, other.by_name.get(part.name)
        if now is None:
            facts.append(f"{_quote(name)} is gone")
        elif now.required != part.required:
            always = "must be there" if now.required else "may be missing"
            facts.append(f"{_quote(name)} {always}")
        elif not (
            surely_includes(now.shape, part.shape, more_keys=more_keys)
            and surely_includes(part.shape, now.shape, more_keys=more_keys)
        ):
            facts.append(f"{_quote(name)} is of another type")
    facts += [f"{_quote(name)} is new" for name in _names_of(other) if name not in one.by_name]
    return ", ".join(facts[:MAX_LISTED]) + (" …" if len(facts) > MAX_LISTED else "")


def _names_of(shape: Object) -> list[str]:
    return [part.name for part in shape.fields]


def _find_object(shape: Shape) -> Object | None:
    """Return the only object that a shape is about: itself, in a list, or with ``None`` beside."""
    for _ in range(8):
        if isinstance(shape, Object):
            return shape
        if isinstance(shape, Array):
            shape = shape.item
        elif isinstance(shape, Reference):
            shape = shape.target
        elif isinstance(shape, Union):
            others = [member for member in shape.members if member != NULL]
            if len(others) != 1:
                return None
            shape = others[0]
    return None


def _quote(name: str) -> str:
    return one_line(repr(name), MAX_VALUE)


def key_of(value: Any) -> Hashable:
    """Return what is equal for values that are equal in JSON."""
    if isinstance(value, list | dict):
        return json.dumps(value, sort_keys=True)
    return json_kind(value), value


def list_values(values: Sequence[Any]) -> str:
    """Return values as Python writes them, of many the first."""
    shown = [one_line(repr(value), MAX_VALUE) for value in values[:MAX_LISTED]]
    more = len(values) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")
