"""JSON Schema, read once into a small tree that the rest of the package can rely on.

Every function here is total: what a schema says that is not understood, contradicts itself, is too
deep or too large, becomes `Anything`. A looser type is a nuisance, a failure would be the end.
"""

from __future__ import annotations

from dataclasses import field
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

from ..builtin import json_kind
from ..frozen import frozen
from .limits import MAX_SHAPE_DEPTH, MAX_SHAPE_NODES, MAX_UNION_MEMBERS
from .node import Node

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence


class _Shape(Node):
    """What every shape is."""

    @cached_property
    def holds_file(self) -> bool:
        """Whether a value of the shape can hold a file anywhere."""
        parts = list(walk(self))  # type: ignore[arg-type] # every shape is one of these
        found = any(isinstance(part, File) for part in parts)
        for part in () if found else parts:  # nor can they
            part.__dict__["holds_file"] = False
        return found


@frozen(repr=False)
class Anything(_Shape):
    """Any JSON value."""


@frozen(repr=False)
class Scalar(_Shape):
    """A JSON scalar: ``type`` is `str`, `int`, `float`, `bool` or ``NoneType``."""

    type: type


@frozen(repr=False)
class Enum(_Shape):
    """One of these values, which keep their JSON types: ``1``, ``"1"`` and ``True`` are three."""

    values: tuple[str | int | float | bool | None, ...]

    def __contains__(self, value: object) -> bool:
        """Tell whether a value is one of these, as JSON compares them; see `match.json_equal`."""
        return self.find(value, self) is not self

    def find(self, value: Any, default: Any = None) -> Any:
        """Return the value of these that equals another one.

        Args:
            value: Anything at all.
            default: What is returned if none does.
        """
        try:
            return self._by_kind.get((json_kind(value), value), default)
        except Exception:  # noqa: BLE001 - a foreign value may raise anything when it is compared
            return default

    @cached_property
    def _by_kind(self) -> dict[tuple[type | None, object], object]:
        # There are enumerations of tens of thousands, and lists of as many of their values.
        return {(json_kind(value), value): value for value in reversed(self.values)}


@frozen(repr=False)
class Array(_Shape):
    """A list whose items have one shape."""

    item: Shape


@frozen(repr=False)
class FixedArray(_Shape):
    """A list with one shape for each place."""

    items: tuple[Shape, ...]


@frozen(repr=False)
class Field(Node):
    """One key of an `Object`."""

    name: str
    shape: Shape
    required: bool


@frozen(repr=False)
class Object(_Shape):
    """An object with known keys; ``extra`` is the shape of what other keys may hold, if any."""

    title: str
    fields: tuple[Field, ...]
    extra: Shape | None = None

    @cached_property
    def by_name(self) -> dict[str, Field]:
        """Its fields by their names."""
        return {part.name: part for part in reversed(self.fields)}

    @cached_property
    def required(self) -> frozenset[str]:
        """The names of the fields that no value can be without."""
        return frozenset(part.name for part in self.fields if part.required)


@frozen(repr=False)
class Dictionary(_Shape):
    """An object with arbitrary keys and values of one shape."""

    value: Shape


@frozen(repr=False)
class Union(_Shape):
    """One of several shapes; never nested, never with equal members."""

    members: tuple[Shape, ...]

    @cached_property
    def alternatives(self) -> tuple[Shape, ...]:
        """Its members and those of the unions in it, however its references lead; no reference."""
        found: list[Shape] = []
        todo: list[Shape] = list(reversed(self.members))
        followed: set[str] = set()
        while todo:
            member = todo.pop()
            if isinstance(member, Reference):
                if member.name in followed:
                    continue
                followed.add(member.name)
                member = member.target
            if isinstance(member, Union):
                todo += reversed(member.members)
            else:
                found.append(member)
        return tuple(found) if len(found) <= MAX_UNION_MEMBERS else (ANYTHING,)


@frozen(repr=False)
class File(_Shape):
    """A file of the app."""


@frozen(repr=False)
class Reference(_Shape):
    """A shape that contains itself, by the name of its definition."""

    name: str
    # Filled while the definition is read; compared by name, or comparing would not end.
    definitions: dict[str, Shape] = field(compare=False, repr=False)

    @property
    def target(self) -> Shape:
        """The shape that is meant: never a reference, and anything where they lead in a circle."""
        found = self.definitions.get(self.name, ANYTHING)
        seen = {self.name}
        while isinstance(found, Reference):
            if found.name in seen:
                return ANYTHING
            seen.add(found.name)
            found = found.definitions.get(found.name, ANYTHING)
        return found

    def digest_definitions(self) -> bytes:
        """Return what tells it from an equal reference that means something else."""
        known = (Field(name, self.definitions[name], False) for name in sorted(self.definitions))
        return Object("", tuple(known)).digest


