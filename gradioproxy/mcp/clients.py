"""The clients of a server: which messages each wants, and how a call's are told to it."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any, get_args

from mcp import types
from mcp.types.version import MODERN_PROTOCOL_VERSIONS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mcp.server.context import ServerRequestContext

    Context = ServerRequestContext[Any, Any]

# From the least to the gravest, as the protocol orders them.
_LEVELS: tuple[types.LoggingLevel, ...] = get_args(types.LoggingLevel)
_NONE = len(_LEVELS)
# What each request says since 2026-07-28, where it wants any.
_LEVEL_OF_REQUEST = "io.modelcontextprotocol/logLevel"
# Clients whose level is remembered, where many come over HTTP.
_MOST = 1_000


class LogLevels:
    """The least level of messages that each client wants."""

    def __init__(self) -> None:
        self._levels: OrderedDict[str, int] = OrderedDict()

    async def set(self, context: Context, params: types.SetLevelRequestParams) -> types.EmptyResult:
        """Note what a client wants."""
        client = _identify(context)
        self._levels[client] = _LEVELS.index(params.level)
        self._levels.move_to_end(client)
        if len(self._levels) > _MOST:
            self._levels.popitem(last=False)
        return types.EmptyResult()

    def find(self, context: Context) -> int:
        """Return the number of the least level that the client of a request wants."""
        if context.protocol_version not in MODERN_PROTOCOL_VERSIONS:
            return self._levels.get(_identify(context), 0)
        meta: Mapping[str, Any] = context.meta or {}
        wanted = meta.get(_LEVEL_OF_REQUEST)
        return _LEVELS.index(wanted) if wanted in _LEVELS else _NONE


class Client:
    """The client that made a call.

    Args:
        context: Its request.
        tool: The tool's name.
        level: The number of the least level of messages that it wants.
    """

    def __init__(self, context: Context, tool: str, level: int) -> None:
        self._context, self._tool, self._level = context, tool, level

    async def report_progress(self, progress: float, total: float | None, message: str) -> None:
        """Tell how far the call is, if it asked for that."""
        await self._context.session.report_progress(progress, total, message)

    async def report_log(self, level: types.LoggingLevel, text: str) -> None:
        """Tell what the app says."""
        if _LEVELS.index(level) < self._level:
            return
        said = types.LoggingMessageNotificationParams(level=level, data=text, logger=self._tool)
        # The SDK's own method for it warns: what comes after the protocol of 2026-07-28 has none.
        await self._context.session.send_notification(
            types.LoggingMessageNotification(params=said),
            related_request_id=self._context.request_id,
        )


def _identify(context: Context) -> str:
    """Return by what a client is known: its session's name over HTTP, else there is only one."""
    return "" if context.request is None else str(context.request.headers.get("mcp-session-id", ""))
