"""The partial results of a call, as a chain that each reader follows at a pace of its own."""

from __future__ import annotations

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
