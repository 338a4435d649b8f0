"""What is said where an executor fails, and no call."""

from __future__ import annotations

import concurrent.futures

from ..calls.failures import DID_NOT_RUN, MAY_HAVE_RUN
from ..errors import ConnectionLost
from ..text import one_line

_MISSING = "Its workers can't import {}: install there what is installed here."
_BROKEN = (
    "A worker was killed, as for want of memory, or could not start: see what it wrote to the "
    'terminal. A script that starts processes needs `if __name__ == "__main__":`.'
)
_KILLED = "A worker was killed, as for want of memory, while it made the call."
_CLOSED = "It was shut down, or its cluster is gone."


def describe_loss(name: str, error: BaseException | None, *, may_have_run: bool) -> ConnectionLost:
    """Return the error of a call that an executor lost.

    Args:
        name: The function's name.
        error: What the executor said; ``None`` where a worker found that another had begun it.
        may_have_run: Whether a worker may have begun it.
    """
    ran = MAY_HAVE_RUN if may_have_run else DID_NOT_RUN
    said = _KILLED if error is None else _describe(error)
    return ConnectionLost(
        f"The executor lost a call of {name}(). {said} {ran}", may_have_run=may_have_run
    )


def describe_end(name: str, error: BaseException) -> ConnectionLost:
    """Return the error of a call that an executor does not take any more.

    Args:
        name: The function's name.
        error: What the executor said.
    """
    return ConnectionLost(
        f"The executor takes no call of {name}() any more. {_describe(error)} {DID_NOT_RUN}",
        may_have_run=False,
    )


def _describe(error: BaseException) -> str:
    """Return what an executor said, and what it means."""
    hint = ""
    if isinstance(error, ModuleNotFoundError):
        hint = _MISSING.format(error.name or "something")
    elif isinstance(error, concurrent.futures.BrokenExecutor):
        hint = _BROKEN
    elif type(error).__name__ == "KilledWorker":  # Dask's, which may not be there
        hint = _KILLED
    elif isinstance(error, RuntimeError | concurrent.futures.CancelledError | OSError):
        hint = _CLOSED
    text = one_line(error, 500)
    said = f"{type(error).__name__}: {text}" if text else type(error).__name__
    return f"{hint} ({said})".strip()
