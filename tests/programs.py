"""Python programs as child processes, which end with the test that started them."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# Where nobody is at a terminal, as under nohup, Ctrl-C is ignored, and children inherit that.
INTERRUPTIBLE = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"


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
