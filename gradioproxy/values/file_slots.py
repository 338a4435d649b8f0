"""The last stage of encoding: a file becomes a slot, with its source and its writer.

Only the caller's own objects and strings can name a file of this machine. What the app has already
is named to it instead of sent.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..builtin import DateText
from ..errors import ArgumentError, FileGone, FileNotSaved, FileTooLarge, MissingFile
from ..files.blanks import BlankSource
from ..files.file import File
from ..files.filedata import FileWriter, UploadWriter, choose_writer
from ..files.in_memory import InMemory, recognize_listed_sound
from ..files.payload import FileSlot
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
from ..files.untrusted import (
    UNTRUSTED_FILE_HINT,
    count_chunks,
    find_app_path,
    plain_path,
    untrusted_source,
)
from ..text import one_line, short_repr
from .markers import Blank, ServerText

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from ..schema.endpoint import JSON
    from ..schema.release import Release
    from ..transport.http import Transport
    from .argument import Place, Problems

_FILE_TAKES = (
    "it takes a path, a URL, bytes, an open binary file, an image, (rate, samples) or a File"
)
# Its end says most; what is longer is hardly a path.
_LONGEST_PATH = 240
_MASK_TAKES = "it takes {'image': ..., 'mask': ...}, with what is drawn on the image"


class Sources:
    """The sources of the files of one call, however often it is encoded.

    Args:
        replicas: The ways to the app at all of its addresses, if it has several: the files of each
            are the app's.
    """

    def __init__(self, replicas: Sequence[Transport] = ()) -> None:
        # Of each value, kept along so that no other gets its number, and whoever passed it; without
        # a source if something is wrong with it.
        self.known: dict[tuple[int, bool], tuple[Any, Source | None]] = {}
        self._replicas = replicas

    def find_elsewhere(self, url: object, transport: Transport) -> Source | None:
        """Return the source for the URL of a file of the app at another address, if it is one.

        Args:
            url: The URL.
            transport: The way to the address that the call goes to.
        """
        if not isinstance(url, str):
            return None
        for each in self._replicas:
            path = find_app_path(url, each)
            if path and each.address.url != transport.address.url:
                fetch = File({"path": url}, each).chunks
                return RemoteSource(fetch, url_name(url), url, app_path=path)
        return None

    def find_app_path(self, file: File) -> str | None:
        """Return where the app has a file at one of its addresses, if it has."""
        paths = (find_app_path(file.url, way) for way in self._replicas if file.belongs_to(way))
        return next(filter(None, paths), None)


class FileSlots:
    """The slots of one call.

    Args:
        transport: The way to the app, to know its files from others.
        release: The app's version, which decides how files are written.
        max_size: The largest file that the app takes, in bytes.
        problems: Gets what is wrong with files.
        sources: What was found of the same values before; what is found here comes in.

    Attributes:
        slots: Those that there are so far.
    """

    def __init__(
        self,
        transport: Transport,
        release: Release,
        max_size: int | None,
        problems: Problems,
        sources: Sources | None = None,
    ) -> None:
        self._transport = transport
        self._release = release
        self._max_size = max_size
        self._problems = problems
        self._sources = Sources() if sources is None else sources
        self.slots: list[FileSlot] = []

    def write(self, place: Place, value: Any) -> JSON:
        """Return what stands for a file: a slot, or the name of one that the app has.

        Args:
            place: Where it stands.
            value: The file, as builtins; no description of a server's file.

        Returns:
            The JSON; ``None`` where it is no file, or none that can be sent, which was noted.
        """
        writer = choose_writer(self._release, place.argument.parameter.kind)
        if isinstance(value, str) and not _is_trusted(place, value):
            path = find_app_path(value, self._transport)
            if path is not None and isinstance(writer, UploadWriter):
                return writer.write_path(path)
            value = _find_returned(place, value)
        if isinstance(value, File) and value.belongs_to(self._transport):
            return name_server_file(value.raw, self._release)
        return self._add(place, self._find_source(place, value), writer)

    def _add(self, place: Place, source: Source | None, writer: FileWriter) -> FileSlot | None:
        """Return a new slot; ``None`` if there is nothing for it, or too much."""
        if source is None:
            return None
        size = source.size
        if self._max_size is not None and size is not None and size > self._max_size:
            got = f"{source.name!r} of {size:,} bytes"
            expected = f"the app takes files of at most {self._max_size:,} bytes"
            self._problems.add(place, got, expected, FileTooLarge)
            return None
        slot = FileSlot(len(self.slots), source, writer, place.where)
        self.slots.append(slot)
        return slot

    def _find_source(self, place: Place, value: Any) -> Source | None:
        """Return the source of a file, one for all of its places; ``None``, and noted, if none."""
        if isinstance(value, Blank):
            return self._find_blank(place, value)
        key = _identify(place, value)
        _, source = self._sources.known.get(key, (None, None))
        if source is None:
            source = self._make_source(place, value)
            self._sources.known[key] = value, source
        return source

    def _make_source(  # noqa: C901, PLR0911 - a case for each kind of file
        self, place: Place, value: Any
    ) -> Source | None:
        try:
            match value:
                case File():
                    return self._find_file(place, value)
                case DateText():
                    self._problems.add(place, f"the date {value!r}", _FILE_TAKES)
                    return None
                case str() if (there := self.find_elsewhere(value)) is not None:
                    return there
                case str() if not _is_trusted(place, value):
                    return self._find_untrusted(place, value)
                case str() if value.startswith(("http://", "https://")):
                    return RemoteSource(self._fetch(place, value), url_name(value), value)
                case str() | os.PathLike():
                    inline = from_data_url(value) if isinstance(value, str) else None
                    return inline or self._find_path(place, value)
                case bytes() | bytearray() | memoryview():
                    return BytesSource(bytes(value), name_for(bytes(value)))
                case _ if (known := _in_memory(value)) is not None:
                    return known.make_source()
                case _ if hasattr(value, "read"):
                    return from_handle(value)
        except FileNotSaved:
            raise  # nothing is wrong with the value
        except (TypeError, ValueError, OSError) as error:
            self._problems.add(place, one_line(error), _describe_taken(place))
            return None
        kind = type(value.value if isinstance(value, InMemory) else value)
        got = f"{short_repr(value)} of type {kind.__name__}"
        self._problems.add(place, got, _describe_taken(place))
        return None

    def find_elsewhere(self, url: object) -> Source | None:
        """Return the source for the URL of a file that the app has at another of its addresses."""
        return self._sources.find_elsewhere(url, self._transport)

    def _find_file(self, place: Place, file: File) -> Source:
        """Return the source of a file of another app, or of this one at another address."""
        fetch, files, path = file.chunks, place.argument.files, self._sources.find_app_path(file)
        if files is not None:
            fetch = count_chunks(
                fetch, files.count_fetched, file.name, place.where, place.argument.function
            )
        return RemoteSource(fetch, file.name, file.url, file.public_url, path)

    def _find_untrusted(self, place: Place, text: str) -> Source | None:
        """Return the source of a file that not the caller named."""
        files, got = place.argument.files, short_repr(text)
        count = None if files is None else files.count_fetched
        function = place.argument.function
        source = untrusted_source(text, place.where, function, self._transport, count)
        if source is None and files is not None:
            try:
                source = files.find_source(text)
            except ValueError as error:
                got = f"{got} ({error})"
        if source is None:
            self._problems.add(place, got, _describe_untrusted(place))
        return source

    def _find_blank(self, place: Place, value: Blank) -> Source | None:
        """Return the source of what is drawn on an image; the image stands before it."""
        known = self._sources.known.get(_identify(place, value.like))
        like = self._find_source(place, value.like) if known is None else known[1]
        if like is None:
            return None  # what is wrong with it was noted at its own place
        problem = place.describe_problem("an image whose size can't be told", _MASK_TAKES)
        refused = ArgumentError(place.argument.function, [problem])
        return BlankSource(like, refused, upright=self._release.turns_images_upright)

    def _find_path(self, place: Place, value: str | os.PathLike[str]) -> Source | None:
        path = Path(os.fsdecode(value))
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
        got = f"{short_repr(str(path), _LONGEST_PATH)} ({reason})"
        self._problems.add(place, got, _FILE_TAKES, MissingFile)
        return None

    def _fetch(self, place: Place, url: str) -> Callable[[], Iterator[bytes]]:
        """Return what fetches a URL that the caller passed; without secrets, if it is foreign."""
        own = self._transport.is_own(url)

        def chunks() -> Iterator[bytes]:
            # It is the caller who leads there, however near that is to this machine.
            transport = self._transport if own else self._transport.to_elsewhere(url)
            try:
                yield from File({"path": url}, transport).chunks()
            except FileGone:
                problem = place.describe_problem(
                    f"{short_repr(url)} (there is nothing)", _FILE_TAKES
                )
                raise MissingFile(place.argument.function, [problem]) from None
            finally:
                if not own:
                    transport.close()

        return chunks


def name_server_file(raw: Mapping[str, JSON], release: Release) -> JSON:
    """Return the value for a file that the server has, with the mark that it may insist on."""
    if not release.has_file_data:
        return raw
    made = {**raw, "meta": raw.get("meta") or {"_type": "gradio.FileData"}}
    if isinstance(path := raw.get("path"), str):
        made["path"] = plain_path(path)
    return made


def _identify(place: Place, value: Any) -> tuple[int, bool]:
    """Return by what a file is known again, and whoever named it."""
    return id(value.value if isinstance(value, InMemory) else value), place.argument.trusted


def _is_trusted(place: Place, text: str) -> bool:
    """Tell whether the caller made a text, which can name a local file then."""
    return place.argument.trusted and not isinstance(text, ServerText)


def _describe_taken(place: Place) -> str:
    """Return what a file can be, for whoever passed something else: a model has no objects."""
    return _FILE_TAKES if place.argument.trusted else _describe_untrusted(place)


def _describe_untrusted(place: Place) -> str:
    files = place.argument.files
    return UNTRUSTED_FILE_HINT if files is None else files.hint


def _find_returned(place: Place, text: str) -> File | str:
    """Return the file that a text is the name of, if a function returned one of that name."""
    files = place.argument.files
    return (files and files.find_returned(text)) or text


def _in_memory(value: Any) -> InMemory | None:
    if isinstance(value, InMemory):
        return value if value.kind else None
    return recognize_listed_sound(value)
