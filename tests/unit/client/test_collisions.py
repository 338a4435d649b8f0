"""An app's functions that are called like members of a session: whoever uses one is told."""

from __future__ import annotations

import contextlib
import copy
import inspect
import pydoc
import rlcompleter
import threading
import warnings
from typing import TYPE_CHECKING, Any

import pytest
from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

import gradioproxy as gp
from gradioproxy.client.connection import PUBLIC
from tests.support.web_server import Web, serve_app

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

PLAIN = pydoc._PlainTextDoc()  # type: ignore[attr-defined]

METHODS: dict[str, Callable[[Any], Any]] = {
    "close": lambda app: app.close(),
    "refresh": lambda app: app.refresh(),
    "with_options": lambda app: app.with_options(validate=False),
    "forget": lambda app: app.forget("finished"),
    "tools": lambda app: app.tools(),
    "call_tool": lambda app: app.call_tool("nothing_like_it"),
}
ATTRIBUTES = sorted(PUBLIC - METHODS.keys())


@pytest.fixture
def app(web: Web) -> Iterator[gp.Session]:
    """Give a session with an app that has a function for each member of a session."""
    serve_app(web, *sorted(PUBLIC), "other")
    with gp.connect(web.url) as session:
        yield session


def seen(action: Callable[[], Any]) -> list[warnings.WarningMessage]:
    """Return the warnings of an action, which may fail."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with contextlib.suppress(gp.GradioProxyError):
            action()
    return caught


@pytest.mark.parametrize("name", METHODS)
def test_calling_a_method_warns_once(app: gp.Session, name: str) -> None:
    """The warning is at the line of the call, and says how the app's function is reached."""
    [warning] = seen(lambda: METHODS[name](app))

    assert warning.category is gp.NameCollision
    assert warning.filename == __file__
    line = inspect.getsourcelines(METHODS[name])[1]
    assert warning.lineno == line
    for way in (f"app.{name}_", f"app['/{name}']", f"app.functions.{name}"):
        assert way in str(warning.message)
    assert seen(lambda: METHODS[name](app)) == []


@pytest.mark.parametrize("name", ATTRIBUTES)
def test_reading_an_attribute_warns_once(app: gp.Session, name: str) -> None:
    """The value is the session's own all the same."""
    [warning] = seen(lambda: getattr(app, name))

    assert (warning.category, warning.filename) == (gp.NameCollision, __file__)
    assert f"app.{name}_" in str(warning.message)
    assert seen(lambda: getattr(app, name)) == []


def test_what_the_warning_names_is_there(app: gp.Session) -> None:
    """Each way that it names leads to the function."""
    with pytest.warns(gp.NameCollision, match=r"app\.functions_"):
        functions = app.functions
    assert app.refresh_ is app["/refresh"] is app["refresh"] is functions.refresh


def test_members_are_what_they_were(app: gp.Session, web: Web) -> None:
    """A warning changes neither what a member does nor how it looks."""
    with pytest.warns(gp.NameCollision):
        assert app.url == web.url
    with pytest.warns(gp.NameCollision):
        assert len(app.tools("mcp")) == len(PUBLIC) + 1
    for name in METHODS:
        own, plain = getattr(type(app), name), getattr(gp.Session, name)
        assert inspect.signature(own) == inspect.signature(plain)
        assert f"``app.{name}_``" in inspect.getdoc(own)  # type: ignore[operator]
    with pytest.raises(AttributeError):
        app.url = "elsewhere"  # type: ignore[misc]


def test_no_collision_no_warning(web: Web) -> None:
    """Only the names that the app has warn; warnings are errors in these tests."""
    serve_app(web, "refresh", "urls")
    with gp.connect(web.url) as app:
        assert app.url == web.url
        assert app.name
        app.forget("all")
        with pytest.warns(gp.NameCollision, match="app.refresh_"):
            app.refresh()


def test_each_session_warns_and_its_copies_do_not(web: Web) -> None:
    """`with_options` makes no other session of one; connecting again does."""
    serve_app(web, "refresh")
    for _ in range(2):
        with gp.connect(web.url) as app:
            assert len(seen(app.refresh)) == 1
            assert seen(app.with_options(validate=False).refresh) == []


def test_names_that_come_later_warn_too(web: Web) -> None:
    """What a new description has counts from then on."""
    serve_app(web, "other")
    with gp.connect(web.url) as app:
        assert app.version == "5.50.0"
        serve_app(web, "version")
        app.refresh()
        with pytest.warns(gp.NameCollision, match="app.version_"):
            assert app.version == "5.50.0"


def test_the_library_does_not_warn_itself(app: gp.Session) -> None:
    """Neither does what shows a session, nor a block that closes it."""
    assert str(app)
    assert repr(app)
    assert app._repr_html_()
    assert app["/other"].check("x")
    assert gp.sessions() == [app]
    assert gp.create_functions(app, into={})
    gp.remove_functions(app)
    with contextlib.closing(app), app:
        pass
    with contextlib.ExitStack() as stack:
        stack.enter_context(app)


def test_what_only_looks_does_not_warn(app: gp.Session) -> None:
    """Help, completers of Python and copies read attributes of every object."""
    assert dir(app)
    assert pydoc.render_doc(app, renderer=PLAIN)
    assert pydoc.render_doc(type(app), renderer=PLAIN)
    assert inspect.getmembers(app)
    assert inspect.getmembers(type(app))
    assert rlcompleter.Completer({"app": app}).attr_matches("app.")
    assert rlcompleter.Completer({"app": app}).attr_matches("app.na")
    assert copy.copy(app).__class__.__name__ == "Session"


@pytest.mark.parametrize("jedi", [True, False])
def test_a_prompt_does_not_warn(app: gp.Session, tmp_path: Path, jedi: bool) -> None:
    """Neither completion nor ``app.name?`` does, nor showing the session."""
    config = Config()
    config.HistoryManager.enabled = False
    kind: Any = InteractiveShell
    shell = kind(config=config, ipython_dir=str(tmp_path))
    shell.Completer.use_jedi = jedi
    shell.user_ns["app"] = app

    def look() -> None:
        with provisionalcompleter():
            for code in ("app.", "app.na", "app.info.", "app.refresh(", "app.jobs[0].", "app["):
                list(shell.Completer.completions(code, len(code)))
        for name in PUBLIC:
            shell.run_line_magic("pinfo", f"app.{name}")
        shell.display_formatter.format(app)

    assert [str(warning.message) for warning in seen(look)] == []


def test_a_name_of_a_script_is_no_library(app: gp.Session) -> None:
    """Code is the user's by where it is, even if its module is called like one of Python's."""
    code = compile("app.url", "/home/me/queue.py", "eval")
    [warning] = seen(lambda: eval(code, {"__name__": "queue", "app": app}))  # noqa: S307 - a script

    assert warning.filename == "/home/me/queue.py"


def test_a_method_that_a_thread_calls_warns(app: gp.Session) -> None:
    """Where a method is only passed on, whoever calls it is who uses it."""

    def call() -> None:
        thread = threading.Thread(target=app.refresh)
        thread.start()
        thread.join()

    [warning] = seen(call)
    assert warning.category is gp.NameCollision
