"""What comes of rows, as it is written."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any, NamedTuple

import click
import pytest

from gradioproxy.cli.row_results import (
    Outcome,
    Place,
    TableResults,
    make_results,
    plan_results,
)
from gradioproxy.errors import AppError, ConnectionLost, FileNotSaved
from gradioproxy.files.file import File
from gradioproxy.transport.credentials import Access
from gradioproxy.transport.http import Transport
from gradioproxy.transport.url import Address
from tests.support.schemas import endpoint, result

ONE = endpoint(results=[result("Text")])
TWO = endpoint(results=[result("Text"), result("Files")])
NONE = endpoint()


class Two(NamedTuple):
    """A result as functions return them."""

    Text: Any
    Files: Any


class Unlucky(NamedTuple):
    """A result whose fields are called as columns of ours."""

    error: Any
    row: Any
    result_row: Any


def file(name: str = "a.txt", content: str = "YQ==", url: str = "") -> File:
    """Return a file whose content the server sent with it, or which nobody has."""
    transport = Transport(Address("http://127.0.0.1:1"), Access())
    where = url or f"data:text/plain;base64,{content}"
    return File({"path": where, "orig_name": name}, transport)


@pytest.fixture(autouse=True)
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder, beside that for temporary files."""
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def write(place: Place, *outcomes: Outcome, made: Any = ONE, extra: tuple[str, ...] = ()) -> str:
    """Return what is in a file to which outcomes were written."""
    assert place.path is not None
    with make_results(place, made, extra, len(outcomes)) as results:
        for outcome in outcomes:
            results.write(outcome)
    return place.path.read_bytes().decode()


def read_table(text: str) -> list[list[str]]:
    """Return the cells of comma-separated values."""
    return [*csv.reader(io.StringIO(text, newline=""), strict=True)]


def test_json_lines() -> None:
    """A line for each row has the whole result, or what is known of the error."""
    lost = ConnectionLost("It is gone.")
    text = write(
        plan_results("out.jsonl", None),
        Outcome(1, {}, {"a": [1, float("nan")]}),
        Outcome(2, {"id": "x", "y": float("nan")}, None),
        Outcome(3, {}, error=lost),
        Outcome(4, {}, error=TypeError("wrong")),
    )
    assert [json.loads(line) for line in text.splitlines()] == [
        {"row": 1, "result": {"a": [1, None]}},
        {"row": 2, "input": {"id": "x", "y": None}, "result": None},
        {
            "row": 3,
            "error": {"type": "ConnectionLost", "message": "It is gone.", "may_have_run": True},
        },
        {"row": 4, "error": {"type": "TypeError", "message": "wrong"}},
    ]


def test_a_table() -> None:
    """Each field of a result has a column; what is no text is JSON there."""
    text = write(
        plan_results("out.csv", None),
        Outcome(1, {"id": "x", "row": 7}, Two("a\r\nb", [1, {"c": None}])),
        Outcome(2, {"id": "y"}, Two(True, 1.5)),
        Outcome(3, {}, error=AppError("No.\nNever.")),
        made=TWO,
        extra=("id", "row"),
    )
    assert text.splitlines()[0] == "row,id,input_row,Text,Files,error"
    assert read_table(text)[1:] == [
        ["1", "x", "7", "a\r\nb", '[1, {"c": null}]', ""],
        ["2", "y", "", "true", "1.5", ""],
        ["3", "", "", "", "", "AppError: No. Never."],
    ]


def test_columns_never_share_a_name() -> None:
    """Neither those of the rows with ours, nor with each other."""
    text = write(plan_results("out.csv", None), extra=("error", "input_error", "result"))
    assert text == "row,input_input_error,input_error,input_result,result,error\n"
    assert write(plan_results("none.csv", None), Outcome(1, {}), made=NONE) == "row,error\n1,\n"


def test_results_that_are_called_as_columns_of_ours() -> None:
    """Whoever reads the table by its columns finds both."""
    made = endpoint(results=[result("error"), result("row"), result("result_row")])
    value = Unlucky("a", "b", "c")
    text = write(
        plan_results("out.csv", None), Outcome(1, {"row": 7}, value), made=made, extra=("row",)
    )
    assert [*csv.DictReader(io.StringIO(text))] == [
        {
            "row": "1",
            "input_row": "7",
            "result_error": "a",
            "result_result_row": "b",
            "result_row": "c",
            "error": "",
        }
    ]


def test_the_folder_for_files_is_another_path() -> None:
    """Also where what is written is called as that would be."""
    assert plan_results("out.csv", None).files == Path("out.files")
    assert plan_results("out.files", "csv").files == Path("out.files.files")


@pytest.mark.parametrize("text", ["=1+1", "+1", "-cmd", "@SUM(A1)", "\t=1", "\r=1", "-", "--5"])
def test_a_spreadsheet_makes_no_formula_of_what_an_app_sends(text: str) -> None:
    """A text that could be one has an apostrophe before it; what the caller had is as it was."""
    written = write(plan_results("out.csv", None), Outcome(1, {"id": text}, text), extra=("id",))
    assert read_table(written)[1] == ["1", text, f"'{text}", ""]
    written = write(plan_results("out.jsonl", None), Outcome(1, {}, text))
    assert json.loads(written)["result"] == text


