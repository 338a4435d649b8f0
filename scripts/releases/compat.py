"""The program: runs the tests on each Python with the lowest and the newest of what is required."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from .environments import RESOLUTIONS, Environment, Failed, find_uv
from .pythons import PROJECT, find_pythons, supported
from .requirements import LEFT_OUT, extras, lower_bounds, required, untrue_bounds

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ENVIRONMENTS = PROJECT / ".venv-compat"
# What needs no server, and some of what does: calls, and values of other libraries.
TESTS = (
    "tests/unit",
    "tests/integration",
    "tests/contract",
    "tests/environment/test_distributions.py",
)
SERVED = ("tests/servers/test_calls.py", "tests/servers/test_components.py")
# Extras that need later versions of what others need too, and their tests: they come last.
LATER = {"mcp": ("tests/unit/mcp",)}
GRADIO = "6.31.0"
COUNTS = ("tests", "failures", "errors", "skipped")
HEADINGS = ("python", "dependencies", "passed", "failed", "skipped", "seconds", "bounds")


@dataclass
class Outcome:
    """How it went with one Python and one choice of versions.

    Attributes:
        python: The version of Python.
        resolution: ``lowest`` or ``newest``.
        passed: How many tests passed.
        failed: How many did not, or could not be run.
        skipped: How many were skipped.
        seconds: How long they took.
        bounds: What lower bounds are not true.
    """

    python: str
    resolution: str
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    seconds: float = 0.0
    bounds: Sequence[str] = ()

    @property
    def cells(self) -> list[str]:
        """The texts, one for each heading."""
        bounds = "-" if self.resolution != "lowest" else "untrue" if self.bounds else "true"
        counts = (self.passed, self.failed, self.skipped, round(self.seconds))
        return [self.python, self.resolution, *map(str, counts), bounds]


def try_with(
    version: str,
    python: str,
    resolution: str,
    tests: Sequence[str],
    later: Mapping[str, Sequence[str]],
) -> Outcome:
    """Install what the tests need into an environment of their own, and run them."""
    outcome = Outcome(version, resolution)
    begun = time.monotonic()
    folder = ENVIRONMENTS / f"{version}-{resolution}"
    try:
        environment = Environment(folder, python)
        asked = [each for each in required(["test"]) if each.name not in LEFT_OUT]
        pins = environment.resolve(asked, resolution)
        if resolution == "lowest":
            # Bounds of what no test needs are held against what can be installed.
            known = [each for each in required(extras()) if each.name not in LEFT_OUT]
            others = environment.resolve(known, resolution)
            bounds = lower_bounds(known, version)
            outcome.bounds = [*untrue_bounds(bounds, others | pins)]
        environment.install(*_write_pins(pins))
        environment.install("--no-deps", "--editable", PROJECT, options=())
        _run_tests(environment, outcome, tests)
        for extra, its_tests in later.items():
            pins = environment.resolve([*asked, *required([extra])], resolution)
            environment.install(*_write_pins(pins))
            _run_tests(environment, outcome, its_tests)
    except Failed as error:
        outcome.failed = outcome.failed or 1
        print(error, file=sys.stderr)
    outcome.seconds = time.monotonic() - begun
    return outcome


def _write_pins(pins: Mapping[str, str]) -> list[str]:
    """Return versions of packages as installers take them."""
    return [f"{name}=={pinned}" for name, pinned in pins.items()]


def _run_tests(environment: Environment, outcome: Outcome, tests: Sequence[str]) -> None:
    """Run pytest, and count."""
    report = environment.folder / "report.xml"
    report.unlink(missing_ok=True)
    program = (environment.python, "-m", "pytest", "-p", "no:cacheprovider", "--quiet")
    jobs = os.environ.get("JOBS", "3")
    path = os.pathsep.join([str(Path(find_uv()).parent), os.environ["PATH"]])
    status = subprocess.run(
        [*program, f"--numprocesses={jobs}", f"--junit-xml={report}", *tests],
        cwd=PROJECT,
        check=False,
        env=os.environ | {"PATH": path},  # some tests need uv
    ).returncode
    if not report.exists():
        raise Failed(f"pytest ended with {status}")
    for suite in ET.parse(report).iter("testsuite"):  # noqa: S314 - it is our own
        count = {each: int(suite.get(each, 0)) for each in COUNTS}
        failed = count["failures"] + count["errors"]
        outcome.failed += failed
        outcome.skipped += count["skipped"]
        outcome.passed += count["tests"] - failed - count["skipped"]
    outcome.failed = outcome.failed or int(status != 0)


def table(outcomes: Sequence[Outcome]) -> str:
    """Return the outcomes as a simple table of reStructuredText."""
    lines = [[*HEADINGS], *(outcome.cells for outcome in outcomes)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    rule = "  ".join("=" * width for width in widths)
    texts = [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    ]
    return "\n".join([rule, texts[0], rule, *texts[1:], rule])


def main() -> int:
    """Run all that is asked for, print the table, return the exit status."""
    parser = argparse.ArgumentParser(prog="scripts/compat", description=__doc__)
    parser.add_argument("--python", action="append", choices=supported(), help="with these only")
    parser.add_argument("--only", choices=[*RESOLUTIONS], help="lowest or newest versions only")
    parser.add_argument("--no-server", action="store_true", help="no tests with a real server")
    parser.add_argument("tests", nargs="*", help="tests, and options of pytest after --")
    asked = parser.parse_args()
    wanted = asked.python or supported()
    pythons = find_pythons(wanted)
    later = {} if asked.tests else LATER
    tests = asked.tests or [*TESTS, *(() if asked.no_server else (*SERVED, "--gradio", GRADIO))]
    outcomes = []
    for version, python in pythons.items():
        for resolution in [asked.only] if asked.only else RESOLUTIONS:
            print(f"compat: Python {version}, {resolution} dependencies", file=sys.stderr)
            outcomes.append(try_with(version, python, resolution, tests, later))
    print(table(outcomes))
    for outcome in outcomes:
        for line in outcome.bounds:
            print(f"Python {outcome.python}: {line}")
    for version in wanted:
        if version not in pythons:
            print(f"no Python {version} was found")
    return int(any(each.failed or each.bounds for each in outcomes) or not outcomes)


if __name__ == "__main__":
    sys.exit(main())
