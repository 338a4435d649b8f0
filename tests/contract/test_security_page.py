"""Each promise of the page on security names tests that are there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_tests_that_hold_promises_are_there() -> None:
    named = re.findall(r"``(tests/[\w/.]+)``", (ROOT / "SECURITY.rst").read_text(encoding="utf-8"))
    assert len(named) > 20
    assert [name for name in named if not (ROOT / name).exists()] == []
