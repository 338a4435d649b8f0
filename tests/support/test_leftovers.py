"""What tests leave behind is found, and whose it is."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.support.leftovers import Leftovers


@pytest.fixture
def leftovers(monkeypatch: pytest.MonkeyPatch) -> Leftovers:
    """Give what watches over a temporary folder of its own."""
    monkeypatch.setenv("TMPDIR", tempfile.gettempdir())
    monkeypatch.setattr(tempfile, "tempdir", None)
    return Leftovers()


def test_a_file_that_was_left(leftovers: Leftovers) -> None:
    """It is told with the test in which it came; what a test removed is none."""
    with tempfile.TemporaryDirectory():
        leftovers.pytest_runtest_logfinish("first")
    left = tempfile.mkdtemp()
    leftovers.pytest_runtest_logfinish("second")
    leftovers.pytest_runtest_logfinish("third")
    try:
        assert leftovers._left_files() == [f"{left}, since second"]
    finally:
        leftovers.pytest_unconfigure()
    assert not Path(left).exists()


def test_a_process_that_was_left(leftovers: Leftovers) -> None:
    """It is told about when it began, also if it knows nothing of the temporary folder."""
    command = [sys.executable, "-c", "input()"]
    found = f"{command}, since about first"
    leftovers.pytest_runtest_logstart("first")
    try:
        with (
            subprocess.Popen(command, stdin=subprocess.PIPE),
            subprocess.Popen(command, stdin=subprocess.PIPE, env={**os.environ, "TMPDIR": "/"}),
        ):
            assert leftovers._left_processes() == [found, found]
            others = Leftovers()
            assert others._left_processes() == []
            others.pytest_unconfigure()
        assert leftovers._left_processes() == []
    finally:
        leftovers.pytest_unconfigure()
