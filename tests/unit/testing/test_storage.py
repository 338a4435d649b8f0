"""Cassettes in files: whole or not at all, and nothing in one leads anywhere."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import gradioproxy as gp
from gradioproxy.schema.limits import MAX_RESULT_DEPTH, is_shallow
from gradioproxy.testing.cassette import AppEntry, AskedEntry, CallEntry
from gradioproxy.testing.storage import (
    Cassette,
    ensure_replaceable,
    find_folder,
    read_cassette,
    write_cassette,
)
from tests.support.disks import FULL, FailingDisk

if TYPE_CHECKING:
    from pathlib import Path

CONTENT = b"content\x00\xff"
DIGEST = hashlib.sha256(CONTENT).hexdigest()


def entry(digest: str = DIGEST) -> AppEntry:
    """Return what was said with an app, with a file beside."""
    answer = {"status": 200, "sha256": digest, "size": len(CONTENT)}
    call = CallEntry("queue", 3, ["x", {"ü": [1.5, None]}], "/echo", messages=[{"msg": "x"}])
    return AppEntry("http://app.test", [AskedEntry("GET /x", None, [answer])], [call])


@pytest.fixture
def contents(tmp_path: Path) -> Path:
    """Give a folder with the content of a file."""
    folder = tmp_path / "contents"
    folder.mkdir()
    (folder / DIGEST).write_bytes(CONTENT)
    return folder


def test_what_is_written_is_read(tmp_path: Path, contents: Path) -> None:
    """All of it, with the file beside; written again, what is not needed any more goes."""
    path = tmp_path / "new" / "talk.json"
    write_cassette(path, [entry()], contents)
    found = read_cassette(path)
    assert found.apps == [entry()]
    assert b"".join(found.open_content(DIGEST)) == CONTENT
    assert os.listdir(find_folder(path)) == [DIGEST]  # noqa: PTH208 - names
    (find_folder(path) / "mine.txt").write_text("kept")
    write_cassette(path, [], contents)
    assert os.listdir(find_folder(path)) == ["mine.txt"]  # noqa: PTH208 - names
    (find_folder(path) / "mine.txt").unlink()
    write_cassette(path, [], contents)
    assert not find_folder(path).exists()


def test_what_is_nested_as_deeply_as_results_may_be(tmp_path: Path, contents: Path) -> None:
    """It is read again, though the cassette has layers of its own around it."""
    deep: dict[str, Any] = {"msg": "x"}
    while is_shallow({"output": deep}, MAX_RESULT_DEPTH):
        deep = {"output": deep}
    call = CallEntry("queue", 3, [], messages=[deep])
    asked = AskedEntry("GET /x", None, [{"status": 200, "json": deep}])
    app = AppEntry("http://app.test", [asked], [call])
    path = tmp_path / "talk.json"
    write_cassette(path, [app], contents)
    assert read_cassette(path).apps == [app]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is no JSON"),
        ("[" * 100_000, "is no JSON"),
        ("[]", "is no cassette"),
        ('{"functions": {}}', "is no cassette"),
        ('{"cassette": 2, "apps": []}', "is of format 2"),
        ('{"cassette": "x\\u202e", "apps": []}', "is of format"),
        ('{"cassette": 1}', "is damaged"),
        ('{"cassette": 1, "apps": [{}]}', "is damaged"),
        ('{"cassette": 1, "apps": {"a": 1}}', "is damaged"),
        ('{"cassette": 1, "apps": [{"url": 1, "asked": [], "calls": []}]}', "is damaged"),
        ('{"cassette": 1, "apps": [{"url": "", "asked": [1], "calls": []}]}', "is damaged"),
        (
            '{"cassette": 1, "apps": [{"url": "", "asked": [], "calls": [{"by": "queue"}]}]}',
            "is damaged",
        ),
        ('{"cassette": 1, "apps": [{"url": "", "asked": [], "calls": [[]]}]}', "is damaged"),
        ('{"cassette": 1, "apps": [{"url": "", "asked": [], "calls": "x"}]}', "is damaged"),
    ],
)
def test_what_is_no_cassette(tmp_path: Path, text: str, message: str) -> None:
    """It says what is wrong with it."""
    path = tmp_path / "talk.json"
    path.write_text(text)
    with pytest.raises(gp.SchemaError, match=message):
        read_cassette(path)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ("url", "asked", "calls", "request", "answers", "by", "function", "data", "end")
                ),
                inner,
            )
        ),
    )
)
def test_whatever_is_in_one(tmp_path_factory: pytest.TempPathFactory, apps: Any) -> None:
    """It is read, or is damaged; no other error is raised."""
    path = tmp_path_factory.getbasetemp() / "hostile.json"
    path.write_text(json.dumps({"cassette": 1, "apps": apps}))
    with contextlib.suppress(gp.SchemaError):
        assert isinstance(read_cassette(path), Cassette)


def test_one_that_is_missing(tmp_path: Path) -> None:
    """Or a folder, or what can't be read at all."""
    with pytest.raises(gp.MissingFile, match=r"no such file\. `record` writes it"):
        read_cassette(tmp_path / "missing.json")
    with pytest.raises(gp.MissingFile, match="can't be read"):
        read_cassette(tmp_path)
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")
        (tmp_path / "pipe.files").mkdir()
        os.mkfifo(tmp_path / "pipe.files" / DIGEST)
        with pytest.raises(gp.FileGone):
            Cassette(tmp_path / "pipe").open_content(DIGEST)


