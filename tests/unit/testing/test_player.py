"""What was recorded is found by what it is, and what was not is an error that says so."""

from __future__ import annotations

import contextlib
import hashlib
from typing import TYPE_CHECKING, Any

import pytest

import gradioproxy as gp
from gradioproxy.testing import replay
from tests.support.faked import URL, called, completed, describe, write_cassette, yielded

if TYPE_CHECKING:
    from pathlib import Path

SECONDS = 60
ECHO, REPEAT, PAIR, COUNT, SIZE, MAKE = range(6)
CONTENT = b"content"
DIGEST = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Give the path of a cassette."""
    return tmp_path / "talk.json"


def test_equal_calls_in_their_order(path: Path) -> None:
    """Each gets the next, and the last one is given again; others don't matter."""
    write_cassette(
        path,
        called(ECHO, ["x"], completed("first")),
        called(ECHO, ["y"], completed("other")),
        called(ECHO, ["x"], completed("second")),
    )
    with replay(path), gp.connect(URL) as app:
        assert [app.echo(text) for text in "xxyx"] == ["first", "second", "other", "second"]
    with replay(path), gp.connect(URL) as app:
        assert app.echo("x") == "first"  # each block begins anew


def test_what_was_not_recorded(path: Path) -> None:
    """It names the call and the nearest ones; no request leaves."""
    write_cassette(
        path,
        called(ECHO, ["bread and butter"], completed("1")),
        called(ECHO, ["something else"], completed("2")),
        called(COUNT, [1], completed("3")),
    )
    with replay(path), gp.connect(URL) as app:
        with pytest.raises(gp.NotRecorded) as raised:
            app.echo("bread and milk")
        assert raised.value.call == '/echo of ["bread and milk"]'
        assert raised.value.nearest[0] == '/echo of ["bread and butter"]'
        assert isinstance(raised.value, LookupError)
        assert raised.value.nearest[0] in str(raised.value)
        with pytest.raises(gp.NotRecorded, match=r"no /pair of \[\]\. Recorded are: "):
            app.pair()
        with pytest.raises(gp.NotRecorded, match=r"no function 99 of \[1\]\."):
            gp.request(app, "POST", "/gradio_api/run/predict", json={"fn_index": 99, "data": [1]})
        with pytest.raises(gp.NotRecorded, match="GET /other"):
            gp.request(app, "GET", "/other")


def test_another_app(path: Path) -> None:
    """It says which the cassette knows."""
    write_cassette(path)
    with replay(path), pytest.raises(gp.NotRecorded, match=URL) as raised:
        gp.connect("http://other.test:7860")
    assert raised.value.nearest == (URL,)
    with replay(path), gp.connect("HTTP://APP.test:80/?a=b") as app:
        assert app.url == "http://app.test"


def test_partial_results_and_broken_streams(path: Path) -> None:
    """Edits or whole, as they were said; a stream that broke breaks again."""
    edits = yielded([["append", [], "b"]])
    write_cassette(
        path,
        called(COUNT, [1], yielded("a"), edits, completed("ab")),
        called(COUNT, [2], yielded("a"), end="lost"),
        called(COUNT, [3], end="lost"),
    )
    with replay(path), gp.connect(URL) as app:
        assert list(app.count.stream(1)) == ["a", "ab"]
        for number, partial in ((2, ["a"]), (3, [])):
            job = app.count.submit(number)
            with pytest.raises(gp.ConnectionLost):
                job.result(SECONDS)
            assert [*job.outputs] == partial


