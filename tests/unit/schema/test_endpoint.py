"""What is read of an app can be asked and compared."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gradioproxy.schema.endpoint import Endpoint, Endpoints
from gradioproxy.schema.shape import ANYTHING, FILE, NUMBER, TEXT, Array
from tests.support.schemas import endpoint, parameter, result


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"shape": Array(TEXT), "choices": ["a"]}, True),
        ({"shape": ANYTHING, "choices": ["a"], "component": "CheckboxGroup"}, True),
        ({"shape": TEXT, "choices": ["a"], "properties": {"multiselect": True}}, True),
        ({"shape": TEXT, "choices": ["a"], "properties": {"multiselect": None}}, False),
        ({"shape": TEXT, "choices": ["a"]}, False),
        ({"shape": Array(TEXT)}, False),
    ],
)
def test_several(facts: dict[str, Any], expected: bool) -> None:
    """A parameter takes several choices if its schema, its component or its author says so."""
    assert parameter(**facts).takes_list is expected


SAMPLE = endpoint([parameter("a", has_default=True, default=1)], [result("b")])


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (replace(SAMPLE, function=7, description="other words"), True),
        (replace(SAMPLE, name="/other"), False),
        (replace(SAMPLE, results=()), False),
        (endpoint([parameter("a", has_default=True, default=True)], [result("b")]), False),
        (endpoint([parameter("a", NUMBER, has_default=True, default=1)], [result("b")]), False),
    ],
)
def test_likeness(other: Endpoint, expected: bool) -> None:
    """Endpoints are alike if a call means the same to both."""
    assert SAMPLE.is_compatible(other) is expected


def test_likeness_of_files() -> None:
    """A default that is a file has another path in every process."""
    one, two = (
        endpoint([parameter("a", FILE, has_default=True, default={"path": path})]) for path in "xy"
    )

    assert one.is_compatible(two)
    assert one.takes_files
    assert not SAMPLE.takes_files


def test_endpoints() -> None:
    """Endpoints are made once, when they are asked for."""
    made = []

    def make(name: str, source: Endpoint) -> Endpoint:
        made.append(name)
        return source

    endpoints = Endpoints({"/a": SAMPLE}, make)

    assert list(endpoints) == ["/a"]
    assert "/a" in endpoints
    assert not made
    assert endpoints["/a"] is endpoints["/a"] is SAMPLE
    assert made == ["/a"]
    assert len(endpoints) == 1
