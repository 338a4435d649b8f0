"""The files among results, whose content a journal keeps beside it.

Each is kept once, under what its content is: ``NAME.files/SHA-256/NAME OF THE FILE``.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import FileNotSaved, GradioProxyError, JournalError
from ..files.file import File, server_path
from ..files.reading import read_file
from ..files.saving import write_file
from ..files.source import safe_name
from ..stable_names import named_in_pickles
from ..text import one_line
from ..transport.credentials import access_from_environment
from ..transport.http import Transport
from ..transport.in_flight import current_work
from ..transport.url import Address

if TYPE_CHECKING:
    import builtins
    from collections.abc import Callable, Iterable, Iterator, Mapping

_FOLDER_MODE = 0o700
_DIGEST = re.compile(r"[0-9a-f]{64}")


class Place(NamedTuple):
    """Where a file is kept.

    Attributes:
        path: Where its content is.
        digest: The SHA-256 of that.
        media_type: Its media type.
    """

    path: Path
    digest: str
    media_type: str


class KeptFile(File):
    """A file of a result that a journal keeps: the journal has its content, whoever else has.

    Args:
        raw: What the app sent for it.
        transport: The way to the app that had it.
        prefix: What goes before the paths of the API.
        place: Where it is kept.
    """

    def __init__(
        self, raw: Mapping[str, Any], transport: Transport, prefix: str, place: Place
    ) -> None:
        super().__init__(raw, transport, prefix)
        self._place = place
        self._is_right = False

    def __reduce__(self) -> tuple[Callable[..., File], tuple[Any, ...]]:
        place = str(self._place.path), *self._place[1:]
        return restore_kept_file, (self._raw, self._transport.address.url, self._prefix, *place)

    @property
    def url(self) -> str:
        """Its address, where the app had it."""
        if self._raw.get("is_stream") is not True:
            return super().url
        from ..files.stream import find_stream  # late: few apps stream what they make

        return find_stream(self._raw, self._transport, self._prefix, None).url

    @property
    def name(self) -> str:
        """Its name, safe for any folder."""
        return self._place.path.name

    @property
    def mime_type(self) -> str:
        """Its media type."""
        return self._place.media_type

    def chunks(self) -> Iterator[builtins.bytes]:
        """Yield its content, as the journal has it.

        Raises:
            JournalError: It is not there any more, or is something else now.
        """
        yield from read_file(self._check())

    def belongs_to(self, transport: Transport) -> bool:
        """Tell that no app has it, to be named when it is passed: the app may have lost it."""
        del transport
        return False

    def _find_content(self) -> Path | None:
        return self._check()

    def _check(self) -> Path:
        """Return where its content is, which is looked at when it is first asked for."""
        path = self._place.path
        if not self._is_right:
            try:
                found = hash_chunks(read_file(path))
            except OSError as error:
                raise self._build_error(error.strerror or str(error)) from None
            if found != self._place.digest:
                raise self._build_error("it is something else now") from None
            self._is_right = True
        return path

    def _build_error(self, reason: str) -> JournalError:
        return JournalError(
            f"The file {self.name!r} of a result can't be taken from the journal: {reason} "
            f"({self._place.path}).",
            path=str(self._place.path),
        )


@named_in_pickles
def restore_kept_file(
    raw: dict[str, Any], url: str, prefix: str, path: str, *place: str
) -> KeptFile:
    """Make a pickled file again, where the journal is in the same place."""
    transport = Transport(Address(url), access_from_environment(url))
    return KeptFile(raw, transport, prefix, Place(Path(path), *place))


def hash_chunks(chunks: Iterable[bytes]) -> str:
    """Return the SHA-256 of what comes in pieces."""
    digest = hashlib.sha256()
    for chunk in chunks:
        digest.update(chunk)
    return digest.hexdigest()


class FileKeeper:
    """Keeps files beside a journal.

    Args:
        folder: The journal's folder.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, file: File) -> list[str] | None:
        """Keep the content of a file; return what leads to it, ``None`` if nobody has it.

        Raises:
            FileNotSaved: It can't be written.
            ConnectionLost: The work of this thread was interrupted.
        """
        here = file._find_content()  # noqa: SLF001 - what was fetched is not fetched again
        if here is None and file.raw.get("is_stream") is True:
            return None  # it was fetched when the call was complete, or is lost
        part = self._folder / f".{secrets.token_hex(8)}"
        digest = hashlib.sha256()

        def read() -> Iterator[bytes]:
            for chunk in file.chunks() if here is None else read_file(here):
                digest.update(chunk)
                yield chunk

        try:
            write_file(read(), part, private=True)
        except FileNotSaved:
            raise
        except GradioProxyError:
            work = current_work()
            if work is not None and work.interrupted:
                raise  # as the session is closed: it is still to be had
            return None  # the app has lost it, or can't be reached: whoever uses it learns that
        try:
            return self._give_name(part, digest.hexdigest(), file)
        finally:
            with contextlib.suppress(OSError):  # it has its name by now, or could not get one
                part.unlink()

    def _give_name(self, part: Path, digest: str, file: File) -> list[str]:
        folder, name = self._folder / digest, safe_name(file.name)
        try:
            folder.mkdir(mode=_FOLDER_MODE, exist_ok=True)
            target = part.replace(folder / name)
        except OSError as error:
            reason = error.strerror or str(error)
            raise FileNotSaved(f"{folder} can't be written: {reason}.", path=str(folder)) from error
        file._copy = target  # noqa: SLF001 - so that nobody asks the app for it again
        return [digest, name, file.mime_type]

    def find(self, kept: Any) -> Place | None:
        """Return where a file is kept, by what `keep` returned.

        A journal is a stranger's file: what it says leads nowhere else than into its folder.
        """
        match kept:
            case [str(digest), str(name), str(media_type)] if _DIGEST.fullmatch(digest):
                if name == safe_name(name):
                    return Place(self._folder / digest / name, digest, one_line(media_type))
        return None


def find_place(raw: Mapping[str, Any]) -> str:
    """Return what tells a file among those of a result: where the app has it."""
    return server_path(raw)
