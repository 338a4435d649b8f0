"""Sessions, processes and interpreters that end while calls are in every state.

Each end is a run of `tests.support.programs.ends`, which has a call in each state, each waited for
by threads, in an event loop and with a callback.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from tests.support.faults.checking import in_parallel
from tests.support.gradio import ROOT
from tests.support.held_app import HeldApp
from tests.support.processes import needs_fork

if TYPE_CHECKING:
    from collections.abc import Iterable

SECONDS = 60
"""After this, something hangs that should not."""

LIVE = ("waiting", "posted", "queued", "started", "yielding", "downloading")
RUNNING = {"started", "yielding"}
"""The live ones that the server works on and has a name for."""


def run(end: str, *, told: bool = True) -> tuple[int, list[dict[str, Any]], str]:
    """Run the program to an end; see to it that the server is told, and no connection is left.

    Args:
        end: The end.
        told: Whether the program can still tell the server.

    Returns:
        The program's exit status, the lines that it wrote, and what is on its standard error.
    """
    with HeldApp() as web:
        done = subprocess.run(
            [sys.executable, "-m", "tests.support.programs.ends", web.url, end],
            cwd=ROOT,
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
        web.wait_until(lambda: web.open_connections == 0)
        assert not told or {*web.cancelled} >= {*RUNNING, "started:cancelled"}
        assert len(web.cancelled) == len({*web.cancelled}), "each is cancelled once"
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()], _text(done)


def _text(done: subprocess.CompletedProcess[bytes]) -> str:
    return done.stderr.decode()


def outcomes(live: str) -> dict[str, str]:
    """Return what the calls end with, those that were under way with *live*."""
    ended = {"finished": "done", "failed": "AppError", "cancelled": "JobCancelled"}
    return {**dict.fromkeys(LIVE, live), **ended}


def seen_by_all(outcome: str) -> dict[str, str]:
    """Return what everybody sees who waits for a call with this outcome."""
    yields = f"['{outcome}']" if outcome == "done" else outcome
    return {
        "result": outcome,
        "await": outcome,
        "iteration": yields,
        "async for": yields,
        "wrapped": "CancelledError" if outcome == "JobCancelled" else outcome,
        "wait": "done",
        "callback": "called",
    }


# What the program outlives.


def check_closed(end: str) -> None:
    code, (found,), errors = run(end)
    assert (code, errors) == (0, "")
    assert found["outcomes"] == outcomes("JobCancelled")
    expected = {state: seen_by_all(end) for state, end in outcomes("JobCancelled").items()}
    assert found["seen"] == expected
    assert found["threads"] == []


def check_loop_closed(end: str) -> None:
    code, (found,), errors = run(end)
    assert (code, errors, found["anew"]) == (0, "", "done")
    assert found["outcomes"] == outcomes("JobCancelled")


def check_collected(end: str) -> None:
    assert run(end) == (0, [{}], "")


def check_forked(end: str) -> None:
    code, (child, parent), errors = run(end)
    assert (code, parent["child"], errors) == (0, 0, "")
    assert (child["process"], child["anew"]) == ("child", "done")
    assert child["outcomes"] == outcomes("ConnectionLost")
    assert (parent["process"], parent["anew"]) == ("parent", "done")
    assert parent["outcomes"] == outcomes("Timeout")  # they go on


def check_processes(end: str) -> None:
    code, (found,), errors = run(end)
    assert (code, found.get("child", 0), errors) == (0, 0, "")
    assert found["anew"] == "done"
    assert found["outcomes"] == outcomes("Timeout")


@needs_fork
def test_what_a_program_outlives() -> None:
    """Whoever waits hears of the end, in each process the right one; new calls work."""
    in_parallel(
        lambda check, end: check(end),
        (check_closed, "close"),
        (check_closed, "close in a callback"),
        (check_loop_closed, "loop closed"),
        (check_collected, "collect"),
        (check_forked, "fork"),
        (check_processes, "multiprocessing fork"),
        (check_processes, "multiprocessing spawn"),
        (check_processes, "multiprocessing forkserver"),
        (check_processes, "ProcessPoolExecutor"),
    )


# What it does not.


def check_quiet(end: str, code: int, told: bool) -> None:
    assert run(end, told=told) == (code, [], "")


def check_error(end: str, code: int, last: str) -> None:
    """See to it that an error is shown as Python does, and nothing else."""
    found, lines, errors = run(end)
    assert (found, lines) == (code, [])
    assert errors.count("Traceback") == 1
    assert errors.rstrip().splitlines()[-1] == last
    assert "/gradioproxy/" not in errors


def test_ends_of_the_interpreter() -> None:
    """It ends soon, as it would without us, with nothing said; the server is told if it can be."""
    quiet: Iterable[tuple[str, int, bool]] = [
        ("return", 0, True),
        ("sys.exit", 4, True),
        ("sys.exit in a thread", 0, True),
        ("sys.exit in a callback", 0, True),
        ("SIGTERM", -15, False),
        ("os._exit", 5, False),
    ]
    errors = [
        ("error", 1, "ZeroDivisionError: of the program"),
        ("SIGINT", -2, "KeyboardInterrupt"),
    ]
    in_parallel(
        lambda check, *case: check(*case),
        *((check_quiet, *case) for case in quiet),
        *((check_error, *case) for case in errors),
    )
