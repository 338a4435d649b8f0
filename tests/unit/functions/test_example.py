"""Examples are valid calls, of nothing but scalars."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given

from gradioproxy.functions.example import write_example_call
from gradioproxy.functions.naming import parameter_names
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
)
from tests.support.hostile_schemas import Steps
from tests.support.schemas import endpoint, endpoints, parameter, read_endpoints

if TYPE_CHECKING:
    from pathlib import Path

    from gradioproxy.schema.endpoint import Endpoint

PICTURE = {"path": "https://example.org/bus.png", "meta": {"_type": "gradio.FileData"}}
KIND = Object("K", (Field("kind", Enum(("text",)), False), Field("x", NUMBER, False)))
MESSAGE = Object("M", (Field("text", TEXT, True), Field("files", Array(FILE), False)))


def call_of(made: Endpoint, width: int = 72) -> str:
    """Return the example of an endpoint."""
    return write_example_call("app.f", made.parameters, parameter_names(made), width)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, "'Hello'"),
        ({"shape": INTEGER}, "1"),
        ({"example": "Hello!!"}, "'Hello!!'"),
        ({"example": "x" * 200}, "'Hello'"),
        ({"shape": NUMBER, "example": 3}, "3"),
        ({"shape": NUMBER, "example": 3, "properties": {"minimum": 5}}, "5"),
        ({"shape": NUMBER, "example": 3, "properties": {"maximum": 2.5}}, "2.5"),
        ({"shape": NUMBER, "example": float("nan")}, "1"),
        ({"choices": ["a", "b"], "example": ["a", "a"]}, "'a'"),
        ({"choices": ["a", "b"], "shape": Array(TEXT)}, "['a']"),
        ({"choices": [None, 2]}, "2"),
        ({"has_default": True, "default": "hi", "example": "ho"}, "'hi'"),
        ({"shape": FILE, "component": "Image", "example": PICTURE}, "'image.png'"),
        ({"shape": FILE, "component": "File"}, "'file.txt'"),
        (
            {
                "shape": FILE,
                "component": "File",
                "properties": {"file_types": ["'); x('", ".nii.gz"]},
            },
            "'file.nii.gz'",
        ),
        (
            {"shape": FILE, "component": "File", "properties": {"file_types": ["video"]}},
            "'video.mp4'",
        ),
        ({"shape": Array(FILE), "example": [PICTURE, PICTURE]}, "['file.txt']"),
        ({"shape": Array(FILE)}, "['file.txt']"),
        (
            {"shape": MESSAGE, "example": {"text": "x", "files": [PICTURE], "more": None}},
            "{'text': 'x', 'files': ['file.txt']}",
        ),
        (
            {"shape": MESSAGE, "example": {"text": "x", "files": None}},
            "{'text': 'x'}",
        ),
        ({"shape": MESSAGE}, "{'text': 'Hello'}"),
        (
            {"shape": Union((NULL, FixedArray((FILE, NUMBER)))), "example": [PICTURE, 2]},
            "['file.txt', 2]",
        ),
        ({"shape": FixedArray((FILE, NUMBER))}, "['file.txt', 1]"),
        ({"shape": Union((TEXT, MESSAGE)), "example": {"text": "x"}}, "{'text': 'x'}"),
        ({"shape": Union((NUMBER, TEXT))}, "1"),
        ({"shape": Dictionary(TEXT)}, "{}"),
        ({"shape": Array(TEXT)}, "['Hello']"),
        ({"shape": Array(ANYTHING)}, "[]"),
        ({"shape": Array(MESSAGE), "example": {"value": []}}, "[{'text': 'Hello'}]"),
        ({"shape": Array(TEXT), "example": [{"value": []}]}, "['Hello']"),
        ({"shape": TEXT, "example": 3}, "'Hello'"),
        ({"shape": MESSAGE, "example": {}}, "{'text': 'Hello'}"),
        ({"shape": Object("O", MESSAGE.fields[1:])}, "{'files': ['file.txt']}"),
        ({"shape": KIND, "example": {"kind": "text", "x": 1}}, "{'x': 1}"),
        ({"shape": NUMBER, "example": 10**5000}, "1"),
        ({"component": "Multimodaltextbox", "shape": FILE}, "'image.png'"),
        ({"shape": Enum((None, "q"))}, "'q'"),
        ({"shape": ANYTHING}, "None"),
        ({"shape": ANYTHING, "example": {"a": [1, [2]]}}, "{'a': [1, [2]]}"),
        ({"shape": ANYTHING, "example": {"a": "x" * 99}}, "None"),
        ({"shape": ANYTHING, "example": PICTURE}, "'file.txt'"),
    ],
)
def test_argument(facts: dict[str, Any], expected: str) -> None:
    """An argument is the default, a choice, the declared example, or the least of its shape."""
    made = endpoint([parameter("x", **facts)])

    assert call_of(made) == f"app.f(x={expected})"


def test_recursive_example() -> None:
    """A value that refers to itself is written as deep as it is given."""
    shape = parse_shape(
        {
            "$ref": "#/$defs/N",
            "$defs": {
                "N": {"type": "object", "properties": {"next": {"$ref": "#/$defs/N"}}},
            },
        }
    )
    deep: dict[str, Any] = {}
    for _ in range(20):
        deep = {"next": deep}

    given_one = endpoint([parameter("x", shape, example={"next": {"next": {}}})])
    given_deep = endpoint([parameter("x", shape, example=deep)])
    assert call_of(given_one) == "app.f(x={'next': {'next': {}}})"
    assert call_of(given_deep) == "app.f(x={'next': None})"


def test_deep_shape() -> None:
    """What must be given at any depth is given as deep as it makes sense."""
    shape: Shape = TEXT
    for _ in range(20):
        shape = FixedArray((shape,))

    assert call_of(endpoint([parameter("x", shape)])) == "app.f(x=[[[[[[None]]]]]])"


def test_wide_shape() -> None:
    """What does not fit a line is not made before that is known: nine to the sixth power of it."""
    shape: Shape = TEXT
    for _ in range(20):
        shape = FixedArray((shape,) * 9)

    with Steps(20_000):
        call = call_of(endpoint([parameter("x", shape)]))
    assert call == f"app.f(x=[{', '.join(['None'] * 9)}])"


def test_which_arguments() -> None:
    """What must be given is, and what can be left out is as long as the call stays small."""
    needed = [parameter(name) for name in "abcd"]
    spare = [parameter(name, has_default=True, default=1) for name in "pqrs"]
    odd = parameter("o", has_default=True, default=None)

    assert call_of(endpoint()) == "app.f()"
    assert call_of(endpoint(needed[:2] + spare)) == "app.f(a='Hello', b='Hello', p=1)"
    assert call_of(endpoint([odd, *spare])) == "app.f(p=1, q=1, r=1)"
    assert call_of(endpoint([*needed, *spare])) == (
        "app.f(a='Hello', b='Hello', c='Hello', d='Hello')"
    )


def test_long_call_has_a_line_for_each_argument() -> None:
    """A call that would be too wide is written as formatters write it."""
    made = endpoint([parameter("first", example="x" * 40), parameter("second", example="y" * 20)])

    assert call_of(made) == (f"app.f(\n    first='{'x' * 40}',\n    second='{'y' * 20}',\n)")
    short = endpoint([parameter("first", example="x" * 40)])
    assert "\n" not in call_of(short)
    assert call_of(short, 54) == f"app.f(\n    first='{'x' * 40}',\n)"
    assert call_of(short, 50) == "app.f(first='Hello')"
    assert max(map(len, call_of(made, 40).split("\n"))) <= 40


def test_long_choice_is_better_than_none() -> None:
    """Where nothing but a choice can be right, one is given, however long it is."""
    long = ["x" * 100, "y" * 100]

    assert call_of(endpoint([parameter("a", choices=long, closed_choices=True)])) == (
        f"app.f(\n    a='{'x' * 100}',\n)"
    )
    assert call_of(endpoint([parameter("a", choices=long)])) == "app.f(a='Hello')"


def test_something_is_shown() -> None:
    """A call of which everything can be left out still shows what can be given."""
    table = parameter("t", MESSAGE, has_default=True, default={"text": ""})
    nothing = parameter("n", ANYTHING, has_default=True, default=[])

    assert call_of(endpoint([nothing, table])) == "app.f(t={'text': 'Hello'})"
    assert call_of(endpoint([nothing])) == "app.f()"


def assert_harmless(source: str) -> None:
    """Check that a source is one call of `app.f` with nothing but literals."""
    tree = ast.parse(source, mode="eval").body
    assert isinstance(tree, ast.Call)
    assert ast.unparse(tree.func) == "app.f"
    assert not tree.args
    for keyword in tree.keywords:
        ast.literal_eval(keyword.value)


@given(endpoints())
def test_any_endpoint(made: Endpoint) -> None:
    """Whatever an app declares: the example is a call with literals."""
    assert_harmless(call_of(made))


def test_real_apps(infos: Path) -> None:
    """The examples of real apps are calls, and give everything that must be given."""
    for _, made in read_endpoints(infos):
        source = call_of(made)
        assert_harmless(source)
        tree = ast.parse(source, mode="eval").body
        given_names = {keyword.arg for keyword in tree.keywords}  # type: ignore[attr-defined]
        for name, one in zip(parameter_names(made), made.parameters, strict=True):
            assert one.has_default or name in given_names
