"""Files of results as clients show them: images and sounds themselves, others as links.

A model's API refuses a whole conversation over an image that is not what it is said to be, so what
is shown goes by its content, and not by what the app says of it.
"""

from __future__ import annotations

import base64
import contextlib
import re
from typing import TYPE_CHECKING, Any, cast

from mcp import types

from ..errors import GradioProxyError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from ..files.file import File

# Of images those that every model takes.
_SHOWN = (
    (rb"\x89PNG\r\n\x1a\n", "image/png"),
    (rb"\xff\xd8\xff", "image/jpeg"),
    (rb"GIF8[79]a", "image/gif"),
    (rb"RIFF....WEBP", "image/webp"),
    (rb"RIFF....WAVE", "audio/wav"),
    (rb"ID3|\xff[\xf2\xf3\xfa\xfb]", "audio/mpeg"),
    (rb"OggS", "audio/ogg"),
    (rb"fLaC", "audio/flac"),
)
_MAY_BE_SHOWN = re.compile(r"(image|audio)/|application/octet-stream$")
_MIME_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+", re.ASCII)

Block = types.TextContent | types.ImageContent | types.AudioContent | types.ResourceLink


def build_block(file: File, uri: str, limit: int, hide: Callable[[str], str]) -> Block:
    """Return a file of a result as a client shows it.

    Args:
        file: The file.
        uri: By what it can be read later.
        limit: How many bytes an image or a sound may have; a larger one is a link.
        hide: Takes secrets out of a text, as the app chose what the file is called.
    """
    if _MAY_BE_SHOWN.match(file.mime_type) and (file.size or 0) <= limit:
        # What can't be fetched now may be there when the client reads it.
        with contextlib.suppress(GradioProxyError, OSError):
            content = read_content(file, limit)
            shown = None if content is None else _show(content)
            if shown is not None:
                return shown
    return build_link(uri, hide(file.name), hide(file.mime_type), file.size)


def build_link(uri: str, name: str, mime_type: str, size: int | None) -> types.ResourceLink:
    """Return a link to what can be read as a resource."""
    return types.ResourceLink(uri=uri, name=name, mime_type=check_mime_type(mime_type), size=size)


def check_mime_type(text: str) -> str:
    """Return a media type as it is, or that of mere bytes for what is none."""
    return text if _MIME_TYPE.fullmatch(text) and len(text) <= 100 else "application/octet-stream"  # noqa: PLR2004 - longer than any


def read_content(file: File, limit: int) -> bytes | None:
    """Return what a file holds; ``None``, and no more of it fetched, if that is too much.

    Raises:
        FileGone, ConnectError, ConnectionLost, Timeout: It can't be fetched.
    """
    content = bytearray()
    with contextlib.closing(cast("Generator[bytes]", iter(file))) as chunks:
        for chunk in chunks:
            content += chunk
            if len(content) > limit:
                return None
    return bytes(content)


def _show(content: bytes) -> types.ImageContent | types.AudioContent | None:
    fitting = (kind for known, kind in _SHOWN if re.match(known, content, re.DOTALL))
    kind = next(fitting, None)
    if kind is None:
        return None
    make: Any = types.ImageContent if kind.startswith("image/") else types.AudioContent
    shown: types.ImageContent | types.AudioContent = make(
        data=base64.b64encode(content).decode(), mime_type=kind
    )
    return shown
