"""The file of a journal, and what can be wrong with it."""

from __future__ import annotations

import os
import re
import sqlite3
import threading
from typing import TYPE_CHECKING

import pytest

from gradioproxy.errors import JournalError
from gradioproxy.many import journal_file
from gradioproxy.many.contract import RESULTS
from gradioproxy.many.journal import Journal
from gradioproxy.many.journal_file import JournalFile
from tests.support.processes import ends_well_in_child, needs_fork
from tests.support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CONTRACT = {"the function": "/f", "the parameters": "a, b", "the parameter 'a'": {"type": "x"}}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Give the path of a journal."""
    return tmp_path / "run.sqlite"


@pytest.fixture
def file(path: Path) -> Iterator[JournalFile]:
    """Give a new journal."""
    made = JournalFile(path, write=True)
    yield made
    made.close()


def test_what_is_written_is_read(file: JournalFile, path: Path) -> None:
    file.write_contract(CONTRACT)
    file.write_contract(CONTRACT)
    other = JournalFile(path, write=False)
    assert other.read_about()["format"] == "1"
    with pytest.raises(JournalError, match="read-only"):
        other.transact(lambda database: database.execute("DELETE FROM about"))
    other.close()


@pytest.mark.parametrize(
    ("name", "changed", "message"),
    [
        ("the function", "/g", "the function was /f, and is /g now"),
        ("the parameters", "a", "the parameters was a, b, and is a now"),
        ("the parameter 'a'", {"type": "y"}, 'the parameter \'a\' was {"type": "x"}, and is'),
    ],
)
def test_what_differs_is_named(file: JournalFile, name: str, changed: object, message: str) -> None:
    file.write_contract(CONTRACT)
    with pytest.raises(JournalError, match=message) as caught:
        file.write_contract({**CONTRACT, name: changed})
    assert caught.value.path == str(file.path)
    file.write_contract(CONTRACT)


@pytest.mark.parametrize("write", [True, False])
def test_what_is_no_journal(path: Path, write: bool) -> None:
    path.write_bytes(b"no database at all" * 100)
    with pytest.raises(JournalError, match="not a database"):
        JournalFile(path, write=write)
    assert path.read_bytes() == b"no database at all" * 100


def test_a_database_of_another_program(path: Path) -> None:
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE theirs (x)")
    database.close()
    with pytest.raises(JournalError, match="of something else"):
        JournalFile(path, write=True)


@pytest.mark.parametrize(
    ("found", "help_"),
    [("7", "use the newer"), ("0", "begin another"), ("9" * 5000, "begin another")],
)
def test_another_format(path: Path, found: str, help_: str) -> None:
    JournalFile(path, write=True).close()
    with sqlite3.connect(path) as database:
        database.execute("UPDATE about SET value = ? WHERE name = 'format'", [found])
    database.close()
    with pytest.raises(JournalError, match=f"format {found}.*{help_}"):
        JournalFile(path, write=True)


def test_one_that_was_destroyed(file: JournalFile, path: Path) -> None:
    """What of it is read no more is said, and nothing is written over it."""
    row = "INSERT INTO inputs VALUES (?, ?, 0, 'done', 1, 0, ?, NULL, NULL)"
    rows = [(number, bytes([number % 256, number // 256]), "x" * 500) for number in range(500)]
    file.transact(lambda database: database.executemany(row, rows))
    file.close()
    content = bytearray(path.read_bytes())
    content[8192:] = b"\xa5" * (len(content) - 8192)
    path.write_bytes(content)
    with pytest.raises(JournalError, match=r"malformed|not a database"), Journal(path) as read:
        list(read)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE inputs SET state = 'other'",
        "UPDATE inputs SET arguments = '[1]'",
        "UPDATE inputs SET arguments = x'ff'",
        "UPDATE inputs SET changed = 'now'",
        "UPDATE inputs SET result = '7'",
        "UPDATE inputs SET error = x'ff'",
        "UPDATE about SET value = '[1]' WHERE name = 'contract'",
        "UPDATE about SET value = x'ff' WHERE name = 'format'",
    ],
)
def test_what_nobody_of_ours_wrote(file: JournalFile, path: Path, statement: str) -> None:
    """Whatever a stranger wrote there, it is an error of the journal."""
    write_row(file, {"the function": "/f"})
    file.connection.execute(statement)
    with pytest.raises(JournalError):
        read_all(path)


PLACES = [([0], 1), ([-7], None), (5, None), (["0"], None), ([99], None), (None, None)]


@pytest.mark.parametrize(("places", "result"), PLACES)
def test_places_that_a_result_may_not_have(
    file: JournalFile, path: Path, places: object, result: object
) -> None:
    write_row(file, {RESULTS: places})
    with Journal(path) as read:
        assert [row.result for row in read] == [result]


def test_a_run_that_is_none_of_ours(file: JournalFile, path: Path) -> None:
    """A stranger's has whatever number; what was done is done all the same."""
    write_row(file, {})
    file.connection.execute("INSERT INTO runs VALUES (0, 'gone', 0)")
    file.connection.execute(
        "INSERT INTO inputs VALUES (2, x'01', 0, 'sent', 0, 0, '{}', NULL, NULL)"
    )
    with Journal(path) as read:
        counts = {state: count for state, count in read.counts.items() if count}
        assert counts == {"done": 1, "unknown": 1}
        assert [row.state for row in read] == ["done", "unknown"]


