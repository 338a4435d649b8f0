"""Functions of written modules: they connect late, and call only what is as it was written."""

from __future__ import annotations

import inspect
import pickle
import sys
import threading
import types
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

import gradioproxy as gp
from gradioproxy._version import __version__
from gradioproxy.client.export import render_module
from gradioproxy.functions.codegen import APP_DEFAULT
from gradioproxy.functions.function import is_built
from tests.support.web_server import Exchange, Reply, Web, serve_app

if TYPE_CHECKING:
    from collections.abc import Iterator

SECONDS = 20


@pytest.fixture
def app_web(web: Web) -> Web:
    """Give the server of an app."""
    serve_app(web, "first", "second")
    return web


def load(text: str) -> Any:
    """Import a module from its text."""
    module: Any = types.ModuleType("written")
    sys.modules["written"] = module
    code = compile(text, "written.py", "exec", dont_inherit=True)
    exec(code, vars(module))  # noqa: S102 - written by us
    return module


@pytest.fixture
def written(app_web: Web) -> Iterator[Any]:
    """Give the module of an app, which nobody has connected to."""
    with gp.connect(app_web.url) as session:
        text = render_module(session)
    app_web.requests.clear()
    yield load(text)
    if sys.modules["written"]._app._session is not None:
        sys.modules["written"]._app._session.close()
    del sys.modules["written"]


def test_functions(written: Any, app_web: Web) -> None:
    """They are functions with all that functions have, and nothing is asked to make them."""
    assert inspect.isfunction(written.first)
    function: Any = vars(written)["first"]
    assert str(inspect.signature(function)) == "(text: str) -> str"
    assert (function.__name__, function.__module__) == ("first", "written")
    assert "Call the app's" in function.__doc__
    assert inspect.signature(function.submit).return_annotation is gp.Job
    for one in (function, function.submit, function.map):
        assert pickle.loads(pickle.dumps(one)) is one  # noqa: S301 - made here
    assert is_built(function)
    assert is_built(function.submit)
    assert app_web.requests == []


def test_a_session_is_opened_once(written: Any, app_web: Web) -> None:
    """With the first call, and it is none that `sessions` knows."""
    assert written.first.check("a").data == ["a"]
    asked = len(app_web.requests)
    assert asked
    assert written.second.check("b").data == ["b"]
    assert len(app_web.requests) == asked
    assert gp.sessions() == []
    with pytest.raises(gp.NoDefaultSession):
        gp.session()


def test_connecting_before(written: Any) -> None:
    """With the options of `connect`; a name would put it among the others."""
    session = written.connect(validate=False, headers={"X-Key": "value"})
    assert isinstance(session, gp.Session)
    assert written._app.get_session() is session
    assert gp.sessions() == []
    for name in ("name", "replace"):
        with pytest.raises(TypeError, match=name):
            written.connect(**{name: "x"})
    with pytest.raises(TypeError):
        written.connect(timeuot=3)
    session.close()
    with pytest.raises(gp.SessionClosed):
        written.first("a")


def test_connecting_while_it_opens(written: Any, app_web: Web) -> None:
    """It waits for nothing; what was being opened is closed, and its callers get this one."""
    describe = app_web.script("/config")
    assert isinstance(describe, Reply)
    go_on = threading.Event()

    def wait(exchange: Exchange) -> None:
        assert go_on.wait(SECONDS)
        exchange.answer(describe)

    app_web.on("/config", wait, describe)
    with ThreadPoolExecutor(2) as pool:
        opening = [pool.submit(written._app.get_session) for _ in range(2)]
        app_web.wait_until(lambda: "/config" in app_web.paths())
        session = written.connect()
        go_on.set()
        assert [one.result(SECONDS) for one in opening] == [session, session]
    assert app_web.paths().count("/config") == 2
    assert written.first.check("a").data == ["a"]


def test_an_opening_that_failed(written: Any, app_web: Web) -> None:
    """The next call tries it again."""
    describe = app_web.script("/config")
    assert isinstance(describe, Reply)
    app_web.on("/config", Reply(404), describe)
    with pytest.raises(gp.GradioProxyError):
        written.first.check("a")
    app_web.on("/config", describe)
    assert written.first.check("a").data == ["a"]


