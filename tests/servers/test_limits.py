"""What components take and refuse, in real apps."""

from __future__ import annotations

import decimal
import inspect
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import gradioproxy as gp
from tests.support.versions import release_of

if TYPE_CHECKING:
    from tests.support.gradio import Server
    from tests.support.gradio.running import RunningServers


# With real servers.


@pytest.fixture
def server(gradio: RunningServers, version: str) -> Server:
    """Give the app whose components take some values only."""
    return gradio(version, "checked", launch={"show_error": True})


def names_of(function: Any) -> list[str]:
    """Return the names of a function's parameters."""
    return [*inspect.signature(function).parameters]


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda app: app.level(100), "got 100; it takes a number from 0 to 4"),
        (lambda app: app.warmth(100), "got 100; it takes a number from 0 to 4"),
        (lambda app: app.level("much"), "got 'much'; it takes a number from 0 to 4"),
        (lambda app: app.number("abc"), "got 'abc'; it takes a number"),
        (lambda app: app.flag("False"), "got 'False'; it takes True or False"),
        (lambda app: app.raised("abc"), "got 'abc'; it takes a number"),
        (lambda app: app.bounded.submit(10), "got 10; it takes a number from 1 to 9"),
        (
            lambda app: app.call_tool("short", dict.fromkeys(names_of(app.short), "too long")),
            "it takes text of at most 5 characters",
        ),
    ],
)
def test_wrong_values_are_not_sent(app: gp.Session, call: Any, said: str) -> None:
    """They are errors of ours, and there is no call."""
    try:
        with pytest.raises(gp.ArgumentError, match=said):
            call(app)
    except gp.UnknownEndpoint:
        assert not {"bounded", "short"} <= set(dir(app))  # older components have no such limits
    assert app.jobs == []


def test_all_that_is_wrong_is_said_at_once(app: gp.Session) -> None:
    """Types, limits and choices are one error."""
    with pytest.raises(gp.ArgumentError) as raised:
        app.several(99, "yes", ["rad"])

    assert [problem.expected.partition(";")[0] for problem in raised.value.problems] == [
        "it takes a number from 1 to 50",
        "it takes True or False",
        "it takes one of 'red', 'blue'",
    ]


def test_what_an_app_makes_of_a_value(app: gp.Session, version: str) -> None:
    """Texts of numbers are numbers, numbers are text where text goes, and the app rounds."""
    # Number makes a float of what comes until Gradio 4.12.
    floats = release_of(version) < (4, 13)

    assert app.level("3") == "3"
    assert app.number("3") == ("3.0" if floats else "3")
    assert app.number(np.float32(0.5)) == "0.5"
    assert app.number(decimal.Decimal("1.5")) == "1.5"
    assert app.whole(2.7) == "3"
    assert app.text(3) == "'3'"
    assert app.text(decimal.Decimal("2.50")) == "'2.50'"
    assert app.flag(1) == app.flag(np.True_) == "True"
    assert app.number("1_000") == ("1000.0" if floats else "1000")
    assert app.number("inf") == "inf"
    if "short" in app:
        assert app.short("too long") == "'too long'"
    for function in (app.html, app.markdown):
        assert [function(value) for value in (True, {"a": [1]}, 3)] == ["True", "{'a': [1]}", "3"]
    if release_of(version) < (5, 5):
        assert app.level(None) == "None"


def test_limits_that_an_event_may_change_are_the_apps(app: gp.Session) -> None:
    """Where a function gives the component, its limits are left to the server."""
    unchecked = app.with_options(validate=False)
    for call in (app.raised, unchecked.level):
        try:
            answer = call(100)
        except gp.AppError as error:
            answer = str(error)  # Slider checks in 5.50 and 6
        assert "100" in answer
    assert unchecked.flag("False") == "'False'"


def test_what_nobody_sees_can_be_left_out(app: gp.Session) -> None:
    """The page sends nothing for it either."""
    assert app.unseen("x") == "('x', None, None)"


