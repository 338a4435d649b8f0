"""Calls tools of an MCP server with the client of FastMCP, and prints what came as JSON.

It runs in the environment that has FastMCP: the program and its arguments are the server's command,
or its address.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from typing import Any

import fastmcp
from fastmcp.client.transports import StdioTransport, StreamableHttpTransport


async def main(command: list[str]) -> None:
    """Ask for the tools, call some, and read a file."""
    heard: dict[str, Any] = {"progress": [], "logs": []}

    async def note_progress(number: float, total: float | None, text: str | None) -> None:
        heard["progress"].append([number, total, text])

    async def note_log(message: Any) -> None:
        heard["logs"].append([message.level, message.data])

    if command[0].startswith("http"):
        transport: Any = StreamableHttpTransport(command[0])
    else:
        transport = StdioTransport(command[0], command[1:], env=dict(os.environ))
    async with fastmcp.Client(
        transport, progress_handler=note_progress, log_handler=note_log
    ) as client:
        tools = await client.list_tools()
        two = await client.call_tool("two", {"text": "a", "number": 2})
        failed = await client.call_tool("fail", {}, raise_on_error=False)
        image = await client.call_tool("image_back", {"image": sys.stdin.read()})
        uri = image.structured_content["result"]
        (read,) = await client.read_resource(uri)
        await client.call_tool("progress", {"steps": 3})
        await client.call_tool("info_warning", {"text": "x"})
    print(  # noqa: T201 - for the test
        json.dumps(
            {
                "tools": [tool.name for tool in tools],
                "two": two.structured_content,
                "failed": [failed.is_error, failed.content[0].text],
                "image": [block.type for block in image.content],
                "read": read.mimeType,
                **heard,
            }
        )
    )


asyncio.run(main(sys.argv[1:]))
