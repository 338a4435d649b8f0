"""A session is to an app what a browser's tab is, against real servers and an app without state."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

import gradioproxy as gp

if TYPE_CHECKING:
    from tests.support.gradio import Server
    from tests.support.gradio.running import RunningServers

SECONDS = 60
"""After this, something hangs that should not."""

TABS = pytest.mark.since("4.22", "before 4.22 an app's functions can't know the session")


@pytest.fixture
def server(gradio: RunningServers, version: str) -> Server:
    """Give the app that keeps something for each tab, under each version in turn."""
    return gradio(version, "tabs")


def test_what_an_event_changed_is_there_in_the_next_call(app: gp.Session) -> None:
    """The choices that one function fills are those of the next, as on the page."""
    app.cities("fr")
    assert app.travel("fr", "Lyon") == "Lyon in fr"
    app.cities("it")
    assert app.travel("it", "Rome") == "Rome in it"


@TABS
def test_calls_one_after_the_other_share_the_sessions_hash(app: gp.Session) -> None:
    """It is the one that the app sees; streams, jobs, files and errors change nothing of that."""
    seen = [app.tab("x") for _ in range(3)]
    assert list(app.count.stream(3)) == ["1", "2", "3"]
    assert app.file_hash(gp.file(__file__))
    seen.append(app.tab.submit("x").result(SECONDS))
    seen += list(app.tab.map(["x", "x"], concurrency=1))
    assert set(seen) == {app.session_hash}
    assert [int(app.visit()) for _ in range(3)] == [1, 2, 3]


@TABS
def test_each_session_is_a_tab_of_its_own(server: Server, app: gp.Session) -> None:
    with gp.connect(server.url) as other:
        assert app.tab("x") == app.session_hash != other.session_hash == other.tab("x")


@TABS
def test_calls_that_overlap_have_hashes_of_lanes(app: gp.Session) -> None:
    """Which are kept, so that the server makes no new state for each of them."""
    token = "overlapping"  # noqa: S105 - the name of a run
    with app.endless.stream(token) as endless:
        next(endless)
        beside = {app.tab("beside") for _ in range(3)}
    assert len(beside) == 1
    assert app.session_hash not in beside
    assert app.wait_end(token)
    assert app.tab("after") == app.session_hash
    with app.endless.stream(token + " again") as endless:
        next(endless)
        assert app.tab("beside") in beside


@TABS
def test_a_session_goes_on_after_a_call_that_was_cancelled(app: gp.Session) -> None:
    """As a tab does in which somebody has pressed the button that stops."""
    app.cities("fr")
    assert app.tab("before") == app.session_hash
    for number in range(3):
        with app.endless.stream(f"cancelled {number}") as endless:
            next(endless)
        assert app.tab("after") == app.session_hash
        assert app.travel("fr", "Lyon") == "Lyon in fr"
    job = app.endless.submit("at once")
    assert job.cancel()
    assert app.tab("after") == app.session_hash
    assert list(app.count.stream(3)) == ["1", "2", "3"]
    assert list(app.tabs.stream(3)) == [app.session_hash] * 3


@TABS
@pytest.mark.parametrize("isolate", [True, False])
def test_every_call_or_none_is_apart(server: Server, isolate: bool) -> None:
    """As `connect` was told."""
    with gp.connect(server.url, isolate=isolate, streams=2) as app:
        seen = {app.tab("x") for _ in range(3)}
        jobs = [app.tab.submit("x") for _ in range(6)]
        seen |= {job.result(SECONDS) for job in jobs}
        if isolate:
            assert len(seen) == 9
            assert app.session_hash not in seen
        else:
            assert seen == {app.session_hash}


@TABS
def test_a_login_changes_nothing(gradio: RunningServers, version: str) -> None:
    server = gradio(version, "tabs", launch={"auth": ["ann", "secret"]})
    with gp.connect(server.url, auth=("ann", "secret")) as app:
        assert [app.tab("x") for _ in range(2)] == [app.session_hash] * 2
        assert app.username() == "ann"
        assert [int(app.visit()) for _ in range(2)] == [1, 2]


@TABS
def test_every_hash_is_told_to_have_ended(server: Server, app: gp.Session) -> None:
    """Those of lanes too: an app frees what it keeps for a tab when that is closed."""
    with gp.connect(server.url, streams=3) as session:
        jobs = [session.slow.submit(0.2) for _ in range(3)]
        used = {session.tab("x")}
        for job in jobs:
            job.result(SECONDS)
        used |= set(session.tab.map(["x"] * 6))
        assert session.session_hash in used
        assert len(used) > 1
        assert not any(app.left(tab, False) for tab in used)
    assert all(app.left(tab, True) for tab in used)


@TABS
def test_a_forked_child_is_another_tab(app: gp.Session) -> None:
    before = app.session_hash
    assert app.tab("x") == before
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.write(writing, app.session_hash.encode())
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(reading, 100).decode() != before
    os.close(reading)
    os.close(writing)
    assert app.tab("x") == app.session_hash == before
