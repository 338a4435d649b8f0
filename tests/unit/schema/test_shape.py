"""JSON Schemas become shapes; what is not understood becomes anything, never an error."""

from __future__ import annotations

import pickle
from typing import Any

import pytest
from hypothesis import given

from gradioproxy.schema.limits import MAX_SHAPE_DEPTH, MAX_SHAPE_NODES, MAX_UNION_MEMBERS
from gradioproxy.schema.shape import (
    ANYTHING,
    BOOLEAN,
    FILE,
    INTEGER,
    NULL,
    NUMBER,
    TEXT,
    Anything,
    Array,
    Dictionary,
    Enum,
    Field,
    FixedArray,
    Object,
    Reference,
    Shape,
    Union,
    has_file,
    parse_shape,
    union,
    walk,
)
from gradioproxy.values.shorthand import is_single_item
from gradioproxy.values.union import choose_member
from tests.support.schemas import schemas

STRING = {"type": "string"}
FILE_DATA = {
    "title": "FileData",
    "type": "object",
    "properties": {"path": STRING, "url": STRING, "meta": {"type": "object"}},
}
NODE = {
    "type": "object",
    "title": "Node",
    "properties": {"next": {"$ref": "#/$defs/Node"}, "file": {"$ref": "#/$defs/File"}},
}
DEFINITIONS = {"Node": NODE, "File": FILE_DATA}


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        (STRING, TEXT),
        ({"type": "integer"}, INTEGER),
        ({"type": "number"}, NUMBER),
        ({"type": "boolean"}, BOOLEAN),
        ({"type": "null"}, NULL),
        ({"type": ["string", "null"]}, Union((TEXT, NULL))),
        ({"type": "array"}, Array(ANYTHING)),
        ({"type": "array", "items": STRING}, Array(TEXT)),
        ({"type": "array", "prefixItems": [STRING, {}]}, FixedArray((TEXT, ANYTHING))),
        ({"type": "array", "items": [STRING]}, FixedArray((TEXT,))),
        ({"type": "array", "items": False, "prefixItems": [STRING]}, FixedArray((TEXT,))),
        ({"type": "object"}, Dictionary(ANYTHING)),
        ({"type": "object", "additionalProperties": STRING}, Dictionary(TEXT)),
        (
            {"title": "T", "properties": {"a": STRING, "b": {}}, "required": ["a"]},
            Object("T", (Field("a", TEXT, True), Field("b", ANYTHING, False))),
        ),
        (
            {"type": "object", "properties": {"a": STRING}, "additionalProperties": True},
            Object("", (Field("a", TEXT, False),), ANYTHING),
        ),
        (
            {"type": "object", "properties": {"a": STRING}, "required": [["a"]]},
            Object("", (Field("a", TEXT, False),)),
        ),
        ({"enum": ["a", 1, None, True]}, Enum(("a", 1, None, True))),
        ({"enum": ["a", "a"]}, Enum(("a",))),
        ({"const": 3}, Enum((3,))),
        ({"anyOf": [STRING, {"type": "null"}]}, Union((TEXT, NULL))),
        ({"oneOf": [STRING]}, TEXT),
        ({"anyOf": [STRING, {}]}, ANYTHING),
        ({"anyOf": []}, ANYTHING),
        ({"allOf": [STRING]}, TEXT),
        ({"allOf": [STRING, STRING]}, ANYTHING),
        (FILE_DATA, FILE),
        ({"properties": {"path": STRING, "meta": {}}}, FILE),
        ({"properties": {"path": STRING}}, Object("", (Field("path", TEXT, False),))),
        ({"properties": {"name": STRING, "data": {}, "is_file": {}}}, FILE),
        ({"$ref": "#/$defs/File", "$defs": DEFINITIONS}, FILE),
        ({"$ref": "#/definitions/a~1b", "definitions": {"a/b": STRING}}, TEXT),
    ],
)
def test_schema(schema: object, expected: Shape) -> None:
    """Each keyword that servers use is read."""
    assert parse_shape(schema) == expected


