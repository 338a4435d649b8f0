"""`Journal`: reading the journal of a ``map``, also while it is written."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import GradioProxyError, JournalError
from ..uncopyable import Uncopyable
from .contract import read_function, read_places
from .journal_file import JournalFile
from .kept_files import FileKeeper
from .lease import is_held
from .stored import read_error, read_kept_value

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator

    import pandas as pd
    from typing_extensions import Self

    from .recorder import State

STATES: tuple[State, ...] = ("waiting", "claimed", "sent", "done", "failed", "unknown")
_AFTER: dict[State, State] = {"claimed": "waiting", "sent": "unknown"}
"""What an input becomes whose process is gone."""


@dataclass(frozen=True)
class JournalRow:
    """An input in a journal.

    Attributes:
        state: What is known of it: ``waiting`` (nothing was sent), ``claimed`` (a process has taken
            it), ``sent`` (the app may be running it), ``done``, ``failed``, or ``unknown`` (it was
            sent, and nobody knows what became of it).
        arguments: The values that it gives, by the parameters' names.
        result: What the app sent, as plain JSON with a path for each file; ``None`` before that.
        error: What went wrong, if something did.
        changed: When its state last changed, in seconds since 1970.
    """

    state: State
    arguments: dict[str, Any]
    result: Any
    error: GradioProxyError | None
    changed: float


class Journal(Uncopyable):
    """The journal of a ``map``, to be read: also while others write it.

    A context manager.

    Args:
        path: Where it is.

    Raises:
        JournalError: There is none, or it can't be read.
    """

    __module__ = "gradioproxy"

    _instead = "Open it again by its path."

    def __init__(self, path: str | os.PathLike[str]) -> None:
        place = Path(path)
        if not place.is_file():
            raise JournalError(f"There is no journal at {place}.", path=str(place))
        self._file = JournalFile(place, write=False)
        self._keeper = FileKeeper(self._file.files)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def __repr__(self) -> str:
        return f"<Journal {str(self._file.path)!r}>"

    def __len__(self) -> int:
        """Return how many inputs it has.

        Raises:
            JournalError: It can't be read.
        """
        return sum(self.counts.values())

    def __iter__(self) -> Iterator[JournalRow]:
        """Iterate over all inputs; see `rows`."""
        return self.rows()

    @property
    def function(self) -> str:
        """The function whose calls it has, as the app calls it; empty before the first.

        Raises:
            JournalError: It can't be read.
        """
        return read_function(self._file.read_contract())

    @property
    def counts(self) -> dict[State, int]:
        """How many inputs there are in each state.

        ``waiting`` (nothing was sent), ``claimed`` (a process has taken it), ``sent`` (the app may
        be running it), ``done``, ``failed``, or ``unknown`` (it was sent, and nobody knows what
        became of it).

        Raises:
            JournalError: It can't be read.
        """
        found = self._file.read(
            "SELECT state, run, count(*) FROM inputs WHERE state IN "
            "('claimed', 'sent') GROUP BY state, run UNION ALL SELECT state, 0, count(*) "
            "FROM inputs WHERE state NOT IN ('claimed', 'sent') GROUP BY state"
        )
        counts: dict[State, int] = dict.fromkeys(STATES, 0)
        gone = self._find_gone()
        for state, run, count in found:
            known = _find_state(state, run, gone)
            if known not in counts:
                raise self._file.build_error("inputs are in no state that there is")
            counts[known] += count
        return counts

    def rows(self, state: State | None = None) -> Iterator[JournalRow]:
        """Iterate over the inputs, in the order in which they were first taken.

        Args:
            state: The state of those that are wanted; by default all are.

        Raises:
            ValueError: There is no such state.
            JournalError: It can't be read.
        """
        if state is not None and state not in STATES:
            raise ValueError(f"state must be one of {', '.join(STATES)}, not {state!r}")
        return self._iterate(state)

    def _iterate(self, state: State | None) -> Iterator[JournalRow]:
        gone, last, places = self._find_gone(), 0, read_places(self._file.read_contract())
        before = [each for each in STATES if state in {None, each, _AFTER.get(each)}]
        marks = ", ".join("?" * len(before))
        # Some at a time: who reads slowly must not keep what is written from being tidied up.
        statement = (
            "SELECT id, state, run, changed, arguments, result, error FROM inputs "  # noqa: S608
            f"WHERE id > ? AND state IN ({marks}) ORDER BY id LIMIT 500"
        )
        while found := self._file.read(statement, [last, *before]):
            for number, kept, run, *values in found:
                last = number
                known = _find_state(kept, run, gone)
                if state in {None, known}:
                    yield self._make_row(known, places, values)

    def _make_row(self, state: State, places: list[int], values: list[Any]) -> JournalRow:
        changed, arguments, result, error = values
        try:
            given = json.loads(arguments)
            if not isinstance(given, dict) or not isinstance(changed, float):
                raise ValueError("no arguments, or no time")  # noqa: TRY004, TRY301 - as below
            value = None if result is None else read_kept_value(result, places, self._keeper)
            failure = None if error is None else read_error(error)
        except (ValueError, RecursionError) as wrong:
            raise self._file.build_error(f"a row is none of ours ({wrong})") from None
        return JournalRow(state, given, value, failure, changed)

    def _find_gone(self) -> set[int]:
        """Return the runs whose processes are gone, and that have left something."""
        leases = self._file.read(
            "SELECT id, lease FROM runs WHERE id IN (SELECT run FROM inputs WHERE state IN "
            "('claimed', 'sent'))"
        )
        folder = self._file.files / "leases"
        return {run for run, lease in leases if not is_held(folder, lease)}

    def to_pandas(self) -> pd.DataFrame:
        """Return it as a DataFrame of pandas, for which pandas has to be installed.

        There is a row for each input, with a column for each parameter, and ``state``, ``result``,
        ``error`` and ``changed``; a parameter of one of these names has an underscore before it.

        Raises:
            ModuleNotFoundError: It is not.
            JournalError: The journal can't be read.
        """
        try:
            import pandas as pd
        except ModuleNotFoundError as error:
            message = "to_pandas() needs pandas: pip install 'gradioproxy[pandas]'"
            raise ModuleNotFoundError(message, name=error.name) from None
        own = ("state", "result", "error", "changed")
        table: list[dict[str, Any]] = []
        for row in self.rows():
            given = {f"_{name}" if name in own else name: v for name, v in row.arguments.items()}
            changed = pd.Timestamp(row.changed, unit="s", tz="UTC")
            about = {"state": row.state, "result": row.result, "error": row.error}
            table.append({**given, **about, "changed": changed})
        return pd.DataFrame(table) if table else pd.DataFrame(columns=[*own])


def _find_state(kept: State, run: int, gone: set[int]) -> State:
    """Return what is known of an input, which a run had left in a state."""
    return _AFTER.get(kept, kept) if run in gone else kept
