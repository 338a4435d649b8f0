"""The folder of this process for what nobody else is to read, which goes with the process.

It lies where everybody may make folders. Programs that clean up behind others take it away from
processes that live long; then anybody could make one of that name, which is none of ours.
"""

from __future__ import annotations

import atexit
import contextlib
import itertools
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

from .. import forksafe
from ..errors import FileNotSaved


class _Root(NamedTuple):
    """A folder that was made for a process.

    Attributes:
        path: Where.
        identity: What it is told from another one of its name by.
        process: The number of the process: a forked child has its own.
    """

    path: Path
    identity: tuple[int, int, int]
    process: int

    def is_there(self) -> bool:
        """Tell whether it is still there, and not another one instead."""
        with contextlib.suppress(OSError):
            return _identify(self.path) == self.identity
        return False


_roots: list[_Root] = []
_making = forksafe.Lock()
_numbers = itertools.count(1)


def make_temporary_folder() -> Path:
    """Return a new folder in one that only this user can read and that goes with the process.

    Raises:
        FileNotSaved: There is none.
    """
    parent = find_temporary_folder()
    try:
        with _making:
            folder = _find_root(parent).path / str(next(_numbers))
            folder.mkdir()
    except OSError as error:
        reason = error.strerror or str(error)
        path = str(error.filename or parent)
        raise FileNotSaved(f"{path} can't be made: {reason}.", path=path) from error
    return folder


def find_temporary_folder() -> Path:
    """Return the folder for temporary files.

    Raises:
        FileNotSaved: There is none that can be written.
    """
    try:
        return Path(tempfile.gettempdir())
    except OSError as error:  # says which were tried
        raise FileNotSaved(
            f"There is no folder for temporary files: {error.strerror or error}. TMPDIR names "
            "another one; downloads go to download_dir= if that is given.",
            path=os.environ.get("TMPDIR", ""),
        ) from error


def is_kept(path: Path) -> bool:
    """Tell whether a file that was downloaded is still there, and not what others put there."""
    homes = [root for root in _roots if path.is_relative_to(root.path)]
    return all(root.is_there() for root in homes) and path.exists()


def _find_root(parent: Path) -> _Root:
    """Return the folder of this process; a new one if there is none any more."""
    process = os.getpid()
    for root in _roots:
        if root.process == process and root.is_there():
            return root
    path = Path(tempfile.mkdtemp(prefix="gradioproxy-", dir=parent))
    root = _Root(path, _identify(path), process)
    _roots.append(root)
    atexit.register(_remove, root)
    # A process that multiprocessing forked ends without atexit, and runs these finalizers instead.
    ending: Any = sys.modules.get("multiprocessing.util")
    if ending is not None:
        ending.Finalize(None, _remove, args=(root,), exitpriority=0)
    return root


def _identify(folder: Path) -> tuple[int, int, int]:
    """Return what a folder is known again by; the number of one that is gone is given anew."""
    found = folder.lstat()
    return found.st_dev, found.st_ino, found.st_uid


def _remove(root: _Root) -> None:
    # A forked child has its own: it must not take the parent's along when it ends.
    if os.getpid() == root.process and root.is_there():
        shutil.rmtree(root.path, ignore_errors=True)
