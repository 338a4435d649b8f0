"""The calls that an engine is at, each with the timer that ends it if it has one."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from .. import forksafe

if TYPE_CHECKING:
    from .job_record import JobRecord
    from .record import CallRecord
    from .workers import Timers


class UnderWay:
    """Calls, by their records.

    Args:
        timers: Ends those that take longer than they may.
    """

    def __init__(self, timers: Timers) -> None:
        self._timers = timers
        self._lock = forksafe.RLock()
        self._records: dict[CallRecord, int | None] = {}

    def list(self) -> list[CallRecord]:
        """Return their records."""
        with self._lock:
            return [*self._records]

    def add(self, record: CallRecord, timed: JobRecord | None = None) -> None:
        """Take a call in.

        Args:
            record: Its record.
            timed: The same, if its ``call_timeout`` is kept here.

        Raises:
            RuntimeError: There is no thread to do that, and the system gives us none.
        """
        timeout = None if timed is None else timed.request.options.call_timeout
        with self._lock:
            self._records[record] = None
            if timed is not None and timeout is not None:
                self._records[record] = self._timers.set(timeout, timed.expire)

    def drop(self, record: CallRecord) -> None:
        """Take note that a call is not under way any more."""
        with self._lock:
            timer = self._records.pop(record, None)
        if timer is not None:
            self._timers.clear(timer)

    def leave(self, deadline: float) -> None:
        """Tell the server that they are given up, on this thread: the interpreter ends.

        Args:
            deadline: When to stop, by `time.monotonic`.
        """
        records = self.list()
        for record in records:
            record.drop_files()
        for record in records:
            if time.monotonic() > deadline:
                break
            if record.seat is not None:
                lane, number = record.seat
                lane.cancel_at_exit(number)
