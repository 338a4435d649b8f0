"""The jobs of a session as a list; what is attached is tried with real servers."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from gradioproxy.calls.history import JobHistory
from gradioproxy.client.jobs import Jobs

if TYPE_CHECKING:
    from gradioproxy.options import JobsPolicy


def remember(policy: JobsPolicy, *over: bool) -> Jobs:
    """Return the jobs of a session that has some, each of them over or not."""
    history = JobHistory(10, policy)
    for number, is_over in enumerate(over):
        history.add(cast("Any", f"job {number}"), cast("Any", SimpleNamespace(is_over=is_over)))
    connection: Any = SimpleNamespace(engine=SimpleNamespace(jobs=history))
    return Jobs(connection, cast("Any", None))


def test_fewer_are_kept_at_once() -> None:
    """The oldest that are finished go; those under way stay."""
    jobs = remember("forget", True, False, True, True)
    jobs.max_jobs = 1
    assert jobs.max_jobs == 1
    again = Jobs(jobs._connection, cast("Any", None))
    assert [str(job) for job in again] == ["job 1"]
    assert len(jobs) == 4


def test_other_policies_forget_nothing() -> None:
    jobs = remember("error", True, True)
    jobs.max_jobs = 0
    assert len(Jobs(jobs._connection, cast("Any", None))) == 2


@pytest.mark.parametrize("wrong", [-1, 1.5, "2", True, None])
def test_what_is_no_number_of_jobs(wrong: Any) -> None:
    jobs = remember("forget")
    with pytest.raises(ValueError, match="max_jobs is a number of jobs"):
        jobs.max_jobs = wrong
