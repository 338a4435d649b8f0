"""What a function that is called makes of its arguments."""

from __future__ import annotations

from typing import Any

import pytest

from gradioproxy.calls.request import find_left_out, render_call
from gradioproxy.functions.codegen import REQUIRED

SIZES = [1, 2]


class Array:
    """As NumPy's, whose comparison is no answer."""

    def __eq__(self, other: object) -> Any:
        return [False]

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return "array"


ARRAY = Array()


@pytest.mark.parametrize(
    ("arguments", "defaults", "left_out", "call"),
    [
        ({}, {}, set(), "f()"),
        ({"a": 1, "b": "x"}, {}, set(), "f(a=1, b='x')"),
        ({"a": 1, "b": None}, {"b": None}, {"b"}, "f(a=1)"),
        ({"a": None, "b": None}, {"b": None}, {"b"}, "f(a=None)"),
        ({"a": True}, {"a": 1}, set(), "f(a=True)"),
        ({"a": 1.0}, {"a": 1}, set(), "f(a=1.0)"),
        ({"a": SIZES}, {"a": SIZES}, {"a"}, "f()"),
        ({"a": [1, 2]}, {"a": SIZES}, set(), "f(a=[1, 2])"),
        ({"a": ARRAY}, {"a": None}, set(), "f(a=array)"),
        ({"a": ARRAY}, {"a": ARRAY}, {"a"}, "f()"),
        ({"a": None, "b": 2}, {"a": None, "b": REQUIRED}, {"a"}, "f(b=2)"),
        ({"a": "x" * 100}, {}, set(), None),
    ],
)
def test_what_is_left_out(
    arguments: dict[str, Any], defaults: dict[str, Any], left_out: set[str], call: str | None
) -> None:
    """A default is left out where it is the very object; what equals it was given."""
    assert find_left_out(arguments, defaults) == left_out
    text = render_call("f", arguments, defaults)
    assert text == call if call else len(text) < 80
