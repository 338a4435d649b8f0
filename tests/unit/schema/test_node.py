"""Shapes are compared, hashed, written and pickled by what they say, and each part of them once."""

from __future__ import annotations

import itertools
import pickle

import pytest

from gradioproxy.schema.node import MAX_WRITTEN
from gradioproxy.schema.shape import (
    ANYTHING,
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
    Reference,
    Shape,
    Union,
    has_file,
)

DIFFERENT: list[Shape] = [
    *(ANYTHING, FILE, TEXT, NUMBER, Array(TEXT), Dictionary(TEXT), FixedArray((TEXT,))),
    *(FixedArray(()), FixedArray((TEXT, TEXT)), FixedArray((FixedArray((TEXT,)), TEXT))),
    *(FixedArray((FixedArray((TEXT, TEXT)),)), Union((TEXT, FILE)), Union((FILE, TEXT))),
    *(Enum((1,)), Enum((1.0,)), Enum((True,)), Enum(("1",)), Enum((None,)), Enum(("None",))),
    *(Enum(("a", "b")), Enum(("ab",)), Enum(("a;b",)), Enum(("\ud800",)), Enum((10**5000,))),
    *(Object("", ()), Object("T", ()), Object("", (), TEXT), Object("", (Field("", TEXT, True),))),
    *(Object("", (Field("", TEXT, False),)), Object("", (Field("a", TEXT, False),))),
    *(Reference("a", {}), Reference("b", {})),
]


def build_doubled(levels: int) -> Shape:
    """Return a shape in which each level has the next one twice, as the same object."""
    shape: Shape = TEXT
    for _ in range(levels):
        shape = FixedArray((shape, shape))
    return shape


def test_what_says_something_else_is_another() -> None:
    """No two of them are equal, and each equals a copy of itself."""
    for one, other in itertools.combinations(DIFFERENT, 2):
        assert one != other
        assert one.digest != other.digest
    for shape in DIFFERENT:
        same = pickle.loads(pickle.dumps(shape))  # noqa: S301 - made here
        assert (same, hash(same)) == (shape, hash(shape))
    assert TEXT != "text"


def test_references_are_equal_by_their_names() -> None:
    """Or comparing would not end; what they mean is told apart by their definitions."""
    one, other = Reference("a", {"a": TEXT}), Reference("a", {"a": NUMBER})
    assert one == other
    assert one.digest_definitions() != other.digest_definitions()
    assert one.digest_definitions() == Reference("a", {"a": TEXT}).digest_definitions()


def test_shared_parts_are_looked_at_once() -> None:
    """Two to the power of two hundred parts: none of this would end otherwise."""
    one, other = build_doubled(200), build_doubled(200)
    assert one == other
    assert hash(one) == hash(other)
    assert not has_file(one)
    assert pickle.loads(pickle.dumps(one)) == other  # noqa: S301 - made here
    assert len(repr(one)) < 2 * MAX_WRITTEN


@pytest.mark.parametrize(
    ("shape", "text"),
    [
        (TEXT, "Scalar(type=<class 'str'>)"),
        (FixedArray((ANYTHING,)), "FixedArray(items=(Anything(),))"),
        (Enum(("a", 1)), "Enum(values=('a', 1))"),
        (Reference("a", {"a": INTEGER}), "Reference(name='a')"),
    ],
)
def test_repr(shape: Shape, text: str) -> None:
    """They are written as dataclasses are, without what they lead to."""
    assert repr(shape) == text


def test_a_long_repr_is_cut() -> None:
    assert len(repr(Enum(tuple(range(100_000))))) < 2 * MAX_WRITTEN


def test_what_was_computed_is_in_no_pickle() -> None:
    """The hash of a text is another one in each process."""
    shape = Object("T", (Field("a", Enum(("a",)), True),))
    before = pickle.dumps(shape)
    assert (hash(shape), has_file(shape)) == (hash(shape), False)
    assert shape.required == {"a"}
    assert pickle.dumps(shape) == before
