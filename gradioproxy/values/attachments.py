"""The files among the arguments of a call: what they are made of, and what is wrong with them."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import ArgumentError, FileGone, FileTooLarge, MissingFile, Problem
from ..files.blanks import BlankSource
from ..files.file import File
from ..files.in_memory import is_listed_sound, is_media, source_of
from ..files.payload import Pending
from ..files.source import (
    BytesSource,
    PathSource,
    RemoteSource,
    Source,
    from_data_url,
    from_handle,
    name_for,
    sent_name,
    url_name,
)
from ..text import one_line, short_repr
from .markers import Blank

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..files.filedata import Form
    from ..transport.http import Transport

_FILE_TAKES = (
    "it takes a path, a URL, bytes, an open binary file, an image, (rate, samples) or a File"
)


_MASK_TAKES = "it takes {'image': ..., 'mask': ...}, with what is drawn on the image"


class Attachments:
    """Collects the files of one call.

    Args:
        function: The function's name, for messages.
        transport: The way to the app.
        max_size: The largest file that the app takes, in bytes.
        upright: Whether the server turns images as the camera was held.

    Attributes:
        files: Those that go up.
        label: What the page calls the parameter that they are for, where its name says nothing.
        problems: What is wrong with some of them, and the class of the error that it is.
    """

    def __init__(
        self,
        function: str,
        transport: Transport,
        max_size: int | None,
        *,
        upright: bool = True,
    ) -> None:
        self._function = function
        self._transport = transport
        self._max_size = max_size
        self._upright = upright
        self._media: dict[int, tuple[Any, Source]] = {}
        self.files: list[Pending] = []
        self.label = ""
        self.problems: list[tuple[type[ArgumentError], Problem]] = []

    def _wrong(
        self, where: str, got: str, expected: str, kind: type[ArgumentError] = ArgumentError
    ) -> None:
        self.problems.append((kind, Problem(where, got, expected, self.label)))

    def source(self, where: str, value: Any) -> Source | None:
        """Return the source for a file, or ``None`` where it is none, which was noted.

        Args:
            where: The parameter, with the place inside its value.
            value: What the caller passed.
        """
        source: Source | None = None
        try:
            match value:
                case File():
                    source = RemoteSource(value.chunks, value.name, value.url, value.open_url)
                case str() if value.startswith(("http://", "https://")):
                    source = RemoteSource(self._fetch(where, value), url_name(value), value)
                case str() if (source := from_data_url(value)) is not None:
                    pass
                case str() | os.PathLike():
                    source = self._path(where, value)
                case bytes() | bytearray() | memoryview():
                    source = BytesSource(bytes(value), name_for(bytes(value)))
                case Blank():
                    source = self._blank(where, value)
                case _ if is_media(value) or is_listed_sound(value):
                    source = self._encoded(value)
                case _ if hasattr(value, "read"):
                    source = from_handle(value)
                case _:
                    got = f"{short_repr(value)} of type {type(value).__name__}"
                    self._wrong(where, got, _FILE_TAKES)
        except (TypeError, ValueError, OSError) as error:
            self._wrong(where, one_line(error), _FILE_TAKES)
        return source

    def _blank(self, where: str, value: Blank) -> Source | None:
        like = self.source(where, value.like)
        problem = Problem(where, "an image whose size can't be told", _MASK_TAKES)
        refused = ArgumentError(self._function, [problem])
        return None if like is None else BlankSource(like, refused, upright=self._upright)

    def _encoded(self, value: Any) -> Source:
        """Return the source for an image or a sound in memory, one for all of its places."""
        if id(value) not in self._media:
            # The value is kept along, so that no other gets its number.
            self._media[id(value)] = value, source_of(value)
        return self._media[id(value)][1]

    def _path(self, where: str, value: str | os.PathLike[str]) -> Source | None:
        path = Path(value)
        try:
            status = path.stat()
            if stat.S_ISREG(status.st_mode):
                with path.open("rb"):
                    # What can't be read should be known now and not halfway through.
                    return PathSource(str(path.absolute()), sent_name(path.name), status.st_size)
            # Opening a pipe or a device could wait for ever.
            reason = "a folder" if stat.S_ISDIR(status.st_mode) else "no ordinary file"
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
        self._wrong(where, f"{short_repr(str(path))} ({reason})", _FILE_TAKES, MissingFile)
        return None

    def pending(self, where: str, source: Source, form: Form) -> Pending | None:
        """Return what stands for a file until it has gone up; ``None`` if it is too large.

        Args:
            where: The parameter, with the place inside its value.
            source: The file.
            form: How it is written.
        """
        size = source.size
        if self._max_size is not None and size is not None and size > self._max_size:
            self._wrong(
                where,
                f"{source.name!r} of {size:,} bytes",
                f"the app takes files of at most {self._max_size:,} bytes",
                FileTooLarge,
            )
            return None
        pending = Pending(source, where, form)
        self.files.append(pending)
        return pending

    def _fetch(self, where: str, url: str) -> Callable[[], Iterator[bytes]]:
        """Return what fetches a URL that the caller passed; without secrets, if it is foreign."""
        transport, function, label = self._transport, self._function, self.label

        def chunks() -> Iterator[bytes]:
            try:
                yield from File({"path": url}, transport).chunks()
            except FileGone:
                got = f"{short_repr(url)} (there is nothing)"
                problem = Problem(where, got, _FILE_TAKES, label)
                raise MissingFile(function, [problem]) from None

        return chunks
