"""Many calls of one function, against real servers with a small queue."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

import gradioproxy as gp
from gradioproxy.errors import QueueFull
from tests.support.gradio import ROOT

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


LEFT = """
import sys
import gradioproxy as gp

app = gp.connect(sys.argv[1])
left = app.queued.map([0.05, *[0.5] * 50], concurrency=4)
print(next(left))
{}
"""


@pytest.mark.parametrize("end", ["", "sys.exit(0)", "raise SystemExit"])
@pytest.mark.parametrize("version", ["3.50.2", "6.31.0"])
def test_a_program_that_leaves_one_ends(gradio: RunningServers, version: str, end: str) -> None:
    """The interpreter closes it when no thread can be started any more."""
    url = gradio(version, "stateless").url
    done = subprocess.run(
        [sys.executable, "-c", LEFT.format(end), url],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "slept 0.05\n", "")
