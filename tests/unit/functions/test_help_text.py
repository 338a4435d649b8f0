"""What is said of parameters and results reads like prose."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given

from gradioproxy.functions.help_text import default_text, parameter_text, result_text
from gradioproxy.schema.constraints import parse_constraints
from gradioproxy.schema.endpoint import Choice, Parameter, Result
from gradioproxy.schema.shape import FILE, INTEGER, TEXT, Array, Enum, Field, Object, Union
from gradioproxy.text import clean
from tests.support.schemas import parameter, parameters, result

MESSAGE = Object("Message", (Field("role", TEXT, True), Field("metadata", TEXT, False)))


@pytest.mark.parametrize(
    ("label", "facts", "expected"),
    [
        ("", {}, "A textbox."),
        ("Prompt", {}, "Prompt, a textbox."),
        ("X", {}, "A textbox."),
        ("Textbox", {}, "A textbox."),
        ("number of steps", {}, "Number of steps, a textbox."),
        ("num_steps", {}, "num_steps, a textbox."),
        ("Project to:", {}, "Project to, a textbox."),
        ("What is it?", {}, "What is it? A textbox."),
        ("Words, many", {}, "Words, many. A textbox."),
        ("Step: 1", {}, "Step: 1. A textbox."),
        ("Notes", {"component": "Markdown"}, "Notes, as Markdown."),
        ("chat.box", {"component": "Code"}, "chat.box, as source code."),
        ("", {"component": ""}, "A value."),
        ("", {"component": "Starrating"}, "A Starrating component."),
        ("", {"component": "Oddity"}, "An Oddity component."),
        ("", {"component": "Radio"}, "Radio buttons."),
        ("", {"component": "Json"}, "JSON."),
        ("", {"help": "how it looks"}, "A textbox. How it looks."),
        ("", {"help": "How? Well."}, "A textbox. How? Well."),
        ("", {"has_default": True, "default": "hi"}, "A textbox. Defaults to 'hi'."),
        ("", {"has_default": True}, "A textbox. Defaults to None."),
        ("", {"properties": {"max_length": 9}}, "A textbox of at most 9 characters."),
        ("", {"properties": {"type": "password"}}, "A password."),
        ("", {"component": "Datetime", "properties": {"include_time": False}}, "A date."),
        (
            "",
            {"component": "File", "properties": {"file_count": "multiple"}},
            "One or more files.",
        ),
        ("", {"placeholder": "a red fox"}, "A textbox. Placeholder: 'a red fox'."),
        (
            "Prompt",
            {"help": "Say it.", "placeholder": "say it"},
            "Prompt, a textbox. Say it.",
        ),
        ("A fox", {"placeholder": "a FOX…"}, "A fox, a textbox."),
        ("", {"placeholder": "chat_interface.message_placeholder"}, "A textbox."),
        (
            "",
            {"component": "Image", "shown": False, "has_default": True},
            "An image. The page does not show it at first. Defaults to None.",
        ),
        # What `gr.api` describes has no component that would say anything.
        ("", {"component": "Api"}, ""),
        ("", {"component": "Api", "has_default": True, "default": 1}, "Defaults to 1."),
        ("", {"component": "Api", "choices": ["a", "b"]}, "'a' or 'b'."),
        (
            "",
            {"component": "Api", "shape": Array(TEXT), "choices": ["a", "b"]},
            "Any of 'a' and 'b'.",
        ),
        ("", {"component": "Api", "shape": MESSAGE}, "With the key 'role'."),
        ("Steps", {"component": "Api"}, "Steps."),
        ("Steps", {"component": "Api", "choices": [1, 2]}, "Steps, 1 or 2."),
        (
            "",
            {"component": "Api", "shape": Union((Enum(("auto",)), INTEGER))},
            "'auto' or another value.",
        ),
        (
            "Papers",
            {"component": "File", "properties": {"file_types": [".pdf", "image", 3]}},
            "Papers, a file (.pdf, image).",
        ),
        ("", {"shape": MESSAGE}, "A textbox, with the key 'role'."),
        (
            "Chat",
            {"component": "Chatbot", "shape": Array(MESSAGE)},
            "Chat, a chatbot's messages, each with the key 'role'.",
        ),
    ],
)
def test_parameter(label: str, facts: dict[str, Any], expected: str) -> None:
    """Label, component, limits, the author's words and the default, as far as there are any."""
    assert parameter_text(parameter(label, **facts), "x") == expected


@pytest.mark.parametrize(
    ("label", "name", "expected"),
    [
        ("Prompt", "prompt", "Prompt, a textbox."),
        ("Textbox", "negative_prompt", "Negative prompt, a textbox."),
        ("", "x", "X, a textbox."),
        ("System prompt", "param_2", "System prompt, a textbox."),
        ("", "param_2", "A textbox."),
    ],
)
def test_parameter_that_is_not_named(label: str, name: str, expected: str) -> None:
    """Where a text stands alone, it begins with the label, or else with the words of the name."""
    assert parameter_text(parameter(label), name, named=False) == expected


@pytest.mark.parametrize(
    ("component", "limits", "expected"),
    [
        ("Slider", {"minimum": 1, "maximum": 10, "step": 0.5}, " from 1 to 10 in steps of 0.5"),
        ("Slider", {"minimum": 0, "maximum": 1.0, "step": None}, " from 0 to 1"),
        ("Slider", {"minimum": 1, "maximum": 10, "step": 1}, " from 1 to 10 in steps of 1"),
        ("Number", {"minimum": 1, "maximum": 10, "step": 1}, " from 1 to 10"),
        ("Number", {"minimum": -1}, " of at least -1"),
        ("Number", {"maximum": 5, "step": 5}, " of at most 5 in steps of 5"),
        ("Number", {"step": 5}, ""),
        ("Number", {"minimum": True, "maximum": "9"}, ""),
        ("Slider", {"minimum": -math.inf, "maximum": math.nan, "step": math.inf}, ""),
        ("Image", {"minimum": 1}, ""),
    ],
)
def test_limits(component: str, limits: dict[str, Any], expected: str) -> None:
    """Limits of numbers are said in words, without what says nothing."""
    made = parameter(component=component, properties=limits)

    assert parameter_text(made, "x") == f"A {component.lower()}{expected}.".replace("A i", "An i")


