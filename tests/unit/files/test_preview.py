"""What of a file is shown: what it is by its content, within limits, and never run."""

from __future__ import annotations

import base64
import io
import os
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from gradioproxy.errors import FileGone
from gradioproxy.files import preview
from gradioproxy.files.call_files import CallFiles
from gradioproxy.files.file import File
from gradioproxy.files.preview import Preview, Room, preview_file
from tests.support.notebook import HOSTILE, ZMQInteractiveShell, read_page
from tests.support.web_server import Reply, Web, transport_to

if TYPE_CHECKING:
    from pathlib import Path


@dataclass
class Made:
    """A file that is there."""

    name: str
    mime_type: str
    content: bytes = b""
    size: int | None = None
    asked: int = 0

    def read_head(self, limit: int) -> tuple[bytes, bool]:
        """Return its beginning."""
        self.asked += 1
        return self.content[:limit], len(self.content) <= limit

    def show(self, room: Room | None = None) -> Preview:
        """Return what is shown of it, which has nothing in it that it must not have."""
        made = preview_file(self, self.read_head, room or Room())
        read_page(made.html)
        assert made.text.startswith("Made(")
        return made


def image(kind: str = "PNG") -> bytes:
    """Return a picture."""
    buffer = io.BytesIO()
    Image.new("RGB", (4, 3), "red").save(buffer, kind)
    return buffer.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP", "BMP"])
def test_an_image_is_what_it_is(kind: str) -> None:
    """By its content, and not by what a server calls it."""
    content = image(kind)
    made = Made("x", "image/x-something", content).show()
    encoded = base64.b64encode(content).decode()
    media = f"image/{kind.lower()}"
    assert made.alone == {media: encoded}
    assert made.html.startswith(f"<img src='data:{media};base64,{encoded}' ")


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_of_a_file_is_interpreted(text: str) -> None:
    """HTML, scripts and drawings: as text, or as an image in which no script runs."""
    content = text.encode()
    names = ("a.html", "a.js", "a.svg", "a.txt", "a.json", "a.png", "a.wav", "a.mp4", "a.glb")
    for name in (*names, text):
        for media in ("text/html", "application/javascript", "image/svg+xml", "image/png", text):
            made = Made(name, media, content).show()
            for part, data in made.alone.items():
                assert part in {"text/html", "image/png"}
                read_page(data)


def test_a_drawing_is_an_image_of_the_page() -> None:
    """Never the page's own SVG, whose scripts would run."""
    content = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
    made = Made("a.svg", "image/svg+xml", content).show()
    assert made.alone == {"text/html": made.html}
    assert "data:image/svg+xml;base64," in made.html
    assert "script" not in made.html
    assert "not shown" in Made("a.svg", "image/svg+xml", b"<html>").show().html


def test_sounds_and_films_have_controls() -> None:
    for media, tag in (("audio/wav", "audio"), ("video/mp4", "video")):
        made = Made(f"a.{tag}", media, b"content").show()
        data = base64.b64encode(b"content").decode()
        assert f"<{tag} controls preload='metadata' src='data:{media};base64,{data}'" in made.html
    assert "browsers do not play" in Made("a.ts", "video/mp2t", b"G").show().html
    assert "<video" not in Made("a", "video/x'onerror='alert(1)", b"x").show().html


def test_the_beginning_of_a_text() -> None:
    made = Made("a.csv", "text/csv", b"one,two\n" * 10_000).show()
    assert "one,two" in made.html
    assert read_page(made.html).endswith("… and more; its save() writes it to a file")
    assert "not shown: it is no text" in Made("a.txt", "text/plain", b"a\0b").show().html


def test_what_no_front_end_shows() -> None:
    text = read_page(Made("a.glb", "model/gltf-binary", size=1200).show().html)
    assert text.startswith("3D model 'a.glb' of 1.2 kB, not shown: ")
    assert "save()" in text
    assert "file 'a.zip', not shown" in read_page(Made("a.zip", "application/zip").show().html)


