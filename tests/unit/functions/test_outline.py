"""Annotations are the same if they mean the same, whatever their classes are called."""

# No annotations as text: Python finds no `NotRequired` in those.
from typing import Any, Literal, NamedTuple

import pytest
from typing_extensions import NotRequired, TypedDict

from gradioproxy.functions.outline import outline_members
from gradioproxy.values.table import Table


class First(TypedDict):
    """An object."""

    a: int
    b: NotRequired["First | None"]


class Second(TypedDict):
    """The same under another name."""

    b: NotRequired["Second | None"]
    a: int


class Third(TypedDict):
    """Another: all of it is needed."""

    a: int
    b: "Third | None"


class Pair(NamedTuple):
    """A result."""

    x: int
    y: First


class Twin(NamedTuple):
    """The same."""

    x: int
    y: Second


class Other(NamedTuple):
    """Another: its fields have moved."""

    y: First
    x: int


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (int, int, True),
        (int, float, False),
        (int | str, str | int, True),
        (int | None, int, False),
        (Any, Any, True),
        (Literal["a", "b"], Literal["b", "a"], True),
        (Literal["a"], Literal["a", "b"], False),
        (Literal[1], Literal[True], False),
        (list[int | str], list[str | int], True),
        (list[int], tuple[int], False),
        (tuple[int, ...], tuple[int, int], False),
        (First, Second, True),
        (First, Third, False),
        (list[First], list[Second], True),
        (Pair, Twin, True),
        (Pair, Other, False),
        (Table, Table, True),
        (None, type(None), True),
    ],
)
def test_what_is_the_same(one: Any, other: Any, same: bool) -> None:
    assert (outline_members(one) == outline_members(other)) is same


def test_more_choices_are_more() -> None:
    """So that what a choice was is still one."""
    assert outline_members(Literal["a"]) < outline_members(Literal["a", "b"])
    assert outline_members(Literal["a"]) < outline_members(Literal["a"] | None)
