"""Files that an app sent: `File`, and where downloads go."""

from __future__ import annotations

import atexit
import contextlib
import itertools
import os
import secrets
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from .. import forksafe
from ..errors import ConnectionLost, FileGone, FileNotSaved, GradioProxyError, ServerError
from ..stable_names import named_in_pickles
from ..statuses import FORBIDDEN, OK, UNAUTHORIZED, reason_for
from ..text import one_line
from ..transport.response import Answer
from .source import from_data_url, mime_type, safe_name

if TYPE_CHECKING:
    import builtins
    from collections.abc import Callable, Iterator, Mapping

    from ..transport.http import Transport
    from ..transport.response import ByteStream


class File(os.PathLike[str]):
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
        folder: Callable[[], Path] | None = None,
    ) -> None:
        self._raw = dict(raw)
        self._transport = transport
        self._prefix = prefix
        self._folder = folder
        self._path: Path | None = None
        self._lock = forksafe.Lock()

    def __repr__(self) -> str:
        size = f", {self.size:,} bytes" if self.size is not None else ""
        return f"<File {self.name!r}{size}>"

    def __str__(self) -> str:
        return self.__fspath__()

    def __fspath__(self) -> str:
        with self._lock:
            if self._path is None or not self._path.exists():
                self._path = self._download()
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

    @property
    def raw(self) -> dict[str, Any]:
        """What the server sent for it, unchanged."""
        return dict(self._raw)

    @property
    def url(self) -> str:
        """Its address, below the address that the caller gave for the app."""
        path = self._server_path()
        if path.startswith(("http://", "https://", "data:")):
            return path
        return self._transport.address.join(f"{self._prefix}/file={quote(path, errors='replace')}")

    @property
    def name(self) -> str:
        """Its name, safe for any folder."""
        inline = from_data_url(self._server_path())
        if inline is not None:
            return inline.name
        given = self._raw.get("orig_name") or self._server_path().rsplit("/", 1)[-1]
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
        is_size = isinstance(given, int) and not isinstance(given, bool) and given >= 0
        return given if is_size else None

    def bytes(self) -> builtins.bytes:
        """Return its content.

        Raises:
            FileGone: The server no longer has it.
            ConnectError, ConnectionLost, Timeout: It can't be fetched at the moment.
        """
        if self._path is not None and self._path.exists():
            return self._path.read_bytes()
        return b"".join(self.chunks())

    def save(self, to: str | os.PathLike[str]) -> Path:
        """Write it to a file.

        Args:
            to: The file's path; or a folder, for the file's own name in it. What is there is
                overwritten.

        Returns:
            The path of the file.

        Raises:
            FileGone: The server no longer has it.
            ConnectError, ConnectionLost, Timeout: It can't be fetched at the moment.
            OSError: It can't be written (`FileNotSaved` where the disk is full).
        """
        target = Path(to)
        if target.is_dir():
            target /= self.name
        source = self.chunks()
        if self._path is not None and self._path.exists():
            with _naming(target):
                shutil.copyfile(self._path, target)
        else:
            _write(source, target)
        return target

    def chunks(self) -> Iterator[builtins.bytes]:
        """Yield its content as it comes from the server; raises as `bytes` does."""
        if self.url.startswith("data:"):
            inline = from_data_url(self.url)
            if inline is None:
                raise ServerError(f"The server sent {self.name!r} as a garbled data: URL.")
            with inline.open() as handle:
                yield handle.read()
            return
        yield from self._fetched(self.url, lambda _: None)

    def _fetched(self, url: str, opened: Callable[[ByteStream], None]) -> Iterator[builtins.bytes]:
        """Yield what is at an address; *opened* is called with the answer when it begins."""
        stream = self._transport.download(url)
        try:
            opened(stream)
            self._check_status(stream, url)
            received = 0
            for chunk in stream:
                received += len(chunk)
                yield chunk
            # More may be there: an app can go on writing to a file that it has sent.
            if received < (self.size or 0):
                raise ConnectionLost(
                    f"Of {self.name!r} came {received} bytes, and the app said that it has "
                    f"{self.size}. Call the function again for a new one.",
                    url=url,
                    may_have_run=False,
                )
        finally:
            stream.close()

    def _check_status(self, stream: ByteStream, url: str) -> None:
        """Raise if an answer is not the file.

        Raises:
            FileGone: The server does not have it, or does not give it away.
            AuthenticationError, RateLimited, ServerError: It refuses.
        """
        status = stream.status
        if status == OK:
            return
        if status == UNAUTHORIZED:
            raise self._transport.build_login_error(stream.url)
        if status == FORBIDDEN or reason_for(status) == "gone":
            what = "no longer has" if status != FORBIDDEN else "does not give away"
            why = (
                ""
                if status != FORBIDDEN
                else (
                    " It answers so for files that it no longer has, and for those that it may not "
                    "serve (see allowed_paths of the app's launch)."
                )
            )
            raise FileGone(
                f"The server {what} {self.name!r} (it answered {status}).{why} "
                "Call the function again for a new one, and use files soon.",
                url=url,
            )
        raise Answer(status, b"", one_line(url), stream.headers).error(f"for {self.name!r}")

    @property
    def open_url(self) -> str | None:
        """Its address, if it can be fetched there without a secret or a cookie."""
        url = self.url
        has_url = url.startswith(("http://", "https://"))
        return url if has_url and self._transport.is_public_url(url) else None

    def is_kept_by(self, transport: Transport) -> bool:
        """Tell whether the app that *transport* leads to has it, to be named when it is passed."""
        same = self._transport.address.url == transport.address.url
        return same and not self.url.startswith("data:")

    def _server_path(self) -> str:
        path = self._raw.get("path") or self._raw.get("name") or self._raw.get("url") or ""
        return str(path)

    def _download(self) -> Path:
        return self._keep(self.chunks())

    def _keep(self, chunks: Iterator[builtins.bytes]) -> Path:
        """Write content to where downloads go; return its path."""
        if self._folder is None:
            target = private_folder() / self.name
            with _naming(target, own=True):
                _write(chunks, target)
            return target
        folder = self._folder().absolute()
        with _naming(folder, own=True):
            return _write_new(chunks, folder, self.name)


