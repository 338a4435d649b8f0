"""How much each address of an app has to do, and which of them a call would wait for least.

An address is judged by the calls that are under way there from here, by the calls of others that it
says are queued, and by its pace: how long its calls took, against those of the same function
elsewhere, for each that was there at the time. Nothing is measured by the clock but calls that
ended well; and what an address did long ago counts less with each call that goes elsewhere.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, NamedTuple

from .. import forksafe
from ..protocols import events

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from ..protocols.events import Event

# How much the latest call counts for what is known of a pace, or of a function's time.
NEWS = 0.3
# How much of what is known of an address is forgotten with each call that goes elsewhere: one that
# was slow is tried again.
FORGETTING = 0.01
# How much longer a wait can be and counts as equal: less is chance.
ALIKE = 1.1
# How many times slower or quicker than the others an address can count as.
FASTEST, SLOWEST = 1 / 16, 16.0


class _Begun(NamedTuple):
    """A call under way: since when, of which function, and how many had to be done with it."""

    time: float
    function: str
    share: int


class Load:
    """What one address has to do.

    Attributes:
        queued: How many calls of others wait there, as far as it said.
        pace: How long calls take there, as a multiple of what they take elsewhere.
        turn: When it was chosen last: a number that is higher, the later that was.
    """

    def __init__(self) -> None:
        self.queued = 0
        self.pace = 1.0
        self.turn = 0
        # Reentrant, because a collected stream cancels its job from wherever the collector runs.
        self._lock = forksafe.RLock()
        self._begun: dict[Hashable, _Begun] = {}

    @property
    def under_way(self) -> int:
        """How many calls from here are under way there."""
        return len(self._begun)

    @property
    def wait(self) -> float:
        """How long one more call would take there, to be compared with other addresses."""
        return (self.under_way + self.queued + 1) * self.pace

    def begin(self, call: Hashable, function: str, now: float) -> None:
        """Take note that a call is under way there."""
        with self._lock:
            self._begun[call] = _Begun(now, function, len(self._begun) + self.queued + 1)

    def note(self, event: Event) -> None:
        """Take note of what the address said to a call, as far as that tells of others."""
        match event:
            case events.Yielded():  # first, as there may be thousands
                pass
            case events.Queued(_, size, _) if size is not None:
                self.queued = max(0, size - len(self._begun))
            case events.Started():
                self.queued = 0  # those before it are done; who came behind it is not known

    def end(self, call: Hashable) -> _Begun | None:
        """Take note that a call is not under way there any more; return what it was, if it was."""
        with self._lock:
            begun = self._begun.pop(call, None)
            if not self._begun:
                self.queued = 0
            return begun

    def forget(self) -> None:
        """Begin anew, as in a forked child, whose calls are the parent's."""
        self._begun.clear()
        self.queued = 0


class Balance:
    """Compares the addresses of one app."""

    def __init__(self) -> None:
        self._lock = forksafe.RLock()  # as above
        # The seconds that a call of a function takes of an address, over all of them.
        self._seconds: dict[str, float] = {}
        self._turns = itertools.count(1)

    def choose(self, loads: Sequence[Load]) -> int:
        """Return the place of the one where a call would wait least; of equals, the others' turn.

        Args:
            loads: The loads of the addresses that the call can go to.
        """
        with self._lock:
            most = ALIKE * min(load.wait for load in loads)
            alike = [place for place, load in enumerate(loads) if load.wait <= most]
            place = min(alike, key=lambda each: loads[each].turn)
            for load in loads:
                if load is not loads[place]:
                    load.pace += FORGETTING * (1.0 - load.pace)
            loads[place].turn = next(self._turns)
            return place

    def finish(self, load: Load, call: Hashable, now: float) -> None:
        """Take note that a call ended well: it tells how quick its address is."""
        begun = load.end(call)
        if begun is None:
            return
        seconds = max(now - begun.time, 1e-6) / begun.share
        with self._lock:
            usual = self._seconds.get(begun.function, seconds)
            latest = min(max(seconds / usual, FASTEST), SLOWEST)
            load.pace += NEWS * (latest - load.pace)
            self._seconds[begun.function] = usual + NEWS * (seconds - usual)
