"""The files of results, by the URIs that clients know them by.

A URI has a part that nobody guesses: who was not told it can't read the file, also where several
clients share the server. The content stays with the app until somebody asks for it.
"""

from __future__ import annotations

import secrets
from collections import OrderedDict
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from .. import forksafe
from ..values.simplify import write_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..files.file import File
    from .bounds import Bounds

SCHEME = "gradioproxy://files/"
TEMPLATE = f"{SCHEME}{{key}}/{{name}}"
# What is kept of any file, roughly: its description.
_LEAST_SIZE = 500


class KeptFile(NamedTuple):
    """A file that can be read.

    Attributes:
        content: A file of an app, or what it holds.
        name: What it is called.
        mime_type: Its media type.
        hide: Takes the secrets that its app was sent out of a text, of which it may be one.
        size: About how many bytes are held for it here.
    """

    content: File | bytes
    name: str
    mime_type: str
    hide: Callable[[str], str]
    size: int


class KeptFiles:
    """The files of the last results.

    Args:
        bounds: How many there are at most, and how much they hold.
    """

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self._files: OrderedDict[str, KeptFile] = OrderedDict()
        self._held = 0
        self._lock = forksafe.Lock()

    def keep(
        self, content: File | bytes, name: str, mime_type: str, hide: Callable[[str], str] = str
    ) -> str:
        """Keep a file, and forget the oldest where there are too many; return its URI."""
        # An app can say as much of a file as it likes.
        held = len(content if isinstance(content, bytes) else write_json(content.raw))
        kept = KeptFile(content, name, mime_type, hide, _LEAST_SIZE + held)
        uri = f"{SCHEME}{secrets.token_urlsafe(16)}/{quote(name, safe='', errors='replace')}"
        with self._lock:
            self._files[uri] = kept
            self._held += kept.size
            while self._is_full():
                _, oldest = self._files.popitem(last=False)
                self._held -= oldest.size
        return uri

    def _is_full(self) -> bool:
        bounds = self._bounds
        return len(self._files) > bounds.kept_files or self._held > bounds.kept_bytes

    def find(self, uri: str) -> KeptFile | None:
        """Return the file of a URI, unless there is none or it was forgotten."""
        with self._lock:
            return self._files.get(uri)
