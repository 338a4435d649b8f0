"""Which JSON values have which shapes, and which member of a union one is of."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from gradioproxy.schema.limits import MAX_SHAPE_DEPTH
from gradioproxy.schema.match import fits, has_type, json_equal, member_for, part_of
from gradioproxy.schema.shape import (
    ANYTHING,
    BOOLEAN,
    FILE,
    INTEGER,
    NULL,
    NUMBER,
    TEXT,
    Array,
    Dictionary,
    Enum,
    Field,
    FixedArray,
    Object,
    Reference,
    Shape,
    Union,
    parse_shape,
)
from tests.support.schemas import schemas, values

MARKED = {"path": "/srv/a.png", "meta": {"_type": "gradio.FileData"}}
UNMARKED = {"path": "/srv/a.png"}
PAIR = FixedArray((TEXT, NUMBER))
NAMED = Object("Named", (Field("name", TEXT, True), Field("age", INTEGER, False)))
OPEN = Object("Open", NAMED.fields, TEXT)
IMAGE = Object("Image", (Field("image", FILE, True), Field("caption", TEXT, False)))
VIDEO = Object("Video", (Field("video", FILE, True), Field("caption", TEXT, False)))
WORDS = Object("Words", (Field("type", Enum(("text",)), True), Field("value", TEXT, True)))
COUNT = Object("Count", (Field("type", Enum(("count",)), True), Field("value", TEXT, True)))


@pytest.mark.parametrize(
    ("shape", "right", "wrong_inside", "wrong"),
    [
        (TEXT, ["", "1"], [], [1, None, True, ["a"]]),
        (INTEGER, [0, 10**30], [], [1.0, True, "1", None]),
        (NUMBER, [1, 1.5, float("inf")], [], [True, "1", None]),
        (BOOLEAN, [True, False], [], [0, 1, "true", None]),
        (NULL, [None], [], [0, "", False, [], {}]),
        (Enum((1, "a", None)), [1, 1.0, "a", None], [], [True, "1", "b", [1]]),
        (Array(TEXT), [[], ["a"], ["a", "b"]], [[1], ["a", None]], ["a", {}, ("a",)]),
        (PAIR, [["a", 1]], [["a"], ["a", 1, 1], [1, "a"], []], ["a", {}]),
        (Dictionary(TEXT), [{}, {"a": "b"}], [{"a": 1}], [[], "a"]),
        (
            NAMED,
            [{"name": "a"}, {"name": "a", "age": 1}],
            [{}, {"age": 1}, {"name": 1}, {"name": "a", "age": "1"}, {"name": "a", "more": 1}],
            [[], "a", None],
        ),
        (OPEN, [{"name": "a", "more": "b"}], [{"name": "a", "more": 1}], []),
        (FILE, [MARKED, UNMARKED, "https://app.test/a.png"], [], [1, None, [UNMARKED]]),
        (Union((Array(TEXT), NULL)), [["a"], None], [[1]], ["a", 1]),
        (ANYTHING, [None, 1, {"a": [1]}], [], []),
    ],
)
def test_which_values_have_a_shape(
    shape: Shape, right: list[Any], wrong_inside: list[Any], wrong: list[Any]
) -> None:
    """A value has a shape or not, and its outermost layer may have it where the rest has not."""
    assert [fits(shape, value) for value in right] == [True] * len(right)
    assert [fits(shape, value) for value in wrong_inside + wrong] == [False] * (
        len(wrong_inside) + len(wrong)
    )
    assert all(has_type(shape, value) for value in right + wrong_inside)
    assert not any(has_type(shape, value) for value in wrong)


@pytest.mark.parametrize(
    ("members", "value", "expected"),
    [
        ((TEXT, NULL), None, NULL),
        ((TEXT, NULL), "a", TEXT),
        ((TEXT, NULL), 1, ANYTHING),
        ((NUMBER, BOOLEAN), True, BOOLEAN),
        ((TEXT, Enum(("a",))), "a", Enum(("a",))),
        ((TEXT, Enum(("a",))), "b", TEXT),
        ((FILE, TEXT), "data:,a", TEXT),
        ((FILE, NULL), "data:,a", FILE),
        ((FILE, Enum(("a",))), "data:,a", FILE),
        ((TEXT, FILE), UNMARKED, FILE),
        ((Dictionary(TEXT), FILE), UNMARKED, FILE),
        ((FILE, Dictionary(TEXT)), {"a": "b"}, Dictionary(TEXT)),
        ((IMAGE, FILE), MARKED, FILE),
        ((IMAGE, FILE), {"image": MARKED}, IMAGE),
        ((IMAGE, VIDEO), {"video": UNMARKED, "caption": None}, VIDEO),
        ((IMAGE, VIDEO), {"other": 1}, IMAGE),
        ((WORDS, COUNT), {"type": "count", "value": "3"}, COUNT),
        ((Dictionary(TEXT), NAMED), {"name": "a"}, NAMED),
        ((Array(NUMBER), PAIR), ["a", 1], PAIR),
        ((Array(NUMBER), PAIR), [1, 2, 3], Array(NUMBER)),
        ((Array(TEXT), Array(FILE)), [UNMARKED], Array(FILE)),
        ((Array(TEXT), Array(FILE)), [], Array(TEXT)),
        ((PAIR, FixedArray((NUMBER, TEXT))), [1, "a"], FixedArray((NUMBER, TEXT))),
    ],
)
def test_which_member_a_value_is_of(
    members: tuple[Shape, ...], value: Any, expected: Shape
) -> None:
    """The one that has it or comes closest to it: where nothing decides, the first."""
    assert member_for(Union(members), value) == expected


def test_members_behind_references() -> None:
    """A union has no unions among its members, and no references, however they lead."""
    definitions: dict[str, Shape] = {}
    first, second = Reference("a", definitions), Reference("b", definitions)
    definitions |= {"a": Union((second, NULL)), "b": Union((first, FILE))}
    both = Union((first, TEXT))

    assert both.alternatives == (FILE, NULL, TEXT)
    assert member_for(both, UNMARKED) == FILE
    assert (has_type(first, None), has_type(first, 1)) == (True, False)
    assert (fits(second, None), fits(second, 1)) == (True, False)


def test_what_is_nested_without_end_fits_nothing() -> None:
    """And that is known at once, also where each layer could be one of several lists."""
    definitions: dict[str, Shape] = {}
    node = Reference("node", definitions)
    definitions["node"] = Union((Array(node), FixedArray((node,)), INTEGER))
    real: Any = 1
    for _ in range(MAX_SHAPE_DEPTH // 4):
        real = [real]
    endless: Any = 1
    for _ in range(100_000):
        endless = [endless]

    assert fits(node, real)
    assert not fits(node, endless)
    while isinstance(endless, list):
        endless = endless.pop()  # or Python would need its stack to free it


@given(schemas, values)
def test_every_value_and_every_schema(schema: Any, value: Any) -> None:
    """Whatever a server declares and sends, there is an answer, and the two agree."""
    shape = parse_shape(schema)
    assert has_type(shape, value) or not fits(shape, value)
    if isinstance(shape, Union) and fits(shape, value):
        assert fits(member_for(shape, value), value)


PLAIN = st.recursive(
    st.sampled_from(["string", "integer", "number", "boolean", "null"]).map(lambda t: {"type": t}),
    lambda inner: st.one_of(
        inner.map(lambda item: {"type": "array", "items": item}),
        inner.map(lambda item: {"type": "object", "additionalProperties": item}),
        inner.map(
            lambda item: {
                "type": "object",
                "properties": {"a": item, "b": item},
                "required": ["a"],
                "additionalProperties": item,
            }
        ),
    ),
    max_leaves=4,
)


@given(PLAIN, values)
def test_what_fits_is_valid(schema: Any, value: Any) -> None:
    """A value that has the shape of a schema is valid by it."""
    if fits(parse_shape(schema), value):
        Draft202012Validator(schema).validate(value)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (1, 1.0, True),
        (1, True, False),
        (0, False, False),
        (1, "1", False),
        ("a", "a", True),
        (None, None, True),
        (None, 0, False),
        ([1], [1], True),
        ({"a": 1}, {"a": 1}, True),
        (object(), object(), False),
    ],
)
def test_equality_of_json(one: Any, other: Any, expected: bool) -> None:
    """Numbers are equal by value; flags, texts and numbers are three things."""
    assert json_equal(one, other) is json_equal(other, one) is expected
    if isinstance(one, int | str | None):
        assert (other in Enum((one,))) is expected


@pytest.mark.parametrize(
    ("shape", "key", "expected"),
    [
        (Array(TEXT), 3, TEXT),
        (FixedArray((TEXT, NUMBER)), 1, NUMBER),
        (FixedArray((TEXT, NUMBER)), 2, ANYTHING),
        (Object("", (Field("a", TEXT, True),)), "a", TEXT),
        (Object("", (Field("a", TEXT, True),)), "b", ANYTHING),
        (Object("", (Field("a", TEXT, True),), NUMBER), "b", NUMBER),
        (Dictionary(TEXT), "any", TEXT),
        (TEXT, 0, ANYTHING),
    ],
)
def test_part_of(shape: Shape, key: Any, expected: Shape) -> None:
    """The shape of a part is found by its key or place."""
    assert part_of(shape, key) == expected
