"""The definitions of tools: what they say of names, shapes and defaults."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from jsonschema import Draft202012Validator

from gradioproxy.functions.naming import tool_names
from gradioproxy.functions.tool import (
    MAX_DESCRIPTION,
    MAX_LETTERS,
    Tool,
    build_arguments_schema,
)
from gradioproxy.schema.shape import has_file, parse_shape
from gradioproxy.text import clean
from tests.support.schemas import endpoint, endpoints, parameter, read_endpoints, result
from tests.support.web_server import Web, serve_app

if TYPE_CHECKING:
    from pathlib import Path

    import gradioproxy as gp


# What the APIs of OpenAI and Anthropic take as a name.
NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")

FILE_DATA = {"type": "object", "title": "FileData", "properties": {"path": {"type": "string"}}}

TABLE = {
    "type": "object",
    "properties": {
        "headers": {"type": "array", "items": {"type": "string"}},
        "data": {"type": "array"},
    },
    "required": ["headers", "data"],
}
LIMITED = {"component": "Number", "properties": {"minimum": 1, "maximum": 5}}


def check_schema(schema: Any) -> None:
    """Check that a schema of arguments is one, and that what it suggests fits it."""
    json.dumps(schema, allow_nan=False)
    Draft202012Validator.check_schema(schema)
    assert all(NAME.fullmatch(name) for name in schema["properties"])
    assert set(schema["required"]) <= schema["properties"].keys()
    assert schema["additionalProperties"] is False
    for one in schema["properties"].values():
        assert one.get("description", "") == clean(one.get("description", ""))


# Definitions.


def test_the_styles() -> None:
    """A definition has the form of the API that it is for."""
    made = endpoint(
        [
            parameter("Prompt"),
            parameter(
                "Steps",
                parse_shape({"type": "number"}),
                component="Slider",
                properties={"minimum": 1, "maximum": 50},
                has_default=True,
                default=20,
            ),
            parameter(
                "Style",
                choices=["plain", "fancy"],
                closed_choices=True,
                has_default=True,
                default=None,
            ),
        ],
        [result("Image")],
        description="Paint a picture.\n\nIn oil.",
    )
    tool = Tool(made, "paint")
    about = {
        "name": "paint",
        "description": "Paint a picture.\n\nIn oil.\n\nReturns:\n- Image, as text.",
    }
    schema = {
        "type": "object",
        "properties": {
            "Prompt": {"type": "string", "description": "Prompt, a textbox."},
            "Steps": {
                "type": "number",
                "minimum": 1,
                "maximum": 50,
                "description": "Steps, a slider from 1 to 50. Defaults to 20.",
                "default": 20,
            },
            "Style": {
                "anyOf": [{"type": "string", "enum": ["plain", "fancy"]}, {"type": "null"}],
                "description": "Style, a textbox: 'plain' or 'fancy'. Defaults to None.",
                "default": None,
            },
        },
        "required": ["Prompt"],
        "additionalProperties": False,
    }

    assert tool.tool_schema() == {"type": "function", "function": {**about, "parameters": schema}}
    assert tool.tool_schema("openai") == tool.tool_schema()
    assert tool.tool_schema("anthropic") == {**about, "input_schema": schema}
    assert tool.tool_schema("mcp") == {**about, "inputSchema": schema}
    with pytest.raises(ValueError, match="'openai', 'anthropic' or 'mcp', not 'other'"):
        tool.tool_schema("other")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("shape", "schema"),
    [
        (
            {"type": "array", "items": {"type": "integer"}},
            {"type": "array", "items": {"type": "integer"}},
        ),
        (
            {"type": "array", "prefixItems": [{"type": "string"}, {"type": "number"}]},
            {
                "type": "array",
                "items": {"anyOf": [{"type": "string"}, {"type": "number"}]},
                "minItems": 2,
                "maxItems": 2,
            },
        ),
        (
            {"type": "object", "additionalProperties": {"type": "boolean"}},
            {"type": "object", "additionalProperties": {"type": "boolean"}},
        ),
        (
            {"enum": [1, "1", True]},
            {"type": ["integer", "string", "boolean"], "enum": [1, "1", True]},
        ),
        ({"enum": [float("inf"), 1.0]}, {"type": "number"}),
        ({}, {}),
    ],
)
def test_shapes_as_schemas(shape: Any, schema: Any) -> None:
    """Every shape has its schema, of words that all APIs know."""
    made = build_arguments_schema(endpoint([parameter("A", parse_shape(shape))]))["properties"]["A"]
    del made["description"]
    assert made == schema


def test_files_are_strings() -> None:
    """A model names a file by a URL, wherever it stands."""
    gallery = {"type": "array", "items": {"type": "object", "properties": {"image": FILE_DATA}}}
    made = build_arguments_schema(
        endpoint([parameter("A", parse_shape(FILE_DATA)), parameter("B", parse_shape(gallery))])
    )["properties"]

    assert made["A"]["type"] == "string"
    assert "URL" in made["A"]["description"]
    image = made["B"]["items"]["properties"]["image"]
    assert image["type"] == "string"
    assert "URL" in image["description"]


@pytest.mark.parametrize(
    ("shape", "facts", "told"),
    [
        ({"type": "string"}, {"default": "a"}, True),
        ({"type": "string"}, {"default": "a" * 2_000}, False),
        ({"type": "string"}, {"default": 1}, False),
        ({"type": "string"}, {"default": None}, True),
        ({"type": "number"}, {"default": float("inf")}, False),
        ({"type": "number"}, {"default": 3, **LIMITED}, True),
        ({"type": "number"}, {"default": 6, **LIMITED}, False),
        ({"enum": ["a", "b"]}, {"default": "c"}, False),
        ({"type": "array", "items": {"type": "integer"}}, {"default": [1, 2]}, True),
        ({"type": "array", "items": {"type": "integer"}}, {"default": [1, "2"]}, False),
        (TABLE, {"default": {"headers": ["a"], "data": [[1]]}}, True),
        (TABLE, {"default": {"headers": ["a"], "data": [], "more": 1}}, False),
        (TABLE, {"default": {"headers": ["a"]}}, False),
        (FILE_DATA, {"default": "https://app.test/a.png"}, False),
        ({}, {"default": {"a": [1]}}, True),
    ],
)
def test_which_defaults_are_told(shape: Any, facts: dict[str, Any], told: bool) -> None:
    """Those that are right by the schema itself, of whatever type, and not too long to be read."""
    one = parameter("A", parse_shape(shape), has_default=True, **facts)
    made = build_arguments_schema(endpoint([one]))["properties"]["A"]
    assert ("default" in made) is told
    if told:
        assert made["default"] == facts["default"]
        Draft202012Validator(made).validate(facts["default"])


@pytest.mark.parametrize(
    ("component", "properties", "limits"),
    [
        ("Number", {"minimum": 1, "maximum": 5}, {"minimum": 1, "maximum": 5}),
        ("Textbox", {"max_length": 3}, {"maxLength": 3}),
    ],
)
def test_limits_that_the_app_could_change_are_left_to_it(
    component: str, properties: dict[str, Any], limits: dict[str, Any]
) -> None:
    shape = parse_shape({"type": "number" if component == "Number" else "string"})
    for changeable in (False, True):
        one = parameter("x", shape, component=component, properties=properties)
        one = replace(one, changeable=changeable)
        schema = build_arguments_schema(endpoint([one]))["properties"]["x"]
        told = {key: schema[key] for key in limits if key in schema}
        assert told == ({} if changeable else limits)


def test_names_of_arguments() -> None:
    """A parameter has a name that the APIs take, whatever it is called in Python."""
    made = endpoint([parameter("größe"), parameter("gr_ße"), parameter("x" * 60)])
    names = list(build_arguments_schema(made)["properties"])

    assert names == ["gr__e", "gr__e_2", "x" * 60]
    assert list(tool_names(["größe", "gr_ße"]).values()) == ["größe", "gr_ße"]


def test_real_apps(infos: Path) -> None:
    """Every function of a real app is a tool, and its defaults and examples fit its schema."""
    count = 0
    for name, made in read_endpoints(infos, 30):
        tool = Tool(made, name)
        schema = tool.tool_schema("anthropic")["input_schema"]
        check_schema(schema)
        count += 1
        for one, declared in zip(schema["properties"].values(), made.parameters, strict=True):
            # Apps exist whose default is none of the choices.
            if "default" in one and not declared.choices:
                assert not has_file(declared.shape)
                Draft202012Validator(one).validate(declared.default)
    assert count > 200


@given(made=endpoints())
def test_any_description(made: Any) -> None:
    """Whatever a server declares, its tool is one."""
    tool = Tool(made, "name").tool_schema("mcp")
    check_schema(tool["inputSchema"])
    assert len(tool["description"]) <= MAX_DESCRIPTION


def test_a_recursive_schema() -> None:
    """An object that contains itself is written out once."""
    tree = {
        "$ref": "#/$defs/T",
        "$defs": {
            "T": {
                "type": "object",
                "properties": {"children": {"type": "array", "items": {"$ref": "#/$defs/T"}}},
            }
        },
    }
    schema = build_arguments_schema(endpoint([parameter("A", parse_shape(tree))]))
    check_schema(schema)
    assert len(json.dumps(schema)) < 1000


# Sessions.


@pytest.fixture
def app_web(web: Web) -> Web:
    """Give the server of an app whose names are as APIs do not take them."""
    serve_app(web, "first", "größe", "gr_ße", "close", "x" * 80)
    return web


def test_names_of_tools(session: gp.Session) -> None:
    """Every tool has a name of its own that APIs take, and that calls its function."""
    names = [tool["name"] for tool in session.tools("anthropic")]

    assert names == ["first", "gr__e", "gr__e_2", "close_", "x" * 60]
    assert all(NAME.fullmatch(name) for name in names)
    for endpoint_name, name in zip(session, names, strict=True):
        assert session[endpoint_name].tool_schema("mcp")["name"] == name


def test_what_is_long_is_not_written_in_a_hundred_places() -> None:
    """What a definition says at length is said once where it has so many places."""
    choice = {"enum": ["x" * (MAX_LETTERS // 10)]}
    keys = {"type": "object", "properties": {"y" * (MAX_LETTERS // 10): choice}}
    schema = {"type": "array", "prefixItems": [{"$ref": "#/$defs/a"}] * 100, "$defs": {"a": keys}}
    made = build_arguments_schema(
        endpoint([parameter("x", parse_shape({"anyOf": [schema, keys]}))])
    )
    text = json.dumps(made)
    assert len(text) < 3 * MAX_LETTERS
    assert "xxx" in text

    lone = build_arguments_schema(endpoint([parameter("x", parse_shape(choice))]))
    assert lone["properties"]["x"]["enum"] == choice["enum"]
