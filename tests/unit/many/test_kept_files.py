"""Files of results that are kept beside a journal."""

from __future__ import annotations

import hashlib
import pickle
from typing import TYPE_CHECKING, Any

import pytest

from gradioproxy.errors import ConnectionLost, JournalError
from gradioproxy.files.file import File
from gradioproxy.many.kept_files import FileKeeper, KeptFile
from gradioproxy.transport.in_flight import interruptible
from tests.support.web_server import Reply, Web, transport_to

if TYPE_CHECKING:
    from pathlib import Path

PREFIX = "/gradio_api"
RAW = {"path": "/srv/a.txt", "orig_name": "a.txt"}
DIGEST = hashlib.sha256(b"content").hexdigest()


@pytest.fixture
def file(web: Web) -> File:
    """Give a file that an app has."""
    web.on(f"{PREFIX}/file=/srv/a.txt", Reply(body=b"content"))
    return File(RAW, transport_to(web), PREFIX)


def test_its_content_is_fetched_once(file: File, web: Web, tmp_path: Path) -> None:
    """Neither who has the file nor who keeps it again asks the app for it."""
    keeper = FileKeeper(tmp_path)
    way = keeper.keep(file)
    assert way == [DIGEST, "a.txt", "text/plain"]
    assert (tmp_path / DIGEST / "a.txt").read_bytes() == file.bytes() == b"content"
    assert keeper.keep(file) == way
    assert keeper.find(way) == (tmp_path / DIGEST / "a.txt", DIGEST, "text/plain")
    assert len(web.requests) == 1
    assert [path.name for path in tmp_path.iterdir()] == [DIGEST]


def test_one_that_is_gone_is_nobodys(web: Web, tmp_path: Path) -> None:
    file = File({"path": "/srv/gone.txt"}, transport_to(web), PREFIX)
    assert FileKeeper(tmp_path).keep(file) is None
    assert list(tmp_path.iterdir()) == []


def test_whatever_its_name_is_it_is_found(web: Web, tmp_path: Path) -> None:
    """Also where that is not one for every folder, as where an ending makes it too long."""
    web.on(f"{PREFIX}/file=/srv/a.txt", Reply(body=b"content"))

    class Renamed(File):
        """A file whose ending is known only when it was fetched."""

        @property
        def name(self) -> str:
            """Its name."""
            return "x" * 198 + ".webm"

    keeper = FileKeeper(tmp_path)
    found = keeper.find(keeper.keep(Renamed(RAW, transport_to(web), PREFIX)))
    assert found is not None
    assert found.path.read_bytes() == b"content"


def test_one_that_is_given_up_is_not_gone(file: File, tmp_path: Path) -> None:
    """The session is closed meanwhile: a result without it would be half of one."""
    with interruptible() as work:
        work.interrupt()
        with pytest.raises(ConnectionLost):
            FileKeeper(tmp_path).keep(file)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "way",
    [
        *(None, [], "x", [DIGEST], [DIGEST, "a"], ["../..", "a", "b"], [DIGEST, "../a", "b"]),
        *([DIGEST, "/etc/passwd", "b"], [DIGEST, "", "b"], [DIGEST, "..", "b"], [1, 2, 3], {}),
        *([DIGEST, "..\\a", "b"], [DIGEST, "a\0b", "b"], [DIGEST, "a\x1b[2J", "b"]),
        *([DIGEST, "con.txt", "b"], [DIGEST, "x" * 300, "b"]),
    ],
)
def test_a_strangers_journal_leads_nowhere_else(tmp_path: Path, way: Any) -> None:
    assert FileKeeper(tmp_path).find(way) is None


def test_what_is_kept_is_the_file_that_it_was(file: File, tmp_path: Path) -> None:
    keeper = FileKeeper(tmp_path)
    found = keeper.find(keeper.keep(file))
    assert found is not None
    kept = KeptFile(RAW, file._transport, PREFIX, found)
    assert (kept, kept.name, kept.url, kept.raw) == (file, file.name, file.url, file.raw)
    again = pickle.loads(pickle.dumps(kept))  # noqa: S301 - made here
    assert again.bytes() == kept.bytes() == b"content"
    assert str(again) == str(kept) == str(found.path)
    assert not kept.belongs_to(file._transport)
    found.path.write_bytes(b"CONTENT")
    for use in (KeptFile.bytes, str):
        broken = KeptFile(RAW, file._transport, PREFIX, found)
        with pytest.raises(JournalError, match="something else now"):
            use(broken)
    found.path.unlink()
    with pytest.raises(JournalError, match="No such file"):
        KeptFile(RAW, file._transport, PREFIX, found).bytes()
