"""The session hashes of a session: its own, and those of its lanes.

A session is to the app what a browser's tab is, and the app knows it by its hash: what it keeps for
a visitor, it keeps under that. Each new hash makes the server build a state as large as the app; so
a lane's hash is kept for the next call, unless a call under it was cancelled or lost; the latest of
them, since each is also one that the app has to be told of.
"""

from __future__ import annotations

import math
import secrets
import time
from typing import TYPE_CHECKING

from ..protocols.machine import Residue

if TYPE_CHECKING:
    from ..transport.http import Transport
    from .heartbeat import Heartbeats


# By then every hop has had two heartbeats, 15 seconds apart, to send on a stream that is no more:
# the first is refused by whoever is gone, the second fails wherever that was noticed.
FORGOTTEN_SECONDS = 60.0
# What a hop takes at most, when it is busy, to pass on that a connection was closed.
LATE_SECONDS = 10.0


def new_session_hash() -> str:
    """Return a session hash that nobody else has."""
    return secrets.token_hex(8)


class SessionHashes:
    """The hashes of one session, and what is known of each.

    Not safe for threads: whoever has one uses it under a lock.

    Args:
        heartbeats: Tells the app which of them are there.
        limit: How many are kept for lanes to come.
        borrowed: The session's own, if it is of a session that was begun elsewhere.
    """

    def __init__(self, heartbeats: Heartbeats, limit: int, borrowed: str | None = None) -> None:
        self.own = borrowed or new_session_hash()
        self._borrowed = borrowed
        self._heartbeats = heartbeats
        self._limit = limit
        self._spare: list[tuple[str, Transport]] = []
        # Under which the server may still hold a stream, and since when.
        self._unsettled: dict[str, tuple[float, Residue]] = {}
        # Where the server was asked, and may have forgotten its calls because of that.
        self._asked: set[str] = set()
        # Which runs it may continue, and where it may have a value to send edits of.
        self._left_over: set[tuple[str, int]] = set()
        self._stale: set[str] = set()
        # Which functions were called to their end under a hash that others had before.
        self._taken_over: set[int] = set()
        # Those that were the session's own, of calls that were begun then and go there yet.
        self._left: set[str] = set()
        # Where a function may still be reset.
        self._ended: set[tuple[str, int]] = set()

    def take(self, transport: Transport, function: int) -> str:
        """Return a hash for a lane: one that was used by the same person, or a new one.

        Args:
            transport: Whose secrets the lane has.
            function: The function that is called.
        """
        place = self._find_spare(transport, function)
        return new_session_hash() if place is None else self._spare.pop(place)[0]

    def has_spare(self, transport: Transport, function: int) -> bool:
        """Tell whether there is a hash that was used; see `take`."""
        return self._find_spare(transport, function) is not None

    def _find_spare(self, transport: Transport, function: int) -> int | None:
        for place in reversed(range(len(self._spare))):
            session_hash, owner = self._spare[place]
            if owner.has_secrets_of(transport) and self.is_at_rest(session_hash, function):
                return place
        return None

    def give_back(
        self,
        session_hash: str,
        transport: Transport,
        residue: Residue,
        function: int,
        *,
        keep: bool,
        stale: bool = False,
    ) -> None:
        """Take note that a conversation has ended.

        Args:
            session_hash: Its hash.
            transport: Whose secrets it had.
            residue: What may be left of it at the server.
            function: The function of its last call.
            keep: Whether all of its calls ended well, and the hash may be used again.
            stale: Whether a value of a generator's is left; see `machine.Machine`.
        """
        if stale:
            self._stale.add(session_hash)
        if residue is Residue.RESET:
            self._ended.add((session_hash, function))
        if session_hash in self._left:
            self._heartbeats.end(session_hash)
        if session_hash != self.own and session_hash not in self._left:
            if keep and not stale and residue in {Residue.NOTHING, Residue.RESET}:
                self._spare.append((session_hash, transport))
            else:
                self._drop(session_hash)
            if len(self._spare) > self._limit:
                self._drop(self._spare.pop(0)[0])
        elif residue in {Residue.STREAM, Residue.DROPPED}:
            self._unsettled[session_hash] = time.monotonic(), residue
        elif residue is Residue.RUN:
            self._left_over.add((session_hash, function))
        else:
            self._left_over.discard((session_hash, function))
            if session_hash == self._borrowed:
                self._taken_over.add(function)

    def is_fresh(self, session_hash: str, function: int) -> bool:
        """Tell whether nothing is left under a hash that harms a generator's call."""
        return session_hash not in self._stale and (session_hash, function) not in self._left_over

    @property
    def is_borrowed(self) -> bool:
        """Whether the session's own hash is of a session that was begun elsewhere."""
        return self.own == self._borrowed

    def is_foreign(self, session_hash: str, function: int) -> bool:
        """Tell whether others may have called a function last, and left what nobody here knows."""
        return session_hash == self._borrowed and function not in self._taken_over

    def find_tab(self, tab: str) -> str:
        """Return the hash for a call that was begun when the session's own was *tab*.

        It is that one if the session left it since, and the present one if it could not be used.
        """
        return tab if tab in self._left else self.own

    def is_at_rest(self, session_hash: str, function: int) -> bool:
        """Tell whether the server has nothing more to do with a function under a hash."""
        return (session_hash, function) not in self._ended

    def find_stream(self, session_hash: str, *, forgotten: bool) -> Residue:
        """Return what may be left of a stream under a hash.

        Args:
            session_hash: The hash.
            forgotten: Whether it is nothing when some time has passed. That is a guess, for servers
                that can't be asked.
        """
        since, residue = self._unsettled.get(session_hash, (-math.inf, Residue.NOTHING))
        over = forgotten and time.monotonic() - since > FORGOTTEN_SECONDS
        return Residue.NOTHING if over else residue

    def may_be_held(self, session_hash: str) -> bool:
        """Tell whether a server that can't be asked may not have noticed that a stream was closed.

        By then it would share the messages of the next call out between the two, and cancel that
        call when it does.
        """
        since, residue = self._unsettled.get(session_hash, (-math.inf, Residue.NOTHING))
        return residue is Residue.DROPPED and time.monotonic() - since < LATE_SECONDS

    def note_ask(self, session_hash: str) -> bool:
        """Take note that the server is asked for a stream under a hash; tell whether it was before.

        Until it is known that it has let go of the old one, its refusals prove nothing from the
        second ask on; see `settling.SettlingStream`.
        """
        was_asked = session_hash in self._asked
        self._asked.add(session_hash)
        return was_asked

    def settle(self, session_hash: str) -> None:
        """Take note that the server has let go of what was under a hash."""
        self._unsettled.pop(session_hash, None)
        self._asked.discard(session_hash)

    def announce(self, session_hash: str) -> None:
        """Tell the app that a hash is in use; by any thread.

        Of one that was begun elsewhere it is not ours to tell when it ends, as that would.
        """
        if session_hash != self._borrowed:
            self._heartbeats.ensure(session_hash)

    def replace_own(self) -> None:
        """Give the session another hash, as its own can't be used any more."""
        self.settle(self.own)
        self._drop(self.own)
        self.own = new_session_hash()

    def leave_own(self, *, in_use: bool) -> None:
        """Give the session another hash; calls that were begun before go under the old one.

        Args:
            in_use: Whether there are conversations under it, the last of which gives it back.
        """
        self._left.add(self.own)
        if not in_use:
            self._heartbeats.end(self.own)
        self.own = new_session_hash()

    def _drop(self, session_hash: str) -> None:
        """Forget a hash, which no call goes under any more."""
        self._heartbeats.end(session_hash)
        self._stale.discard(session_hash)
        self._ended = {run for run in self._ended if run[0] != session_hash}
