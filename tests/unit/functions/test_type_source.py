"""Annotations as source: classes and aliases with names that nothing else has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import pytest

from gradioproxy.files.file import File
from gradioproxy.functions.annotations import annotation
from gradioproxy.functions.file_like import FileLike
from gradioproxy.functions.type_source import TypeWriter
from gradioproxy.schema.shape import parse_shape


def write(hint: Any, name: str = "value", room: int = 60) -> tuple[str, list[list[str]]]:
    """Return an expression, and what it needs."""
    writer = TypeWriter()
    return writer.write(hint, name, room), writer.blocks


@pytest.mark.parametrize(
    ("hint", "text"),
    [
        (int, "int"),
        (None, "None"),
        (int | None, "int | None"),
        (Any, "Any"),
        (File, "File"),
        (FileLike | None, "FileLike | None"),
        (Sequence[int], "Sequence[int]"),
        (tuple[str, ...], "tuple[str, ...]"),
        (Literal["it's", 1, True], 'Literal["it\'s", 1, True]'),
    ],
)
def test_expressions(hint: Any, text: str) -> None:
    assert write(hint) == (text, [])


def test_what_is_too_long_gets_a_name() -> None:
    """That of the parameter, with each choice on a line of its own where they are many."""
    hint: Any = Literal["a" * 20, "b" * 20, "c" * 20, "d" * 20]
    text, (block,) = write(hint, "my mode")
    assert text == "MyMode"
    assert block[0] == "MyMode: TypeAlias = Literal["
    assert block[1] == f'    "{"a" * 20}",'
    assert block[-1] == "]"


def test_objects_become_classes() -> None:
    schema = {
        "type": "object",
        "title": "point",
        "properties": {"x": {"type": "integer"}, "y": {"type": "string"}},
        "required": ["x"],
    }
    assert write(annotation(parse_shape(schema))) == (
        "Point",
        [["class Point(TypedDict):", "    x: int", "    y: NotRequired[str]"]],
    )


@pytest.mark.parametrize("key", ["a-b", "class", "__x", "str", "Literal", "Point"])
def test_keys_that_are_no_names_here(key: str) -> None:
    """They are texts, where they could be no names or would hide one."""
    schema = {"title": "point", "properties": {key: {"type": "string"}}, "required": [key]}
    assert write(annotation(parse_shape(schema))) == (
        "Point",
        [["Point = TypedDict(", '    "Point",', "    {", f'        "{key}": str,', "    },", ")"]],
    )


def test_an_object_in_itself() -> None:
    """What is not finished is named by text."""
    schema = {
        "$defs": {
            "node": {
                "type": "object",
                "title": "Node",
                "properties": {"below": {"anyOf": [{"$ref": "#/$defs/node"}, {"type": "null"}]}},
            }
        },
        "$ref": "#/$defs/node",
    }
    assert write(annotation(parse_shape(schema))) == (
        "Node",
        [["class Node(TypedDict):", '    below: NotRequired["Node | None"]']],
    )


def test_names_are_taken_once() -> None:
    """By functions, by builtins, by what is imported, and by what came before."""
    one = {"title": "Thing", "properties": {"a": {"type": "string"}}}
    other = {"title": "Thing", "properties": {"a": {"type": "integer"}}}
    writer = TypeWriter(frozenset({"Thing2"}))
    hints = [annotation(parse_shape(schema)) for schema in (one, other, {**one, "title": "Any"})]
    assert [writer.write(hint, "x", 60) for hint in hints] == ["Thing", "Thing3", "AnyValue"]
    writer.begin("Input")
    again = annotation(parse_shape({"title": "Thing", "properties": {"b": {}}}))
    assert writer.write(again, "x", 60) == "ThingInput"


def test_equal_classes_are_one() -> None:
    """What goes in and what comes out has one name where it is the same."""
    shape = parse_shape({"title": "Thing", "properties": {"a": {"type": "string"}}})
    writer = TypeWriter()
    made = [writer.write(annotation(shape, output=output), "x", 60) for output in (True, False)]
    assert made == ["Thing", "Thing"]
    assert len(writer.blocks) == 1


def test_imports() -> None:
    """They are sorted as sorters have them, and nothing is imported that is not used."""
    writer = TypeWriter()
    for name in ("REQUIRED", "File", "App", "Any", "Sequence", "math", "Literal"):
        writer.use(name)
    assert writer.write_imports() == [
        "import math",
        "from collections.abc import Sequence",
        "from typing import Any, Literal",
        "",
        "from gradioproxy import REQUIRED, File",
        "from gradioproxy.client.exported import App",
    ]
