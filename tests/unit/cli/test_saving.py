"""Where files go: planned before a call, and saved after it whatever happens."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest

from gradioproxy.cli.saving import plan_saving
from gradioproxy.files.file import File
from gradioproxy.schema import shape as shapes
from gradioproxy.schema.shape import Array
from gradioproxy.transport.credentials import Access
from gradioproxy.transport.http import Transport
from gradioproxy.transport.url import Address
from tests.support.schemas import endpoint, result

if TYPE_CHECKING:
    from gradioproxy.schema.endpoint import Endpoint
    from tests.support.disks import FailingDisk

ONE = endpoint(results=[result(shape=shapes.union([shapes.FILE, shapes.NULL])), result()])
TWO = endpoint(results=[result(shape=shapes.FILE), result(shape=shapes.FILE)])
MANY = endpoint(results=[result(shape=Array(shapes.FILE))])
NONE = endpoint(results=[result()])


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the folder for temporary files, and work beside it."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    return folder


def file(name: str = "a.txt", content: str = "YQ==") -> File:
    """Return a file whose content the server sent with it."""
    transport = Transport(Address("http://127.0.0.1:1"), Access())
    return File({"path": f"data:text/plain;base64,{content}", "orig_name": name}, transport)


def saved(made: Endpoint, target: str | None, *files: File, several: bool = False) -> list[str]:
    """Return the paths that files get."""
    saver = plan_saving(made, target, several=several)
    assert saver is not None
    return [*saver.save(files).values()]


def test_one_file_gets_the_path() -> None:
    """One file has the name that was chosen; what was there is replaced."""
    Path("out.txt").write_text("before", encoding="utf-8")
    assert saved(ONE, "out.txt", file()) == ["out.txt"]
    assert Path("out.txt").read_text(encoding="utf-8") == "a"


@pytest.mark.parametrize("made", [TWO, MANY])
def test_several_files_get_a_folder(made: Endpoint) -> None:
    """Several files go into a folder, which is made, and none of them replaces another."""
    paths = saved(made, "deep/out", file(), file(content="Yg=="))
    assert {Path(path).parent for path in paths} == {Path("deep/out")}
    assert sorted(Path(path).read_text(encoding="utf-8") for path in paths) == ["a", "b"]


def test_one_file_can_go_into_a_folder() -> None:
    """A folder that is there, or is written like one, gets the file under the app's name."""
    Path("out").mkdir()
    for target in ("out", "new/"):
        (path,) = saved(ONE, target, file())
        assert Path(path).parent == Path(target)


def test_without_a_choice_they_are_kept(temporary: Path) -> None:
    """Without ``-o`` they stay in a folder of their own after the command; none is made early."""
    saver = plan_saving(ONE, None, several=False)
    assert saver is not None
    assert [*temporary.iterdir()] == []

    paths = saver.save([file(), file(content="Yg==")])

    (folder,) = temporary.iterdir()
    assert {Path(path).parent for path in paths.values()} == {folder}
    assert folder.stat().st_mode & 0o077 == 0


def test_text_needs_no_place() -> None:
    """Where no file can come, the target is for the text."""
    assert plan_saving(NONE, "out.txt", several=False) is None
    assert plan_saving(NONE, "-", several=True) is None


@pytest.mark.parametrize(
    ("made", "target", "several", "message"),
    [
        (TWO, "taken", False, "need a folder"),
        (ONE, "taken", True, "need a folder"),
        (ONE, "missing/out.txt", False, "there is no folder missing"),
        (ONE, "taken/out.txt", False, "there is no folder taken"),
        (TWO, "-", False, "takes one file"),
        (ONE, "-", True, "takes one file"),
    ],
)
def test_what_cannot_be_is_told_before_the_call(
    made: Endpoint, target: str, several: bool, message: str
) -> None:
    """Nobody pays for a call whose result has no place."""
    Path("taken").write_text("a file", encoding="utf-8")
    with pytest.raises(click.UsageError, match=message):
        plan_saving(made, target, several=several)
    assert Path("taken").read_text(encoding="utf-8") == "a file"


def test_nothing_is_lost(capsys: pytest.CaptureFixture[str], temporary: Path) -> None:
    """What can't be saved where it was to be is saved elsewhere, and told."""
    Path("deep").mkdir()
    saver = plan_saving(ONE, "deep/out.txt", several=False)
    assert saver is not None
    Path("deep").rmdir()

    (path,) = saver.save([file()]).values()

    assert Path(path).read_text(encoding="utf-8") == "a"
    assert temporary in Path(path).parents
    assert saver.failed
    assert f"the file is at {path}\n" in capsys.readouterr().err


def test_pipes_and_devices_stay_what_they_are() -> None:
    """What is no regular file gets the content, and is not replaced."""
    os.mkfifo("pipe")
    reader = os.open("pipe", os.O_RDONLY | os.O_NONBLOCK)
    try:
        assert saved(ONE, "pipe", file()) == ["pipe"]
        assert os.read(reader, 10) == b"a"
    finally:
        os.close(reader)
    assert stat.S_ISFIFO(Path("pipe").stat().st_mode)


def test_links_stay_what_they_are() -> None:
    """What a link leads to gets the file; a second one is beside the link."""
    Path("link.txt").symlink_to("real.txt")
    assert saved(ONE, "link.txt", file(), file(content="Yg==")) == ["link.txt", "link-2.txt"]
    assert Path("link.txt").is_symlink()
    assert Path("real.txt").read_text(encoding="utf-8") == "a"


def test_a_full_disk(disk: FailingDisk, temporary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is kept where there is room."""
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    saver = plan_saving(ONE, str(disk.folder / "out.txt"), several=False)
    assert saver is not None
    disk.fail("write", errno.ENOSPC)
    (path,) = saver.save([file()]).values()
    assert temporary in Path(path).parents
    assert saver.failed


def test_more_than_was_said(temporary: Path) -> None:
    """More files than the app's description has are beside the first."""
    saver = plan_saving(ONE, "out.txt", several=False)
    assert saver is not None
    paths = saver.save([file(), file(content="Yg==")])
    assert [*paths.values()] == ["out.txt", "out-2.txt"]
    assert [*temporary.iterdir()] == []


def test_no_file_goes_to_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """It could obey what is in it; this is told before the call."""
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    with pytest.raises(click.UsageError, match="not for a terminal"):
        plan_saving(ONE, "-", several=False)
    assert plan_saving(NONE, "-", several=False) is None


def test_standard_output(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """A file's bytes go to standard output."""
    assert saved(ONE, "-", file()) == ["-"]
    assert capfdbinary.readouterr().out == b"a"
