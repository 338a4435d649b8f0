"""The rows of an input, whatever it is made of and wherever it comes from."""

from __future__ import annotations

import io
import os
import threading
from typing import TYPE_CHECKING

import click
import pytest

from gradioproxy.cli.input import Input
from gradioproxy.cli.rows import LONGEST, ObjectFile, Row, RowFile, TableFile, open_rows

if TYPE_CHECKING:
    from pathlib import Path


def table(text: str | bytes) -> TableFile:
    """Return a table as a file of rows."""
    return TableFile(io.BytesIO(text.encode() if isinstance(text, str) else text), "t.csv", None)


def lines(text: str) -> ObjectFile:
    """Return JSON lines as a file of rows."""
    return ObjectFile(io.BytesIO(text.encode()), "t.jsonl", None)


def test_a_table() -> None:
    """A cell may have commas, quotation marks and line breaks; blank lines are no rows."""
    file = table('\ufeffa, b\r\n1,"x, ""y""\nz"\r\n\r\n2,\r\n')
    assert file.read_columns() == ("a", "b")
    assert [*file.read()] == [
        Row(1, 2, {"a": "1", "b": 'x, "y"\nz'}),
        Row(2, 5, {"a": "2", "b": ""}),
    ]


def test_rows_are_read_as_often_as_wanted() -> None:
    """From the place where the file was, and also where somebody stopped in between."""
    content = io.BytesIO(b"not this\na\n1\n2\n")
    content.readline()
    file = TableFile(content, "t.csv", None)
    assert next(file.read()).cells == {"a": "1"}
    for _ in range(2):
        assert [row.cells["a"] for row in file.read()] == ["1", "2"]


def test_a_command_can_end_before_its_rows() -> None:
    """What reads them notices it when it is left, and says nothing."""
    content = io.BytesIO(b"a\n1\n2\n")
    rows = TableFile(content, "t.csv", None).read()
    next(rows)
    content.close()
    rows.close()  # type: ignore[attr-defined] # a generator


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_what_spreadsheets_write_instead_of_commas(delimiter: str) -> None:
    """It is told by the header."""
    assert [row.cells for row in table(f"a{delimiter}b\n1,5{delimiter}2\n").read()] == [
        {"a": "1,5", "b": "2"}
    ]


def test_a_row_with_other_cells_than_the_header() -> None:
    """It is told with its line, and the others are read."""
    found = [*table("a,b\n1\n1,2\n1,2,3\n").read()]
    assert [(row.line, row.problem) for row in found] == [
        (2, "it has 1 cells, and the header has 2"),
        (3, ""),
        (4, "it has 3 cells, and the header has 2"),
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "t.csv has no header"),
        (b",,\n1,2,3\n", "t.csv has no header"),
        (b"a,a\n1,2\n", "t.csv has two columns 'a'"),
        (b"a\n\xff\n", "t.csv is no text in UTF-8"),
        (b'a\n1\n"x\n', "t.csv:3: unexpected end of data"),
        (b'a,"b\n1,2\n', "t.csv:1: unexpected end of data"),
    ],
)
def test_what_is_no_table(content: bytes, message: str) -> None:
    """It is told as a whole: what follows can't be read."""
    with pytest.raises(click.UsageError) as caught:
        [*table(content).read()]
    assert message in caught.value.message


