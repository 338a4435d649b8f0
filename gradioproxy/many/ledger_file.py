"""The ledger of a ``map`` with a journal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import ConnectionLost
from .ledger import Others, Ours, Outcome
from .recorded_call import Entry
from .stored import read_error, write_error

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ..files.payload import Payload
    from .kept_files import FileKeeper
    from .keys import KeyMaker
    from .recorder import Recorder, Row
    from .stored import ResultReader


class _Ticket(NamedTuple):
    """What an input is asked for again by."""

    number: int
    arguments: Mapping[str, Any]
    payload: Payload


class FileLedger:
    """Knows from a journal what became of inputs, and has it written what becomes of the others.

    Args:
        recorder: Writes the journal.
        keys: Makes what inputs are known again by.
        keeper: Keeps the files of results.
        reader: Reads results.
        encode: Returns the arguments of an input and what a call with it sends.
        hide: Takes secrets out of a text.
    """

    def __init__(  # noqa: PLR0917 - made in one place
        self,
        recorder: Recorder,
        keys: KeyMaker,
        keeper: FileKeeper,
        reader: ResultReader,
        encode: Callable[[Any], tuple[Mapping[str, Any], Payload]],
        hide: Callable[[str], str],
    ) -> None:
        self._recorder, self._keys = recorder, keys
        self._keeper, self._reader = keeper, reader
        self._encode, self._hide = encode, hide

    def look_up(self, item: Any) -> Outcome | Ours | Others:
        """Return what is known of an input, which is this map's if nothing is."""
        arguments, payload = self._encode(item)
        key = self._keys.make(payload)
        row = self._recorder.claim(key)
        return self._judge(row, _Ticket(row.id, arguments, payload))

    def ask_again(self, tickets: Sequence[Any]) -> list[Outcome | Ours | Others]:
        """Return what is known now of inputs that were others'."""
        return [self._judge(self._recorder.ask_again(each.number), each) for each in tickets]

    def _judge(self, row: Row, ticket: _Ticket) -> Outcome | Ours | Others:
        """Return what a row of the journal means for this map."""
        match row.state:
            case "done":
                return Outcome(self._reader.read(row.result or ""), restored=True)
            case "failed" | "unknown":
                lost = _build_loss() if row.error is None else read_error(row.error)
                return Outcome(lost, failed=True, restored=True)
            case "claimed" if self._recorder.is_own(row):
                entry = Entry(*ticket, self._recorder, self._keeper)
                return Ours(entry)
        return Others(ticket)

    def note_refusal(self, item: Any) -> None:
        """Note that a call was refused, and is made again later."""
        self._recorder.note_end(item.number, "claimed")

    def note_failure(self, item: Any, error: BaseException) -> None:
        """Note that a call was refused, and is not made again."""
        self._recorder.note_end(item.number, "failed", write_error(error, self._hide))

    def close(self) -> None:
        """Let others take what this map leaves."""
        self._recorder.close()


def _build_loss() -> ConnectionLost:
    return ConnectionLost(
        "The program that made this call ended before it knew what became of it. It may have run; "
        "repeat_unknown=True makes it again."
    )