@pytest.mark.parametrize(
    "digest", ["../secret", "/etc/passwd", "x", "", DIGEST[:-1], DIGEST.upper(), DIGEST + "\n"]
)
def test_no_name_of_a_file_leads_anywhere(tmp_path: Path, contents: Path, digest: str) -> None:
    """Only what is a SHA-256 is looked for."""
    path = tmp_path / "talk.json"
    write_cassette(path, [entry()], contents)
    (tmp_path / "secret").write_text("secret")
    with pytest.raises(gp.FileGone):
        read_cassette(path).open_content(digest)


def test_files_beside_are_checked(tmp_path: Path, contents: Path) -> None:
    """One that was changed, or lost, or is a link, is an error that says so."""
    path = tmp_path / "talk.json"
    write_cassette(path, [entry()], contents)
    beside = find_folder(path) / DIGEST
    beside.write_bytes(b"another content")
    with pytest.raises(gp.FileGone, match=r"is not what talk\.json was recorded with"):
        read_cassette(path).open_content(DIGEST)
    beside.unlink()
    with pytest.raises(gp.FileGone, match="which is missing"):
        read_cassette(path).open_content(DIGEST)
    beside.symlink_to(contents / DIGEST)
    with pytest.raises(gp.FileGone, match="which is missing"):
        read_cassette(path).open_content(DIGEST)


@pytest.mark.parametrize(("step", "code"), FULL)
def test_disks_that_fail(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, contents: Path, step: str, code: int
) -> None:
    """The cassette that was there is there, with its files, and can be read."""
    folder = tmp_path / "disk"
    folder.mkdir()
    path = folder / "talk.json"
    write_cassette(path, [entry()], contents)
    other = hashlib.sha256(b"other").hexdigest()
    (contents / other).write_bytes(b"other")
    disk = FailingDisk(monkeypatch, folder)
    disk.fail(step, code)
    with pytest.raises((gp.FileNotSaved, OSError)) as raised:
        write_cassette(path, [entry(other)], contents)
    assert raised.value.errno in {code, None}
    disk.heal()
    assert read_cassette(path).apps == [entry()]
    assert b"".join(read_cassette(path).open_content(DIGEST)) == CONTENT
    assert not [name for name in os.listdir(folder) if name.endswith(".part")]  # noqa: PTH208


def test_what_may_be_replaced(tmp_path: Path, contents: Path) -> None:
    """A cassette, and what is not there; nothing else is lost by a slip of the hand."""
    path = tmp_path / "talk.json"
    ensure_replaceable(path)
    write_cassette(path, [entry()], contents)
    ensure_replaceable(path)
    path.write_text('{"precious": true}')
    with pytest.raises(gp.SchemaError, match="is no cassette, and would be lost"):
        ensure_replaceable(path)
    with pytest.raises(ValueError, match="name another"):
        ensure_replaceable(tmp_path / "talk.files")
    ensure_replaceable(tmp_path / "nowhere" / "talk.json")


def test_what_is_written_can_be_read(
    tmp_path: Path, contents: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is larger is an error while there still is somebody who can record less."""
    path = tmp_path / "talk.json"
    write_cassette(path, [entry()], contents)
    monkeypatch.setattr("gradioproxy.testing.storage.MOST_BYTES", path.stat().st_size)
    write_cassette(path, [entry()], contents)
    assert read_cassette(path).apps == [entry()]
    with pytest.raises(gp.FileNotSaved, match="record less in one block"):
        write_cassette(path, [entry(), entry()], contents)
    assert read_cassette(path).apps == [entry()]
    path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(gp.SchemaError, match="too large"):
        read_cassette(path)
