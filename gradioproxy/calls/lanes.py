"""The lanes of a session, and which of them a call gets.

A lane is one conversation under a session hash; where a protocol has one for each call, there can
be several under one hash. A session is to the app what a browser's tab is: calls that come one
after the other go under the session's own hash, under which the server keeps what it keeps for a
visitor. But it cancels by session hash and function, and dropping a stream cancels what
is on it; so a job that starts while another runs gets a lane of its own while there are lanes left,
and shares one beyond that. In an app with state every call goes under the session's own hash,
unless the session isolates all of them.

An app may have calls of two kinds: those that share a stream, and those that have a conversation
each. A lane takes those of one kind; and there may always be one lane of each, so that neither kind
waits for the end of all of the other.

What a call sends carries its own secrets, and a stream those of the call that opened its lane. So
only calls with the same secrets share a lane; but where calls share a stream, there can be no more
than one under the session's own hash, which brings a call with other secrets its results as well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..protocols import choose_settling
from ..protocols.machine import Residue
from .hashes import new_session_hash

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .call import Call
    from .hashes import SessionHashes
    from .lane import Lane


class Lanes:
    """The lanes of a session, under its own hash and others.

    Not safe for threads: whoever has it uses it under a lock.

    Args:
        limit: How many there may be at once, but for one of each kind.
        hashes: The session's hashes.
        make: Makes a lane of a hash, a machine and the way to the app; with ``private`` set where
            the hash is for one call alone.

    Attributes:
        hashes: The same.
    """

    def __init__(
        self,
        limit: int,
        hashes: SessionHashes,
        make: Callable[..., Lane],
    ) -> None:
        self.hashes = hashes
        self._limit = limit
        self._make = make
        self._lanes: list[Lane] = []

    def __iter__(self) -> Iterator[Lane]:
        return iter(self._lanes)

    def remove(self, lane: Lane) -> None:
        """Forget a lane that nobody is at any more; its hash may be used for another."""
        self._lanes.remove(lane)
        others = any(other.session_hash == lane.session_hash for other in self._lanes)
        if others and lane.session_hash != self.hashes.own:
            return  # it was the session's own, and goes with the last of its lanes
        self.hashes.give_back(
            lane.session_hash,
            lane.transport,
            lane.machine.residue,
            lane.last_function,
            keep=lane.unhurt and not lane.is_private,
            stale=lane.machine.stale,
        )

    def choose(self, call: Call) -> Lane | None:
        """Return the lane for a call; ``None`` if it has to wait for one."""
        if call.begun is not None:
            return self._choose_begun(call, call.begun.session_hash)
        if call.isolation == "full":
            return self._add(call, new_session_hash(), private=True) if self._fits(call) else None
        if call.isolation == "none":
            return self._choose_own(call)
        return self._choose_any(call)

    def _choose_begun(self, call: Call, session_hash: str) -> Lane | None:
        """Return the lane for a call that was begun elsewhere, perhaps under a hash with others."""
        for lane in self._lanes:
            if lane.session_hash == session_hash and lane.machine.shared:
                return lane if lane.is_open else None
        if not self._fits(call):
            return None
        return self._add(call, session_hash or new_session_hash(), private=True)

    def _choose_own(self, call: Call) -> Lane | None:
        """Return a lane under the session's own hash, or what was that when the call was begun."""
        session_hash = self.hashes.find_tab(call.tab)
        for lane in self._find_under(session_hash):
            if lane.machine.shared and call.shares_stream:
                return lane if lane.is_open else None
            # The server would take one for the continuation of the other; also of one that is
            # over, until it is known what is left of that (`remove`).
            has_function = lane.has_function(call.function) or lane.last_function == call.function
            if not lane.machine.shared and has_function:
                return None
        if not self._fits(call):
            return None
        left = session_hash != self.hashes.own
        return self._add(call, session_hash, private=left)

    def _choose_any(self, call: Call) -> Lane | None:
        """Return a lane under the session's own hash, unless a call runs there."""
        own, hashes = self._own, self.hashes
        # A reset of a function that is over is on its way, and late when the server is busy.
        at_rest = not self._lanes or hashes.is_at_rest(hashes.own, call.function)
        at_rest = at_rest and not (call.shares_stream and hashes.may_be_held(hashes.own))
        if at_rest and self._is_safe(call, own) and not any(lane.runs for lane in own):
            alike = [lane for lane in own if lane.machine.shared is call.shares_stream]
            if not alike and self._fits(call):
                return self._add(call, hashes.own)
            if alike:
                lane = alike[0]
                # One that takes one call has had its, though that may have been given up since.
                is_free = lane.is_open and lane.machine.shared
                if is_free and lane.transport.has_secrets_of(call.transport):
                    return lane
                if lane.is_open and not lane.size:
                    lane.close()  # the server keeps it open for nobody
                if lane.is_ending:
                    return None  # and the session's own hash is free in a moment
        shared = [*self._find_shared(call)]
        # One whose last call is just over is as good as a new one, and the server knows its hash.
        idle = [lane for lane in shared if not lane.size and lane not in own]
        if idle:
            return idle[0]
        if self._fits(call):
            return self._add_other(call)
        # A call that is alone of its function on a lane can be cancelled there.
        return min(
            shared,
            key=lambda lane: (lane.has_function(call.function), lane.size),
            default=None,
        )

    def _find_shared(self, call: Call) -> Iterator[Lane]:
        """Yield the lanes that a call can share with others."""
        for lane in self._lanes if call.shares_stream else ():
            if (
                lane.machine.shared
                and not lane.is_private
                and lane.is_open
                and lane.transport.has_secrets_of(call.transport)
                and not (call.may_yield and lane.machine.stale)
            ):
                yield lane

    def _add_other(self, call: Call) -> Lane | None:
        """Return a new lane under a hash that the server knows, if one is free in a moment."""
        hashes = self.hashes
        has_secrets = call.transport.has_secrets_of
        others = [lane for lane in self._lanes if lane.session_hash != hashes.own]
        ending = any(lane.leaves_hash and has_secrets(lane.transport) for lane in others)
        if ending and not hashes.has_spare(call.transport, call.function):
            return None
        return self._add(call, hashes.take(call.transport, call.function))

    def _is_safe(self, call: Call, own: list[Lane]) -> bool:
        """Tell whether nothing is left under the session's own hash that harms a call."""
        # Whoever gives the hash of another session wants that one; the machines see to the rest.
        if not call.may_yield or self.hashes.is_borrowed:
            return True
        # What another run left there is the base of no edits where whole values are asked for.
        if call.shares_stream and call.app.release.sends_whole_values_if_asked:
            return True
        fresh = self.hashes.is_fresh(self.hashes.own, call.function)
        return fresh and not any(lane.machine.stale for lane in own)

    def replace_own(self) -> None:
        """Give the session another hash, because the server does not let go of its own."""
        for lane in self._own:
            lane.unhurt = False  # or another call would get its hash when it ends
        self.hashes.replace_own()

    def leave_own(self) -> None:
        """Give the session another hash; no call joins those under the old one that it has to."""
        own = self._own
        for lane in own:
            lane.is_private = True
        self.hashes.leave_own(in_use=bool(own))

    def find_stream(self, call: Call, session_hash: str) -> Residue:
        """Return what may be left of a stream under a hash that a call is to go under."""
        can_ask = call.app.release.refuses_streams_of_no_call
        return self.hashes.find_stream(session_hash, forgotten=not can_ask)

    @property
    def _own(self) -> list[Lane]:
        return self._find_under(self.hashes.own)

    def _find_under(self, session_hash: str) -> list[Lane]:
        return [lane for lane in self._lanes if lane.session_hash == session_hash]

    def _fits(self, call: Call) -> bool:
        """Tell whether there is room for a lane for a call."""
        if len(self._lanes) < self._limit:
            return True
        return not any(lane.machine.shared is call.shares_stream for lane in self._lanes)

    def _add(self, call: Call, session_hash: str, *, private: bool = False) -> Lane:
        hashes, function = self.hashes, call.function
        fresh = hashes.is_fresh(session_hash, function)
        fresh = fresh and not hashes.is_foreign(session_hash, function)
        machine = call.runtime.choose_machine(call, session_hash, fresh=fresh)
        lane = self._make(session_hash, machine, call.transport, private=private)
        if machine.shared and self.find_stream(call, session_hash) is not Residue.NOTHING:
            lane.set_settling(choose_settling(call.app, session_hash))
        self._lanes.append(lane)
        return lane
