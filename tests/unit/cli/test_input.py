"""What arguments stand for: themselves, a file, or standard input; more in test_arguments."""

from __future__ import annotations

import io
from types import SimpleNamespace
from typing import TYPE_CHECKING

import click
import pytest

from gradioproxy.cli.input import Input, read_json

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def stdin(monkeypatch: pytest.MonkeyPatch) -> io.BytesIO:
    """Give an empty standard input."""
    stream = io.BytesIO()
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=stream))
    return stream


def test_standard_input_has_one_reader(stdin: io.BytesIO) -> None:
    """Two arguments can't both be what comes in."""
    source = Input()
    assert source.read_text("-", "--a") == ""
    with pytest.raises(click.UsageError, match="for --a already, not --b"):
        source.read_text("-", "--b")
    assert not stdin.closed


def test_json(stdin: io.BytesIO, tmp_path: Path) -> None:
    """As a text, from a file, and from standard input."""
    path = tmp_path / "event.json"
    path.write_text('{"index": 0}\n')
    stdin.write(b"[1]")
    stdin.seek(0)
    found = [read_json(text, "--event-data", Input()) for text in ("null", f"@{path}", "-")]
    assert found == [None, {"index": 0}, [1]]
    for wrong in ("{", "[" * 100_000):
        with pytest.raises(click.UsageError, match="--event-data is no JSON: "):
            read_json(wrong, "--event-data", Input())
