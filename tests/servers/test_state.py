"""Apps that keep a state for each session, against real servers."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

import gradioproxy as gp

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.gradio import Server


def test_the_state_is_kept_from_call_to_call(server: Server) -> None:
    """A session keeps the app's state, also over calls that run at the same time."""
    with gp.connect(server.url) as app:
        assert [app.state("a"), app.state("b"), app.state("c")] == ["a", "a b", "a b c"]
        assert app.hidden_between("x", "y").split()[0] == "x"


@pytest.mark.since("4.29", "before 4.29 an app does not say whether it wants a heartbeat")
def test_closing_a_session_runs_the_unload_handlers(server: Server) -> None:
    """An app that wants to know when a session ends is told, by the end of its heartbeat."""
    with gp.connect(server.url) as observer:
        with gp.connect(server.url) as app:
            assert app.state("x") == "x"
            token = app.session_hash
            assert not observer.unloaded(token, False)
        assert observer.unloaded(token, True)


def test_an_app_without_use_for_it_gets_no_heartbeat(stateless: Server) -> None:
    """Where the app does not ask for it, there is neither the request nor the thread."""
    with gp.connect(stateless.url) as app:
        app.echo("x")
        names = [thread.name for thread in threading.enumerate()]
    assert not [name for name in names if "heartbeat" in name]


def test_connecting_starts_no_thread(server: Server) -> None:
    """Connecting reads the description and does nothing else."""
    before = threading.active_count()
    with gp.connect(server.url):
        assert threading.active_count() == before


def test_a_full_memory_warns_where_a_call_is_made(stateless: Server) -> None:
    """Whichever way a call is made, the warning points at its line."""
    with gp.connect(stateless.url, max_jobs=1, max_jobs_policy="warn") as app:
        ways: list[Callable[[], object]] = [
            lambda: app.echo("x"),
            lambda: app.echo.submit("x").result(),
            lambda: list(app.echo.stream("x")),
            lambda: list(app.echo.map(["x"])),
        ]
        app.echo("the one that is remembered")
        for way in ways:
            with pytest.warns(RuntimeWarning, match="more than 1 jobs") as caught:
                way()
            assert [warning.filename for warning in caught] == [__file__]
