"""A session remembers a bounded number of jobs, and never loses one that is under way."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import pytest

from gradioproxy.calls.history import JobHistory
from gradioproxy.errors import TooManyJobs
from tests.support.scripted_peer import make_job, record_of

if TYPE_CHECKING:
    from gradioproxy.calls.job import Job
    from gradioproxy.options import JobsPolicy


def job(*, done: bool = False) -> Job[Any]:
    """Make a job."""
    made = make_job(name="f")
    if done:
        made.cancel()
    return made


def memory_of(limit: int, policy: JobsPolicy, *jobs: Job[Any]) -> JobHistory:
    """Return a memory with jobs in it."""
    memory = JobHistory(limit, policy)
    for one in jobs:
        add(memory, one)
    return memory


def add(memory: JobHistory, job: Job[Any]) -> None:
    """Let a job be remembered."""
    memory.add(job, record_of(job))


def test_jobs_are_listed_in_order() -> None:
    """Jobs are there in the order in which they began; the list is the caller's own."""
    jobs = [job(), job(done=True), job()]
    memory = memory_of(5, "forget", *jobs)

    assert memory.list() == jobs
    memory.list().clear()
    assert memory.list() == jobs


def test_the_oldest_that_is_finished_is_forgotten() -> None:
    """Beyond the limit a finished job makes room; those under way stay, however many they are."""
    running, first, second = job(), job(done=True), job(done=True)
    memory = memory_of(3, "forget", running, first, second)

    more = [job(), job(), job(), job()]
    add(memory, more[0])
    assert memory.list() == [running, second, more[0]]
    add(memory, more[1])
    assert memory.list() == [running, *more[:2]]
    add(memory, more[2])
    add(memory, more[3])
    assert memory.list() == [running, *more]


def test_the_memory_warns() -> None:
    """The policy ``warn`` keeps all jobs and says how to forget some, so that people see it."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        memory = memory_of(2, "warn", job(done=True), job(done=True))
    with pytest.warns(RuntimeWarning, match=r"more than 2 jobs; see session\.forget\(\)"):
        add(memory, job())
    assert len(memory.list()) == 3


def test_the_memory_refuses() -> None:
    """The policy ``error`` takes no job beyond the limit, and says what to do."""
    memory = memory_of(2, "error", job(done=True), job())
    with pytest.raises(TooManyJobs, match=r"2 jobs already\. Forget some with"):
        add(memory, job())
    assert len(memory.list()) == 2

    memory.forget("finished")
    add(memory, job())
    assert len(memory.list()) == 2
    assert issubclass(TooManyJobs, RuntimeError)


def test_forgetting() -> None:
    """Jobs are forgotten by themselves, one or several, all or those that are finished."""
    jobs = [job(), job(done=True), job(), job(done=True), job()]
    memory = memory_of(9, "forget", *jobs)

    memory.forget([jobs[0], job()])
    assert memory.list() == jobs[1:]
    memory.forget(iter([jobs[1]]))
    assert memory.list() == jobs[2:]
    memory.forget("finished")
    assert memory.list() == [jobs[2], jobs[4]]
    memory.forget([])
    assert memory.list() == [jobs[2], jobs[4]]
    memory.forget("all")
    assert memory.list() == []
    assert [one.done() for one in jobs] == [False, True, False, True, False]


def test_forgetting_one_job_does_not_wait_for_it() -> None:
    """A job that is passed alone is meant itself, and not its results."""
    running = job()
    memory = memory_of(9, "forget", running, job())

    memory.forget(running)

    assert running not in memory.list()
    assert len(memory.list()) == 1


@pytest.mark.parametrize("word", ["finishd", "", "ALL", "fin"])
def test_another_word_is_an_error(word: Any) -> None:
    """A word that says nothing forgets nothing in silence."""
    memory = memory_of(9, "forget", job(done=True))
    with pytest.raises(ValueError, match="forget\\(\\) takes jobs, 'finished' or 'all'"):
        memory.forget(word)
    assert len(memory.list()) == 1


def test_a_forked_child_starts_anew() -> None:
    """The jobs are the parent's."""
    memory = memory_of(1, "error", job())
    memory.clear()
    assert memory.list() == []
    add(memory, job())
    with pytest.raises(TooManyJobs):
        add(memory, job())


def test_a_limit_that_was_lowered_is_reached_when_jobs_have_ended() -> None:
    """As soon as another one begins: those that were under way then go as well."""
    jobs = [job() for _ in range(4)]
    memory = memory_of(5, "forget", *jobs)
    memory.limit = 2
    assert memory.list() == jobs
    for each in jobs:
        each.cancel()
    last = job()
    add(memory, last)
    assert memory.list() == [jobs[3], last]
