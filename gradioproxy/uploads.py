"""Bringing files to the app: as few requests as possible, and nothing twice.

Whether a file was sent before is told by its content: a name, a size and a time can all stay the
same while the content changes.
"""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

from .errors import ConnectionLost, JobCancelled, ServerError
from .faults import upload_refused
from .sources import mime_type

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .sources import Source
    from .transport import Transport

# What Starlette's form parser accepts (``max_files``), and with it every Gradio.
MAX_FILES = 1000
BLOCK = 1 << 18
# A session that lives for weeks must not remember every file that it ever sent.
REMEMBERED = 10_000
_OK = 200


@dataclass(frozen=True)
class Upload:
    """A file that went up.

    Attributes:
        name: Its name.
        size: Its size in bytes.
        digest: The SHA-256 of its content, in hexadecimal.
        path: Where the server put it.
    """

    name: str
    size: int
    digest: str
    path: str


class Watch:
    """What an upload asks and tells while it is under way."""

    def __init__(self, stopped: Callable[[], bool], progress: Callable[[int, int], None]) -> None:
        self.stopped = stopped
        self._progress = progress
        self._sent = 0
        self._total = 0

    def expect(self, size: int) -> None:
        """Count so many bytes as to be sent."""
        self._total += size
        self._progress(self._sent, self._total)

    def sent(self, size: int) -> None:
        """Count so many bytes as sent.

        Raises:
            JobCancelled: The upload is not wanted any more.
        """
        if self.stopped():
            raise JobCancelled("The upload was cancelled.")
        self._sent += size
        self._progress(self._sent, self._total)


class _Part:
    """A file on its way up, hashed as it is read: what was hashed is what was sent."""

    def __init__(self, handle: IO[bytes], source: Source, watch: Watch) -> None:
        self._handle = handle
        self._watch = watch
        self._hash = hashlib.sha256()
        self.name = source.name
        self.size = 0
        # The size of the form is announced before it is sent: a file that grows meanwhile is sent
        # as long as it was. ``len`` is what requests-toolbelt takes as the number of bytes left.
        if handle.seekable():
            self.len = handle.seek(0, 2)
            handle.seek(0)
        else:
            self.len = source.size or 0
        watch.expect(self.len)

    def read(self, size: int = -1) -> bytes:
        block = self._handle.read(self.len if size < 0 else min(size, self.len))
        if not block and self.len and size:
            raise OSError(f"{self.name} became shorter while it was sent")
        self._hash.update(block)
        self.size += len(block)
        self.len -= len(block)
        self._watch.sent(len(block))
        return block

    @property
    def digest(self) -> str:
        return self._hash.hexdigest()


class Uploader:
    """The files that a session sent to its app.

    Args:
        transport: The way to the app.
        prefix: The prefix of the API's paths.
    """

    def __init__(self, transport: Transport, prefix: str) -> None:
        self._transport = transport
        self._prefix = prefix
        self._lock = threading.Lock()
        self._known: dict[tuple[str, str], Upload] = {}

    @property
    def uploads(self) -> list[Upload]:
        """The files that went up, in order."""
        with self._lock:
            return list(self._known.values())

    def forget(self) -> None:
        """Forget every file: the server has been restarted, or forks."""
        self._lock = threading.Lock()
        self._known = {}

    def send(
        self, sources: Sequence[Source], watch: Watch, transport: Transport | None = None
    ) -> list[Upload]:
        """Bring files up, those that are not there yet.

        Args:
            sources: The files.
            watch: Asked whether to go on, and told how far it is.
            transport: The way to the app for this call, if it has its own.

        Returns:
            The uploads, in the order of *sources*.

        Raises:
            FileTooLarge: The server takes no file of this size.
            ServerError: The server did not take the files.
            ConnectError, ConnectionLost, Timeout: The server was not reached.
            OSError: A file can't be read.
        """
        found: dict[int, Upload] = {}
        missing: list[tuple[int, Source]] = []
        for place, source in enumerate(sources):
            known = self._look_up(source, watch)
            if known is not None:
                found[place] = known
            else:
                missing.append((place, source))
        for start in range(0, len(missing), MAX_FILES):
            batch = missing[start : start + MAX_FILES]
            sent = self._post([source for _, source in batch], watch, transport or self._transport)
            found.update(zip((place for place, _ in batch), sent, strict=True))
        return [found[place] for place in range(len(sources))]

    def _look_up(self, source: Source, watch: Watch) -> Upload | None:
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
                watch.sent(0)
        with self._lock:
            return self._known.get((digest.hexdigest(), source.name))

    def _post(self, sources: Sequence[Source], watch: Watch, transport: Transport) -> list[Upload]:
        handles = [source.open() for source in sources]
        try:
            parts = [_Part(h, source, watch) for h, source in zip(handles, sources, strict=True)]
            form = [
                (source.name, part, mime_type(source.name))
                for source, part in zip(sources, parts, strict=True)
            ]
            answer = transport.upload(f"{self._prefix}/upload", form)
        except ConnectionLost as error:
            error.may_have_run = False  # only files were on their way
            raise
        finally:
            for handle in handles:
                handle.close()
        if answer.status != _OK:
            raise upload_refused(answer, [source.name for source in sources])
        paths = answer.json()
        if not isinstance(paths, list) or len(paths) != len(parts):
            raise ServerError(
                f"The server took {len(paths) if isinstance(paths, list) else 'none'} of "
                f"{len(parts)} files.",
                status=answer.status,
                body=answer.text,
            )
        uploads = [
            Upload(source.name, part.size, part.digest, str(path))
            for source, part, path in zip(sources, parts, paths, strict=True)
        ]
        self._remember(uploads)
        return uploads

    def _remember(self, uploads: Sequence[Upload]) -> None:
        with self._lock:
            for upload in uploads:
                self._known[upload.digest, upload.name] = upload
            for key in list(self._known)[: max(0, len(self._known) - REMEMBERED)]:
                del self._known[key]
