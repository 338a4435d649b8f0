"""Functions as tools of language models."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from jsonschema import Draft202012Validator

import gradioproxy as gp
from gradioproxy.naming import tool_names
from gradioproxy.shapes import has_file, parse_shape
from gradioproxy.text import clean
from gradioproxy.tools import MAX_DESCRIPTION, Tool, arguments_schema
from tests.descriptions import endpoint, endpoints, parameter, read_endpoints, result
from tests.web import Reply, Web, serve_app

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.servers import Server

# What the APIs of OpenAI and Anthropic take as a name.
NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")

FILE_DATA = {"type": "object", "title": "FileData", "properties": {"path": {"type": "string"}}}


def check_schema(schema: Any) -> None:
    """Check that a schema of arguments is one, and that what it suggests fits it."""
    json.dumps(schema, allow_nan=False)
    Draft202012Validator.check_schema(schema)
    assert all(NAME.fullmatch(name) for name in schema["properties"])
    assert set(schema["required"]) <= schema["properties"].keys()
    assert schema["additionalProperties"] is False
    for one in schema["properties"].values():
        assert one["description"] == clean(one["description"])


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
                "Style", choices=["plain", "fancy"], fixed=True, has_default=True, default=None
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
            "Prompt": {"type": "string", "description": "A textbox."},
            "Steps": {
                "type": "number",
                "minimum": 1,
                "maximum": 50,
                "description": "A slider from 1 to 50. Defaults to 20.",
                "default": 20,
            },
            "Style": {
                "anyOf": [{"type": "string", "enum": ["plain", "fancy"]}, {"type": "null"}],
                "description": "A textbox: 'plain' or 'fancy'. Defaults to None.",
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
    made = arguments_schema(endpoint([parameter("A", parse_shape(shape))]))["properties"]["A"]
    del made["description"]
    assert made == schema


def test_files_are_strings() -> None:
    """A model names a file by a URL, wherever it stands."""
    gallery = {"type": "array", "items": {"type": "object", "properties": {"image": FILE_DATA}}}
    made = arguments_schema(
        endpoint([parameter("A", parse_shape(FILE_DATA)), parameter("B", parse_shape(gallery))])
    )["properties"]

    assert made["A"]["type"] == "string"
    assert "URL" in made["A"]["description"]
    image = made["B"]["items"]["properties"]["image"]
    assert image["type"] == "string"
    assert "URL" in image["description"]


def test_names_of_arguments() -> None:
    """A parameter has a name that the APIs take, whatever it is called in Python."""
    made = endpoint([parameter("größe"), parameter("gr_ße"), parameter("x" * 60)])
    names = list(arguments_schema(made)["properties"])

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
            if "default" in one and not declared.options:
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
    schema = arguments_schema(endpoint([parameter("A", parse_shape(tree))]))
    check_schema(schema)
    assert len(json.dumps(schema)) < 1000


# Sessions.


@pytest.fixture
def session(web: Web) -> Iterator[gp.Session]:
    """Give a session with an app whose names are as APIs do not take them."""
    serve_app(web, "first", "größe", "gr_ße", "close", "x" * 80)
    with gp.connect(web.url) as session:
        yield session


def test_names_of_tools(session: gp.Session) -> None:
    """Every tool has a name of its own that APIs take, and that calls its function."""
    names = [tool["name"] for tool in session.tools("anthropic")]

    assert names == ["first", "gr__e", "gr__e_2", "close_", "x" * 60]
    assert all(NAME.fullmatch(name) for name in names)
    for endpoint_name, name in zip(session, names, strict=True):
        assert session[endpoint_name].tool_schema("mcp")["name"] == name


@pytest.mark.parametrize(
    "arguments", ["[1]", "nonsense", '"text"', b"\xff", 3, '{"text": 1} and more']
)
def test_arguments_that_are_no_object(session: gp.Session, arguments: Any) -> None:
    """What is no JSON object is an error that says so, before anything is sent."""
    with pytest.raises(gp.ArgumentError, match="a tool takes a JSON object"):
        session.call_tool("first", arguments)


def test_wrong_tools(session: gp.Session) -> None:
    """A tool that there is not, and arguments that it does not take, are errors of any call."""
    with pytest.raises(gp.UnknownEndpoint, match="first"):
        session.call_tool("frist", {})
    with pytest.raises(TypeError, match="text"):
        session.call_tool("first")
    with pytest.raises(TypeError, match="other"):
        session.call_tool("first", {"text": "x", "other": 1})


# Calls of a real app.


def test_a_call_by_tool_is_a_call(server: Server) -> None:
    """A tool returns what the function returns, whichever way the arguments come."""
    with gp.connect(server.url) as app:
        a, b = names_of(app, "add")
        assert app.call_tool("add", {a: 1, b: 2}) == app.add(1, 2) == 3
        assert app.call_tool("add", json.dumps({b: 2, a: 1})) == 3
        assert app.call_tool("nothing", "") == app.call_tool("nothing") == app.nothing()
        values = dict(zip(names_of(app, "two"), ("x", 1.5), strict=True))
        assert app.call_tool("two", values) == app.two("x", 1.5)
        [name] = names_of(app, "json_back")
        value = {"text": "/etc/passwd", "more": ["/etc/passwd"]}
        assert app.call_tool("json_back", {name: value}) == value


def names_of(app: gp.Session, name: str) -> list[str]:
    """Return the names of a tool's arguments."""
    return list(app[name].tool_schema("mcp")["inputSchema"]["properties"])


def test_files_by_tool(server: Server, tmp_path: Path, web: Web) -> None:
    """A model passes on files of the app, and inline ones; it reads no file and no host of ours."""
    path = tmp_path / "secret.txt"
    path.write_bytes(b"content")
    web.on("/secret.txt", Reply(body=b"content"))
    with gp.connect(server.url) as app:
        [name] = names_of(app, "file_back")
        kept = app.file_back(path)
        before = len(app.uploads)
        back = app.call_tool("file_back", {name: kept.url})
        assert back.bytes() == b"content"
        assert len(app.uploads) == before
        inline = app.call_tool("file_back", {name: "data:text/plain;base64,Y29udGVudA=="})
        assert inline.bytes() == b"content"
        assert app.call_tool("file_back", {name: kept}).bytes() == b"content"
        assert app.call_tool("file_back", {name: path}).bytes() == b"content"

        for text in (str(path), path.as_uri(), "~/secret.txt", "ftp://host/x", "http://"):
            with pytest.raises(gp.ArgumentError, match="only the caller can name a local path"):
                app.call_tool("file_back", {name: text})
        for url in (f"{web.url}/secret.txt", f"{server.url}/config", f"{server.url}/file=../x"):
            with pytest.raises(gp.ArgumentError, match="no public address"):
                app.call_tool("file_back", {name: url})
        assert web.requests == []
        [name] = names_of(app, "files_hash")
        with pytest.raises(gp.ArgumentError, match=r"\[1\]"):
            app.call_tool("files_hash", {name: [kept.url, str(path)]})
