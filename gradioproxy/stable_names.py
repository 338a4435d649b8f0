"""Names that are a format: pickles hold them, wherever the code behind them lives today."""

from __future__ import annotations

from typing import Any, TypeVar

F = TypeVar("F")

PICKLING = "gradioproxy._pickling"


def named_in_pickles(function: F) -> F:
    """Let pickles name a function as one of `_pickling`, where they look for it."""
    named: Any = function
    named.__module__ = PICKLING
    return function
