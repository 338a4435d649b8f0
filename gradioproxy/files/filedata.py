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
import enum
import io
import math
from dataclasses import dataclass
from typing import IO, Any

from .source import mime_type

# Since then servers turn images as the camera was held.
UPRIGHT = (3, 17, 1)
UPLOADS = (3, 19)
FILE_DATA = (4,)
# Since then servers fetch what a URL leads to without stopping for it, and only from hosts that
# everybody reaches; before, one that is given its own address stands still for good.
FETCHES = (5,)


class Form(enum.Enum):
    """One way to write a file."""

    PATH = "the path and a mark"
    NAME = "the path as a name"
    NAME_AND_TEXT = "the path as a name, and no text beside it"
    CONTENT = "an object with the content"
    TEXT = "the content alone"
    ROWS = "the rows of a table"

    @property
    def goes_up(self) -> bool:
        """Whether the file has to be uploaded before it can be written like this."""
        return self in {Form.PATH, Form.NAME, Form.NAME_AND_TEXT}


def form_of(release: tuple[int, ...], component: str) -> Form:
    """Return how a version of Gradio wants a file for a component."""
    if release >= FILE_DATA:
        return Form.PATH
    if component.lower() == "image":
        return Form.TEXT
    if release < UPLOADS:
        return Form.ROWS if component.lower() == "timeseries" else Form.CONTENT
    return Form.NAME_AND_TEXT if component.lower() == "chatbot" else Form.NAME


def uploaded_value(form: Form, upload: Upload) -> dict[str, Any]:
    """Return what is sent for a file that went up."""
    if form is not Form.PATH:
        return {
            "name": upload.path,
            "data": None,
            "is_file": True,
            "orig_name": upload.name,
            "size": upload.size,
            **({"alt_text": None} if form is Form.NAME_AND_TEXT else {}),
        }
    return {
        "path": upload.path,
        "orig_name": upload.name,
        "size": upload.size,
        "mime_type": mime_type(upload.name),
        "meta": {"_type": "gradio.FileData"},
    }


def linked_value(url: str, name: str) -> dict[str, Any]:
    """Return what is sent for a file that the server fetches by itself."""
    return {
        "path": url,
        "orig_name": name,
        "mime_type": mime_type(name),
        "meta": {"_type": "gradio.FileData"},
    }


def named_value(form: Form, path: str) -> dict[str, Any]:
    """Return what is sent for a file of which nothing is known but its path on the server."""
    if form is Form.NAME:
        return {"name": path, "data": None, "is_file": True}
    return {"path": path, "meta": {"_type": "gradio.FileData"}}


def inline_value(form: Form, name: str, handle: IO[bytes]) -> Any:
    """Return what is sent for a file whose content is sent with the call."""
    if form is Form.ROWS:
        return _rows(handle)
    encoded = base64.b64encode(handle.read()).decode("ascii")
    text = f"data:{mime_type(name)};base64,{encoded}"
    return text if form is Form.TEXT else {"name": name, "data": text}


def _rows(handle: IO[bytes]) -> dict[str, Any]:
    """Return a table of comma-separated values."""
    text = handle.read().decode("utf-8-sig", "replace")
    lines = csv.reader(io.StringIO(text, newline=""))
    headers, *rows = [line for line in lines if line] or [[]]
    return {"headers": headers, "data": [[_cell(text) for text in row] for row in rows]}


def _cell(text: str) -> Any:
    for kind in (int, float):
        with contextlib.suppress(ValueError):
            number = kind(text)
            return number if math.isfinite(number) else None
    return text or None


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
