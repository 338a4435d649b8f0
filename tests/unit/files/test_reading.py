"""Files that are read name themselves in errors."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from gradioproxy.files.reading import call_naming, open_if_there, open_to_read, read_file
from tests.support.disks import FailingDisk

if TYPE_CHECKING:
    from collections.abc import Callable

UNREADABLE = Path("/proc/self/mem")
"""A real file that can be opened, and whose first bytes can't be read."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Give a file."""
    path = tmp_path / "a.bin"
    path.write_bytes(bytes(range(256)) * 1000)
    return path


def test_it_reads_as_any_open_file(path: Path) -> None:
    """From wherever."""
    content = path.read_bytes()
    assert b"".join(read_file(path)) == content
    with open_to_read(str(path)) as handle:
        assert handle.seekable()
        assert handle.read(3) == content[:3]
        assert handle.tell() == 3
        assert handle.seek(-5, os.SEEK_END) == len(content) - 5
        assert handle.read() == content[-5:]
    assert handle.closed
    with pytest.raises(ValueError, match="closed"):
        handle.read(1)


READS: list[Callable[[Path], Any]] = [
    lambda path: open_to_read(path).read(),
    lambda path: open_to_read(path).read(1),
    lambda path: list(read_file(path)),
]


@pytest.mark.parametrize("read", READS)
def test_an_error_names_the_file(
    path: Path, monkeypatch: pytest.MonkeyPatch, read: Callable[[Path], Any]
) -> None:
    """Also one that comes while it is read."""
    disk = FailingDisk(monkeypatch, path.parent)
    disk.fail("read", errno.EIO)
    with pytest.raises(OSError, match="Input/output error") as raised:
        read(path)
    assert (raised.value.errno, raised.value.filename) == (errno.EIO, str(path))
    disk.heal()
    assert read(path)


@pytest.mark.skipif(not UNREADABLE.exists(), reason="there is no /proc here")
@pytest.mark.parametrize("read", [*READS, lambda path: open_to_read(path).seek(0, os.SEEK_END)])
def test_a_real_file_that_can_not_be_read(read: Callable[[Path], Any]) -> None:
    """The system itself says so."""
    with pytest.raises(OSError, match=str(UNREADABLE)) as raised:
        read(UNREADABLE)
    assert raised.value.filename == str(UNREADABLE)


def test_what_somebody_took_away_is_nothing(path: Path, tmp_path: Path) -> None:
    """Every other error is one."""
    for gone in (None, tmp_path / "gone", tmp_path / "gone" / "x", path / "x"):
        with open_if_there(gone) as handle:
            assert handle is None
    with open_if_there(path) as handle:
        assert handle is not None
        assert handle.read(2) == b"\0\1"
    assert handle.closed
    with pytest.raises(IsADirectoryError):
        open_if_there(tmp_path)


class _Own(OSError):
    """A library's."""


@pytest.mark.parametrize(
    "error", [_Own(errno.EIO, "x"), OSError("no number"), OSError(errno.EIO, "x", "/its/own")]
)
def test_errors_that_say_more_stay(error: OSError) -> None:
    """Those of libraries, and those with a path."""

    def fail() -> None:
        raise error

    with pytest.raises(OSError) as raised:  # noqa: PT011 - it is looked at
        call_naming("/path", fail)
    assert raised.value is error
