"""Sessions at a prompt: functions in the namespace, and what is told of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import gradioproxy as gp
from gradioproxy.errors import NameTaken
from gradioproxy.ipython.opening import choose_prefix, explain_taken, open_functions
from tests.support.web_server import Web, serve_app

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gradioproxy.ipython.opening import Opened


@pytest.fixture
def opened(web: Web) -> Iterator[tuple[Opened, dict[str, Any]]]:
    """Give what was opened, and the namespace."""
    serve_app(web, "first", "gone")
    namespace: dict[str, Any] = {"mine": 1}
    made = open_functions(web.url, namespace, prefix="p_")
    yield made, namespace
    made.session.close()


def test_functions_are_created(opened: tuple[Opened, dict[str, Any]]) -> None:
    """Under the names that they are told by."""
    made, namespace = opened
    assert namespace == {"mine": 1, **made.functions}
    assert list(made.functions) == ["p_first", "p_gone"]
    shown = made.render()
    assert "p_first(text) -> str" in shown["text/plain"]
    assert "<code>p_first(text) -&gt; str</code>" in shown["text/html"]
    assert shown["text/plain"].startswith(f"{made.session.name}: 2 functions of {made.session.url}")


def test_opened_again(opened: tuple[Opened, dict[str, Any]], web: Web) -> None:
    """It is the same session to its user, and what the app no longer has is gone."""
    earlier, namespace = opened
    name = earlier.session.name
    serve_app(web, "first", "new")
    made = open_functions(web.url, namespace, prefix="p_", earlier=earlier)
    with made.session:
        assert earlier.session.closed
        assert made.session.name == name
        assert namespace.keys() == {"mine", "p_first", "p_new"}
        assert gp.session(name) is made.session


def test_what_can_not_be_opened_again_stays(
    opened: tuple[Opened, dict[str, Any]], web: Web
) -> None:
    """As it is, with its name and its functions, whatever goes wrong with the new one."""
    earlier, namespace = opened
    namespace["p_new"] = "mine"
    before = dict(namespace)
    name = earlier.session.name
    serve_app(web, "first", "new")
    for options in ({"earlier": earlier}, {"name": name, "replace": True}):
        with pytest.raises(NameTaken):
            open_functions(web.url, namespace, prefix="p_", **options)
        with pytest.raises(ValueError, match="Python"):
            open_functions(web.url, namespace, prefix="1", **options)
        with pytest.raises(gp.errors.GradioProxyError):
            open_functions("http://127.0.0.1:1", namespace, prefix="p_", **options)
    assert namespace == before
    assert gp.session(name) is earlier.session
    assert gp.sessions() == [earlier.session]
    del namespace["p_new"]
    made = open_functions(web.url, namespace, prefix="p_", name=name, replace=True)
    with made.session:
        assert earlier.session.closed
        assert gp.sessions() == [made.session]
        assert made.render()["text/plain"].startswith(f"{name}: 2 functions")
    assert gp.sessions() == []


def test_a_session_that_is_not_to_be_replaced_is_not(
    opened: tuple[Opened, dict[str, Any]], web: Web
) -> None:
    with pytest.raises(gp.errors.SessionExists):
        open_functions(web.url, {}, name=opened[0].session.name)
    assert not opened[0].session.closed


def test_a_name_that_is_taken(web: Web) -> None:
    """Nothing was created, and nothing is open."""
    serve_app(web, "first", "mine")
    before = gp.sessions()
    with pytest.raises(NameTaken) as caught:
        open_functions(web.url, namespace := {"mine": 1})
    assert namespace == {"mine": 1}
    assert gp.sessions() == before
    assert explain_taken(caught.value) == (
        "mine: taken by something else. Nothing was created; choose a --prefix."
    )


def test_prefixes() -> None:
    """A word of the address, and one for each."""
    taken: set[str] = set()
    sources = (
        *("owner/Space-One", "other/space-one", "http://127.0.0.1:7860", "localhost:7860/"),
        *("https://example.com/my-app/?x=1", "https://hf.space/9lives", "owner/class"),
    )
    assert [choose_prefix(source, taken) for source in sources] == [
        *("space_one_", "space_one1_", "app1_", "localhost_7860_", "my_app_", "app2_", "class_"),
    ]
