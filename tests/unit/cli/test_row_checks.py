"""Looking at rows before any is called."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import click
import pytest

from gradioproxy.cli.row_arguments import RowArguments
from gradioproxy.cli.row_checks import RowSource, check_rows
from gradioproxy.cli.rows import ObjectFile, TableFile
from tests.support.offline_functions import FILE, NUMBER, TEXT, make_offline

if TYPE_CHECKING:
    from pathlib import Path

FUNCTION = make_offline(
    {"text": ("Textbox", TEXT), "times": ("Number", NUMBER), "photo": ("File", FILE)},
    {"times": 1, "photo": None},
)


def source(content: str, *, passes: bool = False, limit: int | None = None) -> RowSource:
    """Return rows: JSON lines, or comma-separated values."""
    kind = ObjectFile if content.startswith("{") else TableFile
    file = kind(io.BytesIO(content.encode()), "rows", None)
    texts = file.holds_texts
    arguments = RowArguments(FUNCTION, {}, folder=None, texts=texts, passes=passes)
    return RowSource(file, arguments, limit)


def find_wrong(content: str, capsys: pytest.CaptureFixture[str], **options: Any) -> list[str]:
    """Return what is said of rows that are wrong: lines, and the error at the end."""
    with pytest.raises(click.UsageError) as caught:
        check_rows(source(content, **options), FUNCTION)
    return [*capsys.readouterr().err.splitlines(), caught.value.message]


def test_rows_that_are_right(capsys: pytest.CaptureFixture[str]) -> None:
    """They are counted; what is copied beside them is known, and what may be a slip is told."""
    assert check_rows(source("text,times\na,1\nb,\n"), FUNCTION) == (2, ())
    assert check_rows(source("text,times\na,1\nb,x\n", limit=1), FUNCTION) == (1, ())
    assert check_rows(source("text\n"), FUNCTION) == (0, ())
    assert capsys.readouterr().err == ""
    lines = '{"text": "a", "id": 1}\n{"text": "b", "tmes": 2, "id": 2}'
    assert check_rows(source(lines, passes=True), FUNCTION) == (2, ("id", "tmes"))
    assert capsys.readouterr().err == "gradioproxy: 'tmes' is copied; is it for 'times'?\n"


def test_every_problem_has_its_line(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Types, missing files, cells: each on a line of its own, and how many rows it concerns."""
    missing = tmp_path / "none.png"
    content = f'text,times,photo\na,many,{missing}\n"b\nc",2,\n,2,\nd\n'
    found = find_wrong(content, capsys)
    assert found[0] == "rows:2: times: got 'many'; it takes a number"
    assert found[1].startswith(f"rows:2: photo: got '{missing}' (No such file or directory)")
    assert found[2:] == [
        "rows:5: text: it is empty, and there is no default for it",
        "rows:6: it has 1 cells, and the header has 3",
        "3 of 4 rows can't be called; nothing was sent",
    ]


def test_many_problems_are_counted(capsys: pytest.CaptureFixture[str]) -> None:
    """Twenty are shown."""
    found = find_wrong("text,times\n" + "a,x\n" * 1234, capsys)
    assert len(found) == 22
    assert found[-2:] == [
        "... and 1,214 more",
        "1,234 of 1,234 rows can't be called; nothing was sent",
    ]


def test_columns_that_are_wrong_are_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    """Those of a table before its rows, those of objects with their lines."""
    assert find_wrong("tetx\na\nb\n", capsys) == [
        (
            "rows: there is no parameter 'tetx', did you mean 'text'? (--pass-through copies such "
            "columns to the results); text is missing, and has no default"
        )
    ]
    found = find_wrong('{"text": "a"}\n{"text": "a", "x\\u001b": 1}\n[]\n{}', capsys)
    assert [line.partition(" (--")[0] for line in found] == [
        "rows:2: there is no parameter 'x\\x1b', there are text, times, photo",
        'rows:3: it is no object, such as {"parameter": "value"}',
        "rows:4: text is missing, and has no default",
        "3 of 4 rows can't be called; nothing was sent",
    ]


def test_a_function_that_takes_nothing() -> None:
    """There is nothing that rows could give it."""
    with pytest.raises(click.UsageError, match=r"f\(\) has no parameters that rows could give"):
        check_rows(source("text\na\n"), make_offline({}))
