"""Plain values and their shapes: what is taken, what is refused, and what a model meant."""

from __future__ import annotations

import decimal
import enum
import fractions
import json
import math
from pathlib import PurePosixPath
from typing import Any

import numpy as np
import pytest
from hypothesis import given

from gradioproxy.schema.shape import parse_shape
from gradioproxy.values.conform import Misfit, as_number, conform, mend, name_shape
from gradioproxy.values.foreign import to_builtins
from tests.support.hostile_schemas import build_ladder
from tests.support.schemas import schemas, values

INTEGER: Any = {"type": "integer"}
NUMBER: Any = {"type": "number"}
TEXT: Any = {"type": "string"}
FLAG: Any = {"type": "boolean"}
NULL: Any = {"type": "null"}
LIST: Any = {"type": "array", "items": INTEGER}
PAIR: Any = {"type": "array", "prefixItems": [TEXT, NUMBER]}
MAPPING: Any = {"type": "object", "additionalProperties": NUMBER}
OBJECT: Any = {"type": "object", "properties": {"n": INTEGER, "s": TEXT}, "required": ["n"]}
MAYBE: Any = {"anyOf": [NULL, INTEGER]}
CHOICE: Any = {"enum": ["a", 1]}
FILE: Any = {"type": "object", "title": "FileData", "properties": {"path": TEXT}}


class Size(enum.IntEnum):
    """A number with a name."""

    LARGE = 3


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (3, 3),
        (2.5, 2.5),
        (True, True),
        ("3", 3),
        (" -3 ", -3),
        ("+.5", 0.5),
        ("1e3", 1000.0),
        ("3.0", 3.0),
        (np.float32(0.5), 0.5),
        (np.int8(3), 3),
        (np.array(3), 3),
        (Size.LARGE, 3),
        (decimal.Decimal("2.50"), 2.5),
        (decimal.Decimal(3), 3),
        (fractions.Fraction(1, 2), 0.5),
        *((text, None) for text in ("abc", "", "1,5", "0x10", "nan", "inf", "1_000", "٣", "1 2")),
        ("9" * 5000, None),
        (1j, None),
        ([3], None),
        (None, None),
        ({}, None),
    ],
)
def test_numbers(value: Any, expected: Any) -> None:
    """Numbers of every kind are numbers, and so are the texts of them."""
    made = as_number(to_builtins(value))

    assert (made, type(made)) == (expected, type(expected))


def test_numbers_that_are_none() -> None:
    """Infinity is a number to JSON's readers, and a decimal can say it."""
    assert as_number(decimal.Decimal("Infinity")) == math.inf
    assert math.isnan(as_number(decimal.Decimal("NaN")) or 0)


@pytest.mark.parametrize(
    ("schema", "value", "expected"),
    [
        (INTEGER, 3.0, 3),
        (INTEGER, "3.0", 3),
        (INTEGER, np.int64(3), 3),
        (NUMBER, 3, 3),
        (NUMBER, "0.5", 0.5),
        (TEXT, "x", "x"),
        (TEXT, 3, "3"),
        (TEXT, decimal.Decimal("2.50"), "2.50"),
        (TEXT, PurePosixPath("/a"), "/a"),
        (FLAG, True, True),
        (FLAG, 0, False),
        (FLAG, 1.0, True),
        (FLAG, np.True_, True),
        (NULL, None, None),
        (LIST, (1, 2.0), [1, 2]),
        (LIST, np.array([1, 2]), [1, 2]),
        (PAIR, ["x", "1"], ["x", 1]),
        (MAPPING, {"a": "1"}, {"a": 1}),
        (OBJECT, {"n": 1.0, "other": [1]}, {"n": 1, "other": [1]}),
        (MAYBE, None, None),
        (MAYBE, "3", 3),
        ({"anyOf": [TEXT, INTEGER]}, 3, 3),
        ({"anyOf": [INTEGER, TEXT]}, "3", "3"),
        ({"anyOf": [INTEGER, NUMBER]}, 2.5, 2.5),
        (CHOICE, 1.0, 1),
        (FILE, "a path", "a path"),
        ({}, {"any": "thing"}, {"any": "thing"}),
    ],
)
def test_what_is_taken(schema: Any, value: Any, expected: Any) -> None:
    """What has a shape, or can only mean one, is it afterwards."""
    made = conform(parse_shape(schema), to_builtins(value))

    assert (made, type(made)) == (expected, type(expected))


