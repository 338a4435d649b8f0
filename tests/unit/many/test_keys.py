"""What inputs are known again by."""

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING, Any

import pytest

from gradioproxy.files.file import File
from gradioproxy.files.filedata import choose_writer
from gradioproxy.files.payload import FileSlot, Payload
from gradioproxy.files.source import BytesSource, PathSource, RemoteSource
from gradioproxy.many.keys import KeyMaker
from gradioproxy.options import CallOptions
from gradioproxy.schema.endpoint import Parameter
from gradioproxy.schema.release import parse_release
from gradioproxy.schema.shape import ANYTHING
from gradioproxy.transport.credentials import Access
from gradioproxy.transport.http import Transport
from gradioproxy.transport.url import Address
from gradioproxy.values.file_slots import Sources

if TYPE_CHECKING:
    from pathlib import Path

    from gradioproxy.files.source import Source

NAMES = ("first", "second")
PARAMETERS = [
    Parameter(name, name, "JSON", "json", ANYTHING, place) for place, name in enumerate(NAMES, 1)
]


def make(*values: Any, source: Source | None = None, **options: Any) -> bytes:
    """Return the key of two values, behind a hidden one; a source takes the place of the second."""
    keys = KeyMaker(NAMES, PARAMETERS, CallOptions(**options), str)
    data, slots = ["hidden", *values], []
    if source is not None:
        slots = [FileSlot(0, source, choose_writer(parse_release("6.31.0"), "file"), "second")]
        data.append([slots[0]])
    return keys.make(Payload(data, slots)).digest


def test_equal_values_have_one_key() -> None:
    assert make({"a": 1, "b": [None]}, "x") == make({"b": [None], "a": 1}, "x")


@pytest.mark.parametrize(
    "values", [("1", 2), (1, "2"), (1.0, 2), (True, 2), (2, 1), ([1], 2), (None, 2), ([1, 2], None)]
)
def test_others_have_another(values: tuple[Any, Any]) -> None:
    assert make(*values) != make(1, 2)


def test_what_is_sent_besides_counts() -> None:
    assert make(1, 2, event_data={"index": 1}) != make(1, 2)


def test_a_file_is_its_content(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"content")
    known = make(1, source=BytesSource(b"content", "b.txt"))
    assert make(1, source=PathSource(str(path), "a.txt", 7)) == known
    assert make(1, source=BytesSource(b"contents", "b.txt")) != known


def test_a_file_that_is_rewritten_is_another(tmp_path: Path) -> None:
    """Within the run of one map, too, which reads a file once that is passed again and again."""
    path = tmp_path / "a.txt"
    path.write_bytes(b"content")
    keys = KeyMaker(NAMES[:1], PARAMETERS[:1], CallOptions(), str)
    source = PathSource(str(path), "a.txt", 7)
    slot = FileSlot(0, source, choose_writer(parse_release("6.31.0"), "file"), "first")
    first = keys.make(Payload([None, slot], [slot]))
    os.utime(path, (1, 1))
    assert keys.make(Payload([None, slot], [slot])) == first
    path.write_bytes(b"CONTENT")
    assert keys.make(Payload([None, slot], [slot])) != first


def test_what_is_on_the_web_is_not_fetched() -> None:
    def fetch() -> Any:
        raise AssertionError

    one, other = "http://x/a.png", "http://x/b.png"
    assert make(1, source=RemoteSource(fetch, "a.png", one)) != make(
        1, source=RemoteSource(fetch, "a.png", other)
    )


def test_a_file_of_the_app_is_known_wherever_the_app_is() -> None:
    """Whether it is named to the app that has it, or brought from there."""

    def named(url: str) -> dict[str, Any]:
        meta = {"_type": "gradio.FileData"}
        return {"path": "/srv/a/b.png", "url": f"{url}/file=/srv/a/b.png", "meta": meta}

    known = make(1, [named("http://one")])
    assert make(1, [named("http://two")]) == known
    url, path = "http://three/gradio_api/file=/srv/a/b.png", "/srv/a/b.png"
    assert make(1, source=RemoteSource(io.BytesIO, "b.png", url, app_path=path)) == known


def test_files_of_two_apps_are_two() -> None:
    """Also where both have them in places of one name."""
    one, other = (
        make(1, source=RemoteSource(io.BytesIO, "a.png", f"http://{host}/file=a.png"))
        for host in ("one", "other")
    )
    assert one != other


def test_a_file_of_another_address_is_known_by_its_place() -> None:
    """As the values of a call have it that goes to one of several addresses."""
    here, there = (Transport(Address(url), Access()) for url in ("http://one", "http://two"))
    sources = Sources([here, there])
    elsewhere = File({"path": "/srv/a/b.png"}, there, "/gradio_api")
    assert sources.find_app_path(elsewhere) == "/srv/a/b.png"
    found = sources.find_elsewhere(elsewhere.url, here)
    assert isinstance(found, RemoteSource)
    assert found.app_path == "/srv/a/b.png"
    other = Transport(Address("http://three"), Access())
    assert sources.find_app_path(File({"path": "/srv/a/b.png"}, other)) is None
