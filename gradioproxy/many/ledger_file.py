"""The ledger of a ``map`` with a journal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import ConnectionLost, SessionClosed, TooManyJobs
from .entry import Entry, Pen
from .ledger import Others, Ours, Outcome
from .stored import read_error, write_error

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ..calls.request import Encoded
    from ..errors import GradioProxyError
    from .kept_files import FileKeeper
    from .keys import KeyMaker
    from .recorder import Recorder, Row
    from .stored import ResultReader


# It is not for what the call is that it was not made.
_NOBODY_THERE = (ConnectionLost, SessionClosed, TooManyJobs)


class _Ticket(NamedTuple):
    """What an input is asked for again by."""

    number: int
    encoded: Encoded


class FileLedger:
    """Knows from a journal what became of inputs, and has it written what becomes of the others.

    Args:
        recorder: Writes the journal.
        keys: Makes what inputs are known again by.
        keeper: Keeps the files of results.
        reader: Reads results.
        encode: Returns the arguments of an input, and what a call with it sends.
        hide: Takes secrets out of a text.
    """

    def __init__(  # noqa: PLR0917 - made in one place
        self,
        recorder: Recorder,
        keys: KeyMaker,
        keeper: FileKeeper,
        reader: ResultReader,
        encode: Callable[[Any], Encoded],
        hide: Callable[[str], str],
    ) -> None:
        self._recorder, self._keys = recorder, keys
        self._reader, self._encode = reader, encode
        self._pen = Pen(recorder, keeper, hide)

    def look_up(self, item: Any) -> Outcome | Ours | Others:
        """Return what is known of an input, which is this map's if nothing is."""
        encoded = self._encode(item)
        row = self._recorder.claim(self._keys.make(encoded.payload))
        return self._judge(row, _Ticket(row.id, encoded))

    def ask_again(self, tickets: Sequence[Any]) -> list[Outcome | Ours | Others]:
        """Return what is known now of inputs that were others'."""
        return [self._judge(self._recorder.ask_again(each.number), each) for each in tickets]

    def _judge(self, row: Row, ticket: _Ticket) -> Outcome | Ours | Others:
        """Return what a row of the journal means for this map."""
        match row.state:
            case "done" | "failed" | "unknown":
                return self._restore(row)
            case "claimed" if self._recorder.is_own(row):
                return Ours(Entry(*ticket, self._pen))
        return Others(ticket)

    def _restore(self, row: Row) -> Outcome:
        """Return what came of an input before, as a row has it."""
        try:
            if row.state == "done":
                return Outcome(self._reader.read(row.result or ""), restored=True)
            return Outcome(_restore_error(row), failed=True, restored=True)
        except ValueError as wrong:
            reason = f"the input {row.id} is none of ours ({wrong})"
            raise self._recorder.file.build_error(reason) from None

    def note_refusal(self, item: Any) -> None:
        """Note that a call was refused, and is made again later."""
        self._recorder.note_end(item.number, "claimed")

    def note_failure(self, item: Any, error: BaseException) -> None:
        """Note that a call was refused, and is not made again; or that nobody takes it."""
        if isinstance(error, _NOBODY_THERE):
            item.note_loss(error, sent=False)
        else:
            self._recorder.note_end(item.number, "failed", write_error(error, self._pen.hide))

    def close(self) -> None:
        """Let others take what this map leaves."""
        self._recorder.close()


def _restore_error(row: Row) -> GradioProxyError:
    """Return the error of an input; raises `ValueError` if there is none that can be read."""
    if row.error is None:
        return ConnectionLost(
            "The program that made this call ended before it knew what became of it. It may have "
            "run; repeat_unknown=True makes it again."
        )
    error = read_error(row.error)
    if row.state == "unknown":
        # What cancelled it was another run, and this one could do something about it.
        again = "The journal has it as unknown; repeat_unknown=True makes the call again."
        error.args = (f"{error} {again}", *error.args[1:])
    return error
