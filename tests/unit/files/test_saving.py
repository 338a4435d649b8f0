"""What can go wrong where a file is written, by each way that a file of an app gets there.

Whatever it is: the error names the path that was meant, nothing is left under that name or another
one, no connection is held, and the next attempt works when the disk is well again.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from gradioproxy.errors import FileNotSaved, GradioProxyError
from gradioproxy.files.call_files import CallFiles
from gradioproxy.files.file import File
from gradioproxy.files.saving import write_file, write_new_file
from tests.support.disks import FULL, REFUSED, FailingDisk, name_fault
from tests.support.web_server import Exchange, Reply, Web, transport_to

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PREFIX = "/gradio_api"
SERVED = f"{PREFIX}/file=/srv/a.bin"
RAW = {"path": "/srv/a.bin", "orig_name": "a.bin"}
# More than the buffers of a connection take: who does not read on holds it.
CONTENT = bytes(range(256)) * 40_000

RUN = f"{PREFIX}/stream/hash/run/7"
STREAM = {"path": "hash/run/7/playlist.m3u8", "is_stream": True, "orig_name": "a.aac"}
AAC = b"\xff\xf1" + CONTENT


class Way:
    """A way by which content gets onto the disk.

    Args:
        use: Takes what makes files of what the app sends, and the disk's folder; returns where the
            content is then.
        private: Whether the path is not the caller's choice.
        content: The content.
    """

    def __init__(
        self,
        use: Callable[[Callable[..., Any], Path], Any],
        *,
        private: bool = True,
        content: bytes = CONTENT,
    ) -> None:
        self.use, self.private, self.content = use, private, content


def _open(make: Callable[..., Any], folder: Path) -> Path:
    del folder
    file = make(RAW)
    with open(file, "rb"):  # noqa: PTH123 - what people write
        return Path(file)


WAYS = {
    "str": Way(lambda make, _: Path(str(make(RAW)))),
    "open": Way(_open),
    "download_dir": Way(lambda make, folder: Path(make(RAW, folder / "new"))),
    "save": Way(lambda make, folder: make(RAW).save(folder / "b.bin"), private=False),
    "save over": Way(lambda make, folder: make(RAW).save(folder / "old.bin"), private=False),
    "save to a folder": Way(lambda make, folder: make(RAW).save(folder), private=False),
    "a partial stream": Way(lambda make, _: Path(make(STREAM)), content=AAC),
    "a stream in download_dir": Way(lambda make, folder: Path(make(STREAM, folder)), content=AAC),
}


@pytest.fixture
def make(web: Web) -> Iterator[Callable[..., Any]]:
    """Give what makes a file of what an app sends, and has one connection for all."""
    web.keep = False
    web.on(SERVED, Reply(body=CONTENT))
    web.on(f"{RUN}/playlist.m3u8", Reply(body=b"#EXTM3U\n#EXT-X-ENDLIST\n"))
    web.on(f"{RUN}/playlist-file", Reply(body=AAC))
    with contextlib.closing(transport_to(web)) as transport:

        def make_file(raw: dict[str, Any], folder: Path | None = None) -> Any:
            media = CallFiles(transport, PREFIX, folder, lambda task: task())
            made = media.make_file(raw)
            media.end_call()  # what is a stream is not waited for
            return made

        yield make_file


def error_of(act: Callable[[], Any]) -> OSError:
    """Return the error that something raises."""
    with pytest.raises(OSError) as raised:  # noqa: PT011 - what it says is looked at
        act()
    return raised.value


@pytest.mark.parametrize("fault", [*FULL, *REFUSED], ids=name_fault)
@pytest.mark.parametrize("way", WAYS)
def test_a_fault_of_the_disk(
    web: Web,
    make: Callable[..., Any],
    disk: FailingDisk,
    way: str,
    fault: tuple[str, int],
) -> None:
    """By each way to a file on disk."""
    chosen = WAYS[way]
    (disk.folder / "old.bin").write_bytes(b"before")
    before = disk.list_files()
    disk.fail(*fault)
    errors = [error_of(lambda: chosen.use(make, disk.folder)) for _ in range(2)]

    for error in errors:
        path = getattr(error, "path", error.filename)
        assert str(path).startswith(str(disk.folder))
        assert str(path) in str(error)
        assert ".part" not in str(error)
        assert os.strerror(fault[1]) in str(error)
        ours = chosen.private or fault in FULL
        assert isinstance(error, FileNotSaved) is isinstance(error, GradioProxyError) is ours
        assert ours or error.errno == fault[1]
    disk.heal()
    left = disk.list_files()
    assert {name: left[name] for name in before} == before
    # Folders are there to be used: that of the process, and one that the caller named.
    assert {n for n in left if not n.startswith("gradioproxy-") or "/" in n} - {"new"} == {*before}
    # The errors are still held, and with them whatever was under way.
    web.wait_until(lambda: web.open_connections <= 1)
    assert chosen.use(make, disk.folder).read_bytes() == chosen.content


@pytest.mark.parametrize("fault", [*FULL, *REFUSED], ids=name_fault)
def test_bytes_need_no_disk(
    make: Callable[..., Any],
    disk: FailingDisk,
    fault: tuple[str, int],
) -> None:
    """Neither before the file was downloaded nor after."""
    file = make(RAW)
    disk.fail(*fault)
    assert file.bytes() == CONTENT
    disk.heal()
    assert Path(file).read_bytes() == CONTENT
    disk.fail(*fault)
    assert file.bytes() == CONTENT


@pytest.mark.parametrize("fault", FULL, ids=name_fault)
def test_a_stream_that_comes_with_its_call(
    web: Web,
    make: Callable[..., Any],
    disk: FailingDisk,
    caplog: pytest.LogCaptureFixture,
    fault: tuple[str, int],
) -> None:
    """The call has its result, the log says what is wrong, and who uses the stream fetches it."""
    del make
    with contextlib.closing(transport_to(web)) as transport:
        media = CallFiles(transport, PREFIX, disk.folder / "new", lambda task: task())
        stream = media.make_file(STREAM)
        disk.fail(*fault)
        ended: list[bool] = []
        media.download_all(lambda: ended.append(True))
        assert ended == [True]
        assert "A stream could not be fetched" in caplog.text
        assert str(disk.folder / "new") in caplog.text
        assert isinstance(error_of(lambda: str(stream)), FileNotSaved)
        disk.heal()
        assert set(disk.list_files()) <= {"new"}
        assert stream.bytes() == AAC
        assert Path(stream) == disk.folder / "new" / "a.aac"


@pytest.mark.parametrize("way", ["folder", "loop", "long", "below a file", "missing"])
def test_a_path_that_is_none(make: Callable[..., Any], tmp_path: Path, way: str) -> None:
    """Real ones: the error is the one that `open` raises for the path, and nothing was fetched."""
    (tmp_path / "file").write_bytes(b"mine")
    (tmp_path / "loop").symlink_to("loop")
    before = sorted(tmp_path.iterdir())
    paths = {
        "folder": tmp_path / "file" / "x",
        "loop": tmp_path / "loop" / "x",
        "long": tmp_path / ("x" * 300),
        "below a file": tmp_path / "file" / "x" / "y",
        "missing": tmp_path / "missing" / "x",
    }
    path = paths[way]
    expected = error_of(lambda: path.open("wb"))
    error = error_of(lambda: make(RAW).save(path))
    assert (type(error), error.errno) == (type(expected), expected.errno)
    assert error.filename == str(path)
    assert sorted(tmp_path.iterdir()) == before
    kept = error_of(lambda: str(make(RAW, path))) if way in {"folder", "loop"} else None
    assert kept is None or (isinstance(kept, FileNotSaved) and str(path) in str(kept))


def test_a_folder_that_appears_meanwhile_stays(tmp_path: Path) -> None:
    """And the error names it."""
    target = tmp_path / "x"

    def chunks() -> Iterator[bytes]:
        yield b"a"
        target.mkdir()
        (target / "mine").touch()

    error = error_of(lambda: write_file(chunks(), target))
    assert isinstance(error, IsADirectoryError)
    assert error.filename == str(target)
    assert [path.name for path in tmp_path.rglob("*")] == ["x", "mine"]


@pytest.mark.parametrize("way", ["download_dir", "save"])
def test_a_folder_that_goes_meanwhile(web: Web, tmp_path: Path, way: str) -> None:
    """That download is lost, and says where it was to go; the next one makes the folder anew."""
    folder = tmp_path / "new"

    def speak(exchange: Exchange) -> None:
        exchange.start()
        exchange.chunk(b"con")
        shutil.rmtree(folder)
        exchange.chunk(b"tent")
        exchange.chunk(b"")

    web.on(SERVED, speak, Reply(body=b"content"))
    with contextlib.closing(transport_to(web)) as transport:
        if way == "save":
            file = File(RAW, transport, PREFIX)
            folder.mkdir()
            error = error_of(lambda: file.save(folder / "a.bin"))
            assert isinstance(error, FileNotFoundError)
            assert error.filename == str(folder / "a.bin")
            assert file.save(tmp_path / "a.bin").read_bytes() == b"content"
        else:
            file = File(RAW, transport, PREFIX, folder)
            error = error_of(lambda: str(file))
            assert isinstance(error, FileNotSaved)
            assert str(folder / "a.bin") in str(error)
            assert Path(file).read_bytes() == b"content"
            assert Path(file).parent == folder


def test_nothing_has_its_name_before_it_is_whole(tmp_path: Path) -> None:
    """Who looks into the folder meanwhile finds no file of that name, not even an empty one."""
    seen: list[str] = []

    def chunks() -> Iterator[bytes]:
        yield b"a" * 100_000
        seen.extend(path.name for path in tmp_path.iterdir())
        yield b"b"

    path = write_new_file(chunks(), tmp_path, "a.txt")
    assert len(seen) == 1
    assert seen[0].startswith(".")
    assert path == tmp_path / "a.txt"
    assert path.read_bytes() == b"a" * 100_000 + b"b"
    assert [one.name for one in tmp_path.iterdir()] == ["a.txt"]


@pytest.mark.parametrize("code", [errno.EPERM, errno.ENOTSUP, errno.ENOSYS])
def test_a_disk_without_links(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, code: int) -> None:
    """There a name is taken first, and given back if that helps nothing."""

    def refuse(self: Path, target: Path) -> None:
        raise OSError(code, os.strerror(code), str(self), None, str(target))

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    (tmp_path / "a.txt").write_bytes(b"mine")
    paths = [write_new_file([b"new"], tmp_path, "a.txt") for _ in range(2)]
    assert [path.name for path in paths] == ["a-2.txt", "a-3.txt"]
    disk = FailingDisk(monkeypatch, tmp_path)
    monkeypatch.setattr(Path, "hardlink_to", refuse)
    disk.fail("rename", errno.ENOSPC)
    error = error_of(lambda: write_new_file([b"new"], tmp_path, "a.txt"))
    assert getattr(error, "path", None) == str(tmp_path / "a-4.txt")
    assert sorted(disk.list_files()) == ["a-2.txt", "a-3.txt", "a.txt"]


def test_what_can_not_be_read_is_no_fault_of_where_it_goes(
    make: Callable[..., Any],
    disk: FailingDisk,
    tmp_path: Path,
) -> None:
    """The error names the copy that was downloaded before."""
    file = make(RAW)
    path = Path(file)
    disk.fail("read", errno.EIO)
    for use in (file.bytes, lambda: file.save(tmp_path / "x"), lambda: file.save(tmp_path)):
        error = error_of(use)
        assert (error.errno, error.filename) == (errno.EIO, str(path))
    disk.heal()
    assert [one.name for one in tmp_path.iterdir()] == ["disk"]
    assert file.save(tmp_path / "x").read_bytes() == CONTENT


def test_what_is_private_is_so_from_the_start(tmp_path: Path) -> None:
    """Also before it has its name, and whatever the user's mask permits."""
    seen: list[int] = []

    def chunks() -> Iterator[bytes]:
        seen.extend(path.stat().st_mode & 0o777 for path in tmp_path.iterdir())
        yield b"secret"

    before = os.umask(0)
    try:
        write_file(chunks(), tmp_path / "x", private=True)
        write_file([b""], tmp_path / "y")
    finally:
        os.umask(before)
    if os.name == "posix":
        assert seen == [0o600]
        modes = [(tmp_path / name).stat().st_mode & 0o777 for name in "xy"]
        assert modes == [0o600, 0o666]
