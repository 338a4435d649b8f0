"""What a call brings past the queue is what it brings over it, against real servers."""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING, Any

import pytest

import gradioproxy as gp

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.gradio import Server
    from tests.support.gradio.running import RunningServers

SECONDS = 60


@pytest.fixture
def server(gradio: RunningServers, version: str) -> Server:
    """Give the app that has each function twice, under each version in turn."""
    return gradio(version, "ways")


@pytest.fixture
def open_server(gradio: RunningServers, version: str) -> Server:
    """Give the same app, which shows its errors."""
    return gradio(version, "ways", launch={"show_error": True})


def picture(folder: Path) -> Path:
    """Make a small PNG."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)

    head = struct.pack(">IIBBBBB", 2, 3, 8, 2, 0, 0, 0)
    rows = zlib.compress((b"\0" + b"\1\2\3" * 2) * 3)
    path = folder / "small.png"
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    )
    return path


def comparable(value: Any) -> Any:
    """Return a value with the contents of files in their places."""
    if isinstance(value, gp.File):
        return value.bytes()  # Gradio 3 gives a picture another name each time
    if isinstance(value, list | tuple):
        return [comparable(each) for each in value]
    return value


def outcomes(app: gp.Session, name: str, *values: Any) -> list[Any]:
    """Return what the two functions of a name give, or raise."""
    return [outcome(app[each], *values) for each in (name, f"direct_{name}")]


def outcome(function: Any, *values: Any) -> Any:
    """Return what a function gives, or the error that it raises."""
    try:
        return comparable(function(*values))
    except gp.AppError as error:
        return error


def test_values_are_the_same(app: gp.Session) -> None:
    given: dict[str, list[Any]] = {
        "echo": ["Grüße \u2028 😀"],
        "both": ["text"],
        "nothing": ["x"],
        "table": [[["a", "b"], ["c", "d"]]],
        "steps": [3],
    }
    for name, values in given.items():
        queued, direct = outcomes(app, name, *values)
        assert direct == queued, name
        assert not isinstance(queued, Exception), queued


@pytest.mark.since("5.50", "before, batches may be for the queue alone")
def test_a_batch_is_the_same(app: gp.Session) -> None:
    assert outcomes(app, "batch", "a") == ["text a"] * 2


def test_files_are_the_same(app: gp.Session, tmp_path: Path) -> None:
    path = tmp_path / "given.txt"
    path.write_bytes(b"content of ")
    queued, direct = outcomes(app, "copies", gp.file(path))
    assert direct == queued
    first, second, third = [
        b"content of " + name for name in (b"one.txt", b"two.txt", b"three.txt")
    ]
    assert queued == [first, [second, third]]


def test_pictures_are_the_same(app: gp.Session, tmp_path: Path) -> None:
    queued, direct = outcomes(app, "pictures", picture(tmp_path))
    assert direct == queued
    assert not isinstance(queued, Exception), queued


@pytest.mark.parametrize("shown", [False, True])
def test_errors_are_the_same(server: Server, open_server: Server, shown: bool) -> None:
    """Those with the app's words, and those that it hides or shows."""
    with gp.connect((open_server if shown else server).url) as app:
        for name in ("refuse", "crash"):
            queued, direct = outcomes(app, name, "so it is")
            assert str(direct).replace("direct_", "") == str(queued)
            for attribute in ("app_message", "title", "outputs", "may_have_run"):
                assert getattr(direct, attribute) == getattr(queued, attribute), attribute


def test_the_state_is_the_same(app: gp.Session) -> None:
    """A session's calls see it whichever way they go, also when several are under way."""
    assert [app.visit(), app.direct_visit(), app.visit(), app.direct_visit()] == [1, 2, 3, 4]
    jobs = [app.direct_visit.submit() for _ in range(3)]
    assert sorted(job.result(SECONDS) for job in jobs) == [5, 6, 7]
    assert app.visit() == 8


def test_what_an_event_changed_is_there(app: gp.Session) -> None:
    """The choices that one function fills are those of the next."""
    app.direct_cities("fr")
    assert app.travel("fr 1") == "fr 1"
    app.cities("it")
    assert app.direct_travel("it 0") == "it 0"
    queued, direct = outcomes(app, "cities", "es")
    assert direct == queued


@pytest.mark.since("4.22", "before 4.22 an app's functions can't know the session")
def test_the_session_is_the_same(app: gp.Session) -> None:
    assert {app.tab(), app.direct_tab()} == {app.session_hash}


def test_a_check_says_which_way_a_call_would_go(app: gp.Session) -> None:
    assert "past the queue" not in app.echo.check("x").route
    assert app.direct_echo.check("x").route.startswith("past the queue of Gradio ")


def test_calls_of_both_ways_at_once(app: gp.Session) -> None:
    """Neither waits for the end of all of the others, and each gets its own value."""
    jobs = {}
    for number in range(20):
        jobs[f"q{number}"] = app.echo.submit(f"q{number}")
        jobs[f"d{number}"] = app.direct_echo.submit(f"d{number}")
    assert {name: job.result(SECONDS) for name, job in jobs.items()} == {
        name: name for name in jobs
    }
