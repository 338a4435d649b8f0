"""How many calls an app takes at once, and when it takes the next one.

A call that the app refused because its queue is full, or because there were too many requests, has
not run; so it is made again, and from then on there are as many at once as the app took. Each time
that all of those ended well, one more is tried.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..errors import QueueFull, RateLimited

# How long to wait before a call is made again where nothing tells when there is a place: a full
# queue that other people's calls fill. It is doubled each time.
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 15.0


class Pace:
    """The pace of one ``map``.

    Args:
        most: How many calls there are to be at once at most.
        patience: Seconds for which a call may be refused; ``None`` for any number.
    """

    def __init__(self, most: int, patience: float | None) -> None:
        self._most = most
        self._patience = patience
        # How many calls at once the app takes, as far as is known, and not before when.
        self._room = most
        self._streak = 0
        self._pause = FIRST_PAUSE
        self._not_before = 0.0

    def allows(self, running: int) -> bool:
        """Tell whether another call may begin now, beside those that run."""
        return running < self._room and time.monotonic() >= self._not_before

    @property
    def seconds_left(self) -> float:
        """How long it takes until another may begin, if none runs."""
        return max(0.0, self._not_before - time.monotonic())

    def note_end(self) -> None:
        """Note that the app took a call, whatever came of it."""
        self._pause = FIRST_PAUSE
        self._streak += 1
        if self._streak >= self._room < self._most:
            self._room, self._streak = self._room + 1, 0

    def may_try_again(self, error: QueueFull | RateLimited, refused_since: float) -> bool:
        """Tell whether a call that was refused is made again.

        Args:
            error: What it was refused with.
            refused_since: When it was first refused, by `time.monotonic`.
        """
        waited = time.monotonic() - refused_since + (error.retry_after or 0.0)
        is_patient = self._patience is None or waited < self._patience
        return is_patient and not error.may_have_run

    def slow_down(self, error: QueueFull | RateLimited, running: int) -> None:
        """Have no more calls at once than the app took, and wait as long as it says.

        Args:
            error: What a call was refused with.
            running: How many others are under way.
        """
        self._room, self._streak = max(1, min(self._room, running)), 0
        now = time.monotonic()
        if error.retry_after is not None:
            self._not_before = max(self._not_before, now + error.retry_after)
        elif not running:
            self._not_before = now + self._pause
            self._pause = min(2 * self._pause, LONGEST_PAUSE)