@pytest.mark.parametrize(
    "schema",
    [
        *(None, True, 3, "string", [], {}, {"type": "strange"}, {"type": 3}, {"type": {}}),
        *({"enum": []}, {"enum": [[1]]}, {"enum": ["a", {}]}, {"enum": "ab"}),
        *({"$ref": "#"}, {"$ref": "#/$defs/none"}, {"$ref": 3}, {"$ref": "https://example.org/"}),
    ],
)
def test_nonsense(schema: object) -> None:
    """What says nothing, or nothing that is understood, is anything."""
    assert parse_shape(schema) == ANYTHING


@given(schemas)
def test_any_schema(schema: object) -> None:
    """Whatever a schema says: its shape can be walked, compared, hashed and pickled."""
    shape = parse_shape(schema)

    assert parse_shape(schema) == shape
    assert hash(parse_shape(schema)) == hash(shape)
    assert pickle.loads(pickle.dumps(shape)) == shape  # noqa: S301 - made here
    assert len(list(walk(shape))) <= MAX_SHAPE_NODES
    assert has_file(shape) in {True, False}


def test_recursion() -> None:
    """A definition that contains itself is a reference there, and a walk ends."""
    shape = parse_shape({"$ref": "#/$defs/Node", "$defs": DEFINITIONS})
    assert isinstance(shape, Object)
    inner = shape.fields[0].shape

    assert isinstance(inner, Reference)
    assert inner.target is shape
    assert has_file(shape)
    assert len(list(walk(shape))) < 10


def test_reference_to_nothing() -> None:
    """A reference without its definition is anything."""
    assert Reference("gone", {}).target == ANYTHING


def test_depth_is_bounded() -> None:
    """A schema of ten thousand levels is read as far as anybody could use it."""
    schema: dict[str, Any] = STRING
    for _ in range(10_000):
        schema = {"type": "array", "items": schema}

    assert any(isinstance(part, Anything) for part in walk(parse_shape(schema)))
    assert len(list(walk(parse_shape(schema)))) < 100


def test_width_is_bounded() -> None:
    """Definitions that each use the next one twice do not become a tree without end."""
    definitions: dict[str, Any] = {
        str(level): {
            "type": "object",
            "properties": {key: {"$ref": f"#/$defs/{level + 1}"} for key in "ab"},
        }
        for level in range(30)
    }
    schema = {"anyOf": [{"$ref": "#/$defs/0"}, {"type": "null"}], "$defs": definitions}

    assert len(list(walk(parse_shape(schema)))) <= MAX_SHAPE_NODES


def test_union_is_simple() -> None:
    """A union has no unions in it, no equal members and one choice."""
    assert union([TEXT, Union((NULL, TEXT))]) == Union((TEXT, NULL))
    assert union([Enum(("a",)), Enum(("b", "a"))]) == Enum(("a", "b"))
    assert union([INTEGER, NUMBER]) == NUMBER
    assert union([TEXT]) == TEXT
    assert union([TEXT, ANYTHING]) == ANYTHING
    assert union([]) == ANYTHING


def test_choices_are_compared_exactly() -> None:
    """One, one as a float, and truth are other choices, although Python calls them equal."""
    choices = [Enum((value,)) for value in (1, 1.0, True, "1")]

    assert len(set(choices)) == 4
    assert Enum((1,)) in choices
    assert Enum((0,)) != (0,)
    assert union([Enum((1,)), Enum((True,))]) == Enum((1, True))
    assert union([Array(choices[0]), Array(choices[2])]) == Union(
        (Array(choices[0]), Array(choices[2]))
    )


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        (FILE, True),
        (Array(FILE), True),
        (Union((TEXT, Dictionary(FILE))), True),
        (FixedArray((TEXT, FILE)), True),
        (Object("", (), FILE), True),
        (Object("", (Field("a", FILE, False),)), True),
        (TEXT, False),
        (ANYTHING, False),
    ],
)
def test_has_file(shape: Shape, expected: bool) -> None:
    """A file is found wherever it can be."""
    assert has_file(shape) is expected


