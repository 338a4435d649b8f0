"""Which component, and which part of ``/info``, belongs to each place of a function's data.

A call is a list of values, one for each input of the function, and its result a list of one value
for each output. ``/config`` has the component of each place by its number; ``/info`` describes some
of them, in their order. Which ones it leaves out is decided here by what the components are, as
Gradio itself does, and never by how many there are: what does not fit together is a
`Contradiction`, or values would silently go to the place of another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ..text import render_count

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import TypeGuard

    from .endpoint import JSON
    from .gradio3 import Side

# What holds no data. Gradio 3 does not say so of its components: from 3.37 on its /info leaves out
# these types, and those below. Gradio 4 and later say it of each component (``skip_api``).
_LAYOUTS = frozenset(
    {"row", "column", "tabs", "tab", "tabitem", "box", "form", "accordion", "group"}
)
# What Gradio 3 describes until 3.36 and leaves out later.
_SOMETIMES = frozenset({"dataset", "interpretation"})

_SAID = {"inputs": "parameter", "outputs": "result"}
_KEYS = {"inputs": "parameters", "outputs": "returns"}


class Contradiction(Exception):
    """A description says two things of a function that can't both be true; the text says which."""


class Place(NamedTuple):
    """A place of a function's data that a caller sees.

    Attributes:
        position: Which one, hidden ones included.
        component: The number of its component; ``None`` if it is not known.
        entry: What ``/info`` says of it; empty where it says nothing.
    """

    position: int
    component: int | None
    entry: Mapping[str, JSON]


class Components:
    """The components of a description by their numbers.

    Args:
        listed: What ``/config`` lists as components.
    """

    def __init__(self, listed: JSON) -> None:
        self._raw: dict[int, Mapping[str, JSON]] = {}
        self._doubled: set[int] = set()
        for raw in list_objects(listed):
            if not is_number(raw.get("id")):
                continue
            number: int = raw["id"]
            if not are_equal(self._raw.setdefault(number, raw), raw):
                self._doubled.add(number)

    @property
    def by_number(self) -> Mapping[int, Mapping[str, JSON]]:
        """All of them."""
        return self._raw

    def get(self, number: int | None) -> Mapping[str, JSON]:
        """Return a component; an empty one if there is none."""
        return self._raw.get(number, {}) if number is not None else {}

    def find_kind(self, kind: str) -> frozenset[int | None]:
        """Return the numbers of the components of a kind."""
        return frozenset(number for number, raw in self._raw.items() if raw.get("type") == kind)

    def check(self, number: int | None) -> None:
        """Do nothing, if it is clear which component has a number.

        Raises:
            Contradiction: None has it, or several have.
        """
        if number is None:
            raise Contradiction("/config names a component by what is no number")
        if number in self._doubled:
            raise Contradiction(f"/config lists two components of the number {number}")
        if number not in self._raw:
            raise Contradiction(f"/config names the component {number}, and does not list it")


def find_places(
    function: Mapping[str, JSON],
    side: Side,
    components: Components,
    info: Mapping[str, JSON] | None,
) -> list[Place]:
    """Return the places that a caller sees.

    Args:
        function: What ``/config`` says of the function.
        side: Which data.
        components: The components of the page.
        info: What ``/info`` says of the function, if it does.

    Raises:
        Contradiction: It can't be told which component or which description a place has.
    """
    all_places = []
    for index, number in enumerate(read_component_numbers(function, side)):
        components.check(number)
        all_places.append((index, number or 0))
    seen = [place for place in all_places if not is_hidden(components.get(place[1]), side)]
    if info is None:
        return [Place(*place, {}) for place in seen]
    entries = list_objects(info.get(_KEYS[side]))
    for left_out in (_LAYOUTS | _SOMETIMES, _LAYOUTS):
        told = [place for place in all_places if _is_told(components.get(place[1]), left_out)]
        if len(told) == len(entries):
            _check_order(side, told, entries, components)
            paired = dict(zip(told, entries, strict=True))
            return [
                Place(*place, paired.get(place, {}))
                for place in all_places
                if place in paired or place in seen
            ]
    raise Contradiction(
        f"/info gives it {render_count(len(entries), _SAID[side])}, and /config "
        f"{render_count(len(seen), _SAID[side])}{_describe_kinds(seen, components)}"
    )


def guess_places(
    function: Mapping[str, JSON], side: Side, info: Mapping[str, JSON] | None
) -> list[Place]:
    """Return places to show of a function whose real ones can't be told; nothing is sent there."""
    if info is None:
        return [
            Place(n, number, {}) for n, number in enumerate(read_component_numbers(function, side))
        ]
    entries = list_objects(info.get(_KEYS[side]))
    return [Place(n, None, entry) for n, entry in enumerate(entries)]


def fits(function: Mapping[str, JSON], components: Components, info: Mapping[str, JSON]) -> bool:
    """Tell whether ``/info`` can be about a function of ``/config``."""
    try:
        find_places(function, "inputs", components, info)
        find_places(function, "outputs", components, info)
    except Contradiction:
        return False
    return True


def is_hidden(raw: Mapping[str, JSON], side: Side) -> bool:
    """Tell whether a component is no parameter, or no result.

    A Dataset is one of these where it is an input, whatever the version says: the app's function
    can't do without the number of the row.
    """
    kind = _text(raw.get("type"))
    if kind == "state":
        return True
    if kind == "dataset" and side == "inputs":
        return False
    skipped = raw.get("skip_api")
    return skipped if isinstance(skipped, bool) else kind in _LAYOUTS | _SOMETIMES


def _is_told(raw: Mapping[str, JSON], left_out: frozenset[str]) -> bool:
    """Tell whether ``/info`` describes a component."""
    kind, skipped = _text(raw.get("type")), raw.get("skip_api")
    if isinstance(skipped, bool):
        return not skipped and kind != "state"
    return kind != "state" and kind not in left_out


def _check_order(
    side: Side,
    told: Sequence[tuple[int, int]],
    entries: Sequence[Mapping[str, JSON]],
    components: Components,
) -> None:
    """Do nothing, unless ``/info`` has the types of the components in another order.

    Raises:
        Contradiction: It has.
    """
    ours = [_kind(components.get(number).get("type")) for _, number in told]
    theirs = [_kind(entry.get("component")) for entry in entries]
    if ours != theirs and sorted(ours) == sorted(theirs):
        raise Contradiction(
            f"/info has its {_SAID[side]}s in the order {', '.join(theirs)}, and /config in the "
            f"order {', '.join(ours)}"
        )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _kind(value: object) -> str:
    return _text(value).lower()


def _describe_kinds(places: Sequence[tuple[int, int]], components: Components) -> str:
    kinds = [_kind(components.get(number).get("type")) for _, number in places]
    return f" ({', '.join(kinds)})" if kinds else ""


def read_component_numbers(function: Mapping[str, JSON], side: Side) -> list[int | None]:
    """Return the numbers of a function's components; ``None`` for what is no number."""
    numbers = function.get(side)
    return [
        number if is_number(number) else None
        for number in (numbers if isinstance(numbers, list) else [])
    ]


def are_equal(one: JSON, other: JSON) -> bool:
    """Tell whether two parts of a description are equal, as far as Python can follow them."""
    try:
        return one is other or bool(one == other)
    except RecursionError:
        return False


def is_number(value: object) -> TypeGuard[int]:
    """Tell whether a value is an integer to JSON."""
    return isinstance(value, int) and not isinstance(value, bool)


def list_objects(value: object) -> list[Mapping[str, JSON]]:
    """Return the objects in a list."""
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []
