"""What can go up as a file is read as it was when it was passed, whatever its maker does later."""

from __future__ import annotations

import base64
import gc
import gzip
import io
import os
import re
import tempfile
import threading
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gradioproxy.files.source import (
    BytesSource,
    HandleSource,
    PathSource,
    RemoteSource,
    Source,
    from_data_url,
    from_handle,
    mime_type,
    name_for,
    safe_name,
    sent_name,
    spool_to_disk,
    url_name,
)
from tests.support.schemas import texts

if TYPE_CHECKING:
    from collections.abc import Iterator

CONTENT = b"0123456789"


def content(source: Source) -> bytes:
    """Read a source from its start."""
    with source.open() as handle:
        return handle.read()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Give a file on disk."""
    path = tmp_path / "a b.txt"
    path.write_bytes(CONTENT)
    return path


# Names.


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("a.txt", "a.txt"),
        ("a b (1).tar.gz", "a b (1).tar.gz"),
        ("größe 生成.png", "größe 生成.png"),
        ("../../x", "x"),
        ("..\\..\\x", "x"),
        ("/etc/passwd", "passwd"),
        ("C:\\Windows\\x.exe", "x.exe"),
        ("file:stream", "file_stream"),
        ("a\0b.txt", "ab.txt"),
        ("a\nb\tc.txt", "a b_c.txt"),
        ("\x1b[31mred", "[31mred"),
        ("\u202egnp.exe", "gnp.exe"),
        ("a\ud800b", "ab"),
        (".bashrc", "bashrc"),
        ("...", "file"),
        (" . ", "file"),
        ("", "file"),
        ("/", "file"),
        ("x/", "file"),
        ("x. .", "x"),
        ('<a>"b"|c?d*e', "_a__b__c_d_e"),
        ("CON", "CON_"),
        ("con.txt", "con_.txt"),
        ("Aux.tar.gz", "Aux_.tar.gz"),
        ("COM1", "COM1_"),
        ("com¹.txt", "com¹_.txt"),
        ("nul .txt", "nul _.txt"),
        ("CONIN$", "CONIN$_"),
        ("falcon.png", "falcon.png"),
        ("console.log", "console.log"),
        ("a.con", "a.con"),
        ("~", "~"),
    ],
)
def test_safe_name(name: str, safe: str) -> None:
    """A name from a stranger is one file's name in any folder of any system."""
    assert safe_name(name) == safe


def test_long_names_keep_their_extensions() -> None:
    """A name that is too long for file systems loses letters, and not what programs go by."""
    assert safe_name("x" * 300 + ".png") == "x" * 196 + ".png"
    assert safe_name("é" * 300 + ".png") == "é" * 98 + ".png"
    assert safe_name("x." + "y" * 300) == "x." + "y" * 198


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        *((name, name) for name in (".hidden", "..dots..txt", "trailing.txt.", "CON.txt", " a ")),
        *((name, name) for name in ("x:y|z.txt", "größe.txt", "%22;a=b.txt", "\x1b\t\u202e.txt")),
        ('"a"\r\nb.txt', "_a___b.txt"),
        ("a/b\\c\0.txt", "a_b_c_.txt"),
        ("\udcff.txt", "_.txt"),
        ("x" * 300 + ".png", "x" * 196 + ".png"),
        *((name, "file") for name in ("", ".", "..", "...", "?.?", " ")),
    ],
)
def test_sent_name(name: str, sent: str) -> None:
    """A name goes up as the caller's disk has it, but for what breaks the form, or servers."""
    assert sent_name(name) == sent
    assert sent_name(sent) == sent


def test_what_goes_up_is_called_as_on_disk(tmp_path: Path) -> None:
    """The name of an open file is that of its path; what a URL leads to is named by it."""
    path = tmp_path / ".hidden"
    path.write_bytes(CONTENT)
    with path.open("rb") as handle:
        assert from_handle(handle).name == ".hidden"
    assert url_name("https://host/a/.env?x=1") == ".env"


@given(texts | st.text() | st.lists(st.sampled_from([*"./\\ :~$", "con", "nul", "x"])).map("".join))
@example("x" * 250 + ". .png")
@example("con . .")
def test_every_name_is_safe(name: str) -> None:
    """Whatever the name: a file can be made of it, in the folder that was meant."""
    safe = safe_name(name)

    assert safe == Path(safe).name
    assert 0 < len(safe.encode()) <= 200
    assert safe == safe_name(safe)
    assert not re.search(r'[/\\<>:"|?*\x00-\x1f\x7f]', safe)
    assert not safe.startswith((".", " "))
    assert not safe.endswith((".", " "))
    stem = safe.split(".")[0].strip().lower()
    assert stem not in {"con", "prn", "aux", "nul", "com1", "lpt9", "conin$"}


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("http://host/a/b.png?size=2#x", "b.png"),
        ("http://host/a%20b.png", "a b.png"),
        ("http://host/%2e%2e%2fetc%2fpasswd", "passwd"),
        ("http://host/", "file"),
        ("http://host", "file"),
    ],
)
def test_url_name(url: str, name: str) -> None:
    """A file on the web is called as the last part of its address."""
    assert url_name(url) == name


