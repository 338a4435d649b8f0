"""Waiting for a call in an event loop: for its partial results, or for its end.

Loaded when somebody does, since asyncio takes longer to load than all of this package.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Generator

    from .partial_results import Node
    from .record import CallRecord


async def iterate_async(record: CallRecord, node: Node) -> AsyncIterator[tuple[Any, ...]]:
    """Yield the values of a call from a node on, without blocking the loop.

    Who gives up waiting gives up the call.
    """
    news = asyncio.Event()
    with _listening(record, news):
        while True:
            news.clear()
            # Asked in this order: what comes after the last question sets the event.
            done = record.is_over
            if node.next is not None:
                data, node = node.data, node.next
                yield data
            elif done:
                return
            else:
                await _wait_or_cancel(record, news)


async def wait_async(record: CallRecord) -> None:
    """Wait for a call's end without blocking the loop; who gives up waiting gives up the call."""
    news = asyncio.Event()
    with _listening(record, news):
        while not record.is_over:
            news.clear()
            if not record.is_over:
                await _wait_or_cancel(record, news)


@contextlib.contextmanager
def _listening(record: CallRecord, event: asyncio.Event) -> Generator[None]:
    """Set an event of the running loop at each change of a call, in this context."""
    loop = asyncio.get_running_loop()

    def tell() -> None:
        # A loop that was closed has nobody waiting any more.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(event.set)

    record.add_listener(tell)
    try:
        yield
    finally:
        record.remove_listener(tell)


async def _wait_or_cancel(record: CallRecord, event: asyncio.Event) -> None:
    try:
        await event.wait()
    except asyncio.CancelledError:
        record.cancel()
        raise
