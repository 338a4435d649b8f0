"""What a model can make the MCP server do has bounds, whatever it asks for and the app answers."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import sys
from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("mcp", reason="needs the extra mcp")

from mcp import types
from mcp.shared.exceptions import MCPError

from tests.support.mcp_clients import over_stdio, run, text_of
from tests.support.web_server import Web, reply_json

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.gradio import Server

TESTED_VERSIONS = ("3.50.2", "6.31.0")
TOKEN = "hf_abcdefghijklmnopqrstuvwxyz0123"  # noqa: S105 - nobody's


def inline(content: bytes) -> str:
    return f"data:text/plain;base64,{base64.b64encode(content).decode()}"


def test_no_local_file_without_a_folder(server: Server, tmp_path: Path) -> None:
    """Neither by a path nor by a URL for one, wherever in the arguments it stands."""
    path = tmp_path / "secret.txt"
    path.write_text("secret")

    async def test() -> None:
        async with over_stdio(server.url) as client:
            for named in (str(path), path.as_uri(), "~/.bashrc", "secret.txt"):
                for tool, value in (("file_hash", named), ("files_hash", [named])):
                    refused = await client.call(tool, value)
                    assert refused.is_error, named
                    assert "a file is named by its http, https or data: URL" in text_of(refused)

    run(test())


def test_no_file_outside_of_the_folder(server: Server, tmp_path: Path) -> None:
    """No message says where the folder is, or whether there is something outside."""
    allowed = tmp_path / "allowed"
    allowed.mkdir()
    (tmp_path / "secret.txt").write_text("secret")
    if sys.platform != "win32":
        (allowed / "link").symlink_to("../secret.txt")
        os.mkfifo(allowed / "pipe")

    async def test() -> None:
        async with over_stdio(server.url, "--files", str(allowed)) as client:
            for named in ("../secret.txt", "../nothing.txt", "link", "pipe", "/etc/hostname", "."):
                refused = await client.call("file_hash", named)
                assert refused.is_error, named
                assert str(tmp_path) not in text_of(refused)
            missing = await client.call("files_hash", ["missing.txt", "../secret.txt"])
            assert "no such file" in text_of(missing)
            assert "outside" in text_of(missing)

    run(test())


def test_so_many_files_in_a_call(server: Server, tmp_path: Path) -> None:
    """Each is open until it was sent, so that there are only so many, by whichever names."""
    (tmp_path / "a.txt").write_text("a")
    names = [f"{'./' * number}a.txt" for number in range(101)]

    async def test() -> None:
        async with over_stdio(server.url, "--files", str(tmp_path)) as client:
            assert not (await client.call("files_hash", names[:100])).is_error
            refused = await client.call("files_hash", names)
            assert refused.is_error
            assert "100 files at most" in text_of(refused)
            assert not (await client.call("files_hash", names[:100])).is_error

    run(test())


def test_nothing_near_this_machine_is_fetched(server: Server, web: Web) -> None:
    """A URL of a private address is refused before anybody there hears of it."""
    web.on("/secret", reply_json("internal"))

    async def test() -> None:
        async with over_stdio(server.url) as client:
            port = web.url.rpartition(":")[2]
            for host in ("127.0.0.1", "localhost", "[::ffff:127.0.0.1]"):
                refused = await client.call("file_hash", f"http://{host}:{port}/secret")
                assert refused.is_error
                assert "only where the whole world can" in text_of(refused)

    run(test())
    assert web.requests == []


def test_no_secret_in_a_message(server: Server) -> None:
    """An app says what it was called with; a model does not hear it, by whichever road."""

    async def test() -> None:
        options = ("--token", TOKEN, "--header", f"X-Key: {TOKEN[::-1]}")
        async with over_stdio(server.url, *options) as client:
            said: list[Any] = [await client.list_tools()]
            for secret in (TOKEN, TOKEN[::-1]):
                said += [await client.call("echo", f"a {secret} b")]
                said += [await client.call("json_back", {"deep": [{secret: secret}]})]
                said += [await client.call("stream_text", f"{secret} and more")]
                said += [await client.call("info_warning", secret)]
                back = await client.call("file_back", inline(f"a {secret} b".encode()))
                said += [(await client.read(back.structured_content["result"])).text]
                assert said[-1] == "a <secret> b"
            said += client.logs
            assert "<secret>" in repr(said)
            for secret in (TOKEN, TOKEN[::-1]):
                assert secret not in repr(said)

    run(test())


def test_no_secret_of_another_app(server: Server) -> None:
    """One says what it was sent in a file, which another is given, and says what is in it."""

    async def test() -> None:
        # Two apps, as far as anybody can tell: each has a password of its own.
        one = server.url.replace("http://", "http://ann:first-password@")
        other = f"http://bob:second-password@localhost:{server.port}"
        async with over_stdio(one, other) as client:
            said = inline(b"first-password, second-password")
            for tools in (("main_file_back", "main_2_file_back"), ("main_2_file_back",) * 2):
                named = said
                for tool in tools:
                    named = (await client.call(tool, named)).structured_content["result"]
                assert (await client.read(named)).text == "<secret>, <secret>"
            for tool in ("main_echo", "main_2_echo"):
                shown = await client.call(tool, "first-password second-password")
                assert shown.structured_content == {"result": "<secret> <secret>"}

    run(test())


def test_so_many_calls_at_a_time(server: Server) -> None:
    """Others wait, and can be given up while they do."""

    async def test() -> None:
        async with over_stdio(server.url, "--max-calls", "1") as client:
            token = f"alone {server.url}"
            await client.list_tools()
            first = asyncio.create_task(client.call("endless", token))
            await client.progressed.wait()
            with pytest.raises(MCPError, match="timed out"):
                # It waits for its turn: the first one goes on, and it was never made.
                await client.call("echo", "x", timeout=2)
            assert not first.done()
            first.cancel()
            await asyncio.wait([first])
            assert text_of(await client.call("echo", "y")) == "y"

    run(test())


def test_a_result_of_any_size(server: Server) -> None:
    """So much of it is shown; the whole is a resource."""
    long = "ab" * 200_000

    async def test() -> None:
        async with over_stdio(server.url) as client:
            shown = await client.call("echo", long)
            assert len(text_of(shown)) < 101_000
            assert shown.structured_content == {}
            (link,) = [one for one in shown.content if isinstance(one, types.ResourceLink)]
            assert (await client.read(link.uri)).text == long

            value = [long, 1]
            shown = await client.call("json_back", value)
            (link,) = [one for one in shown.content if isinstance(one, types.ResourceLink)]
            assert json.loads((await client.read(link.uri)).text) == value

    run(test())


def test_a_request_that_is_too_large(server: Server) -> None:
    """It ends the server, which says so, instead of taking all memory."""

    async def test() -> None:
        async with over_stdio(server.url) as client:
            with pytest.raises(MCPError, match="Connection closed"):
                await client.call("echo", "x" * 20_000_000)

    run(test())


def test_resources_that_are_none(server: Server, tmp_path: Path) -> None:
    """What was not returned is not read: no path, no URL, no guess."""
    path = tmp_path / "secret.txt"
    path.write_text("secret")

    async def test() -> None:
        async with over_stdio(server.url, "--files", str(tmp_path)) as client:
            back = await client.call("file_back", inline(b"x"))
            uri = back.structured_content["result"]
            for guess in (path.as_uri(), server.url, uri[:-1], uri.replace("files/", "files/x")):
                with pytest.raises(MCPError, match="Resource not found"):
                    await client.read(guess)
            assert (await client.session.list_resources()).resources == []

    run(test())
