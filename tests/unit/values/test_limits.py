"""What a component can't take is said before anything is sent, and all of it at once."""

from __future__ import annotations

import decimal
import math
import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from gradioproxy.schema.release import Release
from gradioproxy.schema.shape import (
    ANYTHING,
    BOOLEAN,
    FILE,
    INTEGER,
    NUMBER,
    TEXT,
    Array,
    Dictionary,
    Enum,
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
from tests.support.schemas import parameter

if TYPE_CHECKING:
    from gradioproxy.schema.endpoint import Parameter


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
MAYBE = parameter(shape=Enum(("a", None)), component="Api", choices=["a"])


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
    ("shape", "value", "takes"),
    [
        (MESSAGES, {"role": "user"}, "a list, each of it a dictionary with 'role', 'content'"),
        (Array(FILE), {"x": 1}, "a list, each of it a file"),
        (Object("Text", (Field("text", TEXT, True),)), [1], "a dictionary with 'text'"),
    ],
)
def test_a_list_is_no_object(shape: Any, value: Any, takes: str) -> None:
    """Gradio's own components take neither for the other."""
    with pytest.raises(Misfit, match=re.escape(takes)):
        check_container(parameter(shape=shape, component="Gallery"), value)


@pytest.mark.parametrize("component", ["File", "UploadButton"])
@pytest.mark.parametrize("release", [(3, 16, 2), (4, 44, 1)])
def test_several_files_are_no_number(component: str, release: tuple[int, ...]) -> None:
    """In no version, as one file is none."""
    files = parameter(shape=Array(FILE), component=component)
    for value in (5, True, {"x": 1}):
        with pytest.raises(Misfit, match="a list, each of it a file"):
            check_container(files, value, Release(release))
    check_container(files, ["a.png", 5], Release(release))


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
