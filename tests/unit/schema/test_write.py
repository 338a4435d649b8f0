"""What is written of a shape is read as a shape of the same values."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from jsonschema import Draft202012Validator

from gradioproxy.schema.inclusion import includes
from gradioproxy.schema.shape import (
    ANYTHING,
    FILE,
    INTEGER,
    NULL,
    NUMBER,
    TEXT,
    Array,
    Dictionary,
    Enum,
    Field,
    FixedArray,
    Object,
    Shape,
    Union,
    parse_shape,
    walk,
)
from gradioproxy.schema.write import write_schema
from tests.support.hostile_schemas import STEPS, build_ladder
from tests.support.schemas import schemas

FILE_SCHEMA = {
    "title": "FileData",
    "type": "object",
    "properties": {"path": {"type": "string"}},
}
TREE = {
    "$defs": {
        "a/~b": {
            "type": "object",
            "properties": {"child": {"$ref": "#/$defs/a~1~0b"}, "name": {"type": "string"}},
            "required": ["name"],
        }
    },
    "$ref": "#/$defs/a~1~0b",
}


@pytest.mark.parametrize(
    ("shape", "written"),
    [
        (ANYTHING, {}),
        (TEXT, {"type": "string"}),
        (NULL, {"type": "null"}),
        (Enum(("a", 1, True, None)), {"enum": ["a", 1, True, None]}),
        (Enum((math.inf, "a")), {"anyOf": [{"type": "number"}, {"type": "string"}]}),
        (FILE, FILE_SCHEMA),
        (Array(FILE), {"type": "array", "items": FILE_SCHEMA}),
        (
            FixedArray((TEXT, NUMBER)),
            {"type": "array", "prefixItems": [{"type": "string"}, {"type": "number"}]},
        ),
        (Dictionary(ANYTHING), {"type": "object"}),
        (
            Dictionary(INTEGER),
            {"type": "object", "additionalProperties": {"type": "integer"}},
        ),
        (
            Object("Title", (Field("a", TEXT, True), Field("b", TEXT, False)), ANYTHING),
            {
                "type": "object",
                "properties": {"a": {"type": "string"}, "b": {"type": "string"}},
                "required": ["a"],
                "additionalProperties": True,
            },
        ),
        (Union((TEXT, NULL)), {"anyOf": [{"type": "string"}, {"type": "null"}]}),
    ],
)
def test_each_shape_has_its_schema(shape: Shape, written: Any) -> None:
    assert write_schema(shape) == written


def test_what_contains_itself_is_defined_once() -> None:
    """Under its own name, with the characters that a pointer gives a meaning to."""
    shape = parse_shape(TREE)
    written = write_schema(shape)
    assert list(written["$defs"]) == ["a/~b"]
    again = parse_shape(written)
    assert includes(again, shape)
    assert includes(shape, again)
    assert not includes(Dictionary(NULL), again)


PART = {
    "type": "object",
    "properties": {name: {"type": "string"} for name in "abcdefghij"},
    "required": ["a"],
}


def test_what_is_large_is_written_once() -> None:
    """Wherever it is; what is small is easier to read in its place."""
    small = {"type": "array", "items": {"type": "string"}}
    items = [PART, {"type": "array", "items": PART}, small, small]
    shape = parse_shape({"type": "array", "prefixItems": items})
    reference = {"$ref": "#/$defs/part"}
    written = write_schema(shape)
    assert written == {
        "type": "array",
        "prefixItems": [reference, {"type": "array", "items": reference}, small, small],
        "$defs": {"part": PART},
    }
    assert parse_shape(written) == shape


def test_definitions_of_one_name_are_kept_apart() -> None:
    """Those that were given it, and those that get one here."""
    me = {"$ref": "#/$defs/part"}
    one, other = (
        parse_shape(
            {
                "$defs": {"part": {"properties": {"leaf": {"type": leaf}, "next": me}}},
                **me,
            }
        )
        for leaf in ("string", "integer")
    )
    large = parse_shape(PART)
    written = write_schema(FixedArray((one, other, large, large)))
    assert len(written["$defs"]) == 3
    again = parse_shape(written)
    assert isinstance(again, FixedArray)
    assert again.items[2:] == (large, large)
    assert [includes(again.items[0], tree) for tree in (one, other)] == [True, False]
    assert [includes(again.items[1], tree) for tree in (one, other)] == [False, True]


@pytest.mark.parametrize("name", STEPS)
def test_what_takes_a_line_to_declare_takes_a_line_to_write(name: str) -> None:
    """A tree of thousands of parts is as short as the definitions that make it."""
    schema = build_ladder(STEPS[name], 10)
    shape = parse_shape(schema)
    written = write_schema(shape)
    assert len(json.dumps(written)) < 3 * len(json.dumps(schema))
    assert parse_shape(written) == shape


@given(schemas)
def test_nothing_is_lost(schema: Any) -> None:
    """But for numbers that are none, of which only the type can be said."""
    shape = parse_shape(schema)
    written = json.loads(json.dumps(write_schema(shape)))
    Draft202012Validator.check_schema(written)
    again = parse_shape(written)
    assert includes(again, shape)
    odd = any(
        isinstance(value, float) and not math.isfinite(value)
        for part in walk(shape)
        if isinstance(part, Enum)
        for value in part.values
    )
    assert odd or includes(shape, again)
