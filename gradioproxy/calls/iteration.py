"""Reading the partial results of a call as they come, with a thread or in an event loop."""

from __future__ import annotations

import asyncio
import functools
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from .partial_results import Node
    from .record import CallRecord


def iterate(record: CallRecord, node: Node) -> Iterator[tuple[Any, ...]]:
    """Yield the values of a call from a node on, each as soon as they are there, to its end."""
    while True:
        record.wait_until(functools.partial(_has_news, record, node))
        if node.next is None:
            return
        data, node = node.data, node.next
        yield data


async def iterate_async(record: CallRecord, node: Node) -> AsyncIterator[tuple[Any, ...]]:
    """Yield the same without blocking the loop; who gives up waiting gives up the call."""
    news = asyncio.Event()
    with record.listening(news):
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
    with record.listening(news):
        while not record.is_over:
            news.clear()
            if not record.is_over:
                await _wait_or_cancel(record, news)


def _has_news(record: CallRecord, node: Node) -> bool:
    return node.next is not None or record.is_over


async def _wait_or_cancel(record: CallRecord, event: asyncio.Event) -> None:
    try:
        await event.wait()
    except asyncio.CancelledError:
        record.cancel()
        raise
