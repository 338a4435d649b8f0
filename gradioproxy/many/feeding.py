"""Feeding a runner, which can fail as a whole: executors are shut down, and clusters go away."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Protocol

from ..calls.failures import copy_error
from .mapping import Mapped
from .runner import Runner

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..errors import ConnectionLost
    from .bar import Watcher
    from .ledger import Ledger


class FallibleRunner(Runner, Protocol):
    """A runner whose calls may be made elsewhere."""

    @property
    def failure(self) -> ConnectionLost | None:
        """Why it takes nothing more, if it does not."""
        ...

    def close(self) -> None:
        """Let go of whatever it needed."""
        ...


def feed(
    runner: FallibleRunner,
    items: Iterator[Any],
    *,
    keep: bool,
    patience: float | None,
    ledger: Ledger | None = None,
    watcher: Watcher | None = None,
) -> Iterator[Any]:
    """Yield the results of inputs in their order; see `Mapped` for the arguments.

    Raises:
        ConnectionLost: The runner takes nothing more, and there are more inputs, also where errors
            are kept; what came of those before has been yielded.
    """
    left: list[Any] = []
    process = os.getpid()
    supply = _take_until_failure(runner, items, left)
    mapped = Mapped(runner, supply, keep=keep, patience=patience, ledger=ledger, watcher=watcher)
    try:
        yield from mapped.results()
    finally:
        if os.getpid() == process:  # what a forked child inherits is its parent's
            runner.close()
    if left and runner.failure is not None:
        raise copy_error(runner.failure)


def _take_until_failure(
    runner: FallibleRunner, items: Iterator[Any], left: list[Any]
) -> Iterator[Any]:
    """Yield inputs, as long as the runner takes some; the next one is left then."""
    for item in items:
        if runner.failure is not None:
            left.append(item)
            return
        yield item
