"""The server: what it answers to each request of a client, on the official SDK."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import anyio
import anyio.to_thread
from mcp import types
from mcp.server.lowlevel import NotificationOptions, Server
from mcp.shared.exceptions import MCPError

from .._version import __version__
from .calls import Caller
from .clients import Client, LogLevels
from .failures import build_failure
from .kept_files import KeptFiles
from .named_files import ModelFiles
from .resources import Resources
from .results import ResultWriter
from .tools import Toolbox, UnknownTool

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mcp.server.context import ServerRequestContext
    from mcp.server.models import InitializationOptions

    from .apps import App
    from .bounds import Bounds
    from .folder import AllowedFolder

    Context = ServerRequestContext[Any, Any]

_PAGE = 1_000
_GONE = "The client went away; the call was given up."
_ENDED = "The server was ended; the call was given up."


class AppServer:
    """Answers clients.

    Args:
        apps: The apps.
        bounds: What a model can make it do.
        only: The names of the functions that become tools; all, if there are none.
        without: The names of those that don't.
        prefixed: Whether the names of tools begin with their app's; always with several apps.
        folder: The folder whose files models may name, if any.

    Raises:
        UnknownTool: A name of *only* or *without* is none of a function.
    """

    def __init__(
        self,
        apps: Sequence[App],
        bounds: Bounds,
        *,
        only: Iterable[str] = (),
        without: Iterable[str] = (),
        prefixed: bool = False,
        folder: AllowedFolder | None = None,
    ) -> None:
        self.bounds = bounds
        apps = [app.beside(apps) for app in apps]
        kept = KeptFiles(bounds)
        files = ModelFiles(bounds, kept, folder)
        self.tools = Toolbox(
            apps, only=only, without=without, prefixed=prefixed, file_text=files.parameter_text
        )
        pool = ThreadPoolExecutor(2 * bounds.calls, "gradioproxy mcp")
        self._caller = Caller(bounds, files, ResultWriter(bounds, kept), pool)
        self._resources = Resources(bounds, kept, pool)
        self._levels = LogLevels()
        self._calls: set[anyio.CancelScope] = set()
        self._is_over = False
        self._instructions = _write_instructions(apps, files)

    def build(self) -> Server[Any]:
        """Return the SDK's server."""
        made = _Server(
            "gradioproxy",
            version=__version__,
            instructions=self._instructions,
            on_list_tools=self._list_tools,
            on_call_tool=self._call_tool,
            on_list_resources=self._resources.list,
            on_list_resource_templates=self._resources.list_templates,
            on_read_resource=self._resources.read,
        )
        # By the constructor it would warn: later versions of the protocol have another way.
        made.add_request_handler("logging/setLevel", types.SetLevelRequestParams, self._levels.set)
        return made

    def end(self) -> None:
        """Give all calls up, which their clients are told; for whoever is about to end the server.

        To be called on the thread of the event loop.
        """
        self._is_over = True
        for scope in self._calls:
            scope.cancel()

    async def _list_tools(
        self, _context: Context, params: types.PaginatedRequestParams | None
    ) -> types.ListToolsResult:
        definitions = await anyio.to_thread.run_sync(self._define_tools)
        begin = _parse_cursor(params)
        end = begin + _PAGE
        more = str(end) if end < len(definitions) else None
        return types.ListToolsResult(tools=definitions[begin:end], next_cursor=more)

    def _define_tools(self) -> list[types.Tool]:
        return [tool.definition for tool in self.tools.list().values()]

    async def _call_tool(
        self, context: Context, params: types.CallToolRequestParams
    ) -> types.CallToolResult:
        try:
            tool = self.tools.get(params.name)
        except UnknownTool as error:
            raise MCPError(types.INVALID_PARAMS, f"Unknown tool: {error}") from None
        if self._is_over:
            return build_failure(_ENDED)
        before = tool.app.description
        listener = Client(context, tool.name, self._levels.find(context))
        result: types.CallToolResult | None = None
        async with anyio.create_task_group() as tasks:
            if context.request is not None:
                tasks.start_soon(_wait_until_gone, context.request, tasks.cancel_scope)
            self._calls.add(tasks.cancel_scope)
            try:
                result = await self._caller.call(tool, params.arguments, listener)
            finally:
                self._calls.discard(tasks.cancel_scope)
            tasks.cancel_scope.cancel()
        if result is None:
            return build_failure(_ENDED if self._is_over else _GONE)
        if tool.app.description is not before:
            await context.session.send_tool_list_changed()
        return result


class _Server(Server[Any]):
    """Tells clients at first that they will hear of other tools, also over HTTP."""

    def create_initialization_options(
        self, notification_options: NotificationOptions | None = None, *more: Any, **others: Any
    ) -> InitializationOptions:
        """Return what a client is told at first."""
        told = notification_options or NotificationOptions(tools_changed=True)
        return super().create_initialization_options(told, *more, **others)


async def _wait_until_gone(request: Any, scope: anyio.CancelScope) -> None:
    """Cancel a scope when the client of an HTTP request has gone: nobody can get its answer."""
    while (await request.receive()).get("type") != "http.disconnect":
        pass
    scope.cancel()


def _parse_cursor(params: types.PaginatedRequestParams | None) -> int:
    cursor = None if params is None else params.cursor
    if cursor is None:
        return 0
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) < 10):  # noqa: PLR2004 - no list is so long
        raise MCPError(types.INVALID_PARAMS, "The cursor is none of this server's.")
    return int(cursor)


def _write_instructions(apps: Sequence[App], files: ModelFiles) -> str:
    noun = "a Gradio app" if len(apps) == 1 else f"{len(apps)} Gradio apps"
    hint = files.hint[0].upper() + files.hint[1:]
    return f"Each tool is a function of {noun}. {hint}. Files come back as URIs that can be read."
