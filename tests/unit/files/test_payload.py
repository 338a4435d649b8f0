"""What stands in the JSON of a call for a file: slots, and what each Gradio wants there."""

from __future__ import annotations

import io
from typing import Any

import pytest

from gradioproxy.files.filedata import (
    ContentWriter,
    FileDataWriter,
    FileWriter,
    InlineWriter,
    NameWriter,
    RowsWriter,
    TextWriter,
    Upload,
    UploadWriter,
    choose_writer,
)
from gradioproxy.files.payload import FileSlot, Payload
from gradioproxy.files.source import BytesSource
from gradioproxy.schema.release import Release

MARK = {"_type": "gradio.FileData"}
NAMED = {"name": "/srv/a.png", "data": None, "is_file": True}
UPLOAD = Upload("a.png", 7, "digest", "/srv/a.png")


@pytest.mark.parametrize(
    ("release", "kind", "writer"),
    [
        ((3, 16, 2), "image", TextWriter()),
        ((3, 16, 2), "timeseries", RowsWriter()),
        ((3, 18), "file", ContentWriter()),
        ((3, 18), "chatbot", ContentWriter()),
        ((3, 19), "image", TextWriter()),
        ((3, 19), "timeseries", NameWriter()),
        ((3, 50, 2), "video", NameWriter()),
        ((3, 50, 2), "chatbot", NameWriter(has_text=True)),
        ((4, 0, 2), "image", FileDataWriter()),
        ((6, 31), "chatbot", FileDataWriter()),
    ],
)
def test_writers(release: tuple[int, ...], kind: str, writer: FileWriter) -> None:
    """How a file is written depends on the version of Gradio and on the component."""
    assert choose_writer(Release(release), kind) == writer


@pytest.mark.parametrize(
    ("writer", "uploaded", "named"),
    [
        (
            FileDataWriter(),
            {
                "path": "/srv/a.png",
                "orig_name": "a.png",
                "size": 7,
                "mime_type": "image/png",
                "meta": MARK,
            },
            {"path": "/srv/a.png", "meta": MARK},
        ),
        (NameWriter(), {**NAMED, "orig_name": "a.png", "size": 7}, NAMED),
        (
            NameWriter(has_text=True),
            {**NAMED, "orig_name": "a.png", "size": 7, "alt_text": None},
            {**NAMED, "alt_text": None},
        ),
    ],
)
def test_files_on_the_server(writer: UploadWriter, uploaded: Any, named: Any) -> None:
    """A file that went up is written with all that is known; of another one there is the path."""
    assert writer.write_upload(UPLOAD) == uploaded
    assert writer.write_path("/srv/a.png") == named


def test_a_link_says_where_the_server_finds_the_file() -> None:
    """Its size is not known."""
    assert FileDataWriter().write_link("https://other.test/file=/x", "x.txt") == {
        "path": "https://other.test/file=/x",
        "orig_name": "x.txt",
        "mime_type": "text/plain",
        "meta": MARK,
    }


@pytest.mark.parametrize(
    ("writer", "content", "expected"),
    [
        (TextWriter(), b"x", "data:text/csv;base64,eA=="),
        (ContentWriter(), b"x", {"name": "a.csv", "data": "data:text/csv;base64,eA=="}),
        (
            RowsWriter(),
            b"\xef\xbb\xbfa,b\r\n1,x\r\n\r\n2.5,\r\nnan,inf\r\n",
            {"headers": ["a", "b"], "data": [[1, "x"], [2.5, None], [None, None]]},
        ),
        (RowsWriter(), b"", {"headers": [], "data": []}),
    ],
)
def test_content_goes_with_the_call(writer: InlineWriter, content: bytes, expected: Any) -> None:
    """Before there was an upload, files were written into the call itself."""
    assert writer.write_content("a.csv", io.BytesIO(content)) == expected


def slot(index: int, writer: FileWriter | None = None) -> FileSlot:
    """Return a slot; all of them are for the same file."""
    return FileSlot(index, BytesSource(b"x"), writer or FileDataWriter(), "x")


@pytest.mark.parametrize(
    ("data", "slots", "expected"),
    [
        ([], 0, []),
        ([1, "a", None], 0, [1, "a", None]),
        ([slot(0)], 1, ["<0>"]),
        ([slot(1), [slot(0), 5]], 2, ["<1>", ["<0>", 5]]),
        ([{"a": {"b": [slot(0)]}, "c": 1}, slot(1)], 2, [{"a": {"b": ["<0>"]}, "c": 1}, "<1>"]),
        ([slot(0), slot(0)], 1, ["<0>", "<0>"]),
    ],
)
def test_slots_are_filled_by_their_indices(data: Any, slots: int, expected: Any) -> None:
    """Each value goes to the slot of its index, wherever that stands, in a copy of the data."""
    payload = Payload(data, [slot(index) for index in range(slots)])
    before = repr(data)

    assert payload.fill([f"<{index}>" for index in range(slots)]) == expected
    assert payload.fill({index: f"<{index}>" for index in range(slots)}) == expected
    assert repr(data) == before
