"""Descriptions that are made to do harm become valid functions, or are refused in clear words."""

from __future__ import annotations

import inspect
import subprocess
import sys
import typing
from typing import Any

import pytest
from hypothesis import given

from gradioproxy.errors import GradioProxyError, SchemaError
from gradioproxy.text import clean
from tests.support.app_documents import connection_to, documents, functions_of
from tests.support.gradio import ROOT

JSON = Any


def assert_clean(text: str) -> None:
    """Check that a text has nothing that a terminal obeys."""
    assert text == clean(text, len(text) + 1)


def assert_valid(function: Any) -> None:
    """Check that a function is one that can be looked at in every way, and shows nothing hidden."""
    parameters = inspect.signature(function).parameters
    source = inspect.getsource(function)

    assert isinstance(inspect.unwrap(function), type(assert_valid))
    assert all(name.isidentifier() for name in (function.__name__, *parameters))
    assert typing.get_type_hints(function).keys() == {*parameters, "return"}
    for other in (function.stream, function.submit, function.check):
        assert [*inspect.signature(other).parameters] == [*parameters]
        typing.get_type_hints(other)
    for text in (function.__doc__, source, str(inspect.signature(function))):
        assert_clean(text)
    assert source.startswith(f"def {function.__name__}(")
    assert function.endpoint.is_compatible(function.endpoint)


def raised(action: Any) -> str:
    """Return what an action says, or the error that it ends with."""
    try:
        return str(action())
    except GradioProxyError as error:
        return str(error)


@pytest.mark.parametrize("said", [[], {}, [["textbox"]], 5, None, 10**400])
@pytest.mark.parametrize("key", ["type", "skip_api", "props", "id", "api_info", "serializer"])
def test_a_component_that_is_none(key: str, said: JSON) -> None:
    """Whatever an app says of a component, its function is made."""
    component = {"id": 1, "type": "slider", "props": {"minimum": 10**400}, "skip_api": False}
    for broken in ({**component, key: said}, {"id": 1, "props": {}, "type": said, key: said}):
        config = {
            "version": "3.50.2",
            "components": [broken],
            "dependencies": [{"id": -880, "api_name": "f", "inputs": [1], "outputs": [1]}],
        }
        described = {"label": "x", "type": {"type": "number"}, "component": "Slider"}
        for info in (None, {"named_endpoints": {"/f": {"parameters": [described], "returns": []}}}):
            for function in functions_of(connection_to(config, info)):
                assert_valid(function)
                raised(lambda f=function: f.check(10**400))


@given(documents())
def test_any_description(drawn: tuple[JSON, JSON]) -> None:
    """Whatever an app says of itself: functions, or one clear error."""
    try:
        connection = connection_to(*drawn)
    except SchemaError:
        connection = None
    for function in functions_of(connection) if connection else ():
        assert_valid(function)
        count = len(inspect.signature(function).parameters)
        with pytest.raises(TypeError, match="nonsense"):
            function.check(*([None] * count), nonsense=1)
        for value in (None, "text", [1], {"path": "x"}):
            assert_clean(raised(lambda f=function, v=value, n=count: f.check(*([v] * n))))


def test_nothing_is_compiled_but_names() -> None:
    """While functions are made, nothing that an app sent is compiled but as a checked name."""
    command = [sys.executable, "-m", "tests.support.programs.compile_watch"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert (ran.returncode, ran.stderr) == (0, "")
    assert int(ran.stdout) > 100
