"""Which versions of Gradio a test is about: marks at the test, and versions as numbers.

Rule: versions are compared as tuples and never as text, in which 4.10 comes before 4.9.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

MARKS = (
    "since(version, reason): the test is about this version of Gradio and later ones",
    "before(version, reason): the test is about versions of Gradio before this one",
)


def release_of(version: str) -> tuple[int, ...]:
    """Return a version as numbers."""
    return tuple(map(int, version.split(".")))


def applies(item: pytest.Item, version: str) -> bool:
    """Tell whether a test is about a version, by its marks."""
    release = release_of(version)
    return all(release >= first for first in _marked(item, "since")) and all(
        release < first for first in _marked(item, "before")
    )


def _marked(item: pytest.Item, name: str) -> list[tuple[int, ...]]:
    """Return the versions that the marks of this name give, each with its reason."""
    found = []
    for mark in item.iter_markers(name):
        version, reason = mark.args
        assert reason, item.nodeid
        found.append(release_of(version))
    return found
