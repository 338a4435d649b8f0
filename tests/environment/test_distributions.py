"""What is built from the tree: always the same bytes, complete, enough where nothing else is.

`scripts/build` does the same on each Python, and asks other people's programs too.
"""

from __future__ import annotations

import stat
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from releases.building import build, differences, distributions
from releases.checking import check_sdist, check_wheel, read_sdist, read_wheel
from releases.environments import Failed, find_uv
from releases.pythons import PROJECT
from releases.smoking import try_alone
from releases.tree import tracked

if TYPE_CHECKING:
    from pathlib import Path

    from releases.checking import Distribution

pytestmark = pytest.mark.skipif(
    not (PROJECT / ".git").exists(), reason="git knows what is to be in it"
)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder of what was built."""
    folder = tmp_path_factory.mktemp("built") / "dist"
    build(folder)
    return folder


@pytest.fixture(scope="module")
def wheel(built: Path) -> Distribution:
    """Give what the wheel has."""
    return read_wheel(distributions(built)[1])


@pytest.fixture(scope="module")
def sdist(built: Path) -> Distribution:
    """Give what the source distribution has."""
    return read_sdist(distributions(built)[0])


def test_who_builds_it_makes_no_difference(built: Path, tmp_path: Path) -> None:
    """Nor when and where, and whether the wheel is built from the tree or what is made of it."""
    build(tmp_path / "again", elsewhere=True)
    assert list(differences(built, tmp_path / "again")) == []


def test_what_is_in_them(wheel: Distribution, sdist: Distribution) -> None:
    """What git tracks, and nothing else; what setup.cfg says."""
    assert list(check_wheel(wheel, tracked(PROJECT))) == []
    assert list(check_sdist(sdist, tracked(PROJECT), wheel)) == []


@pytest.mark.parametrize(
    ("name", "content", "mode"),
    [
        ("gradioproxy/__pycache__/a.pyc", b"", 0o644),
        ("tests/__init__.py", b"", 0o644),
        ("gradioproxy/py.typed", str(PROJECT).encode(), 0o644),
        ("gradioproxy/py.typed", b"", 0o600),
        ("gradioproxy/text.py", b"other", 0o644),
    ],
)
def test_what_must_not_be_in_them(
    wheel: Distribution, sdist: Distribution, name: str, content: bytes, mode: int
) -> None:
    """The check finds what is too much, or not as it was."""
    modes = {name: stat.S_IFREG | mode}
    wrong = [
        replace(each, files=each.files | {name: content}, modes=each.modes | modes)
        for each in (wheel, sdist)
    ]
    assert name in " ".join(check_wheel(wrong[0], tracked(PROJECT)))
    if name != "tests/__init__.py":
        assert name in " ".join(check_sdist(wrong[1], tracked(PROJECT), wheel))


@pytest.mark.parametrize("name", ["gradioproxy/py.typed", "gradioproxy/__init__.pyi"])
def test_what_must_be_in_them(wheel: Distribution, sdist: Distribution, name: str) -> None:
    """The check finds what is missing."""
    fewer = [
        replace(each, files={key: value for key, value in each.files.items() if key != name})
        for each in (wheel, sdist)
    ]
    assert f"the wheel lacks {name}" in list(check_wheel(fewer[0], tracked(PROJECT)))
    assert f"the sdist lacks {name}" in list(check_sdist(fewer[1], tracked(PROJECT), wheel))


@pytest.mark.parametrize("lowest", [False, True], ids=["newest", "lowest"])
def test_the_wheel_needs_no_more_than_it_says(built: Path, tmp_path: Path, *, lowest: bool) -> None:
    """With the newest and the lowest versions of that; the program fails by what it writes."""
    try:
        find_uv()
    except Failed as error:
        pytest.skip(str(error))
    there = try_alone(
        distributions(built)[1], tmp_path / "environment", sys.executable, lowest=lowest
    )
    assert "gradioproxy" in there
    assert "pytest" not in there