Shape: TypeAlias = (
    Anything | Scalar | Enum | Array | FixedArray | Object | Dictionary | Union | File | Reference
)

ANYTHING = Anything()
FILE = File()
TEXT, INTEGER, NUMBER, BOOLEAN, NULL = (Scalar(t) for t in (str, int, float, bool, type(None)))

_SCALARS = {
    "string": TEXT,
    "integer": INTEGER,
    "number": NUMBER,
    "boolean": BOOLEAN,
    "null": NULL,
}


def parse_shape(schema: object) -> Shape:
    """Read a JSON Schema.

    Args:
        schema: What the app declared; anything at all is accepted.

    Returns:
        The shape; `Anything` for what is not understood.
    """
    return _Reader(schema).read(schema, 0)


def union(shapes: Sequence[Shape]) -> Shape:
    """Return the shape that takes what any of *shapes* takes, as simple as possible."""
    flat: list[Shape] = []
    for shape in shapes:
        flat += shape.members if isinstance(shape, Union) else (shape,)
    values = _distinct(v for shape in flat if isinstance(shape, Enum) for v in shape.values)
    unique: list[Shape] = [Enum(values)] if values else []
    unique += dict.fromkeys(shape for shape in flat if not isinstance(shape, Enum))
    if not unique or ANYTHING in unique:
        return ANYTHING
    if NUMBER in unique and INTEGER in unique:
        unique.remove(INTEGER)
    if len(unique) > MAX_UNION_MEMBERS:
        return ANYTHING
    return unique[0] if len(unique) == 1 else Union(tuple(unique))


def has_file(shape: Shape) -> bool:
    """Tell whether a value of that shape can hold a file anywhere."""
    return shape.holds_file


def walk(shape: Shape) -> Iterator[Shape]:
    """Yield the shape and every shape inside it, once each, however many places it has there."""
    seen: set[int] = set()
    todo = [shape]
    while todo:
        shape = todo.pop()
        if id(shape) in seen:
            continue
        seen.add(id(shape))
        yield shape
        todo += list_parts(shape)


def list_parts(shape: Shape) -> Sequence[Shape]:
    """Return the shapes that a shape is made of, each as often as it is there."""
    match shape:
        case Array(part) | Dictionary(part):
            return (part,)
        case FixedArray(parts) | Union(parts):
            return parts
        case Object(_, fields, extra):
            return [*(part.shape for part in fields), *([] if extra is None else [extra])]
        case Reference():
            return (shape.target,)
        case _:
            return ()


def _distinct(values: Iterable[Any]) -> tuple[Any, ...]:
    """Return the values once each; ``True``, ``1`` and ``1.0`` are three values."""
    return tuple({(type(value), value): value for value in values}.values())


