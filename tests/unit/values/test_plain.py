"""Results as text."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest
from hypothesis import given

from gradioproxy.values.plain import LONGEST, render_plain
from gradioproxy.values.table import Table
from tests.support.schemas import values


class Pair(NamedTuple):
    """A result of two parts."""

    first: Any
    second: Any


@pytest.mark.parametrize(
    "value",
    [
        *(None, True, 1, -2.5, "", "it's", "two  blanks", b"x", (), (1,), (1, 2), [], [[]]),
        *({}, {"b": 1, "a": [2, {"c": None}]}, {"z": 1, 3: 2, None: 3}, Pair(1, Pair("a", (2,)))),
    ],
)
def test_a_small_value_is_what_python_writes(value: Any) -> None:
    """In the order that it has."""
    assert render_plain(value) == repr(value)


def test_kinds_of_dictionaries_are_dictionaries() -> None:
    table = Table({"headers": ["b"], "data": [[1]]})
    assert render_plain([table]) == "[{'headers': ['b'], 'data': [[1]]}]"


@given(values)
def test_every_value_has_a_text(value: Any) -> None:
    assert len(render_plain(Pair(value, [value]))) < 2 * LONGEST


def test_what_is_long_is_left_out() -> None:
    """Of each part, of what is deep, and of what many parts make together."""
    assert render_plain("x" * 10**6) == f"'{'x' * 1998}…"
    assert render_plain([[[[[[[[[1]]]]]]]]]) == "[[[[[[[[[…]]]]]]]]]"
    value: Any = "leaf"
    for _ in range(6):
        value = [value] * 200
    text = render_plain(value)
    assert text.count("leaf") > 500
    assert len(text) < LONGEST + 100
    assert text.endswith("…], …], …], …], …], …]")


def test_what_python_does_not_write() -> None:
    class Broken:
        def __repr__(self) -> str:
            raise RuntimeError("no")

    assert render_plain([10**5000, Broken()]) == "[<int>, <Broken>]"
    assert render_plain("\x1b\u202e") == r"'\x1b\u202e'"
