"""What came of a primitive call, from the server's messages to the updates that a caller sees."""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING, Any, NamedTuple

from ..calls.failures import add_call_details, error_for, own_error
from ..calls.partial_results import UNREAD
from ..calls.record import CallRecord
from ..calls.status import ENDED, advance_status, end_status
from ..errors import GradioProxyError, JobCancelled, TooLarge, Trace
from ..protocols import events
from ..sizes import measure_value

if TYPE_CHECKING:
    from ..calls.request import CallRequest
    from ..calls.status import Stage


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


class Inbox(CallRecord):
    """What came of a call, until somebody asks for it."""

    def __init__(self, request: CallRequest) -> None:
        # Before it is registered there: another thread may fork, and the child ends the call.
        self.error: GradioProxyError | None = None
        self._news: deque[tuple[str, Any, float]] = deque()
        # Of the partial results among them, in the same order.
        self._sizes: deque[int] = deque()
        self._size = 0
        super().__init__(request)

    @property
    def is_over(self) -> bool:
        """Whether the call is over."""
        return self._status.stage in ENDED

    def note(self, what: str) -> None:
        """Do nothing: there is no report to write."""

    def handle(self, *happened: events.Event) -> None:
        """Note what happened to the call, unless it is over."""
        with self._changed:
            for event in happened:
                if not self.is_over:
                    self._handle(event)

    def _handle(self, event: events.Event) -> None:
        match event:
            case events.Yielded():
                if not self._add_partial(list(event.data)):
                    return
            case events.Completed(data):
                self._add("complete", list(data))
            case events.Failed() | events.Refused() | events.Lost() | events.Cancelled():
                self.error = self._complete(
                    error_for(event, self.request.name, sent=self.withhold())
                )
                self._add("error", event.raw if isinstance(event, events.Failed) else None)
        self._set_status(advance_status(self._status, event))

    def fail(self, error: BaseException) -> None:
        """End the call with an error, unless it is over."""
        self._end(own_error(error), "failed")

    def give_up(self, error: BaseException) -> None:
        """End the call with an error of this side; whoever iterates tells the server."""
        self.fail(error)

    def cancel(self) -> bool:
        """End the call here; tell whether it was not over before."""
        return self._end(JobCancelled(f"{self.request.name} was cancelled."), "cancelled")

    def abandon(self, error: GradioProxyError) -> None:
        """End the call in a forked child, where nobody brings it to its end."""
        self._end(error, "failed")

    def next(self, timeout: float) -> tuple[str, Any, float] | None:
        """Return what came next, ``None`` if nothing did in so many seconds."""
        with self._changed:
            self._changed.wait_for(lambda: self._news, timeout)
            if not self._news:
                return None
            if self._news[0][0] == "generating":
                self._size -= self._sizes.popleft()
            return self._news.popleft()

    def _end(self, error: GradioProxyError, stage: Stage) -> bool:
        with self._changed:
            if self.is_over:
                return False
            self.error = self._complete(error)
            self._add("error", None)
            self._set_status(end_status(self._status, stage))
            return True

    def _complete(self, error: GradioProxyError) -> GradioProxyError:
        sent = self.withhold()
        add_call_details(
            error,
            Trace(),
            event_id=self.event_id,
            sent=sent,
            outputs=lambda: (),
            hide=self.request.transport.hide,
        )
        return error

    def _add_partial(self, data: list[Any]) -> bool:
        """Add a partial result, unless nobody reads those that there are: then the call ends."""
        size = measure_value(data)
        self._sizes.append(size)
        self._size += size
        self._add("generating", data)
        maximum = self.request.limits.kept
        if self._size <= maximum or len(self._sizes) == 1:
            return True
        self._end(TooLarge.of_bytes(UNREAD, "kept", maximum), "failed")
        return False

    def _add(self, name: str, data: Any) -> None:
        self._news.append((name, data, time.time()))
