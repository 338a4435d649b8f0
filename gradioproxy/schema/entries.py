"""Which function of ``/config`` each entry of ``/info`` is about.

Rule: functions and entries are found here and told apart; what they say is read by `parse`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from .places import are_equal, fits, is_number

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .endpoint import JSON
    from .places import Components
    from .release import Release


class Function(NamedTuple):
    """A function of ``/config``: its number, and what is said of it."""

    number: int
    raw: Mapping[str, JSON]


Found: TypeAlias = "tuple[Function, Mapping[str, JSON] | None]"
"""A function, and what ``/info`` says of it."""


class FunctionTable:
    """The functions of a description.

    Args:
        listed: What ``/config`` lists as functions.
        info: What ``/info`` answered; empty if there is none.
        components: The components of the page.
        release: The app's version.

    Attributes:
        functions: All of them.
        doubled: The numbers that several functions have which are not the same.
        documented: Those that have a name, in the order of ``/info``.
        undocumented: Those that have a name too, and that the app leaves out of ``/info``; private
            ones among them, which servers call like any other.
        unnamed: All that can be called, by their numbers as ``fn_<number>``.
    """

    def __init__(
        self,
        listed: Sequence[JSON],
        info: Mapping[str, JSON],
        components: Components,
        release: Release,
    ) -> None:
        self._info = info
        self._components = components
        self._release = release
        # Before Gradio 4.32 a function's number was its place in the list. None is negative, and
        # its number is part of a name.
        self.functions = [
            Function(raw["id"] if is_number(raw.get("id")) and raw["id"] >= 0 else place, raw)
            for place, raw in enumerate(listed)
            if isinstance(raw, dict)
        ]
        by_number: dict[int, Function] = {}
        self.doubled: set[int] = set()
        for function in self.functions:
            if not are_equal(by_number.setdefault(function.number, function).raw, function.raw):
                self.doubled.add(function.number)
        self._by_name = self._sort_by_name()
        self.documented: dict[str, Found] = self._find_documented()
        self.undocumented: dict[str, Found] = {}
        self._sort_others()
        entries = {f.number: entry for f, entry in self.documented.values() if entry is not None}
        self.unnamed: dict[str, Found] = {
            f"fn_{number}": (function, entries.get(number) or self._find_unnamed_entry(number))
            for number, function in by_number.items()
            if _runs(function.raw)
        }

    def _sort_by_name(self) -> dict[str, list[Function]]:
        """Return the functions by name; private ones where no other has it."""
        found: dict[str, list[Function]] = {}
        for function in sorted(self.functions, key=_is_private):
            name = _read_name(function)
            if name and not (name in found and _is_private(function)):
                found.setdefault(name, []).append(function)
        return found

    def _find_documented(self) -> dict[str, Found]:
        found: dict[str, Found] = {}
        for name, entry in self._list_entries("named_endpoints").items():
            if (name == "/False" and self._release.lists_false) or not isinstance(entry, dict):
                continue
            if name in self._by_name and not _is_private(self._by_name[name][0]):
                found[name] = self._find_described_function(entry, self._by_name[name]), entry
        return found

    def _find_described_function(
        self, entry: Mapping[str, JSON], functions: list[Function]
    ) -> Function:
        """Return the one of several functions of one name that the entry is about.

        ``/info`` keeps the last one that it could describe.
        """
        if len(functions) == 1:
            return functions[0]
        fitting = [f for f in functions if fits(f.raw, self._components, entry)]
        return (fitting or functions)[-1]

    def _sort_others(self) -> None:
        """Take the functions that have a name, and no entry in ``/info``."""
        # Gradio 3 leaves out what has a name for no other reason than that its own client knows no
        # such component (a layout, for example), which we can do without.
        has_info = isinstance(self._info.get("named_endpoints"), dict)
        is_complete = has_info and self._release.describes_every_function
        for name, functions in self._by_name.items():
            running = [function for function in functions if _runs(function.raw)]
            if name in self.documented or not running:
                continue
            is_listed = not is_complete and _is_public(running[-1].raw)
            (self.documented if is_listed else self.undocumented)[name] = running[-1], None

    def _find_unnamed_entry(self, number: int) -> Mapping[str, JSON] | None:
        """Return what Gradio 3 says of a function without a name."""
        entry = self._list_entries("unnamed_endpoints").get(str(number))
        return entry if isinstance(entry, dict) else None

    def _list_entries(self, key: str) -> Mapping[str, JSON]:
        entries = self._info.get(key)
        return entries if isinstance(entries, dict) else {}


def _runs(raw: Mapping[str, JSON]) -> bool:
    """Tell whether there is anything to call: some functions run in the browser alone."""
    return raw.get("backend_fn") is not False


def _is_public(raw: Mapping[str, JSON]) -> bool:
    """Tell whether the app shows a function in its documentation, where it says so."""
    visibility = raw.get("api_visibility")
    return raw.get("show_api") is not False and (visibility is None or visibility == "public")


def _is_private(function: Function) -> bool:
    """Tell whether clients are not even to know of a function; the server takes calls of it."""
    return function.raw.get("api_visibility") == "private"


def _read_name(function: Function) -> str | None:
    name = function.raw.get("api_name")
    if not isinstance(name, str) or not name:
        return None
    # ``api_name=False`` is this name from Gradio 6.10 on.
    return None if _is_private(function) and name.lower() == "false" else f"/{name}"
