"""What makes the calls of a ``map``: whoever feeds it knows nothing more of it.

A `concurrent.futures.Future` is a `Pending`. Calls of this session are one kind of them
(`session_runner`), and what is sent elsewhere in chunks can be another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from typing_extensions import Self


class Pending(Protocol):
    """A call that is under way, wherever it is made."""

    def result(self, timeout: float | None = None) -> Any:
        """Return its result, or raise its error; asked for when it has ended."""
        ...

    def cancel(self) -> bool:
        """Give it up, without waiting for anything."""
        ...

    def add_done_callback(self, fn: Callable[[Self], object]) -> object:
        """Call a function, which returns at once, when it has ended: on any thread, or here."""
        ...


class Runner(Protocol):
    """Makes the calls of inputs, several at a time."""

    @property
    def capacity(self) -> int:
        """How many inputs it takes at once, for now: no more are under way."""
        ...

    def start(self, item: Any) -> Pending:
        """Begin the call of an input; returns at once.

        Args:
            item: The input: a value for each of the first parameters.

        Raises:
            Exception: What is wrong with the input, of which nothing is sent.
        """
        ...

    def flush(self) -> None:
        """Send on whatever was kept to go with others, as no input comes for now."""
        ...
