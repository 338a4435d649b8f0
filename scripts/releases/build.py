"""The program: builds a release, and holds it against what a release has to be."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from .building import FROM_TREE, build, differences, distributions
from .checking import check_sdist, check_wheel, read_sdist, read_wheel
from .environments import Failed, run
from .pythons import PROJECT, find_pythons, supported
from .smoking import try_alone
from .tree import tracked, uncommitted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator


class Steps:
    """What was checked, and how it went.

    Attributes:
        failed: How many steps failed.
    """

    def __init__(self) -> None:
        self.failed = 0

    def take(self, what: str, step: Callable[[], Iterable[str] | None]) -> None:
        """Do something that gives what is wrong, and print how it went."""
        begun = time.monotonic()
        try:
            wrong = list(step() or ())
        except Failed as error:
            wrong = str(error).splitlines()
        self.failed += bool(wrong)
        said = "FAILED" if wrong else "ok"
        print(f"{what:<56}  {said:<6}  {time.monotonic() - begun:5.1f} s", flush=True)
        for line in wrong:
            print(f"    {line}")


def check_by_others(target: Path) -> Iterator[str]:
    """Yield what the programs say that others check distributions with."""
    sdist, wheel = distributions(target)
    beside = Path(sys.executable).parent
    yield from _complaints(beside / "twine", "check", "--strict", sdist, wheel)
    yield from _complaints(beside / "check-wheel-contents", wheel)
    yield from _complaints(beside / "validate-pyproject", PROJECT / "pyproject.toml")


def _complaints(*command: str | Path) -> list[str]:
    """Return what a program writes, if it fails."""
    try:
        run(*command)
    except Failed as error:
        return str(error).splitlines()
    return []


def check_contents(target: Path) -> Iterator[str]:
    """Yield what is in the distributions and should not be, and the other way round."""
    sdist, wheel = distributions(target)
    yield from check_wheel(read_wheel(wheel), tracked(PROJECT))
    yield from check_sdist(read_sdist(sdist), tracked(PROJECT), read_wheel(wheel))


def use_alone(path: Path, python: str, *, lowest: bool = False) -> None:
    """Use a distribution where nothing else is; see `try_alone`."""
    with tempfile.TemporaryDirectory(prefix="gradioproxy-smoke-") as folder:
        try_alone(path, Path(folder, "environment"), python, lowest=lowest)


def try_all(steps: Steps, sdist: Path, wheel: Path, version: str, python: str) -> None:
    """Use both distributions on one Python."""
    steps.take(f"wheel alone on Python {version}", lambda: use_alone(wheel, python))
    steps.take(f"sdist alone on Python {version}", lambda: use_alone(sdist, python))
    low = f"wheel alone on Python {version}, lowest dependencies"
    steps.take(low, lambda: use_alone(wheel, python, lowest=True))


def main() -> int:
    """Build, check, use; return the exit status."""
    parser = argparse.ArgumentParser(prog="scripts/build", description=__doc__)
    parser.add_argument("--out", type=Path, default=PROJECT / "dist", help="where (dist)")
    parser.add_argument("--python", action="append", choices=supported(), help="try it with these")
    asked = parser.parse_args()
    pythons = find_pythons(asked.python or supported())
    target: Path = asked.out.resolve()
    shutil.rmtree(target, ignore_errors=True)
    steps = Steps()
    with tempfile.TemporaryDirectory(prefix="gradioproxy-again-") as name:
        again = Path(name, "again")
        steps.take("built", lambda: build(target))
        steps.take("built elsewhere", lambda: build(again, elsewhere=True))
        steps.take("the same bytes", lambda: differences(target, again))
    if steps.failed:
        return 1
    shutil.rmtree(target / FROM_TREE)
    steps.take("twine, check-wheel-contents, validate-pyproject", lambda: check_by_others(target))
    steps.take("contents and metadata", lambda: check_contents(target))
    sdist, wheel = distributions(target)
    for version, python in pythons.items():
        try_all(steps, sdist, wheel, version, python)
    for version in sorted({*(asked.python or supported())} - {*pythons}):
        print(f"no Python {version} was found")
    if changed := uncommitted(PROJECT):
        print(f"no release: not as it was committed: {', '.join(changed)}")
    for path in (sdist, wheel):
        print(sha256(path.read_bytes()).hexdigest(), f"{path.stat().st_size:>9}", path.name)
    return 1 if steps.failed else 0


if __name__ == "__main__":
    sys.exit(main())