@pytest.mark.parametrize("value", [-5, -0.5, "-5", "-1.5e-7", "5-", "a=b", "", "0"])
def test_a_number_is_no_formula(value: Any) -> None:
    """Nor is what has such a character elsewhere."""
    written = write(plan_results("out.csv", None), Outcome(1, {}, value))
    assert read_table(written)[1][1] == str(value)


def test_files_lie_beside_what_is_written(work: Path) -> None:
    """They are called by their row and field, and their paths are relative to it."""
    text = write(
        plan_results(str(work / "out.jsonl"), None),
        Outcome(1, {}, Two(file(), [file(content="Yg=="), file(content="Yw==")])),
        made=TWO,
    )
    assert json.loads(text)["result"] == {
        "Text": "out.files/000001-Text.txt",
        "Files": ["out.files/000001-Files-1.txt", "out.files/000001-Files-2.txt"],
    }
    assert (work / "out.files" / "000001-Files-2.txt").read_text(encoding="utf-8") == "c"


@pytest.mark.parametrize("form", [None, "csv"])
def test_a_folder(form: Any, work: Path) -> None:
    """It has files and results, which name them; running again replaces both."""
    for _ in range(2):
        text = write(plan_results("new/out/", form), Outcome(12, {}, file()))
        assert "000012-result.txt" in text
        assert "/" not in text
    name = "results.csv" if form else "results.jsonl"
    found = {path.name for path in (work / "new" / "out").iterdir()}
    assert found == {name, "000012-result.txt"}


def test_no_folder_is_made_for_no_files(work: Path) -> None:
    """Results without files leave nothing beside them."""
    write(plan_results("out.csv", None), Outcome(1, {}, "a"))
    assert [path.name for path in work.iterdir()] == ["out.csv"]


def test_standard_output(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Each line is there at once; files are kept, and their paths are whole."""
    with make_results(plan_results(None, None), ONE, (), 1) as results:
        results.write(Outcome(1, {}, file()))
        path = json.loads(capsys.readouterr().out)["result"]
        assert Path(path).read_text(encoding="utf-8") == "a"
        assert Path(path).is_relative_to(tmp_path / "temporary")
    with make_results(plan_results("-", "csv"), ONE, (), 0):
        pass
    assert capsys.readouterr().out == "row,result,error\n"


def test_a_line_is_written_when_it_is_there(work: Path) -> None:
    """Nobody waits for the end to read it."""
    with make_results(plan_results("out.csv", None), ONE, (), 2) as results:
        results.write(Outcome(1, {}, "\ud800"))
        assert (work / "out.csv").read_bytes() == b"row,result,error\n1,?,\n"


def test_what_was_there_goes_when_something_comes() -> None:
    """Results of an hour are not lost because a journal is another function's."""
    place = plan_results("out.csv", None)
    Path("out.csv").write_text("kept", encoding="utf-8")
    with pytest.raises(ValueError, match="early"), make_results(place, ONE, (), 1):
        raise ValueError("early")
    assert Path("out.csv").read_text(encoding="utf-8") == "kept"
    with make_results(place, ONE, (), 1) as results:
        results.write(Outcome(1, {}, "a"))
    assert Path("out.csv").read_text(encoding="utf-8") == "row,result,error\n1,a,\n"


def test_a_file_that_does_not_come() -> None:
    """The row failed, and the others have their results."""
    gone = file(url="http://127.0.0.1:1/file=a.txt")
    with make_results(plan_results("out.jsonl", None), ONE, (), 2) as results:
        written = results.write(Outcome(1, {}, gone))
    assert written.error is not None
    line = json.loads(Path("out.jsonl").read_text(encoding="utf-8"))
    assert line["error"]["type"] == "ConnectError"


def test_a_disk_that_is_full(work: Path) -> None:
    """That is an error, whoever notices it first."""
    with (
        pytest.raises(FileNotSaved, match="/dev/full can't be written: No space left"),
        make_results(plan_results("/dev/full", "csv"), ONE, (), 1),
    ):
        pass
    (work / "out.files").write_text("", encoding="utf-8")
    with (
        pytest.raises(OSError, match=r"out\.files"),
        make_results(plan_results("out.csv", None), ONE, (), 1) as results,
    ):
        results.write(Outcome(1, {}, file()))


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("out.txt", "its name ends in .csv or .jsonl, or --format says which"),
        ("missing/out.csv", "there is no folder missing"),
        ("taken/", "taken/: File exists"),
    ],
)
def test_where_results_cannot_go(target: str, message: str) -> None:
    """It is told before anything is called."""
    Path("taken").write_text("", encoding="utf-8")
    with pytest.raises(click.UsageError) as caught:
        plan_results(target, None)
    assert message in caught.value.message


def test_the_form_is_that_of_the_name(work: Path) -> None:
    """Unless another one is wanted; a folder that is there is one without a slash, too."""
    (work / "there").mkdir()
    places = [plan_results(target, None) for target in ("a.CSV", "a.ndjson", "there", "-")]
    assert [place.form for place in places] == ["csv", "jsonl", "jsonl", "jsonl"]
    assert places[2].path == Path("there/results.jsonl")
    assert plan_results("a.csv", "jsonl").form == "jsonl"
    assert isinstance(make_results(plan_results("-", "csv"), ONE, (), 1), TableResults)
