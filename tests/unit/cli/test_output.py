"""What results look like, for people and for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from gradioproxy.cli.output import (
    Printer,
    print_text,
    render_value,
)

if TYPE_CHECKING:
    from pathlib import Path


class Result(NamedTuple):
    """A result as functions return them."""

    text: str
    number: float


@pytest.mark.parametrize(
    ("plain", "text"),
    [
        ("as it is\n", "as it is\n"),
        (3, "3"),
        (True, "true"),
        (["a", "b"], "a\nb"),
        ([1, 2], "[\n  1,\n  2\n]"),
        ({"text": "a", "flag": False, "list": ["a"]}, 'text: a\nflag: false\nlist: ["a"]'),
        ({"text": "a\nb\n\nc"}, "text:\n  a\n  b\n\n  c"),
        ({"text": None}, "text: null"),
        ("grün", "grün"),
    ],
)
def test_for_people(plain: Any, text: str) -> None:
    """Text is text, fields have lines of their own, and what has no such form is JSON."""
    assert render_value(plain) == text


def test_a_terminal_obeys_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """On a terminal, what moves its cursor is left out; a program gets it."""
    print_text("a\x1b[2Jb\u202ec")
    assert capsys.readouterr().out == "a\x1b[2Jb\u202ec\n"

    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    print_text("a\x1b[2Jb\u202ec")
    assert capsys.readouterr().out == "a[2Jbc\n"


def test_text_goes_into_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where there are no files, ``-o`` takes the text; several results follow each other."""
    target = tmp_path / "out.txt"
    target.write_text("what was there")
    printer = Printer(None, str(target), as_json=False, compact=True)

    printer.show("one")
    printer.show("two")

    assert target.read_text() == "one\ntwo\n"
    assert capsys.readouterr().out == ""


def test_what_is_no_number(capsys: pytest.CaptureFixture[str]) -> None:
    """Where JSON has nothing for it, people still see it; nothing at all is no line."""
    for value in (float("nan"), 1.5, None):
        Printer(None, None, as_json=False, compact=False).show(value)
    assert capsys.readouterr().out == "nan\n1.5\n"
