"""Calls with a journal that executors make: whatever is killed, none is lost or made twice."""

from __future__ import annotations

import contextlib
import itertools
import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import gradioproxy as gp
from tests.support.executors import (
    EXECUTORS,
    count_runs,
    helpers_end,
    let_go,
    make_processes,
    take_all,
)
from tests.support.gradio import ROOT
from tests.support.gradio.apps import runs
from tests.support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.gradio import Server
    from tests.support.gradio.running import RunningServers

TESTED_VERSIONS = ("6.31.0",)

__all__ = ["helpers_end"]  # a fixture


@pytest.fixture
def server(gradio: RunningServers, version: str) -> Server:
    """Give the app that knows which of its calls have begun."""
    return gradio(version, "crowded")


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """Give the path of a journal."""
    return tmp_path / "run.sqlite"


def name_runs(journal: Path, count: int) -> list[str]:
    """Return names of runs that no other test has."""
    return [f"{journal.parent.name}-{number}" for number in range(count)]


def count_states(journal: Path) -> dict[str, int]:
    """Return how many inputs there are in each state that has any."""
    with gp.Journal(journal) as read:
        return {state: count for state, count in read.counts.items() if count}


def read_unknown(journal: Path) -> set[str]:
    """Return the runs of which nobody knows what became."""
    with gp.Journal(journal) as read:
        return {row.arguments["run"] for row in read.rows("unknown")}


@pytest.mark.parametrize("kind", ["fork", "threads"])
def test_what_was_done_is_not_done_again(server: Server, journal: Path, kind: str) -> None:
    """Results, errors and files: whoever makes the calls, and whoever asks the next time."""
    names = name_runs(journal, 40)
    bad = itertools.repeat(names[7])
    with EXECUTORS[kind]() as executor, gp.connect(server.url) as app:
        options: Any = {"journal": journal, "errors": "keep"}
        first = list(app.fail_at.map(names, bad, executor=executor, **options))
        assert [*first[:7], *first[8:]] == [*names[:7], *names[8:]]
        assert isinstance(first[7], gp.AppError)
        assert count_states(journal) == {"done": 39, "failed": 1}
        again = list(app.fail_at.map(names[::-1], bad, **options))
        assert [*map(str, again)] == [*map(str, first[::-1])]
        other = journal.with_name("files")
        contents = [b"one", b"two"]
        (made, _) = list(app.describe.map(contents, "ab", executor=executor, journal=other))
        (kept, _) = list(app.describe.map(contents, "ab", executor=executor, journal=other))
    assert count_runs(server, names) == dict.fromkeys(names, 1)
    assert made.About.bytes() == kept.About.bytes() == b"a 3"
    assert (made.Digest, made.About.raw) == (kept.Digest, kept.About.raw)
    assert Path(kept.About).is_relative_to(other.with_name("files.files"))


def test_a_worker_that_is_killed(server: Server, journal: Path) -> None:
    """What it had begun is unknown, what nobody has begun is made the next time."""
    names = name_runs(journal, 60)
    options: Any = {"journal": journal, "errors": "keep", "concurrency": 4}
    with make_processes("fork") as executor, gp.connect(server.url) as app:
        held = app.hold.map(names, executor=executor, **options)
        let_go(server, names[:2])  # a chunk
        assert next(held) == runs.tagged(names[0])
        wait_until(lambda: len(count_runs(server, names)) == 6)
        assert count_states(journal).items() >= {"done": 2, "sent": 6}.items()
        os.kill(next(iter(executor._processes)), signal.SIGKILL)
        rest, _ = take_all(held)
        let_go(server, names)
    began, unknown = {*count_runs(server, names)}, read_unknown(journal)
    assert began - {*names[:2]} <= unknown <= {*names[2:]}
    assert [each.may_have_run for each in rest[1:]].count(True) == len(unknown)
    assert count_states(journal).keys() <= {"done", "unknown", "waiting"}
    with make_processes("fork") as executor, gp.connect(server.url) as app:
        results = list(app.hold.map(names, executor=executor, **options))
        assert [
            isinstance(each, gp.ConnectionLost) and each.may_have_run
            if name in unknown
            else each == runs.tagged(name)
            for name, each in zip(names, results, strict=True)
        ] == [True] * 60
        assert max(count_runs(server, names).values()) == 1
        every = app.hold.map(names, executor=executor, repeat_unknown=True, **options)
        assert list(every) == [runs.tagged(name) for name in names]
    ran = count_runs(server, names)
    assert {name for name in names if ran[name] > 1} <= unknown
    assert count_states(journal) == {"done": 60}


