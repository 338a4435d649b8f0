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
    from collections.abc import Iterable, Iterator

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
        with name_in_errors(folder, own=True):
            folder = folder.absolute()
            folder.mkdir(parents=True, exist_ok=True)
            return write_new_file(chunks, folder, name)
    private = make_temporary_folder()
    target = private / name
    try:
        with name_in_errors(target, own=True):
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
    with _write_part(chunks, target, _OWNER if private else _ALL) as part, name_in_errors(target):
        part.replace(target)


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
    with _write_part(chunks, folder / name, _ALL) as part:
        for number in itertools.count(1):
            target = folder / (name if number == 1 else f"{stem}-{number}{extension}")
            with name_in_errors(target), contextlib.suppress(FileExistsError):
                _give_new_name(part, target)
                return target
    raise AssertionError("unreachable")


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
        part.unlink()


@contextlib.contextmanager
def _write_part(chunks: Iterable[bytes], target: Path, mode: int) -> Iterator[Path]:
    """Write what is to become a file beside it, give its path, and remove what is left of it."""
    part = target.with_name(f".{secrets.token_hex(8)}.part")
    try:
        with name_in_errors(target):
            part.touch(mode, exist_ok=False)
            file = part.open("r+b")  # nobody makes it but us
        write_chunks(chunks, file, target)
        with name_in_errors(target):
            file.close()
        yield part
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
                with name_in_errors(path):
                    file.write(chunk)
            with name_in_errors(path):
                file.flush()
    except BaseException:
        with contextlib.suppress(OSError):  # it writes what is left in its buffer
            file.close()
        raise


@contextlib.contextmanager
def name_in_errors(path: Path, *, own: bool = False) -> Iterator[None]:
    """Make an error of the system one that says which file it is about.

    Args:
        path: What is written.
        own: Whether the caller of the package did not choose the path, and every error is ours.

    Raises:
        FileNotSaved: The disk is full, or it is *own*.
        OSError: The path is none that can be written.
    """
    try:
        yield
    except GradioProxyError:
        raise  # of the download, and perhaps an error of the system's kind too
    except OSError as error:
        reason = error.strerror or str(error)
        if own or error.errno not in _OF_THE_PATH:
            message = f"{path} can't be written: {reason}."
            raise FileNotSaved(message, path=str(path)) from error
        raise OSError(error.errno, reason, str(path)) from error
