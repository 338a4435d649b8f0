"""What the app for faulty networks does and yields, for the app and for the tests that expect it.

Each call brings a name of its own, its run. The app writes it down when it begins to work on it, so
that "it ran" and "it ran twice" are facts; it writes down each value that it answers, so that no
test has to guess them; and a run can be told to wait for a sign of the test.

Rule: needs no Gradio. App and tests share a folder, which is the one that the server works in.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

LOG = "runs"
ANSWERS = "answers"
STEP_SECONDS = 0.01
HOLD_SECONDS = 60
"""After this, a test has failed that should have given a sign."""


def counted(run: str, count: int) -> Iterator[str]:
    """Yield whole values, which have nothing in common."""
    for number in range(1, count + 1):
        yield f"{run}:{number}"


def grown(run: str, count: int) -> Iterator[str]:
    """Yield a text that gets longer by a word each time, not all of it ASCII."""
    text = run
    for number in range(1, count + 1):
        text += f" wörd{number}-😀"
        yield text


def grown_list(run: str, count: int) -> Iterator[list[Any]]:
    """Yield lists that get longer while their first item changes inside."""
    for number in range(1, count + 1):
        yield [{"run": run, "seen": list(range(number))}, *range(1, number)]


def tagged(run: str) -> str:
    """Return what a plain call returns."""
    return f"tag of {run} ß"


def content_of(run: str) -> bytes:
    """Return the content of the file that a call makes: some kilobytes, all of them different."""
    return "".join(f"{run} line {number} ü\n" for number in range(300)).encode()


# What the app does.


def begin(run: str) -> None:
    """Write down that a run begins."""
    _write_down(LOG, run)


def answer(run: str, value: Any) -> Any:
    """Write down a value that a run answers, and return it."""
    _write_down(ANSWERS, json.dumps([run, value]))
    return value


def _write_down(name: str, line: str) -> None:
    """Add a line at once, so that none of another thread is mixed with it."""
    log = os.open(name, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(log, f"{line}\n".encode())
    finally:
        os.close(log)


def digest(content: bytes) -> str:
    """Return what stands for the content of a file among the answers."""
    return hashlib.sha256(content).hexdigest()


def wait(run: str) -> None:
    """Wait for the sign."""
    deadline = time.monotonic() + HOLD_SECONDS
    while not Path(f"go-{run}").exists() and time.monotonic() < deadline:
        time.sleep(STEP_SECONDS)


# What a test does.


def let_go(folder: Path, run: str) -> None:
    """Give the sign."""
    (folder / f"go-{run}").touch()


def begun(folder: Path) -> list[str]:
    """Return the runs that began, in order."""
    log = folder / LOG
    return log.read_text(encoding="utf-8").split() if log.exists() else []


def answered(folder: Path, run: str) -> list[Any]:
    """Return the values that a run has answered so far, in order; of a file, its `digest`."""
    begin = json.dumps([run])[:-1] + ","
    return [json.loads(line)[1] for line in read_answers(folder) if line.startswith(begin)]


def read_answers(folder: Path) -> list[str]:
    """Return all that was answered so far, each as JSON of the run and the value."""
    log = folder / ANSWERS
    return log.read_text(encoding="utf-8").splitlines() if log.exists() else []
