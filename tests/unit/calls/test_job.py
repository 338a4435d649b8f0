"""Jobs, driven by events alone: futures that can be watched, iterated and cancelled."""

from __future__ import annotations

import asyncio
import concurrent.futures
import itertools
import logging
import queue
import sys
import threading
import weakref
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from gradioproxy.calls.future import CANCELLED, End
from gradioproxy.calls.status import Log, Status
from gradioproxy.calls.stream import Stream
from gradioproxy.errors import (
    AppError,
    ConnectionLost,
    JobCancelled,
    ProtocolError,
    QueueFull,
    Timeout,
)
from gradioproxy.files.call_files import CallFiles
from gradioproxy.limits import Limits
from gradioproxy.protocols.events import (
    Cancelled,
    Completed,
    Event,
    Failed,
    Logged,
    Lost,
    Progressed,
    Queued,
    Refused,
    Started,
    Unit,
    Yielded,
)
from tests.support.processes import ends_well_in_child, needs_fork
from tests.support.scripted_peer import SECONDS, make_job, record_of, tell

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from gradioproxy.calls.job import Job
    from gradioproxy.transport.http import Transport


def job_with(*events: Event, **facts: Any) -> Job[Any]:
    """Return a job to which these things have happened."""
    job = make_job(**facts)
    tell(job, *events)
    return job


def yielded(*values: Any) -> list[Event]:
    return [Yielded((value,)) for value in values]


def completed(value: Any = None) -> Event:
    return Completed((value,))


class Watcher:
    """Runs something on another thread, and tells what came of it."""

    def __init__(self, function: Callable[[], Any]) -> None:
        self._answers: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, args=(function,))
        self._thread.start()

    def outcome(self) -> Any:
        """Return what was returned or raised."""
        found = self._answers.get(timeout=SECONDS)
        self._thread.join(SECONDS)
        return found

    def _run(self, function: Callable[[], Any]) -> None:
        try:
            self._answers.put(function())
        except BaseException as error:  # noqa: BLE001 - that is what is to be told
            self._answers.put(error)


# A future.


def test_a_job_is_a_future_and_has_its_result() -> None:
    job = job_with(completed("x"))
    assert isinstance(job, concurrent.futures.Future)
    assert job.done()
    assert not job.cancelled()
    assert (job.result(), job.exception()) == ("x", None)


def test_whoever_waits_is_woken() -> None:
    """Through the job, through ``wait`` and through ``as_completed``."""
    first, second = job_with(), job_with()
    watchers = [
        Watcher(first.result),
        Watcher(lambda: concurrent.futures.wait([first, second], SECONDS).done),
        Watcher(lambda: list(concurrent.futures.as_completed([first, second], SECONDS))),
        Watcher(lambda: second.exception(SECONDS)),
    ]
    tell(first, completed(1))
    tell(second, Failed("boom"))
    found = [watcher.outcome() for watcher in watchers]
    assert found[0] == 1
    assert found[1] == {first, second}
    assert {*found[2]} == {first, second}
    assert str(found[3]) == "boom"


@pytest.mark.parametrize("ask", [lambda job: job.result(), list])
def test_an_error_that_was_raised_keeps_nothing_of_whoever_caught_it(
    ask: Callable[[Job[Any]], Any],
) -> None:
    """A session remembers its jobs, and these what they ended with."""
    job = job_with(Failed("boom"))

    class Large:
        """What a function of a user's has among its variables."""

    def catch() -> weakref.ref[Large]:
        large = Large()
        with pytest.raises(AppError, match="boom"):
            ask(job)
        return weakref.ref(large)

    assert catch()() is None
    assert str(job.exception()) == "boom"


def test_asyncio_can_wrap_a_job() -> None:
    async def main() -> tuple[Any, Any, bool]:
        first, second, third = job_with(), job_with(), job_with()
        wrapped = [asyncio.wrap_future(job) for job in (first, second, third)]
        tell(first, completed(1))
        second.cancel()
        wrapped[2].cancel()
        results = await asyncio.gather(*wrapped, return_exceptions=True)
        return results[0], type(results[1]), third.cancelled()

    assert asyncio.run(main()) == (1, asyncio.CancelledError, True)


def test_callbacks_run_elsewhere_so_that_they_may_wait() -> None:
    """They run once, on what the session has for them, whichever way the job ends."""
    deferred: list[Callable[[], None]] = []
    called: list[Any] = []
    for end in (completed(), Failed("x"), None):
        job = job_with(run_callback=deferred.append)
        job.add_done_callback(called.append)
        if end is None:
            job.cancel()
        else:
            tell(job, end)
        tell(job, completed("late"))
        assert called == []
        (callback,) = deferred
        callback()
        assert called == [job]
        called.clear()
        deferred.clear()


def test_a_callback_of_a_job_that_is_done_runs_at_once_and_here() -> None:
    called: list[Any] = []
    job = job_with(completed(), run_callback=lambda _: pytest.fail("it was deferred"))
    job.add_done_callback(called.append)
    assert called == [job]


def test_a_callback_that_fails_is_logged_and_no_other_suffers(
    caplog: pytest.LogCaptureFixture,
) -> None:
    called: list[Any] = []
    job = job_with()
    job.add_done_callback(lambda _: called[0])
    job.add_done_callback(called.append)
    tell(job, completed(1))
    assert called == [job]
    assert job.result() == 1
    assert "IndexError" in caplog.text


def test_result_only_limits_the_wait() -> None:
    """The job goes on, and has its result later."""
    job = job_with(Started(None))
    for wait in (job.result, job.exception):
        with pytest.raises(Timeout, match=r"predict\(\) has no result after 0\.0 s") as caught:
            wait(0.0)
        assert isinstance(caught.value, TimeoutError | concurrent.futures.TimeoutError)
        assert (caught.value.limit, caught.value.seconds) == ("result", 0.0)
    assert job.running()
    tell(job, completed("x"))
    assert job.result(0) == "x"


def test_a_call_that_took_too_long_says_which_limit_it_was() -> None:
    withdrawn: list[Any] = []
    job = job_with(withdraw=withdrawn.append, call_timeout=1.5)
    record_of(job).expire()
    record_of(job).expire()
    with pytest.raises(Timeout, match=r"call_timeout=1\.5 s and was cancelled") as caught:
        job.result(0)
    assert (caught.value.limit, caught.value.seconds) == ("call_timeout", 1.5)
    assert withdrawn == [record_of(job)]
    assert job.status.stage == "failed"


def test_a_job_that_is_done_can_not_take_too_long() -> None:
    job = job_with(completed(1), withdraw=lambda _: pytest.fail("it was withdrawn"))
    record_of(job).expire()
    assert job.result() == 1


# Giving up.


@pytest.mark.parametrize("events", [[], [Queued(3, 4, None)], [Started(None), *yielded(1)]])
def test_a_job_can_be_cancelled_until_it_is_done(events: list[Event]) -> None:
    """Also while it runs; and it stays cancelled."""
    withdrawn: list[Any] = []
    job = job_with(*events, withdraw=withdrawn.append)
    assert job.cancel()
    assert job.cancel()
    assert job.cancelled()
    assert job.done()
    assert not job.running()
    assert job.status.stage == "cancelled"
    assert withdrawn == [record_of(job)]
    tell(job, *yielded("late"), completed("late"), Failed("late"), Logged("info", "late", None))
    record_of(job).fail(ConnectionLost("late"))
    record_of(job).update(stage="running")
    assert job.status.stage == "cancelled"
    assert job.logs == []
    assert "late" not in job.outputs
    with pytest.raises(JobCancelled, match=r"predict\(\) was cancelled"):
        job.result()


@pytest.mark.parametrize("end", [completed(1), Failed("boom"), Cancelled()])
def test_a_job_that_is_done_can_not_be_cancelled(end: Event) -> None:
    job = job_with(end, withdraw=lambda _: pytest.fail("it was withdrawn"))
    assert not job.cancel()
    assert not job.cancelled()
    assert job.done()


def test_cancelling_wakes_whoever_waits() -> None:
    """A future whose waiters were not told is cancelled, but not done for them."""
    job = job_with()
    watchers = [
        Watcher(job.result),
        Watcher(job.exception),
        Watcher(lambda: list(job)),
        Watcher(lambda: concurrent.futures.wait([job], SECONDS).done),
        Watcher(lambda: list(concurrent.futures.as_completed([job], SECONDS))),
    ]
    assert job.cancel()
    found = [watcher.outcome() for watcher in watchers]
    assert [type(error) for error in found[:3]] == [JobCancelled] * 3
    assert found[3:] == [{job}, [job]]


def test_what_is_raised_is_a_cancelled_error_of_futures() -> None:
    job = job_with()
    record_of(job).set_event_id("id")
    job.cancel()
    with pytest.raises(concurrent.futures.CancelledError) as caught:
        job.result(0)
    assert isinstance(caught.value, JobCancelled)
    assert caught.value.__dict__["event_id"] == "id"
    for ask in (job.exception, lambda: next(iter(job))):
        with pytest.raises(JobCancelled):
            ask()


def test_a_job_that_the_server_cancelled_says_so() -> None:
    job = job_with(*yielded(1), Cancelled())
    with pytest.raises(JobCancelled, match="by the server"):
        job.result()


# Partial results.


def test_partial_results_are_yielded_once_each() -> None:
    """Equal neighbours included; the completed message is not another one."""
    job = job_with(*yielded("a", "a", "b", "b"), completed("b"))
    assert list(job) == ["a", "a", "b", "b"]
    assert list(job) == ["a", "a", "b", "b"]
    assert job.outputs == ["a", "a", "b", "b"]
    assert job.result() == "b"


def test_each_is_yielded_as_it_comes() -> None:
    """To all who iterate, whether they began before, meanwhile or after."""
    job = job_with(*yielded(0))
    seen: queue.SimpleQueue[int] = queue.SimpleQueue()

    def watch() -> list[int]:
        found = []
        for value in job:
            found.append(value)
            seen.put(value)
        return found

    watcher = Watcher(watch)
    for number in range(1, 50):
        assert seen.get(timeout=SECONDS) == number - 1
        tell(job, *yielded(number))
    late = iter(job)
    assert next(late) == 0
    tell(job, completed(49))
    assert watcher.outcome() == list(range(50))
    assert list(late) == list(range(1, 50))


@pytest.mark.parametrize(
    ("lone", "events", "expected"),
    [
        (True, [completed(1)], [1]),
        (False, [completed(1)], []),
        (True, [*yielded(1, 2), completed(2)], [1, 2]),
        (True, [Completed(())], [None]),
    ],
)
def test_the_result_of_a_call_that_yields_nothing_is_its_one_partial_result(
    lone: bool, events: list[Event], expected: list[Any]
) -> None:
    """Unless it is a generator's that had nothing to yield."""
    job = job_with(*events, generator=not lone)
    assert list(job) == expected
    assert job.outputs == expected


def test_an_error_comes_after_the_good_partial_results() -> None:
    job = job_with(*yielded(1, 2), Failed("boom", "Oh"))
    iterator = iter(job)
    assert [next(iterator), next(iterator)] == [1, 2]
    with pytest.raises(AppError) as caught:
        next(iterator)
    assert caught.value.outputs == (1, 2)
    assert str(caught.value) == "Oh: boom"


def test_everybody_gets_copies_of_their_own() -> None:
    """Whatever they do to theirs."""
    job = job_with(*yielded([1]), completed([1]), decode=lambda data: list(data[0]))
    for value in job:
        value.append("mine")
    job.outputs[0].append("mine")
    assert list(job) == [[1]]
    assert job.outputs == [[1]]


def test_only_the_last_ones_are_kept() -> None:
    """But nobody who iterates misses any."""
    job = job_with(*yielded(0), keep=3)
    early = iter(job)
    tell(job, *yielded(*range(1, 10)), completed(9))
    assert job.outputs == [7, 8, 9]
    assert list(job) == [7, 8, 9]
    assert list(early) == list(range(10))


def test_what_is_kept_has_limits() -> None:
    """The oldest goes first."""
    limits = Limits(logs=2, outputs=3, timeline=4)
    said = [Logged("info", str(number), None) for number in range(5)]
    job = job_with(*said, *yielded(*range(5)), Failed("boom"), limits=limits)
    assert [log.text for log in job.logs] == ["3", "4"]
    assert job.outputs == [2, 3, 4]
    error = job.exception()
    assert isinstance(error, AppError)
    assert error.trace is not None
    assert len(error.trace.timeline) == 4


def test_a_thousand_are_kept_by_default() -> None:
    job = job_with(*yielded(*range(1001)))
    assert job.outputs == list(range(1, 1001))


class Value:
    """Something whose end can be seen."""


def test_what_nobody_will_see_is_not_in_memory() -> None:
    """Of a job that keeps nothing, a partial result goes once all who iterate have passed it."""
    job = job_with(keep=0)
    iterator = iter(job)
    values = [Value() for _ in range(3)]
    gone = [weakref.ref(value) for value in values]
    tell(job, *yielded(*values))
    values.clear()
    assert [ref() is None for ref in gone] == [False] * 3
    next(iterator)
    next(iterator)
    assert [ref() is None for ref in gone] == [True, False, False]
    del iterator
    assert [ref() is None for ref in gone] == [True, True, True]


# In asyncio.


def in_steps(job: Job[Any], *events: Event) -> None:
    """Let one thing after the other happen, each in a turn of the loop of its own."""
    if events:
        tell(job, events[0])
        asyncio.get_running_loop().call_soon(in_steps, job, *events[1:])


def test_a_job_can_be_awaited() -> None:
    """Before it is done and after, also when news come from other threads."""

    async def main() -> list[Any]:
        job = job_with()
        thread = threading.Thread(target=tell, args=(job, *yielded(*range(100)), completed("x")))
        thread.start()
        found = await asyncio.gather(job, job, asyncio.wait_for(job, SECONDS))
        thread.join()
        return [*found, await job]

    assert asyncio.run(main()) == ["x"] * 4


@pytest.mark.parametrize("when", ["before", "meanwhile"])
def test_awaiting_raises_what_the_job_ended_with(when: str) -> None:
    async def outcome(end: Callable[[Job[Any]], object]) -> BaseException:
        job = job_with(*yielded(1))
        if when == "before":
            end(job)
        else:
            asyncio.get_running_loop().call_soon(end, job)
        with pytest.raises((AppError, JobCancelled, Timeout)) as caught:
            await job
        return caught.value

    async def main() -> list[type[BaseException]]:
        ends: list[Callable[[Job[Any]], object]] = [
            lambda job: tell(job, Failed("boom")),
            lambda job: job.cancel(),
            lambda job: record_of(job).expire(),
        ]
        return [type(await outcome(end)) for end in ends]

    assert asyncio.run(main()) == [AppError, JobCancelled, Timeout]


def test_async_iteration_takes_each_partial_result_as_it_comes() -> None:
    """Without holding up the loop."""

    async def main() -> tuple[list[int], list[int], int]:
        job = job_with()
        taken: list[int] = []
        turn = asyncio.Event()

        async def feed() -> None:
            for number in range(20):
                tell(job, *yielded(number))
                await turn.wait()
                turn.clear()
            tell(job, completed("end"))

        feeding = asyncio.create_task(feed())
        async for value in job:
            taken.append(value)
            turn.set()
        await feeding
        return taken, [value async for value in job], len(record_of(job)._listeners)

    assert asyncio.run(main()) == (list(range(20)), list(range(20)), 0)


def test_async_iteration_ends_with_the_error_after_the_good_values() -> None:
    async def take(job: Job[Any], found: list[Any]) -> None:
        async for value in job:
            found.append(value)
            if len(found) == 3:
                job.cancel()

    async def main(*events: Event) -> tuple[list[Any], type[BaseException]]:
        job = job_with()
        in_steps(job, *yielded(1, 1), *events)
        found: list[Any] = []
        with pytest.raises((AppError, ConnectionLost, JobCancelled)) as caught:
            await take(job, found)
        return found, caught.type

    assert asyncio.run(main(Failed("boom"))) == ([1, 1], AppError)
    assert asyncio.run(main(Lost("gone"))) == ([1, 1], ConnectionLost)
    assert asyncio.run(main(*yielded(2))) == ([1, 1, 2], JobCancelled)


def test_who_gives_up_waiting_gives_up_the_call() -> None:
    """By a timeout or by cancelling the task, awaiting or iterating."""

    async def iterate(job: Job[Any]) -> None:
        async for _ in job:
            pass

    async def main() -> list[bool]:
        jobs = [job_with() for _ in range(4)]
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(jobs[0], 0.001)
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(iterate(jobs[1]), 0.001)
        tasks = [asyncio.create_task(iterate(jobs[2])), asyncio.ensure_future(jobs[3]._wait())]
        await asyncio.sleep(0)  # both have begun to wait
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return [job.cancelled() for job in jobs]

    assert asyncio.run(main()) == [True] * 4


def test_who_stops_iterating_only_stops_iterating() -> None:
    async def main() -> bool:
        job = job_with(*yielded(1, 2))
        async for _ in job:
            break
        return job.done()

    assert not asyncio.run(main())


def test_a_loop_that_was_closed_does_no_harm_to_the_job() -> None:
    """Nobody waits there any more; the others are told."""
    job = job_with()
    loop = asyncio.new_event_loop()
    waiting = loop.create_task(job._wait())
    loop.call_soon(loop.stop)
    loop.run_forever()
    assert len(record_of(job)._listeners) == 1
    watcher = Watcher(job.result)
    waiting._log_destroy_pending = False  # type: ignore[attr-defined]
    loop.close()
    tell(job, *yielded(1), completed("x"))
    assert watcher.outcome() == "x"


# What is known of a call.


def test_the_status_follows_the_call() -> None:
    job = job_with()
    units = (Unit(1, 3, "steps", None, None),)
    seen = [job.status]
    for event in (
        Queued(2, 5, 1.5),
        Queued(0, 1, None),
        Started(3.0),
        Progressed(units),
        Yielded((1,)),
        completed(1),
    ):
        tell(job, event)
        seen.append(job.status)
    assert seen == [
        Status(),
        Status("queued", rank=2, queue_size=5, eta=1.5),
        Status("queued", rank=0, queue_size=1),
        Status("running", queue_size=1, eta=3.0),
        Status("running", queue_size=1, eta=3.0, progress=units),
        Status("running", queue_size=1, eta=3.0, progress=units),
        Status("finished", queue_size=1, progress=units),
    ]
    assert repr(job) == "<Job predict finished>"


def test_a_job_runs_from_the_first_sign_of_it_to_its_end() -> None:
    """A cached result comes without a word that the call began."""
    job = job_with(Queued(0, 1, None))
    assert not job.running()
    tell(job, *yielded(1))
    assert job.running()
    tell(job, completed(1))
    assert not job.running()


def test_what_the_app_says_is_kept_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "gradioproxy")
    job = job_with(
        Logged("info", "one", None), Logged("warning", "two", "Oh"), Logged("success", "%s", None)
    )
    assert job.logs == [Log("info", "one"), Log("warning", "two", "Oh"), Log("success", "%s")]
    assert [str(entry) for entry in job.logs] == ["one", "Oh: two", "%s"]
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        ("INFO", "predict: one"),
        ("WARNING", "predict: two"),
        ("INFO", "predict: %s"),
    ]


def test_what_the_app_says_is_one_line_of_a_log(caplog: pytest.LogCaptureFixture) -> None:
    """It could look like lines of somebody else; where it is kept, it is as it was."""
    caplog.set_level(logging.INFO, "gradioproxy")
    said = "hello\nINFO:root:forged \u2028 line\n" + "x" * 5000
    job = job_with(Logged("error", said, None))
    assert job.logs == [Log("error", said)]
    [record] = caplog.records
    assert record.levelname == "ERROR"
    assert record.getMessage().startswith("predict: hello INFO:root:forged line xxx")
    assert len(record.getMessage()) < 1100


