"""Calls that models make: so many at a time, each given up when its client does.

An event loop runs them and is never blocked: what takes its time has a thread.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any

import anyio
import anyio.to_thread

from ..client.tool_call import bind_tool
from .failures import ServerBusy, build_failure, describe_failure
from .reports import Follower

if TYPE_CHECKING:
    from collections.abc import Mapping
    from concurrent.futures import Executor

    from mcp import types

    from ..calls.job import Job
    from .bounds import Bounds
    from .named_files import ModelFiles
    from .reports import Listener
    from .results import ResultWriter
    from .tools import Tool


class Caller:
    """Calls tools.

    Args:
        bounds: How many calls there are at a time, and how many wait.
        files: What models can name as files.
        results: Writes what calls return.
        pool: Has the threads on which files of results are fetched: no more than it has, also of
            those that nobody waits for any more.
    """

    def __init__(
        self, bounds: Bounds, files: ModelFiles, results: ResultWriter, pool: Executor
    ) -> None:
        self._bounds, self._files, self._results, self._pool = bounds, files, results, pool
        self._places = anyio.Semaphore(bounds.calls)
        self._beginners = anyio.CapacityLimiter(bounds.calls)

    async def call(
        self, tool: Tool, arguments: Mapping[str, Any] | None, listener: Listener
    ) -> types.CallToolResult:
        """Call a tool; return its result, or what went wrong.

        Who gives up waiting gives up the call, and the app is told.
        """
        hide = tool.app.hide
        try:
            self._ensure_room()
            async with self._places:
                value = await self._run(tool, arguments, listener)
                write = partial(self._results.write, value, tool.output, tool.app)
                return await asyncio.get_running_loop().run_in_executor(self._pool, write)
        except Exception as error:  # noqa: BLE001 - a client is there to be told
            return build_failure(describe_failure(error, hide))

    def _ensure_room(self) -> None:
        if self._places.statistics().tasks_waiting >= self._bounds.waiting:
            raise ServerBusy(
                f"{self._bounds.calls} calls are under way and {self._bounds.waiting} wait: "
                "call again later."
            )

    async def _run(
        self, tool: Tool, arguments: Mapping[str, Any] | None, listener: Listener
    ) -> Any:
        begin = partial(self._begin, tool, arguments)
        job: Job[Any] = await anyio.to_thread.run_sync(begin, limiter=self._beginners)
        try:
            return await self._wait(job, tool, listener)
        finally:
            tool.app.forget(job)

    def _begin(self, tool: Tool, arguments: Mapping[str, Any] | None) -> Job[Any]:
        files = self._files.begin_call()
        function, bound = bind_tool(tool.app.functions, tool.own_name, arguments, files)
        return function.submit(**bound)

    async def _wait(self, job: Job[Any], tool: Tool, listener: Listener) -> Any:
        follower = Follower(listener, tool.app.hide, self._bounds)
        failure: Exception | None = None
        value: Any = None
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(follower.follow, job)
            try:
                value = await job
            except Exception as error:  # noqa: BLE001 - the group would wrap it
                failure = error
            follower.end()
        if failure is not None:
            raise failure
        return value
