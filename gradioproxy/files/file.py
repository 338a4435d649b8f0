"""A file that an app sent, as its caller has it: `File`.

Rule: nothing of a file is fetched before it is used, and what was fetched may be gone whenever it
is looked for. How its content comes, and how it is written, is the business of `download` and
`saving`.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast
from urllib.parse import quote

from .. import forksafe
from ..errors import ServerError
from ..pydantic_schemas import KnownToPydantic, PydanticSchema
from ..stable_names import named_in_pickles
from ..text import one_line
from ..transport.credentials import access_from_environment
from ..transport.http import Transport
from ..transport.url import Address
from .download import read_content
from .private import is_kept
from .reading import open_if_there, read_blocks
from .saving import save_download, write_file, write_new_file
from .source import from_data_url, mime_type, safe_name

if TYPE_CHECKING:
    import builtins
    from collections.abc import Callable, Generator, Iterator, Mapping

    from .preview import Preview, Room


class File(KnownToPydantic, os.PathLike[str]):
    """A file of an app, downloaded when its path is first used.

    ``open(file)``, ``str(file)`` and everything else that takes a path takes it; printing its
    ``repr`` fetches nothing. It works after its session was closed, as long as the server has it.
    """

    __module__ = "gradioproxy"

    def __init__(
        self,
        raw: Mapping[str, Any],
        transport: Transport,
        prefix: str = "",
        folder: Path | None = None,
    ) -> None:
        self._raw = dict(raw)
        self._transport = transport
        self._prefix = prefix
        self._folder = folder
        self._path: Path | None = None
        # What was fetched to be looked at: it is private, wherever downloads go.
        self._copy: Path | None = None
        self._lock = forksafe.Lock()

    def __repr__(self) -> str:
        size = f", {self.size:,} bytes" if self.size is not None else ""
        return f"<File {self.name!r}{size}>"

    def __str__(self) -> str:
        return self.__fspath__()

    def __fspath__(self) -> str:
        with self._lock:
            if self._path is None or not is_kept(self._path):
                self._path = self._fetch()
            return str(self._path)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, File) and self.url == other.url

    def __hash__(self) -> int:
        return hash(self.url)

    def __copy__(self) -> File:
        return self  # nothing of it changes, and a copy would lose the way to the app

    def __deepcopy__(self, memo: dict[int, Any]) -> File:
        return self

    def __reduce__(self) -> tuple[Callable[..., File], tuple[Any, ...]]:
        return restore_file, (self._raw, self._transport.address.url, self._prefix)

    @classmethod
    def _describe_to_pydantic(cls) -> PydanticSchema:
        shown = {"type": ["string", "null"], "format": "path", "description": "A file: its path."}
        return PydanticSchema(shown, lambda file: isinstance(file, cls | None), "a File", os.fspath)

    @property
    def raw(self) -> dict[str, Any]:
        """What the server sent for it, unchanged."""
        return dict(self._raw)

    @property
    def url(self) -> str:
        """Its address, below the address that the caller gave for the app."""
        path = server_path(self._raw)
        if path.startswith(("http://", "https://", "data:")):
            return path
        return self._transport.address.join(f"{self._prefix}/file={quote(path, errors='replace')}")

    @property
    def name(self) -> str:
        """Its name, safe for any folder."""
        inline = from_data_url(server_path(self._raw))
        if inline is not None:
            return inline.name
        given = self._raw.get("orig_name") or server_path(self._raw).rsplit("/", 1)[-1]
        return safe_name(str(given))

    @property
    def mime_type(self) -> str:
        """Its media type, as the server says or its name suggests."""
        given = self._raw.get("mime_type")
        return one_line(given) if isinstance(given, str) and given else mime_type(self.name)

    @property
    def size(self) -> int | None:
        """Its size in bytes, if the server said so."""
        given = self._raw.get("size")
        if not isinstance(given, int) or isinstance(given, bool):
            return None
        return given if 0 <= given <= sys.maxsize else None

    def bytes(self) -> builtins.bytes:
        """Return its content.

        Raises:
            FileGone: The server no longer has it.
            ConnectError, ConnectionLost, Timeout: It can't be fetched at the moment.
            OSError: It was downloaded, and can't be read.
        """
        with open_if_there(self._find_content()) as handle:
            return handle.read() if handle is not None else b"".join(self.chunks())

    def save(self, to: str | os.PathLike[str]) -> Path:
        """Write it to a file.

        Args:
            to: The file's path, where what is there is overwritten (of a symbolic link the link,
                and not what it leads to). Or a folder: the server chose the file's name, so there
                it gets one that is not taken, such as ``main-2.py`` beside ``main.py``.

        Returns:
            The path of the file.

        Raises:
            FileGone: The server no longer has it.
            ConnectError, ConnectionLost, Timeout: It can't be fetched at the moment.
            FileNotSaved: The disk is full, read-only or broken.
            OSError: The path is none that can be written, as where its folder is missing.
        """
        target = Path(to)
        path = self._find_content()
        with open_if_there(path) as handle:
            content = self.chunks() if handle is None else read_blocks(handle)
            if not target.is_dir():
                write_file(content, target)
                return target
            if handle is not None and path is not None and target.samefile(path.parent):
                return target / path.name  # it is there
            return write_new_file(content, target, self.name)

    def _find_content(self) -> Path | None:
        """Return where all of it is on this machine, if it is."""
        known = (path for path in (self._path, self._copy) if path is not None)
        return next(filter(is_kept, known), None)

    def chunks(self) -> Iterator[builtins.bytes]:
        """Yield its content as it comes from the server; raises as `bytes` does."""
        if self.url.startswith("data:"):
            inline = from_data_url(self.url)
            if inline is None:
                shown = self._transport.hide(self.name)
                raise ServerError(f"The server sent {shown!r} as a garbled data: URL.")
            with inline.open() as handle:
                yield handle.read()
            return
        yield from read_content(self._transport, self.url, self.name, self.size)

    def __iter__(self) -> Iterator[builtins.bytes]:
        """Iterate over its content, in pieces as they come; raises as `bytes` does.

        Of a stream that the app is still making these come while it is made.
        """
        with open_if_there(self._find_content()) as handle:
            yield from self.chunks() if handle is None else read_blocks(handle)

    def open(self) -> IO[builtins.bytes]:
        """Open it to be read, without waiting for the whole.

        Returns:
            A binary file that is read from its beginning to its end; the rest comes from the app
            while it is read, and what was not is not fetched. Reading raises as `bytes` does.
        """
        from .live import ChunkReader  # late: few scripts read without a path

        return io.BufferedReader(ChunkReader(iter(self)))

    @property
    def public_url(self) -> str | None:
        """Its address, if it can be fetched there without a secret or a cookie."""
        url = self.url
        has_url = url.startswith(("http://", "https://"))
        return url if has_url and self._transport.is_public_url(url) else None

    def belongs_to(self, transport: Transport) -> bool:
        """Tell whether the app that *transport* leads to has it, to be named when it is passed."""
        same = self._transport.address.url == transport.address.url
        return same and not self.url.startswith("data:")

    def _fetch(self) -> Path:
        """Bring it to where downloads go; return its path there."""
        path = self._find_content()
        if path is not None and self._folder is None:
            return path
        with open_if_there(path) as handle:
            content = self.chunks() if handle is None else read_blocks(handle)
            return save_download(content, self._folder, self.name)

    # In notebooks.

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        """Return what a notebook shows: the image, the sound, the text; fetched if need be."""
        del include, exclude  # IPython leaves out what is not wanted
        from ..notebook import shows_media  # late: few scripts look
        from .preview import Room

        if not shows_media():
            return {"text/plain": repr(self)}
        made = self.__preview__(Room())
        return {"text/plain": made.text, **(made.alone or {"text/html": made.html})}

    def __preview__(self, room: Room) -> Preview:
        """Return what can be shown of it in the room that is left of a display."""
        from .preview import Fetched, preview_file  # late, as above

        url, requests, left = self.url, room.requests, room.left
        made = room.repeat(url)
        if made is None:
            made = preview_file(self, lambda limit: self._read_head(limit, room), room)
            if room.requests < requests:
                room.fetched[url] = Fetched(made, left - room.left if made.alone else 0)
        return made

    def _read_head(self, limit: int, room: Room) -> tuple[builtins.bytes, bool]:
        """Return so many of its first bytes, and whether these are all.

        Raises:
            NotShownError: It is not on this machine, and not fetched for this display.
        """
        with open_if_there(self._find_content()) as handle:
            if handle is not None:
                found = handle.read(limit + 1)
                return found[:limit], len(found) <= limit
        return self._fetch_head(limit, room)

    def _fetch_head(self, limit: int, room: Room) -> tuple[builtins.bytes, bool]:
        """Return the same of what is not on this machine."""
        if not self.url.startswith("data:"):
            room.count_request()
        head = bytearray()
        with contextlib.closing(cast("Generator[builtins.bytes]", self.chunks())) as chunks:
            for chunk in chunks:
                head += chunk
                if len(head) > limit:
                    return bytes(head[:limit]), False
        content = bytes(head)
        if room.keeps:
            # Not where downloads go: who looks at a file has not asked for it there.
            self._copy = save_download([content], None, self.name)
        return content, True


def server_path(raw: Mapping[str, Any]) -> str:
    """Return where a server has a file, by what it said: a path there, or a URL."""
    return str(raw.get("path") or raw.get("name") or raw.get("url") or "")


@named_in_pickles
def restore_file(raw: dict[str, Any], url: str, prefix: str) -> File:
    """Make a pickled file again, with the secrets of this process's environment if any."""
    return File(raw, Transport(Address(url), access_from_environment(url)), prefix)
