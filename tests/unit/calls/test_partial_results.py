"""Partial results: who reads them gets them all, and what nobody will read is not kept."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import pytest

import gradioproxy as gp
from gradioproxy.calls.iteration import iterate
from gradioproxy.calls.partial_results import PartialResults
from gradioproxy.calls.stream import Stream
from gradioproxy.limits import Limits
from gradioproxy.protocols.events import Completed, Yielded
from tests.support.scripted_peer import make_job, record_of, tell

LIMITS = Limits(kept=100)


def add(results: PartialResults, *values: Any, size: int) -> None:
    """Add results that take so many bytes each."""
    for value in values:
        results.append((value,), size)


def test_the_oldest_are_forgotten_when_all_take_too_much() -> None:
    """The latest stays, however large it is."""
    results = PartialResults(1000, 100)
    add(results, *range(10), size=30)
    assert results.kept == [(7,), (8,), (9,)]
    assert results.count == 10
    add(results, "large", size=1000)
    assert results.kept == [("large",)]
    add(results, "small", size=1)
    assert results.kept == [("small",)]


def test_of_many_small_ones_as_many_are_kept_as_there_may_be() -> None:
    """But for a few, as they are counted some at a time."""
    results = PartialResults(100_000, 64_000)
    add(results, *range(50_000), size=10)
    assert 6_000 < len(results.kept) <= 6_400
    assert results.kept[-1] == (49_999,)
    add(results, "large", size=64_000)
    assert len(results.kept) < 64
    assert results.latest == ("large",)
    add(results, "small", size=1)
    assert results.kept == [("small",)]


def test_what_a_reader_has_read_counts_no_more() -> None:
    job: gp.Job[Any] = make_job(0, limits=LIMITS)
    record = record_of(job)
    reader = iterate(record, record.find_next())
    for number in range(100):
        tell(job, Yielded((number,), 60))
        assert next(reader) == (number,)
    assert not job.done()


@pytest.mark.parametrize("keep", [0, None])
def test_who_reads_too_slowly_loses_nothing_without_a_word(keep: int | None) -> None:
    """The call ends instead, as the app could send for ever; what there was can be read."""
    withdrawn: list[Any] = []
    job: gp.Job[Any] = make_job(keep, limits=LIMITS, withdraw=withdrawn.append)
    stream = Stream(job)
    tell(job, *(Yielded((number,), 30) for number in range(3)))
    assert not job.done()
    tell(job, *(Yielded((number,), 30) for number in range(3, 1000)), Completed((1000,)))
    assert [next(stream) for _ in range(4)] == [0, 1, 2, 3]
    with pytest.raises(gp.TooLarge, match=r"nobody has read yet, of more than 100 bytes") as raised:
        next(stream)
    assert (raised.value.limit, raised.value.maximum) == ("kept", 100)
    assert withdrawn == [record_of(job)]


def test_what_nobody_reads_or_keeps_is_let_go() -> None:
    class Value:
        """What can be watched."""

    job: gp.Job[Any] = make_job(0, limits=LIMITS)
    for _ in range(3):
        value = Value()
        watched = weakref.ref(value)
        tell(job, Yielded((value,), 60))
        del value
        gc.collect()
        assert watched() is None
    assert not job.done()
