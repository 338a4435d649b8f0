"""What is known of inputs before their calls are made: what a ``map`` asks for each of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence


class Outcome(NamedTuple):
    """What came of an input.

    Attributes:
        value: Its result, or its error.
        failed: Whether it is an error.
        restored: Whether it was known before.
    """

    value: Any
    failed: bool = False
    restored: bool = False


class Ours(NamedTuple):
    """An input that is this map's to be called.

    Attributes:
        item: What the runner takes for it.
    """

    item: Any


class Others(NamedTuple):
    """An input that another process is at.

    Attributes:
        ticket: What it is asked for again by.
    """

    ticket: Any


class Ledger(Protocol):
    """Knows what became of inputs, and whose they are."""

    def look_up(self, item: Any) -> Outcome | Ours | Others:
        """Return what is known of an input, which is this map's if nothing is.

        Raises:
            Exception: What is wrong with the input.
            JournalError: Nothing can be known.
        """
        ...

    def ask_again(self, tickets: Sequence[Any]) -> list[Outcome | Ours | Others]:
        """Return what is known now of inputs that were others'; raises as above."""
        ...

    def note_refusal(self, item: Any) -> None:
        """Note that the call of an input was refused, and is made again later."""
        ...

    def note_failure(self, item: Any, error: BaseException) -> None:
        """Note that the call of an input was refused, and is not made again."""
        ...

    def close(self) -> None:
        """Let others take what this map leaves."""
        ...


class NoLedger:
    """Knows nothing: every input is to be called."""

    def look_up(self, item: Any) -> Ours:
        """Return the input as it is."""
        return Ours(item)

    def ask_again(self, tickets: Sequence[Any]) -> list[Outcome | Ours | Others]:
        """Return nothing: no input is another's."""
        del tickets
        return []

    def note_refusal(self, item: Any) -> None:
        """Note nothing."""

    def note_failure(self, item: Any, error: BaseException) -> None:
        """Note nothing."""

    def close(self) -> None:
        """Let go of nothing."""
