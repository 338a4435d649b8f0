"""What changed between two contracts, and which of it breaks scripts that rely on the older one.

Rule: a change breaks if some call that the old app took, by position or by keyword, is refused by
the new one, or if something in a result is not what it was. A parameter may take more than before,
and a result may be less. Another default breaks nothing: what a call leaves to the app is for the
app to choose. What was not known to work before can't break: a function that contradicts itself, a
parameter that takes nothing. What is too large to be compared counts as breaking, and says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ...text import one_line
from .parameter_changes import compare_parameters
from .result_changes import compare_results

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    Entry = Mapping[str, Any]


@dataclass(frozen=True)
class Change:
    """One thing that is otherwise than it was.

    Attributes:
        endpoint: The function that it is about; empty if it is about the app.
        breaking: Whether scripts can fail by it.
        text: What changed, as a clause.
    """

    endpoint: str
    breaking: bool
    text: str

    def __str__(self) -> str:
        return f"{one_line(self.endpoint, 80)}: {self.text}" if self.endpoint else self.text


def compare_contracts(old: Entry, new: Entry) -> list[Change]:
    """Return what changed between two contracts.

    Args:
        old: The contract that scripts rely on, as `build.build_contract` or
            `storage.read_contract` returned it.
        new: The one that they meet.

    Returns:
        The changes: of the app, then of each old function, in the old order, then new functions.
        Labels, descriptions and the protocol are for the app to change, and not listed.
    """
    before, after = old["functions"], new["functions"]
    changes = list(_compare_apps(old["app"], new["app"]))
    for endpoint, function in before.items():
        if endpoint not in after:
            changes.append(Change(endpoint, True, "the function is gone"))
        elif function != after[endpoint]:
            found = _compare_functions(function, after[endpoint])
            changes += [Change(endpoint, breaking, text) for breaking, text in found]
    changes += [
        Change(endpoint, False, "the function is new")
        for endpoint in after
        if endpoint not in before
    ]
    return changes


def _compare_apps(old: Entry, new: Entry) -> Iterator[Change]:
    for key, what in (("url", "the address"), ("gradio", "the version of Gradio")):
        if old[key] != new[key]:
            was, now = (one_line(each[key]) or "unknown" for each in (old, new))
            yield Change("", False, f"{what} is {now}, and was {was}")


def _compare_functions(old: Entry, new: Entry) -> Iterator[tuple[bool, str]]:
    worked, works = (not each.get("contradiction") for each in (old, new))
    if old["name"] != new["name"]:
        was, now = (one_line(each["name"], 60) for each in (old, new))
        yield worked, f"its name in Python is {now}, and was {was}"
    if not worked or not works:
        # Nothing else of its description is sure then.
        if worked:
            yield True, f"it can't be called: {one_line(new['contradiction'])}"
        if works:
            yield False, "it can be called now"
        return
    yield from compare_parameters(old["parameters"], new["parameters"])
    yield from compare_results(old["returns"], new["returns"])
    if old.get("yields") is True and new.get("yields") is False:
        yield True, "it yields no partial results any more"
    elif old.get("yields") is False and new.get("yields") is True:
        yield False, "it yields partial results now"
