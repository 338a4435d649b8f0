"""Ctrl-C, the interpreter's end, and what a terminal shows meanwhile; in real processes."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from typing import TYPE_CHECKING

import gradioproxy as gp
from tests.support.gradio import ROOT
from tests.support.held_app import API, HeldApp
from tests.support.processes import running

if TYPE_CHECKING:
    from tests.support.gradio import Server

SECONDS = 60
HANG_SECONDS = 5
"""After this, Ctrl-C was no end of the wait: it takes less than a thousandth of that."""

CALL = """
import sys, gradioproxy as gp
app = gp.connect(sys.argv[1], progress=False)
job = app.endless.submit("warm-up"); next(iter(job)); job.cancel()
print("ready", flush=True)
app.endless(sys.argv[2])
"""

LEAVE = """
import sys, gradioproxy as gp
app = gp.connect(sys.argv[1])
stream = app.endless.stream(sys.argv[2])
print(int(next(stream)), flush=True)
"""


def test_ctrl_c_cancels_on_the_server(stateless: Server) -> None:
    """A call that is interrupted raises KeyboardInterrupt, and stops on the server."""
    with (
        running(CALL, stateless.url, "interrupted") as process,
        gp.connect(stateless.url) as app,
    ):
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        assert app.wait_begin("interrupted")
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)

        assert b"KeyboardInterrupt" in errors
        assert process.returncode != 0
        assert app.wait_end("interrupted")


def test_a_program_that_ends_leaves_nothing_running(stateless: Server) -> None:
    """A program can end while a stream is open; no thread of ours keeps it, and the call stops."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", LEAVE, stateless.url, "left"],
        capture_output=True,
        timeout=60,
        check=True,
    )

    assert (done.stdout, done.stderr) == (b"1\n", b"")
    with gp.connect(stateless.url) as app:
        assert app.wait_end("left")


TELLING = {
    *("call", "call_with_a_bar", "stream", "stream_behind_a_value", "mapping", "pipe"),
    *("result", "exception", "iteration", "futures_wait", "as_completed"),
    *("awaiting", "async_iteration", "primitive", "primitive_cancel"),
    *("close", "leaving_the_block"),
}
"""The waits of `tests.support.programs.waits` behind which the app is told that a call is over."""


def test_ctrl_c_ends_every_wait() -> None:
    """At once; the app is told where it works on a call, the next call is right, nothing is left.

    Pressed a second time, in the middle of giving up, it does the same.
    """
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.programs.waits"],
        cwd=ROOT,
        capture_output=True,
        timeout=SECONDS,
        check=True,
    )
    found, told, threads, files = json.loads(done.stdout)

    assert len(found) > 50
    for label, outcome in found.items():
        assert outcome["caught"] in ({1} if label.endswith("-1") else {1, 2}), label
        assert (outcome["error"], outcome["next"]) == ("", "done"), label
        assert outcome["seconds"] < HANG_SECONDS, label
    arguments = [argument.partition(":")[2] for argument in told]
    assert {f"{name}-1" for name in TELLING} <= {*arguments}
    assert len(arguments) == len({*arguments})
    assert (threads, files) == ([], [])


SESSIONS = """
import sys, gradioproxy as gp
apps = [gp.connect(sys.argv[1], progress=False) for _ in range(3)]
streams = [app.hold.stream("yielding:1") for app in apps]
for stream in streams:
    next(stream)
"""


def test_ctrl_c_ends_the_end_of_a_program() -> None:
    """Which tells the app of its calls, and waits for the answer; nothing is said."""
    with HeldApp() as web:
        web.holds = {f"{API}/cancel"}
        with running(SESSIONS, web.url) as process:
            web.wait_until(lambda: bool(web.cancelled))
            process.send_signal(signal.SIGINT)
            assert process.communicate(timeout=SECONDS) == (b"", b"")
            assert process.returncode == 0
        assert web.cancelled == ["yielding:1"]


def _on_a_terminal(code: str, *arguments: str) -> str:
    """Run code on a terminal of 80 columns and return what it showed."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    environment = {**os.environ, "TERM": "xterm"}
    shown = b""
    with (
        os.fdopen(master, "rb", buffering=0) as screen,
        running(
            code, *arguments, stdin=slave, stdout=slave, stderr=slave, env=environment
        ) as process,
    ):
        os.close(slave)
        deadline = time.monotonic() + SECONDS
        with contextlib.suppress(OSError):  # the last one closed the terminal
            while select.select([master], [], [], max(0, deadline - time.monotonic()))[0]:
                shown += screen.read(4096)
        assert process.wait(SECONDS) == 0
    return shown.decode()


SLOW = """
import sys, gradioproxy as gp
print(gp.connect(sys.argv[1]).slow(float(sys.argv[2])))
"""


def test_a_slow_call_shows_a_bar_on_a_terminal(stateless: Server) -> None:
    """What takes longer than a moment shows where it is, and leaves nothing of that behind."""
    shown = _on_a_terminal(SLOW, stateless.url, "2")

    assert "running" in shown
    # The bar was wiped before the result was printed in its place.
    assert shown.rstrip("\r\n").rsplit("\r", 1)[-1] == "slept 2.0"


def test_a_quick_call_shows_nothing(stateless: Server) -> None:
    """What takes no longer than a moment shows its result and nothing else."""
    shown = _on_a_terminal(SLOW, stateless.url, "0")

    assert shown[-2:] == "\r\n"
    assert len(shown.splitlines()) == 1
    assert "running" not in shown
