"""An image on which nothing is drawn is as large as the one that it belongs to."""

from __future__ import annotations

import io
import struct

import numpy as np
import PIL.Image
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradioproxy.blanks import MAX_PIXELS, BlankSource, size_of
from gradioproxy.sources import BytesSource

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
    ],
)
def test_the_size_of_an_image(kind: str, how: dict[str, object]) -> None:
    """It is read from how a file of any common kind begins, as Pillow reads it."""
    for size in ((7, 5), (1, 1), (300, 20_00)):
        assert size_of(saved(kind, size, **how)) == size


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_of_a_camera_that_was_turned(orientation: int) -> None:
    """What the server turns upright changes its height and its width."""
    exif = PIL.Image.Exif()
    exif[ORIENTATION] = orientation
    content = saved("JPEG", exif=exif)
    with PIL.Image.open(io.BytesIO(content)) as image:
        upright = PIL.ImageOps.exif_transpose(image).size

    assert size_of(content) == upright


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
        b"no image",
        saved("PNG")[:16] + struct.pack(">II", 0, 5),
        saved("PNG")[:16] + struct.pack(">II", MAX_PIXELS, 2),
    ],
)
def test_a_size_that_can_not_be_told(content: bytes) -> None:
    """What is cut, empty, huge or no image has none."""
    assert size_of(content) is None


@given(st.sampled_from((b"\x89PNG", b"GIF8", b"BM", b"RIFF....WEBP", b"\xff\xd8")), st.binary())
def test_any_content(head: bytes, rest: bytes) -> None:
    """Whatever a file holds: its size is a number of pixels, or is not known."""
    size = size_of(head + rest)

    assert size is None or min(size) > 0


def test_a_blank_image() -> None:
    """It is transparent and black, and says what was wrong where there can be none."""
    refused = ValueError("no image")
    with BlankSource(BytesSource(saved("JPEG")), refused).open() as file:
        image = np.asarray(PIL.Image.open(file))
    assert image.tolist() == np.zeros((5, 7, 4)).tolist()
    with pytest.raises(ValueError, match="no image"):
        BlankSource(BytesSource(b"x"), refused).open()
