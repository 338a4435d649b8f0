"""Bringing files to the app: as few requests as possible, and nothing twice.

Whether a file was sent before is told by its content: a name, a size and a time can all stay the
same while the content changes.
"""

from __future__ import annotations

import hashlib
import os
from typing import IO, TYPE_CHECKING, Protocol

from .. import forksafe
from ..errors import FileTooLarge, GradioProxyError, JobCancelled, MissingFile, Problem, ServerError
from ..statuses import OK, reason_for
from ..text import one_line
from ..transport.network import is_public
from .filedata import FileDataWriter, InlineWriter, Upload, UploadWriter
from .source import BLOCK, RemoteSource, mime_type

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..schema.endpoint import JSON, App
    from ..transport.http import Transport
    from ..transport.response import Answer
    from .payload import Payload
    from .source import Source

# What Starlette's form parser accepts (``max_files``), and with it every Gradio.
MAX_FILES = 1000
# A session that lives for weeks must not remember every file that it ever sent.
REMEMBERED = 10_000


class UploadObserver(Protocol):
    """Who waits for an upload."""

    def should_stop(self) -> bool:
        """Tell whether the upload is not wanted any more."""
        ...

    def report(self, sent: int, total: int) -> None:
        """Hear how many bytes were sent, and how many there are as far as is known."""
        ...


class NullObserver:
    """Waits for an upload to its end, and does not look."""

    def should_stop(self) -> bool:
        """Return that it is wanted."""
        return False

    def report(self, sent: int, total: int) -> None:
        """Do nothing."""


class _Progress:
    """How far an upload is, counted for its observer."""

    def __init__(self, observer: UploadObserver) -> None:
        self._observer = observer
        self._sent = 0
        self._total = 0

    def expect(self, size: int) -> None:
        """Count so many bytes as to be sent."""
        self._total += size
        self._observer.report(self._sent, self._total)

    def advance(self, size: int) -> None:
        """Count so many bytes as sent.

        Raises:
            JobCancelled: The upload is not wanted any more.
        """
        if self._observer.should_stop():
            raise JobCancelled("The upload was cancelled.")
        self._sent += size
        self._observer.report(self._sent, self._total)


class _HashingPart:
    """A file on its way up, hashed as it is read: what was hashed is what was sent.

    It is open only while it is read: a thousand files are more than a process may have open.
    """

    def __init__(self, source: Source, progress: _Progress, max_size: int | None) -> None:
        self._source = source
        self._progress = progress
        self._hash = hashlib.sha256()
        self._handle: IO[bytes] | None = None
        self._shown: str = getattr(source, "path", None) or source.name
        self.name = source.name
        self.size = 0
        self.failure: Exception | None = None
        # The size of the form is announced before it is sent: a file that grows meanwhile is sent
        # as long as it was. ``len`` is what requests-toolbelt takes as the number of bytes left.
        with source.open() as handle:
            self.len = _length(handle, source)
        # Of what had to be written first, as an image, the size was not known before.
        if max_size is not None and self.len > max_size:
            raise too_large(self.name, self.len, max_size)
        progress.expect(self.len)

    def read(self, size: int = -1) -> bytes:
        try:
            block = self._read(self.len if size < 0 else min(size, self.len))
            self._progress.advance(len(block))
        except (OSError, JobCancelled) as error:
            self.failure = error  # on its way up it becomes an error of the connection
            raise
        return block

    def _read(self, size: int) -> bytes:
        if self._handle is None:
            self._handle = self._source.open()
        block = self._handle.read(size)
        if size and not block:
            raise OSError(f"{one_line(self._shown, 500)} became shorter while it was sent")
        self._hash.update(block)
        self.size += len(block)
        self.len -= len(block)
        if not self.len:
            self.close()
        return block

    def close(self) -> None:
        if self._handle is not None:
            self._handle.close()

    @property
    def digest(self) -> str:
        return self._hash.hexdigest()


def _length(handle: IO[bytes], source: Source) -> int:
    """Return the number of bytes that there are to read."""
    return handle.seek(0, os.SEEK_END) if handle.seekable() else source.size or 0


