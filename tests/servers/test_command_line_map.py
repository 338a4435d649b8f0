"""The command ``map`` against real servers: rows in, results out, also where it ends early."""

from __future__ import annotations

import contextlib
import csv
import hashlib
import inspect
import json
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import gradioproxy as gp
from gradioproxy.cli.root import run
from tests.support import processes
from tests.support.gradio.apps import runs
from tests.support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.support.gradio import Server
    from tests.support.gradio.running import RunningServers

TESTED_VERSIONS = ["3.50.2", "6.31.0"]

SECONDS = 60
PROGRAM = f"{processes.INTERRUPTIBLE}from gradioproxy.cli import main; main()"


@pytest.fixture
def faulty(gradio: RunningServers, version: str) -> Iterator[Server]:
    """Give the app that writes down what runs, without what ran before."""
    server = gradio(version, "faulty")
    for name in (runs.LOG, runs.ANSWERS):
        (server.folder / name).unlink(missing_ok=True)
    yield server
    for sign in server.folder.glob("go-*"):
        sign.unlink()


@pytest.fixture
def name(faulty: Server) -> str:
    """Give the name of the parameter that is the name of a run."""
    with gp.connect(faulty.url) as app:
        return next(iter(inspect.signature(app.tag).parameters))


@pytest.fixture(autouse=True)
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder."""
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@contextlib.contextmanager
def mapping(*words: str, stdin: int | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """Run the command as a program that Ctrl-C interrupts; it has ended behind the block."""
    command = [sys.executable, "-c", PROGRAM, "map", *words]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=stdin, stdout=pipe, stderr=pipe) as process:
        try:
            yield process
        finally:
            process.kill()


def write_rows(name: str, names: Sequence[str], path: str = "rows.csv") -> None:
    """Write a table of runs."""
    Path(path).write_text("\n".join([name, *names, ""]), encoding="utf-8")


def test_a_table_becomes_a_table(
    faulty: Server, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Results are in the order of the rows, with what stood beside them; a row can fail alone."""
    rows = f"id,{name}\n7,a\n8,b/c\n9,d\n"
    Path("rows.csv").write_text(rows, encoding="utf-8")
    words = ["map", faulty.url, "/make_file", "-i", "rows.csv", "--pass-through"]
    assert run([*words, "-o", "out.csv"]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("gradioproxy: 2 done, 1 failed in ")
    assert "; row 2 failed first: " in said.err
    with Path("out.csv").open(encoding="utf-8", newline="") as file:
        found = [*csv.DictReader(file)]
    assert [(line["row"], line["id"]) for line in found] == [("1", "7"), ("2", "8"), ("3", "9")]
    assert [bool(line["error"]) for line in found] == [False, True, False]
    assert found[1]["error"].startswith("AppError: ")
    for line, token in ((found[0], "a"), (found[2], "d")):
        assert Path(line["result"]).read_bytes() == runs.content_of(token)

    words += ["--stop-on-error", "--concurrency", "1"]
    assert run([*words, "-o", "out.jsonl"]) == 1
    lines = Path("out.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["row"] for line in lines] == [1, 2]
    assert sorted(runs.begun(faulty.folder)) == ["a", "a", "b/c", "b/c", "d"]


def test_files_are_found_beside_the_rows(
    faulty: Server, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wherever the command is given; results are a folder, and name what is in it."""
    with gp.connect(faulty.url) as app:
        taken = [*inspect.signature(app.take_file).parameters]
    for number in (1, 2):
        Path(f"{number}.bin").write_bytes(b"content" * number)
    lines = [{taken[0]: str(number), taken[1]: f"{number}.bin"} for number in (1, 2)]
    Path("rows.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    rows = str(Path("rows.jsonl").absolute())
    monkeypatch.chdir("/")
    assert run(["map", faulty.url, "/take_file", "-i", rows]) == 0
    results = [json.loads(line)["result"] for line in capsys.readouterr().out.splitlines()]
    assert results == [hashlib.sha256(b"content" * number).hexdigest() for number in (1, 2)]

    Path(rows).write_text(json.dumps({taken[0]: "1"}), encoding="utf-8")
    folder = Path(rows).with_name("results")
    assert run(["map", faulty.url, "/make_file", "-i", rows, "-o", f"{folder}/"]) == 0
    (line,) = (folder / "results.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(line) == {"row": 1, "result": "000001-result.txt"}
    assert (folder / "000001-result.txt").read_bytes() == runs.content_of("1")


def test_nothing_is_called_where_a_row_is_wrong(
    faulty: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    """All of it is told, and nothing is written."""
    with gp.connect(faulty.url) as app:
        taken = [*inspect.signature(app.take_file).parameters]
    rows = f"{taken[0]},{taken[1]}\na,rows.csv\nb,none.bin\nc\n"
    Path("rows.csv").write_text(rows, encoding="utf-8")
    words = ["map", faulty.url, "/take_file", "-i", "rows.csv", "-o", "out.csv"]
    assert run(words) == 2
    said = capsys.readouterr().err.splitlines()
    assert said[0].startswith(f"rows.csv:3: {taken[1]}: got ")
    assert said[1] == "rows.csv:4: it has 1 cells, and the header has 2"
    assert said[2].startswith("gradioproxy: 2 of 3 rows can't be called; nothing was sent")
    assert not Path("out.csv").exists()
    assert runs.begun(faulty.folder) == []

    assert run([*words, "--limit", "1"]) == 0
    assert runs.begun(faulty.folder) == ["a"]


@pytest.mark.parametrize(
    ("after", "reason"),
    [
        ("", "it had 3 rows, and has 2"),
        ("more\n", "line 4: it has 1 cells, and the header has 2"),
    ],
)
def test_rows_that_are_changed_meanwhile(
    faulty: Server, name: str, after: str, reason: str
) -> None:
    """It is told; what came is written, and no row is called that nobody looked at."""
    # More than is read at a time.
    rows = [f"{'x' * 100_000},{token}\n" for token in ("first", "second", "third")]
    Path("rows.csv").write_text("".join([f"id,{name}\n", *rows]), encoding="utf-8")
    words = [faulty.url, "/held_tag", "-i", "rows.csv", "--concurrency", "1", "--pass-through"]
    with mapping(*words) as process:
        wait_until(lambda: runs.begun(faulty.folder) == ["first"])
        changed = "".join([f"id,{name}\n", *rows[:2], after])
        Path("rows.csv").write_text(changed, encoding="utf-8")
        for token in ("first", "second"):
            runs.let_go(faulty.folder, token)
        printed, errors = process.communicate(timeout=SECONDS)
    assert process.returncode == 2
    assert f"rows.csv was changed meanwhile: {reason}" in errors.decode()
    assert [json.loads(line)["row"] for line in printed.splitlines()] == [1, 2]


def test_rows_that_are_added_meanwhile(faulty: Server, name: str) -> None:
    """As by the results themselves, where these go behind the rows: there would be no end."""
    write_rows(name, ["first"])
    with mapping(faulty.url, "/held_tag", "-i", "rows.csv") as process:
        wait_until(lambda: runs.begun(faulty.folder) == ["first"])
        with Path("rows.csv").open("a", encoding="utf-8") as rows:
            rows.write("second\n")
        runs.let_go(faulty.folder, "first")
        printed, _ = process.communicate(timeout=SECONDS)
    assert (process.returncode, printed.count(b"\n")) == (0, 1)
    command = [sys.executable, "-c", PROGRAM, "map", faulty.url, "/tag", "-i", "rows.csv"]
    with Path("rows.csv").open("ab") as rows:
        done = subprocess.run(
            command, stdout=rows, stderr=subprocess.PIPE, timeout=SECONDS, check=False
        )
    assert (done.returncode, b"the same file: rows.csv" in done.stderr) == (2, True)


def test_results_come_through_pipes(faulty: Server, name: str) -> None:
    """What comes is there as soon as it is known; the input can be a pipe, too."""
    rows = "".join(json.dumps({name: token}) + "\n" for token in ("first", "second"))
    with mapping(faulty.url, "/held_tag", "-i", "-", stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(rows.encode())
        process.stdin.close()
        process.stdin = None
        runs.let_go(faulty.folder, "first")
        line = json.loads(process.stdout.readline())
        assert line == {"row": 1, "result": runs.tagged("first")}
        runs.let_go(faulty.folder, "second")
        rest, errors = process.communicate(timeout=SECONDS)
    assert (json.loads(rest)["row"], process.returncode) == (2, 0)
    assert errors.startswith(b"gradioproxy: 2 done in ")


def test_nobody_reads_on(faulty: Server, name: str) -> None:
    """Where what reads goes away, it ends, and nothing is said."""
    write_rows(name, ["first", "second", *map(str, range(200))])
    with mapping(faulty.url, "/held_tag", "-i", "rows.csv", "--concurrency", "2") as process:
        assert process.stdout is not None
        runs.let_go(faulty.folder, "first")
        process.stdout.readline()
        process.stdout.close()
        process.stdout = None
        runs.let_go(faulty.folder, "second")
        _, errors = process.communicate(timeout=SECONDS)
    assert (process.returncode, errors) == (141, b"")
    assert len(runs.begun(faulty.folder)) < 10


def test_ctrl_c(faulty: Server, name: str) -> None:
    """What came is written, and how to go on is said."""
    write_rows(name, ["first", "second", "third"])
    words = [faulty.url, "/held_tag", "-i", "rows.csv", "-o", "/dev/fd/1", "--format", "csv"]
    with mapping(*words) as process:
        assert process.stdout is not None
        runs.let_go(faulty.folder, "first")
        assert process.stdout.readline() == b"row,result,error\n"
        assert process.stdout.readline().startswith(b"1,tag of first")
        process.send_signal(signal.SIGINT)
        rest, errors = process.communicate(timeout=SECONDS)
    assert (process.returncode, rest) == (130, b"")
    lines = errors.decode().strip().splitlines()
    # It may come between a line and the count of it.
    assert re.match("gradioproxy: (1 done, 2|0 done, 3) left in ", lines[0])
    assert lines[1].startswith("gradioproxy: with --journal FILE")
    assert len(lines) == 2
    for token in ("second", "third"):
        runs.let_go(faulty.folder, token)


def test_a_program_that_was_killed_goes_on(faulty: Server, name: str) -> None:
    """What is done is not done again; what may have run is repeated when that is asked."""
    tokens = ["a", "b", "c", "d", "e", "f"]
    write_rows(name, tokens)
    words = [faulty.url, "/held_tag", "-i", "rows.csv", "--journal", "run.sqlite"]
    with mapping(*words, "--concurrency", "2") as process:
        assert process.stdout is not None
        for token in "ab":
            runs.let_go(faulty.folder, token)
            assert json.loads(process.stdout.readline())["result"] == runs.tagged(token)
        wait_until(lambda: sorted(runs.begun(faulty.folder)) == ["a", "b", "c", "d"])
        process.kill()
        process.communicate(timeout=SECONDS)
    for token in tokens:
        runs.let_go(faulty.folder, token)

    with mapping(*words, "-o", "out.jsonl") as process:
        _, errors = process.communicate(timeout=SECONDS)
    assert process.returncode == 1
    assert errors.startswith(b"gradioproxy: 4 done, 2 unknown, 4 from the journal in ")
    assert sorted(runs.begun(faulty.folder)) == tokens
    lines = [json.loads(line) for line in Path("out.jsonl").read_text("utf-8").splitlines()]
    assert [line["row"] for line in lines] == [1, 2, 3, 4, 5, 6]
    assert [line["row"] for line in lines if line.get("error", {}).get("may_have_run")] == [3, 4]

    with mapping(*words, "-o", "out.jsonl", "--repeat-unknown") as process:
        _, errors = process.communicate(timeout=SECONDS)
    assert errors.startswith(b"gradioproxy: 6 done, 4 from the journal in ")
    assert process.returncode == 0
    assert sorted(runs.begun(faulty.folder)) == sorted([*tokens, "c", "d"])
    lines = [json.loads(line) for line in Path("out.jsonl").read_text("utf-8").splitlines()]
    assert [line["result"] for line in lines] == [runs.tagged(token) for token in tokens]


def test_ctrl_c_says_how_to_go_on(faulty: Server, name: str) -> None:
    """With a journal, by the same command."""
    write_rows(name, ["first", "second"])
    words = [faulty.url, "/held_tag", "-i", "rows.csv", "--journal", "run.sqlite"]
    with mapping(*words, "--concurrency", "1") as process:
        assert process.stdout is not None
        runs.let_go(faulty.folder, "first")
        process.stdout.readline()
        wait_until(lambda: len(runs.begun(faulty.folder)) == 2)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=SECONDS)
    assert process.returncode == 130
    assert (
        errors.decode()
        .strip()
        .endswith("the same command goes on from here; run.sqlite has what is done")
    )
    with gp.Journal("run.sqlite") as journal:
        assert journal.counts["done"] == 1


def test_files_and_failures_are_in_the_journal(
    faulty: Server, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Results are written anew, whole; what failed is called again only if that is asked."""
    write_rows(name, ["a", "b/c"])
    words = ["map", faulty.url, "/make_file", "-i", "rows.csv", "--journal", "run.sqlite"]
    summaries = []
    for more in ([], [], ["--retry-failed"]):
        Path("results").mkdir()
        assert run([*words, "-o", "results", *more]) == 1
        summaries.append(capsys.readouterr().err.partition(" in ")[0])
        first, second = Path("results/results.jsonl").read_text("utf-8").splitlines()
        assert json.loads(first)["result"] == "000001-result.txt"
        assert json.loads(second)["error"]["type"] == "AppError"
        assert Path("results/000001-result.txt").read_bytes() == runs.content_of("a")
        shutil.rmtree("results")
    assert summaries == [
        "gradioproxy: 1 done, 1 failed",
        "gradioproxy: 1 done, 1 failed, 2 from the journal",
        "gradioproxy: 1 done, 1 failed, 1 from the journal",
    ]
    assert sorted(runs.begun(faulty.folder)) == ["a", "b/c", "b/c"]

    assert run(["map", faulty.url, "/tag", "-i", "rows.csv", "--journal", "run.sqlite"]) == 1
    said = capsys.readouterr()
    assert (said.out, said.err.count("\n")) == ("", 1)
    assert "run.sqlite" in said.err
