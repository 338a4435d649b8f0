"""Many calls by executors of this machine: threads, processes of each kind, and joblib's.

What is handed to these processes has to be found in them, so helpers are functions of this module.
"""

from __future__ import annotations

import concurrent.futures
import contextlib
import hashlib
import io
import itertools
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import PIL.Image
import pytest

import gradioproxy as gp
from tests.support.executors import (
    EXECUTORS,
    WORKERS,
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

    Executor = concurrent.futures.Executor

TESTED_VERSIONS = ("6.31.0",)

SECONDS = 60
_numbers = itertools.count(1)
__all__ = ["helpers_end"]  # a fixture


@pytest.fixture(scope="module", params=EXECUTORS)
def executor(request: pytest.FixtureRequest) -> Iterator[Executor]:
    """Give an executor of each kind."""
    with EXECUTORS[request.param]() as made:
        yield made


@pytest.fixture(scope="module")
def processes() -> Iterator[Executor]:
    """Give an executor of processes that nobody breaks."""
    with make_processes("spawn") as made:
        yield made


@pytest.fixture
def server(gradio: RunningServers, version: str) -> Server:
    """Give the app that knows how many calls it has at once."""
    return gradio(version, "crowded")


def name_runs(count: int) -> list[str]:
    """Return names of runs that no other test has."""
    batch = next(_numbers)
    return [f"run-{batch}-{number}" for number in range(count)]


# What comes back.


def test_each_kind(server: Server, executor: Executor) -> None:
    """Each run once, in order, errors in their places, and as many at a time as there may be."""
    names = name_runs(40)
    at_once = WORKERS if isinstance(executor, concurrent.futures.ThreadPoolExecutor) else 5
    with gp.connect(server.url) as app:
        options: Any = {"executor": executor, "concurrency": 5}
        app.most_at_once(0)
        # Each call waits until all of these are there; a thread waits for one call.
        assert list(app.meet.map(names, itertools.repeat(at_once), **options)) == names
        assert app.most_at_once(0) == at_once
        assert {*count_runs(server, names).values()} == {1}
        kept = list(app.fail_at.map(names, itertools.repeat(names[7]), errors="keep", **options))
    assert kept[:7] + kept[8:] == names[:7] + names[8:]
    assert isinstance(kept[7], gp.AppError)
    assert (kept[7].app_message, kept[7].may_have_run) == (f"{names[7]} is bad", True)
    assert f"fail_at(run='{names[7]}', bad='{names[7]}')" in kept[7].report()


def test_the_first_error_ends_it(server: Server, processes: Executor) -> None:
    names = name_runs(20)
    with gp.connect(server.url) as app:
        bad = itertools.repeat(names[3])
        results = app.fail_at.map(names, bad, executor=processes, concurrency=2)
        assert list(itertools.islice(results, 3)) == names[:3]
        with pytest.raises(gp.AppError, match="is bad"):
            next(results)


def test_wrong_arguments_are_told_before_anything_is_sent(
    server: Server, processes: Executor
) -> None:
    """At their places, as are paths where there is nothing."""
    names = name_runs(3)
    options: Any = {"executor": processes, "errors": "keep"}
    with gp.connect(server.url) as app:
        kept = list(app.meet.map(names, [0, "many", 0], concurrency=1, **options))
        inputs = [b"a", "/no/such/file", b"b"]
        described = list(app.describe.map(inputs, itertools.repeat("x"), **options))
    assert [kept[0], kept[2]] == [names[0], names[2]]
    assert isinstance(kept[1], gp.ArgumentError)
    assert not kept[1].may_have_run
    assert names[1] not in count_runs(server, names)
    assert isinstance(described[1], gp.MissingFile)
    assert [described[0].Digest, described[2].Digest] == [
        hashlib.sha256(content).hexdigest() for content in (b"a", b"b")
    ]


@pytest.mark.parametrize("version", ["3.50.2", "6.31.0"])
def test_files_go_along_and_come_back(server: Server, processes: Executor, tmp_path: Path) -> None:
    """Whatever they are; results are those of a plain call, and their files the session's own."""
    path = tmp_path / "given.txt"
    path.write_bytes(b"on disk")
    picture = PIL.Image.new("RGB", (3, 2))
    inputs: list[Any] = [str(path), path, b"bytes", io.BytesIO(b"buffer"), path.open("rb"), picture]
    with inputs[4], gp.connect(server.url, download_dir=tmp_path / "down") as app:
        plain = [app.describe(each, "x") for each in inputs]
        inputs.append(plain[0][0])
        plain.append(app.describe(inputs[-1], "x"))
        results = list(app.describe.map(inputs, itertools.repeat("x"), executor=processes))
        assert [result.Digest for result in results] == [result.Digest for result in plain]
        assert {type(result) for result in results} == {type(plain[0])}
        assert results[0].About.bytes() == b"x 7"
        assert Path(results[0].About).parent == tmp_path / "down"
    assert results[0].Digest == hashlib.sha256(b"on disk").hexdigest()


# How it goes.


@pytest.mark.parametrize("concurrency", [1, 2])
def test_fewer_calls_than_workers_could_have(
    server: Server, processes: Executor, concurrency: int
) -> None:
    names = name_runs(12)
    with gp.connect(server.url) as app:
        app.most_at_once(0)
        options: Any = {"executor": processes, "concurrency": concurrency}
        assert list(app.meet.map(names, itertools.repeat(concurrency), **options)) == names
        assert app.most_at_once(0) == concurrency


def count_sessions(_: object = None) -> int:
    """Return how many sessions this process has opened for its chunks."""
    from gradioproxy.client.worker_sessions import sessions

    return len(sessions._entries)


def test_a_worker_keeps_its_session(server: Server) -> None:
    """From chunk to chunk and map to map; other options of the session need another one."""
    with make_processes("fork", 1) as one, gp.connect(server.url) as app:
        for _ in range(2):
            names = name_runs(40)
            assert list(app.meet.map(names, itertools.repeat(0), executor=one)) == names
        assert one.submit(count_sessions).result(SECONDS) == 1
        patient = app.meet.with_options(call_timeout=50)
        assert list(patient.map(["x"], [0], executor=one)) == ["x"]
        assert one.submit(count_sessions).result(SECONDS) == 1
        with gp.connect(server.url, timeout=50) as other:
            assert list(other.meet.map(["x"], [0], executor=one)) == ["x"]
        assert one.submit(count_sessions).result(SECONDS) == 2


def test_what_is_left_is_not_begun(server: Server, processes: Executor) -> None:
    """Of inputs without end, no more than were under way; also where a worker has more of them."""
    names = name_runs(200)
    with gp.connect(server.url) as app:
        held: Any = app.hold.map(names, executor=processes, concurrency=4)
        let_go(server, names[:2])  # a chunk
        assert next(held) == runs.tagged(names[0])
        wait_until(lambda: len(count_runs(server, names)) == 6)
        held.close()
        let_go(server, names)
        for _ in range(2 * WORKERS):  # they are done with all that was handed out
            processes.submit(os.getpid).result(SECONDS)
        assert len(count_runs(server, names)) == 6


def test_a_small_queue_loses_no_call(gradio: RunningServers, version: str) -> None:
    """A worker makes calls again that were refused, and no others."""
    server = gradio(version, "crowded", queue={"max_size": 2})
    names = name_runs(24)
    with make_processes("fork") as processes, gp.connect(server.url) as app:
        found = app.meet.map(names, itertools.repeat(0), executor=processes, concurrency=8)
        assert list(found) == names
    assert {*count_runs(server, names).values()} == {1}


# What goes wrong.


def kill_one(executor: Any) -> None:
    """Kill a worker of an executor."""
    os.kill(next(iter(executor._processes)), signal.SIGKILL)


@pytest.mark.parametrize("kind", ["fork", "loky"])
def test_a_worker_that_is_killed(server: Server, kind: str) -> None:
    """Calls that it had begun may have run, those that were not handed out have not."""
    names = name_runs(60)
    with EXECUTORS[kind]() as executor, gp.connect(server.url) as app:
        held = app.hold.map(names, executor=executor, concurrency=4, errors="keep")
        let_go(server, names[:2])  # a chunk
        assert next(held) == runs.tagged(names[0])
        wait_until(lambda: len(count_runs(server, names)) == 6)
        began = {*count_runs(server, names)}
        kill_one(executor)
        rest, error = take_all(held)
        let_go(server, names)
    assert "any more" in str(error)
    assert not error.may_have_run
    assert rest.pop(0) == runs.tagged(names[1])
    assert {type(lost) for lost in rest} == {gp.ConnectionLost}
    may_have_run = {name for name, lost in zip(names[2:], rest, strict=False) if lost.may_have_run}
    assert f"hold(run='{names[2]}')" in rest[0].report()
    assert began - {*names[:2]} <= may_have_run < {*names}
    assert count_runs(server, names) == dict.fromkeys(began, 1)


def test_an_executor_that_was_shut_down(server: Server, executor: Executor) -> None:
    """It is an error of ours, also where errors are kept, and no input is lost."""
    kind: Any = type(executor)
    closed = kind(1)
    closed.shutdown()
    inputs = iter(name_runs(100))
    with gp.connect(server.url) as app:
        found = app.meet.map(inputs, itertools.repeat(0), executor=closed, errors="keep")
        outcomes, error = take_all(found)
    assert "shut down" in str(error)
    assert [outcome.may_have_run for outcome in (*outcomes, error)].count(True) == 0
    assert len([*inputs]) > 50


def test_an_executor_that_is_shut_down_meanwhile(server: Server) -> None:
    names = name_runs(60)
    with gp.connect(server.url) as app:
        executor = make_processes("fork")
        held = app.hold.map(names, executor=executor, concurrency=2, errors="keep")
        let_go(server, names[:1])
        assert next(held) == runs.tagged(names[0])
        executor.shutdown(wait=False, cancel_futures=True)
        let_go(server, names)
        outcomes, error = take_all(held)
        executor.shutdown()
    assert "shut down" in str(error)
    for name, outcome in zip(names[1:], outcomes, strict=False):
        if isinstance(outcome, gp.ConnectionLost):
            assert outcome.may_have_run or not count_runs(server, [name])
        else:
            assert outcome == runs.tagged(name)


def hide_package() -> None:
    """Let this process be one where the package is not installed."""
    sys.modules["gradioproxy"] = None  # type: ignore[assignment] # as `import` documents it


def test_workers_that_cannot_import_the_package(server: Server) -> None:
    with (
        make_processes("fork", initializer=hide_package) as executor,
        gp.connect(server.url) as app,
        pytest.raises(gp.ConnectionLost) as raised,
    ):
        list(app.meet.map(["x"] * 20, [0] * 20, executor=executor))
    assert not raised.value.may_have_run


def test_a_session_that_was_closed(server: Server, processes: Executor) -> None:
    """Its functions are not called by others either."""
    with gp.connect(server.url) as app:
        meet = app.meet
    with pytest.raises(gp.SessionClosed):
        list(meet.map(["x"], [0], executor=processes))


def test_a_session_that_remembers_few_jobs(server: Server, processes: Executor) -> None:
    """What it does with more is no business of a worker's, where nobody asks for them."""
    names = name_runs(30)
    with gp.connect(server.url, max_jobs=1, max_jobs_policy="error") as app:
        found = app.meet.map(names, itertools.repeat(0), executor=processes, concurrency=8)
        assert list(found) == names


def test_what_is_no_executor(server: Server) -> None:
    with gp.connect(server.url) as app:
        for wrong in (2, "processes", concurrent.futures.ProcessPoolExecutor):
            with pytest.raises(TypeError, match="executor is a"):
                app.meet.map(["x"], [0], executor=wrong)
        with (
            multiprocessing.get_context("fork").Pool(1) as pool,
            pytest.raises(TypeError, match="ProcessPoolExecutor"),
        ):
            app.meet.map(["x"], [0], executor=pool)


# Secrets.

LOGIN = {"auth": ["ann", "secret word"]}


def test_secrets_are_those_of_the_environment(
    gradio: RunningServers, version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The session's own go to no worker; in this process the session itself makes the calls."""
    server = gradio(version, "crowded", launch=LOGIN)
    with gp.connect(server.url, auth=("ann", "secret word")) as app:
        with concurrent.futures.ThreadPoolExecutor(2) as threads:
            assert list(app.meet.map(["x"], [0], executor=threads)) == ["x"]
        with make_processes("fork", 1) as executor:
            kept = list(app.meet.map(["x"], [0], executor=executor, errors="keep"))
        assert isinstance(kept[0], gp.AuthenticationError)
        assert "GRADIOPROXY_ACCESS" in str(kept[0])
        assert not kept[0].may_have_run
        access = server.url.replace("://", "://ann:secret%20word@")
        monkeypatch.setenv("GRADIOPROXY_ACCESS", access)
        with make_processes("fork", 1) as executor:
            assert list(app.meet.map(["x"], [0], executor=executor)) == ["x"]


# Streams.


@pytest.mark.parametrize("version", ["4.44.1", "6.31.0"])
def test_streams_come_along(gradio: RunningServers, version: str, tmp_path: Path) -> None:
    """Where the app sends them once, or for a short time, only the worker can fetch them."""
    if version != "4.44.1" and shutil.which("ffmpeg") is None:
        pytest.skip("Gradio needs ffmpeg to stream audio from 5.0 on")
    server = gradio(version, "media")
    with make_processes("fork", 1) as processes:
        with gp.connect(server.url, download_dir=tmp_path) as app:
            plain = app.speak(2)
            (found,) = app.speak.map([2], executor=processes)
            (pair,) = app.both.map([1], executor=processes)
        assert found.bytes() == plain.bytes()
        assert (found.name, found.mime_type) == (plain.name, plain.mime_type)
        assert Path(found).parent == tmp_path
        assert pair.Text == "part 1"


# Programs.

LEFT = """
import concurrent.futures, multiprocessing, sys
import gradioproxy as gp

app = gp.connect(sys.argv[1])
context = multiprocessing.get_context("fork")
executor = concurrent.futures.ProcessPoolExecutor(2, mp_context=context)
left = app.meet.map(map(str, range(10_000)), [0] * 10_000, executor=executor)
print(next(left))
"""


def test_a_program_that_leaves_one_ends(server: Server) -> None:
    """Its executor waits for the chunks that are out, and for no others."""
    done = subprocess.run(
        [sys.executable, "-c", LEFT, server.url],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "0\n", "")


SCRIPT = """
import concurrent.futures, multiprocessing, sys
import gradioproxy as gp

def main():
    app = gp.connect(sys.argv[1])
    context = multiprocessing.get_context(sys.argv[2])
    with concurrent.futures.ProcessPoolExecutor(2, mp_context=context) as executor:
        print(*app.meet.map("abc", [0] * 3, executor=executor))

if __name__ == "__main__":
    main()
"""


@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_a_script(server: Server, method: str, tmp_path: Path) -> None:
    """Nothing of it has to be found in the workers; they leave no file behind."""
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    # A server of forks has a socket there, whose path has to be short.
    with tempfile.TemporaryDirectory(prefix="gp", dir="/tmp") as folder:
        done = subprocess.run(
            [sys.executable, str(script), server.url, method],
            env={**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": folder},
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        assert (done.returncode, done.stdout, done.stderr) == (0, "a b c\n", "")
        assert [*Path(folder).glob("gradioproxy-*")] == []


def test_a_forked_child_leaves_it_to_its_parent(server: Server, processes: Executor) -> None:
    """It gets errors, waits for nothing, and takes nothing away from its parent."""
    names = name_runs(30)
    with gp.connect(server.url) as app:
        held: Any = app.hold.map(names, executor=processes, concurrency=2, errors="keep")
        let_go(server, names[:1])
        assert next(held) == runs.tagged(names[0])
        child = os.fork()
        if not child:
            code = 1
            with contextlib.suppress(BaseException):
                lost = next(held)
                held.close()
                code = 0 if isinstance(lost, gp.ConnectionLost) else 2
            os._exit(code)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        let_go(server, names)
        assert list(held) == [runs.tagged(name) for name in names[1:]]
