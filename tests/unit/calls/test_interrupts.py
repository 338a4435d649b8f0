"""Ctrl-C wherever it can come, in what the main thread does with calls: nobody waits for ever.

Where the package has a lock, or two steps that belong together, what was cut short is done by who
comes next, or by nobody if nothing is left to do.
"""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any

import pytest

from gradioproxy.calls.future import End
from gradioproxy.calls.stream import Stream
from gradioproxy.calls.workers import Workers
from gradioproxy.errors import JobCancelled
from gradioproxy.protocols.events import Completed, Logged, Yielded
from tests.support.interrupting import OURS, THREADS, interrupt_everywhere
from tests.support.scripted_peer import SECONDS, make_job, record_of, tell

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gradioproxy.calls.job import Job
    from gradioproxy.calls.job_record import JobRecord


def in_thread(function: Callable[[], Any]) -> Any:
    """Return what a function returns on another thread, or the error that it raises."""
    found: list[Any] = []

    def run() -> None:
        try:
            found.append(function())
        except BaseException as error:  # noqa: BLE001 - which it is, is looked at
            found.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(SECONDS)
    assert found, "it waits for ever"
    return found[0]


def test_waiting_for_a_result() -> None:
    """A call that goes on can be waited for again, and its thread is not held up."""
    for result in ("result", "exception"):
        job = make_job()

        def wait(job: Job[Any] = job, result: str = result) -> None:
            with pytest.raises(TimeoutError):
                getattr(job, result)(0)

        for where in interrupt_everywhere(wait):
            in_thread(lambda job=job: tell(job, Yielded((1,))))  # type: ignore[misc]
            assert job.outputs, where
        in_thread(lambda job=job: tell(job, Completed((5,))))  # type: ignore[misc]
        assert (job.result(0), in_thread(job.result)) == (5, 5)


def test_reading_partial_results() -> None:
    """A stream is cancelled then; its thread is not held up, and whoever waits hears of it."""
    streams: list[Stream[Any]] = []

    def read() -> None:
        streams.append(Stream(make_job(0)))
        tell(streams[-1].job, Yielded((1,)), Yielded((2,)))
        next(streams[-1])

    for where in interrupt_everywhere(read):
        stream = streams[-1] if streams else None
        if stream is not None:
            in_thread(lambda stream=stream: tell(stream.job, Completed((3,))))  # type: ignore[misc]
            found = in_thread(stream.job.result)
            assert found == 3 or isinstance(found, JobCancelled), where


def test_giving_a_call_up() -> None:
    """Whoever waits for it hears of it, at the latest when it is given up again."""
    jobs: list[Job[Any]] = []
    told: list[Any] = []

    def cancel() -> None:
        jobs.append(make_job(withdraw=told.append))
        jobs[-1].cancel()

    for where in interrupt_everywhere(cancel):
        if jobs:
            job = jobs[-1]
            waiter = threading.Thread(target=in_thread, args=(job.result,), daemon=True)
            waiter.start()
            assert job.cancel(), where
            assert isinstance(in_thread(job.result), JobCancelled), where
            waiter.join(SECONDS)
            assert not waiter.is_alive(), where
            assert told[-1] is record_of(job), where


def test_who_waits_in_a_loop_hears_of_a_call_that_is_given_up() -> None:
    """They are told by an effect, which is not lost when another thread's is cut short."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    async def wait(job: Job[Any]) -> str:
        try:
            return str(await job)
        except JobCancelled:
            return "cancelled"

    pairs: list[tuple[Job[Any], Any]] = []

    def cancel() -> None:
        job = make_job()
        pairs.append((job, asyncio.run_coroutine_threadsafe(wait(job), loop)))
        asyncio.run_coroutine_threadsafe(asyncio.sleep(0), loop).result(SECONDS)
        job.cancel()

    try:
        for where in interrupt_everywhere(cancel, step=2):
            if pairs:
                job, waiting = pairs[-1]
                job.cancel()
                assert waiting.result(SECONDS) == "cancelled", where
        assert [waiting.result(SECONDS) for _, waiting in pairs[-1:]] == ["cancelled"]
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(SECONDS)
        loop.close()


def test_effects_are_cut_short_and_not_lost(caplog: pytest.LogCaptureFixture) -> None:
    """The next ones follow, in order."""

    def begin() -> JobRecord:
        record = record_of(make_job())
        record.handle(Logged("warning", "first", None))
        return record

    def run_effects() -> None:
        records[-1].run_effects()

    caplog.set_level("WARNING", "gradioproxy")
    records = [begin()]
    for where in interrupt_everywhere(run_effects):
        record = records[-1]
        for event in (Logged("warning", "second", None), Completed((1,))):
            record.handle(event)
            record.run_effects()
        assert record.end == End("finished", 1), where
        first, *_, last = [entry.getMessage() for entry in caplog.records]
        assert (first, last) == ("predict: first", "predict: second"), where
        caplog.clear()
        records.append(begin())


@pytest.fixture
def pool() -> Iterator[Workers]:
    workers = Workers("interrupts", 2)
    yield workers
    workers.close()
    workers.join(SECONDS)


def test_giving_a_task_to_threads(pool: Workers) -> None:
    """However often that is cut short, there are as many threads as before for the next ones."""
    both = threading.Barrier(2)

    def meet() -> None:
        both.wait(SECONDS)

    for _ in interrupt_everywhere(lambda: pool.submit(lambda: None), (*OURS, *THREADS)):
        pool.submit(meet)
        pool.submit(meet)
    done = threading.Event()
    pool.submit(done.set)
    assert done.wait(SECONDS)
    assert not both.broken
    pool.close()
    pool.join(SECONDS)
    assert [thread for thread in threading.enumerate() if "interrupts" in thread.name] == []
