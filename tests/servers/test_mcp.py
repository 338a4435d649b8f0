"""Apps as an MCP server, with the official SDK's client and a server in a process of its own."""

from __future__ import annotations

import asyncio
import base64
import io
import json
from typing import TYPE_CHECKING, Any

import anyio
import jsonschema
import pytest
from PIL import Image

pytest.importorskip("mcp", reason="needs the extra mcp")

from mcp import types
from mcp.shared.exceptions import MCPDeprecationWarning, MCPError

from tests.support.gradio import Server
from tests.support.mcp_clients import over_own_http, over_stdio, run, text_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import gradioproxy as gp
    from tests.support.gradio.running import RunningServers

TESTED_VERSIONS = ("3.50.2", "4.44.1", "5.50.0", "6.31.0")


def png() -> bytes:
    """Return a small image."""
    content = io.BytesIO()
    Image.new("RGB", (2, 3), "red").save(content, "PNG")
    return content.getvalue()


def data_url(content: bytes, kind: str) -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def checked(result: types.CallToolResult, tool: types.Tool) -> Any:
    """Return a result's structure, which is as its tool declares."""
    assert not result.is_error, result
    assert tool.output_schema is not None
    jsonschema.validate(result.structured_content, tool.output_schema)
    return result.structured_content


def test_a_tool_for_each_function(server: Server, app: gp.Session) -> None:
    """With the names that the session's own tools have, and schemas that are valid."""

    async def test() -> None:
        async with over_stdio(server.url) as client:
            tools = await client.list_tools()
            assert [*tools] == [tool["name"] for tool in app.tools("mcp")]
            for name, expected in zip(tools, app.tools("mcp"), strict=True):
                tool = tools[name]
                assert tool.input_schema.keys() == expected["inputSchema"].keys()
                assert tool.description == expected["description"]
                for schema in (tool.input_schema, tool.output_schema or {}):
                    jsonschema.Draft202012Validator.check_schema(schema)

    run(test())


def test_results(server: Server, app: gp.Session) -> None:
    """A text as it is, other values as JSON; all of them in structures with names."""

    async def test() -> None:
        async with over_stdio(server.url) as client:
            tools = await client.list_tools()

            echo = await client.call("echo", "grün 🙂")
            assert text_of(echo) == "grün 🙂"
            assert checked(echo, tools["echo"]) == {"result": "grün 🙂"}

            assert checked(await client.call("add", 1, 2.5), tools["add"]) == {"result": 3.5}

            two = await client.call("two", "a", 2)
            assert checked(two, tools["two"]) == {"First_result": "a", "Second_result": 2}
            assert json.loads(text_of(two)) == app.two("a", 2)._asdict()

            value = {"deep": [1, None, {"x": "y"}]}
            back = await client.call("json_back", value)
            assert checked(back, tools["json_back"]) == {"result": value}
            assert json.loads(text_of(back)) == value

            none = await client.call("none", "x")
            assert (none.is_error, none.structured_content) == (False, None)
            assert tools["none"].output_schema is None

            stream = await client.call("count", 3)
            assert checked(stream, tools["count"]) == {"result": "3"}

    run(test())


def test_failures(server: Server) -> None:
    """What the app says, and everything that is wrong with arguments, for the model to act on."""

    async def test() -> None:
        async with over_stdio(server.url) as client:
            failed = await client.call("fail")
            assert failed.is_error
            assert text_of(failed) == "boom 'quoted'\nline"
            assert "secret detail" not in text_of(await client.call("crash"))

            given = {"nothing_like_it": 1}
            wrong = await client.session.call_tool("two", given)
            assert wrong.is_error
            assert "it is required" in text_of(wrong)
            assert "there is no such argument" in text_of(wrong)
            mistyped = await client.call("add", "many", [2])
            assert mistyped.is_error
            assert "'many'" in text_of(mistyped)

            with pytest.raises(MCPError, match="there is no tool 'ecko'; did you mean 'echo'"):
                await client.session.call_tool("ecko", {})
            assert text_of(await client.call("echo", "goes on")) == "goes on"

    run(test())


@pytest.mark.since("3.36", "gr.Info came with 3.36")
def test_progress_and_messages(server: Server) -> None:
    """The app's bar as numbers that grow, and what it says to people as messages."""

    async def test() -> None:
        async with over_stdio(server.url) as client:
            await client.call("progress", 4)
            numbers = [number for number, _, _ in client.progress]
            assert numbers == sorted(set(numbers))
            assert any(number >= 50 and total == 100 for number, total, _ in client.progress)
            assert any(text == "Stepping" for _, _, text in client.progress)

            await client.call("info_warning", "x")
            said = [(level, text.rpartition(": ")[2]) for level, text in client.logs]
            assert said == [("info", "info x"), ("warning", "warning x")]

            with pytest.warns(MCPDeprecationWarning):
                await client.session.set_logging_level("error")
            await client.call("info_warning", "y")
            assert len(client.logs) == 2

    run(test())