class Uploader:
    """The files that a session sent to its app.

    Args:
        transport: The way to the app.
        prefix: The prefix of the API's paths.
    """

    def __init__(self, transport: Transport, prefix: str) -> None:
        self._transport = transport
        self._prefix = prefix
        self._lock = forksafe.Lock()
        self._known: dict[tuple[str, str], Upload] = {}

    @property
    def uploads(self) -> list[Upload]:
        """The files that went up, in order."""
        with self._lock:
            return list(self._known.values())

    def forget(self) -> None:
        """Forget every file: the server has been restarted, or forks."""
        self._known = {}

    def send(
        self,
        sources: Sequence[Source],
        observer: UploadObserver,
        transport: Transport | None = None,
        app: App | None = None,
    ) -> list[Upload]:
        """Bring files up, those that are not there yet.

        Args:
            sources: The files.
            observer: Asked whether to go on, and told how far it is.
            transport: The way to the app for this call, if it has its own.
            app: The app that they are for.

        Returns:
            The uploads, in the order of *sources*.

        Raises:
            FileTooLarge: The app takes no file of this size.
            ServerError: The server did not take the files.
            ConnectError, ConnectionLost, Timeout: The server was not reached.
            OSError: A file can't be read, or (`FileNotSaved`) not be kept until it goes up.
        """
        # By the sources and not their places: one that is passed twice goes up once.
        progress = _Progress(observer)
        found = {source: self._look_up(source, progress) for source in sources}
        missing = [source for source, known in found.items() if known is None]
        for start in range(0, len(missing), MAX_FILES):
            batch = missing[start : start + MAX_FILES]
            sent = self._post(batch, progress, transport or self._transport, app)
            found.update(zip(batch, sent, strict=True))
        return [upload for source in sources if (upload := found[source]) is not None]

    def fill(
        self,
        payload: Payload,
        observer: UploadObserver,
        transport: Transport | None = None,
        app: App | None = None,
    ) -> list[JSON]:
        """Bring a payload's files up, and return its data with what stands for them; see `send`."""
        values = self._link(payload, app)
        going_up = [
            (slot.index, slot.writer, slot.source)
            for slot in payload.slots
            if isinstance(slot.writer, UploadWriter) and slot.index not in values
        ]
        uploads = self.send([source for *_, source in going_up], observer, transport, app)
        for (index, writer, _), upload in zip(going_up, uploads, strict=True):
            values[index] = writer.write_upload(upload)
        for slot in payload.slots:
            if isinstance(slot.writer, InlineWriter):
                with slot.source.open() as handle:
                    values[slot.index] = slot.writer.write_content(slot.source.name, handle)
        return payload.fill(values)

    def _link(self, payload: Payload, app: App | None) -> dict[int, JSON]:
        """Return what is sent for files of other apps that the server can fetch by itself.

        It can where both apps are on the internet and nothing secret is needed. Of an app that
        only some reach, nobody knows what it reaches itself, and it would not say.
        """
        if app is None or not app.release.fetches_urls:
            return {}
        found = {
            slot.index: (slot.writer, slot.source.public_url, slot.source.name)
            for slot in payload.slots
            if isinstance(slot.writer, FileDataWriter)
            if isinstance(slot.source, RemoteSource) and slot.source.public_url
        }
        if not found or not is_public(self._transport.address.url):
            return {}
        return {
            index: writer.write_link(url, name)
            for index, (writer, url, name) in found.items()
            if is_public(url)
        }

    def _look_up(self, source: Source, progress: _Progress) -> Upload | None:
        """Return the earlier upload of the same content under the same name."""
        with self._lock:
            candidates = [known for known in self._known.values() if known.name == source.name]
        if source.size is not None:
            candidates = [known for known in candidates if known.size == source.size]
        if not candidates:
            return None
        digest = hashlib.sha256()
        with source.open() as handle:
            while block := handle.read(BLOCK):
                digest.update(block)
                progress.advance(0)
        with self._lock:
            return self._known.get((digest.hexdigest(), source.name))

    def _post(
        self,
        sources: Sequence[Source],
        progress: _Progress,
        transport: Transport,
        app: App | None,
    ) -> list[Upload]:
        parts: list[_HashingPart] = []
        max_size = None if app is None else app.max_file_size

        def form() -> list[tuple[str, _HashingPart, str]]:
            _close(parts)
            parts[:] = [_HashingPart(source, progress, max_size) for source in sources]
            return [(part.name, part, mime_type(part.name)) for part in parts]

        try:
            answer = transport.upload(f"{self._prefix}/upload", form, app)
        except GradioProxyError:
            for part in parts:
                if part.failure is not None:
                    raise part.failure from None
            raise
        finally:
            _close(parts)
        if reason_for(answer.status) == "login":
            raise transport.build_login_error(answer.url, answer.status)
        uploads = [
            Upload(part.name, part.size, part.digest, path)
            for part, path in zip(parts, _paths(answer, sources), strict=True)
        ]
        self._remember(uploads)
        return uploads

    def _remember(self, uploads: Sequence[Upload]) -> None:
        with self._lock:
            for upload in uploads:
                self._known[upload.digest, upload.name] = upload
            for key in list(self._known)[: max(0, len(self._known) - REMEMBERED)]:
                del self._known[key]


def _close(parts: Sequence[_HashingPart]) -> None:
    for part in parts:
        part.close()


def _paths(answer: Answer, sources: Sequence[Source]) -> list[str]:
    """Return where the server put the files."""
    if answer.status != OK:
        raise upload_refused(answer, [source.name for source in sources])
    paths = answer.json()
    if not isinstance(paths, list) or not all(isinstance(path, str) for path in paths):
        raise answer.error("which is no list of files")
    if len(paths) != len(sources):
        raise ServerError(
            f"The server took {len(paths)} of {len(sources)} files.",
            status=answer.status,
            body=answer.text,
        )
    return paths


def too_large(name: str, size: int, maximum: int) -> FileTooLarge:
    """Return the error for a file that is larger than the app takes."""
    expected = f"the app takes files of at most {maximum:,} bytes"
    return FileTooLarge("upload", [Problem(one_line(name), f"{size:,} bytes", expected)])


def upload_refused(answer: Answer, names: Sequence[str]) -> GradioProxyError:
    """Return the error for an answer that refuses files."""
    if reason_for(answer.status) == "large":
        problem = Problem(one_line(", ".join(names[:5])), "a file that is too large", answer.text)
        return FileTooLarge("upload", [problem])
    return answer.error("and did not take the files")


def unreadable(error: OSError, function: str) -> GradioProxyError:
    """Return the error for a file that was there when the call was made and can't be read now."""
    problem = Problem("a file", str(error), "it must stay readable until it has gone up")
    return MissingFile(function, [problem])
