"""How large values are, without writing them down."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given

from gradioproxy.sizes import measure_value
from tests.support.schemas import values


@given(values)
def test_it_is_never_more_than_it_takes_in_a_message(value: Any) -> None:
    written = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    assert measure_value(value) <= len(written.encode(errors="surrogatepass"))


@pytest.mark.parametrize(
    "value",
    ["x" * 10_000, ["x" * 10_000], {"x" * 10_000: None}, [[1]] * 5_000, [{"a": {}}] * 2_000],
)
def test_it_is_about_as_much(value: Any) -> None:
    assert measure_value(value) > len(json.dumps(value, separators=(",", ":"))) / 2


def test_depth_is_no_limit() -> None:
    value: Any = "x" * 100
    for _ in range(100_000):
        value = [value]
    assert measure_value(value) > 200_000
