"""Agents: each calls a function as a tool, with arguments that a model wrote as JSON."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

from tests.support.takers.calling import Call, takes_all, takes_each

if TYPE_CHECKING:
    from collections.abc import Sequence


@takes_each
def langchain(function: Any, arguments: dict[str, Any]) -> Any:
    """Call a tool of LangChain's."""
    from langchain_core.tools import tool

    return tool(function).invoke(arguments)


@takes_each
def langchain_docstrings(function: Any, arguments: dict[str, Any]) -> Any:
    """Call one that has its descriptions from the docstring."""
    from langchain_core.tools import tool

    return tool(parse_docstring=True)(function).invoke(arguments)


@takes_each
def pydantic_ai(function: Any, arguments: dict[str, Any]) -> Any:
    """Let an agent of Pydantic AI's use a function."""
    from pydantic_ai import Agent
    from pydantic_ai.messages import ModelResponse, TextPart, ToolCallPart, ToolReturnPart
    from pydantic_ai.models.function import FunctionModel

    came: list[Any] = []

    def answer(messages: Any, info: Any) -> Any:
        came.extend(p.content for p in messages[-1].parts if isinstance(p, ToolReturnPart))
        if came:
            return ModelResponse(parts=[TextPart("done")])
        (tool,) = info.function_tools
        return ModelResponse(parts=[ToolCallPart(tool.name, json.dumps(arguments))])

    Agent(FunctionModel(answer), tools=[function], retries=0).run_sync("go")
    return came[0]


@takes_each
def openai_agents(function: Any, arguments: dict[str, Any]) -> Any:
    """Call a tool of the SDK for agents of OpenAI's."""
    from agents import function_tool
    from agents.tool_context import ToolContext

    tool = function_tool(function, strict_mode=False, failure_error_function=None)
    text = json.dumps(arguments)
    context = ToolContext(None, tool_name=tool.name, tool_call_id="1", tool_arguments=text)
    return asyncio.run(tool.on_invoke_tool(context, text))


@takes_all
def fastmcp(calls: Sequence[Call]) -> Any:
    """Call tools of a server of FastMCP's, over its client."""
    import fastmcp as library

    server = library.FastMCP("apps")
    names = [f"tool_{number}" for number, _ in enumerate(calls)]
    for name, call in zip(names, calls, strict=True):
        server.tool(call.function, name=name)

    async def call_all() -> list[Any]:
        async with library.Client(server) as client:
            return [
                await client.call_tool(name, call.arguments, raise_on_error=False)
                for name, call in zip(names, calls, strict=True)
            ]

    return map(_read_answer, asyncio.run(call_all()))


def _read_answer(answer: Any) -> Any:
    texts = [part.text for part in answer.content]
    if answer.is_error:
        return texts
    content = answer.structured_content
    if content is None:  # of what has no type
        return _read_text(texts[0]) if texts else None
    return content["result"] if set(content) == {"result"} else content


def _read_text(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


@takes_each
def smolagents(function: Any, arguments: dict[str, Any]) -> Any:
    """Call a tool of smolagents'."""
    from smolagents import tool

    return tool(function)(**arguments)
