"""What a component can't take is said before anything is sent, and all of it at once."""

from __future__ import annotations

import decimal
import inspect
import math
import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import gradioproxy as gp
from gradioproxy.schema.release import Release
from gradioproxy.schema.shape import (
    ANYTHING,
    BOOLEAN,
    FILE,
    INTEGER,
    NUMBER,
    TEXT,
    Array,
    Choice,
    Dictionary,
    Field,
    FixedArray,
    Object,
    union,
)
from gradioproxy.values.conform import Misfit
from gradioproxy.values.foreign import to_builtins
from gradioproxy.values.limits import (
    bounds_of,
    check_container,
    check_length,
    fit_component,
    is_checked,
    takes_text,
)
from gradioproxy.values.union import expand
from tests.descriptions import parameter
from tests.versions import release_of

if TYPE_CHECKING:
    from gradioproxy.schema.endpoint import Parameter
    from tests.servers import Server
    from tests.servers.running import RunningServers


def slider(**facts: Any) -> Parameter:
    """Return a slider from 0 to 4."""
    return parameter(
        shape=facts.pop("shape", NUMBER),
        component="Slider",
        properties={"minimum": 0, "maximum": 4},
        **facts,
    )


def number(shape: Any = NUMBER, **properties: Any) -> Parameter:
    """Return a number."""
    return parameter(shape=shape, component="Number", properties=properties)


FLAG = parameter(shape=BOOLEAN, component="Checkbox")
SHORT = parameter(properties={"max_length": 3})
FEW = parameter(
    shape=Array(TEXT), component="Dropdown", choices=["a", "b", "c"], properties={"max_choices": 2}
)
CODE = parameter(component="Code")
API = parameter(shape=INTEGER, component="Api")
MAYBE = parameter(shape=Choice(("a", None)), component="Api", choices=["a"])


@pytest.mark.parametrize(
    ("made", "value", "expected"),
    [
        (slider(), 4, 4),
        (slider(), 0.0, 0.0),
        (slider(), "3", 3),
        (slider(), np.float64(2.5), 2.5),
        (slider(), decimal.Decimal("0.5"), 0.5),
        (slider(shape=INTEGER), 2.0, 2),
        # The component rounds.
        (slider(shape=INTEGER), 2.5, 2.5),
        (slider(changeable=True), 100, 100),
        (slider(has_default=True, default=None), None, None),
        (slider(has_default=True, default=9), 9, 9),
        (number(minimum=5, maximum=1), 3, 3),
        (number(), True, True),
        (number(), None, None),
        (number(), math.inf, math.inf),
        (number(minimum=1), 1, 1),
        (FLAG, True, True),
        (FLAG, np.False_, False),
        (FLAG, 0, False),
        (FLAG, 1.0, True),
        (FLAG, None, None),
        # As Python writes numbers, and servers read them.
        (number(), "1_000", 1000),
        (number(), " 2_0.5 ", 20.5),
        (number(), "-inf", -math.inf),
        (number(maximum=10**400), "1", 1),
        # The component makes text of it.
        (SHORT, 12345, 12345),
        (SHORT, decimal.Decimal("2.50"), "2.50"),
        (SHORT, ["a list"], ["a list"]),
        # Only the page sees to these limits.
        (SHORT, "abcd", "abcd"),
        (FEW, ["a", "b", "c"], ["a", "b", "c"]),
        (FEW, None, None),
        # The function gets it as it is.
        (CODE, "x", "x"),
        (CODE, 3, 3),
        (CODE, True, True),
        (CODE, {"a": 1}, {"a": 1}),
        (CODE, decimal.Decimal("2.50"), "2.50"),
        (CODE, None, None),
        (API, "3", 3),
        (MAYBE, "a", "a"),
        (MAYBE, None, None),
        # Somebody's own component of that name, and what is known by nothing but a name.
        (number(shape=Array(NUMBER)), [1, 2], [1, 2]),
        (number(shape=ANYTHING), "abc", "abc"),
        (parameter(shape=TEXT, component="Checkbox"), "yes", "yes"),
        (parameter(shape=INTEGER, component="Rating"), "abc", "abc"),
    ],
)
def test_what_a_component_takes(made: Parameter, value: Any, expected: Any) -> None:
    """The value, or the number or flag that it stands for."""
    found = fit_component(made, to_builtins(value))

    assert (found, type(found)) == (expected, type(expected))


