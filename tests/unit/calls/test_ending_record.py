"""The end of a call with a journal: what that is told, when, and what can't happen meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gradioproxy.errors import AppError, ConnectionLost, JobCancelled, JournalError
from gradioproxy.protocols.events import Completed, Failed
from tests.support.processes import ends_well_in_child, needs_fork
from tests.support.scripted_peer import make_job, record_of, tell

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradioproxy.calls.job import Job
    from gradioproxy.values.decode import Decoder


class Notes:
    """A journal that is read as it is written.

    Attributes:
        told: What it was told, and whether the call was over by then.
        on_error: Called while it is told of an error.
        problem: What keeps a result from being kept.
    """

    def __init__(self) -> None:
        self.told: list[tuple[Any, ...]] = []
        self.on_error: Callable[[], object] = lambda: None
        self.problem: Exception | None = None
        self.job: Job[Any] = make_job(journal=self)

    def note_sending(self) -> None:
        """Note that the call is about to be sent."""
        self.told.append(("sending",))

    def note_unsent(self) -> None:
        """Note that nothing was."""
        self.told.append(("unsent",))

    def watch(self, decoder: Decoder) -> Decoder:
        """Return a decoder."""
        return decoder

    def keep(
        self,
        data: tuple[Any, ...],
        files: object,
        then: Callable[[], None],
        fail: Callable[[BaseException], None],
    ) -> None:
        """Keep the result, or not."""
        del files
        self.told.append((data, self.job.done()))
        if self.problem is not None:
            fail(self.problem)
        else:
            then()

    def note_error(self, error: BaseException, *, sent: bool) -> None:
        """Note an error."""
        self.told.append((type(error), sent, self.job.done()))
        self.on_error()


def test_a_result_is_kept_before_it_is_told() -> None:
    notes = Notes()
    tell(notes.job, Completed((1,)))
    assert notes.told == [((1,), False)]
    assert notes.job.result(0) == 1


def test_a_result_that_can_not_be_kept_is_none() -> None:
    notes = Notes()
    notes.problem = JournalError("The disk is full.")
    tell(notes.job, Completed((1,)))
    assert isinstance(notes.job.exception(0), JournalError)


ENDS: list[tuple[Callable[[Job[Any]], object], type[Exception]]] = [
    (lambda job: tell(job, Failed("boom")), AppError),
    (lambda job: job.cancel(), JobCancelled),
    (lambda job: record_of(job).fail(ConnectionLost("lost")), ConnectionLost),
]


@pytest.mark.parametrize("sent", [False, True])
@pytest.mark.parametrize(("end", "kind"), ENDS)
def test_an_error_is_noted_before_it_is_told(
    end: Callable[[Job[Any]], object], kind: type[Exception], sent: bool
) -> None:
    """And while it is, nothing is sent, and the call ends in no other way, but by a cancel."""
    notes = Notes()
    record, seen = record_of(notes.job), []
    assert not sent or record.begin_sending()

    def try_other_ways() -> None:
        record.prepare_sending()
        seen.append(record.begin_sending())
        record.fail(ConnectionLost("another thread's"))
        seen.append(record.is_over)

    notes.on_error = try_other_ways
    end(notes.job)
    assert notes.told == [(kind, sent, False)]
    assert seen == [False, False]
    with pytest.raises(kind) as caught:
        notes.job.result(0)
    assert "another" not in str(caught.value)


def test_who_cancels_goes_on_with_what_ctrl_c_cut_short() -> None:
    notes = Notes()

    def interrupt() -> None:
        notes.on_error = lambda: None
        raise KeyboardInterrupt

    notes.on_error = interrupt
    with pytest.raises(KeyboardInterrupt):
        record_of(notes.job).fail(ConnectionLost("lost"))
    assert not notes.job.done()
    assert not notes.job.cancel()
    assert isinstance(notes.job.exception(0), ConnectionLost)
    assert notes.told == [(ConnectionLost, False, False)] * 2


def test_what_can_not_be_noted_ends_all_the_same() -> None:
    notes = Notes()

    def fail() -> None:
        raise JournalError("The disk is full.")

    notes.on_error = fail
    tell(notes.job, Failed("boom"))
    assert isinstance(notes.job.exception(0), AppError)


def test_a_call_that_is_over_holds_no_journal() -> None:
    """The session remembers it."""
    notes = Notes()
    tell(notes.job, Completed((1,)))
    record_of(notes.job).prepare_sending()
    record_of(notes.job).note_unsent()
    assert notes.told == [((1,), False)]


@needs_fork
def test_a_forked_child_leaves_the_journal_alone() -> None:
    notes = Notes()

    def check() -> None:
        assert record_of(notes.job).is_over
        assert notes.told == []

    assert ends_well_in_child(check)
