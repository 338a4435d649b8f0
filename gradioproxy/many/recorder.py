"""What one ``map`` writes to its journal: what it takes, what it sends, and what came of it.

==========  =======================================================================================
state       what is known of an input
==========  =======================================================================================
waiting     nothing was sent of it
claimed     a process has taken it, and has sent nothing of it yet
sent        what makes the app run it is sent, or about to be
done        its result is here
failed      its error is here, and the app did not run it, or said itself that it failed
unknown     it was sent, and nobody knows what became of it
==========  =======================================================================================

Rules: each state is on the disk before what it announces is done: ``claimed`` before anything is,
``sent`` before the request, ``done`` before anybody gets the result. What several threads have to
write at a time goes in one transaction, which whoever comes first makes for all.

What a process has claimed or sent is looked at by others once it is gone: then it is ``waiting`` or
``unknown``.
"""

from __future__ import annotations

import contextlib
import functools
import sys
import time
from collections import deque
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeVar, get_args

from .. import forksafe
from ..errors import JournalError
from .journal_file import JournalFile
from .lease import Lease, is_held, remove_if_left

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Collection, Sequence
    from pathlib import Path

    from .keys import Key

T = TypeVar("T")
State = Literal["waiting", "claimed", "sent", "done", "failed", "unknown"]

# How often each input came is counted in a temporary file: there may be millions of them.
_TEMPORARY = (
    "PRAGMA temp_store=FILE",
    "CREATE TEMP TABLE taken (key BLOB PRIMARY KEY, number INTEGER NOT NULL) WITHOUT ROWID",
)
_COLUMNS = "id, state, run, changed, result, error"


class Row(NamedTuple):
    """What a journal has of an input.

    Attributes:
        id: Its number there.
        state: What is known of it; ``claimed`` if it is this map's to be called.
        run: By whom that was written.
        changed: When, in seconds since 1970.
        result: Its result, as text.
        error: Its error, as text.
    """

    id: int
    state: State
    run: int
    changed: float
    result: str | None
    error: str | None


