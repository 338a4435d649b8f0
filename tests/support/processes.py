"""Python programs as child processes, which end with the test that started them."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import traceback
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import pytest

from tests.support.gradio.launching import python_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

OFFICIAL = Path(__file__).parent / "programs" / "official_client.py"

CHILD_SECONDS = 60
"""After this, something hangs in a forked child that should not."""

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")

# Where nobody is at a terminal, as under nohup, Ctrl-C is ignored, and children inherit that.
INTERRUPTIBLE = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"


def ends_well_in_child(task: Callable[[], object]) -> bool:
    """Tell whether a task returns in a forked child; what it raises goes to standard error."""
    child = os.fork()
    if not child:
        code = 1
        try:
            signal.alarm(CHILD_SECONDS)
            task()
            code = 0
        except BaseException:  # noqa: BLE001 - it would be raised in the test of the parent
            traceback.print_exc()
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


@contextlib.contextmanager
def running(
    code: str,
    *arguments: str,
    stdin: int | None = None,
    stdout: int | IO[Any] | None = subprocess.PIPE,
    stderr: int | IO[Any] | None = subprocess.PIPE,
    env: Mapping[str, str] | None = None,
) -> Iterator[subprocess.Popen[bytes]]:
    """Run code as a program that Ctrl-C interrupts, whatever the tests inherited."""
    command = [sys.executable, "-c", INTERRUPTIBLE + code, *arguments]
    with subprocess.Popen(command, stdin=stdin, stdout=stdout, stderr=stderr, env=env) as process:
        try:
            yield process
        finally:
            process.kill()


def call_officially(
    version: str, url: str, calls: list[Any], folder: Path, **options: Any
) -> list[Any]:
    """Return what the official client of a version of Gradio gets for calls.

    Args:
        version: The version, also of the app.
        url: The app's address.
        calls: Endpoints and arguments, as tests/support/programs/official_client.py takes them.
        folder: Where the client may leave files.
        **options: What else it takes.
    """
    done = subprocess.run(
        [python_for(version), "-I", str(OFFICIAL)],
        input=json.dumps({"url": url, "folder": str(folder), "calls": calls, "options": options}),
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "TMPDIR": str(folder)},
    )
    assert done.returncode == 0, done.stderr
    answers: list[Any] = json.loads(done.stdout)
    return answers
