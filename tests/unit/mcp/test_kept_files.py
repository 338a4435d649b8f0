"""The files of results, as long as they are remembered."""

from __future__ import annotations

from gradioproxy.files.file import File
from gradioproxy.mcp.bounds import Bounds
from gradioproxy.mcp.kept_files import KeptFiles
from tests.support.web_server import transport_to


def test_the_oldest_are_forgotten() -> None:
    """There are never more than so many, nor more than so many bytes."""
    kept = KeptFiles(Bounds(kept_files=2, kept_bytes=10_000))
    first, second, third = (kept.keep(b"x", name, "text/plain") for name in "abc")
    assert kept.find(first) is None
    assert kept.find(second) is not None

    large = kept.keep(bytes(9_000), "large", "text/plain")
    assert kept.find(large) is not None
    assert kept.find(second) is kept.find(third) is None
    assert kept.find(kept.keep(bytes(20_000), "larger", "text/plain")) is None


def test_what_an_app_says_of_a_file_is_counted() -> None:
    """It may be more than an address."""
    kept = KeptFiles(Bounds(kept_bytes=10_000))
    raw = {"path": "x", "meta": {"said": "x" * 4_000}}
    file = File(raw, transport_to("http://127.0.0.1:9"))
    first, second, third = (kept.keep(file, "x", "text/plain") for _ in range(3))
    assert kept.find(first) is None
    assert kept.find(second) is not None
    assert kept.find(third) is not None


def test_uris_are_not_guessed() -> None:
    """Two of one file differ, and one that is nearly right finds nothing."""
    kept = KeptFiles(Bounds())
    one, other = (kept.keep(b"x", "a b/ü.txt", "text/plain") for _ in range(2))
    assert one != other
    assert one.isascii()
    assert one.count("/") == 4
    assert kept.find(f"{one}/") is kept.find(one[:-1]) is kept.find("") is None