def test_a_login_that_is_wanted(written: Any, app_web: Web) -> None:
    """The error says how a module is given one."""
    app_web.on("/config", Reply(401))
    with pytest.raises(gp.AuthenticationError, match=r"connect\(token=.* GRADIOPROXY_ACCESS"):
        written.first("a")


def test_options_of_calls(written: Any, app_web: Web) -> None:
    """Wrong ones are errors at once; right ones give a function like it."""
    with pytest.raises(TypeError, match="timeuot"):
        written.first.with_options(timeuot=3)
    other = written.first.with_options(validate=False).with_options(call_timeout=3)
    assert isinstance(other, types.FunctionType)
    assert app_web.requests == []
    assert vars(other)["check"]("a").data == ["a"]


def test_headers_of_calls(written: Any) -> None:
    """They are added to what there is, here and in the session."""
    written.connect(headers={"X-Key": "session", "X-Team": "blue"})
    other = written.first.with_options(headers={"X-Call": "c"}).with_options(
        headers={"x-key": None}
    )
    shown = vars(other)["check"]("a").curl
    assert ("X-Team" in shown, "X-Call" in shown, "X-Key" in shown) == (True, True, False)


def test_event_data_are_copied(written: Any) -> None:
    """What the caller does with them later changes no call."""
    data = {"index": 1}
    other = written.first.with_options(event_data=data)
    data["index"] = 2
    assert other.check("a").event_data == {"index": 1}


def test_arguments(written: Any) -> None:
    """Wrong calls are Python's own errors."""
    with pytest.raises(TypeError, match=r"first\(\) missing 1 required positional argument"):
        written.first()
    with pytest.raises(TypeError, match="unexpected keyword argument"):
        written.first(txet="a")


def test_an_app_that_has_changed(written: Any, app_web: Web) -> None:
    """The function that changed says what did, and the other one works."""
    box = {"type": "textbox", "props": {"label": "Other", "name": "textbox"}}
    names = ("second", "first")
    serve_app(app_web, "second")
    with pytest.raises(gp.SchemaChanged, match=r"first\(\) .* no such function") as caught:
        written.first("a")
    assert "Nothing was sent" in str(caught.value)
    assert written.second.check("a").data == ["a"]
    serve_app(app_web, *names, components=[{"id": 1, **box}, {"id": 2, **box}])
    app_web.on("/gradio_api/info", Reply(404))  # which would have the old label
    written._app.get_session().refresh()
    with pytest.raises(gp.SchemaChanged, match="there is no 'text' any more"):
        written.first("a")


def test_another_version_of_ours(app_web: Web) -> None:
    """What it says of types in other words is no change of the app."""
    with gp.connect(app_web.url) as session:
        text = render_module(session).replace("text: str)", "text: bytes)")
    changed = load(text)
    with pytest.raises(gp.SchemaChanged, match="'text' takes str, and took bytes"):
        changed.first.check("a")
    older = load(text.replace(f'"{__version__}"', '"0.0.1"'))
    assert older.first.check("a").data == ["a"]
    fewer = load(text.replace(f'"{__version__}"', '"0.0.1"').replace("(text: bytes)", "()"))
    with pytest.raises(gp.SchemaChanged, match="'text' is needed"):
        fewer.first.check()
    for module in (changed, older, fewer):
        module._app.get_session().close()
    del sys.modules["written"]


def test_an_app_that_is_gone(app_web: Web) -> None:
    """That is told when it is called, and in one line."""
    with gp.connect(app_web.url) as session:
        text = render_module(session).replace(app_web.url, "http://127.0.0.1:1")
    gone = load(text)
    del sys.modules["written"]
    with pytest.raises(gp.ConnectError) as caught:
        gone.first("a")
    assert len(str(caught.value).splitlines()) == 1


def test_the_default_of_the_app() -> None:
    assert repr(APP_DEFAULT) == "<default of the app>"
    assert pickle.loads(pickle.dumps(APP_DEFAULT)) is APP_DEFAULT  # noqa: S301 - made here
