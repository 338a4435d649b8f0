"""What the README's first line runs works, and needs nothing of the tests."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.support.gradio import ROOT
from tests.support.gradio.launching import python_for

if TYPE_CHECKING:
    from pathlib import Path

SCRIPT = ROOT / "scripts" / "demonstration.py"


@pytest.mark.parametrize("version", ["6.31.0"])
def test_the_demonstration(version: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(SCRIPT), python_for(version)],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert "\n>>> app.Op1(Duration=1)\n'Finished'\n" in done.stdout
    assert ", True, 'cancelled')" in done.stdout
    up, down = done.stdout.split(">>> flipped.save")
    rows = [line for line in up.splitlines() if line.startswith("    ") and "#" in line]
    assert rows[:-7:-1] == [line for line in down.splitlines() if "#" in line]
