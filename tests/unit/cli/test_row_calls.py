"""Looking at rows before any is called, and counting what came of them."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import click
import pytest

from gradioproxy.cli.row_arguments import RowArguments
from gradioproxy.cli.row_calls import (
    Column,
    RowOptions,
    RowSource,
    Tally,
    check_rows,
)
from gradioproxy.cli.row_results import Outcome
from gradioproxy.cli.rows import ObjectFile, TableFile
from gradioproxy.errors import AppError
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


def test_a_column_says_how_long_it_is() -> None:
    """So that a bar knows, while its values come one by one."""
    column = Column(iter("ab"), 2)
    assert len(column) == 2
    assert [*column] == ["a", "b"]


@pytest.mark.parametrize(
    ("counted", "rows", "text"),
    [
        ([], 0, "0 done in 2.00 s (0 rows a second)"),
        ([None] * 1500, 1500, "1,500 done in 2.00 s (750 rows a second)"),
        (
            [None, AppError("No.\x1b[0m"), AppError("Never.")],
            5,
            "1 done, 2 failed, 2 left in 2.00 s (1.5 rows a second); row 2 failed first: No.[0m",
        ),
    ],
)
def test_what_is_said_in_the_end(counted: list[Any], rows: int, text: str) -> None:
    """How many are done, failed and left; how fast; and what went wrong first."""
    tally = Tally(rows, None)
    for number, error in enumerate(counted, 1):
        tally.count(Outcome(number, {}, error=error))
    assert tally.describe(2) == text


def test_how_to_go_on(capsys: pytest.CaptureFixture[str]) -> None:
    """Where it ended before its end: with the journal, if there is one; not where nobody reads."""
    for error, journal, said in (
        (KeyboardInterrupt, "run.sqlite", "the same command goes on from here; run.sqlite has"),
        (KeyboardInterrupt, None, "with --journal FILE, the next time would begin where this"),
        (BrokenPipeError, None, ""),
    ):
        with pytest.raises(error), Tally(1, journal):
            raise error
        assert (said in capsys.readouterr().err) if said else (capsys.readouterr().err == "")


@pytest.mark.parametrize("option", ["retry_failed", "repeat_unknown"])
def test_what_is_about_a_journal_needs_one(option: str) -> None:
    """Or it would do nothing."""
    chosen: dict[str, Any] = {option: True}
    with pytest.raises(click.UsageError, match=option.replace("_", "-")):
        RowOptions(**chosen)
    RowOptions(journal="run.sqlite", **chosen)
