"""Shapes as JSON Schema again: short, and the same for equal shapes.

Rule: `shape.parse_shape` reads what is written here as a shape of the same values. Titles are left
out; what JSON can't say (a number that is none) is written as its type.
"""

from __future__ import annotations

import math
from types import NoneType
from typing import TYPE_CHECKING, Any

from . import shape as shapes

if TYPE_CHECKING:
    from .shape import Shape

_TYPES: dict[type, str] = {
    str: "string",
    int: "integer",
    float: "number",
    bool: "boolean",
    NoneType: "null",
}

_FILE = {"title": "FileData", "type": "object", "properties": {"path": {"type": "string"}}}


def write_schema(shape: Shape) -> dict[str, Any]:
    """Return a shape as JSON Schema, with definitions of what contains itself.

    Args:
        shape: The shape.

    Returns:
        A document of plain JSON values.
    """
    return _Writer().write_document(shape)


class _Writer:
    """Writes one document."""

    def __init__(self) -> None:
        self.found: dict[str, shapes.Reference] = {}

    def write_document(self, shape: Shape) -> dict[str, Any]:
        written = self.write(shape)
        definitions: dict[str, Any] = {}
        while missing := [name for name in self.found if name not in definitions]:
            for name in missing:
                definitions[name] = self.write(self.found[name].target)
        return {**written, "$defs": definitions} if definitions else written

    def write(self, shape: Shape) -> dict[str, Any]:  # noqa: PLR0911 - a case for each shape
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
            case shapes.Reference(name):
                self.found[name] = shape
                escaped = name.replace("~", "~0").replace("/", "~1")
                return {"$ref": f"#/$defs/{escaped}"}
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
