"""The partial results of a call, as a chain that each reader follows at a pace of its own."""

from __future__ import annotations

import weakref
from collections import deque
from typing import Any

from ..errors import TooLarge
from ..limits import DEFAULT_LIMITS

# So many small results are counted together: one at a time would take longer than reading them.
_GROUP = 64

UNREAD = "partial results, which nobody has read yet,"
"""What there is too much of, for the error."""


class Node:
    """One partial result, and the way to the next.

    Whoever iterates holds the node where it is: nothing that it has still to see is dropped, and
    nothing is kept that nobody will see.
    """

    __slots__ = ("__weakref__", "data", "next")

    def __init__(self) -> None:
        self.data: tuple[Any, ...] = ()
        self.next: Node | None = None


class PartialResults:
    """The chain, to which one thread adds; those of a call that keeps its results are kept.

    Args:
        keep: How many are kept for readers that come later.
        max_size: The bytes of all that are still there, but for the latest.

    Attributes:
        end: Where the next one will be.
        count: How many there were.
    """

    def __init__(self, keep: int, max_size: int = DEFAULT_LIMITS.kept) -> None:
        self._max_size = max_size
        self.end = Node()
        self.count = 0
        self._kept: deque[Node] = deque(maxlen=keep)
        # Those that may still be there, in groups: the last of each, and the size of all. What
        # somebody holds is the end of the chain from there on, so that what is gone is its
        # beginning.
        self._groups: deque[tuple[weakref.ref[Node], int]] = deque()
        self._size = self._grouped = 0
        self._group_size = max_size // _GROUP
        self._is_full = False

    def append(self, data: tuple[Any, ...], size: int = 0) -> None:
        """Add a result.

        Args:
            data: Its values.
            size: About how many bytes they take.

        Raises:
            TooLarge: What somebody has still to read is too much; from then on nothing is added.
        """
        if self._is_full:
            raise self._build_error()
        node = self.end
        node.data = data
        self._kept.append(node)
        self.count += 1
        # The link is set last: it is what tells others that the node is complete.
        self.end = node.next = Node()
        self._size += size
        ungrouped = self._size - self._grouped
        if ungrouped > self._group_size or not self.count % _GROUP:
            self._groups.append((weakref.ref(node), ungrouped))
            self._grouped = self._size
        if self._size > self._max_size:
            del node  # or it would look as if somebody read it
            self._make_room()

    def _make_room(self) -> None:
        """Forget what is kept until the rest is small enough; raises what `append` does."""
        self._note_gone()
        while self._size > self._max_size and self._has_older:
            for _ in range(_GROUP):
                if len(self._kept) > 1 and self._groups[0][0]() is not None:
                    self._kept.popleft()
            if not self._note_gone():
                self._is_full = True
                raise self._build_error()

    @property
    def _has_older(self) -> bool:
        """Whether there may be others than the latest, which stays however large it is."""
        return len(self._groups) > 1 or self._size > self._grouped

    def _build_error(self) -> TooLarge:
        return TooLarge.of_bytes(UNREAD, "kept", self._max_size)

    def _note_gone(self) -> bool:
        """Take notice of results that nobody holds any more; tell whether there were any."""
        before = self._size
        while self._groups and self._groups[0][0]() is None:
            self._size -= self._groups.popleft()[1]
        self._grouped -= before - self._size
        return self._size < before

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
