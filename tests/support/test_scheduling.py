"""Which process runs which tests: versions stay together, and nobody is idle."""

from __future__ import annotations

import pytest

from tests.support.scheduling import choose_scope, scope_of


@pytest.mark.parametrize(
    ("nodeid", "scope"),
    [
        ("tests/test_a.py::test_b", " tests/test_a.py"),
        ("tests/test_a.py::test_b[4.0.2]", "4.0.2 tests/test_a.py"),
        ("tests/test_a.py::test_b[True-4.0.2-rst]", "4.0.2 tests/test_a.py"),
        ("tests/test_a.py::test_b[release (4.0.2)]", " tests/test_a.py"),
        ("tests/test_a.py::test_b[a]-[b]", " tests/test_a.py"),
        ("tests/unit/a/test_a.py::test_b[4.0.2]", " tests/unit/a/test_a.py"),
    ],
)
def test_what_is_handed_out_together(nodeid: str, scope: str) -> None:
    assert scope_of(nodeid) == scope


@pytest.mark.parametrize(
    ("left", "own", "others", "chosen"),
    [
        # What needs no server comes first.
        ({"4 a": 9, " a": 1, " b": 1}, "4 b", [], " a"),
        # Then a process stays with its version,
        ({"4 a": 9, "5 a": 1, "5 b": 1}, "5 c", ["4 b"], "5 a"),
        # takes another that nobody is at, the longest,
        ({"4 a": 9, "5 a": 1, "6 a": 1, "6 b": 1}, " a", ["4 b"], "6 a"),
        # or helps where most is left.
        ({"4 a": 1, "5 a": 2, "5 b": 2}, "3 a", ["4 b", "5 c"], "5 a"),
    ],
)
def test_what_a_process_goes_on_with(
    left: dict[str, int], own: str, others: list[str], chosen: str
) -> None:
    assert choose_scope(left, own, others) == chosen