def test_mime_type() -> None:
    """A media type is told by the name."""
    assert mime_type("a.PNG") == "image/png"
    assert mime_type("nothing") == "application/octet-stream"


# Paths and bytes.


def test_path(path: Path) -> None:
    """A file on disk is read when it goes up."""
    source = PathSource(str(path), path.name, 10)

    assert content(source) == CONTENT
    path.write_bytes(b"later")
    assert content(source) == b"later"
    path.unlink()
    with pytest.raises(FileNotFoundError):
        source.open()


def test_bytes() -> None:
    """Bytes are a file without a name, and not shown."""
    source = BytesSource(CONTENT)

    assert (content(source), content(source), source.size) == (CONTENT, CONTENT, 10)
    assert source.name == "file.bin"
    assert "0123" not in repr(source)


@pytest.mark.parametrize(
    ("url", "expected", "name"),
    [
        ("data:text/plain;base64,MDEyMzQ1Njc4OQ==", CONTENT, "file.txt"),
        ("data:text/plain;charset=utf-8;base64,MDEyMzQ1Njc4OQ==", CONTENT, "file.txt"),
        ("DATA:image/png;BASE64,MDEyMzQ1Njc4OQ==", CONTENT, "file.png"),
        ("data:image/png;base64,MDEy\nMzQ1Njc4OQ%3D%3D", CONTENT, "file.png"),
        ("data:,0123456789", CONTENT, "file.bin"),
        ("data:text/plain,a%20b%00c", b"a b\0c", "file.txt"),
        ("data:application/x-unknown;base64,", b"", "file.bin"),
        ("data:image/svg+xml;utf8,<svg/>", None, ""),
        ("data:text/plain;base64,MDEyM", None, ""),
        ("data:text/plain;base64,MDEy%0AMzQ1\n", b"012345", "file.txt"),
        ("data:text/plain;base64,!!!", None, ""),
        ("data:text/plain;base64,MDE_MDE-", None, ""),
        ("data:image/png", None, ""),
        ("data.txt", None, ""),
        ("", None, ""),
    ],
)
def test_data_url(url: str, expected: bytes | None, name: str) -> None:
    """A ``data:`` URL is a file of the content in it; what is none is nothing."""
    source = from_data_url(url)

    assert (None if source is None else content(source)) == expected
    assert source is None or (source.name, source.size) == (name, len(expected or b""))


@given(st.binary(), st.text())
def test_every_data_url(given_content: bytes, text: str) -> None:
    """Every content survives, and no text does worse than being none."""
    source = from_data_url(f"data:;base64,{base64.b64encode(given_content).decode()}")
    assert source is not None
    assert content(source) == given_content
    from_data_url(f"data:{text}")


# Open files.


def test_open_file_may_be_closed_at_once(path: Path) -> None:
    """A file that was open when it was passed is read, though it is closed and gone by then."""
    with path.open("rb") as handle:
        source = from_handle(handle)
    path.unlink()
    gc.collect()

    assert (source.name, source.size) == ("a b.txt", 10)
    assert [content(source), content(source)] == [CONTENT, CONTENT]


@pytest.mark.parametrize("buffering", [-1, 0])
@pytest.mark.parametrize("mode", ["rb", "r+b"])
def test_open_file_is_read_from_where_it_stands(path: Path, mode: str, buffering: int) -> None:
    """What was read of a file before is no part of what goes up; its position is left alone."""
    with path.open(mode, buffering=buffering) as handle:
        assert handle.read(3) == b"012"
        source = from_handle(handle)
        assert (content(source), source.size) == (b"3456789", 7)
        assert handle.read(2) == b"34"
        again = from_handle(handle)
        assert (content(again), content(source)) == (b"56789", b"3456789")
        handle.seek(0, os.SEEK_END)
        assert (content(from_handle(handle)), from_handle(handle).size) == (b"", 0)


def test_what_was_written_is_not_left_in_a_buffer(path: Path) -> None:
    """A file that is being written goes up with all that was written so far."""
    with path.open("w+b") as handle:
        handle.write(b"written")
        handle.seek(0)
        handle.write(b"W")
        handle.seek(0)
        source = from_handle(handle)
    assert (content(source), source.size) == (b"Written", 7)


@pytest.mark.parametrize("delete", [False, True])
def test_temporary_file(delete: bool) -> None:
    """What `tempfile` gives is a file like any other, and stays on disk."""
    with tempfile.NamedTemporaryFile(suffix=".png", delete=delete) as handle:
        handle.write(CONTENT)
        handle.seek(2)
        source = from_handle(handle)
        assert isinstance(source, HandleSource)
        name = Path(handle.name)
        assert source.name == name.name
    assert content(source) == CONTENT[2:]
    name.unlink(missing_ok=True)

    with tempfile.TemporaryFile() as unnamed:
        unnamed.write(CONTENT)
        unnamed.seek(0)
        assert content(from_handle(unnamed)) == CONTENT
        assert from_handle(unnamed).name == "file.bin"
    with tempfile.SpooledTemporaryFile() as spooled_file:
        spooled_file.write(CONTENT)
        spooled_file.seek(1)
        assert content(from_handle(spooled_file)) == CONTENT[1:]


def test_bytes_io() -> None:
    """A buffer in memory is read from its position, which stays; so it can be passed again."""
    buffer = io.BytesIO(CONTENT)
    buffer.read(4)
    source, again = from_handle(buffer), from_handle(buffer)
    buffer.write(b"xxxxxx")

    assert (content(source), content(again)) == (CONTENT[4:], CONTENT[4:])
    assert (source.name, source.size) == ("file.bin", 6)
    buffer.name = "folder/a.png"
    assert from_handle(buffer).name == "a.png"


def test_file_that_unpacks_what_it_reads(tmp_path: Path) -> None:
    """Of a handle that has a file below it, what it reads counts and not what is below."""
    packed = tmp_path / "a.txt.gz"
    packed.write_bytes(gzip.compress(CONTENT))
    with gzip.open(packed) as handle:
        source = from_handle(handle)
        assert (content(source), source.size) == (CONTENT, 10)
        assert handle.read() == CONTENT


class Trickle:
    """Something with ``read`` and nothing else."""

    def __init__(self, blocks: list[Any]) -> None:
        self.blocks = blocks

    def read(self, size: int = -1) -> Any:
        """Return the next block."""
        assert size > 0
        return self.blocks.pop(0)


def test_anything_that_can_be_read() -> None:
    """What can only be read is read to its end when it is passed, a block at a time."""
    assert content(from_handle(Trickle([b"a", bytearray(b"b"), b""]))) == b"ab"
    for blocks in (["text"], [b"a", "text"]):
        with pytest.raises(TypeError, match="read\\(\\) gives no bytes; open it with 'rb'"):
            from_handle(Trickle(blocks))


def test_pipe() -> None:
    """The end of a pipe is a file whose size is known when it has come."""
    read_end, write_end = os.pipe()
    with os.fdopen(write_end, "wb") as out:
        out.write(CONTENT)
    with os.fdopen(read_end, "rb") as handle:
        source = from_handle(handle)
    assert (content(source), source.size, source.name) == (CONTENT, 10, "file.bin")


@pytest.mark.parametrize("opened", [io.StringIO("text"), io.TextIOWrapper(io.BytesIO(b"text"))])
def test_text_is_refused(opened: Any) -> None:
    """A file that was opened as text is refused, with how to open it."""
    with pytest.raises(TypeError, match="opened as text; open it with 'rb'"):
        from_handle(opened)


def test_text_of_any_kind_is_refused(path: Path) -> None:
    """The same for text that is wrapped."""
    with path.open() as handle, pytest.raises(TypeError, match="open it with 'rb'"):
        from_handle(handle)
    with tempfile.NamedTemporaryFile("w+") as wrapped, pytest.raises(TypeError, match="'rb'"):
        from_handle(wrapped)


def test_closed_and_write_only_files_are_refused(path: Path) -> None:
    """What can't be read is known when it is passed."""
    with path.open("rb") as handle:
        pass
    with pytest.raises(ValueError, match="closed"):
        from_handle(handle)
    with path.open("wb") as writer, pytest.raises(OSError, match="read"):
        from_handle(writer)


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="needs /dev/zero")
def test_a_device_without_an_end_is_refused() -> None:
    """A device that gives bytes for ever is not read."""
    with Path("/dev/zero").open("rb") as handle, pytest.raises(TypeError, match="has no end"):
        from_handle(handle)


def test_handles_are_given_back(path: Path) -> None:
    """A source holds one file open as long as it, or a reader of it, is there, and no longer."""
    folder = Path("/proc/self/fd")
    if not folder.exists():
        pytest.skip("needs /proc")
    before = len(list(folder.iterdir()))
    with path.open("rb") as handle:
        source: Source | None = from_handle(handle)
    assert source is not None
    assert len(list(folder.iterdir())) == before + 1
    reader = source.open()
    source = None
    assert reader.read() == CONTENT
    reader.close()
    del reader
    gc.collect()

    assert len(list(folder.iterdir())) == before


def test_readers_do_not_disturb_each_other(tmp_path: Path) -> None:
    """Several threads read one open file, each from its start."""
    path = tmp_path / "large"
    path.write_bytes(os.urandom(3_000_000))
    with path.open("rb") as handle:
        source = from_handle(handle)
    found: list[bytes] = []
    threads = [threading.Thread(target=lambda: found.append(content(source))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert found == [path.read_bytes()] * 4


def test_without_pread(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the system can't read at a position, as Windows can't, the content is the same."""
    monkeypatch.delattr(os, "pread")
    with path.open("rb") as handle:
        handle.seek(4)
        source = from_handle(handle)
        assert handle.tell() == 4
    assert (content(source), content(source), source.size) == (CONTENT[4:], CONTENT[4:], 6)
    assert content(RemoteSource(lambda: [CONTENT], "x", "")) == CONTENT


# What is fetched.


def test_remote_is_fetched_once_and_when_it_is_read() -> None:
    """Something on the web is fetched at the first reading, and kept for the next one."""
    fetched = []

    def fetch() -> Iterator[bytes]:
        fetched.append(1)
        yield CONTENT[:5]
        yield CONTENT[5:]

    source = RemoteSource(fetch, "a.txt", "http://host/a.txt")
    assert (fetched, source.size) == ([], None)

    readers: list[IO[bytes]] = [source.open(), source.open()]
    gc.collect()
    assert [reader.read() for reader in readers] == [CONTENT, CONTENT]
    assert (fetched, source.size) == ([1], 10)
    for reader in readers:
        reader.close()


def test_remote_that_breaks_is_fetched_again() -> None:
    """Half of a file is no file."""
    attempts = iter([True, False])

    def fetch() -> Iterator[bytes]:
        yield CONTENT
        if next(attempts):
            raise ConnectionError("broke")

    source = RemoteSource(fetch, "a.txt", "")
    with pytest.raises(ConnectionError, match="broke"):
        source.open()
    assert source.size is None
    assert content(source) == CONTENT


def test_spooled() -> None:
    """What comes in pieces is one file."""
    source = spool_to_disk(iter([b"a", b"", b"b"]), "x")

    assert (content(source), source.size, source.name) == (b"ab", 2, "x")


@pytest.mark.parametrize(
    ("start", "name"),
    [
        (b"\x89PNG\r\n\x1a\n", "image.png"),
        (b"\xff\xd8\xff\xe0", "image.jpg"),
        (b"GIF89a", "image.gif"),
        (b"RIFF\0\n\0\0WEBP", "image.webp"),
        (b"<svg xmlns='x'>", "image.svg"),
        (b"<?xml version='1.0'?>\n<svg >", "image.svg"),
        (b"\0\0\0\x1cftypavif", "image.avif"),
        (b"RIFF\0\n\0\0WAVE", "audio.wav"),
        (b"ID3\x04", "audio.mp3"),
        (b"\xff\xfb\x90", "audio.mp3"),
        (b"OggS", "audio.ogg"),
        (b"fLaC", "audio.flac"),
        (b"\0\0\0\x18ftypisom", "video.mp4"),
        (b"\x1aE\xdf\xa3", "video.webm"),
        (b"glTF\x02", "model.glb"),
        (b"%PDF-1.7", "file.pdf"),
        (b"PK\x03\x04", "file.zip"),
        (b"text PNG", "file.bin"),
        (b"", "file.bin"),
    ],
)
def test_what_has_no_name_is_called_by_how_it_begins(start: bytes, name: str) -> None:
    """Bytes, buffers, unnamed files and data: URLs get the extension that programs go by."""
    rest = start + bytes(1000) if start else b""
    with tempfile.TemporaryFile() as unnamed:
        unnamed.write(rest)
        unnamed.seek(0)
        assert from_handle(unnamed).name == name
    assert name_for(rest) == from_handle(io.BytesIO(rest)).name == name
    inline = from_data_url(f"data:;base64,{base64.b64encode(rest).decode()}")
    assert inline is not None
    assert inline.name == name