def test_what_is_too_large_is_not_fetched() -> None:
    """Where its size is known; else no more than the limit."""
    said = Made("a.png", "image/png", size=12_000_000)
    text = read_page(said.show().html)
    assert text.startswith("image 'a.png' of 12 MB, not shown: more than 10 MB; ")
    assert said.asked == 0
    film = Made("a.mp4", "video/mp4", bytes(preview.MEDIA_LIMIT + 1))
    assert "not shown: more than 20 MB" in read_page(film.show().html)


def test_a_display_has_room_for_so_much() -> None:
    """However many files there are."""
    room = Room(left=3 * len(image()), files=2)
    texts = [read_page(Made("a", "image/png", image()).show(room).html) for _ in range(3)]
    assert texts == ["", "", "image 'a', not shown: there are so many"]
    room = Room(left=len(image()) + 1)
    texts = [Made("a", "image/png", image(), len(image())).show(room).html for _ in range(2)]
    assert ["fills the display" in text for text in texts] == [False, True]
    room = Room(left=len(image()) - 1)
    assert "fills the display" in Made("a", "image/png", image()).show(room).html


def test_texts_have_room_as_well() -> None:
    """What does not fit is told by its name, also where it would stand alone."""
    room = Room(text=10_000)
    file = Made("a.txt", "text/plain", b"x" * 4000)
    made = [file.show(room) for _ in range(4)]
    assert ["xxx" in one.html for one in made] == [True, True, False, False]
    said = "text 'a.txt', not shown: what is beside it fills the display"
    assert read_page(made[2].html) == said
    assert [len(one.alone) for one in made] == [1, 1, 0, 0]
    last = [file.show(room).html for _ in range(40)][-1]
    assert read_page(last) == "… what is beside it fills the display"
    assert room.is_full


def test_an_image_that_would_fill_the_memory_is_not_shown() -> None:
    """A small file can be a picture of billions of pixels."""
    head = struct.pack(">I4sIIBBBBB", 13, b"IHDR", 60_000, 60_000, 8, 2, 0, 0, 0)
    made = Made("bomb.png", "image/png", b"\x89PNG\r\n\x1a\n" + head).show()
    assert "too many pixels" in made.html


def test_why_a_file_can_not_be_fetched() -> None:
    def refuse(_: int) -> tuple[bytes, bool]:
        raise FileGone("The server no longer has <it>.")

    made = preview_file(Made("a.png", "image/png"), refuse, Room())
    assert read_page(made.html) == "image 'a.png', not shown: The server no longer has <it>."


# A file of an app.


def serve_image(web: Web, folder: Path | None = None, name: str = "a.png") -> File:
    """Return a file of an app that has an image."""
    web.on(f"/gradio_api/file=/{name}", Reply(body=image()))
    return File({"path": f"/{name}"}, transport_to(web), "/gradio_api", folder)


@pytest.mark.usefixtures("notebook")
def test_a_file_shows_itself(web: Web) -> None:
    """It is fetched once, and what was fetched is the file from then on."""
    file = serve_image(web)
    data = file._repr_mimebundle_()
    assert data == {
        "text/plain": "<File 'a.png'>",
        "image/png": base64.b64encode(image()).decode(),
    }
    assert file._repr_mimebundle_() == data
    with open(file, "rb") as handle:  # noqa: PTH123 - that it is a path
        assert handle.read() == image()
    assert len(web.requests) == 1


def test_at_a_terminal_nothing_is_fetched(web: Web, notebook: ZMQInteractiveShell) -> None:
    """IPython asks there, too, and shows the text."""
    notebook.display_formatter.active_types = ["text/plain"]
    file = serve_image(web)
    assert file._repr_mimebundle_() == {"text/plain": "<File 'a.png'>"}
    assert web.requests == []


