"""The partial results of a call, as a chain that each reader follows at a pace of its own."""

from __future__ import annotations

from collections import deque
from typing import Any


class Node:
    """One partial result, and the way to the next.

    Whoever iterates holds the node where it is: nothing that it has still to see is dropped, and
    nothing is kept that nobody will see.
    """

    __slots__ = ("data", "next")

    def __init__(self) -> None:
        self.data: tuple[Any, ...] = ()
        self.next: Node | None = None


class PartialResults:
    """The chain, to which one thread adds; those of a call that keeps its results are kept.

    Args:
        keep: How many are kept for readers that come later.

    Attributes:
        end: Where the next one will be.
        count: How many there were.
    """

    def __init__(self, keep: int) -> None:
        self.end = Node()
        self.count = 0
        self._kept: deque[Node] = deque(maxlen=keep)

    def append(self, data: tuple[Any, ...]) -> None:
        """Add a result."""
        node = self.end
        node.data = data
        self._kept.append(node)
        self.count += 1
        # The link is set last: it is what tells others that the node is complete.
        self.end = node.next = Node()

    @property
    def first(self) -> Node:
        """The first that is kept, or where the next one will be."""
        return self._kept[0] if self._kept else self.end

    @property
    def kept(self) -> list[tuple[Any, ...]]:
        """Those that are kept."""
        return [node.data for node in self._kept]

    @property
    def latest(self) -> tuple[Any, ...] | None:
        """The last one, if it is kept."""
        return self._kept[-1].data if self._kept else None