class Recorder:
    """Writes the journal of one ``map``.

    Args:
        path: Where the journal is, or is to be.
        contract: What it has to be of; see `JournalFile.write_contract`.
        unused: What of that may be something else.
        retry_failed: Whether inputs that failed are this map's to be called again.
        repeat_unknown: The same of those of which nobody knows what became.

    Raises:
        JournalError: It is of something else, or can't be used.
    """

    def __init__(
        self,
        path: Path,
        contract: dict[str, Any],
        *,
        unused: Collection[str] = frozenset(),
        retry_failed: bool = False,
        repeat_unknown: bool = False,
    ) -> None:
        self._retry_failed = retry_failed
        self._repeat_unknown = repeat_unknown
        # Reentrant, because a map that is collected cancels its calls from wherever the collector
        # runs.
        self._lock = forksafe.RLock()
        self._is_writing = False
        self._is_left = False
        self._queue: deque[tuple[str, Sequence[Any]]] = deque()
        self._file = file = JournalFile(path, write=True)
        self._lease: Lease | None = None
        try:
            file.write_contract(contract, unused)
            for statement in _TEMPORARY:
                file.read(statement)
            leases = file.files / "leases"
            with file.explaining():
                leases.mkdir(mode=0o700, exist_ok=True)
                self._lease = lease = Lease(leases)
            self._tidy_up(leases)
            self._began = time.time()
            added = "INSERT INTO runs (lease, began) VALUES (?, ?)"
            begun = lease.name, self._began
            self._run: int = file.transact(
                lambda database: database.execute(added, begun).lastrowid or 0
            )
        except BaseException:
            self.close()
            raise
        forksafe.register(self)

    @property
    def file(self) -> JournalFile:
        """The journal."""
        return self._file

    def after_fork(self) -> None:
        """Leave the journal to the parent, whose calls are not this process's."""
        self._is_left = True
        self._queue.clear()
        if self._lease is not None:
            self._lease.leave()
            self._lease = None

    def close(self) -> None:
        """Write what is still to be written, and let others take what this map leaves."""
        if self._is_left or sys.is_finalizing():
            # A thread that runs no more may be in the middle of a transaction; who opens the
            # journal next sees that this process is gone.
            return
        with self._lock:
            try:
                with contextlib.suppress(JournalError):  # who had to know was told
                    self._flush()
                self._is_left = True
                self._file.close()
            finally:  # if Ctrl-C comes, too: others would wait for what nobody does any more
                self._is_left = True
                if self._lease is not None:
                    self._lease.end()

    def _tidy_up(self, leases: Path) -> None:
        """Remove the leases of processes that were killed; those alone that are in the journal.

        Another may be one that its process has made and not locked yet.
        """
        for (name,) in self._file.read("SELECT lease FROM runs"):
            remove_if_left(leases, name)

    # Inputs.

    def claim(self, key: Key) -> Row:
        """Take an input for this map, unless it is another's or there is nothing to be done.

        Args:
            key: The input; it is the first of its key for this map, or the one behind the last.

        Raises:
            JournalError: The journal can't be written.
        """
        with self._lock:
            try:
                self._is_writing = True
                nth = self._count(key.digest)
                kept = self._find("key = ? AND nth = ?", key.digest, nth)
                if kept is not None and not self._may_take(kept):
                    return kept
                return self._transact(functools.partial(self._claim, key, nth))
            finally:
                self._is_writing = False

    def ask_again(self, number: int) -> Row:
        """Return what is known of an input that was another's, and take it if it is not any more.

        Raises:
            JournalError: The journal can't be written.
        """
        with self._lock:
            try:
                self._is_writing = True
                kept = self._find("id = ?", number)
                if kept is None:
                    raise self._file.build_error("somebody took inputs out of it")
                if not self._may_take(kept):
                    return kept
                return self._transact(functools.partial(self._take, number))
            finally:
                self._is_writing = False

    def is_own(self, row: Row) -> bool:
        """Tell whether a row was last written by this map."""
        return row.run == self._run

    def _count(self, digest: bytes) -> int:
        """Return how many inputs of that key there were before, and count this one."""
        part = digest[:16]
        found = self._file.read("SELECT number FROM taken WHERE key = ?", [part])
        number: int = found[0][0] if found else 0
        self._file.read("INSERT OR REPLACE INTO taken VALUES (?, ?)", [part, number + 1])
        return number

    def _find(self, condition: str, *values: Any) -> Row | None:
        # The conditions are those above.
        found = self._file.read(f"SELECT {_COLUMNS} FROM inputs WHERE {condition}", values)  # noqa: S608
        return self._read_row(found[0]) if found else None

    def _read_row(self, values: Sequence[Any]) -> Row:
        """Return what a journal has of an input; raises what is wrong with that."""
        row = Row(*values)
        if row.state not in get_args(State) or not isinstance(row.changed, float):
            raise self._file.build_error(f"the input {row.id} is in no state that there is")
        return row

    def _may_take(self, row: Row) -> bool:
        """Tell whether an input may be this map's, as it was when it was looked at."""
        match row.state:
            case "waiting":
                return True
            case "claimed" | "sent":
                return row.run != self._run and not self._is_there(row.run)
            case "failed":
                # Not what another process that runs now has just tried.
                return self._retry_failed and row.changed < self._began
            case "unknown":
                return self._repeat_unknown
        return False

    def _is_there(self, run: int) -> bool:
        """Tell whether the process of another map is still there."""
        found = self._file.read("SELECT lease FROM runs WHERE id = ?", [run])
        return bool(found) and is_held(self._file.files / "leases", found[0][0])

    def _claim(self, key: Key, nth: int, database: sqlite3.Connection) -> Row:
        """Take an input, which may be new; in a transaction."""
        made = database.execute(
            "INSERT OR IGNORE INTO inputs (key, nth, state, run, changed, arguments) "
            "VALUES (?, ?, 'claimed', ?, ?, ?)",
            (key.digest, nth, self._run, time.time(), key.arguments),
        )
        if made.rowcount:
            return Row(made.lastrowid or 0, "claimed", self._run, self._began, None, None)
        found = "SELECT id FROM inputs WHERE key = ? AND nth = ?"
        ((number,),) = database.execute(found, (key.digest, nth)).fetchall()
        return self._take(number, database)

    def _take(self, number: int, database: sqlite3.Connection) -> Row:
        """Take an input that is there, if it is still to be had; in a transaction."""
        found = f"SELECT {_COLUMNS} FROM inputs WHERE id = ?"  # noqa: S608 - of constants
        (row,) = [self._read_row(each) for each in database.execute(found, (number,))]
        if row.state == "sent" and self._may_take(row):
            row = row._replace(state="unknown")
            database.execute("UPDATE inputs SET state = 'unknown' WHERE id = ?", (number,))
        if not self._may_take(row):
            return row
        database.execute(
            "UPDATE inputs SET state = 'claimed', run = ?, changed = ?, error = NULL WHERE id = ?",
            (self._run, time.time(), number),
        )
        return row._replace(state="claimed", run=self._run, error=None)

    # What comes of them, from any thread.

    def note_sending(self, *numbers: int) -> None:
        """Note that inputs are about to be sent; it is on the disk when this returns.

        Of an input that has ended meanwhile, nothing is changed: nothing of it is sent.

        Raises:
            JournalError: It can't be written, and nothing may be sent.
        """
        if self._is_left:
            raise self._file.build_error("the map is over that wrote it")
        rows = self._make_rows(
            "UPDATE inputs SET state = 'sent', changed = ? "
            "WHERE id = ? AND run = ? AND state = 'claimed'",
            numbers,
        )
        self._queue.extend(rows)
        with self._lock:
            try:
                self._flush()
            except JournalError:  # nothing is sent, and that is not written later
                for row in rows:
                    with contextlib.suppress(ValueError):
                        self._queue.remove(row)
                raise

    def note_unsent(self, *numbers: int) -> None:
        """Note that nothing of inputs was sent after all, which are this map's to be called.

        Raises:
            JournalError: It can't be written.
        """
        self._write(
            "UPDATE inputs SET state = 'claimed', changed = ? "
            "WHERE id = ? AND run = ? AND state = 'sent'",
            numbers,
        )

    def note_result(self, number: int, result: str) -> None:
        """Note the result of an input; it is on the disk when this returns.

        Raises:
            JournalError: It can't be written.
        """
        self._write(
            "UPDATE inputs SET state = 'done', result = ?, error = NULL, changed = ? "
            "WHERE id = ? AND run = ?",
            [number],
            result,
        )

    def note_end(self, number: int, state: State, error: str | None = None) -> None:
        """Note how else a call ended, unless its result is here.

        Raises:
            JournalError: It can't be written.
        """
        self._write(
            "UPDATE inputs SET state = ?, error = ?, changed = ? "
            "WHERE id = ? AND run = ? AND state != 'done'",
            [number],
            state,
            error,
        )

    def _write(self, statement: str, numbers: Sequence[int], *values: Any) -> None:
        if self._is_left or sys.is_finalizing():
            return
        self._queue.extend(self._make_rows(statement, numbers, *values))
        with self._lock:
            self._flush()

    def _make_rows(
        self, statement: str, numbers: Sequence[int], *values: Any
    ) -> list[tuple[str, Sequence[Any]]]:
        now = time.time()
        return [(statement, (*values, now, number, self._run)) for number in numbers]

    def _flush(self) -> None:
        """Write what is to be written, unless this thread is at it; with the lock held."""
        if self._is_writing:
            return
        try:
            self._is_writing = True
            while self._queue and not self._is_left:
                self._transact(lambda _: None)
        finally:
            self._is_writing = False

    def _transact(self, act: Callable[[sqlite3.Connection], T]) -> T:
        """Do something in one transaction with what is to be written; with the lock held."""
        waiting = [*self._queue]

        def write(database: sqlite3.Connection) -> T:
            for statement, values in waiting:
                database.execute(statement, values)
            return act(database)

        made = self._file.transact(write)
        for _ in waiting:
            self._queue.popleft()
        return made