def test_news_of_the_status_wake_whoever_waits_for_them() -> None:
    job = job_with()
    known = job.status
    watcher = Watcher(lambda: record_of(job).wait_for_news(known, SECONDS))
    tell(job, Started(None))
    assert watcher.outcome() == Status("running")
    watcher = Watcher(lambda: record_of(job).wait_for_news(None, SECONDS))
    tell(job, completed())
    assert watcher.outcome() == Status("finished")


ENDS: list[tuple[Event, type[Exception]]] = [
    (Failed("boom"), AppError),
    (Lost("gone"), ConnectionLost),
    (Refused("full", "full"), QueueFull),
]


@pytest.mark.parametrize(("end", "kind"), ENDS)
def test_an_error_tells_the_story_of_its_call(end: Event, kind: type[Exception]) -> None:
    """Without the values, which are large and private."""
    job = job_with(Queued(0, 1, None), *yielded("private"))
    record_of(job).note("join")
    record_of(job).set_event_id("id")
    tell(job, end)
    error = job.exception()
    assert type(error) is kind
    assert isinstance(error, AppError | ConnectionLost | QueueFull)
    report = error.report()
    for words in ("predict(x=1)", "http://app", "Queued(rank=0", "Yielded(1 value)", "join"):
        assert words in report
    assert "private" not in report


# What goes wrong on our side.


def failing(*_: object) -> Any:
    raise ZeroDivisionError("a defect")


def test_a_value_that_can_not_be_decoded_ends_the_job() -> None:
    """Nobody waits for ever because of it."""
    job = job_with(completed(1), decode=failing)
    assert isinstance(job.exception(SECONDS), ZeroDivisionError)
    job = job_with(*yielded(1), decode=failing)
    watcher = Watcher(lambda: next(iter(job)))
    assert isinstance(watcher.outcome(), ZeroDivisionError)
    tell(job, Failed("boom"))
    assert isinstance(job.exception(SECONDS), AppError)


@pytest.mark.parametrize("event", [Yielded(("a", "b")), Completed(("a", "b"))])
def test_what_can_be_no_result_ends_the_job(event: Event) -> None:
    """It ends with the good partial results, and the app is told to stop."""
    withdrawn: list[Any] = []

    def check(data: tuple[Any, ...]) -> None:
        if len(data) != 1:
            raise ProtocolError("one value more than outputs")

    def decode(data: tuple[Any, ...]) -> Any:
        check(data)
        return data[0]

    job = job_with(check=check, decode=decode, withdraw=withdrawn.append)
    tell(job, Yielded(("good",)), event)

    with pytest.raises(ProtocolError, match="one value more"):
        job.result(0)
    assert job.outputs == ["good"]
    assert withdrawn == [record_of(job)]


def test_an_error_that_can_not_be_told_about_is_one_all_the_same() -> None:
    """What is shown of a call are the caller's objects, which may do anything."""

    class Arguments(dict[str, Any]):
        items = failing

    job = job_with(Failed("boom"), arguments=Arguments())
    error = job.exception(SECONDS)
    assert isinstance(error, AppError)
    assert error.trace is None


def test_a_log_handler_that_fails_leaves_nobody_waiting() -> None:
    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            raise ZeroDivisionError(record)

    log = logging.getLogger("gradioproxy")
    handler = Handler()
    log.addHandler(handler)
    try:
        job = job_with(Logged("warning", "x", None))
    finally:
        log.removeHandler(handler)
    assert isinstance(job.exception(SECONDS), ZeroDivisionError)


@needs_fork
def test_a_forked_child_ends_its_jobs_whoever_holds_their_locks() -> None:
    """Callbacks are the parent's, which calls them when the call is over."""
    called: list[Any] = []
    job = job_with(*yielded(1))
    job.add_done_callback(called.append)
    holding, leave = threading.Event(), threading.Event()

    def hold() -> None:
        with record_of(job)._changed, job._teller._lock, job._condition:
            holding.set()
            leave.wait(SECONDS)

    holder = threading.Thread(target=hold)
    holder.start()
    assert holding.wait(SECONDS)

    def failing_callback(_: object) -> None:
        raise ZeroDivisionError

    def check() -> None:
        assert (job.done(), job.cancelled(), job.cancel()) == (True, False, False)
        assert concurrent.futures.wait([job], 0).done == {job}
        assert list(concurrent.futures.as_completed([job], 0)) == [job]
        for ask in (job.result, lambda: list(job)):
            with pytest.raises(ConnectionLost, match="belongs to the process that"):
                ask()
        assert called == []
        job.add_done_callback(called.append)
        job.add_done_callback(failing_callback)
        assert called == [job]

    assert ends_well_in_child(check)
    leave.set()
    holder.join(SECONDS)
    assert not job.done()


