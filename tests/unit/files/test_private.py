"""The temporary folder of the process: gone, forbidden, or taken by others."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from gradioproxy.errors import FileNotSaved
from gradioproxy.files import private
from gradioproxy.files.file import File
from gradioproxy.files.private import make_temporary_folder
from tests.support.web_server import Exchange, Reply, Web, transport_to

if TYPE_CHECKING:
    from collections.abc import Callable

SERVED = "/gradio_api/file=/srv/a.txt"
RAW = {"path": "/srv/a.txt"}


@pytest.fixture
def parent(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Give the folder for temporary files, which has nothing of this process yet."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    monkeypatch.setattr(private, "_roots", [])
    return folder


def file_of(web: Web) -> File:
    """Return a file that a server has."""
    return File(RAW, transport_to(web), "/gradio_api")


def remove_all(parent: Path) -> None:
    """Remove what is in the folder for temporary files."""
    for path in parent.iterdir():
        shutil.rmtree(path)


def remove_files(parent: Path) -> None:
    """Remove the files, and leave the folders."""
    for path in parent.rglob("*"):
        if path.is_file():
            path.unlink()


def remove_folders(parent: Path) -> None:
    """Remove what is in the folder of this process, and leave that."""
    for root in parent.iterdir():
        remove_all(root)


@pytest.mark.parametrize("clean", [remove_all, remove_files, remove_folders])
@pytest.mark.parametrize("use", [str, File.bytes, lambda file: file.save(file.name)])
def test_cleaned_between(
    web: Web,
    parent: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    clean: Callable[[Path], None],
    use: Callable[[File], Any],
) -> None:
    """Before a download, after it, and after the next: the file is fetched again."""
    monkeypatch.chdir(tmp_path)
    web.on(SERVED, Reply(body=b"content"))
    old, new = file_of(web), file_of(web)
    for _ in range(2):
        assert Path(old).read_bytes() == b"content"
        clean(parent)
        use(old)
        use(new)
        clean(parent)
    for file in (old, new):
        assert file.bytes() == Path(file).read_bytes() == b"content"


@pytest.mark.parametrize("clean", [remove_all, remove_folders])
def test_cleaned_during_a_download(web: Web, parent: Path, clean: Callable[[Path], None]) -> None:
    """That one is lost, and says which file it was; the next one is there."""

    def speak(exchange: Exchange) -> None:
        exchange.start()
        exchange.chunk(b"con")
        clean(parent)
        exchange.chunk(b"tent")
        exchange.chunk(b"")

    web.on(SERVED, speak, Reply(body=b"content"))
    file = file_of(web)
    with pytest.raises(FileNotSaved, match=r"a\.txt can't be written: No such file") as raised:
        str(file)
    assert raised.value.path.startswith(str(parent))
    assert Path(file).read_bytes() == b"content"


def test_gone_between_a_look_and_its_use(
    web: Web, parent: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever looks whether the file is there may be too early: who opens it knows."""
    web.on(SERVED, Reply(body=b"content"))
    file = file_of(web)
    path = str(file)
    real = private.is_kept

    def look_too_early(given: Path) -> bool:
        found = real(given)
        remove_all(parent)
        return found

    monkeypatch.setattr("gradioproxy.files.file.is_kept", look_too_early)
    assert file.bytes() == b"content"
    assert not Path(path).exists()
    monkeypatch.undo()
    assert file.save(tmp_path / "x").read_bytes() == b"content"


@pytest.mark.skipif(os.name != "posix", reason="who owns a folder is asked as POSIX does")
@pytest.mark.parametrize("link", [False, True])
def test_what_others_put_there_is_not_ours(
    web: Web, parent: Path, tmp_path: Path, link: bool
) -> None:
    """The name is known to all, and free again once the folder was removed."""
    web.on(SERVED, Reply(body=b"content"))
    file = file_of(web)
    path = Path(file)
    root = path.parent.parent
    moved = tmp_path / "theirs"
    root.rename(moved)  # so that the number of the folder, by which it is known, is not given anew
    if link:
        root.symlink_to(moved)
    else:
        shutil.copytree(moved, root)
    path.write_bytes(b"theirs")
    assert file.bytes() == b"content"
    assert Path(file).read_bytes() == b"content"
    assert root not in Path(file).parents
    assert root not in make_temporary_folder().parents
    assert root in parent.iterdir()  # and stays


def test_a_folder_that_can_not_be_made(web: Web, parent: Path) -> None:
    """The error names where it was to be, and it is made once that is possible."""
    web.on(SERVED, Reply(body=b"content"))
    file = file_of(web)
    parent.rmdir()
    for _ in range(2):
        with pytest.raises(FileNotSaved, match=r"can't be made: No such file") as raised:
            str(file)
        assert str(parent) in str(raised.value)
        assert raised.value.path.startswith(str(parent))
    assert file.bytes() == b"content"  # which needs none
    parent.mkdir()
    assert Path(file).read_bytes() == b"content"


PROGRAM = """
    import os, sys, tempfile
    import gradioproxy as gp
    from gradioproxy.files.file import File
    from gradioproxy.files.source import from_handle
    from gradioproxy.transport.credentials import Access
    from gradioproxy.transport.http import Transport
    from gradioproxy.transport.url import Address

    tempfile._candidate_tempdir_list = lambda: ["/nonexistent/one", os.environ["TMPDIR"]]
    transport = Transport(Address("http://app.test"), Access())
    file = File({"url": "data:text/plain;base64,Y29udGVudA=="}, transport)
    reader, writer = os.pipe()
    os.write(writer, b"x")
    os.close(writer)
    for use in (lambda: str(file), lambda: from_handle(open(reader, "rb"))):
        try:
            use()
        except gp.FileNotSaved as error:
            assert "no folder for temporary files" in str(error), error
            assert os.environ["TMPDIR"] in str(error) and error.path == os.environ["TMPDIR"], error
        else:
            raise AssertionError
    assert file.bytes() == b"content"
    os.mkdir(os.environ["TMPDIR"])
    assert open(file).read() == "content"
    print(os.listdir(os.environ["TMPDIR"]))
"""


def test_without_any_folder_for_temporary_files(tmp_path: Path) -> None:
    """As where ``TMPDIR`` is none, and there is no other: what needs one says so, and which."""
    folder = tmp_path / "none"
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(PROGRAM)],
        env={**os.environ, "TMPDIR": str(folder)},
        cwd=Path.cwd(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("['gradioproxy-")
    assert list(folder.iterdir()) == []


def test_a_failed_folder_is_tried_anew(parent: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the reason was."""
    made = Path.mkdir
    codes = [errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EMFILE]

    def fail(path: Path, *args: Any, **options: Any) -> None:
        if codes:
            raise OSError(codes[0], os.strerror(codes.pop(0)), str(path))
        made(path, *args, **options)

    monkeypatch.setattr(Path, "mkdir", fail)
    while codes:
        with pytest.raises(FileNotSaved, match=str(parent)):
            make_temporary_folder()
    assert make_temporary_folder().is_dir()
    assert len(list(parent.iterdir())) == 1