def test_labels_of_names_that_say_nothing(app: gp.Session) -> None:
    """Where Gradio fills in a parameter's name, errors and help have the label too."""
    with pytest.raises(gp.ArgumentError) as raised:
        app.painted("x", "round", "y")
    first, second = map(str, raised.value.problems)
    assert "Form" in first
    assert "System" in second
    if "param_1" in str(app.painted.__doc__):  # names came with 4.23
        assert [problem.parameter for problem in raised.value.problems] == ["param_1", "param_2"]
        assert first.startswith("param_1 (Form): got 'round'; it takes one of 'wide', 'tall'")
        assert second.startswith("param_2 (System prompt): got 'y'; it takes a number")
        assert "param_2 (float): System prompt, a number." in str(app.painted.__doc__)


def test_nothing_as_a_choice(app: gp.Session) -> None:
    """A choice of which one is nothing shows nothing at first, and sends it."""
    if "nothing" not in app:
        assert release_of(app.version) < (4,)  # choices have labels from 3.50 on
        return
    assert app.nothing() == app.nothing("nothing at all") == "None"
    assert app.nothing("something") == "'some'"


def test_a_function_without_a_name_tells_its_button(app: gp.Session) -> None:
    """What it is called by is all that is known of it."""
    function = app["lambda"] if "lambda" in app else app[len(app.config["dependencies"]) - 1]

    assert "the button '清空' calls" in str(function.__doc__)
    assert function() == "cleared"


def test_what_a_model_gives(app: gp.Session) -> None:
    """Usual slips are put right."""
    steps, wanted, words = inspect.signature(app.several).parameters
    given: dict[str, Any] = {steps: "20", wanted: "true", words: "red"}
    assert app.call_tool("several", given) == "(20, True, ['red'])"
    given = {steps: 20.0, wanted: "False", words: '["red", "blue"]'}
    assert app.call_tool("several", given).startswith("(20")
    assert app.call_tool("several", given).endswith(", False, ['red', 'blue'])")
    # Some write null for what they leave out.
    assert app.call_tool("several", {steps: None, words: None}) == app.several()


def test_everything_that_is_wrong_with_what_a_model_gives(app: gp.Session) -> None:
    """Names, values and what is missing are one error, with what would be right."""
    _, form, prompt = inspect.signature(app.painted).parameters
    with pytest.raises(gp.ArgumentError) as raised:
        app.call_tool("painted", {"nothing_like_it": 1, prompt: "x"})

    problems = {problem.parameter: str(problem) for problem in raised.value.problems}
    assert problems["nothing_like_it"].startswith(
        "nothing_like_it: got 1; there is no such argument; the tool takes"
    )
    assert problems[form].endswith("got nothing; it is required: it takes one of 'wide', 'tall'")
    assert problems[prompt].endswith("got 'x'; it takes a number")
    assert raised.value.problems[0].parameter == "nothing_like_it"
    assert app.jobs == []


def test_what_a_tool_promises(app: gp.Session) -> None:
    """Limits are in its schema where they are checked, and only there."""
    tools = {tool["name"]: tool["inputSchema"]["properties"] for tool in app.tools("mcp")}
    (level,) = tools["level"].values()
    assert (level["minimum"], level["maximum"]) == (0, 4)
    (raised,) = tools["raised"].values()
    assert not {"minimum", "maximum"} & raised.keys()
    for (text,) in (tools[name].values() for name in ("short",) if name in tools):
        assert text["maxLength"] == 5
    prompt, *_ = tools["painted"].values()
    assert prompt["description"].startswith("Prompt, a textbox. Placeholder: 'a red fox'.")


def test_examples_and_a_button_that_clears_change_no_limits(
    gradio: RunningServers, version: str
) -> None:
    """An interface has both, and its inputs are what its author made them."""
    with gp.connect(gradio(version, "interface").url) as app:
        paint = app[next(iter(app))]  # its name is the function's from Gradio 6 on
        with pytest.raises(gp.ArgumentError) as raised:
            paint(100, "oval", "no")
        assert len(raised.value.problems) == 3
        assert paint(8, "square", True) == "8 square True"
