"""What tells two types from each other, in words."""

from __future__ import annotations

from typing import Any

import pytest

from gradioproxy.client.contract.type_changes import (
    describe_type_change,
    gives_other_files,
    key_of,
    list_values,
    takes_other_files,
    takes_same,
)
from gradioproxy.schema.shape import TEXT, Array, Field, Object, Union
from tests.support.contracts import taking


def made_of(**shapes: Any) -> Object:
    return Object("", tuple(Field(name, shape, False) for name, shape in shapes.items()))


def test_the_keys_of_an_object_are_told_apart() -> None:
    """As many as anybody reads."""
    old = made_of(a=TEXT, b=TEXT, **{f"k{number}": TEXT for number in range(9)})
    new = made_of(a=Array(TEXT), b=TEXT)
    entry = taking("x", "list[Value]")
    said = describe_type_change("is", entry, entry, Array(old), Array(new))
    assert said == (
        "is another list[Value] now ('a' is of another type, 'k0' is gone, 'k1' is gone, "
        "'k2' is gone, 'k3' is gone, 'k4' is gone …)"
    )


def test_a_choice_of_objects_has_no_keys() -> None:
    both = Union((made_of(a=TEXT), made_of(b=TEXT)))
    entry = taking("x", "A | B")
    assert describe_type_change("takes", entry, entry, both, both) == "takes another A | B now"


@pytest.mark.parametrize(
    ("old", "new", "taken", "given"),
    [
        ("Image", "Image", False, False),
        ("Image", "Video", True, True),
        ("Image", "File", False, True),
        ("UploadButton", "audio", True, False),
        ("File", "UploadButton", False, False),
        # Of what is somebody's own nothing is known.
        ("Image", "MyImage", False, False),
        ("Textbox", "Image", False, False),
    ],
)
def test_files_are_of_a_medium(old: str, new: str, taken: bool, given: bool) -> None:
    before, after = (taking("a", "FileLike", component=each) for each in (old, new))
    assert takes_other_files(before, after) is taken
    assert gives_other_files(before, after) is given
    assert takes_same(before, after) is not taken


def test_values_are_listed_shortly() -> None:
    assert list_values(["a", 1, None]) == "'a', 1, None"
    assert list_values(range(9)) == "0, 1, 2, 3, 4, 5 and 3 more"
    assert len(list_values(["x" * 1000, "a\x1b\n"])) < 80


def test_values_that_are_equal_in_json_have_one_key() -> None:
    assert key_of(1) == key_of(1.0)
    assert len({key_of(value) for value in (1, "1", True, None, [1], {"a": 1}, '{"a": 1}')}) == 7
    assert key_of({"a": 1, "b": 2}) == key_of({"b": 2, "a": 1})
