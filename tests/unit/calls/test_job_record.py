"""What is known of a job's call: it goes on without the job, and keeps neither job nor session."""

from __future__ import annotations

import concurrent.futures
import contextlib
import gc
import logging
import weakref
from typing import TYPE_CHECKING, Any

import pytest

from gradioproxy import forksafe
from gradioproxy.errors import AppError, ConnectionLost, JobCancelled, ProtocolError
from gradioproxy.protocols.events import Completed, Failed, Logged, Yielded
from gradioproxy.schema.shape import ANYTHING
from gradioproxy.values.decode import Decoder
from tests.support.processes import ends_well_in_child, needs_fork
from tests.support.schemas import endpoint, result
from tests.support.scripted_peer import Runtime, make_job, record_of, tell

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gradioproxy.calls.job import Job
    from gradioproxy.calls.job_record import JobRecord
    from gradioproxy.protocols.events import Event


@pytest.fixture
def no_collector() -> Iterator[None]:
    """Let nothing go but what nobody holds."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def happen(record: JobRecord, *events: Event) -> None:
    """Let things happen to a call whose job nobody has."""
    for event in events:
        record.handle(event)
        record.run_effects()


# Whoever has a job sees what is for callers.


def test_a_job_shows_nothing_that_is_not_for_its_caller() -> None:
    """By Tab, that is; the rest is what any future has."""
    own = {"event_id", "logs", "new_outputs", "outputs", "status", "updates"}
    shown = {name for name in dir(make_job()) if not name.startswith("_")}
    assert shown == own | {
        name for name in dir(concurrent.futures.Future) if not name.startswith("_")
    }


def test_partial_results_that_came_together_are_told_once() -> None:
    """All of them are there by then, and one that can't be right ends the call."""

    def check(data: Any) -> None:
        if len(data) > 1:
            raise ProtocolError("one too many")

    job = make_job(check=check)
    record = record_of(job)
    happen(record, Yielded((0,)))
    seen: list[tuple[Any, ...]] = []
    record.add_listener(lambda: seen.append(tuple(record.decode_outputs())))
    record.handle(Yielded((1,)), Yielded((2,)), Yielded((3,)))
    record.run_effects()
    assert seen == [(0, 1, 2, 3)]
    record.handle(Yielded((4,)), Yielded((5, 6)), Yielded((7,)))
    record.run_effects()
    assert record.status.stage == "failed"
    assert isinstance(job.exception(), ProtocolError)


# A job that nobody has any more.


def test_the_call_of_a_job_that_was_dropped_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    """To its end, with log lines."""
    caplog.set_level(logging.INFO, "gradioproxy")
    record = record_of(make_job())
    happen(record, Yielded((1,)), Logged("info", "one", None), Completed((2,)), Failed("late"))
    assert (record.status.stage, record.decode_outputs()) == ("finished", [1])
    assert [entry.getMessage() for entry in caplog.records] == ["predict: one"]


def test_callbacks_of_a_job_that_was_dropped_are_called_with_it() -> None:
    """It is done by then, and whoever waits for it there is told."""
    found: list[Any] = []

    def look(job: concurrent.futures.Future[Any]) -> None:
        found.append((concurrent.futures.wait([job], 0).done == {job}, job.result(0)))

    job = make_job()
    job.add_done_callback(look)
    record = record_of(job)
    del job
    happen(record, Completed((1,)))
    assert found == [(True, 1)]


@pytest.mark.usefixtures("no_collector")
@pytest.mark.parametrize("called", [False, True])
def test_a_job_is_kept_by_its_call_only_for_callbacks(called: bool) -> None:
    """And no longer than to the end."""
    job = make_job()
    if called:
        job.add_done_callback(lambda _: None)
    record, gone = record_of(job), weakref.ref(job)
    del job
    assert (gone() is not None) is called
    happen(record, Completed((1,)))
    assert gone() is None


