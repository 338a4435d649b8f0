"""One client, over standard input and output.

Rule: standard output has messages of the protocol and nothing else, whoever prints; and the end of
standard input, or a signal, ends the process at once: nobody waits for a thread that reads.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import logging
import os
import threading
from typing import TYPE_CHECKING, Any

import anyio
from mcp.server.stdio import stdio_server

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from .server import AppServer

log = logging.getLogger("gradioproxy.mcp")

_BLOCK = 1 << 16
# What there is to notice when nobody is at the other side any more.
_GONE = (BrokenPipeError, anyio.BrokenResourceError, anyio.ClosedResourceError)


async def serve_stdio(app_server: AppServer) -> None:
    """Serve one client until it goes away."""
    server = app_server.build()
    with _TakenInput() as descriptor:
        lines: Any = _InputLines(descriptor, app_server.bounds.request)
        try:
            async with stdio_server(stdin=lines) as (incoming, outgoing):
                await server.run(incoming, outgoing, server.create_initialization_options())
        except Exception as error:
            if not all(isinstance(each, _GONE) for each in _list_errors(error)):
                raise
            log.debug("The client went away.", exc_info=error)


def _list_errors(error: BaseException) -> list[BaseException]:
    """Return the errors in a group of errors, or the one that is none."""
    inside: tuple[BaseException, ...] = getattr(error, "exceptions", ())
    return [one for each in inside for one in _list_errors(each)] if inside else [error]


class _TakenInput:
    """Takes standard input, where children then find nothing: a context manager."""

    def __enter__(self) -> int:
        try:
            self._descriptor = os.dup(0)
        except OSError as error:
            raise OSError(error.errno, "standard input is closed") from None
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.close(nothing)
        return self._descriptor

    def __exit__(self, *_: object) -> None:
        # It is not closed: a thread may wait there, and another file would get its number.
        os.dup2(self._descriptor, 0)


class _InputLines:
    """The lines of a file, read on a thread that nobody waits for.

    Args:
        descriptor: The file.
        limit: How many bytes a line may have; a longer one is the end.
    """

    def __init__(self, descriptor: int, limit: int) -> None:
        self._descriptor, self._limit = descriptor, limit
        self._loop = asyncio.get_running_loop()
        # Of one line: the next is read when this one was taken.
        self._lines: asyncio.Queue[str | None] = asyncio.Queue(1)

    async def __aiter__(self) -> AsyncIterator[str]:
        # A daemon, as nothing but the other side ends what waits in the system.
        threading.Thread(target=self._read, name="gradioproxy stdin", daemon=True).start()
        while (line := await self._lines.get()) is not None:
            yield line

    def _read(self) -> None:
        try:
            for line in self._split():
                self._put(line.decode("utf-8", "replace"))
            self._put(None)
        except (RuntimeError, concurrent.futures.CancelledError):
            pass  # the loop has ended

    def _put(self, line: str | None) -> None:
        putting = self._lines.put(line)
        try:
            asyncio.run_coroutine_threadsafe(putting, self._loop).result()
        finally:
            putting.close()

    def _split(self) -> Iterator[bytes]:
        """Yield each line that comes, without its end."""
        rest = bytearray()
        while chunk := self._read_block():
            *lines, after = chunk.split(b"\n")
            for line in lines:
                rest += line
                yield bytes(rest)
                rest.clear()
            rest += after
            if len(rest) > self._limit:
                log.error("A message of more than %s bytes came: the server ends.", self._limit)
                return

    def _read_block(self) -> bytes:
        try:
            return os.read(self._descriptor, _BLOCK)
        except OSError:
            return b""