@pytest.mark.usefixtures("notebook")
def test_no_more_is_fetched_than_is_shown(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preview, "IMAGE_LIMIT", 10)
    file = serve_image(web)
    assert "more than 10 bytes" in file._repr_mimebundle_()["text/html"]
    assert file._path is None


@pytest.mark.usefixtures("notebook")
def test_a_file_that_is_gone(web: Web) -> None:
    """Is a line that says so, and no traceback."""
    web.on("/gradio_api/file=/a.png", Reply(404))
    file = File({"path": "/a.png"}, transport_to(web), "/gradio_api")
    assert "no longer has" in file._repr_mimebundle_()["text/html"]


def test_looking_at_a_file_writes_nothing_where_downloads_go(web: Web, tmp_path: Path) -> None:
    """Only using it does, and that fetches nothing again."""
    file = serve_image(web, tmp_path / "downloads")
    for _ in range(2):
        assert "<img" in file.__preview__(Room()).html
    assert list(tmp_path.iterdir()) == []
    assert file.bytes() == image()
    assert file.save(tmp_path / "saved.png").read_bytes() == image()
    assert os.fspath(file) == str(tmp_path / "downloads" / "a.png")
    assert (tmp_path / "downloads" / "a.png").read_bytes() == image()
    assert len(web.requests) == 1


def test_what_is_only_looked_at_in_passing_is_not_kept(web: Web) -> None:
    """A job may have thousands of partial results."""
    file = serve_image(web)
    assert "<img" in file.__preview__(Room(keeps=False)).html
    assert file._find_content() is None


def test_so_many_files_are_fetched(web: Web) -> None:
    """For one display; whether they are shown in the end or not."""
    names = [f"{number}.{'png' if number % 2 else 'txt'}" for number in range(5)]
    room = Room(requests=3)
    pages = [serve_image(web, name=name).__preview__(room).html for name in names]
    assert ["was not fetched" in page for page in pages] == [False, False, False, True, True]
    assert len(web.requests) == 3
    inline = File({"url": "data:text/plain,abc"}, transport_to(web))
    assert "abc" in inline.__preview__(room).html  # it is here


def test_nothing_is_fetched_twice_for_what_stays_in_its_place(web: Web) -> None:
    """Also what is no use: each partial result has files of its own, which may be the same."""
    web.on("/gradio_api/file=/b.txt", Reply(body=b"a\0b"))
    first = Room(keeps=False)
    kept = [serve_image(web).__preview__(first)]
    kept.append(File({"path": "/b.txt"}, transport_to(web), "/gradio_api").__preview__(first))
    again = Room(keeps=False, earlier=first.fetched)
    assert [
        serve_image(web).__preview__(again),
        File({"path": "/b.txt"}, transport_to(web), "/gradio_api").__preview__(again),
    ] == kept
    assert len(web.requests) == 2
    assert (again.left, again.files, again.text) == (first.left, 39, first.text)
    assert again.fetched == first.fetched


def test_a_stream_is_not_fetched_to_be_looked_at(web: Web, tmp_path: Path) -> None:
    """That could wait for the end of a call, or take what is sent once; what is here is shown."""
    wave = b"RIFF\xff\xff\xff\xffWAVEfmt "
    files = CallFiles(transport_to(web), "/gradio_api", tmp_path, lambda task: task())
    for raw in ({"path": "hash/1/7"}, {"path": "hash/1/7/playlist.m3u8"}):
        made = {**raw, "is_stream": True, "orig_name": "a.wav", "mime_type": "audio/wav"}
        page = files.make_file(made).__preview__(Room()).html
        assert "not shown: it was not fetched; its save()" in read_page(page)
    assert web.requests == []
    assert list(tmp_path.iterdir()) == []
    web.on("/gradio_api/stream/hash/1/7", Reply(body=wave))
    file = files.make_file({"path": "hash/1/7", "is_stream": True, "orig_name": "a.wav"})
    files.end_call()
    file.bytes()
    assert "<audio" in file.__preview__(Room()).html
