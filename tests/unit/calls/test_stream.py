"""Streams: partial results with the call that they belong to."""

from __future__ import annotations

import gc
from typing import Any

import pytest

from gradioproxy.calls.stream import Stream
from gradioproxy.errors import AppError, JobCancelled
from gradioproxy.protocols.events import Completed, Failed, Yielded
from tests.support.scripted_peer import make_job, tell


def stream_with(*values: Any, **facts: Any) -> Stream[Any]:
    """Return the stream of a job that yields these and goes on."""
    stream: Stream[Any] = Stream(make_job(0, **facts))
    tell(stream.job, *(Yielded((value,)) for value in values))
    return stream


def test_a_stream_is_an_iterator_over_the_partial_results() -> None:
    """Of which the job itself keeps none."""
    stream = stream_with(1, 1, 2)
    assert iter(stream) is stream
    assert next(stream) == 1
    tell(stream.job, Completed((2,)))
    assert list(stream) == [1, 2]
    assert list(stream) == []
    assert stream.job.outputs == []
    assert stream.job.result() == 2
    assert repr(stream) == "<Stream of <Job predict finished>>"


def test_the_error_comes_last() -> None:
    stream = stream_with(1)
    tell(stream.job, Failed("boom"))
    assert next(stream) == 1
    with pytest.raises(AppError, match="boom"):
        next(stream)
    with pytest.raises(StopIteration):
        next(stream)


def test_closing_cancels_the_call() -> None:
    """It may be closed again; what it has still to give is given before it says so."""
    stream = stream_with(1, 2)
    stream.close()
    stream.close()
    assert stream.job.cancelled()
    assert [next(stream), next(stream)] == [1, 2]
    with pytest.raises(JobCancelled):
        next(stream)


def test_leaving_the_block_cancels_the_call() -> None:
    with stream_with(1) as stream:
        assert next(stream) == 1
    assert stream.job.cancelled()


def test_what_was_raised_in_the_block_goes_on() -> None:
    with pytest.raises(ZeroDivisionError), stream_with(1) as stream:
        raise ZeroDivisionError
    assert stream.job.cancelled()


def test_a_stream_of_a_call_that_is_done_cancels_nothing() -> None:
    with stream_with(1, withdraw=lambda _: pytest.fail("it was withdrawn")) as stream:
        tell(stream.job, Completed((1,)))
    del stream
    gc.collect()


def test_a_stream_that_nobody_has_any_more_cancels_its_call() -> None:
    """Whether it was begun or not, and also where it is part of a cycle."""
    stream = stream_with(1, 2)
    begun, never, cyclic = stream.job, stream_with().job, stream_with().job
    assert never.cancelled()
    assert next(stream) == 1
    assert not begun.done()
    del stream
    assert begun.cancelled()
    assert cyclic.cancelled()
    knot: list[Any] = [stream_with(1)]
    knot.append(knot)
    tied = knot[0].job
    assert not tied.done()
    del knot
    gc.collect()
    assert tied.cancelled()


def test_an_iteration_that_is_left_cancels_the_call() -> None:
    """As with a generator: nobody can go on with it."""
    records: list[Any] = []
    for _ in stream_with(1, 2, withdraw=records.append):
        break
    assert [record.status.stage for record in records] == ["cancelled"]


def test_an_interrupt_cancels_the_call() -> None:
    """Ctrl-C while it waits for the next value."""

    def interrupted(_: object) -> Any:
        raise KeyboardInterrupt

    stream = stream_with(1, decode=interrupted)
    with pytest.raises(KeyboardInterrupt):
        next(stream)
    assert stream.job.cancelled()


def test_where_no_thread_can_be_started_a_lost_stream_makes_no_noise() -> None:
    """At the end of the interpreter, when the connection ends as well."""

    def refused(_: object) -> None:
        raise RuntimeError("can't start new thread at interpreter shutdown")

    stream = stream_with(1, withdraw=refused)
    job = stream.job
    del stream
    assert job.cancelled()


def test_a_stream_that_was_never_made_makes_no_noise() -> None:
    """Its constructor failed; there is no call to cancel."""
    with pytest.raises(AttributeError):
        Stream(None)  # type: ignore[arg-type]
    gc.collect()
