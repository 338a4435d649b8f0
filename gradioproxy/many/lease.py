"""Whether the process that began something is still there: a file that it keeps locked.

The system lets go of the lock when the process ends, however that is, and knows no other process by
its number; so it holds across containers, and after a restart of the machine.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

if sys.platform == "win32":
    import msvcrt

    def _take_lock(descriptor: int) -> None:
        """Lock an open file, or raise `OSError` where another has it."""
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

    _try_lock = _take_lock

else:
    import fcntl

    def _take_lock(descriptor: int) -> None:
        """Lock an open file, or raise `OSError` where another has it."""
        # Of the open file, and not of the process as those of POSIX are: another map of this
        # process may ask, and closing what it asked with lets go of nothing.
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _try_lock(descriptor: int) -> None:
        """Raise `OSError` where another has an open file locked; who asks keeps out nobody."""
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)


_NAME = re.compile(r"[0-9a-f]{16}\.lock")


class Lease:
    """Says to others that this process is still there.

    Args:
        folder: Where its file is to be.

    Raises:
        OSError: It can't be made there, or files can't be locked.
    """

    def __init__(self, folder: Path) -> None:
        self.name = f"{secrets.token_hex(8)}.lock"
        self._path = folder / self.name
        # It is not inherited by programs that are started meanwhile.
        self._descriptor: int | None = os.open(
            self._path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600
        )
        try:
            _take_lock(self._descriptor)
        except BaseException:
            self.end()
            raise

    def end(self) -> None:
        """Let go of it."""
        with contextlib.suppress(OSError):
            self._path.unlink()
        self.leave()

    def __del__(self) -> None:
        if getattr(self, "_descriptor", None) is not None:
            self.end()

    def leave(self) -> None:
        """Close it in a forked child: the parent still has it."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)


def is_held(folder: Path, name: Any) -> bool:
    """Tell whether the process that has a lease is still there.

    Args:
        folder: Where its file is, if it is.
        name: Its name, as a journal has it.
    """
    if not _is_name(name):
        return False
    try:
        # As little as asking takes: where a journal is read, its disk may be read-only.
        descriptor = os.open(folder / name, os.O_RDONLY)
    except FileNotFoundError:
        return False
    except OSError:
        return True  # nobody can tell, as where this process has too many files open
    try:
        _try_lock(descriptor)
    except OSError:
        return True
    finally:
        os.close(descriptor)
    return False


def remove_if_left(folder: Path, name: Any) -> None:
    """Remove the file of a lease whose process was killed; arguments as above."""
    if _is_name(name) and (folder / name).exists() and not is_held(folder, name):
        with contextlib.suppress(OSError):
            (folder / name).unlink()


def _is_name(name: Any) -> bool:
    """Tell whether a lease can have a name: a journal is a stranger's file, and leads nowhere."""
    return isinstance(name, str) and _NAME.fullmatch(name) is not None
