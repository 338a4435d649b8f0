"""The MCP server over streamable HTTP: several clients, who know nothing of each other."""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import uuid
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
import requests

pytest.importorskip("mcp", reason="needs the extra mcp")

from mcp.client.client import Client as ModernClient
from mcp.shared.exceptions import MCPError

from tests.support.mcp_clients import PROGRAM, http_server, over_http, run, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    import gradioproxy as gp
    from tests.support.gradio import Server

TESTED_VERSIONS = ("3.50.2", "6.31.0")
SECONDS = 30
INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "tests", "version": "1"},
    },
}
TAKES = {"Accept": "application/json, text/event-stream"}


@pytest.fixture
def url(server: Server) -> Iterator[str]:
    """Give the address of an MCP server for the app."""
    with http_server(server.url) as found:
        yield found


def test_several_clients(url: str) -> None:
    """Each gets its own answers, messages and files, and has no part in another's state."""

    async def test() -> None:
        async with over_http(url) as one, over_http(url) as other:
            assert text_of(await one.call("echo", "one")) == "one"
            assert text_of(await other.call("echo", "other")) == "other"
            assert text_of(await one.call("state", "a")) == "a"
            assert text_of(await other.call("state", "b")) == "b"

            await one.call("info_warning", "x")
            assert len(one.logs) == 2
            assert other.logs == []

            back = await one.call("file_back", "data:text/plain,mine")
            uri = back.structured_content["result"]
            assert (await one.read(uri)).text == "mine"
            assert (await other.session.list_resources()).resources == []
            with pytest.raises(MCPError, match="Resource not found"):
                await other.read(uri[:-1])

    run(test())


def test_the_newest_protocol(url: str) -> None:
    """Of 2026-07-28, which has no sessions."""

    async def test() -> None:
        async with ModernClient(url) as client:
            assert len((await client.list_tools()).tools) > 20
            result: Any = await client.call_tool("nothing", {})
            assert text_of(result) == "from nothing"

    run(test())


@contextlib.contextmanager
def calling_endless(url: str, app: gp.Session, token: str) -> Iterator[requests.Response]:
    """Call a function that goes on until it is cancelled; within, it runs, and the client waits.

    Gives the answer, which is still to come.
    """
    (name,) = app.endless.tool_schema("mcp")["inputSchema"]["properties"]
    began = requests.post(url, json=INITIALIZE, headers=TAKES, timeout=SECONDS)
    session = {**TAKES, "Mcp-Session-Id": began.headers["Mcp-Session-Id"]}
    told = {"jsonrpc": "2.0", "method": "notifications/initialized"}
    requests.post(url, json=told, headers=session, timeout=SECONDS).raise_for_status()
    params = {"name": "endless", "arguments": {name: token}}
    call = {"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": params}
    with requests.post(url, json=call, headers=session, timeout=SECONDS, stream=True) as answer:
        assert app.wait_begin(token)
        yield answer


def test_a_client_that_goes_away(url: str, app: gp.Session) -> None:
    """What it called is given up, as nobody can get the answer."""
    token = uuid.uuid4().hex
    with calling_endless(url, app, token):
        pass
    assert app.wait_end(token)


def test_the_server_ends(server: Server, app: gp.Session) -> None:
    """With a call under way: it is given up, its client is told, and nobody is waited for."""
    token = uuid.uuid4().hex
    with contextlib.ExitStack() as stack:
        with http_server(server.url) as address:
            answer = stack.enter_context(calling_endless(address, app, token))
        assert app.wait_end(token)
        assert "The server was ended" in answer.text


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "evil.test"}, 421),
        ({"Host": "evil.test:80"}, 421),
        ({"Host": "127.0.0.1.evil.test"}, 421),
        ({"Origin": "http://evil.test"}, 403),
        ({"Origin": "http://127.0.0.1.evil.test:80"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://localhost:5173"}, 200),
        ({"Host": "localhost"}, 200),
        ({}, 200),
    ],
)
def test_pages_in_browsers_are_no_clients(url: str, headers: dict[str, str], status: int) -> None:
    """Not even where the name of a page's author leads to this machine."""
    asked = requests.post(url, json=INITIALIZE, headers={**TAKES, **headers}, timeout=SECONDS)
    assert asked.status_code == status


def test_requests_that_are_too_large(url: str) -> None:
    """They are refused by what they say of themselves, and by what comes."""
    large = json.dumps({**INITIALIZE, "more": "x" * 17_000_000}).encode()
    for content in (large, iter([large])):
        with contextlib.suppress(requests.ConnectionError):  # it need not be read to its end
            asked = requests.post(
                url,
                data=content,
                headers={**TAKES, "Content-Type": "application/json"},
                timeout=SECONDS,
            )
            assert asked.status_code == 413
    assert requests.post(url, json=INITIALIZE, headers=TAKES, timeout=SECONDS).status_code == 200


def test_nobody_else_is_served_unless_told(server: Server) -> None:
    """By itself, it listens on this machine's own address alone; one that is taken is said."""
    with http_server(server.url) as address:
        parts = urlsplit(address)
        assert parts.hostname == "127.0.0.1"
        taken = subprocess.run(
            [*PROGRAM, server.url, "--http", parts.netloc],
            capture_output=True,
            text=True,
            check=False,
            timeout=SECONDS,
        )
        assert taken.returncode == 2
        assert "--http" in taken.stderr
        assert len(taken.stderr.splitlines()) == 1
        others = {
            one[4][0] for one in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)
        }
        for other in others - {"127.0.0.1"}:
            if str(other).startswith("127."):
                continue
            with pytest.raises(OSError, match="refused"):
                socket.create_connection((str(other), parts.port), 5)
