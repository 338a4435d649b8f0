"""Shapes as JSON Schema again: short, and the same for equal shapes.

Rule: `shape.parse_shape` reads what is written here as a shape of the same values. Titles are left
out; what JSON can't say (a number that is none) is written as its type.
"""

from __future__ import annotations

import math
from collections import Counter
from types import NoneType
from typing import TYPE_CHECKING, Any

from . import shape as shapes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .shape import Shape

_TYPES: dict[type, str] = {
    str: "string",
    int: "integer",
    float: "number",
    bool: "boolean",
    NoneType: "null",
}

# Parts that say less are written wherever they are: a definition is harder to read.
MIN_DEFINED = 10

_FILE = {"title": "FileData", "type": "object", "properties": {"path": {"type": "string"}}}


def write_schema(shape: Shape) -> dict[str, Any]:
    """Return a shape as JSON Schema, with definitions of what contains itself, and of large parts.

    A part that is there again and again is written once, as parts that are shared can be a tree
    that nobody writes to its end.

    Args:
        shape: The shape, read from one schema: in it, equal names of definitions mean the same.

    Returns:
        A document of plain JSON values.
    """
    return _Writer(shape).write_document()


class _Writer:
    """Writes one document.

    Args:
        shape: What it is about.
    """

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        # By what they say: equal parts have one definition.
        self.names: dict[Shape, str] = {}
        self.taken: set[str] = set()
        self.definitions: dict[str, Any] = {}
        for part in shapes.walk(shape):
            if isinstance(part, shapes.Reference) and part.target != shapes.ANYTHING:
                self.give_name(part.target, part.name)
        self.repeated = frozenset(_find_repeated(shape))

    def write_document(self) -> dict[str, Any]:
        written = self.write(self.shape)
        return {**written, "$defs": self.definitions} if self.definitions else written

    def write(self, shape: Shape) -> dict[str, Any]:
        """Write a part where it is, or a reference to its definition."""
        if isinstance(shape, shapes.Reference):
            shape = shape.target
        if shape in self.repeated:
            self.give_name(shape, "part")
        name = self.names.get(shape)
        if name is None:
            return self.write_inline(shape)
        if name not in self.definitions:
            self.definitions[name] = {}  # while it is written, it is there
            self.definitions[name] |= self.write_inline(shape)
        escaped = name.replace("~", "~0").replace("/", "~1")
        return {"$ref": f"#/$defs/{escaped}"}

    def give_name(self, shape: Shape, wanted: str) -> None:
        """Give a part a name that no other one has, if it has none."""
        if shape in self.names:
            return
        name, number = wanted, len(self.taken)
        while name in self.taken:
            number += 1
            name = f"{wanted}{number}"
        self.taken.add(name)
        self.names[shape] = name

    def write_inline(self, shape: Shape) -> dict[str, Any]:  # noqa: PLR0911 - a case for each shape
        match shape:
            case shapes.Scalar(kind):
                return {"type": _TYPES[kind]}
            case shapes.Enum(values):
                return self.write_choice(values)
            case shapes.File():
                return _FILE
            case shapes.Array(item):
                return {"type": "array", "items": self.write(item)}
            case shapes.FixedArray(items):
                return {"type": "array", "prefixItems": [self.write(item) for item in items]}
            case shapes.Dictionary() | shapes.Object():
                return self.write_object(shape)
            case shapes.Union(members):
                return {"anyOf": [self.write(member) for member in members]}
            case _:
                return {}

    def write_choice(self, values: tuple[Any, ...]) -> dict[str, Any]:
        if all(not isinstance(value, float) or math.isfinite(value) for value in values):
            return {"enum": list(values)}
        return self.write(shapes.union([shapes.Scalar(type(value)) for value in values]))

    def write_object(self, shape: shapes.Object | shapes.Dictionary) -> dict[str, Any]:
        made: dict[str, Any] = {"type": "object"}
        if isinstance(shape, shapes.Dictionary):
            return made | self.write_extra(shape.value) if shape.value != shapes.ANYTHING else made
        made["properties"] = {part.name: self.write(part.shape) for part in shape.fields}
        required = [part.name for part in shape.fields if part.required]
        made |= {"required": required} if required else {}
        return made if shape.extra is None else made | self.write_extra(shape.extra)

    def write_extra(self, shape: Shape) -> dict[str, Any]:
        anything = shape == shapes.ANYTHING
        return {"additionalProperties": True if anything else self.write(shape)}


def _find_repeated(shape: Shape) -> Iterator[Shape]:
    """Yield the parts of a shape that are large, and have several places in it."""
    parts = dict.fromkeys(shapes.walk(shape))  # of equal ones the first
    places = Counter(part for whole in parts for part in shapes.list_parts(whole))
    sizes: dict[Shape, int] = {}
    for part, count in places.items():
        if count > 1 and _measure(part, sizes) >= MIN_DEFINED:
            yield part


def _measure(shape: Shape, known: dict[Shape, int]) -> int:
    """Return of how many parts a shape is, each counted wherever it is, without references."""
    if shape not in known:
        inside = () if isinstance(shape, shapes.Reference) else shapes.list_parts(shape)
        known[shape] = 1 + sum(_measure(part, known) for part in inside)
    return known[shape]
