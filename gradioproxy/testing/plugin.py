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
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

_UNFIT = re.compile(r"[^\w.-]+", re.ASCII)
_PLAIN = re.compile(r"[\w.]+(\[\w+(-\w+)*\])?", re.ASCII)
_LONGEST = 100


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option."""
    group = parser.getgroup("gradioproxy")
    group.addoption(
        "--gradio-record",
        action="store_true",
        help="record the cassettes of gradio_cassette anew, from the real apps",
    )


@pytest.fixture
def gradio_cassette(request: pytest.FixtureRequest) -> Iterator[Path]:
    """Replay what apps say in this test, from ``cassettes/<module>/<test>.json`` beside it.

    Where there is no such cassette, and with ``--gradio-record``, the test talks to the real apps,
    and is recorded.
    """
    from . import record, replay

    path = _find_path(request)
    anew = request.config.getoption("--gradio-record") or not path.exists()
    talk: AbstractContextManager[object] = record(path) if anew else replay(path)
    with talk:
        yield path


def _find_path(request: pytest.FixtureRequest) -> Path:
    """Return the path of a test's cassette."""
    node = request.node
    name = node.name if request.cls is None else f"{request.cls.__name__}.{node.name}"
    fit = _UNFIT.sub("-", name).strip("-")[:_LONGEST]
    if not _PLAIN.fullmatch(name) or len(name) > _LONGEST:
        # Other parameters may lead to the same name.
        fit += f"-{hashlib.sha256(name.encode(errors='replace')).hexdigest()[:8]}"
    module: Path = node.path
    return module.parent / "cassettes" / module.stem / f"{fit}.json"
