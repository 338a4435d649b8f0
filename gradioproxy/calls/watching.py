"""Watching a call in an event loop: where it is, what the app says, how often it yields."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from .async_iteration import listening

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from .job import Job
    from .sight import Sight


async def watch_job(job: Job[Any]) -> AsyncIterator[Sight]:
    """Yield what is to be seen of a call, now and at each change, until it is over.

    Changes that come while nobody asks are seen together. Who stops watching gives up nothing.
    """
    record = job._record  # noqa: SLF001 - ours alone
    news = asyncio.Event()
    with listening(record, news):
        while True:
            # Before the look: what comes after that sets it again.
            news.clear()
            sight = record.look()
            yield sight
            if sight.is_over:
                return
            await news.wait()
