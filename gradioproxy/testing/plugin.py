"""The plugin for pytest: `gradio_cassette`, which records a test once and replays it from then on.

It is loaded with every run of pytest where the package is installed, and so imports nothing before
a test asks for it.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from pathlib import Path
    from typing import Any

_UNFIT = re.compile(r"[^\w.-]+", re.ASCII)
_PLAIN = re.compile(r"[\w.]+(\[\w+(-\w+)*\])?", re.ASCII)
_LONGEST = 100
_PASSED = pytest.StashKey[bool]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option."""
    group = parser.getgroup("gradioproxy")
    group.addoption(
        "--gradio-record",
        action="store_true",
        help="record the cassettes of gradio_cassette anew, from the real apps",
    )


# Of the old kind, which every pytest knows.
@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any]:
    """Take note of whether a test passed, for its cassette."""
    report = (yield).get_result()
    if report.when == "call":
        item.stash[_PASSED] = report.passed or hasattr(report, "wasxfail")


@pytest.fixture
def gradio_cassette(request: pytest.FixtureRequest) -> Iterator[Path]:
    """Replay what apps say in this test, from ``cassettes/<module>/<test>.json`` beside it.

    Where there is no such cassette, and with ``--gradio-record``, the test talks to the real apps,
    and is recorded. One that fails, is skipped or interrupted leaves no cassette, and the one that
    was there as it was: else an app that is down would be recorded as one.
    """
    from . import record, replay

    path = _find_path(request)
    anew = request.config.getoption("--gradio-record") or not path.exists()
    if not anew:
        with replay(path):
            yield path
        return
    request.node.stash[_PASSED] = False
    with record(path) as talk:
        yield path
        if not request.node.stash[_PASSED]:
            talk.discard()


def _find_path(request: pytest.FixtureRequest) -> Path:
    """Return the path of a test's cassette."""
    node = request.node
    name = node.name if request.cls is None else f"{request.cls.__qualname__}.{node.name}"
    fit = _UNFIT.sub("-", name).strip("-")[:_LONGEST]
    if not _PLAIN.fullmatch(name) or len(name) > _LONGEST:
        # Other parameters may lead to the same name.
        fit += f"-{hashlib.sha256(name.encode(errors='replace')).hexdigest()[:8]}"
    module: Path = node.path
    return module.parent / "cassettes" / module.stem / f"{fit}.json"
