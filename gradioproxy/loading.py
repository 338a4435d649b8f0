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
def loading(*names: str) -> Iterator[None]:
    """Load modules meanwhile; at the end they are there.

    What goes wrong with one is told to whoever imports it.

    Args:
        *names: Their full names, in the order in which they are loaded.
    """
    missing = [name for name in names if name not in sys.modules]
    thread = _start(missing) if missing else None
    try:
        yield
    finally:
        if thread is not None:
            thread.join()


def _start(names: list[str]) -> threading.Thread | None:
    thread = threading.Thread(target=_load, args=(names,), name="gradioproxy-load", daemon=True)
    try:
        thread.start()
    except RuntimeError:  # the system gives us no thread: they are loaded when they are imported
        return None
    return thread


def _load(names: list[str]) -> None:
    for name in names:
        with contextlib.suppress(Exception):
            importlib.import_module(name)
