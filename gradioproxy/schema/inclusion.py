"""Whether one shape takes every value of another.

Rule: a file is a value of its own kind. What takes any JSON takes none: a path is sent to it as the
text that it is, and what comes of it is no `File`. The work is bounded, as both shapes may be a
stranger's; beyond, a shape takes nothing more.
"""

from __future__ import annotations

from types import NoneType
from typing import TYPE_CHECKING, Any

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
    from .shape import Shape

MAX_COMPARISONS = 100_000
MAX_DEPTH = 100
"""How deep shapes are compared: twice as deep as they are read, for references lead around."""

_FEW_VALUES: dict[type, tuple[Any, ...]] = {bool: (False, True), NoneType: (None,)}


def includes(wide: Shape, narrow: Shape, *, more_keys: bool = False) -> bool:
    """Tell whether each value of one shape is one of another, too.

    Args:
        wide: The shape that is to take them.
        narrow: The shape that they have.
        more_keys: Of objects, whether they are for somebody who reads the keys of *wide*: others
            do no harm, and none of these may be missing for good.
    """
    parts = (*walk(wide), *walk(narrow))
    endless = any(isinstance(part, Reference) for part in parts)
    return _Comparison(more_keys=more_keys, endless=endless).includes(wide, narrow, 0)


class _Comparison:
    """One comparison, which looks at each pair of parts once.

    Args:
        more_keys: See `includes`.
        endless: Whether some part contains itself.
    """

    def __init__(self, *, more_keys: bool, endless: bool) -> None:
        self.more_keys = more_keys
        self.endless = endless
        self.left = MAX_COMPARISONS
        # By identity, as parts live as long as the whole: references of one name may mean several
        # things. While a pair is compared, it is taken for right: so shapes that contain themselves
        # come to an end. What was found right by that is not sure; what was found wrong is.
        self.open: set[tuple[int, int]] = set()
        self.known: dict[tuple[int, int], bool] = {}

    def includes(self, wide: Shape, narrow: Shape, depth: int) -> bool:
        pair = id(wide), id(narrow)
        if pair in self.open:
            return True
        if pair in self.known:
            return self.known[pair]
        self.left -= 1
        if self.left < 0 or depth > MAX_DEPTH:
            return False
        self.open.add(pair)
        found = self.compare(wide, narrow, depth + 1)
        self.open.discard(pair)
        if not (found and self.endless):
            self.known[pair] = found
        return found

    def compare(self, wide: Shape, narrow: Shape, depth: int) -> bool:
        wide = wide.target if isinstance(wide, Reference) else wide
        narrow = narrow.target if isinstance(narrow, Reference) else narrow
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
