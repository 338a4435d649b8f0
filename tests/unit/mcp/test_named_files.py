"""What a model can name as a file: so many and so much in one call."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

pytest.importorskip("mcp", reason="needs the extra mcp")

from gradioproxy.errors import FileTooLarge
from gradioproxy.files.file import File
from gradioproxy.mcp.bounds import Bounds
from gradioproxy.mcp.folder import AllowedFolder
from gradioproxy.mcp.kept_files import KeptFiles
from gradioproxy.mcp.named_files import ModelFiles
from gradioproxy.schema.release import NEWEST
from gradioproxy.schema.shape import File as FileShape
from gradioproxy.values.encode import Encoder
from gradioproxy.values.markers import Untrusted
from tests.support.schemas import endpoint, parameter
from tests.support.web_server import Reply, Web, transport_to

if TYPE_CHECKING:
    from pathlib import Path


def files_of(bounds: Bounds, folder: Path | None = None) -> ModelFiles:
    allowed = None if folder is None else AllowedFolder(folder)
    return ModelFiles(bounds, KeptFiles(bounds), allowed)


def test_so_many_files_of_the_folder(tmp_path: Path) -> None:
    """Of one call, by however many names; the next one has as many."""
    (tmp_path / "a.txt").write_text("a")
    files = files_of(Bounds(opened=2), tmp_path)
    one = files.begin_call()
    sources = [one.find_source("a.txt"), one.find_source("./a.txt")]
    assert None not in sources
    with pytest.raises(ValueError, match="2 files at most"):
        one.find_source("././a.txt")
    assert files.begin_call().find_source("a.txt") is not None


def test_so_many_bytes() -> None:
    """All files of a call count together."""
    one = files_of(Bounds(fetched=10)).begin_call()
    one.count_fetched(6)
    one.count_fetched(4)
    with pytest.raises(ValueError, match="10 bytes for a call"):
        one.count_fetched(1)


def test_a_file_of_another_app_counts(web: Web) -> None:
    """It may never end."""
    web.on("/file=x", Reply(body=bytes(1_000)))
    files = files_of(Bounds(fetched=999)).begin_call()
    file = File({"path": "x"}, transport_to(web))
    encoder = Encoder(transport_to("http://app.test"), NEWEST)
    takes = endpoint([parameter("x", FileShape())])
    (slot,) = encoder.encode("f", takes, ["x"], {"x": Untrusted(file, files)}, set()).slots
    with pytest.raises(FileTooLarge, match="999 bytes for a call"):
        slot.source.open()
