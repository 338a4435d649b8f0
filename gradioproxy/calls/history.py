"""The jobs that a session remembers: a bounded number, by one of three policies."""

from __future__ import annotations

import itertools
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, Literal

from .. import forksafe
from ..errors import TooManyJobs
from ..notices import warn_user

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..options import JobsPolicy
    from .job import Job
    from .record import CallRecord


class JobHistory:
    """Jobs in the order in which they began.

    Args:
        limit: How many are kept.
        policy: What to do beyond: ``forget`` the oldest that is finished, ``warn`` and keep it, or
            ``error``.
    """

    def __init__(self, limit: int, policy: JobsPolicy) -> None:
        self._limit = limit
        self._policy = policy
        self._lock = forksafe.RLock()
        # Each with what tells whether it is over: who asks the job itself has it told of its end.
        self._jobs: dict[Job[Any], CallRecord] = {}

    @property
    def limit(self) -> int:
        """How many are kept."""
        return self._limit

    @limit.setter
    def limit(self, limit: int) -> None:
        with self._lock:
            self._limit = limit
            if self._policy == "forget":
                self._forget_down_to(limit)

    def add(self, job: Job[Any], record: CallRecord) -> None:
        """Remember a job.

        Args:
            job: The job.
            record: What is known of its call.

        Raises:
            TooManyJobs: There are as many as there may be, and the policy is ``error``.
        """
        with self._lock:
            full = len(self._jobs) >= self._limit
            if full and self._policy == "forget":
                self._forget_down_to(self._limit - 1)  # with room for this one
            elif full and self._policy == "error":
                raise TooManyJobs(
                    f"The session remembers {len(self._jobs)} jobs already. Forget some with "
                    "session.forget('finished'), or connect with a larger max_jobs."
                )
            self._jobs[job] = record
        if full and self._policy == "warn":
            warn_user(
                f"The session remembers more than {self._limit} jobs; see session.forget().",
                RuntimeWarning,  # Python shows no ResourceWarning unless it is asked to
            )

    def list(self) -> list[Job[Any]]:
        """Return the jobs."""
        with self._lock:
            return [*self._jobs]

    def forget(self, which: Iterable[Job[Any]] | Literal["finished", "all"]) -> None:
        """Forget jobs; those that are under way go on.

        Raises:
            ValueError: *which* is another word.
        """
        if isinstance(which, str) and which not in {"finished", "all"}:
            raise ValueError(f"forget() takes jobs, 'finished' or 'all', not {which!r}")
        # A job is iterable itself, by its results.
        forgotten = {which} if isinstance(which, Future) else set(which)
        with self._lock:
            self._jobs = {
                job: record
                for job, record in self._jobs.items()
                if not (
                    which == "all" or job in forgotten or (which == "finished" and record.is_over)
                )
            }

    def clear(self) -> None:
        """Forget every job, those under way as well."""
        with self._lock:
            self._jobs = {}

    def _forget_down_to(self, count: int) -> None:
        """Forget the oldest that are finished; those under way are never lost sight of."""
        surplus = len(self._jobs) - max(count, 0)
        over = (job for job, record in self._jobs.items() if record.is_over)
        for job in [*itertools.islice(over, max(surplus, 0))]:
            del self._jobs[job]
