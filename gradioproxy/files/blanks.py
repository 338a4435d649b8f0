"""Images on which nothing is drawn, as large as another one.

In Gradio 3 an image that is drawn on goes in with a second image for what was drawn, of the same
size. The page sends one too where nobody has drawn anything.
"""

from __future__ import annotations

import io
import struct
import zlib
from typing import IO, TYPE_CHECKING

from .image_size import read_image_size
from .in_memory import png_chunk

if TYPE_CHECKING:
    from .source import Source


class BlankSource:
    """A transparent image, made when it is first read.

    Args:
        like: The source of the image that it is as large as.
        refused: What is raised where its size can't be told.
        upright: Whether the server turns that image as the camera was held.
    """

    size: int | None = None
    name = "mask.png"

    def __init__(self, like: Source, refused: Exception, *, upright: bool = True) -> None:
        self._like = like
        self._refused = refused
        self._upright = upright

    def open(self) -> IO[bytes]:
        """Return the image."""
        with self._like.open() as handle:
            size = read_image_size(handle.read(), upright=self._upright)
        if size is None:
            raise self._refused
        return io.BytesIO(_build_transparent_png(*size))


def _build_transparent_png(width: int, height: int) -> bytes:
    """Return a PNG file without anything on it."""
    packer = zlib.compressobj(1)
    row = bytes(1 + 4 * width)
    packed = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    head = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    parts = (png_chunk(b"IHDR", head), png_chunk(b"IDAT", packed), png_chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)
