"""Calls that were begun elsewhere become jobs, and calls at the primitive level go under a hash."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

import gradioproxy as gp
from tests.support.versions import release_of

if TYPE_CHECKING:
    from tests.support.gradio import Server

SECONDS = 60
"""After this, something hangs that should not."""

NAMED = pytest.mark.since("4.9", "before 4.9 a call lives in the connection that it was made over")
SIMPLE = (4, 20)

SEND = """
import sys, gradioproxy as gp
print(gp.send(sys.argv[1], "/stream_same", ["x"]).event_id)
"""


def begin(app: gp.Session, name: str, *data: Any) -> str:
    """Begin a call at the primitive level, and let go of it."""
    event_id = gp.send(app, name, list(data)).event_id
    assert event_id
    return event_id


@NAMED
def test_a_call_becomes_a_job(app: gp.Session) -> None:
    """With its partial results, its result, and a place among the session's jobs."""
    job = app.jobs.attach(begin(app, "/stream_same", "x"), "stream_same")
    assert list(job) == ["x"] * 3
    assert job.result(SECONDS) == "x"
    assert job.outputs == ["x"] * 3
    assert app.jobs == [job]
    assert "stream_same finished" in repr(job)


@NAMED
def test_results_are_as_always(app: gp.Session) -> None:
    """Converted, as those of other jobs; hidden values are left out."""
    direct, attached = app.state("x"), app.jobs.attach(begin(app, "/state", "x"), "/state")
    assert attached.result(SECONDS) == direct == "x"
    number = app["/echo"].endpoint.function
    assert app.jobs.attach(begin(app, "/echo", "hällo"), number).result(SECONDS) == "hällo"


@NAMED
def test_another_processes_call(server: Server, app: gp.Session) -> None:
    sent = subprocess.run(
        [sys.executable, "-c", SEND, server.url], capture_output=True, text=True, check=True
    )
    assert app.jobs.attach(sent.stdout.strip(), "/stream_same").result(SECONDS) == "x"


@NAMED
def test_many(server: Server) -> None:
    """More than there are streams: some wait, as any calls do, and others are made beside them."""
    with gp.connect(server.url, streams=2) as app:
        begun = [begin(app, "/echo", str(number)) for number in range(8)]
        jobs = [app.jobs.attach(event_id, "/echo") for event_id in begun]
        assert app.echo("beside") == "beside"
        assert [job.result(SECONDS) for job in jobs] == [str(number) for number in range(8)]


@NAMED
def test_cancelling(app: gp.Session) -> None:
    """The server is told; also where the session is closed."""
    token = f"attached {app.version}"
    job = app.jobs.attach(begin(app, "/endless", token), "/endless")
    assert next(iter(job))
    assert job.cancel()
    assert app.wait_end(token)
    with pytest.raises(gp.JobCancelled):
        job.result()
    with gp.connect(app.url) as other:
        job = other.jobs.attach(begin(other, "/endless", token + "!"), "/endless")
        assert next(iter(job))
    assert job.cancelled()
    assert app.wait_end(token + "!")


@NAMED
def test_a_call_that_nobody_knows(app: gp.Session) -> None:
    """What an id leads to is found out by the job."""
    known = begin(app, "/echo", "x")
    session_hash = known.rpartition("/")[0]
    unknown = f"{session_hash}x/{'0' * 32}" if session_hash else "0" * 32
    job = app.with_options(call_timeout=SECONDS).jobs.attach(unknown, "/echo")
    with pytest.raises(gp.GradioProxyError):
        job.result(SECONDS)
    assert app.jobs.attach(known, "/echo").result(SECONDS) == "x"


@NAMED
def test_what_is_wrong_is_said_at_once(app: gp.Session) -> None:
    with pytest.raises(gp.UnknownEndpoint):
        app.jobs.attach("0", "/no_such")
    with pytest.raises(ValueError, match="session_hash has"):
        app.jobs.attach("a/b/c", "/echo")
    if release_of(app.version) < SIMPLE:
        with pytest.raises(gp.ProtocolError, match="pass the whole event_id"):
            app.jobs.attach("0", "/echo")
    app.close()
    with pytest.raises(gp.SessionClosed):
        app.jobs.attach("0", "/echo")


@pytest.mark.before("4.9", "from 4.9 on calls have names")
def test_where_calls_have_no_name(app: gp.Session) -> None:
    assert gp.send(app, "/echo", ["x"]).event_id is None
    with pytest.raises(gp.ProtocolError, match="can't be followed by its id"):
        app.jobs.attach("0", "/echo")


def test_a_call_under_a_hash(app: gp.Session) -> None:
    """It sees what the app keeps for that session, in every version."""
    assert app.state("a") == "a"
    *_, last = gp.send(app, "/state", ["b"], session_hash=app.session_hash)
    assert last.data[0] == "a b"
    assert app.state("c") == "a b c"
    *_, last = gp.send(app.url, "/state", ["x"], session_hash="one-of_mine")
    *_, last = gp.send(app.url, "/state", ["y"], session_hash="one-of_mine")
    assert last.data[0] == "x y"
    with pytest.raises(ValueError, match="session_hash has"):
        gp.send(app, "/state", ["y"], session_hash="a/b")


@NAMED
def test_a_call_under_a_hash_is_found_again(app: gp.Session) -> None:
    """By its id, which has the hash in it: by an event, and by a job."""
    sent = gp.send(app, "/state", ["a"], session_hash="found_again").event_id
    assert sent
    assert sent.startswith("found_again/")
    *_, last = gp.event(app, "/state", sent)
    assert last.data[0] == "a"
    sent = gp.send(app, "/state", ["b"], session_hash="found_again").event_id
    assert sent
    assert app.jobs.attach(sent, "/state").result(SECONDS) == "a b"


@NAMED
def test_a_call_of_the_sessions_own_hash(server: Server, app: gp.Session) -> None:
    """Such as that of a process that has ended; the session's own calls share its stream."""
    own = app.session_hash
    sent = gp.send(server.url, "/stream_same", ["b"], session_hash=own).event_id
    job = app.jobs.attach(sent or "", "/stream_same")
    assert app.state("x") == "x"
    assert (job.result(SECONDS), app.session_hash) == ("b", own)
    assert app.state("y") == "x y"


def test_how_many_are_remembered_can_be_changed(app: gp.Session) -> None:
    """At once, and from then on."""
    assert app.jobs.max_jobs == 1000
    jobs = [app.echo.submit(str(number)) for number in range(4)]
    for job in jobs:
        job.result(SECONDS)
    app.jobs.max_jobs = 2
    assert (app.jobs, app.jobs.max_jobs) == (jobs[2:], 2)
    last = app.echo.submit("last")
    assert app.jobs == [jobs[3], last]
    app.jobs.clear()
    assert app.jobs == [jobs[3], last]
    assert last.result(SECONDS) == "last"
    for wrong in (-1, 1.5, "2", True):
        with pytest.raises((TypeError, ValueError), match="max_jobs is a number of jobs"):
            app.jobs.max_jobs = wrong  # type: ignore[assignment]
