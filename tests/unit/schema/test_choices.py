"""Choices that only a schema has, and which one of them a value means."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gradioproxy.schema.choices import find_choice, find_choices, visible_text
from gradioproxy.schema.endpoint import Choice
from gradioproxy.schema.shape import parse_shape

if TYPE_CHECKING:
    from collections.abc import Sequence

WIDE = "1344x768 <span style='color: grey;'> | 7:4</span>"
TALL = "768x1344 <span style='color: grey;'> | 4:7</span>"


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"enum": ["fast", "slow"]}, ["fast", "slow"]),
        ({"enum": [1, 2.5, True]}, [1, 2.5, True]),
        ({"const": "only"}, ["only"]),
        ({"oneOf": [{"type": "null"}, {"enum": ["a", "b"]}]}, ["a", "b"]),
        ({"enum": ["a", None]}, ["a"]),
        ({"anyOf": [{"const": "a"}, {"const": "b"}, {"type": "null"}]}, ["a", "b"]),
        ({"type": "array", "items": {"enum": ["x", "y"]}}, ["x", "y"]),
        # Other values are right as well.
        ({"anyOf": [{"const": "auto"}, {"type": "integer"}]}, None),
        ({"type": "string"}, None),
        ({"enum": []}, None),
        ({"enum": [None]}, None),
        ({"enum": [["a"]]}, None),
        ({"type": "object", "properties": {"kind": {"const": "a"}}}, None),
    ],
)
def test_choices_of_a_schema(schema: Any, expected: list[Any] | None) -> None:
    """They are its values, with their types, where nothing else but ``null`` is right."""
    found = find_choices(parse_shape(schema))

    assert (found and [option.value for option in found]) == expected
    assert [type(option.value) for option in found or ()] == [type(one) for one in expected or ()]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("b", "b"),
        ("B is nice", "b"),
        (1, 1),
        ("1", "1"),
        ("one", 1),
        (WIDE, WIDE),
        ("1344x768 | 7:4", WIDE),
        ("1344x768", WIDE),
        ("  768x1344   |  4:7 ", TALL),
        ("R & B", "<b>R &amp; B</b>"),
        ("nothing like it", None),
        ("", None),
        ("|", None),
        (None, None),
        (["b"], None),
    ],
)
def test_which_choice_a_value_means(value: Any, expected: Any) -> None:
    """The value wins over the label, and both over what a browser shows of them."""
    choices = [
        *(Choice("b", "B is nice"), Choice(1, "one"), Choice("1", "1")),
        *(Choice(WIDE, WIDE), Choice(TALL, TALL), Choice("<b>R &amp; B</b>", "r")),
    ]
    found = find_choice(choices, value)

    assert (found and found.value) == expected
    assert type(found and found.value) is type(expected)


@pytest.mark.parametrize(
    "texts", [["a <i>1</i>", "a <b>2</b>"], ["<i>a</i> 1", "<b>a</b> 1"], ["<i>a</i>", "<b>a</b>"]]
)
def test_what_two_look_like_is_neither(texts: Sequence[str]) -> None:
    """Where a browser shows the same for several, the whole value has to be given."""
    choices = [Choice(text, text) for text in texts]

    assert find_choice(choices, "a") is None
    assert find_choice(choices, texts[0]) is choices[0]


def test_plain_text_is_what_it_is() -> None:
    """What looks like no tag is shown as it is written."""
    assert visible_text("a < b and c > d") == "a < b and c > d"
    assert visible_text("<b>x</b>&lt;y&gt;") == "x<y>"
