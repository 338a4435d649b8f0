"""Waiting for what nobody reports.

Rule: what a condition or an event tells of is waited for there, and not by asking again and again.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

SECONDS = 60
PAUSE_SECONDS = 0.01


def wait_until(condition: Callable[[], object], seconds: float = SECONDS) -> None:
    """Ask again and again until *condition* holds; fail when it does not in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"what was waited for is not so after {seconds} s"
        time.sleep(PAUSE_SECONDS)
