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
