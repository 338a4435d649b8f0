"""Whether one shape takes every value of another.

Rule: a file is a value of its own kind. What takes any JSON takes none: a path is sent to it as the
text that it is, and what comes of it is no `File`. The work is bounded, as both shapes may be a
stranger's; what would take more is not told (`Incomparable`), and nobody guesses.
"""

from __future__ import annotations

import sys
from types import NoneType
from typing import TYPE_CHECKING, Any, TypeAlias

from .match import has_type
from .shape import (
    Anything,
    Array,
    Dictionary,
    Enum,
    File,
    FixedArray,
    Object,
    Reference,
    Scalar,
    Union,
    has_file,
    walk,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .shape import Shape

MAX_COMPARISONS = 100_000
MAX_DEPTH = 100
"""How deep shapes are compared: twice as deep as they are read, for references lead around."""

_Pair: TypeAlias = tuple[int, int]
_NOTHING = sys.maxsize

_FEW_VALUES: dict[type, tuple[Any, ...]] = {bool: (False, True), NoneType: (None,)}


class Incomparable(Exception):
    """To compare two shapes takes more than is taken for it."""


def includes(wide: Shape, narrow: Shape, *, more_keys: bool = False) -> bool:
    """Tell whether each value of one shape is one of another, too.

    A shape that no value has is included in all.

    Args:
        wide: The shape that is to take them.
        narrow: The shape that they have.
        more_keys: Of objects, whether they are for somebody who reads the keys of *wide*: others
            do no harm, and none of these may be missing for good.

    Raises:
        Incomparable: It takes too much to tell.
    """
    return _Comparison(wide, narrow, more_keys=more_keys).includes(wide, narrow, 0)


class _Comparison:
    """One comparison, which looks at each pair of parts once.

    A pair that is met again within itself is taken for right: so shapes that contain themselves
    come to an end. What was found right by that is sure as soon as it rests on no pair that is
    still open, and nothing if such a pair turns out wrong; what was found wrong is wrong.

    Args:
        wide: The shape that is to take values.
        narrow: The one that they have.
        more_keys: See `includes`.
    """

    def __init__(self, wide: Shape, narrow: Shape, *, more_keys: bool) -> None:
        self.more_keys = more_keys
        parts = (*walk(wide), *walk(narrow))
        self.endless = any(isinstance(part, Reference) for part in parts)
        self.empty = _find_empty(walk(narrow)) if self.endless else frozenset()
        self.left = MAX_COMPARISONS
        # By identity, as parts live as long as the whole: references of one name may mean several
        # things. Pairs that are open have their places, the outermost first; those that are likely
        # have the outermost place that they rest on.
        self.open: dict[_Pair, int] = {}
        self.known: dict[_Pair, bool] = {}
        self.likely: dict[_Pair, int] = {}
        self.found_likely: list[_Pair] = []
        self.rests_on = _NOTHING

    def includes(self, wide: Shape, narrow: Shape, depth: int) -> bool:
        wide = wide.target if isinstance(wide, Reference) else wide
        narrow = narrow.target if isinstance(narrow, Reference) else narrow
        if wide is narrow or id(narrow) in self.empty or (not self.endless and wide == narrow):
            return True
        pair = id(wide), id(narrow)
        if pair in self.known:
            return self.known[pair]
        place = self.open.get(pair, self.likely.get(pair))
        if place is not None:
            self.rests_on = min(self.rests_on, place)
            return True
        self.left -= 1
        if self.left < 0 or depth > MAX_DEPTH:
            raise Incomparable
        return self.find_out(pair, wide, narrow, depth)

    def find_out(self, pair: _Pair, wide: Shape, narrow: Shape, depth: int) -> bool:
        """Compare a pair for the first time, and remember what was found."""
        place, before, began = len(self.open), self.rests_on, len(self.found_likely)
        self.open[pair], self.rests_on = place, _NOTHING
        found = self.compare(wide, narrow, depth + 1)
        del self.open[pair]
        rests_on, self.rests_on = self.rests_on, before
        if found and rests_on < place:
            # So does what was found within, as that may rest on this pair.
            self.found_likely.append(pair)
            for other in self.found_likely[began:]:
                self.likely[other] = min(rests_on, self.likely.get(other, rests_on))
            self.rests_on = min(before, rests_on)
            return True
        for other in self.found_likely[began:]:
            del self.likely[other]
            if found:
                self.known[other] = True
        del self.found_likely[began:]
        self.known[pair] = found
        return found

    def compare(self, wide: Shape, narrow: Shape, depth: int) -> bool:
        if isinstance(wide, Anything):
            return not has_file(narrow)
        if isinstance(narrow, Enum):
            return all(self.takes_value(wide, value) for value in narrow.values)
        if isinstance(narrow, Scalar) and narrow.type in _FEW_VALUES:
            return all(self.takes_value(wide, value) for value in _FEW_VALUES[narrow.type])
        if isinstance(narrow, Union):
            return all(self.includes(wide, member, depth) for member in narrow.alternatives)
        if isinstance(wide, Union):
            return any(self.includes(member, narrow, depth) for member in wide.alternatives)
        return self.compare_plain(wide, narrow, depth)

    def compare_plain(self, wide: Shape, narrow: Shape, depth: int) -> bool:
        """Compare shapes neither of which is a choice between others."""
        match wide, narrow:
            case Scalar(taken), Scalar(given):
                return taken is given or (taken is float and given is int)
            case Array(taker), Array(item):
                return self.includes(taker, item, depth)
            case Array(taker), FixedArray(items):
                return all(self.includes(taker, item, depth) for item in items)
            case FixedArray(takers), FixedArray(items):
                pairs = zip(takers, items, strict=False)
                same = len(takers) == len(items)
                return same and all(self.includes(taker, item, depth) for taker, item in pairs)
            case ((Object() | Dictionary()), (Object() | Dictionary())):
                return self.compare_objects(wide, narrow, depth)
            case _:
                return isinstance(wide, File) and isinstance(narrow, File)

    def compare_objects(
        self, wide: Object | Dictionary, narrow: Object | Dictionary, depth: int
    ) -> bool:
        takers, needed, rest = _take_apart(wide)
        parts, sure, others = _take_apart(narrow)
        if not needed <= sure:
            return False
        pairs = [(takers.get(name, rest), part) for name, part in parts.items()]
        if others is not None:  # which can have any key
            unknown = [taker for name, taker in takers.items() if name not in parts]
            pairs += [(taker, others) for taker in (rest, *unknown)]
        elif self.more_keys and not takers.keys() <= parts.keys():
            return False
        return all(
            self.more_keys if taker is None else self.includes(taker, part, depth)
            for taker, part in pairs
        )

    def takes_value(self, wide: Shape, value: Any) -> bool:
        """Tell whether a shape takes a scalar."""
        if isinstance(wide, Union):
            return any(self.takes_value(member, value) for member in wide.alternatives)
        plain = isinstance(wide, Scalar | Enum | Anything)
        return plain and has_type(wide, value)


def _take_apart(
    shape: Object | Dictionary,
) -> tuple[dict[str, Shape], frozenset[str], Shape | None]:
    """Return the shapes by key, the keys that are always there, and the shape of others."""
    if isinstance(shape, Dictionary):
        return {}, frozenset(), shape.value
    return {part.name: part.shape for part in shape.fields}, shape.required, shape.extra


def _find_empty(parts: Iterable[Shape]) -> frozenset[int]:
    """Return the ids of the parts that no value has: none ends that has to contain itself."""
    empty = list(parts)
    while True:
        ids = frozenset(map(id, empty))
        left = [part for part in empty if _is_empty(part, ids)]
        if len(left) == len(empty):
            return ids
        empty = left


def _is_empty(shape: Shape, empty: frozenset[int]) -> bool:
    """Tell whether no value has a shape, if none has some others."""
    match shape:
        case FixedArray(parts):
            return any(id(part) in empty for part in parts)
        case Object(_, fields):
            return any(part.required and id(part.shape) in empty for part in fields)
        case Union(members):
            return all(id(member) in empty for member in members)
        case Reference():
            return id(shape.target) in empty
        case _:
            return False