def chosen(*choices: Any, **facts: Any) -> str:
    """Return what is said of a dropdown."""
    made = parameter(component="Dropdown", choices=choices, **facts)
    return parameter_text(made, "x").removeprefix("A dropdown")


def test_choices() -> None:
    """Choices are listed as Python writes them, and any of several is told from one of them."""
    assert chosen("a") == ": 'a'."
    assert chosen("a", 1, None) == ": 'a', 1 or None."
    assert chosen("a", "b", "c", shape=Array(TEXT)) == ": any of 'a', 'b' and 'c'."


def test_free_choices() -> None:
    """Where others can be given, that is said."""
    free = {"allow_custom_value": True}

    assert chosen("a", "b", properties=free) == ": 'a', 'b' or a value of your own."
    assert (
        chosen("a", "b", properties=free, shape=Array(TEXT)) == ": 'a', 'b' or values of your own."
    )


def test_labels_of_choices() -> None:
    """A label that differs from its value follows it."""
    choices = (Choice("de", "German"), Choice("x", "x"), Choice(1, "1"), Choice("y", "'y'"))
    made = parameter(component="Dropdown", choices=choices)

    assert parameter_text(made, "x") == "A dropdown: 'de' (German), 'x', 1 or 'y'."


def test_long_choice_is_cut() -> None:
    """A choice of a kilobyte is shown by its beginning."""
    assert chosen("x " * 500) == f": '{'x ' * 59}x…'."
    assert chosen("/" + "x" * 40 + "/" + "y" * 30) == f": '/{'x' * 19}…{'y' * 30}'."


def test_many_choices() -> None:
    """Of hundreds of choices, the first are said, and how many there are."""
    many = ", ".join(map(str, range(6)))

    assert chosen(*range(500)) == f": {many} and 494 more."
    assert chosen(*range(500), properties={"allow_custom_value": True}) == (
        f": {many}, 494 more or a value of your own."
    )
    assert chosen(*range(40)).endswith("38 or 39.")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, "None"),
        (True, "True"),
        (0.5, "0.5"),
        ("", "''"),
        ("two\nlines", "'two\\nlines'"),
        ("word " * 30, "a text that begins with 'word word word word word word'"),
        ([], "[]"),
        (["a"], "['a']"),
        ({"a": 1}, "{'a': 1}"),
        (list(range(99)), "what the page shows at first"),
        ({"a": "x" * 99}, "what the page shows at first"),
        ({"headers": ["a", "b"], "data": []}, "an empty table with the columns 'a' and 'b'"),
        ({"headers": ["a"], "data": [[1]]}, "a table of 1 row with the column 'a'"),
        ({"headers": [*"abcdef"], "data": [[1]] * 2000}, "a table of 2,000 rows"),
        ({"headers": ["x" * 50], "data": []}, "an empty table"),
        ({"headers": "a", "data": []}, "{'headers': 'a', 'data': []}"),
        ({"path": "/srv/lion.jpg", "url": "x"}, "the app's own file 'lion.jpg'"),
        ({"path": "/srv/1", "meta": {}, "orig_name": "a b.png"}, "the app's own file 'a b.png'"),
        ({"name": "/srv/3.jpg", "is_file": True}, "the app's own file '3.jpg'"),
        ([{"path": "a", "url": ""}, {"path": "b", "url": ""}], "the app's own files 'a' and 'b'"),
        ({"path": 3}, "{'path': 3}"),
    ],
)
def test_default(value: Any, expected: str) -> None:
    """A default is short, and a file is called by its name."""
    assert default_text(value) == expected


def test_result() -> None:
    """A result has its label, unless its name says the same."""
    assert result_text(result("Output Box")) == "Output Box, as text."
    assert result_text(result("Output Box"), "Output_Box") == "Text."
    assert result_text(result("Image", FILE, "Image")) == "An image."
    assert result_text(result("", INTEGER, "Number")) == "A number."
    assert result_text(result("", INTEGER, "Starrating")) == "The value of a Starrating component."
    assert result_text(result("Pick", TEXT, "Dropdown")) == "Pick, a choice."
    assert result_text(result("", INTEGER, "Api")) == ""


@pytest.mark.parametrize(
    ("kind", "properties", "expected"),
    [
        ("Dropdown", {"multiselect": True}, "A list of choices."),
        ("Dropdown", {"multiselect": [True]}, "A choice."),
        ("File", {"file_count": "multiple"}, "One or more files."),
        ("File", {"file_count": ["multiple"]}, "A file."),
        ("Uploadbutton", {"file_count": "directory"}, "One or more files."),
    ],
)
def test_several_results(kind: str, properties: dict[str, Any], expected: str) -> None:
    """What is several values is told from one, whatever an app sets."""
    constraints = parse_constraints(kind.lower(), properties)

    assert result_text(Result("", kind, kind.lower(), TEXT, 0, constraints)) == expected


@given(parameters())
def test_any_parameter(made: Parameter) -> None:
    """Whatever an app declares becomes one line of sentences, and nothing hides in it."""
    text = parameter_text(made, "x")

    assert text == clean(text)
    assert "\n" not in text
    assert text[-1] in ".?!…"