@needs_fork
@pytest.mark.parametrize("end", [End("finished", 1), CANCELLED])
def test_a_child_knows_how_a_job_ended_before_the_fork(end: End) -> None:
    """Also if the future was about to be told."""
    job = job_with()
    record_of(job)._finish(end)

    def check() -> None:
        assert job.done()
        assert job.cancelled() is (end is CANCELLED)
        assert concurrent.futures.wait([job], 0).done == {job}

    assert ends_well_in_child(check)


# Where the end is interrupted.


def interrupt_at(line: int, function: Callable[[], object]) -> bool:
    """Call a function, and press Ctrl-C at a line of ours; tell whether there are so many."""
    left = line

    def trace(frame: FrameType, what: str, _: Any) -> Any:
        nonlocal left
        if "/gradioproxy/" not in frame.f_code.co_filename:
            return None
        left -= what == "line"
        if left == 0:
            sys.settrace(None)
            raise KeyboardInterrupt
        return trace

    sys.settrace(trace)
    try:
        function()
    except KeyboardInterrupt:
        return True
    finally:
        sys.settrace(None)
    return False


def test_a_cancel_that_is_interrupted_anywhere_can_be_repeated() -> None:
    """As the end of the session does; then everybody knows, and the server is told."""
    for line in itertools.count(1):
        told: list[Any] = []
        called: list[Any] = []
        job = job_with(withdraw=told.append)
        job.add_done_callback(called.append)
        if not interrupt_at(line, job.cancel):
            break
        assert job.cancel()
        assert concurrent.futures.wait([job], 0).done == {job}
        assert (job.status.stage, job.cancelled()) == ("cancelled", True)
        assert {*told} == {record_of(job)}, line
        assert called in ([job], []), line  # as it is with any future
    assert line > 30


def test_nobody_sees_an_end_that_has_not_come() -> None:
    """The status of a job that failed is that of one that is done, whatever it has to decode."""
    seen = []

    def decode(data: tuple[Any, ...]) -> Any:
        seen.append((job.status.stage, job.done()))
        return data[0]

    job = job_with(*yielded(1, 2), decode=decode)
    tell(job, Failed("boom"))
    assert {*seen} == {("running", False)}
    assert (job.status.stage, job.done()) == ("failed", True)


def test_a_result_that_comes_with_the_cancel_is_not_decoded() -> None:
    """It would be by whoever cancels, be it an event loop."""
    job = job_with(decode=lambda _: pytest.fail("it was decoded"))
    record_of(job).handle(completed(5))  # and before anything comes of it:
    assert job.cancel()
    assert job.outputs == []
    with pytest.raises(JobCancelled):
        list(job)


def test_a_stream_may_be_collected_while_its_own_result_is_decoded() -> None:
    """Wherever the collector runs, nobody waits for anybody."""
    address = SimpleNamespace(url="http://app", join=lambda path: f"http://app{path}")
    transport = cast("Transport", SimpleNamespace(address=address, hide=str))

    class Collecting(CallFiles):
        collected: Stream[Any]

        def make_file(self, raw: Any) -> Any:
            with self._lock:  # where the collector runs
                self.collected.job.cancel()
            return super().make_file(raw)

    files = Collecting(transport, "", None, lambda task: task())
    raw = {"path": "x/playlist.m3u8", "is_stream": True, "url": "http://app/x/playlist.m3u8"}
    job = make_job(0, files=files, decode=lambda _: files.make_file(raw))
    files.collected = Stream(job)
    watcher = Watcher(lambda: tell(job, completed(raw)))
    assert watcher.outcome() is None
    assert job.cancelled()
