"""Annotations are the same if they mean the same, whatever their classes are called."""

# No annotations as text: Python finds no `NotRequired` in those.
from typing import Any, Literal, NamedTuple, cast

import pytest
from typing_extensions import NotRequired, TypedDict

from gradioproxy import File
from gradioproxy.functions.annotation_inclusion import includes_annotation
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
    both = includes_annotation(one, other) and includes_annotation(other, one)
    assert both is same
    assert includes_annotation(one, one)
    assert includes_annotation(other, other)


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


@pytest.mark.parametrize("last", [int, str])
def test_objects_that_name_each_other(last: Any) -> None:
    """Each pair of them is looked at once: what takes little to declare costs little."""
    one, other = (make_tangle(40, kind) for kind in (int, last))
    assert includes_annotation(one, other) is (last is int)
    assert includes_annotation(list[one], list[other]) is (last is int)  # type: ignore[valid-type]


def make_object(name: str) -> Any:
    """Return an object without keys."""
    return cast("Any", TypedDict)(name, {})


def make_tangle(size: int, kind: Any) -> Any:
    """Return the first of so many objects, each with a key for each; the last one has one more."""
    made = [make_object(f"T{number}") for number in range(size)]
    for each in made:
        each.__annotations__ = {f"k{number}": other for number, other in enumerate(made)}
    made[-1].__annotations__["last"] = kind
    return made[0]


def test_a_guess_that_was_wrong() -> None:
    """What was found right by it is looked at again."""

    def build(kind: Any) -> Any:
        first, second = make_object("first"), make_object("second")
        first.__annotations__ = {"second": list.__class_getitem__(second) | int, "x": kind}
        second.__annotations__ = {"first": first}
        return first, second

    (one, inner), (other, other_inner) = build(int), build(str)
    assert not includes_annotation(one, other)
    assert not includes_annotation(inner, other_inner)
    assert not includes_annotation(one | int, other)
