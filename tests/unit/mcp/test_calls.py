"""Calls that models make; that they are made is tested with real servers."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("mcp", reason="needs the extra mcp")

from gradioproxy.mcp.apps import App
from gradioproxy.mcp.bounds import Bounds
from gradioproxy.mcp.calls import Caller
from gradioproxy.mcp.kept_files import KeptFiles
from gradioproxy.mcp.named_files import ModelFiles
from gradioproxy.mcp.results import ResultWriter
from gradioproxy.mcp.tools import Toolbox
from gradioproxy.testing import fake
from tests.support.faked import describe

if TYPE_CHECKING:
    from mcp.types import CallToolResult, LoggingLevel

SECONDS = 60


class Listener:
    """Whoever made a call, and does not care how far it is."""

    async def report_progress(self, progress: float, total: float | None, message: str) -> None:
        """Hear how far it is."""

    async def report_log(self, level: LoggingLevel, text: str) -> None:
        """Hear what the app says."""


def test_more_calls_than_may_wait() -> None:
    """The one too many is told so at once; the others have their turn."""
    begun, go_on = threading.Event(), threading.Event()

    def echo(text: str) -> str:
        begun.set()
        assert go_on.wait(SECONDS)
        return text

    async def call(app: App, pool: ThreadPoolExecutor) -> list[CallToolResult]:
        bounds = Bounds(calls=1, waiting=1)
        kept = KeptFiles(bounds)
        caller = Caller(bounds, ModelFiles(bounds, kept, None), ResultWriter(bounds, kept), pool)
        tool = Toolbox([app], file_text="").get("echo")
        first = asyncio.create_task(caller.call(tool, {"text": "a"}, Listener()))
        assert await asyncio.to_thread(begun.wait, SECONDS)
        others = [
            asyncio.create_task(caller.call(tool, {"text": text}, Listener())) for text in "bc"
        ]
        refused = await others[1]
        assert not first.done()
        go_on.set()
        return [await first, await others[0], refused]

    with fake(describe(), {"/echo": echo}) as session, ThreadPoolExecutor(1) as pool:
        first, second, refused = asyncio.run(call(App.of(session), pool))
    assert first.structured_content == {"result": "a"}
    assert second.structured_content == {"result": "b"}
    assert refused.is_error
    assert "1 calls are under way and 1 wait" in repr(refused.content)