def test_a_column_without_a_name_is_called_by_its_place() -> None:
    """As pandas writes the numbers of its rows."""
    assert table(",a\n0,x\n").read_columns() == ("column_1", "a")


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A line without an end is an error, and so is a cell whose quotation mark is left open."""
    assert LONGEST < 1 << 30
    monkeypatch.setattr("gradioproxy.cli.rows.LONGEST", 100)
    with pytest.raises(click.UsageError, match=r"t\.csv:2: a line of 100 characters"):
        [*table(f"a\n{'x' * 1000}\n").read()]
    with pytest.raises(click.UsageError, match=r"t\.csv:2: field larger than field limit"):
        [*table('a\n"x\n' + "1\n" * 1000).read()]
    with pytest.raises(click.UsageError, match=r"t\.jsonl:1: a line of 100 characters"):
        [*lines("{" + " " * 1000).read()]


def test_json_lines() -> None:
    """Values are values; what is no object is told with its line, and the others are read."""
    found = [*lines('{"a": [1, null]}\n\n{"b": "\u2028"}\r\n[1]\n{"a": \n{}').read()]
    assert [row.cells for row in found] == [{"a": [1, None]}, {"b": "\u2028"}, {}, {}, {}]
    assert [(row.number, row.line) for row in found] == [(1, 1), (2, 3), (3, 4), (4, 5), (5, 6)]
    assert found[2].problem.startswith("it is no object")
    assert found[3].problem.startswith("it is no JSON: ")


def test_objects_have_columns_of_their_own() -> None:
    """There is no header that all of them share."""
    file: RowFile = lines("{}")
    assert file.read_columns() is None


@pytest.fixture
def context() -> click.Context:
    """Give the context of a command."""
    return click.Context(click.Command("map"))


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.csv", '{"a\n', TableFile),
        ("a.TSV", "a\tb\n", TableFile),
        ("a.txt", "a\n", TableFile),
        ("a.txt", '\n {"a": 1}', ObjectFile),
        ("a.ndjson", "", ObjectFile),
    ],
)
def test_the_form_is_found_out(
    name: str, content: str, kind: type, context: click.Context, tmp_path: Path
) -> None:
    """By the name, and else by the content; paths are relative to the folder."""
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    with context:
        file = open_rows(str(path), Input(), context)
        assert type(file) is kind
        assert file.folder == tmp_path


def test_tabs_by_the_name(context: click.Context, tmp_path: Path) -> None:
    """Then a comma in the header is one; without a tab, it is as for other tables."""
    for content, cells in [
        ("a, b\tc\n1\t2\n", {"a, b": "1", "c": "2"}),
        ("a,b\n1,2\n", {"a": "1", "b": "2"}),
    ]:
        path = tmp_path / "rows.tsv"
        path.write_text(content, encoding="utf-8")
        with context:
            assert [row.cells for row in open_rows(str(path), Input(), context).read()] == [cells]


def test_a_list_is_no_rows(context: click.Context, tmp_path: Path) -> None:
    """It would have to be in memory as a whole; what makes lines of it is said."""
    path = tmp_path / "a.json"
    path.write_text('[{"a": 1}]', encoding="utf-8")
    with context, pytest.raises(click.UsageError, match=r"jq -c '\.\[\]'"):
        open_rows(str(path), Input(), context)


def test_what_is_not_there(context: click.Context, tmp_path: Path) -> None:
    """A missing file and a folder are told."""
    for path, reason in ((tmp_path / "none.csv", "No such file"), (tmp_path, "Is a directory")):
        with pytest.raises(click.UsageError, match=reason):
            open_rows(str(path), Input(), context)


def test_a_pipe_is_read_twice(context: click.Context, tmp_path: Path) -> None:
    """It is copied, as it can't be sought; its paths are those of whoever wrote into it."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(b"a\n1\n",))
    writer.start()
    with context:
        file = open_rows(str(pipe), Input(), context)
        writer.join()
        for _ in range(2):
            assert [row.cells for row in file.read()] == [{"a": "1"}]
        assert file.folder is None


def test_standard_input(context: click.Context, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is for one thing, and stays open behind the command."""
    content = io.BytesIO(b"a\n1\n")
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(content))
    source = Input()
    with context:
        assert [row.cells for row in open_rows("-", source, context).read()] == [{"a": "1"}]
        with pytest.raises(click.UsageError, match="standard input is for --input already"):
            source.open("--set text")
    assert not content.closed
