"""Faults by chance, of every request that comes, for as long as it takes."""

from __future__ import annotations

import random
from collections import Counter
from typing import TYPE_CHECKING

from tests.support.faults import FaultProxy, Refuse, Rules
from tests.support.faults.single_faults import draw_fault

if TYPE_CHECKING:
    from tests.support.faults.rules import Fault

SHARE = 0.04
"""Of the requests, and of the connections, so many meet a fault."""


class RandomRules(Rules):
    """Rules by which a share of all requests meets a fault.

    Args:
        seed: What decides which, and what happens to them.
    """

    def __init__(self, seed: int) -> None:
        super().__init__()
        self._chance = random.Random(seed)  # noqa: S311 - the same each time

    def find(self, kind: str, content: bytes = b"") -> Fault | None:
        """Return what happens to a request, if anything does."""
        del content
        with self._lock:
            if self._chance.random() >= SHARE:
                return None
            return Refuse() if kind == "connection" else draw_fault(self._chance, kind)


class Breaking:
    """A proxy before a server that is killed now and then; counts what it does.

    Args:
        url: The server's address.
        seed: What decides over its faults.

    Attributes:
        counts: How many faults of which kind there were.
    """

    def __init__(self, url: str, seed: int) -> None:
        self.proxy = FaultProxy(url)
        self.proxy.follow(RandomRules(seed))
        self.counts: Counter[str] = Counter()

    def tally(self) -> None:
        """Count the faults that have happened, and forget the requests that are over."""
        for exchange in self.proxy.forget():
            self.counts[type(exchange.fault).__name__] += 1
