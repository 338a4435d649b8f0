"""What has changed between two written modules, told by reading them."""

from __future__ import annotations

import pytest

from gradioproxy.functions.module_changes import find_module_changes

BEFORE = '''\
"""The functions."""

Mode: TypeAlias = Literal["a"]


class Point(TypedDict):
    x: int


@_app.endpoint("/one")
def one(a: str, b: int = 1) -> str:
    """Do it."""
    raise NotImplementedError
'''


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("a: str", "a: int", ["one(): 'a' takes int, and took str"]),
        ("b: int = 1", "b: int = 2", ["one(): 'b' has the default 2, and had the default 1"]),
        ("b: int = 1", "b: int", ["one(): 'b' has no default, and had the default 1"]),
        ("b: int = 1", "b: int = 1, c: str = 'x'", ["one(): 'c' is new (str = 'x')"]),
        (", b: int = 1", "", ["one(): there is no 'b' any more"]),
        ("a: str, b: int", "b: int, a: str", ["one(): its parameters come in another order: b, a"]),
        ("-> str", "-> int", ["one(): it returns int, and returned str"]),
        ("def one", "def two", ["one() is gone", "two() is new"]),
        ("Do it.", "Do it well.", ["one(): its docstring has changed"]),
        ('"/one"', '"/two"', ["one(): it is another function of the app"]),
        (
            "x: int",
            "y: int",
            ["the type Point is {0} y: int, and was {0} x: int".format("class Point(TypedDict):")],
        ),
        (
            '["a"]',
            '["b"]',
            ["the type Mode is {0}['b'], and was {0}['a']".format("Mode: TypeAlias = Literal")],
        ),
        (
            "The functions.",
            "Of another app.",
            ["what it says at its beginning, of the app or of gradioproxy, has changed"],
        ),
        (
            "def one(a: str,",
            "def one(a:  str,",
            ["only the form of the file has changed: its comments, blanks or quotation marks"],
        ),
    ],
)
def test_changes(old: str, new: str, found: list[str]) -> None:
    after = BEFORE.replace(old, new)
    made = find_module_changes(BEFORE, after)
    if old.startswith("a: str, b"):  # what has a default now is told as well
        made = made[-1:]
    assert made == found


def test_what_differs_behind_much() -> None:
    """All of a type is compared, and what is shown of it is where it differs."""
    choices = ", ".join(f'"choice {number}"' for number in range(100))
    before = BEFORE.replace('"a"', f'{choices}, "old"')
    (found,) = find_module_changes(before, before.replace('"old"', '"new"'))
    assert found.startswith("the type Mode is …")
    assert "'new'], and was …" in found
    assert "'old']" in found
    assert len(found) < 500


def test_nothing_has_changed() -> None:
    """However lines end: version control may have changed that."""
    assert find_module_changes(BEFORE, BEFORE) == []
    assert find_module_changes(BEFORE.replace("\n", "\r\n"), BEFORE) == []


def test_what_is_no_module() -> None:
    with pytest.raises(ValueError, match="no module of Python"):
        find_module_changes("def (", BEFORE)
