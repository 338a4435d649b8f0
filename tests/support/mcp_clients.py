"""Clients of the MCP server: the official SDK's, with the server as a process of its own.

Rule: the server is `python -m gradioproxy mcp`, and ends with the client that started it.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
import subprocess
import sys
import tempfile
from typing import TYPE_CHECKING, Any

from mcp import ClientSession, types
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp.client.streamable_http import streamable_http_client

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine, Iterator

PROGRAM = (sys.executable, "-m", "gradioproxy", "mcp")
_READY = re.compile(rb"at (http://\S+/mcp)\n")


class Client:
    """What a client has of a server.

    Attributes:
        session: The SDK's session, for what is not here.
        logs: The level and the text of each message that came.
        progress: What came of the progress of calls: number, total and message.
        progressed: Set as soon as something of that came.
        changed: Set when the server says that its tools are others.
    """

    def __init__(
        self, session: ClientSession, logs: list[tuple[str, Any]], changed: asyncio.Event
    ) -> None:
        self.session, self.logs, self.changed = session, logs, changed
        self.progress: list[tuple[float, float | None, str | None]] = []
        self.progressed = asyncio.Event()
        self._tools: dict[str, types.Tool] = {}

    async def list_tools(self) -> dict[str, types.Tool]:
        """Return the tools by name."""
        tools = (await self.session.list_tools()).tools
        self._tools = {tool.name: tool for tool in tools}
        assert len(self._tools) == len(tools)
        return self._tools

    async def call(self, tool: str, *values: Any, timeout: float | None = None) -> Any:
        """Call a tool with values for its first parameters; return what came."""
        known = self._tools or await self.list_tools()
        names = known[tool].input_schema["properties"]
        given = dict(zip(names, values, strict=False))
        call: Any = (
            self.session.call_tool
        )  # what it can return goes by options that nobody gives here
        return await call(tool, given, timeout, self._note_progress)

    async def read(self, uri: str) -> Any:
        """Return what a resource holds."""
        (content,) = (await self.session.read_resource(uri)).contents
        return content

    async def _note_progress(self, number: float, total: float | None, text: str | None) -> None:
        self.progress.append((number, total, text))
        self.progressed.set()


def run(test: Coroutine[Any, Any, None]) -> None:
    """Run what a test does."""
    asyncio.run(test)


def text_of(result: types.CallToolResult) -> str:
    """Return the text that a result begins with."""
    first = result.content[0]
    assert isinstance(first, types.TextContent)
    return first.text


@contextlib.asynccontextmanager
async def over_stdio(*arguments: str, **env: str) -> AsyncIterator[Client]:
    """Give a client of a server of its own, over standard input and output."""
    parameters = StdioServerParameters(
        command=PROGRAM[0], args=[*PROGRAM[1:], *arguments], env={**os.environ, **env}
    )
    with tempfile.TemporaryFile("w+") as log:
        async with (
            stdio_client(parameters, errlog=log) as (incoming, outgoing),
            _client(incoming, outgoing) as client,
        ):
            yield client


@contextlib.asynccontextmanager
async def over_http(url: str) -> AsyncIterator[Client]:
    """Give a client of a server that runs, over HTTP."""
    async with (
        streamable_http_client(url) as (incoming, outgoing),
        _client(incoming, outgoing) as client,
    ):
        yield client


@contextlib.asynccontextmanager
async def over_own_http(*arguments: str) -> AsyncIterator[Client]:
    """Give a client of a server of its own, over HTTP."""
    with http_server(*arguments) as url:
        async with over_http(url) as client:
            yield client


@contextlib.asynccontextmanager
async def _client(incoming: Any, outgoing: Any) -> AsyncIterator[Client]:
    logs: list[tuple[str, Any]] = []

    async def note_log(params: types.LoggingMessageNotificationParams) -> None:
        logs.append((params.level, params.data))

    changed = asyncio.Event()

    async def note_message(message: object) -> None:
        if isinstance(message, types.ToolListChangedNotification):
            changed.set()

    async with ClientSession(
        incoming, outgoing, logging_callback=note_log, message_handler=note_message
    ) as session:
        await session.initialize()
        yield Client(session, logs, changed)


@contextlib.contextmanager
def http_server(*arguments: str) -> Iterator[str]:
    """Give the address of a server that runs for as long as the context."""
    command = [*PROGRAM, *arguments, "--http", "127.0.0.1:0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE) as process:
        assert process.stderr is not None
        try:
            line = process.stderr.readline()
            found = _READY.search(line)
            assert found is not None, line + process.stderr.read()
            yield found[1].decode()
        finally:
            process.send_signal(signal.SIGTERM)
            errors = process.stderr.read().decode()
        assert process.wait() == 0, errors
        assert "Traceback" not in errors, errors
