"""Images on which nothing is drawn, as large as another one.

In Gradio 3 an image that is drawn on goes in with a second image for what was drawn, of the same
size. The page sends one too where nobody has drawn anything.
"""

from __future__ import annotations

import io
import struct
import zlib
from typing import IO, TYPE_CHECKING

from .encoding import png_chunk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .sources import Source

MAX_PIXELS = 1 << 26

_JPEG_SIZES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
_ORIENTATION, _TURNED = 0x0112, 5


class BlankSource:
    """A transparent image, made when it is first read.

    Args:
        like: The source of the image that it is as large as.
        refused: What is raised where its size can't be told.
    """

    size: int | None = None
    name = "mask.png"

    def __init__(self, like: Source, refused: Exception) -> None:
        self._like = like
        self._refused = refused

    def open(self) -> IO[bytes]:
        """Return the image."""
        with self._like.open() as handle:
            size = size_of(handle.read())
        if size is None:
            raise self._refused
        return io.BytesIO(_transparent(*size))


def size_of(content: bytes) -> tuple[int, int] | None:
    """Return the width and the height of an image, as it is shown; ``None`` if that can't be told.

    It is none of the common kinds then, or is broken.
    """
    try:
        width, height = _size(content)
    except struct.error:
        return None
    return (width, height) if 0 < width * height <= MAX_PIXELS else None


def _size(content: bytes) -> tuple[int, int]:
    if content.startswith(b"\x89PNG"):
        width, height = struct.unpack_from(">II", content, 16)
    elif content.startswith(b"GIF8"):
        width, height = struct.unpack_from("<HH", content, 6)
    elif content.startswith(b"BM"):
        width, height = struct.unpack_from("<ii", content, 18)
    elif content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        width, height = _webp_size(content)
    elif content.startswith(b"\xff\xd8"):
        width, height = _jpeg_size(content)
    else:
        width, height = 0, 0
    return width, abs(height)  # from the top down, in some of Windows


def _webp_size(content: bytes) -> tuple[int, int]:
    kind = content[12:16]
    if kind == b"VP8X":
        return (
            1 + int.from_bytes(content[24:27], "little"),
            1 + int.from_bytes(content[27:30], "little"),
        )
    if kind == b"VP8L":
        bits = int.from_bytes(content[21:25], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    width, height = struct.unpack_from("<HH", content, 26)
    return width & 0x3FFF, height & 0x3FFF


def _jpeg_size(content: bytes) -> tuple[int, int]:
    turned = False
    for marker, begin in _segments(content):
        if marker == 0xE1 and content[begin : begin + 6] == b"Exif\0\0":  # noqa: PLR2004
            turned = _is_turned(content[begin + 6 :])
        if marker in _JPEG_SIZES:
            height, width = struct.unpack_from(">HH", content, begin + 1)
            # The server turns it as the camera was held.
            return (height, width) if turned else (width, height)
    return 0, 0


def _segments(content: bytes) -> Iterator[tuple[int, int]]:
    """Yield the markers of a JPEG file, and where what belongs to each begins."""
    place = 2
    while place + 4 <= len(content):
        marker, length = struct.unpack_from(">xBH", content, place)
        yield marker, place + 4
        place += 2 + max(length, 2)


def _is_turned(exif: bytes) -> bool:
    """Tell whether the camera was held upright, so that height and width change places."""
    order = "<" if exif.startswith(b"II") else ">"
    (begin,) = struct.unpack_from(f"{order}I", exif, 4)
    (count,) = struct.unpack_from(f"{order}H", exif, begin)
    for number in range(count):
        tag, value = struct.unpack_from(f"{order}H6xH", exif, begin + 2 + 12 * number)
        if tag == _ORIENTATION:
            return bool(value >= _TURNED)
    return False


def _transparent(width: int, height: int) -> bytes:
    """Return a PNG file without anything on it."""
    packer = zlib.compressobj(1)
    row = bytes(1 + 4 * width)
    packed = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    head = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    parts = (png_chunk(b"IHDR", head), png_chunk(b"IDAT", packed), png_chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)
