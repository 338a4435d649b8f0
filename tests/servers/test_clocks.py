"""Calls on a machine whose clock is set while they are under way; real servers, whose is not."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING

from tests.support.clocks import PROGRAM

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.gradio import Server

# One of each protocol.
TESTED_VERSIONS = ("3.50.2", "4.19.2", "4.44.1", "6.31.0")

CALLS = """
import io, sys
import gradioproxy as gp
from gradioproxy.transport import pool

url, path = sys.argv[1:]
began = time.monotonic()
with gp.connect(url, progress=True, timeout=30) as app:
    assert app.echo("x") == "x"
    assert list(app.stream_text.stream("a b c"))[-1] == "a b c"
    texts = [str(number) for number in range(12)]
    assert list(app.echo.map(texts, concurrency=4)) == texts
    for _ in range(2):
        assert open(app.file_back(path)).read() == "content"
    job = app.endless.submit("clock")
    next(iter(job))
    try:
        job.result(timeout=0.5)
    except TimeoutError as error:
        assert not job.done(), error
    else:
        raise AssertionError
    waited = time.monotonic()
    try:
        app.endless.with_options(call_timeout=2)("clock two")
    except gp.Timeout as error:
        assert error.limit == "call_timeout", error
    else:
        raise AssertionError
    assert time.monotonic() - waited >= 2
    assert job.cancel()
    assert app.echo("y") == "y"
    # A machine that slept for a night, and has connections that nobody else knows any more.
    awake = pool.sleepless_time
    pool.sleepless_time = lambda: awake() + 8 * 3600
    assert app.echo("z") == "z"
    assert list(app.stream_text.stream("a b"))[-1] == "a b"
assert time.monotonic() - began < 60
"""


def test_a_clock_that_is_set_at_each_look(server: Server, tmp_path: Path) -> None:
    """Nothing ends early, waits for ever or is wrong."""
    path = tmp_path / "a.txt"
    path.write_text("content")
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(PROGRAM) + CALLS, server.url, str(path)],
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
