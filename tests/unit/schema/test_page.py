"""What the page around a function tells of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradioproxy.schema.endpoint import Trigger
from gradioproxy.schema.parse import parse_app
from tests.support.schemas import values
from tests.unit.schema.test_parse import component, config, described, function, one

if TYPE_CHECKING:
    from gradioproxy.schema.endpoint import Endpoint, Parameter

CLICK = {"targets": [[9, "click"]]}
BUTTON = component(9, "button", value="Go")


def parameter(**facts: Any) -> Parameter:
    """Return the parameter that a component makes, which `/info` says has no default."""
    kind = facts.pop("kind", "textbox")
    layout = facts.pop("layout", None)
    others = facts.pop("others", ())
    configured = config(component(1, kind, **facts), *others, functions=[function([1], [])])
    entry = described(parameter_has_default=False, parameter_default=None)
    made = one({**configured, "layout": layout}, {"parameters": [entry], "returns": []})
    return made.parameters[0]


# What is shown.


@pytest.mark.parametrize("visible", [False, "hidden"])
def test_what_nobody_can_fill_in_can_be_left_out(visible: object) -> None:
    """The page sends nothing for it, and so does who leaves it out."""
    made = parameter(visible=visible, value=None)

    assert not made.shown
    assert (made.has_default, made.default) == (True, None)


@pytest.mark.parametrize("facts", [{}, {"visible": True}, {"visible": "yes"}])
def test_what_is_shown_is_required(facts: dict[str, Any]) -> None:
    """A visible component without a value is as the app says."""
    made = parameter(**facts, value=None)

    assert made.shown
    assert not made.has_default


def test_what_stands_in_what_is_not_shown() -> None:
    """A column, a tab or a group hides all that is in it, at any depth."""
    inner = {"id": 21, "children": [{"id": 1}]}
    layout = {"id": 0, "children": [{"id": 20, "children": [inner]}]}
    hidden = component(20, "column", visible=False)
    shown = component(20, "column", visible=True)

    assert not parameter(layout=layout, others=[hidden, component(21, "row")]).shown
    assert parameter(layout=layout, others=[shown, component(21, "row")]).shown


def test_nothing_can_be_a_choice() -> None:
    """A component whose choices have ``null``, and that shows it, sends it where it is left out."""
    choices = [["none at all", None], ["a", "a"]]

    made = parameter(kind="radio", choices=choices, value=None)
    assert (made.has_default, made.default) == (True, None)
    made = parameter(kind="radio", choices=choices, value="a")
    assert not made.has_default
    made = parameter(kind="radio", choices=[["a", "a"]], value=None)
    assert not made.has_default


# What changes.


@pytest.mark.parametrize(
    ("facts", "changeable"),
    [
        ({}, True),
        ({"backend_fn": True}, True),
        # What only the browser runs, such as the button that clears an Interface.
        ({"backend_fn": False}, False),
        # What puts an example where its inputs are.
        ({"api_name": "load_example", "inputs": [2]}, False),
        ({"api_name": "load_example_1", "inputs": [2]}, False),
        ({"api_name": None, "queue": False, "inputs": [2]}, False),
        ({"api_name": False, "queue": False, "inputs": [2]}, False),
        ({"api_name": None, "queue": None, "inputs": [2]}, True),
        ({"api_name": "load_example", "inputs": [1]}, True),
        ({"api_name": "load_models", "inputs": [2]}, True),
        ({"api_name": "load_example", "inputs": [2, 1]}, True),
    ],
)
def test_what_a_function_could_change(facts: dict[str, Any], changeable: bool) -> None:
    """It is the outputs of functions that run on the server and give more than values."""
    functions = [function([1], []), {**function([], [1], api_name="g"), **facts}]
    configured = config(
        component(1, "radio", choices=[["A", "a"]]), component(2, "dataset"), functions=functions
    )
    [made] = one(configured).parameters

    assert made.changeable is changeable
    assert made.closed_choices is not changeable


# What calls a function.


def trigger(*functions: dict[str, Any], **facts: Any) -> Trigger | None:
    """Return what calls the first of some functions."""
    named = [function([], [], id=n, **one) for n, one in enumerate(functions)]
    others = [component(8, "textbox", label="Prompt"), component(7, "slider"), component(6), BUTTON]
    return parse_app({**config(*others, functions=named), **facts}).unnamed["fn_0"].trigger


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (CLICK, Trigger("click", "button", "Go")),
        ({"targets": [9], "trigger": "click"}, Trigger("click", "button", "Go")),
        ({"targets": [[8, "submit"]]}, Trigger("submit", "textbox", "Prompt")),
        # The first that has a label.
        ({"targets": [[7, "change"], [8, "submit"]]}, Trigger("submit", "textbox", "Prompt")),
        ({"targets": [[99, "load"]]}, Trigger("load")),
        ({"targets": [[99, "click"]]}, None),
        ({"targets": [[7, "change"]]}, Trigger("change", "slider")),
        ({"targets": [[6, "click"]]}, None),
        ({"targets": []}, None),
        ({}, None),
        ({"targets": "x"}, None),
        ({"targets": [None, ["x"], [True, "click"], [9, 5]]}, None),
    ],
)
def test_what_calls_a_function(facts: dict[str, Any], expected: Trigger | None) -> None:
    """It is told from the targets of any version."""
    assert trigger(facts) == expected


def test_what_follows_another_function() -> None:
    """What calls the first of a chain calls all; one without an end has nothing that does."""
    chained = {"targets": [[1, "then"]], "trigger_after": 1}
    again = {"targets": [[2, "then"]], "trigger_after": 2}
    endless = {"targets": [[0, "then"]], "trigger_after": 0}

    assert trigger(chained, CLICK) == Trigger("click", "button", "Go", follows=True)
    assert trigger(chained, again, CLICK) == Trigger("click", "button", "Go", follows=True)
    assert trigger(chained, endless) is None
    assert trigger(endless) is None
    assert trigger({"targets": [], "trigger_after": 99}) is None


def test_labels_in_several_languages() -> None:
    """A button's text is translated like any label."""
    button = component(9, "button", value='__i18n__{"key": "go"}')
    configured = config(button, functions=[function([], [], **CLICK)])
    made = one({**configured, "i18n_translations": {"en": {"go": "Go on"}}})

    assert made.trigger == Trigger("click", "button", "Go on")


@given(values, values, values, st.booleans())
def test_any_page(layout: Any, targets: Any, after: Any, pair: bool) -> None:
    """Whatever a page's description says, it is read."""
    raw = function([1], [1], targets=[[targets, targets]] if pair else targets, trigger_after=after)
    configured = config(
        component(1, value=layout, visible=targets), functions=[raw, function([1], layout)]
    )
    app = parse_app({**configured, "layout": {"id": after, "children": [layout, {"id": 1}]}})

    for endpoint in app.unnamed.values():
        made: Endpoint = endpoint
        assert made.trigger is None or made.trigger.event
