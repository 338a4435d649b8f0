"""What a function that is called makes of its arguments."""

from __future__ import annotations

from typing import Any

import pytest

from gradioproxy.calls.request import (
    CallRequest,
    ensure_takes_event,
    find_left_out,
    find_page_event,
    render_call,
)
from gradioproxy.errors import ArgumentError
from gradioproxy.functions.codegen import REQUIRED
from gradioproxy.options import CallOptions
from gradioproxy.protocols.conversation import NO_EVENT, PageEvent
from gradioproxy.schema.endpoint import App, Target
from gradioproxy.schema.parse import parse_app
from tests.support.schemas import endpoint

SIZES = [1, 2]


class Array:
    """As NumPy's, whose comparison is no answer."""

    def __eq__(self, other: object) -> Any:
        return [False]

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return "array"


ARRAY = Array()


@pytest.mark.parametrize(
    ("arguments", "defaults", "left_out", "call"),
    [
        ({}, {}, set(), "f()"),
        ({"a": 1, "b": "x"}, {}, set(), "f(a=1, b='x')"),
        ({"a": 1, "b": None}, {"b": None}, {"b"}, "f(a=1)"),
        ({"a": None, "b": None}, {"b": None}, {"b"}, "f(a=None)"),
        ({"a": True}, {"a": 1}, set(), "f(a=True)"),
        ({"a": 1.0}, {"a": 1}, set(), "f(a=1.0)"),
        ({"a": SIZES}, {"a": SIZES}, {"a"}, "f()"),
        ({"a": [1, 2]}, {"a": SIZES}, set(), "f(a=[1, 2])"),
        ({"a": ARRAY}, {"a": None}, set(), "f(a=array)"),
        ({"a": ARRAY}, {"a": ARRAY}, {"a"}, "f()"),
        ({"a": None, "b": 2}, {"a": None, "b": REQUIRED}, {"a"}, "f(b=2)"),
        ({"a": "x" * 100}, {}, set(), None),
    ],
)
def test_what_is_left_out(
    arguments: dict[str, Any], defaults: dict[str, Any], left_out: set[str], call: str | None
) -> None:
    """A default is left out where it is the very object; what equals it was given."""
    assert find_left_out(arguments, defaults) == left_out
    text = render_call("f", arguments, defaults)
    assert text == call if call else len(text) < 80


def app_of(version: str, protocol: str | None = "sse_v3") -> App:
    """Return an app without functions."""
    return parse_app({"version": version, "protocol": protocol, "dependencies": []})


@pytest.mark.parametrize(
    ("version", "options", "target", "expected"),
    [
        ("6.31.0", {}, Target(7, "select", ""), NO_EVENT),
        ("6.31.0", {"event_data": {"index": 0}}, None, PageEvent({"index": 0})),
        ("6.31.0", {"event_data": 0}, Target(7, "select", ""), PageEvent(0, 7)),
        ("6.31.0", {"event_data": 0, "trigger_id": 0}, Target(7, "like", ""), PageEvent(0, 0)),
        ("6.31.0", {"trigger_id": 9}, Target(7, "select", ""), PageEvent(None, 9)),
        ("4.0.2", {"event_data": [1]}, Target(7, "select", ""), PageEvent([1])),
    ],
)
def test_what_of_the_page_a_call_is_made_for(
    version: str, options: dict[str, Any], target: Target | None, expected: PageEvent
) -> None:
    """Without another it is the first component that calls the function."""
    found = find_page_event(app_of(version), endpoint(target=target), CallOptions(**options))
    assert found == expected


EVENT = {"event_data": {"index": 0}}


@pytest.mark.parametrize(
    ("version", "protocol", "options", "said"),
    [
        ("3.20.1", None, EVENT, "needs Gradio 3.21 or later, and the app has 3.20.1"),
        ("3.20.1", None, {"trigger_id": 1}, "needs Gradio 3.21 or later"),
        ("3.21.0", None, EVENT, ""),
        ("3.21.0", None, {}, ""),
        ("3.16.2", None, {}, ""),
        ("4.2.0", "sse", {**EVENT, "trigger_id": 1}, "trigger_id: got 1; it needs Gradio 4.3"),
        ("4.3.0", "sse", {**EVENT, "trigger_id": 1}, ""),
        ("7.0.0", "sse_v9", EVENT, "no call of the protocol 'sse_v9' can bring it"),
        ("7.0.0", "sse_v9", {}, ""),
    ],
)
def test_what_an_app_has_no_ear_for(
    version: str, protocol: str | None, options: dict[str, Any], said: str
) -> None:
    """It is an error, where the app would ignore it, or no way brings it."""
    app, given = app_of(version, protocol), CallOptions(**options)
    if not said:
        ensure_takes_event("f", app, given)
        return
    with pytest.raises(ArgumentError) as raised:
        ensure_takes_event("f", app, given)
    assert said in str(raised.value)


def test_event_data_are_copied_and_are_json() -> None:
    """What is changed later changes no call; what is no JSON is told at once."""
    given: dict[str, Any] = {"index": (0, 1)}
    options = CallOptions(event_data=given)
    given["index"] = 2
    assert options.event_data == {"index": [0, 1]}
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    for wrong in ({1, 2}, object(), deep):
        with pytest.raises(TypeError, match="event_data takes what JSON can say"):
            CallOptions(event_data=wrong)
    for number in (True, 1.0, "1"):
        with pytest.raises(TypeError, match="trigger_id is a component's number"):
            CallOptions(trigger_id=number)  # type: ignore[arg-type]


def test_a_report_has_the_event() -> None:
    request: Any = CallRequest("f", None, endpoint(), None, CallOptions(event_data=1), {"a": 2})  # type: ignore[arg-type]
    assert request.text == "f.with_options(event_data=1)(a=2)"
