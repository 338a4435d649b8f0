"""The file of a journal: its tables, its transactions, who may read it, and what can be wrong.

Rule: a journal is one database of SQLite and a folder beside it, ``NAME.files``, which has the
content of files, by what it is, and the leases of those that write. All paths in it are relative to
that folder, so that both can be moved. Only their user can read them.

A transaction is safe from the end of the process as soon as it is over. What a power cut can take
are the last ones: the system is asked to write them to the disk now and then, as for every database
in SQLite's mode WAL with ``synchronous=NORMAL``; none is torn.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import sqlite3
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import forksafe
from .._version import __version__
from ..errors import JournalError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from typing import TypeVar

    T = TypeVar("T")

FORMAT = 1
"""The form of the tables."""

BUSY_SECONDS = 30.0
"""How long another process may keep the journal from being written."""

# After so long Python looks whether Ctrl-C was pressed: SQLite waits where that can't come.
_TRY_SECONDS = 0.1
# Python reads no number of thousands of digits.
_LONGEST_FORMAT = 9
_OWNER, _OWNER_FOLDER = 0o600, 0o700

TABLES = """
CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE runs (id INTEGER PRIMARY KEY AUTOINCREMENT, lease TEXT NOT NULL, began REAL NOT NULL);
CREATE TABLE inputs (
    id INTEGER PRIMARY KEY,
    key BLOB NOT NULL,
    nth INTEGER NOT NULL,
    state TEXT NOT NULL,
    run INTEGER NOT NULL,
    changed REAL NOT NULL,
    arguments TEXT NOT NULL,
    result TEXT,
    error TEXT,
    UNIQUE (key, nth)
);
CREATE INDEX states ON inputs (state);
CREATE INDEX under_way ON inputs (run) WHERE state IN ('claimed', 'sent');
"""


class JournalFile:
    """The database of a journal, open; for one thread at a time.

    Args:
        path: Where it is.
        write: Whether it is written, and made if it is not there.

    Raises:
        JournalError: There is none that could be read, or written.
    """

    def __init__(self, path: Path, *, write: bool) -> None:
        self.path = path
        if not path.name or path.is_dir():
            raise self.build_error("a journal is a file, and this is a folder")
        # Wherever the program goes meanwhile, and by whatever link it was named: who shares the
        # journal has to find the leases of all others.
        real = Path(os.path.realpath(path))
        self.files = real.with_name(f"{real.name}.files")
        with self.explaining():
            if write:
                _make_private(real, self.files)
            self._connection: sqlite3.Connection | None = _connect(real, write=write)
            try:
                if write:
                    self._connection.execute("PRAGMA journal_mode=WAL")
                    self._connection.execute("PRAGMA synchronous=NORMAL")
                self._check_format(write=write)
            except BaseException:
                self._connection.close()
                raise
        forksafe.register(self)

    def after_fork(self) -> None:
        """Leave the database to the parent: SQLite allows a child not even to close it."""
        connection, self._connection = self._connection, None
        if connection is not None:
            # Nothing collects it then, at the end of the child neither.
            ctypes.pythonapi.Py_IncRef(ctypes.py_object(connection))

    def close(self) -> None:
        """Close it."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(sqlite3.Error):  # each transaction that is over is there
                connection.close()

    @property
    def connection(self) -> sqlite3.Connection:
        """The database.

        Raises:
            JournalError: It was closed, or is that of the process that this one was forked from.
        """
        if self._connection is None:
            raise self.build_error("it is closed, or belongs to the process that this one is from")
        return self._connection

    def read(self, statement: str, values: Sequence[Any] = ()) -> list[Any]:
        """Return what a question finds.

        Raises:
            JournalError: It can't be read.
        """
        with self.explaining():
            return self._retry(lambda: self.connection.execute(statement, values).fetchall())

    def transact(self, act: Callable[[sqlite3.Connection], T]) -> T:
        """Do something in one transaction, which is there as a whole afterwards, or not at all.

        Args:
            act: Does it, with the database.

        Raises:
            JournalError: It can't be written.
        """
        connection = self.connection
        with self.explaining():
            try:
                if connection.in_transaction:  # Ctrl-C came into the last one
                    connection.rollback()
                self._retry(lambda: connection.execute("BEGIN IMMEDIATE"))
                made = act(connection)
                self._retry(connection.commit)
            except BaseException:
                with contextlib.suppress(sqlite3.Error):
                    connection.rollback()
                raise
            return made

    def _retry(self, act: Callable[[], T]) -> T:
        """Do something as soon as no other process keeps the database from it."""
        deadline = time.monotonic() + BUSY_SECONDS
        while True:
            try:
                return act()
            except sqlite3.OperationalError as error:  # noqa: PERF203 - each try has its own
                if not _is_busy(error) or time.monotonic() >= deadline:
                    raise

    def explaining(self) -> _Explaining:
        """Make what is raised in this context a `JournalError` that says what can be done."""
        return _Explaining(self)

    def build_error(self, reason: str) -> JournalError:
        """Return the error that says what is wrong with it."""
        return JournalError(
            f"The journal {self.path} can't be used: {reason}.", path=str(self.path)
        )

    # What it is of.

    def _check_format(self, *, write: bool) -> None:
        """See to it that the tables are there, and ours."""
        connection = self.connection

        def make() -> None:
            for statement in filter(str.strip, TABLES.split(";")):
                connection.execute(statement)
            about = {"format": str(FORMAT), "gradioproxy": __version__}
            connection.executemany("INSERT INTO about VALUES (?, ?)", about.items())

        def find_tables() -> set[str]:
            named = "SELECT name FROM sqlite_master WHERE type = 'table'"
            return {name for (name,) in self._retry(lambda: connection.execute(named).fetchall())}

        if not find_tables() and write:
            # Another process may be about to make them, too.
            self.transact(lambda _: None if find_tables() else make())
        if not {"about", "runs", "inputs"} <= find_tables():
            raise self.build_error(
                "it is a database of something else; name another file for the journal"
            )
        found = self.read_about().get("format", "")
        if found != str(FORMAT):
            newer = found.isdecimal() and len(found) <= _LONGEST_FORMAT and int(found) > FORMAT
            raise self.build_error(
                f"it has the format {found or '?'}, and this version of gradioproxy "
                f"({__version__}) knows the format {FORMAT} alone; "
                + ("use the newer version that made it" if newer else "begin another journal")
            )

    def read_about(self) -> dict[str, str]:
        """Return what the journal is of."""
        # SQLite's columns take values of any type, whatever they were made for.
        found = self.read("SELECT name, value FROM about")
        return {name: value for name, value in found if isinstance(value, str)}

    def read_contract(self) -> dict[str, Any]:
        """Return what calls rely on, by what people call it; nothing before it was noted.

        Raises:
            JournalError: It can't be read.
        """
        try:
            kept = json.loads(self.read_about().get("contract", "{}"))
        except (ValueError, RecursionError):
            kept = None
        if not isinstance(kept, dict):
            raise self.build_error("it does not say what it is of")
        return kept

    def write_contract(
        self, contract: dict[str, Any], unused: Collection[str] = frozenset()
    ) -> None:
        """Note what the journal is of, or see to it that it is of that.

        Args:
            contract: What calls rely on, as plain JSON, by what people call it.
            unused: What of it these calls do not rely on, and may be something else.

        Raises:
            JournalError: It is of something else: what differs.
        """
        text = json.dumps(contract)

        def note(connection: sqlite3.Connection) -> None:
            connection.execute("INSERT OR IGNORE INTO about VALUES ('contract', ?)", [text])

        if "contract" not in self.read_about():
            self.transact(note)
        kept = self.read_contract()
        # As text, in which even what equals nothing, such as NaN, is what it was.
        differing = [
            name
            for name in contract
            if name not in unused and _write(kept.get(name)) != _write(contract[name])
        ]
        if differing:
            name = differing[0]
            raise self.build_error(
                f"it is of something else: {name} was {_shorten(kept.get(name))}, and is "
                f"{_shorten(contract[name])} now. Nothing was called; begin another journal"
            )


