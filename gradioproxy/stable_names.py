"""The module's name by which pickles find functions, wherever their code is moved to."""

from __future__ import annotations

import importlib
from typing import Any, TypeVar

F = TypeVar("F")

PICKLING = "gradioproxy._pickling"


def named_in_pickles(function: F) -> F:
    """Let pickles name a function as one of `_pickling`, where they look for it."""
    named: Any = function
    named.__module__ = PICKLING
    # Cloudpickle looks in no module that is not loaded, and would take the function apart instead.
    importlib.import_module(PICKLING)
    return function
