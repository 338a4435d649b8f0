"""Which shapes take all values of others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradioproxy.schema.inclusion import includes
from gradioproxy.schema.match import has_type
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
    walk,
)
from gradioproxy.schema.write import write_schema
from tests.support.schemas import schemas, values

if TYPE_CHECKING:
    from collections.abc import Callable

PERSON = Object("Person", (Field("name", TEXT, True), Field("age", INTEGER, False)))
NAME = Object("Name", (Field("name", TEXT, True),))
ADULT = Object("Adult", (Field("name", TEXT, True), Field("age", INTEGER, True)))
OPEN = Object("Open", (Field("name", TEXT, True),), ANYTHING)
IMAGE = Object("Image", (Field("image", FILE, True),))


@pytest.mark.parametrize(
    ("wide", "narrow"),
    [
        (ANYTHING, TEXT),
        (ANYTHING, Array(PERSON)),
        (NUMBER, INTEGER),
        (TEXT, Enum(("a", "b"))),
        (NUMBER, Enum((1, 1.5))),
        (Enum(("a", "b")), Enum(("b",))),
        (Enum(("a", None)), NULL),
        (Union((TEXT, NULL)), TEXT),
        (Union((TEXT, INTEGER, NULL)), Union((INTEGER, TEXT))),
        (Union((TEXT, NUMBER)), Union((TEXT, INTEGER))),
        (Union((Enum(("auto",)), INTEGER)), Enum(("auto", 3))),
        (Union((TEXT, FILE)), FILE),
        (Array(NUMBER), Array(INTEGER)),
        (Array(Union((TEXT, NULL))), Union((Array(TEXT), Array(NULL)))),
        (Array(NUMBER), FixedArray((INTEGER, NUMBER))),
        (FixedArray((NUMBER, TEXT)), FixedArray((INTEGER, TEXT))),
        (Dictionary(ANYTHING), PERSON),
        (Dictionary(Union((TEXT, INTEGER))), PERSON),
        (Dictionary(NUMBER), Dictionary(INTEGER)),
        (PERSON, NAME),
        (PERSON, ADULT),
        (OPEN, PERSON),
        (Array(FILE), Array(FILE)),
    ],
)
def test_wider_ones_take_narrower_ones(wide: Shape, narrow: Shape) -> None:
    """And not the other way round, unless they are the same."""
    assert includes(wide, narrow)
    assert includes(narrow, wide) is (wide == narrow)


def test_a_choice_of_all_values_is_their_type() -> None:
    assert includes(Enum((False, True)), BOOLEAN)
    assert includes(BOOLEAN, Enum((False, True)))
    assert includes(Union((Enum((True, False, "x")), TEXT)), BOOLEAN)
    assert not includes(Enum((True,)), BOOLEAN)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (TEXT, INTEGER),
        (INTEGER, BOOLEAN),
        (TEXT, FILE),
        (Enum(("a",)), FILE),
        (TEXT, Array(TEXT)),
        (FixedArray((TEXT,)), FixedArray((TEXT, TEXT))),
        (Array(TEXT), Array(INTEGER)),
        (PERSON, Array(PERSON)),
        (PERSON, IMAGE),
        (FILE, IMAGE),
        (FILE, Dictionary(ANYTHING)),
        # A path is uploaded where a file goes, and a text where anything does.
        (ANYTHING, FILE),
        (Dictionary(ANYTHING), IMAGE),
        (Array(ANYTHING), Array(FILE)),
        (Enum((1,)), Enum(("1",))),
        (Enum((1,)), Enum((True,))),
    ],
)
def test_neither_takes_the_other(one: Shape, other: Shape) -> None:
    assert not includes(one, other)
    assert not includes(other, one)


def test_keys_that_nobody_reads_do_no_harm() -> None:
    """Who reads a result does not mind more of them, but minds one that is gone."""
    assert not includes(NAME, ADULT)
    assert includes(NAME, ADULT, more_keys=True)
    assert includes(NAME, OPEN, more_keys=True)
    assert includes(PERSON, NAME)
    assert not includes(PERSON, NAME, more_keys=True)
    assert not includes(ADULT, PERSON, more_keys=True)
    assert includes(Array(PERSON), Array(ADULT), more_keys=True)


def test_keys_that_are_not_listed_have_a_type_too() -> None:
    numbers = Object("Numbers", (Field("a", INTEGER, False),), NUMBER)
    assert includes(Dictionary(NUMBER), numbers)
    assert not includes(numbers, Dictionary(NUMBER))
    assert includes(numbers, Dictionary(INTEGER))
    assert not includes(PERSON, OPEN)


def tree(leaf: Any, *, levels: int = 1) -> Shape:
    """Return a shape whose values are trees; written in so many levels, it is the same."""
    names = [f"n{level}" for level in range(levels)]
    definitions: dict[str, Any] = {
        name: {
            "type": "object",
            "properties": {"leaf": leaf, "next": {"$ref": f"#/$defs/{following}"}},
        }
        for name, following in zip(names, [*names[1:], names[0]], strict=True)
    }
    return parse_shape({"$defs": definitions, "$ref": "#/$defs/n0"})


def test_shapes_that_contain_themselves_are_compared_to_the_end() -> None:
    """However they are written, and although references of one name mean different things."""
    text, number = tree({"type": "string"}), tree({"type": "number"})
    assert any(isinstance(part, Reference) for part in walk(text))
    assert includes(text, tree({"type": "string"}, levels=3))
    assert includes(tree({"type": "string"}, levels=5), tree({"type": "string"}, levels=3))
    assert includes(number, tree({"type": "integer"}, levels=2))
    assert not includes(number, text)
    assert not includes(tree({"type": "integer"}, levels=2), number)


def test_a_guess_that_failed_proves_nothing() -> None:
    """What was taken for right while a member of a union was tried is looked at again."""
    text, number = tree({"type": "string"}), tree({"type": "integer"})
    assert not includes(Union((number, TEXT)), text)
    assert includes(Union((number, text)), text)
    assert not includes(Union((Array(number), number)), Union((Array(number), text)))


def nested(build: Callable[[Shape], Shape], times: int) -> Shape:
    shape: Shape = TEXT
    for _ in range(times):
        shape = build(shape)
    return shape


def test_parts_that_are_shared_are_compared_once() -> None:
    """As definitions of a schema are: a few lines can be a tree that nobody walks to its end."""
    deep = nested(lambda inner: Union((Array(inner), FixedArray((inner, inner)))), 30)
    other = nested(lambda inner: Union((Array(inner), FixedArray((inner, inner)))), 30)
    assert includes(deep, other)
    assert not includes(deep, Array(other))


def test_the_work_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond, a shape takes nothing more; and two that turn in circles fill no stack."""
    assert includes(tree({}, levels=7), tree({}, levels=9))
    assert not includes(tree({}, levels=17), tree({}, levels=19))
    names = [f"n{number}" for number in range(20)]
    some = Union(tuple(Object("", (Field(name, INTEGER, True),)) for name in names))
    assert includes(some, parse_shape(write_schema(some)))
    monkeypatch.setattr("gradioproxy.schema.inclusion.MAX_COMPARISONS", 100)
    assert not includes(some, parse_shape(write_schema(some)))