ENDS: list[Callable[[Job[Any]], object]] = [
    lambda job: tell(job, Yielded((1,)), Completed((1,))),
    lambda job: tell(job, Failed("boom")),
    lambda job: record_of(job).expire(),
    lambda job: job.cancel(),
]


@pytest.mark.usefixtures("no_collector")
@pytest.mark.parametrize("end", ENDS)
def test_a_job_keeps_neither_itself_nor_its_session(end: Callable[[Job[Any]], object]) -> None:
    """Once its call is over, the session goes; with the last who has the job, that goes too."""
    runtime = Runtime()
    job = make_job(runtime=runtime)
    job.add_done_callback(lambda _: None)
    home, future, record = map(weakref.ref, (runtime, job, record_of(job)))
    del runtime
    end(job)
    with contextlib.suppress(concurrent.futures.CancelledError):
        assert job.exception(0) is None or isinstance(job.exception(0), Exception)
    assert home() is None
    del job
    assert (future(), record()) == (None, None)


class Owner:
    """Something in a circle that gives up its job, and asks it, when the collector finds it."""

    def __init__(self, ask: Callable[[Job[Any]], Any], found: list[Any]) -> None:
        self.job = make_job()
        self.me = self
        self.ask = ask
        self.found = found

    def __del__(self) -> None:
        assert self.job.cancel()
        try:
            self.found.append(self.ask(self.job))
        except JobCancelled as error:
            self.found.append(type(error))


@pytest.mark.parametrize(
    ("ask", "answer"),
    [
        (lambda job: job.result(0), JobCancelled),
        (lambda job: job.exception(0), JobCancelled),
        (lambda job: job.cancelled(), True),
        (lambda job: (job.done(), concurrent.futures.wait([job], 0).done == {job}), (True, True)),
    ],
)
def test_a_job_that_is_asked_by_a_finalizer_knows_its_end(
    ask: Callable[[Job[Any]], Any], answer: Any
) -> None:
    """When the collector calls that, no weak reference leads to the job any more."""
    found: list[Any] = []
    Owner(ask, found)
    gc.collect()
    assert found == [answer]


# In a forked child.


def test_a_child_may_begin_while_a_record_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    """By a fork in another thread: what is half made stops no other from starting anew."""
    monkeypatch.setattr(forksafe, "register", lambda restartable: restartable.after_fork())
    make_job()


@needs_fork
def test_a_child_ends_the_calls_of_jobs_that_were_dropped() -> None:
    """And keeps none of those jobs for callbacks, which are the parent's."""
    called: list[Any] = []
    dropped, kept = make_job(), make_job()
    dropped.add_done_callback(called.append)
    kept.add_done_callback(called.append)
    record, gone = record_of(dropped), weakref.ref(dropped)
    del dropped

    def check() -> None:
        assert (record.is_over, gone(), called) == (True, None, [])
        assert concurrent.futures.wait([kept], 0).done == {kept}
        with pytest.raises(ConnectionLost):
            kept.result(0)

    assert ends_well_in_child(check)
    happen(record, Failed("boom"))
    assert isinstance(called[0].exception(0), AppError)
    assert not kept.done()


@pytest.mark.parametrize(
    ("result_only", "events", "same"),
    [
        (True, [Completed(([1],))], True),
        (True, [Yielded(([1],)), Completed(([1],))], False),
        (False, [Completed(([1],))], False),
    ],
)
def test_a_result_is_what_came_only_where_nobody_else_sees_that(
    result_only: bool, events: list[Completed | Yielded], same: bool
) -> None:
    """A large one takes no second place then; and else each partial result is a copy of its own."""
    called = endpoint(results=[result("Any", ANYTHING, "JSON")])
    decoder = Decoder(called, None, dict)  # type: ignore[arg-type]
    job = make_job(decoder=decoder, result_only=result_only)
    tell(job, *events)
    assert job.result() == [1]
    assert (job.result() is events[-1].data[0]) is same
    assert job.outputs == ([] if same else [[1]])
