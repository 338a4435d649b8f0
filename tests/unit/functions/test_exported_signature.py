"""Signatures of written modules: their defaults, and what they no longer say truly."""

from __future__ import annotations

import math
from typing import Any

import pytest

from gradioproxy.functions.codegen import APP_DEFAULT, REQUIRED
from gradioproxy.functions.exported_signature import (
    build_signature,
    find_breaks,
    fits_annotation,
)
from gradioproxy.schema.shape import FILE, INTEGER, NUMBER, TEXT, Array, parse_shape
from tests.support.schemas import endpoint, parameter, result

POINT = parse_shape(
    {
        "type": "object",
        "title": "Point",
        "properties": {"x": {"type": "integer"}, "y": {"type": "integer"}},
        "required": ["x"],
    }
)


def signature_of(*parameters: Any, results: Any = ()) -> Any:
    """Return the signature of an endpoint."""
    return build_signature("f", endpoint(parameters, results))


@pytest.mark.parametrize(
    ("shape", "default", "expected"),
    [
        (TEXT, "x", "x"),
        (NUMBER, math.inf, math.inf),
        (Array(INTEGER), [1, 2], [1, 2]),
        (POINT, {"x": 1}, {"x": 1}),
        (POINT, {"z": 1}, APP_DEFAULT),
        (POINT, {}, APP_DEFAULT),
        (FILE, {"path": "x", "meta": {"_type": "gradio.FileData"}}, APP_DEFAULT),
        (Array(FILE), [{"path": "x", "meta": {"_type": "gradio.FileData"}}], APP_DEFAULT),
        (TEXT, "x" * 1000, APP_DEFAULT),
        (Array(INTEGER), ["a"], APP_DEFAULT),
    ],
)
def test_defaults(shape: Any, default: Any, expected: Any) -> None:
    made = signature_of(parameter("x", shape, has_default=True, default=default))
    assert made.defaults == {"x": expected}


def test_a_default_that_is_none_of_its_type_widens_it() -> None:
    """The app takes it, whatever it says."""
    made = signature_of(parameter("x", INTEGER, has_default=True, default=0.5))
    assert made.defaults == {"x": 0.5}
    assert made.hints == {"x": int | float}


def test_required_behind_optional() -> None:
    made = signature_of(
        parameter("x", has_default=True, default="a"), parameter("y"), parameter("z")
    )
    assert made.defaults == {"x": "a", "y": REQUIRED, "z": REQUIRED}


@pytest.mark.parametrize(
    ("value", "hint", "fits"),
    [
        (1, float, True),
        (1.5, int, False),
        (True, int, True),
        (1, bool, False),
        ("a", int | str, True),
        (None, int | None, True),
        ({"a": 1}, dict[str, int], False),
        (object(), object, False),
    ],
)
def test_what_type_checkers_take(value: Any, hint: Any, fits: bool) -> None:
    assert fits_annotation(value, hint) is fits


BEFORE = (parameter("a"), parameter("b", INTEGER, has_default=True, default=1))
TEXTS = (result("out"),)


@pytest.mark.parametrize(
    ("now", "results", "found"),
    [
        (BEFORE, TEXTS, []),
        ((*BEFORE, parameter("c", has_default=True, default="x")), TEXTS, []),
        ((*BEFORE, parameter("c")), TEXTS, ["'c' is needed"]),
        (BEFORE[:1], TEXTS, ["there is no 'b' any more"]),
        (
            (BEFORE[0], parameter("b", INTEGER, has_default=True, default=2)),
            TEXTS,
            [],
        ),
        ((BEFORE[0], parameter("b", INTEGER)), TEXTS, ["'b' is needed"]),
        (
            (parameter("a", INTEGER), BEFORE[1]),
            TEXTS,
            ["'a' takes int, and took str"],
        ),
        (BEFORE, (result("out", INTEGER),), ["it returns int, and returned str"]),
        ((BEFORE[0], parameter("b", NUMBER, has_default=True, default=1)), TEXTS, []),
        (
            (parameter("a", INTEGER), BEFORE[1]),
            (result("out", NUMBER),),
            ["'a' takes int, and took str", "it returns float, and returned str"],
        ),
        (
            BEFORE,
            (result("x"), result("y")),
            ["it returns FResult(x, y), and returned str"],
        ),
    ],
)
def test_breaks(now: Any, results: Any, found: list[str]) -> None:
    written = signature_of(*BEFORE, results=TEXTS)
    assert find_breaks(written, signature_of(*now, results=results)) == found


def test_another_order_is_a_break() -> None:
    """A call by position would mean something else."""
    one, two = parameter("a"), parameter("b")
    assert find_breaks(signature_of(one, two), signature_of(two, one)) == [
        "its parameters come in another order: b, a"
    ]


def test_choices_that_came_are_none() -> None:
    """And one that is gone is."""
    few = signature_of(parameter("a", choices=["x", "y"], closed_choices=True))
    more = signature_of(parameter("a", choices=["x", "y", "z"], closed_choices=True))
    assert find_breaks(few, more) == []
    assert len(find_breaks(more, few)) == 1
    assert find_breaks(more, few, types=False) == []
