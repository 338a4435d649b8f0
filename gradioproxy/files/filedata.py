"""How a file is written in JSON: every generation of Gradio has its own way.

==============  =================================================================================
Gradio          a file that goes in
==============  =================================================================================
3.16 to 3.18    its content as a ``data:`` URL; there is nowhere to upload it to. Of a time series
                the rows, as their page sends them
3.19 to 3.50    ``{"name": <path on the server>, "data": null, "is_file": true}``; images are
                still ``data:`` URLs, and nothing but the bare text; those of a chat have a text
                beside them
4.0 and later   ``{"path": <path on the server>, "meta": {"_type": "gradio.FileData"}}``; the
                mark is required from 5.5 on
==============  =================================================================================
"""

from __future__ import annotations

import base64
import contextlib
import csv
import io
import math
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any, NamedTuple, TypeAlias

from .source import mime_type

if TYPE_CHECKING:
    from ..schema.endpoint import JSON
    from ..schema.release import Release


@dataclass(frozen=True)
class FileDataWriter:
    """Writes the path of a file and a mark, as Gradio 4 and later read it."""

    def write_upload(self, upload: Upload) -> JSON:
        """Return what is sent for a file that went up."""
        return {
            "path": upload.path,
            "orig_name": upload.name,
            "size": upload.size,
            "mime_type": mime_type(upload.name),
            "meta": {"_type": "gradio.FileData"},
        }

    def write_link(self, url: str, name: str) -> JSON:
        """Return what is sent for a file that the server fetches by itself."""
        return {
            "path": url,
            "orig_name": name,
            "mime_type": mime_type(name),
            "meta": {"_type": "gradio.FileData"},
        }

    def write_path(self, path: str) -> JSON:
        """Return what is sent for a file of which nothing is known but its path on the server."""
        return {"path": path, "meta": {"_type": "gradio.FileData"}}


class NameWriter(NamedTuple):
    """Writes the path of a file as its name, as Gradio 3 reads it; a chat has a text beside it."""

    has_text: bool = False

    def write_upload(self, upload: Upload) -> JSON:
        """Return what is sent for a file that went up."""
        return {**self.write_path(upload.path), "orig_name": upload.name, "size": upload.size}

    def write_path(self, path: str) -> JSON:
        """Return what is sent for a file of which nothing is known but its path on the server."""
        text = {"alt_text": None} if self.has_text else {}
        return {"name": path, "data": None, "is_file": True, **text}


@dataclass(frozen=True)
class ContentWriter:
    """Writes an object with the content of a file."""

    def write_content(self, name: str, handle: IO[bytes]) -> JSON:
        """Return what is sent for a file of that name."""
        return self.write_data_url(name, _data_url(name, handle))

    def write_data_url(self, name: str, url: str) -> JSON:
        """Return what is sent for a file of that name whose content is a URL."""
        return {"name": name, "data": url}


@dataclass(frozen=True)
class TextWriter:
    """Writes the content of a file alone."""

    def write_content(self, name: str, handle: IO[bytes]) -> JSON:
        """Return what is sent for a file of that name."""
        return self.write_data_url(name, _data_url(name, handle))

    def write_data_url(self, _name: str, url: str) -> JSON:
        """Return what is sent for a file whose content is a URL."""
        return url


@dataclass(frozen=True)
class RowsWriter:
    """Writes a file of comma-separated values as a table."""

    def write_content(self, _name: str, handle: IO[bytes]) -> JSON:
        """Return the headers and the rows."""
        text = handle.read().decode("utf-8-sig", "replace")
        lines = csv.reader(io.StringIO(text, newline=""))
        headers, *rows = [line for line in lines if line] or [[]]
        return {"headers": headers, "data": [[_parse_cell(text) for text in row] for row in rows]}


UploadWriter: TypeAlias = FileDataWriter | NameWriter
"""One that writes files which have to go up before."""

InlineWriter: TypeAlias = ContentWriter | TextWriter | RowsWriter
"""One that writes files into the call itself."""

FileWriter: TypeAlias = UploadWriter | InlineWriter


def choose_writer(release: Release, kind: str) -> FileWriter:
    """Return what writes a file as a version of Gradio wants it for a component."""
    if release.has_file_data:
        return FileDataWriter()
    if kind == "image":
        return TextWriter()
    if not release.takes_uploads:
        return RowsWriter() if kind == "timeseries" else ContentWriter()
    return NameWriter(has_text=kind == "chatbot")


def _data_url(name: str, handle: IO[bytes]) -> str:
    encoded = base64.b64encode(handle.read()).decode("ascii")
    return f"data:{mime_type(name)};base64,{encoded}"


def _parse_cell(text: str) -> Any:
    for kind in (int, float):
        with contextlib.suppress(ValueError):
            number = kind(text)
            return number if math.isfinite(number) else None
    return text or None


class Upload(NamedTuple):
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
