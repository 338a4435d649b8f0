"""What of a call is to be seen at one moment, for whoever shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from .future import End
    from .status import Log, Status


class Sight(NamedTuple):
    """What of a call is to be seen at one moment.

    Attributes:
        status: Where it is.
        logs: What the app said.
        partial: Its latest partial result, if it has one that is kept.
        end: How it ended, once that is known.
        news: How often the app said something, and yielded something.
    """

    status: Status
    logs: tuple[Log, ...]
    partial: tuple[Any, ...] | None
    end: End | None
    news: tuple[int, int]

    @property
    def is_over(self) -> bool:
        """Whether nothing follows."""
        return self.end is not None
