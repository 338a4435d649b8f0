"""Modules that are loaded on another thread, while this one waits for something else."""

from __future__ import annotations

import contextlib
import importlib
import sys
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextlib.contextmanager
def loading(name: str) -> Iterator[None]:
    """Load a module meanwhile; at the end it is there.

    What goes wrong with it is told to whoever imports it.

    Args:
        name: The module's full name.
    """
    thread = None if name in sys.modules else _start(name)
    try:
        yield
    finally:
        if thread is not None:
            thread.join()


def _start(name: str) -> threading.Thread | None:
    thread = threading.Thread(target=_load, args=(name,), name="gradioproxy-load", daemon=True)
    try:
        thread.start()
    except RuntimeError:  # the system gives us no thread: it is loaded when it is imported
        return None
    return thread


def _load(name: str) -> None:
    with contextlib.suppress(Exception):
        importlib.import_module(name)
