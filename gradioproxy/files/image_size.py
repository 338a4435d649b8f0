"""How large an image is, read from how its file begins.

Rule: only what tells the size is read, as Pillow reads it, which servers read images with; what is
broken or of another kind has no size that can be told.
"""

from __future__ import annotations

import contextlib
import struct
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_PIXELS = 1 << 26

_JPEG_SIZES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
# Markers of a JPEG file that stand alone.
_ALONE = frozenset({0x00, 0x01, *range(0xD0, 0xD8)})
_FILL, _APP1 = 0xFF, 0xE1
_EXIF = b"Exif\0\0"
# Of TIFF, which is what EXIF is written as.
_WIDTH, _HEIGHT, _ORIENTATION = 0x0100, 0x0101, 0x0112
_TURNED = frozenset({5, 6, 7, 8})
_WHOLE = {3: "H", 4: "I"}
# In the head of a WebP file: that it has EXIF.
_HAS_EXIF = 0x08


def read_image_size(content: bytes, *, upright: bool = True) -> tuple[int, int] | None:
    """Return the width and the height of an image, or ``None`` if they can't be told.

    It is none of the common kinds then, or is broken.

    Args:
        content: What is in its file.
        upright: Whether it is turned as the camera was held.
    """
    try:
        width, height = _read_stored_size(content)
    except struct.error:
        return None
    turned = upright and _is_turned(content)
    if not 0 < width * height <= MAX_PIXELS:
        return None
    return (height, width) if turned else (width, height)


def _read_stored_size(content: bytes) -> tuple[int, int]:
    """Return the size as the pixels are stored."""
    if content.startswith(b"\x89PNG"):
        width, height = struct.unpack_from(">II", content, 16)
    elif content.startswith(b"GIF8"):
        width, height = struct.unpack_from("<HH", content, 6)
    elif content.startswith(b"BM"):
        width, height = struct.unpack_from("<ii", content, 18)
    elif _is_webp(content):
        width, height = _read_webp_size(content)
    elif content.startswith(b"\xff\xd8"):
        width, height = _read_jpeg_size(content)
    else:
        tags = _read_tags(content)
        width, height = tags.get(_WIDTH, 0), tags.get(_HEIGHT, 0)
    return width, abs(height)  # from the top down, in some of Windows


def _is_turned(content: bytes) -> bool:
    """Tell whether the camera was held upright, so that height and width change places."""
    return _read_tags(_read_exif(content)).get(_ORIENTATION) in _TURNED


def _read_exif(content: bytes) -> bytes:
    """Return what an image says of how it was taken."""
    found = content
    if content.startswith(b"\x89PNG"):
        found = next(
            (data for kind, data in _iterate_chunks(content, 8, ">") if kind == b"eXIf"), b""
        )
    elif _is_webp(content):
        known = content[12:16] == b"VP8X" and int.from_bytes(content[20:21], "big") & _HAS_EXIF
        chunks = _iterate_chunks(content, 12, "<") if known else ()
        found = next((data for kind, data in chunks if kind == b"EXIF"), b"")
    elif content.startswith(b"\xff\xd8"):
        begins = (begin for marker, begin in _iterate_segments(content) if marker == _APP1)
        begin = next((one for one in begins if content.startswith(_EXIF, one)), len(content))
        found = content[begin:]
    return found.removeprefix(_EXIF)


def _is_webp(content: bytes) -> bool:
    return content.startswith(b"RIFF") and content[8:12] == b"WEBP"


def _read_webp_size(content: bytes) -> tuple[int, int]:
    kind = content[12:16]
    if kind == b"VP8X":
        sizes = struct.unpack_from("3s3s", content, 24)
        return 1 + int.from_bytes(sizes[0], "little"), 1 + int.from_bytes(sizes[1], "little")
    if kind == b"VP8L":
        (bits,) = struct.unpack_from("<I", content, 21)
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    width, height = struct.unpack_from("<HH", content, 26)
    return width & 0x3FFF, height & 0x3FFF


def _read_jpeg_size(content: bytes) -> tuple[int, int]:
    for marker, begin in _iterate_segments(content):
        if marker in _JPEG_SIZES:
            height, width = struct.unpack_from(">HH", content, begin + 1)
            return width, height
    return 0, 0


def _iterate_segments(content: bytes) -> Iterator[tuple[int, int]]:
    """Yield the markers of a JPEG file, and where what belongs to each begins."""
    place = content.find(b"\xff", 2)
    while 0 <= place <= len(content) - 4:
        marker, length = struct.unpack_from(">BH", content, place + 1)
        if marker == _FILL:  # any number of these may stand before a marker
            place += 1
        elif marker in _ALONE:
            place += 2
        else:
            yield marker, place + 4
            place += 2 + max(length, 2)
        place = content.find(b"\xff", place)


def _iterate_chunks(
    content: bytes, place: int, order: Literal["<", ">"]
) -> Iterator[tuple[bytes, bytes]]:
    """Yield the chunks of a PNG file or, with *order* ``<``, of a WebP file: kind and content."""
    little = order == "<"
    while place + 8 <= len(content):
        kind, length = content[place + 4 : place + 8], content[place : place + 4]
        if little:
            kind, length = length, kind
        size = int.from_bytes(length, "little" if little else "big")
        yield kind, content[place + 8 : place + 8 + size]
        place += 8 + size + (size % 2 if little else 4)  # a filling byte, or a checksum


def _read_tags(content: bytes) -> dict[int, int]:
    """Return the whole numbers in the first directory of a TIFF file, by their tags.

    If it is broken, they are those before the break, as for Pillow, which the server reads it with.
    """
    order = {b"II": "<", b"MM": ">"}.get(content[:2])
    tags: dict[int, int] = {}
    if order is None or content[2:4] not in {b"*\0", b"\0*"}:
        return tags
    with contextlib.suppress(struct.error):
        (begin,) = struct.unpack_from(f"{order}I", content, 4)
        (count,) = struct.unpack_from(f"{order}H", content, begin)
        for place in range(begin + 2, begin + 2 + 12 * count, 12):
            tag, kind, values = struct.unpack_from(f"{order}HHI", content, place)
            if values == 1 and kind in _WHOLE:
                (tags[tag],) = struct.unpack_from(f"{order}{_WHOLE[kind]}", content, place + 8)
    return tags
