"""Content written to files of this machine, each whole or not at all; and where downloads go.

Rule: nothing that was there before is overwritten but what the caller names, and an error of the
system says which file it is about. Where the content comes from is nothing that is known here.
"""

from __future__ import annotations

import atexit
import itertools
import os
import secrets
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from .. import forksafe
from ..errors import FileNotSaved, GradioProxyError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_BLOCK = 1 << 16


def save_download(chunks: Iterable[bytes], folder: Path | None, name: str) -> Path:
    """Write a download to where downloads go; return its path.

    Args:
        chunks: Its content.
        folder: The folder that the caller chose, where it gets a name that is not taken; ``None``
            for a private one of its own.
        name: What to call it, safe for any folder.

    Raises:
        FileNotSaved: It can't be written.
    """
    if folder is None:
        target = make_temporary_folder() / name
        with _NamedPath(target, own=True):
            write_file(chunks, target)
        return target
    folder = folder.absolute()
    with _NamedPath(folder, own=True):
        folder.mkdir(parents=True, exist_ok=True)
        return write_new_file(chunks, folder, name)


def write_file(chunks: Iterable[bytes], target: Path) -> None:
    """Write a file so that it is either there as a whole or not at all.

    What was there is replaced; a symbolic link is, too, and not what it leads to.
    """
    part = target.with_name(f".{secrets.token_hex(8)}.part")
    try:
        with _NamedPath(target), part.open("xb") as file:
            for chunk in chunks:
                file.write(chunk)
        with _NamedPath(target):
            part.replace(target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def write_new_file(chunks: Iterable[bytes], folder: Path, name: str) -> Path:
    """Write a file under a name that is not taken: ``name``, ``name-2`` and so on.

    Args:
        chunks: Its content.
        folder: The folder that it is to be in.
        name: What to call it, safe for any folder.

    Returns:
        The path that it got.
    """
    extension = Path(name).suffix
    stem = name.removesuffix(extension)
    for number in itertools.count(1):
        target = folder / (name if number == 1 else f"{stem}-{number}{extension}")
        try:
            target.touch(exist_ok=False)
        except FileExistsError:
            continue
        try:
            write_file(chunks, target)
        except BaseException:
            target.unlink(missing_ok=True)
            raise
        return target
    raise AssertionError("unreachable")


def read_file(path: Path) -> Iterator[bytes]:
    """Yield the content of a file."""
    with path.open("rb") as handle:
        while chunk := handle.read(_BLOCK):
            yield chunk


class _NamedPath:
    """Makes an error of the system that does not say which file it is about one of ours that does.

    A context manager.

    Args:
        path: What is written.
        own: Whether the caller of the package did not choose the path, and every error is ours.
    """

    def __init__(self, path: Path, *, own: bool = False) -> None:
        self._path, self._own = path, own

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, error: BaseException | None, _traceback: object) -> None:
        """Raise an error of ours for one of the system.

        Raises:
            FileNotSaved: The disk is full, or the path can't be written.
        """
        if not isinstance(error, OSError) or isinstance(error, GradioProxyError):
            return  # what the download raises may be an error of the system's kind too
        if error.filename is None or self._own:
            reason = error.strerror or str(error)
            raise FileNotSaved(
                f"{self._path} can't be written: {reason}.", path=str(self._path)
            ) from error


_roots: dict[int, Path] = {}  # by process: a forked child has its own
_making = forksafe.Lock()
_numbers = itertools.count(1)


def make_temporary_folder() -> Path:
    """Return a new folder in one that only this user can read and that goes with the process."""
    process = os.getpid()
    with _NamedPath(Path(tempfile.gettempdir()), own=True), _making:
        root = _roots.get(process)
        # Programs that clean up behind others may have taken it away since the last download.
        if root is None or not root.is_dir():
            root = _roots[process] = Path(tempfile.mkdtemp(prefix="gradioproxy-"))
            atexit.register(_remove_folder, root, process)
        folder = root / str(next(_numbers))
        folder.mkdir()
    return folder


def _remove_folder(folder: Path, process: int) -> None:
    # A forked child has its own: it must not take the parent's along when it ends.
    if os.getpid() == process:
        shutil.rmtree(folder, ignore_errors=True)
