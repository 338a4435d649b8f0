"""The files of a fake: those that went up, and those that its functions gave back."""

from __future__ import annotations

import itertools
from contextlib import closing
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote, unquote

from .. import forksafe
from ..files.filedata import InlineWriter, UploadWriter
from ..files.private import make_temporary_folder
from ..files.reading import read_blocks, read_file
from ..files.saving import save_download
from ..files.source import mime_type, safe_name
from ..statuses import NOT_FOUND
from ..transport.local import Content
from ..uncopyable import Uncopyable
from .performance import reply_json
from .uploading import read_part

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from ..files.payload import FileSlot
    from ..files.source import Source
    from ..schema.release import Release
    from ..transport.request import FilesBody

_FOLDER = "/fake"


class FakedFiles(Uncopyable):
    """Files of this machine under names that lead nowhere else.

    Args:
        base: The address of the app's API.
        release: How its Gradio writes files.
    """

    def __init__(self, base: str, release: Release) -> None:
        self._base, self._release = base, release
        self._lock = forksafe.Lock()
        self._numbers = itertools.count(1)
        self._paths: dict[str, Path] = {}

    def receive(self, body: FilesBody) -> Content:
        """Take files that go up; answer where they are."""
        names = [self._keep(read_part(part), name) for name, part, _ in body.open_parts()]
        return reply_json(names)

    def open(self, target: str) -> Content:
        """Return a file by the end of its address."""
        path = self._paths.get(unquote(target))
        if path is None or not path.is_file():
            return reply_json({"detail": "Not Found"}, NOT_FOUND)
        return Content(read_file(path), headers={"Content-Type": mime_type(path.name)})

    def write(self, slot: FileSlot) -> Any:
        """Return what the app sends for a file among its results."""
        if isinstance(slot.writer, InlineWriter):
            with slot.source.open() as handle:
                return slot.writer.write_content(slot.source.name, handle)
        writer: UploadWriter = slot.writer
        source = slot.source
        path = self._keep(_read_source(source), source.name)
        size = self._paths[path].stat().st_size
        if not self._release.has_file_data:
            made = cast("dict[str, Any]", writer.write_path(path))
            return {**made, "orig_name": source.name, "size": size}
        return {
            "path": path,
            "url": f"{self._base}/file={quote(path)}",
            "orig_name": source.name,
            "size": size,
            "mime_type": mime_type(source.name),
            "is_stream": False,
            "meta": {"_type": "gradio.FileData"},
        }

    def _keep(self, chunks: Generator[bytes], name: str) -> str:
        name = safe_name(name)
        with closing(chunks):
            path = save_download(chunks, make_temporary_folder(), name)
        with self._lock:
            given = f"{_FOLDER}/{next(self._numbers)}/{name}"
            self._paths[given] = path
        return given


def _read_source(source: Source) -> Generator[bytes]:
    yield from read_blocks(source.open())
