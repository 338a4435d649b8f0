"""What changed of a function's parameters.

Each finding is whether it breaks calls, and a clause.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from ...builtin import is_finite
from ...functions.value_shapes import loosen
from ...schema.inclusion import Incomparable, includes
from ...schema.match import json_equal
from ...text import one_line
from .type_changes import (
    describe_doubt,
    describe_type_change,
    key_of,
    list_values,
    surely_includes,
    takes_other_files,
    takes_same,
)
from .type_entries import read_type

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ...schema.shape import Shape

    Entry = Mapping[str, Any]

Finding: TypeAlias = tuple[bool, str]


def compare_parameters(old: Sequence[Entry], new: Sequence[Entry]) -> Iterator[Finding]:
    """Yield what changed of the parameters of a function."""
    before = {entry["name"]: entry for entry in old}
    after = {entry["name"]: entry for entry in new}
    renamed = _find_renamed(old, new, before, after)
    kept = {name: renamed.get(name, name) for name in before if name in after or name in renamed}
    for name, entry in before.items():
        if name in renamed:
            yield True, f"{_name(name)} is called {one_line(renamed[name], 60)} now"
        if name in kept:
            yield from _compare_parameter(name, entry, after[kept[name]])
        else:
            yield True, f"{_name(name)} is gone"
    yield from _find_moved(list(kept.values()), list(after))
    yield from _find_added(after, set(kept.values()))


def _find_renamed(
    old: Sequence[Entry],
    new: Sequence[Entry],
    before: Mapping[str, Entry],
    after: Mapping[str, Entry],
) -> dict[str, str]:
    """Return the new names of parameters by their old ones.

    They stand in the same place, and take what was taken there.
    """
    return {
        one["name"]: other["name"]
        for one, other in zip(old, new, strict=False)
        if one["name"] not in after and other["name"] not in before and takes_same(one, other)
    }


def _find_moved(kept: Sequence[str], after: Sequence[str]) -> Iterator[Finding]:
    """Yield the parameters that stand elsewhere among those that there were.

    Args:
        kept: Those that there still are, by their new names in their old order.
        after: All that there are now.
    """
    known = set(kept)
    order = [name for name in after if name in known]
    places = {name: place for place, name in enumerate(order, 1)}
    for place, name in enumerate(kept, 1):
        if places[name] != place:
            yield True, f"{_name(name)} is number {places[name]} now, and was number {place}"


def _find_added(after: Mapping[str, Entry], kept: set[str]) -> Iterator[Finding]:
    names = list(after)
    last = max((place for place, name in enumerate(names) if name in kept), default=-1)
    for place, name in enumerate(names):
        if name in kept:
            continue
        if after[name]["required"]:
            yield True, f"{_name(name)} is new, and can't be left out"
        elif place < last:
            behind = next(one for one in names[place:] if one in kept)
            yield True, f"{_name(name)} is new, and stands before {one_line(behind, 60)}"
        else:
            yield False, f"{_name(name)} is new, and can be left out"


def _compare_parameter(name: str, old: Entry, new: Entry) -> Iterator[Finding]:
    if old == new:
        return
    shown = _name(name)
    if new["required"] != old["required"]:
        can = "can't be left out any more" if new["required"] else "can be left out now"
        yield new["required"], f"{shown} {can}"
    elif not _have_same_default(old, new):
        yield False, f"{shown} has another default{_show_defaults(old, new)}"
    for breaking, text in (*_compare_types(old, new), *_compare_bounds(old, new)):
        yield breaking, f"{shown} {text}"


def _compare_types(old: Entry, new: Entry) -> Iterator[Finding]:
    was, now = old.get("choices"), new.get("choices")
    before, after = read_type(old), read_type(new)
    if was is not None and now is not None:
        yield from _compare_choices(was, now)
        before, after = _read_without_choices(old, new)
    if takes_other_files(old, new):
        yield True, f"is a file for {_component(new)}, and was one for {_component(old)}"
        return
    try:
        takes_all = includes(after, before)
    except Incomparable:
        yield True, describe_doubt("takes")
        return
    if not takes_all:
        if was is None and now is not None:
            yield True, f"takes nothing but {list_values(now)} now"
        else:
            yield True, describe_type_change("takes", old, new, before, after)
    elif not surely_includes(before, after):
        if was is not None and now is None and old["type"] == new["type"]:
            yield False, "takes other values than its choices now"
        else:
            yield False, describe_type_change("takes", old, new, before, after)


def _read_without_choices(old: Entry, new: Entry) -> tuple[Shape, Shape]:
    """Return the shapes of two parameters as if they had the same choices."""
    if "schema" in old or "schema" in new:
        return loosen(read_type(old)), loosen(read_type(new))
    return read_type({**old, "choices": new["choices"]}), read_type(new)


def _compare_choices(was: Sequence[Any], now: Sequence[Any]) -> Iterator[Finding]:
    before, after = ({key_of(value): value for value in some} for some in (was, now))
    lost = [value for key, value in before.items() if key not in after]
    gained = [value for key, value in after.items() if key not in before]
    if lost:
        yield True, f"does not take {list_values(lost)} any more"
    if gained:
        yield False, f"takes {list_values(gained)} too"


def _compare_bounds(old: Entry, new: Entry) -> Iterator[Finding]:
    bounds = [[_read_bound(each, key) for key in ("minimum", "maximum")] for each in (old, new)]
    low, high = bounds[0]
    took_none = low is not None and high is not None and low > high
    for was, now, word, sign in zip(*bounds, ("least", "greatest"), (1, -1), strict=True):
        if was == now:
            continue
        if now is None:
            yield False, f"has no {word} number any more"
            continue
        narrower = not took_none and (was is None or sign * now > sign * was)
        behind = "" if was is None else f", and was {list_values([was])}"
        yield narrower, f"has {list_values([now])} as its {word} number{behind}"


def _read_bound(entry: Entry, key: str) -> float | None:
    found = entry.get(key)
    return found if is_finite(found) else None


def _have_same_default(old: Entry, new: Entry) -> bool:
    digests = {each.get("default_sha256") for each in (old, new)}
    there = {"default" in each for each in (old, new)}
    return len(digests) == len(there) == 1 and json_equal(old.get("default"), new.get("default"))


def _show_defaults(old: Entry, new: Entry) -> str:
    if "default" not in old or "default" not in new:
        return ""
    return f": {list_values([new['default']])}, and not {list_values([old['default']])}"


def _name(name: str) -> str:
    return f"parameter {one_line(name, 60)}"


def _component(entry: Entry) -> str:
    return one_line(entry.get("component", ""), 40)
