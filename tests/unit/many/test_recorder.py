"""What a map writes to its journal, and what others find there."""

from __future__ import annotations

import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import gradioproxy as gp
from gradioproxy.errors import JournalError
from gradioproxy.many.keys import Key
from gradioproxy.many.recorder import Recorder
from tests.support.processes import ends_well_in_child, needs_fork

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gradioproxy.many.recorder import State

CONTRACT = {"the function": "/f"}


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[..., Recorder]]:
    """Give what opens one journal, as each of several maps."""
    made: list[Recorder] = []

    def make(*, retry_failed: bool = False, repeat_unknown: bool = False) -> Recorder:
        flags: dict[str, Any] = {"retry_failed": retry_failed, "repeat_unknown": repeat_unknown}
        made.append(Recorder(tmp_path / "j", CONTRACT, **flags))
        return made[-1]

    yield make
    for recorder in made:
        recorder.close()


def key(text: str) -> Key:
    """Return the key of an input."""
    return Key(text.ljust(32).encode(), "{}")


def reach(recorder: Recorder, state: State, text: str = "x") -> int:
    """Take an input and bring it to a state; return its number."""
    row = recorder.claim(key(text))
    assert (row.state, recorder.is_own(row)) == ("claimed", True)
    if state not in {"waiting", "claimed"}:
        recorder.note_sending(row.id)
    if state == "done":
        recorder.note_result(row.id, "result")
    elif state in {"waiting", "failed", "unknown"}:
        recorder.note_end(row.id, state, "error")
    return row.id


def test_equal_inputs_are_told_apart_by_their_number(make: Callable[..., Recorder]) -> None:
    first, second = make(), make()
    numbers = [reach(first, "done") for _ in range(3)]
    assert len({*numbers}) == 3
    assert [second.claim(key("x")).id for _ in range(3)] == numbers
    assert second.is_own(second.claim(key("x")))


@pytest.mark.parametrize(
    ("state", "live", "gone"),
    [
        ("waiting", "claimed", "claimed"),
        ("claimed", "claimed", "claimed"),
        ("sent", "sent", "unknown"),
        ("done", "done", "done"),
        ("failed", "failed", "failed"),
        ("unknown", "unknown", "unknown"),
    ],
)
def test_what_others_find(
    make: Callable[..., Recorder], state: State, live: State, gone: State
) -> None:
    """While the map that wrote it goes on, and when it has ended."""
    first, second, third = make(), make(), make()
    number = reach(first, state)
    found = second.claim(key("x"))
    assert (found.id, found.state) == (number, live)
    assert second.is_own(found) == (state == "waiting")
    if state == "waiting":
        second.close()
    first.close()
    found = third.claim(key("x"))
    assert (found.id, found.state) == (number, gone)
    assert third.is_own(found) == (gone == "claimed")


def test_leases_of_killed_processes_are_removed(
    make: Callable[..., Recorder], tmp_path: Path
) -> None:
    """And those of others stay."""
    killed, other = make(), make()
    assert killed._lease is not None
    killed._lease.leave()
    make()
    names = {path.name for path in (tmp_path / "j.files" / "leases").iterdir()}
    assert len(names) == 2
    assert killed._lease.name not in names
    assert other._lease is not None
    assert other._lease.name in names


def test_what_is_asked_for_again_is_taken_when_its_process_is_gone(
    make: Callable[..., Recorder],
) -> None:
    first, second = make(), make()
    number = reach(first, "claimed")
    assert not second.is_own(second.claim(key("x")))
    assert not second.is_own(second.ask_again(number))
    first.close()
    assert second.is_own(second.ask_again(number))


@pytest.mark.parametrize("state", ["failed", "unknown"])
def test_what_is_asked_for_is_tried_again(make: Callable[..., Recorder], state: State) -> None:
    first = make()
    number = reach(first, state)
    first.close()
    other = make(retry_failed=state != "failed", repeat_unknown=state != "unknown")
    assert other.claim(key("x")).state == state
    asked = make(retry_failed=state == "failed", repeat_unknown=state == "unknown")
    row = asked.claim(key("x"))
    assert (row.id, row.state, row.error, asked.is_own(row)) == (number, "claimed", None, True)


def test_what_another_map_has_just_tried_is_not_tried_again(
    make: Callable[..., Recorder],
) -> None:
    first, second = make(retry_failed=True), make(retry_failed=True)
    reach(first, "failed")
    assert second.claim(key("x")).state == "failed"


def test_a_result_is_never_lost_to_an_error(make: Callable[..., Recorder]) -> None:
    """As of a call that is cancelled while its result is written."""
    first = make()
    number = reach(first, "done")
    first.note_end(number, "unknown", "error")
    row = make().claim(key("x"))
    assert (row.state, row.result) == ("done", "result")


def test_what_is_another_maps_is_not_written(make: Callable[..., Recorder]) -> None:
    first = make()
    number = reach(first, "claimed")
    make().note_end(number, "failed", "error")
    assert make().claim(key("x")).state == "claimed"


