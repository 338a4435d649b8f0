"""Schemas that take little to declare and much to follow, and what counts the steps of that."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from typing_extensions import Self

JSON = Any
TEXT: JSON = {"type": "string"}
LEVELS = (5, 14, 40)
SIZES = (3, 8, 15)


def refer(name: str) -> JSON:
    """Return a reference to a definition."""
    return {"$ref": f"#/$defs/{name}"}


# A level made of the one below it, which it has twice or more.
STEPS: dict[str, Callable[[JSON], JSON]] = {
    "pair": lambda below: {"type": "array", "prefixItems": [below, below]},
    "nine": lambda below: {"type": "array", "prefixItems": [below] * 9},
    "nine keys": lambda below: {"type": "object", "properties": dict.fromkeys("abcdefghi", below)},
    "two keys": lambda below: {
        "type": "object",
        "properties": {"a": below, "b": below},
        "required": ["a", "b"],
    },
    "other keys": lambda below: {
        "type": "object",
        "properties": {"a": below},
        "additionalProperties": below,
    },
    "list or dictionary": lambda below: {
        "anyOf": [
            {"type": "array", "items": below},
            {"type": "object", "additionalProperties": below},
        ]
    },
    "list or one": lambda below: {
        "anyOf": [{"type": "array", "prefixItems": [below]}, {"type": "array", "items": below}]
    },
    "the same": lambda below: {"anyOf": [below, below]},
    "one or other": lambda below: {
        "oneOf": [
            {"type": "object", "properties": {"a": below, "kind": {"const": "a"}}},
            {"type": "object", "properties": {"a": below, "kind": {"const": "b"}}},
        ]
    },
    "all": lambda below: {"allOf": [{"type": "array", "prefixItems": [below, below]}]},
    "types": lambda below: {
        "type": ["array", "object"] * 3,
        "items": below,
        "additionalProperties": below,
    },
}

# A definition that has all others, itself among them.
ROUNDS: dict[str, Callable[[list[JSON]], JSON]] = {
    "any": lambda all_of_them: {"anyOf": [*all_of_them, TEXT]},
    "list": lambda all_of_them: {
        "anyOf": [*({"type": "array", "items": one} for one in all_of_them), TEXT]
    },
    "places": lambda all_of_them: {"type": "array", "prefixItems": all_of_them},
    "keys": lambda all_of_them: {
        "type": "object",
        "title": "T",
        "properties": {f"p{n}": one for n, one in enumerate(all_of_them)},
    },
    "lists in keys": lambda all_of_them: {
        "type": "object",
        "properties": {
            f"p{n}": {"anyOf": [one, TEXT, {"type": "array", "items": one}]}
            for n, one in enumerate(all_of_them)
        },
    },
}


def build_ladder(step: Callable[[JSON], JSON], levels: int, last: JSON = TEXT) -> JSON:
    """Return a schema in which each level has the next one twice: two to the power of *levels*."""
    definitions = {f"d{n}": step(refer(f"d{n - 1}")) for n in range(1, levels + 1)}
    return {**refer(f"d{levels}"), "$defs": {**definitions, "d0": last}}


def build_round(member: Callable[[list[JSON]], JSON], size: int) -> JSON:
    """Return a schema of definitions each of which has all of them."""
    names = [f"d{n}" for n in range(size)]
    return {**refer("d0"), "$defs": {name: member([*map(refer, names)]) for name in names}}


def nest(step: Callable[[JSON], JSON], levels: int, last: JSON = TEXT) -> JSON:
    """Return what has so many levels, without definitions."""
    made = last
    for _ in range(levels):
        made = step(made)
    return made


def list_schemas() -> Iterator[tuple[str, JSON]]:
    """Yield what a few kilobytes can say, by names."""
    for name, step in STEPS.items():
        for levels in LEVELS:
            yield f"{levels} levels of {name}", build_ladder(step, levels)
            again = build_ladder(step, levels, refer(f"d{levels}"))
            yield f"{levels} levels of {name} around themselves", again
    for name, member in ROUNDS.items():
        for size in SIZES:
            yield f"{size} in a round of {name}", build_round(member, size)
    yield "itself", {**refer("a"), "$defs": {"a": refer("a")}}
    for key in ("anyOf", "oneOf", "allOf"):
        yield f"{key} of itself", {**refer("a"), "$defs": {"a": {key: [refer("a")]}}}
    one_another = {"a": {"anyOf": [refer("b"), TEXT]}, "b": {"anyOf": [refer("a"), TEXT]}}
    yield "one another", {**refer("a"), "$defs": one_another}
    chain = {f"d{n}": refer(f"d{n + 1}") for n in range(500)}
    yield "a chain", {**refer("d0"), "$defs": chain}
    yield "deep lists", nest(lambda below: {"type": "array", "items": below}, 200)
    yield "deep unions", nest(lambda below: {"anyOf": [below, {"type": "null"}]}, 200)
    yield "a choice in many places", build_ladder(STEPS["nine"], 3, {"enum": ["x" * 500]})
    properties = {f"p{n}": TEXT for n in range(400)}
    yield "types again", {"type": ["object"] * 400, "properties": properties}
    lists = [{"type": "array", "items": {"const": n}} for n in range(300)]
    yield "a wide union", {"anyOf": lists}
    yield "a wide object", {"type": "object", "properties": properties, "required": [*properties]}


def list_values() -> Iterator[JSON]:
    """Yield values that go along with such schemas as far as anything does."""
    yield from ("x", None, ["x"], {"a": "x"})
    for last in ("x", None):
        yield nest(lambda below: [below], 30, last)
        yield nest(lambda below: [below, below], 6, last)
        yield nest(lambda below: {"a": below, "b": below}, 6, last)
        yield nest(lambda below: [below] if isinstance(below, dict) else {"a": below}, 30, last)
    yield nest(lambda below: [below], 14, None)
    yield nest(lambda below: {"a": below, "kind": "b"}, 14, None)


class TooManySteps(BaseException):
    """More was done than there was reason for; nothing catches it."""


class Steps:
    """Counts the functions that are called, and stops what does not end by itself.

    Args:
        most: How many may be.
        what: What they are called for.
    """

    def __init__(self, most: int, what: str = "") -> None:
        self.most = most
        self.what = what
        self.count = 0

    def __enter__(self) -> Self:
        self._before = sys.getprofile()
        sys.setprofile(self._note)
        return self

    def __exit__(self, *_: object) -> None:
        sys.setprofile(self._before)

    def _note(self, _frame: object, event: str, _argument: object) -> None:
        if event in {"call", "c_call"}:
            self.count += 1
            if self.count > self.most:
                raise TooManySteps(self.what)
