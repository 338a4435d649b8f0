"""What setup.cfg requires, and whether the lowest versions of it are what was installed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from .pythons import metadata

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

LEFT_OUT = frozenset({"huggingface_hub"})
"""What tests without servers need none of, and what itself needs later versions than we do."""


def required(extras: Iterable[str] = ()) -> list[Requirement]:
    """Return what the package requires, and with extras; one that names another has that too."""
    config = metadata()
    found = list(_parsed(config["options"]["install_requires"]))
    for extra in extras:
        for each in _parsed(config["options.extras_require"][extra]):
            found += required(each.extras) if each.name == "gradioproxy" else [each]
    return list(dict.fromkeys(found))


def extras() -> list[str]:
    """Return the names of all extras."""
    return [*metadata()["options.extras_require"]]


def lower_bounds(requirements: Iterable[Requirement], python: str) -> dict[str, str]:
    """Return the lower bound of each package for a version of Python.

    Raises:
        ValueError: A package has none.
    """
    bounds = {}
    for each in requirements:
        if each.marker is None or each.marker.evaluate({"python_version": python}):
            lowest = [one.version for one in each.specifier if one.operator == ">="]
            if not lowest:
                raise ValueError(f"{each} has no lower bound")
            bounds[normalised(each.name)] = lowest[0]  # a later line is for later Pythons
    return bounds


def untrue_bounds(bounds: Mapping[str, str], lowest: Mapping[str, str]) -> Iterator[str]:
    """Yield which bounds are not what the lowest version is that can be installed."""
    for name, bound in bounds.items():
        if _numbers(lowest[name])[: len(_numbers(bound))] != _numbers(bound):
            yield f"{name} >={bound}, but the lowest that can be installed is {lowest[name]}"


def normalised(name: str) -> str:
    """Return the one way to write the name of a package."""
    return canonicalize_name(name)


def _numbers(version: str) -> list[int]:
    """Return a version's numbers, without the zeros at their end."""
    numbers = [*Version(version).release]
    while numbers[-1:] == [0]:
        numbers.pop()
    return numbers


def _parsed(lines: str) -> Iterator[Requirement]:
    """Yield the requirements of a value of setup.cfg."""
    for line in lines.splitlines():
        if line.strip():
            yield Requirement(line)
