"""An image on which nothing is drawn is as large as the one that it belongs to."""

from __future__ import annotations

import io
import struct

import numpy as np
import PIL.Image
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradioproxy.files.blanks import BlankSource
from gradioproxy.files.image_size import MAX_PIXELS, read_image_size
from gradioproxy.files.in_memory import png_chunk
from gradioproxy.files.source import BytesSource

ORIENTATION = 0x0112


def saved(kind: str, size: tuple[int, int] = (7, 5), **how: object) -> bytes:
    """Return an image of this size as a file of a kind."""
    file = io.BytesIO()
    PIL.Image.new("RGB", size, "red").save(file, format=kind, **how)
    return file.getvalue()


@pytest.mark.parametrize(
    ("kind", "how"),
    [
        ("PNG", {}),
        ("GIF", {}),
        ("BMP", {}),
        ("JPEG", {}),
        ("JPEG", {"progressive": True}),
        ("WEBP", {}),
        ("WEBP", {"lossless": True}),
        ("WEBP", {"exif": b"Exif\0\0"}),
        ("TIFF", {}),
        ("TIFF", {"compression": "jpeg"}),
    ],
)
def test_the_size_of_an_image(kind: str, how: dict[str, object]) -> None:
    """It is read from how a file of any common kind begins, as Pillow reads it."""
    for size in ((7, 5), (1, 1), (300, 20_00)):
        assert read_image_size(saved(kind, size, **how)) == size


def turned(orientation: int) -> PIL.Image.Exif:
    """Return what a camera says that was held like this."""
    exif = PIL.Image.Exif()
    exif[ORIENTATION] = orientation
    return exif


def with_segment(content: bytes, *segments: bytes) -> bytes:
    """Return a JPEG file with what a camera says of it, or more than that."""
    packed = (b"\xff\xe1" + struct.pack(">H", 2 + len(each)) + each for each in segments)
    return content[:2] + b"".join(packed) + content[2:]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", range(10))
def test_a_picture_of_a_camera_that_was_turned(orientation: int, kind: str) -> None:
    """What the server turns upright changes its height and its width."""
    exif = turned(orientation)
    content = saved(kind, tiffinfo=exif) if kind == "TIFF" else saved(kind, exif=exif)
    with PIL.Image.open(io.BytesIO(content)) as image:
        upright = PIL.ImageOps.exif_transpose(image).size

    assert read_image_size(content) == upright
    assert read_image_size(content, upright=False) == (7, 5)  # as Gradio 3.16 takes it


def test_what_a_camera_says_anywhere_in_a_file() -> None:
    """PNG can have it behind the image; of two, JPEG means the first; either order of bytes."""
    exif = turned(6).tobytes()
    plain = exif.removeprefix(b"Exif\0\0")
    order = struct.pack("<2sHIHHHIHHI", b"II", 42, 8, 1, ORIENTATION, 3, 1, 8, 0, 0)
    end, chunk = saved("PNG")[-12:], png_chunk(b"eXIf", plain)

    assert read_image_size(saved("PNG").removesuffix(end) + chunk + end) == (5, 7)
    assert read_image_size(with_segment(saved("JPEG"), b"other", exif)) == (5, 7)
    assert read_image_size(with_segment(saved("JPEG"), b"Exif\0\0" + order)) == (5, 7)
    assert read_image_size(with_segment(saved("JPEG"), turned(1).tobytes(), exif)) == (7, 5)


@pytest.mark.parametrize(
    "said",
    [b"", b"II*\0", b"II*\0\xff\xff\xff\0", b"MM\0*\0\0\0\x08\xff\xff", b"XX*\0\x08\0\0\0" * 9],
)
def test_what_a_camera_says_can_be_broken(said: bytes) -> None:
    """It turns nothing and spoils nothing, as on the server."""
    png = saved("PNG")
    assert read_image_size(with_segment(saved("JPEG"), b"Exif\0\0" + said)) == (7, 5)
    assert read_image_size(png[:33] + png_chunk(b"eXIf", said) + png[33:]) == (7, 5)
    assert read_image_size(saved("WEBP", exif=said or b"x")) == (7, 5)


def test_bytes_that_fill_a_jpeg() -> None:
    """Any number of them may stand before a marker."""
    content = saved("JPEG")

    assert read_image_size(content[:2] + b"\xff\xff\xff" + content[2:]) == (7, 5)
    assert read_image_size(content[:2] + b"\xff\x01" + content[2:]) == (7, 5)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x89PNG",
        b"GIF8",
        b"BM",
        b"RIFF....WEBPVP8 ",
        b"\xff\xd8\xff\xe1\0\x10Exif\0\0II*\0\xff\xff\xff\xff",
        b"\xff\xd8" + b"\xff\xe0\0\0" * 1_000,
        b"\xff\xd8" + b"\xff" * 1_000,
        b"II*\0\x08\0\0\0\xff\xff",
        b"RIFF....WEBPVP8X",
        b"no image",
        saved("PNG")[:16] + struct.pack(">II", 0, 5),
        saved("PNG")[:16] + struct.pack(">II", MAX_PIXELS, 2),
    ],
)
def test_a_size_that_can_not_be_told(content: bytes) -> None:
    """What is cut, empty, huge or no image has none."""
    assert read_image_size(content) is None


HEADS = (b"\x89PNG", b"GIF8", b"BM", b"RIFF....WEBP", b"RIFF....WEBPVP8X", b"\xff\xd8", b"II*\0")


@given(st.sampled_from(HEADS), st.binary())
def test_any_content(head: bytes, rest: bytes) -> None:
    """Whatever a file holds: its size is a number of pixels, or is not known."""
    size = read_image_size(head + rest)

    assert size is None or min(size) > 0


def test_a_blank_image() -> None:
    """It is transparent and black, and says what was wrong where there can be none."""
    refused = ValueError("no image")
    with BlankSource(BytesSource(saved("JPEG")), refused).open() as file:
        image = np.asarray(PIL.Image.open(file))
    assert image.tolist() == np.zeros((5, 7, 4)).tolist()
    with pytest.raises(ValueError, match="no image"):
        BlankSource(BytesSource(b"x"), refused).open()