class _Explaining:
    """Makes errors of SQLite and of the system a `JournalError`."""

    def __init__(self, journal: JournalFile) -> None:
        self._journal = journal

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, error: BaseException | None, _traceback: object) -> None:
        if isinstance(error, sqlite3.Error):
            raise self._journal.build_error(_explain(error)) from error
        if isinstance(error, OSError) and not isinstance(error, JournalError):
            reason = error.strerror or str(error)
            if error.filename not in {None, os.path.realpath(self._journal.path)}:
                reason += f" ({error.filename})"
            raise self._journal.build_error(reason) from error


def _explain(error: sqlite3.Error) -> str:
    text = str(error)
    if _is_busy(error):
        return f"another program has it locked for {BUSY_SECONDS:.0f} s"
    helps = {
        "disk is full": "; what is in it is kept: make room, and run the same again",
        # Also where it finds no room for what it keeps in memory beside the database.
        "disk I/O error": "; what is in it is kept: look whether the disk is full",
        "readonly": "; it is read-only, here or for this user",
        "unable to open": "; it, or the folder that it is in, may be read-only",
        "not a database": "; it is the file of another program, or was destroyed",
        "malformed": "; it was destroyed: sqlite3's .recover may find what was in it",
    }
    return text + next((help_ for words, help_ in helps.items() if words in text), "")


def _is_busy(error: sqlite3.Error) -> bool:
    return str(error).startswith("database is locked") or "table is locked" in str(error)


def _write(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def _shorten(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= 300 else f"{text[:300]}…"  # noqa: PLR2004 - for people


def _make_private(path: Path, files: Path) -> None:
    """Make what is not there for its user alone: SQLite goes by the database in its own files."""
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, _OWNER))
    files.mkdir(mode=_OWNER_FOLDER, exist_ok=True)


def _is_at_rest(path: Path) -> bool:
    """Tell whether nobody writes a database, nor was killed while it did.

    Even to read it, SQLite writes beside it, unless it is told so: on a disk that is read-only.
    """
    return not os.access(path.parent, os.W_OK) and not Path(f"{path}-wal").exists()


def _connect(path: Path, *, write: bool) -> sqlite3.Connection:
    """Open a database, which threads may use one after the other."""
    mode = "rw" if write else "ro"
    if not write and _is_at_rest(path):
        mode = "ro&immutable=1"
    return sqlite3.connect(
        f"{path.as_uri()}?mode={mode}",
        uri=True,
        timeout=_TRY_SECONDS,
        isolation_level=None,
        check_same_thread=False,
    )
