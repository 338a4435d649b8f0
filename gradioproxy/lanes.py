"""Which job takes part in which conversation with the server.

A lane is one session hash with one stream. The server cancels by session hash and function, and
dropping a stream cancels what is on it; so a job gets a lane of its own while there are lanes
left, and shares one beyond that. In an app with state every call goes under the session's own
hash, and so on one lane.

What a call sends carries its own secrets, and a stream those of the call that opened its lane. So
only calls with the same secrets share a lane; but under the session's own hash there can be no more
than one stream, which brings a call with other secrets its results as well.

The thread that prepares a job carries on with it: it posts the call, and reads the stream if nobody
does. So a lone call costs one change of threads, and the number of threads does not depend on the
number of jobs.
"""

from __future__ import annotations

import functools
import threading
from collections import deque
from typing import TYPE_CHECKING, Any

from .errors import ProtocolError, SessionClosed
from .lane import Call, Lane, new_hash, own_error
from .protocols.machine import Close, Post

if TYPE_CHECKING:
    from collections.abc import Callable

    from .jobs import Job
    from .protocols.machine import Step


class Lanes:
    """The lanes of a session.

    Args:
        limit: How many there may be at once.
        idle_timeout: Seconds of silence after which a server that has heartbeats counts as gone.
        dispatch: Runs a function on another thread, one that may read a stream.
    """

    def __init__(
        self, limit: int, idle_timeout: float, dispatch: Callable[[Callable[[], None]], None]
    ) -> None:
        self._limit = limit
        self._idle_timeout = idle_timeout
        self._dispatch = dispatch
        self._lock = threading.RLock()
        self._lanes: list[Lane] = []
        self._waiting: deque[Call] = deque()

    def run(self, call: Call) -> None:
        """Take a call through a lane, on this thread or, when none is free, on a later one."""
        with self._lock:
            lane = self._choose(call)
            if lane is None:
                if not call.job.done():
                    self._waiting.append(call)
                return
            lane.users += 1
        self._start(lane, call)

    def withdraw(self, job: Job[Any]) -> None:
        """Tell the server that a job is given up; returns soon, as it reads no stream."""
        place = job.lane
        if place is None:
            return  # it has not begun, and whoever begins it looks first
        lane, number = place
        with self._lock:
            if lane not in self._lanes:
                return  # the call was over before we got here
            lane.users += 1
        rest: list[Step] = []
        try:
            for step in lane.withdraw(number):
                if isinstance(step, Post):
                    # What follows may be a call that waited for this, to be read to its end.
                    rest += lane.post(step)
                elif isinstance(step, Close):
                    lane.drop()  # before what is posted next, as some servers insist
                else:
                    rest.append(step)
        finally:
            if rest:
                self._dispatch(lambda: self._carry_out(lane, rest))
            else:
                self._leave(lane)

    def interrupt(self) -> None:
        """Drop every stream: the session is being closed."""
        with self._lock:
            lanes = list(self._lanes)
        for lane in lanes:
            lane.fail(SessionClosed("The session was closed."))

    def abandon(self) -> None:
        """Drop every stream and tell nobody: the process is about to end."""
        with self._lock:
            lanes = list(self._lanes)
            self._waiting.clear()
        for lane in lanes:
            lane.forget()
            lane.drop()

    def _start(self, lane: Lane, call: Call) -> None:
        try:
            steps = lane.join(call)
        except Exception as error:
            self._leave(lane)
            call.job.fail(own_error(error))
            raise
        if steps is None:  # it broke just now
            self._leave(lane)
            self.run(call)
        else:
            self._carry_out(lane, steps)

    def _carry_out(self, lane: Lane, steps: list[Step]) -> None:
        """Carry out steps on this thread, which uses the lane until it returns."""
        try:
            lane.carry_out(steps)
        except Exception as error:
            lane.fail(own_error(error))
            raise
        finally:
            self._leave(lane)

    def _choose(self, call: Call) -> Lane | None:
        """Return the lane for a call; ``None`` if it has to wait for one, or is done already."""
        if call.job.done():
            return None
        if call.session_hash is not None:
            for lane in self._lanes:
                if lane.session_hash != call.session_hash:
                    continue
                if lane.machine.shared:
                    return None if lane.dead else lane
                if lane.has_function(call.function):
                    return None  # the server would take one for the continuation of the other
        if len(self._lanes) < self._limit:
            session_hash = call.session_hash or new_hash()
            try:
                machine = call.machine(call.endpoint, session_hash)
            except Exception as error:  # noqa: BLE001 - whatever it is, those behind it go on
                call.job.fail(own_error(error))
                return None
            lane = Lane(session_hash, machine, call.transport, self._idle_timeout)
            self._lanes.append(lane)
            return lane
        shared = [
            lane
            for lane in self._lanes
            if lane.machine.shared
            and not lane.dead
            and lane.transport.has_secrets_of(call.transport)
            and call.session_hash is None
        ]
        # A call that is alone of its function on a lane can be cancelled there.
        return min(
            shared,
            key=lambda lane: (lane.has_function(call.function), len(lane.calls)),
            default=None,
        )

    def _leave(self, lane: Lane) -> None:
        """Take note that a thread has left a lane; the last one closes it."""
        with self._lock:
            lane.users -= 1
            if lane.users:
                return
            self._lanes.remove(lane)
            # Nobody is left who could bring news of a call.
            lane.fail(ProtocolError("The conversation ended without the call's result."))
            while self._waiting:
                call = self._waiting[0]
                free = self._choose(call)
                if free is None and not call.job.done():
                    return
                self._waiting.popleft()
                if free is not None:
                    self._begin(free, call)

    def _begin(self, lane: Lane, call: Call) -> None:
        """Start a call that waited, on another thread; called with the lock held."""
        lane.users += 1
        try:
            self._dispatch(functools.partial(self._start, lane, call))
        except RuntimeError as error:  # the system gives us no thread, now
            lane.users -= 1
            if not lane.users:
                self._lanes.remove(lane)
            call.job.fail(own_error(error))
