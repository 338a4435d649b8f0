"""The end of a call, with a result or an error, of which a journal may have to know first.

Rule: the end is noted in one step, from which on whatever comes is ignored. A call with a journal
ends badly in two: from the first one on nothing of it is sent and it goes nowhere else, so that
what the journal is told stays true; the second one, when it was told, is the end for everybody.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from ..errors import GradioProxyError, JobCancelled
from .future import CANCELLED, End
from .record import CallRecord
from .status import end_status

if TYPE_CHECKING:
    from .call_journal import CallJournal
    from .request import CallRequest


class EndingRecord(CallRecord):
    """What is known of a call that ends in one way.

    Args:
        request: What is asked of the app.
        journal: Keeps the call's way, if anything does.

    Attributes:
        end: How it ended, once that is known.
    """

    def __init__(self, request: CallRequest, journal: CallJournal | None = None) -> None:
        # Before it is registered there: another thread may fork, and the child ends the call.
        self.end: End | None = None
        # How it ends, while the journal is told of that and nobody else.
        self._coming: End | None = None
        self._journal = journal
        super().__init__(request)

    def after_fork(self) -> None:
        """Leave the call, its journal and whoever waits for it to the parent."""
        self._journal = None
        super().after_fork()

    @property
    def is_over(self) -> bool:
        """Whether it is known how the call ended."""
        return self.end is not None

    @property
    def is_ending(self) -> bool:
        """Whether it is known how the call ends, if only here: nothing of it is sent any more."""
        return self.end is not None or self._coming is not None

    def prepare_sending(self) -> None:
        """Have it noted that what makes the app run the call is about to be sent.

        Raises:
            JournalError: That can't be written, so that nothing may be sent.
        """
        journal = self._journal
        if journal is not None and not self.is_ending:
            journal.note_sending()

    def note_unsent(self) -> None:
        """Have it noted that nothing of the call was sent, after it was about to be."""
        journal = self._journal
        if journal is not None:
            # What is not noted counts as sent, which harms nobody.
            with contextlib.suppress(GradioProxyError):
                journal.note_unsent()

    def _finish(self, end: End) -> bool:
        """Note how the call ends, unless it is over; tell whether it was not."""
        journal = self._journal
        if journal is not None and end.stage != "finished":
            chosen = self._note_in_journal(journal, end)
            if chosen is None:
                return False
            end = chosen
        with self._changed:
            if self.is_over:
                return False
            if end.stage != "finished":
                sent = self.withhold()
                if isinstance(end.value, GradioProxyError):
                    end.value.with_call(may_have_run=sent)
            self._set_status(end_status(self._status, end.stage))
            self.end, self._journal = end, None  # the session remembers the call, and not that
            return True

    def _note_in_journal(self, journal: CallJournal, end: End) -> End | None:
        """Note how the call ends badly; return that, ``None`` if another thread is at it."""
        with self._changed:
            coming = self._coming
            # What another thread does made this one fail; but who cancels goes on with what
            # Ctrl-C may have cut short.
            is_late = coming is not None and coming is not end and end is not CANCELLED
            if self.is_over or is_late:
                return None
            self._coming = chosen = coming or end
            sent = self.withhold()
        error = self.build_cancellation() if chosen.value is None else chosen.value
        # What is not noted is not known; and nobody must wait for ever.
        with contextlib.suppress(Exception):
            if isinstance(error, GradioProxyError):
                error.with_call(may_have_run=sent)
            journal.note_error(error, sent=sent)
        return chosen

    def build_cancellation(self) -> JobCancelled:
        """Return the error of a call that was given up."""
        own = JobCancelled(f"{self.request.name}() was cancelled.")
        return own.with_call(event_id=self.event_id, may_have_run=self.sent)
