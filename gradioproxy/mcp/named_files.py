"""What a model can name as a file: the web, files that tools returned, those of one folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..files.source import BytesSource, sent_name
from .kept_files import SCHEME

if TYPE_CHECKING:
    from ..files.file import File
    from ..files.source import Source
    from .folder import AllowedFolder
    from .kept_files import KeptFiles

_OUT_OF_FOLDER = "its path in the folder of files that this server was given"
_FORGOTTEN = "this server returned no such file, or has forgotten it since"


class ModelFiles:
    """The files that a model can name besides those of the web.

    Args:
        kept: The files that tools returned.
        folder: The folder whose files were allowed, if any.

    Attributes:
        hint: How a file is named, for a model that named none.
        parameter_text: The same, for the schemas of tools.
    """

    def __init__(self, kept: KeptFiles, folder: AllowedFolder | None) -> None:
        self._kept, self._folder = kept, folder
        ways = ["its http, https or data: URL", "the URI of a file that a tool returned"]
        ways += [_OUT_OF_FOLDER] if folder is not None else []
        named = f"{', '.join(ways[:-1])} or {ways[-1]}"
        self.hint = f"a file is named by {named}"
        self.parameter_text = f"A file: {named}."

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
        return None if self._folder is None else self._folder.open_source(name)