def read_all(path: Path) -> None:
    """Read all that there is in a journal."""
    with Journal(path) as read:
        assert (read.function, sum(read.counts.values())) == ("/f", 1)
        list(read)


def write_row(file: JournalFile, contract: dict[str, object]) -> None:
    """Write an input that is done, of a function."""
    file.write_contract(contract)
    row = "INSERT INTO inputs VALUES (1, x'00', 0, 'done', 1, 0, '{}', '{\"data\": [1]}', NULL)"
    file.connection.execute(row)


def test_one_that_is_not_there(path: Path) -> None:
    with pytest.raises(JournalError, match="There is no journal"):
        Journal(path)
    with pytest.raises(JournalError, match="No such file"):
        JournalFile(path.parent / "missing" / "run.sqlite", write=True)
    for folder in (path.parent, path.parent / ""):
        with pytest.raises(JournalError, match="is a folder"):
            JournalFile(folder, write=True)
    assert list(path.parent.iterdir()) == []


def test_a_file_where_its_folder_is_to_be(path: Path) -> None:
    """It is named: the journal itself is none that exists."""
    beside = path.with_name(f"{path.name}.files")
    beside.touch()
    with pytest.raises(JournalError, match=re.escape(f" ({beside.resolve()}).")):
        JournalFile(path, write=True)


def test_one_that_another_program_has_locked(
    file: JournalFile, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is waited for, and not for ever."""
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    done: list[int] = []
    write = threading.Thread(target=lambda: done.append(file.transact(lambda _: 1)))
    write.start()
    other.execute("COMMIT")
    write.join()
    assert done == [1]
    monkeypatch.setattr(journal_file, "BUSY_SECONDS", 0.0)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(JournalError, match="another program has it locked"):
        file.transact(lambda _: None)
    other.execute("COMMIT")
    other.close()
    file.transact(lambda _: None)


def test_a_full_disk_loses_nothing(file: JournalFile) -> None:
    file.write_contract(CONTRACT)
    (pages,) = file.connection.execute("PRAGMA page_count").fetchone()
    file.connection.execute(f"PRAGMA max_page_count={pages}")
    row = "INSERT INTO inputs VALUES (?, ?, 0, 'done', 1, 0, ?, NULL, NULL)"
    rows = [(number, bytes([number]), "x" * 5000) for number in range(50)]
    with pytest.raises(JournalError, match=r"disk is full.*make room"):
        file.transact(lambda database: database.executemany(row, rows))
    file.connection.execute("PRAGMA max_page_count=1000000")
    assert file.read("SELECT count(*) FROM inputs") == [(0,)]
    file.transact(lambda database: database.executemany(row, rows))
    file.write_contract(CONTRACT)


def test_what_ctrl_c_cut_short_is_taken_back(file: JournalFile) -> None:
    def act(database: sqlite3.Connection) -> None:
        database.execute("INSERT INTO about VALUES ('x', 'y')")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        file.transact(act)
    assert "x" not in file.read_about()
    file.transact(lambda database: database.execute("INSERT INTO about VALUES ('x', 'z')"))
    assert file.read_about()["x"] == "z"


@needs_fork
def test_a_forked_child_has_none(file: JournalFile, path: Path) -> None:
    """It does not even close what its parent has; the child can open one of its own."""

    def use() -> None:
        with pytest.raises(JournalError, match="process that this one is from"):
            file.read_about()
        file.close()
        JournalFile(path, write=True).close()

    assert ends_well_in_child(use)
    file.transact(lambda database: database.execute("INSERT INTO about VALUES ('x', 'y')"))
    assert file.read_about()["x"] == "y"


def test_two_processes_make_one(path: Path) -> None:
    """Whichever comes first; here they are threads, each with a connection of its own."""
    files: list[JournalFile] = []
    threads = [
        threading.Thread(target=lambda: files.append(JournalFile(path, write=True)))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    wait_until(lambda: not any(thread.is_alive() for thread in threads))
    assert len(files) == 8
    for file in files:
        assert len(file.read_about()) == 2
        file.close()


def test_only_its_user_can_read_it(file: JournalFile, path: Path) -> None:
    file.write_contract(CONTRACT)
    modes = {entry.name: entry.stat().st_mode & 0o777 for entry in os.scandir(path.parent)}
    assert {name: mode & 0o077 for name, mode in modes.items() if mode & 0o077} == {}
    assert len(modes) >= 3