class _Reader:
    """Reads one schema document, with its definitions."""

    def __init__(self, document: object) -> None:
        self.definitions: dict[str, Shape] = {}
        self.raw: dict[str, Any] = {}
        if isinstance(document, dict):
            for key in ("$defs", "definitions"):
                found = document.get(key)
                self.raw |= found if isinstance(found, dict) else {}
        self.sizes: dict[str, int] = {}
        self.open: set[str] = set()
        self.nodes = 0

    def read(self, schema: object, depth: int) -> Shape:  # noqa: C901, PLR0911 - a line a keyword
        if isinstance(schema, dict) and "$ref" in schema and depth <= MAX_SHAPE_DEPTH:
            return self.read_reference(schema["$ref"], depth)
        self.nodes += 1
        if not isinstance(schema, dict) or depth > MAX_SHAPE_DEPTH or self.nodes > MAX_SHAPE_NODES:
            return ANYTHING
        if _is_file(schema):
            return FILE
        if isinstance(schema.get("enum"), list):
            return _read_enum(schema["enum"])
        if "const" in schema:
            return _read_enum([schema["const"]])
        for key in ("anyOf", "oneOf"):
            if isinstance(schema.get(key), list) and len(schema[key]) <= MAX_SHAPE_NODES:
                return union([self.read(member, depth + 1) for member in schema[key]])
        # Pydantic writes ``allOf`` with one member around a reference; more can't be merged safely.
        if isinstance(schema.get("allOf"), list) and len(schema["allOf"]) == 1:
            return self.read(schema["allOf"][0], depth + 1)
        kind = schema.get("type")
        if isinstance(kind, list) and len(kind) <= MAX_SHAPE_NODES:
            # Each once: it is the same schema that is read again for each.
            kinds = dict.fromkeys(kind) if _all_text(kind) else ()
            return union([self.read_typed(schema, one, depth) for one in kinds])
        if kind is None and isinstance(schema.get("properties"), dict):
            kind = "object"
        return self.read_typed(schema, kind, depth)

    def read_typed(self, schema: Mapping[str, Any], kind: object, depth: int) -> Shape:
        if kind == "array":
            return self.read_array(schema, depth)
        if kind == "object":
            return self.read_object(schema, depth)
        return _SCALARS.get(kind, ANYTHING) if isinstance(kind, str) else ANYTHING

    def read_array(self, schema: Mapping[str, Any], depth: int) -> Shape:
        items = schema.get("prefixItems", schema.get("items"))
        if isinstance(items, list) and len(items) <= MAX_SHAPE_NODES:
            return FixedArray(tuple(self.read(item, depth + 1) for item in items))
        return Array(self.read(items, depth + 1))

    def read_object(self, schema: Mapping[str, Any], depth: int) -> Shape:
        extra = schema.get("additionalProperties")
        other = self.read(extra, depth + 1) if isinstance(extra, dict) else None
        properties = schema.get("properties")
        if not isinstance(properties, dict) or not 0 < len(properties) <= MAX_SHAPE_NODES:
            return Dictionary(other if other is not None else ANYTHING)
        required = schema.get("required")
        names = set(required) if isinstance(required, list) and _all_text(required) else set()
        fields = tuple(
            Field(name, self.read(value, depth + 1), name in names)
            for name, value in properties.items()
        )
        if extra is True:
            other = ANYTHING
        title = schema.get("title")
        return Object(title if isinstance(title, str) else "", fields, other)

    def read_reference(self, target: object, depth: int) -> Shape:
        """Return the definition itself, or a `Reference` where it contains itself.

        A schema is as large and as deep as if it had its definitions in their places.
        """
        name = _find_name(target)
        if name is None or name not in self.raw:
            self.nodes += 1
            return ANYTHING
        if name in self.definitions:
            # It counts each time: a few definitions that use each other twice make a tree that
            # nobody could walk to its end.
            self.nodes += self.sizes[name]
            return self.definitions[name] if self.nodes <= MAX_SHAPE_NODES else ANYTHING
        if name in self.open:
            self.nodes += 1
            return Reference(name, self.definitions)
        self.open.add(name)
        before, raw = self.nodes, self.raw[name]
        # Of references to references there can be more than Python follows.
        further = isinstance(raw, dict) and "$ref" in raw
        shape = self.read(raw, depth + 1 if further else depth)
        self.open.discard(name)
        self.definitions[name] = shape
        self.sizes[name] = self.nodes - before
        return shape


def _find_name(target: object) -> str | None:
    """Return the name of the definition that a reference means, if it is one of this document."""
    if not isinstance(target, str) or not target.startswith("#/"):
        return None
    return target.rsplit("/", 1)[-1].replace("~1", "/").replace("~0", "~")


def _all_text(values: Sequence[object]) -> bool:
    return all(isinstance(value, str) for value in values)


def _read_enum(values: Sequence[object]) -> Shape:
    """Return the choice between the values; an empty or unhashable enumeration says nothing."""
    plain = [v for v in values if v is None or isinstance(v, str | int | float | bool)]
    if not plain or len(plain) != len(values):
        return ANYTHING
    return Enum(_distinct(plain))


def _is_file(schema: Mapping[str, Any]) -> bool:
    """Tell whether a schema describes a file.

    Gradio 4 and later mark it by ``meta._type``, by title in the versions without that; Gradio 3
    has objects with ``name``, ``data`` and ``is_file``.
    """
    properties = schema.get("properties")
    if not isinstance(properties, dict):
        return False
    if "path" in properties:
        return schema.get("title") in ("FileData", "ImageData") or "meta" in properties
    return {"name", "data", "is_file"} <= properties.keys()
