"""Mistakes in the command line of ``map``, all told before there is a connection."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gradioproxy.cli.root import run

NOBODY = "http://127.0.0.1:9"


@pytest.fixture(autouse=True)
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in a folder that has rows."""
    monkeypatch.chdir(tmp_path)
    Path("rows.csv").write_text("text\na\n", encoding="utf-8")
    Path("folder").mkdir()
    os.link("rows.csv", "linked.csv")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "Missing option '-i' / '--input'"),
        (["-i", "none.csv"], "--input: none.csv: No such file or directory"),
        (["-i", "rows.csv", "-o", "./rows.csv"], "--input and -o are the same file"),
        (["-i", "rows.csv", "-o", "linked.csv"], "--input and -o are the same file"),
        (["-i", "rows.csv", "--journal", "rows.csv"], "--input and --journal are the same file"),
        (["-i", "rows.csv", "--journal", "a.csv", "-o", "folder/../a.csv"], "--journal and -o"),
        (["-i", "rows.csv", "--limit", "0"], "0 is not in the range x>=1"),
        (["-i", "rows.csv", "--concurrency", "many"], "'many' is not a valid integer"),
        (["-i", "rows.csv", "--patience", "nan"], "'nan' is no number of seconds"),
        (["-i", "rows.csv", "--retry-failed"], "--retry-failed is about what is in a journal"),
        (["-i", "rows.csv", "-o", "out.txt"], "its name ends in .csv or .jsonl"),
        (["-i", "rows.csv", "--format", "xml"], "'xml' is not one of"),
    ],
)
def test_mistakes(words: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    """One line, and the exit code for wrong use; what is there stays as it is."""
    assert run(["map", NOBODY, "/f", *words]) == 2
    said = capsys.readouterr().err
    assert message in said
    assert said.count("\n") == 1
    assert Path("rows.csv").read_text(encoding="utf-8") == "text\na\n"


def test_nobody_there(capsys: pytest.CaptureFixture[str]) -> None:
    """What has the results is not touched before there is something to call."""
    Path("out.csv").write_text("kept", encoding="utf-8")
    assert run(["map", NOBODY, "/f", "-i", "rows.csv", "-o", "out.csv"]) == 3
    assert "127.0.0.1:9" in capsys.readouterr().err
    assert Path("out.csv").read_text(encoding="utf-8") == "kept"
