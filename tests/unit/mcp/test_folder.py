"""The folder whose files a model may name: no way leads out of it."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

from gradioproxy.mcp.folder import AllowedFolder

if TYPE_CHECKING:
    from pathlib import Path

LINKS = pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")


@pytest.fixture
def allowed(tmp_path: Path) -> Path:
    """Give a folder with a file, beside one that is not allowed."""
    (tmp_path / "allowed" / "inner").mkdir(parents=True)
    (tmp_path / "allowed" / "inner" / "a.txt").write_bytes(b"inside")
    (tmp_path / "allowed-too").mkdir()
    for secret in (tmp_path / "secret.txt", tmp_path / "allowed-too" / "secret.txt"):
        secret.write_bytes(b"outside")
    return tmp_path / "allowed"


def read(folder: Path, name: str) -> bytes:
    with AllowedFolder(folder).open_source(name).open() as handle:
        return handle.read()


def test_files_inside(allowed: Path) -> None:
    """By their paths in it, and by others that lead there."""
    assert read(allowed, "inner/a.txt") == b"inside"
    assert read(allowed, "inner/../inner/a.txt") == b"inside"
    assert read(allowed, str(allowed / "inner" / "a.txt")) == b"inside"
    source = AllowedFolder(allowed).open_source("inner/a.txt")
    assert (source.name, source.size) == ("a.txt", 6)


@pytest.mark.parametrize(
    "name",
    ["../secret.txt", "../allowed-too/secret.txt", "inner/../../secret.txt", "/etc/passwd", "/"],
)
def test_nothing_outside(allowed: Path, name: str) -> None:
    """Whether it is there or not, the answer is the same, and says no path but the model's."""
    for asked in (name, f"{name}.missing"):
        with pytest.raises(ValueError, match="it is outside of the folder") as caught:
            AllowedFolder(allowed).open_source(asked)
        assert str(allowed) not in str(caught.value)


@LINKS
def test_links_that_lead_out(allowed: Path) -> None:
    """A link to a file, to a folder, and to what is not there; one that stays inside is a file."""
    (allowed / "file").symlink_to("../secret.txt")
    (allowed / "folder").symlink_to("../allowed-too")
    (allowed / "nothing").symlink_to("../nothing")
    (allowed / "circle").symlink_to("circle")
    (allowed / "inside").symlink_to("inner/a.txt")

    for name in ("file", "folder/secret.txt", "nothing"):
        with pytest.raises(ValueError, match="outside"):
            AllowedFolder(allowed).open_source(name)
    with pytest.raises(ValueError, match="no such file"):
        AllowedFolder(allowed).open_source("circle")
    assert read(allowed, "inside") == b"inside"


@LINKS
def test_a_folder_that_becomes_a_link(
    allowed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the look at a path and its opening: what is opened is looked at again."""
    (allowed / "moving").mkdir()
    (allowed / "moving" / "secret.txt").write_bytes(b"decoy")
    real_open = os.open

    def swap_first(path: Path, flags: int) -> int:
        (allowed / "moving").rename(tmp_path / "moved")
        (allowed / "moving").symlink_to("../allowed-too")
        return real_open(path, flags)

    monkeypatch.setattr("gradioproxy.mcp.folder.os.open", swap_first)
    with pytest.raises(ValueError, match="outside"):
        AllowedFolder(allowed).open_source("moving/secret.txt")


def test_what_is_no_file(allowed: Path) -> None:
    """Nothing waits for a pipe, and a name that can't be one is none."""
    for folder in ("inner", "", "."):
        with pytest.raises(ValueError, match=r"no ordinary file|can't be read"):
            AllowedFolder(allowed).open_source(folder)
    if hasattr(os, "mkfifo"):
        os.mkfifo(allowed / "pipe")
        with pytest.raises(ValueError, match="no ordinary file"):
            AllowedFolder(allowed).open_source("pipe")
    for name in ("missing", "a\0b", "x" * 100_000):
        with pytest.raises(ValueError, match="no such file"):
            AllowedFolder(allowed).open_source(name)


def test_what_is_no_folder(allowed: Path) -> None:
    for path in (allowed / "missing", allowed / "inner" / "a.txt"):
        with pytest.raises(OSError, match=str(path.name)):
            AllowedFolder(path)
