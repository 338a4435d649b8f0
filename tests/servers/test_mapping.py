"""Many calls of one function, against real servers with a small queue."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import gradioproxy as gp
from gradioproxy.errors import QueueFull

if TYPE_CHECKING:
    from tests.support.gradio.running import RunningServers


@pytest.mark.parametrize("size", [1, 2])
def test_a_small_queue_loses_no_call(gradio: RunningServers, version: str, size: int) -> None:
    """However many calls are to be under way at once."""
    server = gradio(version, "stateless", queue={"max_size": size})
    with gp.connect(server.url) as app:
        words = [f"word {number}" for number in range(24)]
        assert list(app.echo.map(words)) == words
        assert list(app.queued.map([0.05] * 6, concurrency=6)) == ["slept 0.05"] * 6
        with pytest.raises(QueueFull, match="concurrency="):
            list(app.queued.map([0.3] * 8, concurrency=8, patience=0))
