"""Functions as tools of language models: definitions that APIs take, and calls that models make."""

from __future__ import annotations

import base64
import inspect
import json
import re
from typing import TYPE_CHECKING, Any, Literal

import jsonschema
import pytest

import gradioproxy as gp
from gradioproxy.functions.naming import parameter_names
from gradioproxy.functions.tool import Tool
from gradioproxy.functions.tool_calls import tool_arguments
from tests.support.schemas import read_endpoints
from tests.support.web_server import Web, reply_json

if TYPE_CHECKING:
    from pathlib import Path


STYLES: tuple[Literal["openai", "anthropic", "mcp"], ...] = ("openai", "anthropic", "mcp")
NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")


def schema_of(tool: dict[str, Any]) -> Any:
    """Return the schema of a tool's arguments, whatever it is called."""
    tool = tool.get("function", tool)
    return tool.get("parameters") or tool.get("input_schema") or tool.get("inputSchema")


def test_definitions_of_real_apps_are_valid(infos: Path) -> None:
    """Each is JSON with names that APIs take and a valid schema that says what everything is."""
    seen = 0
    for _, endpoint in read_endpoints(infos):
        tools = [Tool(endpoint, "tool").tool_schema(style) for style in STYLES]
        (schema,) = {json.dumps(schema_of(tool), allow_nan=False) for tool in tools}
        checked = json.loads(schema)
        jsonschema.Draft202012Validator.check_schema(checked)
        assert all(NAME.fullmatch(name) for name in checked["properties"])
        assert len(checked["properties"]) == len(parameter_names(endpoint))
        named = dict(zip(checked["properties"], endpoint.parameters, strict=True))
        silent = {
            name for name, value in checked["properties"].items() if "description" not in value
        }
        # What `gr.api` describes may have nothing but its type.
        assert all(named[name].component == "Api" for name in silent)
        seen += 1
    assert seen > 200


def test_the_form_is_the_apis(app: gp.Session) -> None:
    """Each API has its own names for the same three things."""
    openai, anthropic, mcp = (app.echo.tool_schema(style) for style in STYLES)
    assert openai["type"] == "function"
    assert openai["function"].keys() == {"name", "description", "parameters"}
    assert anthropic.keys() == {"name", "description", "input_schema"}
    assert mcp.keys() == {"name", "description", "inputSchema"}
    with pytest.raises(ValueError, match="'gemini'"):
        app.echo.tool_schema("gemini")  # type: ignore[arg-type] # there may be one some day
    names = [tool["name"] for tool in app.tools("mcp")]
    assert len(set(names)) == len(names) == len(app)
    assert all(NAME.fullmatch(name) for name in names)


def test_a_tool_gives_what_the_function_gives(app: gp.Session) -> None:
    """Arguments come as an object or as the text of one."""
    first, second = inspect.signature(app.add).parameters
    given = {first: 1, second: 2}
    assert app.call_tool("add", given) == app.call_tool("add", json.dumps(given)) == app.add(1, 2)
    assert app.call_tool("nothing") == app.call_tool("nothing", "") == "from nothing"


def test_wrong_calls_of_models(app: gp.Session) -> None:
    """They are errors that can be given back to the model."""
    for arguments in ("{", "[1]", 5, "[" * 100_000):
        with pytest.raises(gp.ArgumentError, match="a tool takes a JSON object, this one with "):
            app.call_tool("echo", arguments)  # type: ignore[arg-type] # what a model may send
    with pytest.raises(gp.UnknownEndpoint, match="echo"):
        app.call_tool("ecko", {})
    with pytest.raises(gp.ArgumentError, match="nothing_like_it: got 1; there is no such argument"):
        app.call_tool("echo", {"nothing_like_it": 1})


@pytest.mark.parametrize("text", ["{path}", "file://{path}", "{path.name}", "~", "/etc/hostname"])
def test_a_model_names_no_local_file(app: gp.Session, tmp_path: Path, text: str) -> None:
    """A path is refused, wherever it stands, and nothing goes up."""
    path = tmp_path / "secret.txt"
    path.write_bytes(b"secret")
    named = text.format(path=path)
    with pytest.raises(gp.ArgumentError, match="only the caller can name a local path"):
        app.call_tool("file_back", {next(iter(inspect.signature(app.file_back).parameters)): named})
    (files,) = inspect.signature(app.files_hash).parameters
    with pytest.raises(gp.ArgumentError, match="only the caller can name a local path"):
        app.call_tool("files_hash", {files: [named]})
    assert app.uploads == []


def test_nothing_near_this_machine_is_fetched_for_a_model(app: gp.Session, web: Web) -> None:
    """A URL of a private address is refused before anybody there hears of it."""
    web.on("/secret", reply_json("internal"))
    (file,) = inspect.signature(app.file_back).parameters
    port = web.url.rpartition(":")[2]
    for host in ("127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "0.0.0.0", "2130706433"):  # noqa: S104
        with pytest.raises(gp.ArgumentError, match="only where the whole world can"):
            app.call_tool("file_back", {file: f"http://{host}:{port}/secret"})
    assert web.requests == []


def test_files_that_a_model_may_name(app: gp.Session, tmp_path: Path) -> None:
    """Content in the URL itself, and files that the app itself returned."""
    (file,) = inspect.signature(app.file_back).parameters
    inline = "data:text/plain;base64," + base64.b64encode(b"inline").decode()
    assert app.call_tool("file_back", {file: inline}).bytes() == b"inline"
    path = tmp_path / "a.txt"
    path.write_bytes(b"of the app")
    returned = app.file_back(path)
    assert app.call_tool("file_back", {file: returned}).bytes() == b"of the app"
    with path.open("rb") as opened:
        assert app.call_tool("file_back", {file: opened}).bytes() == b"of the app"


def test_arguments_are_marked(app: gp.Session) -> None:
    """What is made of a model's arguments is untrusted, each of it."""
    settings = app.functions.__maker__.settings
    first, second = inspect.signature(app.add).parameters
    made = tool_arguments(settings, "add", app.add.endpoint, {first: 1, second: "2"})
    assert {type(value).__name__ for value in made.values()} == {"Untrusted"}