PROGRAM = """
import concurrent.futures, multiprocessing, sys
import gradioproxy as gp

app = gp.connect(sys.argv[1])
context = multiprocessing.get_context("fork")
executor = concurrent.futures.ProcessPoolExecutor(2, mp_context=context)
options = {"executor": executor, "concurrency": 4, "journal": sys.argv[2]}
for result in app.hold.map(sys.argv[3:], **options):
    print(result, flush=True)
"""


@contextlib.contextmanager
def run_program(server: Server, journal: Path, names: list[str]) -> Iterator[subprocess.Popen[str]]:
    """Run the program with its workers in a group of their own, as a terminal would."""
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, server.url, str(journal), *names],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(journal.parent)},  # where it is killed, nobody tidies up
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        yield process


def test_all_that_is_killed_at_once(server: Server, journal: Path) -> None:
    """The program with its workers; the next one, without any, goes on where it was."""
    names = name_runs(journal, 20)
    let_go(server, names[:2])
    with run_program(server, journal, names) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline().strip() == runs.tagged(names[0])
            wait_until(lambda: len(count_runs(server, names)) == 6, 30)
        finally:
            os.killpg(process.pid, signal.SIGKILL)
    states = count_states(journal)
    assert states["unknown"] >= 4
    assert states.keys() == {"done", "unknown", "waiting"}
    let_go(server, names)
    unknown = read_unknown(journal)
    with gp.connect(server.url) as app:
        results = list(app.hold.map(names, journal=journal, errors="keep"))
    for name, result in zip(names, results, strict=True):
        assert name in unknown or result == runs.tagged(name)
    assert max(count_runs(server, names).values()) == 1
    assert {name for name in names if not count_runs(server, names)[name]} <= unknown


def test_ctrl_c(server: Server, journal: Path) -> None:
    """It ends the program and its workers at once, as a terminal sends it to all of them."""
    names = name_runs(journal, 20)
    let_go(server, names[:2])
    with run_program(server, journal, names) as process:
        wait_until(lambda: len(count_runs(server, names)) == 6)
        os.killpg(process.pid, signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == -signal.SIGINT
    assert errors.count("Traceback") == 1
    assert errors.endswith("KeyboardInterrupt\n")
    states = count_states(journal)
    assert states.keys() <= {"done", "unknown", "waiting"}
    let_go(server, names)
    unknown = read_unknown(journal)
    with gp.connect(server.url) as app:
        results = list(app.hold.map(names, journal=journal, errors="keep"))
    for name, result in zip(names, results, strict=True):
        assert name in unknown or result == runs.tagged(name)
    assert count_runs(server, names).keys() | unknown == {*names}
    assert max(count_runs(server, names).values()) == 1


LEFT = """
import concurrent.futures, multiprocessing, sys
import gradioproxy as gp

app = gp.connect(sys.argv[1])
context = multiprocessing.get_context("fork")
executor = concurrent.futures.ProcessPoolExecutor(2, mp_context=context)
options = {"executor": executor, "journal": sys.argv[2]}
left = app.meet.map([sys.argv[3] + str(n) for n in range(10_000)], [0] * 10_000, **options)
print(next(left) == sys.argv[3] + "0")
"""


@pytest.mark.parametrize("end", ["", "left.close()"])
def test_a_program_that_leaves_one_ends(server: Server, journal: Path, end: str) -> None:
    """What comes of the chunks that are out when it does is written down, or is unknown."""
    name = f"{journal.parent.name}-"
    done = subprocess.run(
        [sys.executable, "-c", LEFT + end, server.url, str(journal), name],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "True\n", "")
    states = count_states(journal)
    assert states.keys() <= {"done", "unknown", "waiting"}
    ran = Counter(run for run in runs.begun(server.folder) if run.startswith(name))
    assert max(ran.values()) == 1
    assert states["done"] <= len(ran) <= states["done"] + states.get("unknown", 0)


def test_an_executor_that_was_shut_down(server: Server, journal: Path) -> None:
    """It is not for what a call is that it was not made, and another one makes it."""
    names = name_runs(journal, 3)
    with gp.connect(server.url) as app:
        for kind in ("fork", "threads"):
            closed = EXECUTORS[kind]()
            closed.shutdown()
            results = app.hold.map(names, executor=closed, journal=journal, errors="keep")
            with contextlib.suppress(gp.ConnectionLost):
                assert not any(isinstance(each, str) for each in results)
            assert count_states(journal).keys() == {"waiting"}
        let_go(server, names)
        assert list(app.hold.map(names, journal=journal)) == [runs.tagged(name) for name in names]
    assert count_runs(server, names) == dict.fromkeys(names, 1)