def test_many_threads_write_at_a_time(make: Callable[..., Recorder]) -> None:
    recorder = make()
    numbers = [reach(recorder, "sent", str(n)) for n in range(200)]

    def write(part: list[int]) -> None:
        for number in part:
            recorder.note_result(number, f"result {number}")

    threads = [threading.Thread(target=write, args=(numbers[n::8],)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = recorder.file.read("SELECT id, result FROM inputs WHERE state = 'done'")
    assert found == [(number, f"result {number}") for number in sorted(numbers)]


def test_what_can_not_be_written_is_said_and_kept_for_later(
    make: Callable[..., Recorder],
) -> None:
    """A full disk: nothing is sent, and when there is room again, all is written."""
    recorder = make()
    number = reach(recorder, "claimed")
    (pages,) = recorder.file.connection.execute("PRAGMA page_count").fetchone()
    recorder.file.connection.execute(f"PRAGMA max_page_count={pages}")
    with pytest.raises(JournalError, match="disk is full"):
        recorder.note_result(number, "x" * 100_000)
    with pytest.raises(JournalError, match="disk is full"):
        recorder.note_sending(number)
    recorder.file.connection.execute("PRAGMA max_page_count=1000000")
    recorder.close()
    assert make().claim(key("x")).state == "done"


def test_nothing_is_sent_when_it_is_closed(make: Callable[..., Recorder]) -> None:
    recorder = make()
    number = reach(recorder, "claimed")
    recorder.close()
    with pytest.raises(JournalError):
        recorder.note_sending(number)


def test_what_was_not_noted_as_sent_is_not_later(make: Callable[..., Recorder]) -> None:
    """Whoever could not note it has sent nothing."""
    recorder = make()
    number = reach(recorder, "claimed")
    recorder.file.connection.execute("PRAGMA query_only=1")
    with pytest.raises(JournalError):
        recorder.note_sending(number)
    recorder.file.connection.execute("PRAGMA query_only=0")
    recorder.close()
    assert make().claim(key("x")).state == "claimed"


@pytest.mark.parametrize("state", ["waiting", "done", "failed", "unknown"])
def test_what_has_ended_is_not_sent_any_more(make: Callable[..., Recorder], state: State) -> None:
    """As of a call that ends, or moves to another address, while another thread is about to."""
    recorder = make()
    number = reach(recorder, state)
    recorder.note_sending(number)
    recorder.note_unsent(number)
    assert recorder.file.read("SELECT state FROM inputs") == [(state,)]


def test_several_are_sent_at_a_time(make: Callable[..., Recorder]) -> None:
    """And those of which nothing was sent after all are as before."""
    recorder = make()
    numbers = [reach(recorder, "claimed", text) for text in "abc"]
    recorder.note_sending(*numbers)
    recorder.note_unsent(*numbers[:2])
    found = recorder.file.read("SELECT state FROM inputs ORDER BY id")
    assert found == [("claimed",), ("claimed",), ("sent",)]


@needs_fork
def test_a_forked_child_writes_nothing(make: Callable[..., Recorder]) -> None:
    recorder = make()
    number = reach(recorder, "sent")

    def use() -> None:
        recorder.note_result(number, "the child's")
        with pytest.raises(JournalError):
            recorder.note_sending(number)
        with pytest.raises(JournalError):
            recorder.claim(key("y"))
        recorder.close()

    assert ends_well_in_child(use)
    assert make().claim(key("x")).state == "sent"
    recorder.note_result(number, "the parent's")
    assert make().claim(key("x")).result == "the parent's"


def test_another_folder_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program may go to one while it takes results; whose an input is stays known."""
    monkeypatch.chdir(tmp_path)
    recorders = [Recorder(Path("j"), CONTRACT) for _ in range(2)]
    reach(recorders[0], "sent")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert recorders[1].claim(key("x")).state == "sent"
    for recorder in recorders:
        recorder.close()
    assert [*(tmp_path / "j.files" / "leases").iterdir()] == []


@pytest.mark.skipif(sys.platform == "win32", reason="links take rights that few have there")
@pytest.mark.parametrize("is_there", [True, False], ids=["there", "to be made"])
def test_a_link_to_one_is_the_same(tmp_path: Path, is_there: bool) -> None:
    """Whoever came by its other name is found, and what one takes is no other's."""
    folder = tmp_path / "folder"
    folder.mkdir()
    names = [folder / "j", tmp_path / "link"]
    names[1].symlink_to(names[0])
    recorders = [Recorder(name, CONTRACT) for name in (names if is_there else names[::-1])]
    reach(recorders[0], "sent")
    assert recorders[1].claim(key("x")).state == "sent"
    with gp.Journal(names[1]) as read:
        assert read.counts["sent"] == 1
    for recorder in recorders:
        recorder.close()
    assert {path.name for path in tmp_path.iterdir()} == {"folder", "link"}


def test_ctrl_c_leaves_no_lock(
    make: Callable[..., Recorder], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wherever it comes: whoever writes next writes what was cut short, too."""
    recorder = make()
    number = reach(recorder, "sent")

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(recorder.file, "transact", interrupt)
        with pytest.raises(KeyboardInterrupt):
            recorder.note_result(number, "result")
        with pytest.raises(KeyboardInterrupt):
            recorder.claim(key("y"))
    written = threading.Thread(target=lambda: reach(recorder, "done", "z"))
    written.start()
    written.join()
    assert make().claim(key("x")).result == "result"


def test_a_lease_of_a_stranger_removes_no_file(
    make: Callable[..., Recorder], tmp_path: Path
) -> None:
    kept = tmp_path / "kept.txt"
    kept.touch()
    change(make(), "INSERT INTO runs (lease, began) VALUES (?, 1)", str(kept))
    make()
    assert kept.exists()


@pytest.mark.parametrize("column", ["state", "changed"])
def test_a_row_that_is_none_of_ours(make: Callable[..., Recorder], column: str) -> None:
    """It is told of at once: nobody would ever end the input."""
    recorder = make()
    reach(recorder, "failed")
    change(recorder, f"UPDATE inputs SET {column} = ?", "other")  # noqa: S608 - as above
    with pytest.raises(JournalError, match="no state"):
        make(retry_failed=True).claim(key("x"))


def change(recorder: Recorder, statement: str, value: str) -> None:
    """Write to a journal what a stranger would."""
    recorder.file.transact(lambda database: database.execute(statement, [value]))
