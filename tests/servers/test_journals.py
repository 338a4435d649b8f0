"""Many calls with a journal, against real servers that write down what they run."""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

import gradioproxy as gp
from gradioproxy.errors import AppError, ArgumentError, ConnectionLost, JournalError
from tests.support.gradio import ROOT
from tests.support.gradio.apps import runs
from tests.support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from tests.support.gradio import Server
    from tests.support.gradio.running import RunningServers

PROGRAM = ROOT / "tests" / "support" / "programs" / "journal_kills.py"


@pytest.fixture
def server(gradio: RunningServers, version: str) -> Server:
    """Give the app that writes down what it runs."""
    return gradio(version, "faulty")


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """Give the path of a journal."""
    return tmp_path / "run.sqlite"


def count_runs(server: Server, names: list[str]) -> list[int]:
    """Return how often the app ran with each of these names."""
    counts = Counter(runs.begun(server.folder))
    return [counts[name] for name in names]


def name_inputs(journal: Path, count: int) -> list[str]:
    """Return inputs that no other test has."""
    return [f"{journal.parent.name}-{number}" for number in range(count)]


def test_what_was_done_is_not_done_again(app: gp.Session, server: Server, journal: Path) -> None:
    """Whatever the order of the inputs is; equal ones are told apart by their number."""
    names = name_inputs(journal, 12)
    assert list(app.tag.map(names, journal=journal)) == [runs.tagged(name) for name in names]
    mixed = [*reversed(names), names[3], names[3]]
    expected = [runs.tagged(name) for name in mixed]
    assert list(app.tag.map(mixed, journal=journal)) == expected
    assert list(app.tag.map(iter(mixed), journal=str(journal))) == expected
    assert count_runs(server, names) == [3 if name == names[3] else 1 for name in names]
    with gp.Journal(journal) as read:
        assert (len(read), read.counts["done"], read.function) == (14, 14, "/tag")
        assert [[*row.arguments.values()] for row in read][:2] == [[name] for name in names[:2]]
        assert {row.result for row in read} == set(expected)


@pytest.mark.parametrize("version", ["6.31.0"])
def test_only_their_user_can_read_them(app: gp.Session, journal: Path) -> None:
    list(app.make_file.map(name_inputs(journal, 2), journal=journal))
    folder = journal.with_name("run.sqlite.files")
    found = [*journal.parent.glob("run.sqlite*"), *folder.rglob("*")]
    assert len(found) >= 6
    assert {
        path.name: path.stat().st_mode & 0o077 for path in found if path.stat().st_mode & 0o077
    } == {}


@pytest.mark.parametrize("gone", [False, True])
def test_files_are_kept(app: gp.Session, server: Server, journal: Path, gone: bool) -> None:
    """Those that come are beside the journal, and move with it; those that go are what they are."""
    (name,) = name_inputs(journal, 1)
    (made,) = app.make_file.map([name], journal=journal)
    content = runs.content_of(name)
    assert made.bytes() == content
    moved = journal.parent / "moved"
    moved.mkdir()
    for path in [*journal.parent.glob("run.sqlite*")]:
        path.rename(moved / path.name)
    (again,) = app.make_file.map([name], journal=moved / journal.name)
    assert (again, again.name, again.raw) == (made, made.name, made.raw)
    assert count_runs(server, [name]) == [1]
    kept = Path(again)
    assert kept.is_relative_to(moved)
    assert kept.read_bytes() == again.bytes() == content
    if not gone:
        assert app.take_file(f"{name}-taken", again) == runs.digest(content)
        with gp.Journal(moved / journal.name) as read:
            assert [row.result for row in read] == [kept]
        return
    kept.write_bytes(b"something else")
    (broken,) = app.make_file.map([name], journal=moved / journal.name)
    with pytest.raises(JournalError, match="something else now"):
        broken.bytes()


