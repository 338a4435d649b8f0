"""Whether one annotation takes every value of another: how written modules are compared with apps.

It goes by what annotations mean: names of classes do not count, as a module gives them others where
two are called alike. The rules are those of `schema.inclusion`, by which locks are compared.
"""

from __future__ import annotations

import types
import typing
from typing import Any, Literal, NamedTuple, Union

MAX_COMPARISONS = 100_000
"""How many parts are compared; beyond, an annotation takes nothing more."""

FLOAT, INT = "float", "int"
FILES = frozenset({"File", "FileLike"})
MAPPINGS = frozenset({"Mapping", "dict"})


class _Value(NamedTuple):
    """A value of a `typing.Literal`; ``1`` and ``True`` are two."""

    kind: str
    text: str


def includes_annotation(wide: Any, narrow: Any, *, more_keys: bool = False) -> bool:
    """Tell whether each value of one annotation is one of another, too.

    Args:
        wide: The annotation that is to take them.
        narrow: The annotation that they have.
        more_keys: Of objects, whether they are for somebody who reads the keys of *wide*: others
            do no harm, and none of these may be missing for good.
    """
    comparison = _Comparison(more_keys=more_keys)
    while True:
        before = len(comparison.wrong)
        comparison.assumed.clear()
        found = comparison.includes(wide, narrow)
        # What was found by taking another pair for right holds only if that one was found right.
        if len(comparison.wrong) == before or comparison.left < 0:
            return found and comparison.left >= 0


class _Comparison:
    """One comparison, which looks at each pair of objects once in a round.

    Objects can contain themselves: a pair that is met again is taken for right, and what was found
    wrong stays so in the next round.
    """

    def __init__(self, *, more_keys: bool) -> None:
        self.more_keys = more_keys
        self.left = MAX_COMPARISONS
        self.assumed: set[tuple[type, type]] = set()
        self.wrong: set[tuple[type, type]] = set()
        self._hints: dict[type, dict[str, Any]] = {}

    def includes(self, wide: Any, narrow: Any) -> bool:
        takers = _list_members(wide)
        return all(
            one in takers or any(self.takes(taker, one) for taker in takers)
            for one in _list_members(narrow)
        )

    def takes(self, wide: Any, narrow: Any) -> bool:
        """Compare two members of unions."""
        self.left -= 1
        if self.left < 0:
            return False
        if wide is Any:
            return not self.has_file(narrow, set())
        if isinstance(narrow, _Value):
            return _takes_kind(_name_of(wide), narrow.kind)
        if _is_object(narrow):
            return self.takes_object(wide, narrow)
        if _is_tuple(wide) or _is_tuple(narrow):
            return self.takes_tuple(wide, narrow)
        takers, parts = typing.get_args(wide), typing.get_args(narrow)
        return (
            _takes_kind(_name_of(wide), _name_of(narrow))
            and len(takers) == len(parts)
            and all(map(self.includes, takers, parts))
        )

    def takes_tuple(self, wide: Any, narrow: Any) -> bool:
        """Compare named tuples."""
        names = [getattr(one, "_fields", None) for one in (wide, narrow)]
        if names[0] is None or names[0] != names[1]:
            return False
        takers, parts = self.read_hints(wide), self.read_hints(narrow)
        return all(self.includes(takers.get(n, Any), parts.get(n, Any)) for n in names[0])

    def takes_object(self, wide: Any, narrow: Any) -> bool:
        """Compare with an object, of known keys."""
        if not _is_object(wide):
            parts = typing.get_args(wide)[1:] if _name_of(wide) in MAPPINGS else ()
            values = self.read_hints(narrow).values()
            return bool(parts) and all(self.includes(parts[0], value) for value in values)
        pair = wide, narrow
        if pair in self.wrong:
            return False
        if wide is narrow or pair in self.assumed:
            return True
        self.assumed.add(pair)
        found = self.compare_objects(wide, narrow)
        if not found:
            self.wrong.add(pair)
        return found

    def compare_objects(self, wide: Any, narrow: Any) -> bool:
        takers, keys = self.read_hints(wide), self.read_hints(narrow)
        if not wide.__required_keys__ <= narrow.__required_keys__:
            return False
        if self.more_keys and not takers.keys() <= keys.keys():
            return False
        return all(
            self.includes(takers[name], hint) if name in takers else self.more_keys
            for name, hint in keys.items()
        )

    def has_file(self, hint: Any, seen: set[type]) -> bool:
        """Tell whether a file is in an annotation."""
        if isinstance(hint, _Value) or hint in seen:
            return False
        if _is_object(hint) or _is_tuple(hint):
            seen.add(hint)
            inside = [*self.read_hints(hint).values()]
        else:
            inside = [*typing.get_args(hint)]
        return _name_of(hint) in FILES or any(
            self.has_file(one, seen) for part in inside for one in _list_members(part)
        )

    def read_hints(self, annotation: type) -> dict[str, Any]:
        """Return the annotations of a class, those that are written as text resolved."""
        if annotation not in self._hints:
            self._hints[annotation] = _read_hints(annotation)
        return self._hints[annotation]


def _list_members(annotation: Any) -> list[Any]:
    """Return the members of a union, of which a choice's values are some."""
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin in {Union, types.UnionType}:
        return [one for each in arguments for one in _list_members(each)]
    if origin is Literal:
        return [_Value(type(value).__name__, repr(value)) for value in arguments]
    if str(origin).endswith("NotRequired"):  # which is left there before Python 3.11
        return _list_members(arguments[0])
    return [types.NoneType if annotation is None else annotation]


def _takes_kind(wide: str, narrow: str) -> bool:
    """Tell whether what has one name takes what has another."""
    return wide == narrow or (wide == FLOAT and narrow == INT)


def _is_object(hint: Any) -> bool:
    return hasattr(hint, "__required_keys__")


def _is_tuple(hint: Any) -> bool:
    return isinstance(hint, type) and hasattr(hint, "_fields")


def _name_of(hint: Any) -> str:
    """Return the name of a class, of an alias, or of what has parts."""
    if isinstance(hint, _Value):
        return ""
    # Before Python 3.11, Any has no name.
    hint = typing.get_origin(hint) or hint
    return getattr(hint, "__name__", None) or str(hint).rpartition(".")[2]


def _read_hints(annotation: Any) -> dict[str, Any]:
    try:
        return typing.get_type_hints(annotation)
    except Exception:  # noqa: BLE001 - a module that somebody changed may say anything
        return dict.fromkeys(annotation.__annotations__, Any)
