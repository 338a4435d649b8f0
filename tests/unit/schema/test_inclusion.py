"""Which shapes take all values of others."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradioproxy.schema.inclusion import Incomparable, _Comparison, includes
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
from tests.support.hostile_schemas import list_schemas, refer
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
    """Beyond, nothing is told; and two that turn in circles fill no stack."""
    assert includes(tree({}, levels=7), tree({}, levels=9))
    with pytest.raises(Incomparable):
        includes(tree({}, levels=17), tree({}, levels=19))
    names = [f"n{number}" for number in range(20)]
    some = Union(tuple(Object("", (Field(name, INTEGER, True),)) for name in names))
    assert includes(some, parse_shape(write_schema(some)))
    monkeypatch.setattr("gradioproxy.schema.inclusion.MAX_COMPARISONS", 100)
    wider = Union((*some.members, TEXT))
    with pytest.raises(Incomparable):
        includes(wider, some)


ENDLESS = parse_shape(
    {
        "$defs": {"n": {"properties": {"next": {"$ref": "#/$defs/n"}}, "required": ["next"]}},
        "$ref": "#/$defs/n",
    }
)


HALF_ENDLESS = {
    "$defs": {"n": {"properties": {"next": {"$ref": "#/$defs/n"}}, "required": ["next"]}},
    "anyOf": [{"$ref": "#/$defs/n"}, {"type": "integer"}],
}


@pytest.mark.parametrize("empty", [ENDLESS, FixedArray((TEXT, ENDLESS)), Union((ENDLESS, ENDLESS))])
def test_what_no_value_has_is_included_in_everything(empty: Shape) -> None:
    """And takes nothing itself: no value ends that must contain itself."""
    inside = Object("", (Field("a", empty, True),))
    for shape in (TEXT, PERSON, FILE, Array(TEXT), Union((TEXT, NULL))):
        assert includes(shape, empty)
        assert includes(shape, inside)
        assert not includes(empty, shape)
        assert not includes(inside, shape)
        assert includes(shape, Union((empty, shape)))
    assert not includes(TEXT, parse_shape(HALF_ENDLESS))
    assert not includes(TEXT, Array(empty))  # a list can be without items
    assert not includes(
        PERSON, Object("", (Field("name", empty, False),))
    )  # and this without a key


@pytest.mark.parametrize(("name", "schema"), [*list_schemas()])
def test_what_takes_a_line_to_declare_is_compared(
    monkeypatch: pytest.MonkeyPatch, name: str, schema: Any
) -> None:
    """With a copy of it: what was found right is not found out again, within loops neither."""
    monkeypatch.setattr("gradioproxy.schema.inclusion.MAX_COMPARISONS", 3_000)
    del name
    assert includes(parse_shape(schema), parse_shape(schema))
    assert includes(parse_shape(schema), parse_shape(schema), more_keys=True)


class Forgetful(_Comparison):
    """A comparison that remembers nothing but the pairs around the present one."""

    def find_out(self, pair: tuple[int, int], wide: Shape, narrow: Shape, depth: int) -> bool:
        """Compare a pair, again if it was compared."""
        self.open[pair] = len(self.open)
        found = self.compare(wide, narrow, depth + 1)
        del self.open[pair]
        return found


def draw_round(random: Random) -> Shape:
    """Return a choice between objects that contain each other."""
    names = "abcd"

    def draw_part() -> Any:
        if random.random() < 0.2:
            return {"type": random.choice(["string", "integer"])}
        return refer(random.choice(names))

    definitions = {
        name: {"anyOf": [*map(refer, random.sample(names, 2))]}
        if random.random() < 0.6
        else {"type": "object", "properties": {key: draw_part() for key in "xyz"}}
        for name in names
    }
    return parse_shape({"$defs": definitions, "anyOf": [*map(refer, random.sample(names, 2))]})


def test_what_is_remembered_is_what_would_be_found_again() -> None:
    """Of shapes that contain themselves, where a guess may be wrong."""
    random = Random(5)  # noqa: S311 - the same ones each time
    found: Counter[bool] = Counter()
    for _ in range(1_000):
        wide, narrow = draw_round(random), draw_round(random)
        with suppress(Incomparable):
            expected = Forgetful(wide, narrow, more_keys=False).includes(wide, narrow, 0)
            assert includes(wide, narrow) is expected
            found[expected] += 1
    assert min(found[True], found[False]) > 100


def objects(**definitions: Any) -> dict[str, Any]:
    """Return definitions of objects with these keys; a letter is the object of that name."""
    types = {"str": {"type": "string"}, "int": {"type": "integer"}, "any": {}}
    return {
        name: {"properties": {key: types.get(one) or refer(one) for key, one in keys.items()}}
        for name, keys in definitions.items()
    }


def test_what_rests_on_a_wrong_guess_by_way_of_another_is_nothing() -> None:
    """What is in ``E`` rests on ``P`` alone, which rests on ``A``, which turns out wrong."""
    definitions = objects(
        A={"p": "P", "r": "R", "z": "int"},
        P={"e": "E", "a": "A"},
        E={"p": "P"},
        R={"e": "E"},
        B={"p": "any", "r": "R", "z": "str"},
    )
    wide = parse_shape({"$defs": definitions, "anyOf": [refer("A"), refer("B")]})
    definitions["A"]["properties"]["z"] = {"type": "string"}
    narrow = parse_shape({"$defs": definitions, **refer("A")})
    assert not includes(wide, narrow)
    right = parse_shape({"$defs": definitions, "anyOf": [refer("A"), refer("B")]})
    assert includes(right, narrow)


def test_what_rests_on_nothing_does_not_hide_what_something_rests_on() -> None:
    definitions = objects(
        A={"e": "E", "z": "int"}, E={"a": "A", "s": "S"}, S={"s": "str"}, B={"e": "E", "z": "str"}
    )
    wide = parse_shape({"$defs": definitions, "anyOf": [refer("A"), refer("B")]})
    definitions["A"]["properties"]["z"] = {"type": "string"}
    assert not includes(wide, parse_shape({"$defs": definitions, **refer("A")}))


def test_each_pair_is_compared_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of parts that are shared, also where the whole contains itself: there are 512 ways."""
    levels = 9
    below = {f"d{n}": {"x": f"d{n - 1}", "y": f"d{n - 1}"} for n in range(1, levels + 1)}
    plain = {f"e{n}": {"x": f"e{n - 1}", "y": f"e{n - 1}"} for n in range(1, levels + 1)}
    last = {"d0": {"again": f"d{levels}"}, "e0": {"s": "str"}}
    definitions = objects(**below, **plain, **last)
    each = [refer(name) for n in range(levels, 0, -1) for name in (f"d{n}", f"e{n}")]
    schema = {"$defs": definitions, "prefixItems": each, "type": "array"}
    numbers = [
        {"properties": {"d": refer(f"d{levels}"), "z": {"const": number}}} for number in range(6)
    ]
    choice = {"$defs": definitions, "anyOf": numbers}
    narrow = {"$defs": definitions, **numbers[-1]}
    monkeypatch.setattr("gradioproxy.schema.inclusion.MAX_COMPARISONS", 24)
    assert includes(parse_shape(schema), parse_shape(schema))
    monkeypatch.setattr("gradioproxy.schema.inclusion.MAX_COMPARISONS", 40)
    assert includes(parse_shape(choice), parse_shape(narrow))


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
