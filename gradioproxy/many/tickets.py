"""Tickets on this machine: a file for each chunk, in a folder that only this user reads.

=======================  =============================================
what is there            what that means
=======================  =============================================
``7``                    nobody has begun the chunk
``7.taken``              a worker has
neither                  nobody wants it any more
=======================  =============================================

Names are changed and taken away in one step, so a worker and whoever revokes a ticket never both
have their way.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..files.private import make_temporary_folder

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class FileTicket:
    """A ticket that is a file.

    Attributes:
        path: Where it is.
    """

    path: str

    def take(self) -> bool:
        """Take it; tell whether it was there to be taken."""
        try:
            os.rename(self.path, self._taken)  # noqa: PTH104 - a path is a text here
        except OSError:
            return False
        return True

    def is_wanted(self) -> bool:
        """Tell whether it was not revoked since it was taken."""
        return os.path.exists(self._taken)  # noqa: PTH110 - as above

    def revoke(self) -> bool:
        """Take it away from whoever has it; tell whether anybody had taken it."""
        for path in (self.path, self._taken):
            with contextlib.suppress(OSError):
                os.unlink(path)  # noqa: PTH108 - as above
                return path == self._taken
        return True  # somebody else cleaned up: nobody knows

    @property
    def _taken(self) -> str:
        return f"{self.path}.taken"


class TicketFolder:
    """The tickets of one ``map``.

    Raises:
        FileNotSaved: There is no place for them.
    """

    def __init__(self) -> None:
        self._folder: Path = make_temporary_folder()
        self._numbers = itertools.count(1)

    def make(self) -> FileTicket | None:
        """Return a new ticket; ``None`` where the disk has no place for another."""
        path = self._folder / str(next(self._numbers))
        try:
            path.touch(mode=0o600, exist_ok=False)
        except OSError:
            return None
        return FileTicket(str(path))

    def remove(self) -> None:
        """Revoke all of them."""
        shutil.rmtree(self._folder, ignore_errors=True)
