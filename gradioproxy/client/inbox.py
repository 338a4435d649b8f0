"""What came of a primitive call, from the server's messages to the updates that a caller sees."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from ..calls import failures as faults
from ..calls.call import Receiver
from ..calls.failures import own_error
from ..calls.status import ENDED, Status, advanced, ended
from ..errors import JobCancelled, Trace
from ..protocols import events

if TYPE_CHECKING:
    from ..errors import GradioProxyError


class Update(NamedTuple):
    """Something that happened to a call.

    Attributes:
        num: Its number, from 1.
        name: ``generating`` (a partial result), ``complete``, ``error`` or ``heartbeat`` (nothing
            happened for a while).
        data: What the server sent: a list with one value for each output; of an error an object,
            or ``None`` if the app hides it.
        time: When it came, in seconds since the epoch.
    """

    num: int
    name: str
    data: Any
    time: float


Update.__module__ = "gradioproxy"  # whose body takes fields alone


class Inbox(Receiver):
    """What came of a call, until somebody asks for it."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.status = Status()
        self.error: GradioProxyError | None = None
        self._name = name
        self._news: deque[tuple[str, Any, float]] = deque()

    def done(self) -> bool:
        """Tell whether the call is over."""
        return self.status.stage in ENDED

    def update(self, **changes: Any) -> None:
        """Change the status."""
        with self._changed:
            if not self.done():
                self.status = replace(self.status, **changes)

    def note(self, what: str) -> None:
        """Do nothing: there is no report to write."""

    def receive(self, event: events.Event) -> None:
        """Take what happened to the call."""
        with self._changed:
            if self.done():
                return
            match event:
                case events.Yielded(data):
                    self._add("generating", list(data))
                case events.Completed(data):
                    self._add("complete", list(data))
                case events.Failed() | events.Refused() | events.Lost() | events.Cancelled():
                    error = faults.error_for(event, self._name, sent=self.withhold())
                    self.error = self._completed(error)
                    self._add("error", event.raw if isinstance(event, events.Failed) else None)
            self.status = advanced(self.status, event)

    def fail(self, error: BaseException) -> None:
        """End it with an error."""
        with self._changed:
            if self.done():
                return
            self.error = self._completed(own_error(error)) if isinstance(error, Exception) else None
            self.status = ended(self.status, "failed")
            self._add("error", None)

    def cancel(self) -> bool:
        """End it here; tell whether it was not over before."""
        with self._changed:
            if self.done():
                return False
            self.error = self._completed(JobCancelled(f"{self._name} was cancelled."))
            self.status = ended(self.status, "cancelled")
            self._add("error", None)
            return True

    def next(self, timeout: float) -> tuple[str, Any, float] | None:
        """Return what came next, ``None`` if nothing did in so many seconds."""
        with self._changed:
            self._changed.wait_for(lambda: self._news, timeout)
            return self._news.popleft() if self._news else None

    def _completed(self, error: GradioProxyError) -> GradioProxyError:
        sent = self.withhold()
        faults.complete(error, Trace(), event_id=self.event_id, sent=sent, outputs=lambda: ())
        return error

    def _add(self, name: str, data: Any) -> None:
        self._news.append((name, data, time.time()))
        self._changed.notify_all()