@named_in_pickles
def restore_file(raw: dict[str, Any], url: str, prefix: str) -> File:
    """Make a pickled file again, with the secrets of this process's environment if any."""
    from ..transport.credentials import access_from_environment
    from ..transport.http import Transport
    from ..transport.url import Address

    return File(raw, Transport(Address(url), access_from_environment(url)), prefix)


def _write(chunks: Iterator[bytes], target: Path) -> None:
    """Write a file so that it is either there as a whole or not at all."""
    part = target.with_name(f".{secrets.token_hex(8)}.part")
    try:
        with _naming(target), part.open("xb") as file:
            for chunk in chunks:
                file.write(chunk)
        with _naming(target):
            part.replace(target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


@contextlib.contextmanager
def _naming(path: Path, *, own: bool = False) -> Iterator[None]:
    """Make an error of the system that does not say which file it is about one of ours that does.

    Args:
        path: What is written.
        own: Whether the caller of the package did not choose the path, and every error is ours.

    Raises:
        FileNotSaved: The disk is full, or the path can't be written.
    """
    try:
        yield
    except GradioProxyError:
        raise  # of the download, and perhaps an error of the system's kind too
    except OSError as error:
        if error.filename is not None and not own:
            raise
        reason = error.strerror or str(error)
        raise FileNotSaved(f"{path} can't be written: {reason}.", path=str(path)) from error


def _write_new(chunks: Iterator[bytes], folder: Path, name: str) -> Path:
    """Write a file under a name that is not taken: ``name``, ``name-2`` and so on."""
    folder.mkdir(parents=True, exist_ok=True)
    extension = Path(name).suffix
    stem = name.removesuffix(extension)
    for number in itertools.count(1):
        target = folder / (name if number == 1 else f"{stem}-{number}{extension}")
        try:
            target.touch(exist_ok=False)
        except FileExistsError:
            continue
        try:
            _write(chunks, target)
        except BaseException:
            target.unlink(missing_ok=True)
            raise
        return target
    raise AssertionError("unreachable")


_private: dict[int, Path] = {}
_numbers = itertools.count(1)


def private_folder() -> Path:
    """Return a new folder in one that only this user can read and that goes with the process."""
    process = os.getpid()
    with _naming(Path(tempfile.gettempdir()), own=True):
        known = _private.get(process)
        # Programs that clean up behind others may have taken it away since the last download.
        if known is None or not known.is_dir():
            made = Path(tempfile.mkdtemp(prefix="gradioproxy-"))
            atexit.register(_remove, made, process)
            # Another thread may have been quicker; a lock could be held for ever in a forked child.
            if known is None:
                known = _private.setdefault(process, made)
            else:
                known = _private[process] = made
        folder = known / str(next(_numbers))
        folder.mkdir()
    return folder


def _remove(folder: Path, process: int) -> None:
    # A forked child has its own: it must not take the parent's along when it ends.
    if os.getpid() == process:
        shutil.rmtree(folder, ignore_errors=True)
