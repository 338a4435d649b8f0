"""Waiting in an event loop: for a call's partial results, for its end, for what comes of a feed.

Loaded when somebody does, since asyncio takes longer to load than all of this package.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Generator

    from .partial_results import Node
    from .record import CallRecord

T = TypeVar("T")


class Watched(Protocol):
    """What can be waited for: a `record.CallRecord`, or a `feeds.Feeder`."""

    def add_listener(self, tell: Callable[[], None], /) -> None:
        """Call a function at each change, on whichever thread brings it."""

    def remove_listener(self, tell: Callable[[], None], /) -> None:
        """Call it no more."""

    def cancel(self) -> object:
        """Give up what is under way."""


async def iterate_async(record: CallRecord, node: Node) -> AsyncIterator[tuple[Any, ...]]:
    """Yield the values of a call from a node on, without blocking the loop.

    Who gives up waiting gives up the call.
    """
    news = asyncio.Event()
    with listening(record, news):
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


async def wait_async(watched: Watched, find: Callable[[], T | None]) -> T:
    """Return what a function finds, as soon as it finds something, without blocking the loop.

    Who gives up waiting gives up what is under way.

    Args:
        watched: What tells of each change.
        find: Looks for it, without waiting.
    """
    news = asyncio.Event()
    with listening(watched, news):
        while (found := find()) is None:
            await _wait_or_cancel(watched, news)
            # Before the next look: what comes after that sets it again.
            news.clear()
        return found


@contextlib.contextmanager
def listening(watched: Watched, event: asyncio.Event) -> Generator[None]:
    """Set an event of the running loop at each change, in this context."""
    loop = asyncio.get_running_loop()

    def tell() -> None:
        # A loop that was closed has nobody waiting any more.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(event.set)

    watched.add_listener(tell)
    try:
        yield
    finally:
        watched.remove_listener(tell)


async def _wait_or_cancel(watched: Watched, event: asyncio.Event) -> None:
    try:
        await event.wait()
    except asyncio.CancelledError:
        watched.cancel()
        raise
