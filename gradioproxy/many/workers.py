"""What is known of an executor's workers by whoever hands chunks out to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from .chunk import Chunk, ChunkAnswer, Ticket


class ChunkFuture(Protocol):
    """A chunk that was handed out: a future of the standard library, or one like it."""

    def result(self) -> ChunkAnswer:
        """Return what became of it, or raise why nobody knows; asked for when it is done."""
        ...

    def cancel(self) -> object:
        """Hand it to no worker, if that is still possible."""
        ...

    def add_done_callback(self, fn: Callable[[Any], object], /) -> object:
        """Call a function with it when it is done, on any thread."""
        ...


class Workers(Protocol):
    """The workers of an executor.

    Attributes:
        count: How many chunks they take at once, as far as that is known.
        sees_files: Whether they see the files of this machine.
    """

    count: int | None
    sees_files: bool

    def make_ticket(self) -> Ticket | None:
        """Return a new ticket for a chunk; ``None`` where there is no place for any.

        Raises:
            Exception: The executor is gone.
        """
        ...

    def revoke(self, ticket: Ticket | None) -> bool:
        """Take a ticket away from whoever has it; tell whether a worker may have taken it."""
        ...

    def discard(self, ticket: Ticket | None) -> None:
        """Let go of the ticket of a chunk that has ended."""
        ...

    def submit(self, chunk: Chunk) -> ChunkFuture:
        """Hand a chunk out.

        Raises:
            Exception: The executor takes nothing more.
        """
        ...

    def close(self) -> None:
        """Let go of what was needed to hand chunks out."""
        ...
