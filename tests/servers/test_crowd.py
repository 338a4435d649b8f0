"""One session that is used by fifty threads and by event loops at once, in every way that there is.

What each gets is held against what its call returns, and the app's log against what was called.
"""

from __future__ import annotations

import asyncio
import collections
import concurrent.futures
import contextlib
import gc
import hashlib
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import pytest

import gradioproxy as gp
from tests.support.faults.checking import check_no_threads, new_run
from tests.support.gradio.apps import runs
from tests.support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

    from tests.support.gradio.running import RunningServers

TESTED_VERSIONS = ("3.50.2", "4.44.1", "6.31.0")

THREADS = 50
TASKS = 50
COUNT = 4
LONG = 1000
"""So many values take ten seconds; nobody waits for them all."""


# What threads do, each with a run of its own.


def call(app: gp.Session, run: str) -> None:
    assert app.tag(run) == runs.tagged(run)


def submit(app: gp.Session, run: str) -> None:
    job = app.slow_tag.submit(run)
    assert job.result() == runs.tagged(run)
    assert (job.status.stage, job.exception(), job.cancel()) == ("finished", None, False)


def stream(app: gp.Session, run: str) -> None:
    assert list(app.count.stream(run, COUNT, 0)) == list(runs.counted(run, COUNT))


def stream_lists(app: gp.Session, run: str) -> None:
    assert list(app.grow_list.stream(run, COUNT, 0)) == list(runs.grown_list(run, COUNT))


def iterate(app: gp.Session, run: str) -> None:
    job = app.grow.submit(run, COUNT, 0)
    assert list(job) == job.outputs == list(runs.grown(run, COUNT))


def map_many(app: gp.Session, run: str) -> None:
    names = [f"{run}-{number}" for number in range(3)]
    assert list(app.tag.map(names)) == [runs.tagged(name) for name in names]


def wait_for_all(app: gp.Session, run: str) -> None:
    jobs = {app.tag.submit(f"{run}-{number}") for number in range(3)}
    assert concurrent.futures.wait(jobs).done == jobs
    assert {*concurrent.futures.as_completed(jobs)} == jobs


def give_up(app: gp.Session, run: str) -> None:
    job = app.count.submit(run, LONG, 0)
    assert next(iter(job)) == f"{run}:1"
    assert job.cancel()
    with pytest.raises(gp.JobCancelled):
        job.result()
    assert job.outputs == list(runs.counted(run, LONG))[: len(job.outputs)]


def leave_a_stream(app: gp.Session, run: str) -> None:
    for value in app.count.stream(run, LONG, 0):
        assert value == f"{run}:1"
        break


def be_called_back(app: gp.Session, run: str) -> None:
    called: concurrent.futures.Future[Any] = concurrent.futures.Future()

    def then(job: concurrent.futures.Future[Any]) -> None:
        called.set_result((job.result(), app.tag(f"{run}-then")))

    app.tag.submit(run).add_done_callback(then)
    assert called.result() == (runs.tagged(run), runs.tagged(f"{run}-then"))


def bring_up(app: gp.Session, run: str) -> None:
    content = runs.content_of(run)
    assert app.take_file(run, content) == hashlib.sha256(content).hexdigest()


def bring_down(app: gp.Session, run: str) -> None:
    file = app.make_file(run)
    assert file.bytes() == runs.content_of(run)
    assert Path(file).read_bytes() == runs.content_of(run)


def look(app: gp.Session, run: str) -> None:
    tag = app.tag
    app.refresh()
    assert app.tag is tag
    assert "tag" in str(app)
    assert app.tag.__doc__
    assert app.count.check(run, COUNT, 0)
    assert len(app.jobs) <= 10_000


def call_otherwise(app: gp.Session, run: str) -> None:
    assert app.with_options(headers={"X-Run": run}).tag(run) == runs.tagged(run)


IN_THREADS: list[Callable[[gp.Session, str], None]] = [
    *(call, submit, stream, stream_lists, iterate, map_many, wait_for_all, give_up),
    *(leave_a_stream, be_called_back, bring_up, bring_down, look, call_otherwise),
]


# What tasks do.


async def wait(app: gp.Session, run: str) -> None:
    assert await app.tag.submit(run) == runs.tagged(run)