@pytest.mark.parametrize("length", [1, 2, 3])
def test_references_that_lead_in_a_circle_mean_anything(length: int) -> None:
    """Else whoever follows them would never come to an end."""
    names = [f"n{number}" for number in range(length)]
    definitions = {
        name: {"$ref": f"#/$defs/{names[(place + 1) % length]}"} for place, name in enumerate(names)
    }
    shape = parse_shape({"type": "array", "items": {"$ref": "#/$defs/n0"}, "$defs": definitions})
    assert isinstance(shape, Array)
    item = shape.item
    assert not isinstance(item, Reference) or item.target == ANYTHING
    assert choose_member(Union((shape, TEXT)), ["x"]) == shape
    assert not is_single_item("x", item)


def test_unions_that_lead_in_a_circle_come_to_an_end() -> None:
    definitions: dict[str, Shape] = {}
    first, second = Reference("a", definitions), Reference("b", definitions)
    definitions |= {"a": Union((second, NULL)), "b": Union((first, FILE))}
    assert is_single_item(b"x", first)
    assert choose_member(Union((first, TEXT)), b"x") == FILE


def test_definitions_take_no_more_room_than_what_they_stand_for() -> None:
    """Whoever writes a large or deep schema with them loses nothing of it."""
    deep: Any = STRING
    for _ in range(MAX_SHAPE_DEPTH):
        deep = {"type": "array", "items": deep}
    names = [f"d{level}" for level in range(MAX_SHAPE_DEPTH)]
    written = {
        name: {"type": "array", "items": {"$ref": f"#/$defs/{below}"}}
        for name, below in zip(names, [*names[1:], "last"], strict=True)
    }
    reference = {"$ref": "#/$defs/d0", "$defs": {**written, "last": STRING}}
    assert TEXT in walk(parse_shape(deep))
    assert parse_shape(reference) == parse_shape(deep)

    parts = {f"k{number}": {"$ref": "#/$defs/a"} for number in range(MAX_SHAPE_NODES - 1)}
    wide = parse_shape({"properties": parts, "$defs": {"a": STRING}})
    assert isinstance(wide, Object)
    assert {part.shape for part in wide.fields} == {TEXT}


def test_a_reference_to_a_reference_means_what_that_means() -> None:
    definitions: dict[str, Shape] = {}
    definitions |= {"a": Reference("b", definitions), "b": Reference("c", definitions), "c": TEXT}
    assert Reference("a", definitions).target == TEXT


def test_a_union_of_too_many_shapes_is_anything() -> None:
    """Each part of a value would be compared with all of them; values among them are one shape."""
    lists = [{"type": "array", "items": {"const": number}} for number in range(MAX_UNION_MEMBERS)]
    assert isinstance(parse_shape({"anyOf": lists}), Union)
    assert parse_shape({"anyOf": [*lists, STRING]}) == ANYTHING

    many = [{"const": number} for number in range(10 * MAX_UNION_MEMBERS)]
    assert parse_shape({"anyOf": many}) == Enum(tuple(range(10 * MAX_UNION_MEMBERS)))


def test_references_do_not_make_a_union_wider() -> None:
    definitions: dict[str, Shape] = {}
    half = [Array(Enum((number,))) for number in range(MAX_UNION_MEMBERS // 2 + 1)]
    inner = Union((*half[:-1], TEXT))
    definitions["a"] = inner
    outer = Union((*map(Dictionary, half), Reference("a", definitions)))
    assert choose_member(outer, "x") == ANYTHING
    assert choose_member(inner, "x") == TEXT


def test_a_type_that_is_listed_again_says_nothing_new() -> None:
    both = {"type": ["array", "null", "array"], "items": STRING}
    assert parse_shape(both) == Union((Array(TEXT), NULL))
    assert parse_shape({"type": ["array", 3]}) == ANYTHING


def test_a_walk_comes_to_each_part_once() -> None:
    """What is in two places is one part."""
    pair = FixedArray((TEXT, NUMBER))
    assert len(list(walk(Union((Array(pair), Dictionary(pair)))))) == 6