@pytest.mark.parametrize(
    ("made", "value", "said"),
    [
        (slider(), 4.5, "it takes a number from 0 to 4"),
        (slider(), "-1", "it takes a number from 0 to 4"),
        (slider(), math.inf, "it takes a number from 0 to 4"),
        (slider(), "abc", "it takes a number from 0 to 4"),
        (slider(), None, "it takes a number from 0 to 4"),
        (slider(changeable=True), "abc", "it takes a number"),
        (number(), [1], "it takes a number"),
        (number(minimum=1.0), 0, "it takes a number of at least 1"),
        (number(maximum=9.5), 10, "it takes a number of at most 9.5"),
        (FLAG, "False", "it takes True or False"),
        (FLAG, 2, "it takes True or False"),
        (FLAG, [], "it takes True or False"),
        (number(), "1__000", "it takes a number"),
        (number(maximum=9), "1_0", "it takes a number of at most 9"),
        (API, "x", "it takes a whole number"),
        (API, None, "it takes a whole number"),
    ],
)
def test_what_a_component_can_not_take(made: Parameter, value: Any, said: str) -> None:
    """It is refused with what is taken instead."""
    with pytest.raises(Misfit, match=re.escape(said) + "$"):
        fit_component(made, value)


def test_no_value_for_a_slider() -> None:
    """It was passed on until sliders began to compare it with their limits."""
    assert fit_component(slider(), None, Release((5, 38, 2))) is None
    with pytest.raises(Misfit, match="it takes a number from 0 to 4"):
        fit_component(slider(), None, Release((5, 39)))


def test_lengths_that_a_model_was_told() -> None:
    """A tool's schema has them, unless they may change; what is of another type has no length."""
    for made, value in ((SHORT, "abc"), (SHORT, ["abcd"] * 4), (FEW, ["a", "b"]), (FEW, "abc")):
        check_length(made, value)
    check_length(parameter(properties={"max_length": 3}, changeable=True), "abcd")
    with pytest.raises(Misfit, match="it takes text of at most 3 characters"):
        check_length(SHORT, "abcd")
    with pytest.raises(Misfit, match="it takes at most 2 of its choices"):
        check_length(FEW, ["a", "b", "c"])


MESSAGES = Array(Object("Message", (Field("role", TEXT, True), Field("content", TEXT, True))))


@pytest.mark.parametrize(
    ("shape", "value", "said"),
    [
        (MESSAGES, "hi", "it takes a list, each of it a dictionary with 'role', 'content'"),
        (MESSAGES, 3, "it takes a list, each of it"),
        (Array(NUMBER), "1, 2", "it takes a list, each of it a number"),
        (FixedArray((NUMBER, NUMBER)), True, "it takes a list of 2"),
        (Dictionary(TEXT), "x", "it takes a dictionary"),
    ],
)
def test_one_thing_where_more_has_to_be(shape: Any, value: Any, said: str) -> None:
    """A text is no list, unless it is short for one."""
    with pytest.raises(Misfit, match=re.escape(said)):
        check_container(parameter(shape=shape, component="Chatbot"), value)
    # Gradio 3 gives it to the function.
    check_container(parameter(shape=shape, component="Chatbot"), value, Release((3, 50, 2)))
    # Somebody's own component may take what its schema does not say.
    check_container(parameter(shape=shape, component="Odd"), value)


@pytest.mark.parametrize(
    ("shape", "value"),
    [
        (MESSAGES, []),
        (MESSAGES, None),
        (Array(FILE), "a.png"),
        (Object("Text", (Field("text", TEXT, True), Field("files", Array(FILE), False))), "hi"),
        (TEXT, "x"),
        (ANYTHING, "x"),
        (union([TEXT, Array(TEXT)]), "x"),
    ],
)
def test_one_thing_that_is_enough(shape: Any, value: Any) -> None:
    """What is short for more, or may be the whole, is nobody's to refuse."""
    _, written_out = expand(shape, value)
    check_container(parameter(shape=shape, component="Chatbot"), written_out)


@pytest.mark.parametrize("low", [True, "0", None, math.nan, [1]])
def test_limits_that_are_none(low: Any) -> None:
    """What is no number limits nothing, whatever an app declares."""
    made = number(minimum=low, maximum=5)

    assert bounds_of(made) == (None, 5)
    assert bounds_of(parameter(properties={"minimum": 1})) == (None, None)


def test_what_is_taken_in_words() -> None:
    """Each kind of parameter can be asked for."""
    assert takes_text(slider()) == "a number from 0 to 4"
    assert takes_text(parameter()) == "text"
    assert takes_text(parameter(shape=union([TEXT, INTEGER]), component="Odd")) == (
        "text or a whole number"
    )
    assert [is_checked(one) for one in (slider(), FLAG, API)] == [True] * 3
    assert not is_checked(SHORT)
    assert not is_checked(parameter(component="Odd"))


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
    floats = tuple(map(int, version.split(".")[:2])) < (4, 13)

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
