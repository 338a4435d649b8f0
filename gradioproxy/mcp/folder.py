"""The one folder whose files a model may name, by their paths in it.

Rule: what is opened is in the folder when it is opened, wherever a symbolic link leads, and no
message says where the folder is.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from ..files.source import HandleSource, sent_name

if TYPE_CHECKING:
    from ..files.source import Source

# Opening a pipe would wait for whoever writes into it; a link may have come after it was looked at.
_FLAGS = os.O_RDONLY
for _name in ("O_NONBLOCK", "O_NOFOLLOW", "O_CLOEXEC", "O_BINARY", "O_NOCTTY"):
    _FLAGS |= getattr(os, _name, 0)

_MISSING = "there is no such file in the folder that was allowed"
_OUTSIDE = "it is outside of the folder that was allowed"


class AllowedFolder:
    """A folder whose files can be named.

    Args:
        path: Its path.

    Raises:
        OSError: It is no folder that can be read.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._root = Path(path).resolve(strict=True)
        with os.scandir(self._root):
            pass

    def open_source(self, name: str) -> Source:
        """Return a file's content, as it is from now on, whatever becomes of its name.

        Args:
            name: Its path in the folder, or one that leads there.

        Raises:
            ValueError: It is none of the folder's files; the message says why.
        """
        try:
            path = (self._root / name).resolve(strict=True)
        except (OSError, RuntimeError, ValueError):  # a circle of links, a zero in the name
            raise ValueError(_MISSING if self._is_below(name) else _OUTSIDE) from None
        if not path.is_relative_to(self._root):
            raise ValueError(_OUTSIDE)
        try:
            descriptor = os.open(path, _FLAGS)
        except OSError as error:
            raise ValueError(f"it can't be read: {error.strerror}") from None
        try:
            self._ensure_inside(path, os.fstat(descriptor))
        except BaseException:
            os.close(descriptor)
            raise
        shown = path.relative_to(self._root).as_posix()
        with os.fdopen(descriptor, "rb") as handle:
            return HandleSource(handle, 0, sent_name(path.name), shown)

    def _is_below(self, name: str) -> bool:
        """Tell whether a name would be in the folder, if anything were there."""
        try:
            return (self._root / name).resolve().is_relative_to(self._root)
        except (OSError, RuntimeError, ValueError):
            return True

    def _ensure_inside(self, path: Path, opened: os.stat_result) -> None:
        """Do nothing, if what was opened is an ordinary file of the folder.

        Raises:
            ValueError: It is none.
        """
        if not stat.S_ISREG(opened.st_mode):
            raise ValueError("it is no ordinary file")
        try:
            # A folder on the way may have become a link between the look and the opening.
            again = path.resolve(strict=True)
            inside = again.is_relative_to(self._root) and os.path.samestat(again.stat(), opened)
        except (OSError, RuntimeError):
            inside = False
        if not inside:
            raise ValueError(_OUTSIDE)