async def iterate_async(app: gp.Session, run: str) -> None:
    values = [value async for value in app.count.submit(run, COUNT, 0)]
    assert values == list(runs.counted(run, COUNT))


async def gather(app: gp.Session, run: str) -> None:
    names = [f"{run}-{number}" for number in range(3)]
    found = await asyncio.gather(*(app.tag.submit(name) for name in names))
    assert found == [runs.tagged(name) for name in names]


async def group(app: gp.Session, run: str) -> None:
    if sys.version_info < (3, 11):
        await gather(app, run)
        return

    async def one(name: str) -> None:
        assert await app.tag.submit(name) == runs.tagged(name)

    async with asyncio.TaskGroup() as tasks:
        for number in range(3):
            tasks.create_task(one(f"{run}-{number}"))


async def wrap(app: gp.Session, run: str) -> None:
    assert await asyncio.wrap_future(app.slow_tag.submit(run)) == runs.tagged(run)


async def use_a_thread(app: gp.Session, run: str) -> None:
    assert await asyncio.to_thread(app.tag, run) == runs.tagged(run)


async def run_out_of_time(app: gp.Session, run: str) -> None:
    job = app.count.submit(run, LONG, 0)
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(_result_of(job), 0.01)
    assert job.cancelled()


async def be_cancelled(app: gp.Session, run: str) -> None:
    job = app.count.submit(run, LONG, 0)
    async for value in job:
        assert value == f"{run}:1"
        break
    task = asyncio.create_task(_result_of(job))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert job.cancelled()


async def _result_of(job: gp.Job[Any]) -> Any:
    return await job


IN_LOOPS: list[Callable[[gp.Session, str], Coroutine[Any, Any, None]]] = [
    *(wait, iterate_async, gather, group, wrap, use_a_thread, run_out_of_time, be_cancelled)
]


def run_loop(app: gp.Session, count: int) -> None:
    """Run so many tasks in a loop of this thread's own."""

    async def main() -> None:
        tasks: list[Awaitable[None]] = [
            IN_LOOPS[number % len(IN_LOOPS)](app, new_run()) for number in range(count)
        ]
        await asyncio.gather(*tasks)

    asyncio.run(main())


def close_a_loop(app: gp.Session) -> None:
    """Close a loop while a task of its waits for a call, which goes on."""
    run = new_run()
    job = app.slow_tag.submit(run)
    loop = asyncio.new_event_loop()
    loop.set_exception_handler(lambda *_: None)  # it tells of the task that was left
    task = loop.create_task(_result_of(job))
    loop.run_until_complete(asyncio.sleep(0))
    loop.close()
    del task
    assert job.result() == runs.tagged(run)


def count_descriptors() -> int:
    """Return how many files and connections this process has open."""
    return psutil.Process().num_fds()


def test_a_session_that_everybody_uses_at_once(
    gradio: RunningServers, version: str, tmp_path: Path
) -> None:
    """Each gets what it asked for, nothing runs twice, and nothing is left behind."""
    server = gradio(version, "faulty")
    gc.collect()
    before, known = count_descriptors(), len(runs.begun(server.folder))
    with (
        gp.connect(server.url, progress=False, download_dir=tmp_path) as app,
        concurrent.futures.ThreadPoolExecutor(THREADS + 4) as pool,
    ):
        start = threading.Barrier(THREADS + 4)

        def begin(function: Callable[..., None], *arguments: Any) -> None:
            start.wait()
            function(*arguments)

        users = [
            pool.submit(begin, IN_THREADS[number % len(IN_THREADS)], app, new_run())
            for number in range(THREADS)
        ]
        users += [pool.submit(begin, run_loop, app, count) for count in (TASKS, TASKS // 5)]
        users += [pool.submit(begin, close_a_loop, app) for _ in range(2)]
        errors = [error for user in users if (error := user.exception()) is not None]
        assert errors == []
        assert {job.status.stage for job in app.jobs} <= {"finished", "cancelled"}

    twice = collections.Counter(runs.begun(server.folder)[known:])
    assert [run for run, times in twice.items() if times > 1] == []
    del app
    check_no_threads()
    assert list(tmp_path.rglob(".*")) == []  # no part of a file
    gc.collect()
    with contextlib.suppress(AssertionError):
        wait_until(lambda: count_descriptors() <= before, 5)
    assert count_descriptors() <= before
