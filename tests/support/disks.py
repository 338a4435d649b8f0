"""Disks that are full, read-only or broken, wherever the tests run and whoever runs them.

Rule: a fault is injected at the lowest place that can be reached from Python, which is the methods
of `pathlib.Path` and the raw file below a buffer; so what a buffer does with an error is real. What
needs a real disk runs in a namespace of its own (`IN_NAMESPACE`), where an ordinary user may mount
one, and is left out where the system forbids that.
"""

from __future__ import annotations

import errno
import functools
import io
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from gradioproxy.files import private

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

IN_NAMESPACE = ("unshare", "--user", "--map-root-user", "--mount")
"""What runs a program where it may mount what nobody else sees."""

MAKES = ("touch", "mkdir", "symlink_to")
NAMES = ("replace", "rename", "hardlink_to")


class FailingDisk:
    """Lets what is done below a folder fail.

    Args:
        monkeypatch: Puts the faults where they happen.
        folder: The folder.

    Attributes:
        folder: The folder.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
        self.folder = folder
        self._step, self._code = "", 0
        for name in MAKES:
            self._fail_at(monkeypatch, name, "open")
        for name in NAMES:
            self._fail_at(monkeypatch, name, "rename")
        self._fail_at(monkeypatch, "unlink", "unlink")
        self._fail_at(monkeypatch, "rmdir", "unlink")
        opened, temporary, made = Path.open, tempfile.TemporaryFile, tempfile.mkdtemp

        @functools.wraps(opened)
        def open_path(path: Path, mode: str = "r", *args: Any, **options: Any) -> Any:
            if not self._covers(path) or "b" not in mode:
                return opened(path, mode, *args, **options)
            if mode != "rb":
                self.check("open", path)
            raw = _Raw(self, str(path), mode.replace("b", ""))
            if options.get("buffering") == 0:
                return raw
            kinds: dict[str, Any] = {"rb": io.BufferedReader, "r+b": io.BufferedRandom}
            return kinds.get(mode, io.BufferedWriter)(raw)

        def open_temporary(**options: Any) -> Any:
            self.check("open", Path(options.get("dir") or tempfile.gettempdir()))
            with temporary(**options) as file:
                return io.BufferedRandom(_Raw(self, os.dup(file.fileno()), "r+"))

        def make_folder(*args: Any, **options: Any) -> str:
            self.check("open", Path(options.get("dir") or tempfile.gettempdir()))
            return str(made(*args, **options))

        monkeypatch.setattr(Path, "open", open_path)
        monkeypatch.setattr(tempfile, "TemporaryFile", open_temporary)
        monkeypatch.setattr(tempfile, "mkdtemp", make_folder)

    def fail(self, step: str, code: int) -> None:
        """Fail from now on.

        Args:
            step: What fails: ``open``, ``write``, ``close``, ``rename`` or ``read``; ``all`` for
                what changes anything, as on a disk that is read-only.
            code: The number of the error.
        """
        self._step, self._code = step, code

    def heal(self) -> None:
        """Be a good disk again."""
        self._step = ""

    def check(self, step: str, path: Path | None = None) -> None:
        """Raise if a step fails now; without a path, as where an open file is written."""
        changes = step not in {"read", "close"}
        if self._step == step or (self._step == "all" and changes):
            given = [] if path is None else [str(path)]
            raise OSError(self._code, os.strerror(self._code), *given)

    def list_files(self) -> dict[str, bytes]:
        """Return what there is, with the content of files; a folder counts, too."""
        found = {path.relative_to(self.folder): path for path in self.folder.rglob("*")}
        return {str(k): b"" if p.is_dir() else p.read_bytes() for k, p in sorted(found.items())}

    def _covers(self, path: object) -> bool:
        return str(path).startswith(str(self.folder))

    def _fail_at(self, monkeypatch: pytest.MonkeyPatch, name: str, step: str) -> None:
        real: Callable[..., Any] = getattr(Path, name)

        @functools.wraps(real)
        def act(path: Path, *args: Any, **options: Any) -> Any:
            if self._covers(path):
                self.check(step, path)
            return real(path, *args, **options)

        monkeypatch.setattr(Path, name, act)


class _Raw(io.FileIO):
    """A raw file of a failing disk."""

    def __init__(self, disk: FailingDisk, file: str | int, mode: str) -> None:
        super().__init__(file, mode)
        self._disk = disk
        self._took = False

    def write(self, content: Any, /) -> int:
        view = memoryview(content)
        try:
            self._disk.check("write")
        except OSError:
            if self._took or len(view) < 2:
                raise
            self._took = True  # a disk takes what there is room for
            return super().write(view[: len(view) // 2]) or 0
        return super().write(view) or 0

    def readinto(self, buffer: Any, /) -> int | None:
        self._disk.check("read")
        return super().readinto(buffer)

    def close(self) -> None:
        wrote = not self.closed and self.writable()
        super().close()
        if wrote:
            self._disk.check("close")


FULL = [
    ("open", errno.ENOSPC),
    ("write", errno.ENOSPC),
    ("close", errno.ENOSPC),
    ("rename", errno.ENOSPC),
    ("write", errno.EDQUOT),
    ("close", errno.EDQUOT),
    ("write", errno.EIO),
    ("close", errno.EIO),
    ("rename", errno.EIO),
    ("all", errno.EROFS),
    ("open", errno.EMFILE),
    ("open", errno.ENFILE),
]
"""Faults of a disk, or of the machine, that no other path would help against."""

REFUSED = [
    ("open", errno.EACCES),
    ("all", errno.EACCES),
    ("rename", errno.EPERM),
    ("rename", errno.ENAMETOOLONG),
]
"""Faults of one path."""


def name_fault(fault: tuple[str, int]) -> str:
    """Return what a fault is called in the name of a test."""
    step, code = fault
    return f"{step}-{errno.errorcode[code]}"


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[FailingDisk]:
    """Give a disk that has the temporary folder as well."""
    folder = tmp_path / "disk"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    monkeypatch.setattr(private, "_roots", [])  # that of this process is elsewhere
    failing = FailingDisk(monkeypatch, folder)
    yield failing
    failing.heal()


@functools.cache
def why_no_namespace() -> str:
    """Return why nothing can be mounted here; empty if it can."""
    if shutil.which("unshare") is None:
        return "there is no unshare here"
    done = subprocess.run(
        [*IN_NAMESPACE, "mount", "-t", "tmpfs", "tmpfs", "/mnt"], capture_output=True, check=False
    )
    return "" if done.returncode == 0 else "this user may mount nothing here"
