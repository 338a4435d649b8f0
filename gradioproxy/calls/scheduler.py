"""Calls on their way into conversations with the server, and threads that carry those on.

Which lane a call gets is decided by `lanes.Lanes`. Calls for which there is none wait in lines: one
that shares a stream can often begin where another can't.

The thread that prepares a job carries on with it: it posts the call, and reads the stream if nobody
does. So a lone call costs one change of threads, and the number of threads does not depend on the
number of jobs.
"""

from __future__ import annotations

import functools
import itertools
import weakref
from collections import deque
from typing import TYPE_CHECKING

from .. import forksafe
from ..errors import ConnectionLost, GradioProxyError, ProtocolError, SessionClosed
from ..protocols.machine import Close, Post, Residue
from ..transport import in_flight
from .failures import own_error
from .lane import Lane
from .lanes import Lanes
from .reader import ENDING_SECONDS
from .settle import ask_once

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from ..protocols.machine import Settling, Step
    from .call import Call
    from .hashes import SessionHashes
    from .record import CallRecord

# How long to listen to a server that is asked for a stream that was lost, each time. It refuses at
# once if it has let go of the old one, or has forgotten the call because it was asked before.
SETTLE_SECONDS = (1.0, 1.0, 1.0, 2.0, 4.0)
# What it gets to notice by itself before it is asked, where no other hash will do: what it says
# when it is asked for the first time is worth more.
FIRST_SECONDS = 0.5
# The same for a stream that was closed from here: a server looks for that 20 times a second. Some
# of Gradio 4.19 never refuse one; they are given the time once more, to notice its end as well.
NOTICE_SECONDS = 0.5


