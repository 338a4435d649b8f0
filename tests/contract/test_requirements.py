"""What setup.cfg requires, and for which Pythons; `scripts/compat` runs the tests with all that."""

from __future__ import annotations

import re
import sys
from importlib.metadata import version as installed

import pytest
from packaging.version import Version
from releases.pythons import PROJECT, metadata, supported
from releases.requirements import LEFT_OUT, extras, lower_bounds, required, untrue_bounds

PYPROJECT = (PROJECT / "pyproject.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize("python", supported())
def test_every_requirement_has_a_lower_bound(python: str) -> None:
    """Of which `scripts/compat` sees whether it is the lowest that can be installed."""
    bounds = lower_bounds(required(extras()), python)
    assert bounds
    assert all(Version(bound) for bound in bounds.values())


def test_there_are_no_upper_bounds() -> None:
    """Those of a library make others' choices for them, and are wrong sooner or later."""
    operators = {one.operator for each in required(extras()) for one in each.specifier}
    assert operators == {">="}


def test_what_is_installed_is_what_is_required() -> None:
    """So these are no versions for which nobody asked."""
    this = "{}.{}".format(*sys.version_info)
    asked = [each for each in required(["test"]) if each.name not in LEFT_OUT]
    for name, bound in lower_bounds(asked, this).items():
        assert Version(installed(name)) >= Version(bound), name


def test_which_pythons_it_is_for() -> None:
    """Each is named once, without a gap, and everything agrees on the first."""
    minors = [int(each.removeprefix("3.")) for each in supported()]
    assert minors == list(range(minors[0], minors[-1] + 1))
    assert metadata()["options"]["python_requires"] == f">=3.{minors[0]}"
    assert f'target-version = "py3{minors[0]}"' in PYPROJECT


def test_what_builds_it_is_what_the_tests_build_it_with() -> None:
    """With the lowest dependencies, these build it with the lowest setuptools."""
    (asked,) = re.findall(r'requires = \["setuptools>=([\d.]+)"\]', PYPROJECT)
    assert lower_bounds(required(["test"]), supported()[0])["setuptools"] == asked


@pytest.mark.parametrize(
    ("bound", "lowest", "true"),
    [
        ("1.0", "1.0.0", True),
        ("1.0", "1", True),
        ("2.32", "2.32.0.20240521", True),
        ("1.24", "1.26.0", False),
        ("1.2", "1.20", False),
        ("5.9.4", "5.9", False),
    ],
)
def test_a_bound_below_the_lowest_is_untrue(bound: str, lowest: str, *, true: bool) -> None:
    """One that the index has no version of, or none for this Python, promises too much."""
    assert bool(list(untrue_bounds({"x": bound}, {"x": lowest}))) is not true
