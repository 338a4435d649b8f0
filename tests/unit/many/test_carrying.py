"""What goes along of files: all of it pickles, and nothing is read that need not be."""

from __future__ import annotations

import io
import pickle
from typing import TYPE_CHECKING, Any

import pytest

from gradioproxy.errors import FileTooLarge, ServerError
from gradioproxy.files.file import File
from gradioproxy.files.filedata import FileDataWriter
from gradioproxy.files.payload import FileSlot, Payload
from gradioproxy.files.source import BytesSource, PathSource, RemoteSource, Source, from_handle
from gradioproxy.many import carrying
from gradioproxy.many.carrying import carry, count_content
from gradioproxy.transport.credentials import Access
from gradioproxy.transport.http import Transport
from gradioproxy.transport.url import Address

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.web_server import Web

FAR = "https://app.test/far.txt"


def make_payload(*sources: Source) -> Payload:
    """Return what a call sends that has these files, in a list."""
    slots = [FileSlot(n, source, FileDataWriter(), "files") for n, source in enumerate(sources)]
    return Payload(["text", slots], slots)


def send(payload: Payload, *, shared: bool) -> tuple[Payload, Payload]:
    """Return a payload as it goes to a worker, and as it arrives there."""
    carried = carry(payload, "f", shared=shared)
    arrived: Payload = pickle.loads(pickle.dumps(carried))  # noqa: S301 - made here
    return carried, arrived


def contents(payload: Payload) -> list[bytes]:
    """Return the contents of the files of a payload."""
    found = []
    for slot in payload.slots:
        with slot.source.open() as handle:
            found.append(handle.read())
    return found


def test_what_has_no_files_goes_as_it_is() -> None:
    payload = Payload(["text", 1])
    assert carry(payload, "f", shared=False) is payload


@pytest.mark.parametrize("shared", [True, False])
def test_files_arrive_with_their_names(tmp_path: Path, shared: bool) -> None:
    path = tmp_path / "given.txt"
    path.write_bytes(b"on disk")
    with path.open("rb") as handle:
        handle.read(3)
        sources: list[Source] = [
            PathSource(str(path), "given.txt", 7),
            BytesSource(b"bytes", "file.bin"),
            from_handle(handle),
            from_handle(io.BytesIO(b"buffer")),
            RemoteSource(lambda: iter([b"far ", b"away"]), "far.txt", FAR, FAR),
        ]
        _, arrived = send(make_payload(*sources), shared=shared)
    assert contents(arrived) == [b"on disk", b"bytes", b"disk", b"buffer", b"far away"]
    assert [slot.source.name for slot in arrived.slots] == [each.name for each in sources]
    assert isinstance(arrived.slots[0].source, PathSource) is shared
    assert arrived.data[1] == list(arrived.slots)


def test_a_file_in_two_places_goes_along_once() -> None:
    source = BytesSource(b"x" * 100)
    carried, arrived = send(make_payload(source, source), shared=False)
    assert count_content(carried) == 100
    assert arrived.slots[0].source is arrived.slots[1].source


def test_where_an_app_leads_is_asked_here(web: Web) -> None:
    """And not by a worker, which knows nothing of how far in the app's answers may lead."""
    transport = Transport(Address("http://8.8.8.8"), Access(proxies={}))
    named = File({"path": f"{web.url}/inside.txt"}, transport)
    source = RemoteSource(named.chunks, named.name, named.url, named.public_url)
    with pytest.raises(ServerError, match="nearer to this machine"):
        carry(make_payload(source), "f", shared=True)
    assert web.requests == []


def test_what_is_too_much_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """With what helps; where the workers see the file, there is no limit."""
    monkeypatch.setattr(carrying, "MAX_CARRIED", 4)
    path = tmp_path / "large.bin"
    path.write_bytes(b"12345")
    payload: Any = make_payload(PathSource(str(path), "large.bin", 5))
    with pytest.raises(FileTooLarge, match="shared_files=True"):
        carry(payload, "f", shared=False)
    assert contents(carry(payload, "f", shared=True)) == [b"12345"]
    far = RemoteSource(lambda: iter([b"12345"]), "far.txt", FAR)
    with pytest.raises(FileTooLarge) as caught:
        carry(make_payload(far), "f", shared=True)
    assert "shared_files" not in str(caught.value)
