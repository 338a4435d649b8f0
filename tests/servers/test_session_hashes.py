"""Sessions that go on elsewhere, and those that begin anew, against real servers with a state."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING

import pytest

import gradioproxy as gp
from gradioproxy.options import SessionOptions

if TYPE_CHECKING:
    from tests.support.gradio import Server
    from tests.support.gradio.running import RunningServers

SECONDS = 60
"""After this, something hangs that should not."""


def test_a_session_goes_on_in_another_one(server: Server, app: gp.Session) -> None:
    """What the app keeps for it is there, and what the other one adds."""
    assert app.state("a") == "a"
    with gp.connect(server.url, session_hash=app.session_hash) as other:
        assert other.session_hash == app.session_hash
        assert other.state("b") == "a b"
        assert app.state("c") == "a b c"
        assert other.state.submit("d").result(SECONDS) == "a b c d"
    assert app.state("e") == "a b c d e"


@pytest.mark.since("4.29", "before 4.29 an app does not say whether it wants a heartbeat")
def test_its_end_is_not_told_by_whoever_goes_on_with_it(server: Server) -> None:
    """Or the app would let go of what it keeps for a tab that is open."""
    with gp.connect(server.url) as observer:
        with gp.connect(server.url) as app:
            token = app.session_hash
            assert app.state("x") == "x"
            with gp.connect(server.url, session_hash=token) as other:
                assert other.state("y") == "x y"
            assert not observer.unloaded(token, False)
            assert app.state("z") == "x y z"
        assert observer.unloaded(token, True)


def test_a_state_is_left(server: Server, app: gp.Session) -> None:
    """Another hash, and nothing of what was; functions stay the same objects."""
    old, state = app.session_hash, app.state
    assert [state("a"), state("b")] == ["a", "a b"]
    app.refresh()
    assert (app.session_hash, state("c")) == (old, "a b c")
    app.refresh(state=True)
    assert app.session_hash != old
    assert app.state is state
    assert [state("x"), state("y")] == ["x", "x y"]
    with gp.connect(server.url, session_hash=old) as former:
        assert former.state("d") == "a b c d"


def test_calls_under_way_go_on(app: gp.Session) -> None:
    """Under the hash that they were begun under, also beside those that begin anew."""
    token = f"left {app.version}"
    with app.endless.stream(token) as endless:
        next(endless)
        app.refresh(state=True)
        assert app.state("x") == "x"
        assert next(endless)
        assert app.state("y") == "x y"
    assert app.wait_end(token)
    assert app.state("z") == "x y z"


@pytest.mark.since("4.29", "before 4.29 an app does not say whether it wants a heartbeat")
def test_the_app_is_told_of_the_one_that_was_left(app: gp.Session) -> None:
    """At once, or when its last call is over."""
    app.state("x")
    old = app.session_hash
    app.refresh(state=True)
    assert app.unloaded(old, True)
    old, token = app.session_hash, f"told {app.version}"
    with app.endless.stream(token) as endless:
        next(endless)
        app.refresh(state=True)
        assert not app.unloaded(old, False)
    assert app.unloaded(old, True)


@pytest.mark.since("4.22", "before 4.22 an app's functions can't know the session")
def test_an_app_without_a_state(gradio: RunningServers, version: str) -> None:
    """It may keep something all the same; calls beside others never get what was left."""
    server = gradio(version, "tabs")
    with gp.connect(server.url, session_hash="somebody-s_tab") as app:
        assert app.tab("x") == app.session_hash == "somebody-s_tab"
        assert int(app.visit()) == 1
        with app.endless.stream(f"beside {version}") as endless:
            next(endless)
            app.refresh(state=True)
            seen = {app.tab("x"), *app.tab.map(["x"] * 5)}
        seen |= {app.tab("x"), *app.tab.map(["x"] * 20)}
        assert "somebody-s_tab" not in seen
        assert app.session_hash in seen
        assert int(app.visit()) == 1


@pytest.mark.parametrize("version", ["6.31.0"])
def test_nobody_is_shown_it(server: Server) -> None:
    """Whoever has it can call as that visitor."""
    with gp.connect(server.url, session_hash="somebody-s_tab") as app:
        shown = repr(app) + str(app) + repr(pickle.dumps(app)) + repr(app.__connection__)
        assert "somebody" not in shown + repr(SessionOptions(session_hash="somebody-s_tab"))


@pytest.mark.parametrize("wrong", ["", "a/b", "a b", "..", "a?b", "ü", "x" * 201, 'a"'])
def test_what_is_no_hash(wrong: str) -> None:
    """It is refused before anything is sent."""
    with pytest.raises(ValueError, match="session_hash has letters"):
        gp.connect("127.0.0.1:1", session_hash=wrong)


def test_what_can_not_be_meant() -> None:
    with pytest.raises(ValueError, match="isolate=True"):
        gp.connect("127.0.0.1:1", session_hash="a", isolate=True)
    with pytest.raises(TypeError, match="session_hash is text, not int"):
        gp.connect("127.0.0.1:1", session_hash=3)  # type: ignore[arg-type]
