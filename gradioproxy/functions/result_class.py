"""The named tuples that functions of several results return.

Classes are kept as long as somebody uses them and no longer; equal ones are one. Instances pickle,
and can be unpickled where the class was never made.
"""

from __future__ import annotations

from collections import namedtuple
from typing import Any, cast
from weakref import WeakValueDictionary

from ..stable_names import named_in_pickles

_RESULTS: WeakValueDictionary[object, type[tuple[Any, ...]]] = WeakValueDictionary()

# Called with values that no type checker can know.
_namedtuple: Any = namedtuple  # noqa: PYI024 - typing's has no place for hints made elsewhere


def share_result_class(
    name: str, fields: tuple[str, ...], hints: tuple[Any, ...], spelled: tuple[str, ...]
) -> type[tuple[Any, ...]]:
    """Return the class of a name, with these fields and annotations: one for equal ones.

    Args:
        name: What it is called.
        fields: The names of its fields.
        hints: Their annotations.
        spelled: The annotations as text, by which a pickle finds it again.
    """
    known = _RESULTS.get((name, fields, hints))
    if known is not None:
        return known
    made = make_result_class(name, fields, hints, spelled)
    # Where it is unpickled, there are only names to find it by.
    _RESULTS[name, fields, spelled, "spelled"] = made
    return _RESULTS.setdefault((name, fields, hints), made)


def make_result_class(
    name: str, fields: tuple[str, ...], hints: tuple[Any, ...], spelled: tuple[str, ...]
) -> type[tuple[Any, ...]]:
    """Return a class for nobody else; see `share_result_class`."""

    def reduce(result: tuple[Any, ...]) -> tuple[Any, ...]:
        return restore_result, (name, fields, spelled, tuple(result))

    made: type[tuple[Any, ...]] = _namedtuple(name, fields, module=__name__)
    made.__annotations__ = dict(zip(fields, hints, strict=True))
    made.__reduce__ = reduce  # type: ignore[method-assign,assignment]
    made._repr_mimebundle_ = _display_result  # type: ignore[attr-defined]
    return made


def _display_result(
    result: tuple[Any, ...], include: object = None, exclude: object = None
) -> dict[str, Any]:
    """Return what a notebook shows of a result."""
    del include, exclude  # IPython leaves out what is not wanted
    from ..values.display import build_bundle  # late: few scripts look

    return build_bundle(result)


@named_in_pickles
def restore_result(
    name: str, fields: tuple[str, ...], spelled: tuple[str, ...], values: tuple[Any, ...]
) -> tuple[Any, ...]:
    """Make a result again, of the endpoint's class if there is one in this process."""
    key = (name, fields, spelled, "spelled")
    known: Any = _RESULTS.get(key)
    if known is None:
        loose = make_result_class(name, fields, (Any,) * len(fields), spelled)
        known = _RESULTS.setdefault(key, loose)
    return cast("tuple[Any, ...]", known(*values))