@given(schemas)
def test_every_shape_takes_itself(schema: Any) -> None:
    shape = parse_shape(schema)
    assert includes(shape, parse_shape(schema))


def takes(shape: Shape, value: Any, depth: int = 8) -> bool:  # noqa: PLR0911 - as cases
    """Tell whether a value has a shape, by trying all there is."""
    if not depth or isinstance(shape, Reference):
        return bool(depth) and takes(shape.target, value, depth - 1)  # type: ignore[union-attr]
    match shape:
        case Union(members):
            return any(takes(member, value, depth) for member in members)
        case Array(item):
            return isinstance(value, list) and all(takes(item, one, depth - 1) for one in value)
        case FixedArray(items):
            return (
                isinstance(value, list)
                and len(value) == len(items)
                and all(map(lambda a, b: takes(a, b, depth - 1), items, value))
            )
        case Dictionary(item):
            inside = value.values() if isinstance(value, dict) else [None]
            return isinstance(value, dict) and all(takes(item, one, depth - 1) for one in inside)
        case Object(_, _, extra):
            if not isinstance(value, dict) or not shape.required <= value.keys():
                return False
            shapes = {
                key: shape.by_name[key].shape if key in shape.by_name else extra for key in value
            }
            return all(
                kind is not None and takes(kind, value[key], depth - 1)
                for key, kind in shapes.items()
            )
        case _:
            return shape == ANYTHING or (shape != FILE and has_type(shape, value))


@st.composite
def values_of(draw: st.DrawFn, shape: Shape, depth: int = 5) -> Any:  # noqa: PLR0911 - as cases
    """Draw a value of a shape without files, or any value where it is too deep."""
    if isinstance(shape, Reference):
        shape = shape.target
    if depth == 0:
        return None
    match shape:
        case Union(members):
            return draw(values_of(draw(st.sampled_from(members)), depth - 1))
        case Enum(some):
            return draw(st.sampled_from(some))
        case Array(item):
            return [draw(values_of(item, depth - 1)) for _ in range(draw(st.integers(0, 2)))]
        case FixedArray(items):
            return [draw(values_of(item, depth - 1)) for item in items]
        case Dictionary(item):
            return {key: draw(values_of(item, depth - 1)) for key in draw(st.sets(st.text("ab")))}
        case Object(_, fields, _):
            kept = [one for one in fields if one.required or draw(st.booleans())]
            return {one.name: draw(values_of(one.shape, depth - 1)) for one in kept}
        case _:
            scalars: dict[Shape, Any] = {
                TEXT: st.text("ab"),
                INTEGER: st.integers(),
                NUMBER: st.integers(),
            }
            return draw({**scalars, BOOLEAN: st.booleans(), NULL: st.none()}.get(shape, values))


@given(schemas, schemas, st.data())
def test_what_is_included_is_taken(one: Any, other: Any, data: st.DataObject) -> None:
    """A value of the narrower shape is one of the wider one, tried out."""
    wide, narrow = parse_shape(one), parse_shape(other)
    candidates = [(wide, narrow), (Union((wide, narrow)), narrow), (Array(wide), Array(narrow))]
    for taker, given_ in candidates:
        if includes(taker, given_):
            value = data.draw(values_of(given_))
            assert not takes(given_, value) or takes(taker, value)
