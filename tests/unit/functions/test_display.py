"""A function in a notebook."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import pytest

from gradioproxy.functions.display import render_function, summarize_signature
from gradioproxy.schema.endpoint import Choice
from tests.support.notebook import HOSTILE, read_page
from tests.support.schemas import endpoint, parameter, result
from tests.support.web_server import Web, serve_app

if TYPE_CHECKING:
    import gradioproxy as gp


@pytest.fixture
def app_web(web: Web) -> Web:
    """Give the server of an app."""
    serve_app(web, "first")
    return web


def test_a_function_displays_itself(session: gp.Session) -> None:
    """As its name, its parameters and what it returns; IPython asks the object."""
    function: Any = session.first
    page = function._repr_html_()
    assert page.startswith("<code>first(text) -&gt; str</code>")
    assert "<code>str</code> A textbox." in page
    assert "returns" in read_page(page)
    assert list(inspect.signature(function).parameters) == ["text"]


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_of_a_description_is_more_than_text(text: str) -> None:
    takes = parameter(text, choices=(Choice(text, text),), default=text)
    made = endpoint((takes,), results=(result(text),), description=text)
    hints: dict[str, Any] = {"a": str, "return": str}
    read_page(render_function("f", ("a",), hints, {"a": text}, made))


def test_many_parameters_are_counted() -> None:
    names = tuple(f"a{number}" for number in range(100))
    made = endpoint(tuple(parameter(name) for name in names))
    page = render_function("f", names, {}, {}, made)
    assert "and 40 more" in read_page(page)


def test_signatures_on_a_line() -> None:
    def f(a: int, b: str = "x" * 100) -> None:
        pass

    text = summarize_signature("f", inspect.signature(f, eval_str=True))
    assert text == f"f(a, b='{'x' * 28}…)"