def test_a_call_that_is_given_up(server: Server, version: str) -> None:
    """Its function ends: when the client cancels it, and when the client's patience ends."""

    async def test() -> None:
        async with over_stdio(server.url) as client:
            for token in (f"cancelled {version}", f"expired {version}"):
                async with anyio.create_task_group() as tasks:
                    tasks.start_soon(client.call, "endless", token)
                    assert (await client.call("wait_begin", token)).structured_content["result"]
                    tasks.cancel_scope.cancel()
                ended = await client.call("wait_end", token)
                assert ended.structured_content == {"result": True}
            with pytest.raises(MCPError, match="timed out"):
                await client.call("endless", f"patience {version}", timeout=3)
            ended = await client.call("wait_end", f"patience {version}")
            assert ended.structured_content == {"result": True}

    run(test())


def test_images_and_files(server: Server, tmp_path: Path) -> None:
    """An image is shown, any file can be read, and what came from one tool goes to another."""
    (tmp_path / "text.txt").write_text("of the folder")

    async def test() -> None:
        async with over_stdio(server.url, "--files", str(tmp_path)) as client:
            tools = await client.list_tools()

            shown = await client.call("image_back", data_url(png(), "image/png"))
            uri = checked(shown, tools["image_back"])["result"]
            (image,) = [one for one in shown.content if isinstance(one, types.ImageContent)]
            assert image.mime_type == "image/png"
            assert Image.open(io.BytesIO(base64.b64decode(image.data))).size == (2, 3)
            assert base64.b64decode((await client.read(uri)).blob) == base64.b64decode(image.data)
            again = await client.call("image_back", uri)
            assert any(isinstance(one, types.ImageContent) for one in again.content)

            back = await client.call("file_back", "text.txt")
            (link,) = [one for one in back.content if isinstance(one, types.ResourceLink)]
            assert checked(back, tools["file_back"]) == {"result": link.uri}
            assert (await client.read(link.uri)).text == "of the folder"
            inline = await client.call("file_hash", data_url(b"of the folder", "text/plain"))
            assert text_of(await client.call("file_hash", link.uri)) == text_of(inline)

    run(test())


def test_several_apps(gradio: RunningServers, version: str) -> None:
    """Tools are called by their app as well, some are left out, and files go from app to app."""
    one, other = gradio(version), gradio(version, "stateless")
    chosen = ("--only", "/file_back", "--only", "file_hash", "--except", "main_file_hash")

    async def test() -> None:
        async with over_stdio(one.url, other.url, *chosen) as client:
            tools = await client.list_tools()
            assert set(tools) == {"main_file_back", next(n for n in tools if n.endswith("_hash"))}
            (hashing,) = [name for name in tools if name.endswith("file_hash")]
            back = await client.call("main_file_back", data_url(b"passed on", "text/plain"))
            passed = await client.call(hashing, back.structured_content["result"])
            inline = await client.call(hashing, data_url(b"passed on", "text/plain"))
            assert text_of(passed) == text_of(inline)

    run(test())


def test_a_state_stays_with_the_client(server: Server) -> None:
    """Over standard input there is one client, and its calls are one session of the app."""

    async def test() -> None:
        async with over_stdio(server.url) as client:
            assert text_of(await client.call("state", "a")) == "a"
            assert text_of(await client.call("state", "b")) == "a b"

    run(test())


@pytest.mark.parametrize("way", [over_stdio, over_own_http])
def test_an_app_that_was_restarted(version: str, way: Callable[..., Any]) -> None:
    """Its functions are called by name, and the client is told that there are others."""

    async def test(server: Server) -> None:
        async with way(server.url) as client:
            told = (await client.session.initialize()).capabilities
            assert told.tools is not None
            assert told.tools.list_changed
            assert {"first", "changed", "gone"} <= {*await client.list_tools()}
            assert text_of(await client.call("first", "a")) == "first a"
            server.stop()
            with Server(version, "after", port=server.port):
                assert text_of(await client.call("first", "b")) == "first b"
                await asyncio.wait_for(client.changed.wait(), 20)
                with pytest.raises(MCPError, match="there is no tool 'gone'"):
                    await client.call("gone", "c")
                changed = (await client.list_tools())["changed"]
                assert len(changed.input_schema["properties"]) == 2

    with Server(version, "before") as server:
        run(test(server))