def test_one_that_was_given_up(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It brings what came until then, and waits to be given up; and not for ever."""
    write_cassette(path, called(COUNT, [9], yielded("a"), end="given up"))
    with replay(path), gp.connect(URL) as app:
        job = app.count.submit(9)
        assert next(iter(job)) == "a"
        assert not job.done()
        assert job.cancel()
        assert job.cancelled()
        job = app.count.submit(9)
        assert next(iter(job)) == "a"
    assert job.cancelled()
    monkeypatch.setattr("gradioproxy.testing.peer.HELD_SECONDS", 0.0)
    with (
        replay(path),
        gp.connect(URL) as app,
        pytest.raises(gp.NotRecorded, match="given up when it was recorded"),
    ):
        app.count(9)


def test_refusals_and_failures(path: Path) -> None:
    """What the app did not take, it does not take again."""
    full = {"status": 503, "json": {"detail": "Queue is full. Max size is 1 and size is 1."}}
    write_cassette(
        path,
        called(ECHO, ["full"], refusal=full),
        called(ECHO, ["lost"], refusal={"error": "ConnectionLost"}),
        called(ECHO, ["late"], refusal={"error": "Timeout"}),
        called(
            ECHO,
            ["wrong"],
            {"msg": "process_completed", "output": {"error": "boom"}, "success": False},
        ),
    )
    expected: dict[str, type[gp.GradioProxyError]] = {
        "full": gp.QueueFull,
        "lost": gp.ConnectionLost,
        "late": gp.Timeout,
        "wrong": gp.AppError,
    }
    with replay(path), gp.connect(URL) as app:
        for text, kind in expected.items():
            with pytest.raises(kind):
                app.echo(text)


def test_files_that_go_up_are_known_by_their_content(path: Path, tmp_path: Path) -> None:
    """Wherever they are on this machine; another content is another call."""
    data = {
        "path": f"/cassette/upload/{DIGEST}/given.txt",
        "orig_name": "given.txt",
        "size": len(CONTENT),
        "mime_type": "text/plain",
        "meta": {"_type": "gradio.FileData"},
    }
    write_cassette(path, called(SIZE, [data], completed(len(CONTENT))))
    given = tmp_path / "given.txt"
    given.write_bytes(CONTENT)
    with replay(path), gp.connect(URL) as app:
        assert app.size(given) == len(CONTENT)
        given.write_bytes(b"another")
        with pytest.raises(gp.NotRecorded, match="/size of"):
            app.size(given)


def test_files_that_come_down(path: Path) -> None:
    """From beside the cassette; without one there it is an error that says so."""
    file = {
        "path": "/cassette/file/1/a b.txt",
        "url": "cassette://app/gradio_api/file=/cassette/file/1/a%20b.txt",
        "orig_name": "a b.txt",
        "meta": {"_type": "gradio.FileData"},
    }
    answer = {"status": 200, "type": "text/plain", "sha256": DIGEST, "size": len(CONTENT)}
    request = "GET /gradio_api/file=/cassette/file/1/a%20b.txt"
    write_cassette(
        path,
        called(MAKE, ["x"], completed(file)),
        asked=[{"request": request, "answers": [answer]}],
    )
    folder = path.with_suffix(".files")
    folder.mkdir()
    (folder / DIGEST).write_bytes(CONTENT)
    with replay(path), gp.connect(URL) as app:
        made = app.make("x")
        assert made.bytes() == CONTENT
        assert made.raw["url"].startswith(f"{URL}/gradio_api/file=")
        (folder / DIGEST).write_bytes(b"tampered")
        with pytest.raises(gp.FileGone, match="is not what"):
            app.make("x").bytes()


def test_limits_hold_for_cassettes(path: Path) -> None:
    """What is in one is a stranger's."""
    write_cassette(path, called(ECHO, ["x"], completed("x" * 100_000)))
    with (
        replay(path),
        gp.connect(URL, limits=gp.Limits(message=10_000)) as app,
        pytest.raises(gp.TooLarge, match="message"),
    ):
        app.echo("x")
    with replay(path), pytest.raises(gp.TooLarge, match="description"):
        gp.connect(URL, limits=gp.Limits(description=100))


@pytest.mark.parametrize("status", [{"status": "x"}, {"status": 200, "headers": 5}, {}])
def test_answers_that_are_none(path: Path, status: Any) -> None:
    """They raise errors of ours, or are read."""
    write_cassette(path, asked=[{"request": "GET /odd", "answers": [status]}])
    with replay(path), gp.connect(URL) as app, contextlib.suppress(gp.GradioProxyError):
        gp.request(app, "GET", "/odd")


def test_a_description_can_change(path: Path) -> None:
    """The second answer to a question comes at the second time."""
    config = describe(title="Later")["config"]
    later = {"request": "GET /config", "answers": [{"status": 200, "json": config}]}
    write_cassette(path, asked=[later])
    with replay(path), gp.connect(URL) as app:
        app.refresh()
        assert app.config["title"] == "Later"
