"""Sessions on a machine that has run out of something: room on the disk, open files, a file."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

import gradioproxy as gp
from gradioproxy.calls.uploading import bring_up

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.gradio import Server

# One of each protocol.
TESTED_VERSIONS = ("3.50.2", "4.19.2", "4.44.1", "6.31.0")

CALLS = """
import os, resource, signal, sys
from pathlib import Path
import gradioproxy as gp

url, folder = sys.argv[1], Path(sys.argv[2])
app = gp.connect(url, progress=False, timeout=30, download_dir=folder / "downloads")
path = folder / "a.txt"
path.write_bytes(b"content" * 1000)

def names():
    return sorted(path.name for path in folder.rglob("*") if not path.is_dir())

def works():
    assert app.echo("x") == "x"
    assert list(app.stream_text.stream("a b c"))[-1] == "a b c"
    made = app.file_back(path)
    assert made.bytes() == path.read_bytes()
    Path(made).unlink()
    assert names() == ["a.txt"], names()

works()
"""

OPEN_FILES = """
file = app.file_back(path)
# So many that what is open already stays so.
resource.setrlimit(resource.RLIMIT_NOFILE, (100, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
for round in range(2):
    taken = []
    try:
        while True:
            taken.append(os.open(os.devnull, os.O_RDONLY))
    except OSError:
        pass
    for act in (
        lambda: app.echo("y"),
        lambda: list(app.stream_text.stream("a b")),
        lambda: app.file_back(path),
        lambda: str(file),
        lambda: file.save(folder / "b.txt"),
        lambda: file.save(folder),
        lambda: gp.connect(url),
    ):
        try:
            act()
        except gp.GradioProxyError as error:
            assert "Too many open files" in str(error), repr(error)
        # What needs no new one, as its connection is there, may well work.
    for number in taken:
        os.close(number)
    assert ".part" not in str(names()), names()
    for left in folder.rglob("*"):
        if not left.is_dir() and left != path:
            left.unlink()
    works()
"""

DISK = """
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
file, other = app.file_back(path), app.file_back(path)
for round in range(2):
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, resource.RLIM_INFINITY))
    for act in (
        lambda: str(file),
        lambda: open(other),
        lambda: file.save(folder / "b.txt"),
        lambda: file.save(folder),
    ):
        try:
            act()
        except gp.FileNotSaved as error:
            assert error.path.startswith(str(folder)) and error.path in str(error), error
        else:
            raise AssertionError
        assert names() == ["a.txt"], names()
    assert app.echo("y") == "y"
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    works()
assert Path(file).read_bytes() == Path(other).read_bytes() == path.read_bytes()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs the resource module")
@pytest.mark.parametrize("lack", [OPEN_FILES, DISK], ids=["open files", "room"])
def test_a_lack_of_what_a_machine_has(server: Server, tmp_path: Path, lack: str) -> None:
    """Each error says what is lacking, and the session goes on when it is there again."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", CALLS + lack + "app.close()", server.url, tmp_path],
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""


@pytest.mark.parametrize("fault", ["gone", "a folder"])
def test_a_file_that_goes_before_it_went_up(
    app: gp.Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    """The call has not run, its error names the file, and the next call does well."""
    path = tmp_path / "a.txt"
    path.write_text("content")
    assert app.file_back(path).bytes() == b"content"
    path.write_text("another")

    def take_away(*given: Any) -> Any:
        path.unlink()
        if fault == "a folder":
            path.mkdir()
        return bring_up(*given)

    monkeypatch.setattr("gradioproxy.calls.engine.bring_up", take_away)
    with pytest.raises(gp.MissingFile) as raised:
        app.file_back(path)
    assert str(path) in str(raised.value)
    assert "must stay readable" in str(raised.value)
    assert raised.value.may_have_run is False
    monkeypatch.undo()
    if path.is_dir():
        path.rmdir()
    path.write_text("another")
    assert app.file_back(path).bytes() == b"another"