@pytest.mark.parametrize(
    ("schema", "value", "said", "place"),
    [
        (INTEGER, "abc", "it takes a whole number", ""),
        (INTEGER, 2.5, "it takes a whole number", ""),
        (INTEGER, math.nan, "it takes a whole number", ""),
        (INTEGER, None, "it takes a whole number", ""),
        (NUMBER, [1], "it takes a number", ""),
        (TEXT, True, "it takes text", ""),
        (TEXT, {"a": 1}, "it takes text", ""),
        (FLAG, "False", "it takes True or False", ""),
        (FLAG, 2, "it takes True or False", ""),
        (NULL, 0, "it takes None", ""),
        (LIST, "12", "it takes a list, each of it a whole number", ""),
        (LIST, [1, "x"], "it takes a whole number", "[1]"),
        (PAIR, ["x"], "it takes a list of 2", ""),
        (PAIR, ["x", "y"], "it takes a number", "[1]"),
        (MAPPING, {"a": [1]}, "it takes a number", "['a']"),
        (MAPPING, [1], "it takes a dictionary", ""),
        (OBJECT, {"s": "x"}, "it takes a dictionary with 'n'", ""),
        (OBJECT, {"n": "x"}, "it takes a whole number", "['n']"),
        (MAYBE, "x", "it takes None or a whole number", ""),
        (CHOICE, "b", "it takes 'a' or 1", ""),
        (CHOICE, True, "it takes 'a' or 1", ""),
        ({"type": "array", "items": LIST}, [[1], [1, "x"]], "it takes a whole number", "[1][1]"),
    ],
)
def test_what_is_refused(schema: Any, value: Any, said: str, place: str) -> None:
    """What has not the shape is refused, with where it is and what goes there."""
    with pytest.raises(Misfit) as raised:
        conform(parse_shape(schema), value)

    assert (str(raised.value), raised.value.place) == (said, place)


@pytest.mark.parametrize(
    ("schema", "value", "expected"),
    [
        (NUMBER, "3", 3),
        (NUMBER, "0.5", 0.5),
        (INTEGER, "3", 3),
        (INTEGER, 3.0, 3),
        (INTEGER, "3.0", 3),
        (FLAG, "true", True),
        (FLAG, " False ", False),
        (TEXT, 3, "3"),
        (TEXT, {"a": 1}, '{"a": 1}'),
        (LIST, 3, [3]),
        (LIST, "3", [3]),
        (LIST, "[1, 2]", [1, 2]),
        (LIST, ["1", 2.0], [1, 2]),
        (PAIR, '["x", "1"]', ["x", 1]),
        (MAPPING, '{"a": "1"}', {"a": 1}),
        (OBJECT, '{"n": "1", "s": 2}', {"n": 1, "s": "2"}),
        (OBJECT, {"n": "1", "other": "1"}, {"n": 1, "other": "1"}),
        (MAYBE, "3", 3),
        (MAYBE, "null", None),
        (MAYBE, "None", None),
        ({"anyOf": [NULL, LIST]}, "[1]", [1]),
        (CHOICE, "1", 1),
        ({"enum": ["1", "2"]}, 1, "1"),
        ({"enum": [True, False]}, "true", True),
        ({"type": "array", "items": {"enum": ["[1]", "b"]}}, "[1]", ["[1]"]),
        ({"type": "array", "items": {"enum": ["a", "b"]}}, '["a"]', ["a"]),
    ],
)
def test_what_a_model_meant(schema: Any, value: Any, expected: Any) -> None:
    """Slips that leave no doubt are put right, at any depth."""
    made = mend(parse_shape(schema), value)

    assert (made, type(made)) == (expected, type(expected))


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        (NUMBER, "abc"),
        (NUMBER, True),
        (INTEGER, 2.5),
        (INTEGER, "2.5 apples"),
        (FLAG, "yes"),
        (FLAG, 1),
        (TEXT, "[1]"),
        (TEXT, True),
        (TEXT, "null"),
        (LIST, None),
        (OBJECT, "{not JSON"),
        (OBJECT, "[1]"),
        (PAIR, [1]),
        (MAYBE, "soon"),
        (MAYBE, ""),
        ({"anyOf": [TEXT, NULL]}, "null"),
        ({"anyOf": [TEXT, INTEGER]}, "3"),
        (CHOICE, "b"),
        (CHOICE, "a"),
        (FILE, "http://host/a.png"),
        ({}, "[1]"),
    ],
)
def test_what_is_left_as_it_is(schema: Any, value: Any) -> None:
    """What is right already, or could be meant otherwise, is nobody's to change."""
    made = mend(parse_shape(schema), value)

    assert (made, type(made)) == (value, type(value))


