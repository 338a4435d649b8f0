"""What a model can name as a file: the web, files that tools returned, those of one folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..files.source import BytesSource, sent_name
from .kept_files import SCHEME

if TYPE_CHECKING:
    from ..files.file import File
    from ..files.source import Source
    from .bounds import Bounds
    from .folder import AllowedFolder
    from .kept_files import KeptFiles

_OUT_OF_FOLDER = "its path in the folder of files that this server was given"
_FORGOTTEN = "this server returned no such file, or has forgotten it since"


class ModelFiles:
    """The files that a model can name besides those of the web.

    Args:
        bounds: How many there are in a call, and how much is fetched for it.
        kept: The files that tools returned.
        folder: The folder whose files were allowed, if any.

    Attributes:
        hint: How a file is named, for a model that named none.
        parameter_text: The same, for the schemas of tools.
    """

    def __init__(self, bounds: Bounds, kept: KeptFiles, folder: AllowedFolder | None) -> None:
        self._bounds, self._kept, self._folder = bounds, kept, folder
        ways = ["its http, https or data: URL", "the URI of a file that a tool returned"]
        ways += [_OUT_OF_FOLDER] if folder is not None else []
        named = f"{', '.join(ways[:-1])} or {ways[-1]}"
        self.hint = f"a file is named by {named}"
        self.parameter_text = f"A file: {named}."

    def begin_call(self) -> CallFiles:
        """Return what one call can name."""
        return CallFiles(self._bounds, self._kept, self._folder, self.hint)


class CallFiles:
    """The files that a model can name in one call besides those of the web.

    Args:
        bounds: How many there are, and how much is fetched.
        kept: The files that tools returned.
        folder: The folder whose files were allowed, if any.
        hint: How a file is named, for a model that named none.
    """

    def __init__(
        self, bounds: Bounds, kept: KeptFiles, folder: AllowedFolder | None, hint: str
    ) -> None:
        self._bounds, self._kept, self._folder = bounds, kept, folder
        self.hint = hint
        self._opened = self._fetched = 0

    def find_returned(self, name: str, /) -> File | None:
        """Return the file of an app that a tool returned, if that is its URI."""
        kept = self._kept.find(name)
        return None if kept is None or isinstance(kept.content, bytes) else kept.content

    def find_source(self, name: str, /) -> Source | None:
        """Return another file of that name, if that can be a name of one.

        Raises:
            ValueError: It is none that may be read; the message says why.
        """
        if name.startswith(SCHEME):
            kept = self._kept.find(name)
            if kept is None or not isinstance(kept.content, bytes):
                raise ValueError(_FORGOTTEN)
            return BytesSource(kept.content, sent_name(kept.name))
        if self._folder is None:
            return None
        # Each is open until it was sent.
        if self._opened >= self._bounds.opened:
            raise ValueError(f"a call can name {self._bounds.opened} files at most")
        self._opened += 1
        return self._folder.open_source(name)

    def count_fetched(self, size: int, /) -> None:
        """Take note of so many bytes more that were fetched to be sent.

        Raises:
            ValueError: They are too many.
        """
        self._fetched += size
        if self._fetched > self._bounds.fetched:
            most = f"{self._bounds.fetched:,}"
            raise ValueError(f"this server fetches files of {most} bytes for a call at most")