class Scheduler:
    """Takes the calls of a session through its lanes.

    Args:
        limit: How many lanes there may be at once; see `lanes.Lanes`.
        idle_timeout: Seconds of silence after which a server that has heartbeats counts as gone.
        dispatch: Runs a function on another thread, one that may read a stream.
        later: Runs a function after some seconds, one that reads nothing.
        hashes: The session's hashes.
    """

    def __init__(
        self,
        limit: int,
        idle_timeout: float,
        dispatch: Callable[[Callable[[], None]], None],
        later: Callable[[float, Callable[[], None]], object],
        hashes: SessionHashes,
    ) -> None:
        self._dispatch = dispatch
        self._lock = forksafe.RLock()
        make_lane = functools.partial(
            Lane,
            idle_timeout=idle_timeout,
            on_change=_weaken(self._begin_waiting),
            on_ending=functools.partial(later, ENDING_SECONDS),
        )
        self._lanes = Lanes(limit, hashes, make_lane)
        # In lines of those that wait for the same (`_line_of`), none of which is empty; each with a
        # number that says who came first.
        self._waiting: dict[Hashable, deque[tuple[int, Call]]] = {}
        self._numbers = itertools.count()

    @property
    def own_hash(self) -> str:
        """The session's own hash."""
        return self._lanes.hashes.own

    def leave_own(self) -> None:
        """Let calls that are begun from now on go under a hash that nobody has used."""
        with self._lock:
            self._lanes.leave_own()
        self._begin_waiting()  # some may go under any hash, and there is one more now

    def run(self, call: Call) -> None:
        """Take a call through a lane, on this thread or, when none is free, on a later one."""
        with self._lock:
            # One that waits for long is not overtaken for ever.
            line = _line_of(call)
            waits = line in self._waiting
            lane, error = (None, None) if waits else self._choose_and_enter(call)
            if lane is None and error is None and not call.is_over:
                number = next(self._numbers)
                self._waiting.setdefault(line, deque()).append((number, call))
        if error is not None:
            call.record.fail(error)
        elif lane is not None:
            self._announce(lane, call)
            self._start(lane, call)
        else:
            self._begin_waiting()

    def withdraw(self, record: CallRecord) -> None:
        """Tell the server that a call is given up; returns soon, as it reads no stream."""
        self.act(record, Lane.withdraw)

    def act(self, record: CallRecord, act: Callable[[Lane, Hashable], list[Step]]) -> None:
        """Do something in the conversation that a call takes part in; reads no stream.

        Args:
            record: What is known of the call.
            act: Gets the lane and the call's number there; returns the steps that follow.
        """
        seat = record.seat
        if seat is None:
            return  # it has not begun, and whoever begins it looks first
        conversation, number = seat
        with self._lock:
            lane = next((lane for lane in self._lanes if lane is conversation), None)
            if lane is None:
                return  # the call was over before we got here
            lane.add_thread()
        rest: list[Step] = []
        left = False
        try:
            for step in act(lane, number):
                if isinstance(step, Post):
                    # What follows may be a call that waited for this, to be read to its end.
                    rest += lane.post(step)
                elif isinstance(step, Close):
                    lane.close()  # before what is posted next, as some servers insist
                    # Nothing follows from that any more, and others may wait for the lane.
                    left = True
                    self._release(lane)
                else:
                    rest.append(step)
        finally:
            if rest and not left:
                self._dispatch(lambda: self._carry_out(lane, rest))
            elif not left:
                self._release(lane)
            lane.tell_change()

    def interrupt(self) -> None:
        """Drop every stream: the session is being closed."""
        with self._lock:
            lanes = list(self._lanes)
        for lane in lanes:
            lane.close_with_error(SessionClosed("The session was closed."))

    def drop_all(self) -> None:
        """Drop every stream and tell nobody: the process is about to end."""
        with self._lock:
            lanes = list(self._lanes)
            self._waiting.clear()
        for lane in lanes:
            lane.detach_calls()
            lane.close()

    # What a call goes through.

    def _start(self, lane: Lane, call: Call) -> None:
        """Let a call take part in a lane that was chosen for it."""
        steps: list[Step] | None = None
        try:
            if lane.settling is None or self._settle(lane, lane.settling, call):
                steps = lane.join(call)
        except Exception as error:
            call.record.fail(own_error(error))
            if not isinstance(error, GradioProxyError):
                raise
        finally:
            with self._lock:
                lane.drop_claim(call)
            if steps is None:
                self._release(lane)
        if steps is not None:
            self._carry_out(lane, steps)
        elif not call.is_over:
            self.run(call)  # it broke just now, or its hash can't be used

    def _settle(self, lane: Lane, settling: Settling, call: Call) -> bool:
        """Wait until the server lets go of a stream that is no more; tell whether it does.

        Raises:
            ConnectionLost: It does not, and the call can go under no other hash.
        """
        call.record.note("settle")
        if self._lanes.find_stream(call, lane.session_hash) is not Residue.STREAM:
            return self._wait_for_notice(lane, settling)
        insists = call.isolation == "none"
        if insists:
            self._pause(lane, FIRST_SECONDS)
        for seconds in SETTLE_SECONDS if insists else SETTLE_SECONDS[:1]:
            if call.is_over:
                return False
            with self._lock:  # before it is asked: whatever comes of that, it was
                asked = self._lanes.hashes.note_ask(lane.session_hash)
            refused = self._ask(lane, settling, seconds)
            if refused and asked and insists:
                # No call is known under the hash now: what is left of a stream ends when it looks.
                self._pause(lane, settling.look_seconds)
                refused, asked = self._ask(lane, settling, seconds), False
            if refused and not asked:
                self._mark_settled(lane)
                return True
        if insists:
            raise ConnectionLost(
                "The server still holds the stream of an earlier call of this session, which would "
                "get a part of the results. Call it again in a while, or connect anew.",
                may_have_run=False,
            )
        with self._lock:
            if lane.session_hash == self.own_hash:
                self._lanes.replace_own()
        return False

    def _wait_for_notice(self, lane: Lane, settling: Settling) -> bool:
        """Give a server that can't be asked the time to notice that a stream was closed."""
        if not self._ask(lane, settling, NOTICE_SECONDS):
            self._pause(lane, NOTICE_SECONDS)
        self._mark_settled(lane)
        return True

    def _ask(self, lane: Lane, settling: Settling, seconds: float) -> bool:
        with lane.waiting():
            return ask_once(lane.transport, settling, seconds)

    def _pause(self, lane: Lane, seconds: float) -> None:
        with lane.waiting():
            in_flight.pause(seconds)

    def _mark_settled(self, lane: Lane) -> None:
        """Let calls join a lane whose hash the server has let go of."""
        with self._lock:
            self._lanes.hashes.settle(lane.session_hash)
            lane.set_settling(None)
        self._begin_waiting()

    def _carry_out(self, lane: Lane, steps: list[Step]) -> None:
        """Carry out steps on this thread, which uses the lane until it returns."""
        try:
            lane.carry_out(steps)
        except Exception as error:
            lane.close_with_error(own_error(error))
            raise
        finally:
            self._release(lane)

    def _release(self, lane: Lane) -> None:
        """Note that a thread has left a lane; the last one closes it."""
        with self._lock:
            if not lane.remove_thread():
                return
            self._lanes.remove(lane)
        # Nobody is left who could bring news of a call.
        lane.close_with_error(ProtocolError("The conversation ended without the call's result."))
        self._begin_waiting()

    # Calls that wait for a lane.

    def _begin_waiting(self) -> None:
        """Start the calls that need not wait any longer; not to be called with the lock held."""
        while (found := self._take_waiting()) is not None:
            call, lane, error = found
            if error is not None:
                call.record.fail(error)
            elif lane is not None:
                self._announce(lane, call)
                self._start_later(lane, call)

    def _take_waiting(self) -> tuple[Call, Lane | None, GradioProxyError | None] | None:
        """Take the call that has waited longest of those that need not wait any longer.

        Returns:
            The call, and what `_choose_and_enter` returns; ``None`` if all have to wait.
        """
        with self._lock:
            for name, line in sorted(self._waiting.items(), key=_age):
                _, call = line[0]
                lane, error = self._choose_and_enter(call)
                if lane is not None or error is not None or call.is_over:
                    line.popleft()
                    if not line:
                        del self._waiting[name]
                    return call, lane, error
        return None

    def _announce(self, lane: Lane, call: Call) -> None:
        """Tell the app that a hash is in use; a thread is at the lane, so that it stays in use."""
        # The session of a call that was begun elsewhere is not ours to end.
        if call.app.heartbeat and call.begun is None:
            self._lanes.hashes.announce(lane.session_hash)

    def _start_later(self, lane: Lane, call: Call) -> None:
        """Start a call that waited, on another thread."""
        try:
            self._dispatch(functools.partial(self._start, lane, call))
        except RuntimeError as error:  # the system gives us no thread, now
            with self._lock:
                lane.drop_claim(call)
            call.record.fail(own_error(error))
            self._release(lane)

    def _choose_and_enter(self, call: Call) -> tuple[Lane | None, GradioProxyError | None]:
        """Choose a lane for a call and have a thread at it, with the lock held.

        Returns:
            The lane, and what is wrong with the call; neither if it has to wait, or is over.
        """
        if call.is_over:
            return None, None
        try:
            lane = self._lanes.choose(call)
        except Exception as error:  # noqa: BLE001 - whatever it is, those behind it go on
            return None, own_error(error)
        if lane is not None:
            lane.add_thread(call)
        return lane, None


def _age(named_line: tuple[Hashable, deque[tuple[int, Call]]]) -> int:
    """Return a number that is lower, the longer the first of a line has waited."""
    return named_line[1][0][0]


def _line_of(call: Call) -> Hashable:
    """Return which line a call waits in.

    Where all go under one hash, one call of a function waits for another of it, and those of other
    functions for neither. One that was begun elsewhere waits for a conversation that is not for the
    session's own calls, of one hash or of any, and those can begin meanwhile.
    """
    if call.begun is not None:
        return call.begun.session_hash
    if call.shares_stream:
        return None
    return call.function if call.isolation == "none" else -1


def _weaken(method: Callable[[], None]) -> Callable[[], None]:
    """Return a function that calls a method while there is its object, which it does not hold.

    What holds itself is there until everything is collected, and its connections with it.
    """
    weak = weakref.WeakMethod(method)

    def call() -> None:
        strong = weak()
        if strong is not None:
            strong()

    return call