@pytest.mark.parametrize("value", [b"x", (1, 2), np.zeros(2)])
def test_what_no_model_gives_is_left(value: Any) -> None:
    """What the caller put among the arguments stays the object that it is."""
    assert mend(parse_shape(LIST), value) is value


@given(schemas, values)
def test_any_shape_and_value(schema: Any, value: Any) -> None:
    """Whatever is declared and given: a value or a `Misfit`, and JSON stays JSON."""
    shape = parse_shape(schema)
    assert name_shape(shape)
    json.dumps(mend(shape, value))
    try:
        json.dumps(conform(shape, value))
    except Misfit as misfit:
        assert str(misfit).startswith("it takes ")  # noqa: PT017 - either is right


def test_unions_in_unions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each way is tried once, however deep they are: twice each would be without end."""
    tried: list[Any] = []
    monkeypatch.setattr("gradioproxy.values.conform.as_number", tried.append)
    schema: Any = INTEGER
    value: Any = ["x"]
    for _ in range(17):
        schema, value = {"anyOf": [{"type": "array", "items": schema}, NULL]}, [value]

    with pytest.raises(Misfit):
        conform(parse_shape(schema), value[0])
    assert tried == ["x"]


def test_members_with_parts_in_common(monkeypatch: pytest.MonkeyPatch) -> None:
    """A part of a value is tried once as what both have, also where only the second one is it."""
    tried: list[Any] = []

    def note(value: Any) -> Any:
        tried.append(value)
        return value

    monkeypatch.setattr("gradioproxy.values.conform._as_text", note)
    levels = 10
    schema = build_ladder(
        lambda below: {
            "anyOf": [
                {"type": "array", "prefixItems": [below, {"const": 1}]},
                {"type": "array", "prefixItems": [below, {"const": 2}]},
            ]
        },
        levels,
    )
    value: Any = "x"
    for _ in range(levels):
        value = [value, 2]

    assert conform(parse_shape(schema), value) == value
    assert len(tried) <= 2


def test_a_message_names_no_more_than_anybody_reads() -> None:
    """A shape that doubles is named as far as it says something."""
    schema = build_ladder(
        lambda below: {
            "anyOf": [
                {"type": "array", "items": below},
                *({"type": "array", "items": {"const": "x" * n}} for n in range(100, 105)),
            ]
        },
        10,
    )
    with pytest.raises(Misfit) as caught:
        conform(parse_shape(schema), 1)
    assert 10 < len(str(caught.value)) < 2_000


def test_numbers_that_can_not_be_written() -> None:
    """Python refuses to write as text what has thousands of digits."""
    for number in (10**5000, fractions.Fraction(10**5000)):
        with pytest.raises(Misfit, match="it takes text"):
            conform(parse_shape(TEXT), number)
    assert mend(parse_shape(TEXT), 10**5000) == 10**5000
    assert mend(parse_shape({"type": "array", "items": TEXT}), [1, 10**5000]) == ["1", 10**5000]


def test_what_is_nested_without_end() -> None:
    """A value that contains itself is not followed for ever."""
    endless: list[Any] = []
    endless.append(endless)
    tree = {"$defs": {"t": {"type": "array", "items": {"$ref": "#/$defs/t"}}}, "$ref": "#/$defs/t"}

    assert conform(parse_shape(tree), endless) == [endless]
    assert mend(parse_shape(tree), "[[1]]") == [[1]]
    assert mend(parse_shape(LIST), "[" * 100_000) == ["[" * 100_000]
    assert mend(parse_shape({"type": "array", "items": LIST}), 1) == 1
