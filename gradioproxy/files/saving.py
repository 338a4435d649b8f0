"""Content written to files of this machine, each whole or not at all; and where downloads go.

Rule: nothing that was there before is overwritten but what the caller names, nothing has its name
before it is whole, and an error says which file it is about: the one that was meant, whatever that
is called until it is whole. Where the content comes from is nothing that is known here; its errors
stay as they are.
"""

from __future__ import annotations

import contextlib
import errno
import itertools
import secrets
from pathlib import Path
from typing import IO, TYPE_CHECKING

from ..errors import FileNotSaved, GradioProxyError
from .private import make_temporary_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

# Errors of a path that the caller chose. All others are of the disk: full, read-only, broken.
_OF_THE_PATH = frozenset(
    {
        *(errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.EEXIST, errno.EACCES, errno.EPERM),
        *(errno.ENAMETOOLONG, errno.ELOOP, errno.EINVAL),
    }
)
_ALL, _OWNER = 0o666, 0o600


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
    if folder is not None:
        with NamedPath(folder, own=True):
            folder = folder.absolute()
            folder.mkdir(parents=True, exist_ok=True)
        with NamedPath(folder / name, own=True):
            return write_new_file(chunks, folder, name)
    private = make_temporary_folder()
    target = private / name
    try:
        with NamedPath(target, own=True):
            write_file(chunks, target)
    except BaseException:
        with contextlib.suppress(OSError):
            private.rmdir()
        raise
    return target


def write_file(chunks: Iterable[bytes], target: Path, *, private: bool = False) -> None:
    """Write a file so that it is either there as a whole or not at all.

    What was there is replaced; a symbolic link is, too, and not what it leads to.

    Args:
        chunks: Its content.
        target: Its path.
        private: Whether nobody else may read it.

    Raises:
        FileNotSaved: The disk is full, read-only or broken.
        OSError: The path is none that can be written.
    """

    def give_name(part: Path) -> Path:
        with NamedPath(target):
            return part.replace(target)

    _write(chunks, target, give_name, _OWNER if private else _ALL)


def write_new_file(chunks: Iterable[bytes], folder: Path, name: str) -> Path:
    """Write a file under a name that is not taken: ``name``, ``name-2`` and so on.

    Args:
        chunks: Its content.
        folder: The folder that it is to be in.
        name: What to call it, safe for any folder.

    Returns:
        The path that it got.

    Raises:
        FileNotSaved, OSError: As `write_file` does.
    """
    extension = Path(name).suffix
    stem = name.removesuffix(extension)

    def give_name(part: Path) -> Path:
        for number in itertools.count(1):
            target = folder / (name if number == 1 else f"{stem}-{number}{extension}")
            with NamedPath(target), contextlib.suppress(FileExistsError):
                _give_new_name(part, target)
                return target
        raise AssertionError("unreachable")

    return _write(chunks, folder / name, give_name)


def _give_new_name(part: Path, target: Path) -> None:
    """Give a file a name that no other has.

    Raises:
        FileExistsError: The name is taken.
        OSError: It can't get that name.
    """
    try:
        target.hardlink_to(part)
    except FileExistsError:
        raise
    except OSError:  # not every file system has links
        target.touch(exist_ok=False)
        try:
            part.replace(target)
        except BaseException:
            with contextlib.suppress(OSError):
                target.unlink()
            raise
    else:
        with contextlib.suppress(OSError):  # all is there, under its name
            part.unlink()


def _write(
    chunks: Iterable[bytes], target: Path, give_name: Callable[[Path], Path], mode: int = _ALL
) -> Path:
    """Write what is to become a file beside it, and remove what is left of it if that fails.

    Args:
        chunks: The content.
        target: What it is to become, or likely so, for errors.
        give_name: Takes the path of the whole; gives it its name, and returns that.
        mode: Who may read and write it.

    Returns:
        Its path.
    """
    part = target.with_name(f".{secrets.token_hex(8)}.part")
    try:
        with NamedPath(target):
            part.touch(mode, exist_ok=False)
            file = part.open("r+b")  # nobody makes it but us
        write_chunks(chunks, file, target)
        with NamedPath(target):
            file.close()
        return give_name(part)
    except BaseException:
        # What went wrong is what there is to say, and not that there is nothing to remove.
        with contextlib.suppress(OSError):
            part.unlink()
        raise


def write_chunks(chunks: Iterable[bytes], file: IO[bytes], path: Path) -> None:
    """Write content to an open file, which is closed if that fails.

    Args:
        chunks: The content; whatever it comes from is closed, as a request may be behind it.
        file: The file.
        path: What errors are about.

    Raises:
        FileNotSaved, OSError: As `write_file` does.
    """
    try:
        with contextlib.ExitStack() as stack:
            if (close := getattr(chunks, "close", None)) is not None:
                stack.callback(close)
            for chunk in chunks:
                with NamedPath(path):
                    file.write(chunk)
            with NamedPath(path):
                file.flush()
    except BaseException:
        with contextlib.suppress(OSError):  # it writes what is left in its buffer
            file.close()
        raise


class NamedPath:
    """Makes an error of the system one that says which file it is about: a context manager.

    Args:
        path: What is written.
        own: Whether the caller of the package did not choose the path, and every error is ours.
    """

    # No generator: the frames of one stay in the traceback, and hold what was under way.
    def __init__(self, path: Path, *, own: bool = False) -> None:
        self._path, self._own = path, own

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, error: BaseException | None, _traceback: object) -> None:
        """Raise the error that says it.

        Raises:
            FileNotSaved: The disk is full, or it is *own*.
            OSError: The path is none that can be written.
        """
        if not isinstance(error, OSError) or isinstance(error, GradioProxyError):
            return  # what a download raises may be an error of the system's kind too
        reason, path = error.strerror or str(error), str(self._path)
        if self._own or error.errno not in _OF_THE_PATH:
            raise FileNotSaved(f"{path} can't be written: {reason}.", path=path) from error
        raise OSError(error.errno, reason, path) from error
