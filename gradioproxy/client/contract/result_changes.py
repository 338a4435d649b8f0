"""What changed of what a function returns.

Each finding is whether it breaks scripts that use the results, and a clause.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...schema.inclusion import Incomparable, includes
from ...text import one_line, render_count
from .type_changes import describe_doubt, describe_type_change, gives_other_files, surely_includes
from .type_entries import read_type

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from .parameter_changes import Finding

    Entry = Mapping[str, Any]


def compare_results(old: Sequence[Entry], new: Sequence[Entry]) -> Iterator[Finding]:
    """Yield what changed of the results of a function."""
    if len(old) != len(new):
        was, now = (render_count(len(some), "value") for some in (old, new))
        yield True, f"it returns {now}, and returned {was}"
        return
    if len(old) == 1:
        yield from _compare_result("the result", old[0], new[0])
        return
    before, after = ([entry["name"] for entry in some] for some in (old, new))
    if before != after and sorted(before) == sorted(after):
        yield True, f"it returns {_list_names(after)}, and returned {_list_names(before)}"
        return
    for place, (one, other) in enumerate(zip(old, new, strict=True)):
        name, now = (one_line(entry["name"], 60) for entry in (one, other))
        if before[place] != after[place]:
            yield True, f"result {name} is called {now} now"
        yield from _compare_result(f"result {name}", one, other)


def _compare_result(name: str, old: Entry, new: Entry) -> Iterator[Finding]:
    if old == new:
        return
    before, after = read_type(old), read_type(new)
    if gives_other_files(old, new):
        was, now = (one_line(each.get("component", ""), 40) for each in (old, new))
        yield True, f"{name} is a file of {now}, and was one of {was}"
        return
    try:
        is_all = includes(before, after, more_keys=True)
    except Incomparable:
        yield True, f"{name} {describe_doubt('is')}"
        return
    if not is_all:
        yield True, f"{name} {describe_type_change('is', old, new, before, after)}"
    elif not surely_includes(after, before, more_keys=True):
        yield False, f"{name} {describe_type_change('is', old, new, before, after)}"


def _list_names(names: Sequence[str]) -> str:
    return ", ".join(one_line(name, 40) for name in names[:12]) + (" …" if len(names) > 12 else "")  # noqa: PLR2004