def test_a_renamed_file_is_the_same(app: gp.Session, server: Server, journal: Path) -> None:
    name = name_inputs(journal, 1)[0]
    first, second = journal.parent / "first.txt", journal.parent / "second.txt"
    first.write_bytes(b"content")
    digest = list(app.take_file.map([name], [first], journal=journal))
    first.rename(second)
    assert list(app.take_file.map([name], [second], journal=journal)) == digest
    assert count_runs(server, [name]) == [1]
    second.write_bytes(b"contents")
    assert list(app.take_file.map([name], [second], journal=journal)) != digest
    assert count_runs(server, [name]) == [2]


KINDS: dict[str, tuple[Callable[[gp.Session], Any], str]] = {
    "another function": (lambda app: app.slow_tag.map(["x"], journal="j"), "the function was /tag"),
    "another signature": (
        lambda app: app.count.map(["x"], [1], [0], journal="j"),
        "the function was /tag",
    ),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_journal_of_something_else(
    app: gp.Session, journal: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(journal.parent)
    list(app.tag.map(name_inputs(journal, 1), journal="j"))
    begin, message = KINDS[kind]
    with pytest.raises(JournalError, match=message) as caught:
        list(begin(app))
    assert caught.value.path == "j"
    with gp.Journal("j") as read:
        assert len(read) == 1


@pytest.mark.since("4.23", "before, apps declare no names of parameters")
def test_what_is_wrong_is_said_before_the_first_call(
    app: gp.Session, server: Server, journal: Path
) -> None:
    """Columns when the map is made; values of lists when the first result is asked for."""
    names = name_inputs(journal, 3)
    with pytest.raises(TypeError, match="got 2 iterables"):
        app.tag.map(names, names, journal=journal)
    with pytest.raises(TypeError, match="misses the values of n, hold"):
        app.count.map(names)
    with pytest.raises(ValueError, match="pass journal="):
        app.tag.map(names, retry="failed")
    wrong = app.count.map(names, [1, "x", {}], [0, 0, 0], journal=journal)
    with pytest.raises(ArgumentError) as caught:
        list(wrong)
    assert [problem.parameter for problem in caught.value.problems] == ["input 1, n", "input 2, n"]
    assert count_runs(server, names) == [0, 0, 0]
    assert not journal.exists()


@pytest.mark.since("4.23", "before, apps declare no names of parameters")
def test_that_is_so_without_a_journal(app: gp.Session, server: Server, tmp_path: Path) -> None:
    """Of what is in memory; whoever makes the calls, and whatever else is the same each time."""
    names = name_inputs(tmp_path / "none", 3)
    with ThreadPoolExecutor(1) as executor:
        for maker in (None, executor):
            wrong = app.count.map(names, (1, 2, "x"), itertools.repeat(0), executor=maker)
            with pytest.raises(ArgumentError, match="input 2, n") as caught:
                next(wrong)
            assert type(caught.value) is ArgumentError
    with pytest.raises(gp.MissingFile, match="input 1, file"):
        next(app.take_file.map(names, [b"content", "/no/such/file", b"content"]))
    assert count_runs(server, names) == [0, 0, 0]


@pytest.mark.since("4.23", "before, apps declare no names of parameters")
def test_what_comes_later_is_looked_at_later(app: gp.Session, tmp_path: Path) -> None:
    """Of an iterator in its turn, and so of a repetition that would be shorter afterwards."""
    names = name_inputs(tmp_path / "none", 3)
    for third in (itertools.repeat(0, 3), iter([0, 0, 0])):
        results = app.count.map(names, [1, 1, "x"], third, concurrency=1)
        first = next(results)
        with pytest.raises(ArgumentError, match="n: got 'x'"):
            list(results)
        assert first is not None
    kept = list(app.count.map(names, [1, "x", 1], [0] * 3, errors="keep"))
    assert [isinstance(each, ArgumentError) for each in kept] == [False, True, False]
    with contextlib.closing(cast("Generator[Any]", app.tag.map(range(10**15)))) as endless:
        assert next(endless)


# What ends in the middle.


def begin_program(url: str, code: str, *values: object) -> subprocess.Popen[str]:
    """Begin a program that has a session as ``app``."""
    opened = f"import sys, os\nimport gradioproxy as gp\napp = gp.connect({url!r})\n"
    return subprocess.Popen(
        [sys.executable, "-c", opened + code, *map(str, values)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run_program(url: str, code: str, *values: object) -> str:
    """Return what such a program prints; it ends well and says nothing else."""
    process = begin_program(url, code, *values)
    printed, said = process.communicate(timeout=60)
    assert (process.returncode, said) == (0, "")
    return printed


HELD = """
for result in app.held_tag.map(sys.argv[2:], journal=sys.argv[1], concurrency=2):
    print(result, flush=True)
"""


@pytest.mark.parametrize("version", ["3.50.2", "6.31.0"])
def test_what_is_not_known_is_listed_and_not_repeated(
    app: gp.Session, server: Server, journal: Path
) -> None:
    """A program was killed while the app ran two of its calls, and had ended another."""
    names = name_inputs(journal, 4)
    runs.let_go(server.folder, names[0])
    with begin_program(server.url, HELD, journal, *names) as process:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == runs.tagged(names[0])
        wait_until(lambda: count_runs(server, names) == [1, 1, 1, 0], 30)
        with gp.Journal(journal) as read:
            assert (read.counts["done"], read.counts["sent"]) == (1, 2)
            process.kill()
            process.wait()
            assert (read.counts["done"], read.counts["unknown"]) == (1, 2)
            assert [[*row.arguments.values()] for row in read.rows("unknown")] == [
                [name] for name in names[1:3]
            ]
            assert [*read.rows("sent")] == []
    for name in names:
        runs.let_go(server.folder, name)
    first, *lost, last = app.held_tag.map(names, journal=journal, errors="keep")
    assert (first, last) == (runs.tagged(names[0]), runs.tagged(names[3]))
    assert [(type(error), error.may_have_run) for error in lost] == [(ConnectionLost, True)] * 2
    assert count_runs(server, names) == [1, 1, 1, 1]
    every = list(app.held_tag.map(names, journal=journal, repeat_unknown=True))
    assert every == [runs.tagged(name) for name in names]
    assert count_runs(server, names) == [1, 2, 2, 1]


@pytest.mark.parametrize(("version", "kills"), [("3.50.2", 10), ("6.31.0", 190)])
def test_killed_again_and_again(app: gp.Session, server: Server, journal: Path, kills: int) -> None:
    """Nothing is lost, and nothing is run twice that may have run, until that is asked for."""
    count = 4 * kills
    begun_before = len(runs.begun(server.folder))
    done = subprocess.run(
        [sys.executable, str(PROGRAM), server.url, str(journal), str(kills), "1", str(count)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    names = [f"input-{number}" for number in range(count)]
    with gp.Journal(journal) as read:
        before = read.counts
    assert before["done"] > kills / 2  # it came far, but not to its end
    assert before["unknown"] > 0 or kills < 100
    results = list(app.tag.map(names, journal=journal, errors="keep"))
    unknown = [
        name for name, each in zip(names, results, strict=True) if isinstance(each, Exception)
    ]
    assert len(unknown) == before["unknown"]
    for name, result in zip(names, results, strict=True):
        assert name in unknown or result == runs.tagged(name)
    ran = Counter(runs.begun(server.folder)[begun_before:])
    assert max(ran.values()) == 1
    assert {name for name in names if not ran[name]} <= {*unknown}
    expected = [runs.tagged(name) for name in names]
    assert list(app.tag.map(names, journal=journal, repeat_unknown=True)) == expected
    ran = Counter(runs.begun(server.folder)[begun_before:])
    assert {name for name, times in ran.items() if times > 1} <= {*unknown}


SHARING = """
results = app.slow_tag.map(sys.argv[2:], journal=sys.argv[1], concurrency=2)
print(*results, sep="\\n")
"""


@pytest.mark.parametrize("version", ["6.31.0"])
def test_two_processes_share_the_work(server: Server, journal: Path) -> None:
    """Each gets all results in order, and each input is run once."""
    names = name_inputs(journal, 24)
    both = [begin_program(server.url, SHARING, journal, *names) for _ in range(2)]
    ends = [process.communicate(timeout=120) for process in both]
    printed = "".join(f"{runs.tagged(name)}\n" for name in names)
    assert ends == [(printed, "")] * 2
    assert count_runs(server, names) == [1] * 24
    database = sqlite3.connect(journal)
    shares = [count for (count,) in database.execute("SELECT count(*) FROM inputs GROUP BY run")]
    database.close()
    assert len(shares) == 2
    assert min(shares) >= 4


@pytest.mark.parametrize("version", ["6.31.0"])
def test_what_a_killed_process_had_taken_is_made_by_the_other(
    app: gp.Session, server: Server, journal: Path
) -> None:
    """It waits for a live one, and no longer."""
    names = name_inputs(journal, 6)
    with begin_program(server.url, HELD, journal, *names) as process:
        wait_until(lambda: count_runs(server, names)[:2] == [1, 1], 30)
        for name in names[2:]:
            runs.let_go(server.folder, name)
        results = app.held_tag.map(names, journal=journal, errors="keep")
        job = _begin_thread(lambda: list(results))
        wait_until(lambda: count_runs(server, names) == [1] * 6, 30)
        process.kill()
        found = job()
    assert [type(each) for each in found[:2]] == [ConnectionLost] * 2
    assert found[2:] == [runs.tagged(name) for name in names[2:]]


def _begin_thread(act: Callable[[], Any]) -> Callable[[], Any]:
    from concurrent.futures import ThreadPoolExecutor

    pool = ThreadPoolExecutor(1)
    future = pool.submit(act)
    pool.shutdown(wait=False)
    return lambda: future.result(60)


FORKED = """
import signal
results = app.slow_tag.map(sys.argv[2:], journal=sys.argv[1], concurrency=2)
print(next(results), flush=True)
child = os.fork()
if child == 0:
    try:
        print("child", type(list(results)), flush=True)
    except gp.GradioProxyError as error:
        print("child", type(error).__name__, flush=True)
    sys.exit(0)
os.waitpid(child, 0)
print(*results, sep="\\n")
"""


@pytest.mark.parametrize("version", ["6.31.0"])
def test_a_forked_child_leaves_the_journal_alone(server: Server, journal: Path) -> None:
    """It ends as any program does, and its parent goes on."""
    names = name_inputs(journal, 8)
    process = begin_program(server.url, FORKED, journal, *names)
    printed, _ = process.communicate(timeout=60)
    first, child, *rest = printed.splitlines()
    assert process.returncode == 0
    assert child in {"child JournalError", "child ConnectionLost"}
    assert [first, *rest] == [runs.tagged(name) for name in names]
    assert count_runs(server, names) == [1] * 8
    with gp.Journal(journal) as read:
        assert read.counts["done"] == 8


LEFT = """
left = app.slow_tag.map(sys.argv[2:], journal=sys.argv[1], concurrency=3)
print(next(left), flush=True)
{}
"""


@pytest.mark.parametrize("version", ["3.50.2", "6.31.0"])
@pytest.mark.parametrize("end", ["", "sys.exit(0)", "left.close()", "del left", "os._exit(0)"])
def test_a_program_that_leaves_one_ends(
    app: gp.Session, server: Server, journal: Path, end: str
) -> None:
    """What it had begun is not known, and the rest is made by the next."""
    names = name_inputs(journal, 9)
    printed = run_program(server.url, LEFT.format(end), journal, *names)
    assert printed == f"{runs.tagged(names[0])}\n"
    with gp.Journal(journal) as read:
        counts = read.counts
    assert counts["done"] + counts["unknown"] + counts["waiting"] <= 9
    assert counts["claimed"] == counts["sent"] == counts["failed"] == 0
    results = list(app.slow_tag.map(names, journal=journal, errors="keep"))
    lost = [each for each in results if isinstance(each, ConnectionLost | gp.JobCancelled)]
    assert len(lost) == counts["unknown"]
    assert max(count_runs(server, names)) == 1


@pytest.mark.parametrize("version", ["6.31.0"])
def test_results_are_kept_while_nobody_asks_for_them(app: gp.Session, journal: Path) -> None:
    names = name_inputs(journal, 4)
    results = app.tag.map(names, journal=journal, concurrency=4)
    assert next(results) == runs.tagged(names[0])
    with gp.Journal(journal) as read:
        wait_until(lambda: read.counts["done"] == 4, 30)
    cast("Generator[Any]", results).close()


@pytest.mark.parametrize("version", ["6.31.0"])
def test_an_interrupted_map_leaves_no_lock(app: gp.Session, journal: Path) -> None:
    """Ctrl-C while it waits; the same process goes on with the journal."""
    names = name_inputs(journal, 3)

    def interrupt() -> Iterator[str]:
        yield names[0]
        yield names[1]
        os.kill(os.getpid(), signal.SIGINT)
        yield names[2]

    with pytest.raises(KeyboardInterrupt):
        list(app.tag.map(interrupt(), journal=journal))
    results = list(app.tag.map(names, journal=journal, repeat_unknown=True))
    assert results == [runs.tagged(name) for name in names]


# Errors.


def test_errors_are_remembered(gradio: RunningServers, journal: Path) -> None:
    """With all that they say, until they are asked for again."""
    with gp.connect(gradio("6.31.0", "documented").url) as app:
        (first,) = app.divide.map([1], [0], journal=journal, errors="keep")
        (again,) = app.divide.map([1], [0], journal=journal, errors="keep")
        assert isinstance(first, AppError)
        facts = {**vars(first), "args": first.args}
        assert {**vars(again), "args": again.args} == facts
        with gp.Journal(journal) as read:
            assert read.counts["failed"] == 1
            (row,) = read.rows("failed")
            assert row.error is not None
            assert str(row.error) == str(first)
        (retried,) = app.divide.map([1], [0], journal=journal, errors="keep", retry="failed")
        assert retried.event_id != first.event_id


# Streams, and secrets.


@pytest.mark.parametrize("version", ["4.44.1", "6.31.0"])
def test_streams_are_kept(gradio: RunningServers, version: str, journal: Path) -> None:
    """They are fetched when their calls are complete, and are the same the next time."""
    if version != "4.44.1" and shutil.which("ffmpeg") is None:
        pytest.skip("Gradio needs ffmpeg to stream audio from 5.0 on")
    with gp.connect(gradio(version, "media").url) as app:
        # No two are equal: Gradio writes what is equal to one file, also while it sends that.
        first = list(app.speak.map([1, 2, 3], journal=journal))
        contents = [file.bytes() for file in first]
        assert min(map(len, contents)) > 1000
        again = list(app.speak.map([1, 2, 3], journal=journal))
        assert [file.bytes() for file in again] == contents
        assert [(file.url, file.name, file.mime_type) for file in again] == [
            (file.url, file.name, file.mime_type) for file in first
        ]
        folder = journal.with_name("run.sqlite.files")
        assert all(Path(file).is_relative_to(folder) for file in again)


def test_no_secret_is_in_one(gradio: RunningServers, journal: Path) -> None:
    """Not even where the app sends back what it was sent."""
    secret = "hf_verysecrettoken"  # noqa: S105 - no real one
    url = gradio("6.31.0", "documented").url
    with gp.connect(url, headers={"X-Key": secret}) as app:
        expected = [f"Hello, {secret}!"]
        assert list(app.greet.map([secret], journal=journal)) == expected
        assert list(app.greet.map([secret], journal=journal)) == ["Hello, <secret>!"]
    for path in journal.parent.rglob("*"):
        assert path.is_dir() or secret.encode() not in path.read_bytes()


def test_tuples_and_tables_are_what_they_were(gradio: RunningServers, journal: Path) -> None:
    with gp.connect(gradio("6.31.0", "documented").url) as app:
        first = list(app.measure.map(["a dark night"], journal=journal))
        again = list(app.measure.map(["a dark night"], journal=journal))
    assert again == first
    assert [type(each) for each in again] == [type(each) for each in first]
