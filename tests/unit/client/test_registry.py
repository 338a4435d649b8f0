"""Open sessions are found by name, and the default one is never a guess."""

from __future__ import annotations

import gc
import threading
from typing import TYPE_CHECKING

import pytest

import gradioproxy as gp
from gradioproxy.client.registry import registry
from tests.support.web_server import Web, serve_app

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def app_web(web: Web) -> Iterator[Web]:
    """Give a server that describes an app, and close what a test leaves open."""
    serve_app(web, "predict")
    assert gp.sessions() == []
    yield web
    for session in gp.sessions():
        session.close()


def names() -> list[str]:
    """Return the names of the open sessions."""
    return [session.name for session in gp.sessions()]


def test_a_session_is_called_by_its_host_and_port(app_web: Web) -> None:
    """Without a name, sessions of one app are numbered, and a number that is free is used again."""
    label = f"127.0.0.1:{app_web.port}"
    first, second, third = (gp.connect(app_web.url) for _ in range(3))
    assert names() == [label, f"{label}-2", f"{label}-3"]
    assert [first.name, second.name, third.name] == names()

    second.close()
    assert names() == [label, f"{label}-3"]
    assert gp.connect(app_web.url, name="x").name == "x"
    assert gp.connect(f"{app_web.url}/?__theme=dark").name == f"{label}-2"


def test_running_a_cell_again_leaves_one_session(app_web: Web) -> None:
    """A session without a name is held weakly: what nobody has any more is gone."""
    for _ in range(5):
        app = gp.connect(app_web.url)
    assert len(gp.sessions()) == 1
    assert gp.session() is app
    del app
    gc.collect()
    assert gp.sessions() == []


def test_a_named_session_stays(app_web: Web) -> None:
    """A session that was given a name is there until it is closed."""
    gp.connect(app_web.url, name="kept")
    gc.collect()

    assert gp.session("kept").name == "kept"
    gp.session("kept").close()
    gc.collect()
    assert gp.sessions() == []


def test_a_name_is_taken_once(app_web: Web) -> None:
    """A name that is open is an error, unless it is to be replaced: the old session is closed."""
    first = gp.connect(app_web.url, name="a")
    with pytest.raises(gp.SessionExists, match=r"named 'a' is open.*replace=True"):
        gp.connect(app_web.url, name="a")
    assert gp.session("a") is first

    second = gp.connect(app_web.url, name="a", replace=True)
    assert (first.closed, second.closed) == (True, False)
    assert gp.session("a") is second
    second.close()
    third = gp.connect(app_web.url, name="a")
    assert gp.session("a") is third
    second.close()
    first.close()
    assert gp.session("a") is third


def test_a_label_gives_way_to_a_name(app_web: Web) -> None:
    """A session that was named like another one's label keeps it."""
    label = f"127.0.0.1:{app_web.port}"
    named = gp.connect(app_web.url, name=label)
    unnamed = gp.connect(app_web.url)

    assert (named.name, unnamed.name) == (label, f"{label}-2")


def test_sessions_by_pattern(app_web: Web) -> None:
    """Names are looked for as those of files are, and come in order."""
    for name in ("b1", "a1", "a2", "A3"):
        gp.connect(app_web.url, name=name)

    assert [session.name for session in gp.sessions("a*")] == ["a1", "a2"]
    assert [session.name for session in gp.sessions("?1")] == ["a1", "b1"]
    assert gp.sessions("nothing") == []
    assert names() == ["A3", "a1", "a2", "b1"]


def test_no_session() -> None:
    """Without any session the error says how to open one."""
    with pytest.raises(gp.NoDefaultSession, match=r"No session is open\. Open one with"):
        gp.session()
    with pytest.raises(gp.NoDefaultSession, match=r"named 'x'\. No session is open"):
        gp.session("x")
    assert issubclass(gp.NoDefaultSession, LookupError)


def test_the_default(app_web: Web) -> None:
    """The only session is the default; of several one has to be chosen, until it is closed."""
    first = gp.connect(app_web.url, name="first")
    assert gp.session() is first
    second = gp.connect(app_web.url, name="second")
    with pytest.raises(gp.NoDefaultSession) as raised:
        gp.session()
    assert str(raised.value) == (
        "2 sessions are open ('first', 'second') and none was chosen. Choose with "
        "gradioproxy.set_default(session)."
    )
    with pytest.raises(gp.NoDefaultSession, match=r"named 'thrid'\. Open are 'first', 'second'"):
        gp.session("thrid")

    gp.set_default(second)
    assert gp.session() is second
    gp.set_default(first.name)
    assert gp.session() is first
    with pytest.raises(gp.NoDefaultSession, match="No session is named 'nobody'"):
        gp.set_default("nobody")
    gp.set_default(first)
    assert gp.session() is first
    first.close()
    assert gp.session() is second
    third = gp.connect(app_web.url, name="third")
    with pytest.raises(gp.NoDefaultSession):
        gp.session()
    assert not third.closed


def test_the_default_is_held_weakly(app_web: Web) -> None:
    """Choosing a session does not keep it."""
    app = gp.connect(app_web.url)
    gp.set_default(app)
    assert gp.session() is app
    del app
    gc.collect()
    with pytest.raises(gp.NoDefaultSession):
        gp.session()


def test_a_view_of_a_session_is_no_other_session(app_web: Web) -> None:
    """The same session with other options has its name, and is not there twice."""
    app = gp.connect(app_web.url, name="a")
    view = app.with_options(call_timeout=5)

    assert view.name == "a"
    assert gp.sessions() == [app]
    view.close()
    assert app.closed
    assert gp.sessions() == []
    assert registry._named == {}


def test_threads_never_get_the_same_name(app_web: Web) -> None:
    """However many threads connect at once: each session has a name of its own."""
    start = threading.Barrier(12)
    found: list[gp.Session] = []

    def connect() -> None:
        start.wait()
        found.append(gp.connect(app_web.url))

    threads = [threading.Thread(target=connect) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(found) == 12
    assert len({session.name for session in found}) == 12
    assert sorted(session.name for session in found) == names()


def test_a_session_that_can_not_be_opened_is_not_there(app_web: Web) -> None:
    """An app that is none leaves nothing behind."""
    with pytest.raises(gp.NotGradio):
        gp.connect(f"{app_web.url}/nothing", name="a")
    with pytest.raises(gp.NotGradio):
        gp.connect("no address", name="a")
    assert gp.sessions() == []
    assert registry._named == {}
