"""Annotations are the same if they mean the same, whatever their classes are called."""

# No annotations as text: Python finds no `NotRequired` in those.
from typing import Any, Literal, NamedTuple

import pytest
from typing_extensions import NotRequired, TypedDict

from gradioproxy import File
from gradioproxy.functions.annotation_inclusion import includes_annotation, outline_members
from gradioproxy.functions.file_like import FileLike
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


class Lone(TypedDict):
    """One without the key that may be missing."""

    a: int


class Uploaded(TypedDict):
    """An object with a file."""

    file: File


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


class More(TypedDict):
    """What has a key besides that may be missing."""

    a: float
    b: NotRequired["More | None"]
    c: NotRequired[str]


class Wider(NamedTuple):
    """A result of more."""

    x: float
    y: First


@pytest.mark.parametrize(
    ("wide", "narrow"),
    [
        (Literal["a", "b"], Literal["a"]),
        (Literal["a"] | None, Literal["a"]),
        (str, Literal["a"]),
        (float, Literal[1]),
        (float, int),
        (list[float | None], list[int]),
        (list[list[str]], list[list[Literal["a"]]]),
        (dict[str, float], dict[str, int]),
        (dict[str, Any], First),
        (Any, list[int]),
        (Wider, Pair),
        (list[More], list[First]),
    ],
)
def test_what_takes_more(wide: Any, narrow: Any) -> None:
    """And is not taken by what takes less."""
    assert includes_annotation(wide, wide)
    assert includes_annotation(wide, narrow)
    assert not includes_annotation(narrow, wide)
    assert not includes_annotation(narrow, wide, more_keys=True)


@pytest.mark.parametrize(
    ("wide", "narrow"),
    [
        (int, str),
        (int, Literal["a"]),
        (list[int], tuple[int, ...]),
        (Pair, Other),
        (dict[str, str], First),
        (Any, File),
        (Any, list[FileLike]),
        (Any, Uploaded),
        (Third, First),
    ],
)
def test_what_takes_something_else(wide: Any, narrow: Any) -> None:
    """A file is a value of its own kind: what takes any JSON is sent its path."""
    assert not includes_annotation(wide, narrow)


def test_more_keys() -> None:
    """They are too many for an app, and none of the business of who reads the others."""
    assert includes_annotation(Lone, First, more_keys=True)
    assert not includes_annotation(Lone, First)
    assert not includes_annotation(First, Lone, more_keys=True)
    assert includes_annotation(First, Lone)
