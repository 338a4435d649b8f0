"""Files as clients show them."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("mcp", reason="needs the extra mcp")

from mcp import types

from gradioproxy.files.file import File
from gradioproxy.mcp.media import build_block, check_mime_type
from tests.support.web_server import Reply, Web, transport_to

if TYPE_CHECKING:
    from typing import Any

PNG = b"\x89PNG\r\n\x1a\n" + bytes(10)
WAV = b"RIFF\0\0\0\0WAVEfmt "
URI = "gradioproxy://files/key/name"


def file(web: Web, name: str, content: bytes, **more: Any) -> File:
    web.on(f"/file={name}", Reply(body=content))
    return File({"path": name, **more}, transport_to(web))


@pytest.mark.parametrize(
    ("name", "content", "kind", "mime_type"),
    [
        ("a.png", PNG, types.ImageContent, "image/png"),
        ("a.webp", b"RIFF\0\0\0\0WEBPVP8 ", types.ImageContent, "image/webp"),
        ("a.wav", WAV, types.AudioContent, "audio/wav"),
        # As it is, whatever the app says of it.
        ("a.jpg", PNG, types.ImageContent, "image/png"),
        ("without", PNG, types.ImageContent, "image/png"),
    ],
)
def test_images_and_sounds(web: Web, name: str, content: bytes, kind: Any, mime_type: str) -> None:
    block = build_block(file(web, name, content), URI, 1_000, str)
    assert isinstance(block, kind)
    assert block.mime_type == mime_type
    assert base64.b64decode(block.data) == content


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.png", b"<svg></svg>"), ("a.png", b""), ("a.svg", b"<svg></svg>"), ("a.bmp", b"BM")],
)
def test_what_models_can_not_see(web: Web, name: str, content: bytes) -> None:
    """It is a link, also where the app calls it an image."""
    block = build_block(file(web, name, content), URI, 1_000, str)
    assert isinstance(block, types.ResourceLink)
    assert (block.uri, block.name) == (URI, name)


def test_what_is_too_large(web: Web) -> None:
    """It is not fetched if its size is known, and never to its end."""
    known = build_block(file(web, "a.png", PNG, size=10_000), URI, 1_000, str)
    assert isinstance(known, types.ResourceLink)
    assert known.size == 10_000
    assert web.requests == []

    assert isinstance(
        build_block(file(web, "b.png", PNG * 1_000), URI, 1_000, str), types.ResourceLink
    )


def test_what_is_gone(web: Web) -> None:
    """The result is there all the same."""
    web.on("/file=a.png", Reply(404))
    gone = File({"path": "a.png"}, transport_to(web))
    assert isinstance(build_block(gone, URI, 1_000, str), types.ResourceLink)


def test_media_types() -> None:
    assert check_mime_type("image/svg+xml") == "image/svg+xml"
    for text in ("", "image", "a/b; charset=x", "a/\nb", "x/" + "y" * 200):
        assert check_mime_type(text) == "application/octet-stream"
