"""What functions return, as JSON can say it."""

from __future__ import annotations

import json
from typing import NamedTuple

from gradioproxy.files.file import File
from gradioproxy.transport.credentials import Access
from gradioproxy.transport.http import Transport
from gradioproxy.transport.url import Address
from gradioproxy.values.simplify import (
    find_files,
    make_sendable,
    map_texts,
    simplify,
    write_json,
)


class Result(NamedTuple):
    """A result as functions return them."""

    text: str
    number: float


def test_for_programs() -> None:
    """Every reader of JSON takes what is written."""
    value = [Result("a", float("nan")), {"half": "\ud800", 1: float("inf")}, (1, 2)]

    plain = simplify(value, {})

    assert plain == [{"text": "a", "number": None}, {"half": "\ud800", "1": None}, [1, 2]]
    assert json.loads(write_json(plain).encode()) == plain


def test_files_are_found() -> None:
    """Files are found at any depth, in their order."""
    transport = Transport(Address("http://127.0.0.1:1"), Access())
    one, two = (File({"path": f"folder/{name}"}, transport) for name in "ab")

    assert list(find_files([{"a": one}, ("text", two), 3])) == [one, two]
    assert simplify([one], {one.url: "a.png"}) == ["a.png"]


def test_texts_are_changed() -> None:
    """All of them, keys included, and nothing else."""
    plain = {"a\ud800": ["b\ud800", 1, None], "ü": {"c": "\udfff🙂"}}
    assert map_texts(plain, make_sendable) == {"a?": ["b?", 1, None], "ü": {"c": "?🙂"}}
