"""The choices that fit where the cursor is."""

from __future__ import annotations

import inspect
import types
from typing import Any

import pytest

import gradioproxy as gp
from gradioproxy.ipython.choices import find_choices
from tests.support.web_server import Reply, Web, serve_app

SENT = ["fast", "slow", "it's", 'so "quoted"', "ünï", "x" * 500, "bad\u202e"]


@pytest.fixture
def app_web(web: Web) -> Web:
    """Give the server of an app with choices."""
    mode = {"type": "radio", "props": {"label": "Mode", "choices": [[each, each] for each in SENT]}}
    many = {"type": "checkboxgroup", "props": {"label": "Many", "choices": [["red", "red"]]}}
    number = {
        "type": "dropdown",
        "props": {"label": "Number", "choices": [["One", 1], ["Ten", 10]]},
    }
    box = {"type": "textbox", "props": {"label": "Text"}}
    components = [{"id": n, **each} for n, each in enumerate([mode, many, number, box])]
    serve_app(web, "first", "close", components=components, dependencies=DEPENDENCIES)
    web.on("/gradio_api/info", Reply(404))  # what is in the components is enough
    return web


DEPENDENCIES = [
    {"id": n, "api_name": name, "inputs": [0, 1, 2, 3], "outputs": [3], "targets": []}
    for n, name in enumerate(["first", "close"])
]


@pytest.fixture
def namespace(session: gp.Session) -> dict[str, Any]:
    """Give a user's variables."""
    made = gp.create_functions(session, prefix="my_")
    return {"app": session, "holder": types.SimpleNamespace(app=session), **made}


def complete(text: str, namespace: dict[str, Any], following: str = "") -> list[str]:
    """Return what is offered."""
    found = find_choices(text, following, namespace)
    if found is None:
        return []
    assert text.endswith(found[0])
    return found[1]


def names(session: gp.Session) -> list[str]:
    """Return the names of the parameters."""
    return list(inspect.signature(session.first).parameters)


def test_the_choices_of_a_parameter(
    session: gp.Session, namespace: dict[str, Any], web: Web
) -> None:
    """As they are written in Python; however the function is reached, and without a request."""
    mode, many, number, text = names(session)
    web.requests.clear()
    shown = ["'fast'", "'slow'", '"it\'s"', "'so \"quoted\"'", "'ünï'"]
    for function in (
        *("app.first", "my_first", "app['/first']", "app[0]", "app.functions.first"),
        *("app.first.submit", "app.first.stream", "my_first.check", "holder.app.first"),
        *("app.close_", "app.functions.close", "app.functions['/first']"),
    ):
        found = complete(f"{function}({mode}=", namespace)
        assert [each for each in found if "bad" not in each] == shown, function
    assert complete(f"my_first({number}=", namespace) == ["1", "10"]
    assert complete(f"my_first({number}=10", namespace) == ["10"]
    assert complete(f"my_first({many}=['", namespace) == ["'red'"]
    assert complete(f"my_first({many}=", namespace) == ["'red'"]
    assert complete(f"my_first({text}=", namespace) == []
    assert complete(f"my_first({mode}=['", namespace) == []
    assert web.requests == []


def test_what_is_typed_already(session: gp.Session, namespace: dict[str, Any]) -> None:
    """Case aside; in the quotation marks that were typed, of which an editor may add the second."""
    mode = names(session)[0]
    assert complete(f"my_first({mode}='FA", namespace) == ["'fast'"]
    assert complete(f'my_first({mode}="fa', namespace) == ['"fast"']
    assert complete(f"my_first({mode}=fa", namespace) == ["'fast'"]
    assert complete(f"my_first({mode}='fa", namespace, "'") == ["'fast"]
    assert complete(f'my_first({mode}="fa', namespace, '"') == ['"fast']
    assert complete(f"my_first({mode}='it", namespace) == ['"it\'s"']
    assert complete(f"my_first({mode}='it", namespace, "'") == []
    assert complete(f"my_first({mode}=zz", namespace) == []
    assert complete("my_first('fa", namespace) == ["'fast'"]
    assert complete("my_first('fast', ['r", namespace) == ["'red'"]
    assert complete("my_first('fast', [", namespace) == ["'red'"]
    assert complete("my_first(", namespace) == []  # a parameter's name may be meant


def test_what_is_none_of_ours(session: gp.Session, namespace: dict[str, Any]) -> None:
    """No property of the user's is asked, and the session's own members are none."""

    class Trap:
        @property
        def first(self) -> Any:
            raise AssertionError("asked")

        def __getattr__(self, name: str) -> Any:
            raise AssertionError(name)

    namespace["trap"] = Trap()
    mode = names(session)[0]
    for code in (
        *("trap.first(", "trap.other(", "nothing(", "nothing.first(", "app.close("),
        *("app.nothing(", "app['/nothing'](", "app[99](", "app.functions[99](", "print("),
        *("app.first.map(", "app.first.endpoint(", "my_first.with_options("),
    ):
        assert complete(f"{code}{mode}=", namespace) == [], code


def test_what_would_hide_itself_is_escaped(session: gp.Session, namespace: dict[str, Any]) -> None:
    found = complete(f'my_first({names(session)[0]}="bad', namespace)
    assert all("\u202e" not in each for each in found)
