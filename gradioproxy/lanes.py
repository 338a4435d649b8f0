"""Conversations with the server, and which job takes part in which.

A lane is one session hash with one stream. The server cancels by session hash and function, and
dropping a stream cancels what is on it; so a job gets a lane of its own while there are lanes
left, and shares one beyond that. In an app with state every call goes under the session's own
hash, and so on one lane.

The thread that prepares a job carries on with it: it posts the call, and reads the stream if nobody
does. So a lone call costs one change of threads, and the number of threads does not depend on the
number of jobs.
"""

from __future__ import annotations

import copy
import functools
import itertools
import json
import secrets
import threading
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from .errors import ConnectionLost, GradioProxyError, ProtocolError, SessionClosed
from .faults import bad_stream, in_call
from .protocols.events import FINAL
from .protocols.machine import Close, Open, OpenSocket, Post, Reply, Report, Send
from .sockets import TextSocket
from .transport import Restarted

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable

    from .answers import Answer, ByteStream
    from .jobs import Job
    from .protocols.machine import Machine, Step
    from .schema import Endpoint
    from .transport import Transport


@dataclass(eq=False)
class Call:
    """A call on its way to the app.

    Attributes:
        job: What its caller knows it by.
        transport: The way to the app, with the secrets of this call.
        endpoint: What is called.
        session_hash: The hash that it must go under, if it matters.
        machine: Makes the conversation for an endpoint and a hash.
        again: Starts it anew, because the server is another one now.
        data: One JSON value for each input.
        attempts: How often it was started.
    """

    job: Job[Any]
    transport: Transport
    endpoint: Endpoint
    session_hash: str | None
    machine: Callable[[Endpoint, str], Machine]
    again: Callable[[Call], None]
    data: list[Any] = field(default_factory=list)
    attempts: int = 0

    @property
    def function(self) -> int:
        """The function's number."""
        return self.endpoint.function

    @property
    def name(self) -> str:
        """The endpoint's name."""
        return self.endpoint.name


Conversation: TypeAlias = "ByteStream | TextSocket"
"""What brings a lane its news: an event stream or a websocket."""


def new_hash() -> str:
    """Return a session hash that nobody else has."""
    return secrets.token_hex(8)


class Lane:
    """One conversation: a machine, the calls that take part, and the stream while one is open."""

    def __init__(
        self, session_hash: str, machine: Machine, transport: Transport, idle_timeout: float
    ) -> None:
        self.session_hash = session_hash
        self.machine = machine
        self.transport = transport
        self.calls: dict[Hashable, Call] = {}
        self.users = 0
        self.dead = False
        self._idle_timeout = idle_timeout
        self._numbers = itertools.count()
        self._lock = threading.RLock()
        self._stream: Conversation | None = None

    def has_function(self, function: int) -> bool:
        """Tell whether a call of that function takes part."""
        return any(call.function == function for call in list(self.calls.values()))

    def join(self, call: Call) -> list[Step] | None:
        """Let a call take part; return the steps that start it, ``None`` if it came too late."""
        with self._lock:
            if self.dead:
                return None
            number = next(self._numbers)
            # In this order: who cancels a job first marks it as done and then looks for its lane.
            call.job.lane = self, number
            if call.job.done():
                return []
            self.calls[number] = call
            call.job.note("join")
            return self._take(self.machine.join(number, call.function, call.name, call.data))

    def withdraw(self, number: Hashable) -> list[Step]:
        """Give a call up; return the steps that tell the server, as far as that harms no other."""
        with self._lock:
            return self._take(self.machine.cancel(number))

    def carry_out(self, steps: Iterable[Step]) -> None:
        """Carry out steps, and what follows from them, until nothing is left to do or to read."""
        todo = deque(steps)
        while todo:
            match todo.popleft():
                case Post() as step:
                    todo += self.post(step)
                case Open(path, heartbeats):
                    todo += self._read(functools.partial(self._open, path, heartbeats))
                case OpenSocket(path):
                    todo += self._read(functools.partial(self.transport.socket, path))
                case Send(text):
                    self._send(text)
                case Close():
                    self.drop()

    def post(self, step: Post) -> list[Step]:
        """Carry out one post; return what follows from the answer."""
        call = self.calls.get(step.call)
        if step.purpose == "call" and (call is None or call.job.done()):
            reply = Reply(0, None)  # nobody waits for it any more
        else:
            reply = self._answer(step, call)
        with self._lock:
            steps = self._take(self.machine.receive_answer(step.call, reply))
            if call is not None:
                call.job.event_id = self.machine.event_id(step.call) or call.job.event_id
            return steps

    def _answer(self, step: Post, call: Call | None) -> Reply:
        """Return the answer to a post; without one, its call has ended or is started anew."""
        transport = call.transport if call is not None else self.transport
        effect = step.purpose == "call"
        try:
            return _reply(transport.post(step.path, step.body, effect=effect))
        except Restarted:
            with self._lock:
                self.calls.pop(step.call, None)
            if call is not None:
                call.job.lane = None
                call.again(call)
        except Exception as error:  # noqa: BLE001 - the lane's other calls are none the worse
            if call is not None and effect:
                call.job.fail(in_call(_own(error), call.name, None))
        return Reply(0, None)

    def _take(self, steps: Iterable[Step]) -> list[Step]:
        """Hand the reports among *steps* to their jobs; return the others.

        Called with the lock held, so that the reports of a call keep their order whichever
        thread brings them.
        """
        rest: list[Step] = []
        for step in steps:
            if not isinstance(step, Report):
                # Who joins between this and the closing itself would be lost with it.
                self.dead = self.dead or isinstance(step, Close)
                rest.append(step)
                continue
            call = self.calls.get(step.call)
            if call is not None:
                call.job.receive(step.event)
                if isinstance(step.event, FINAL):
                    del self.calls[step.call]
                    call.job.lane = None
        return rest

    def _read(self, connect: Callable[[], Conversation]) -> list[Step]:
        """Open a stream or socket and read it to its end; return what is to be done then."""
        if self.dead:
            return []
        try:
            stream = connect()
        except Restarted:
            self._start_anew()
            return []
        except GradioProxyError as error:
            self.fail(error)
            return []
        try:
            return self._follow(stream)
        except GradioProxyError as error:
            self.fail(error)
            return []
        finally:
            stream.close()

    def _open(self, path: str, heartbeats: bool) -> ByteStream:
        stream = self.transport.stream(path, self._idle_timeout if heartbeats else None)
        if stream.status != 200:  # noqa: PLR2004
            try:
                raise bad_stream(stream.status, next(iter(stream), b""), self.transport)
            finally:
                stream.close()
        return stream

    def _send(self, text: str) -> None:
        stream = self._stream
        try:
            if isinstance(stream, TextSocket):
                stream.send(text)
        except GradioProxyError as error:
            self.fail(error)

    def _start_anew(self) -> None:
        """Start every call anew: nothing of them has reached the server that is there now."""
        with self._lock:
            self.dead = True
            calls = list(self.calls.values())
            self.calls.clear()
        for call in calls:
            call.job.lane = None
            call.again(call)

    def _follow(self, stream: Conversation) -> list[Step]:
        with self._lock:
            if self.dead:
                return []
            self._stream = stream
        for chunk in stream:
            with self._lock:
                if self._stream is not stream:
                    return []
                steps = self._take(self.machine.receive_data(chunk))
            self.carry_out(steps)
        with self._lock:
            if self._stream is not stream:
                return []
            self._stream = None
            return self._take(self.machine.receive_end())

    def drop(self) -> None:
        """Close the stream or socket, because its machine is done with it."""
        self.fail(ConnectionLost("The conversation was ended."))

    def fail(self, error: GradioProxyError) -> None:
        """Drop the stream, and end every call that it would have told of."""
        with self._lock:
            self.dead = True
            stream, self._stream = self._stream, None
            for number, call in self.calls.items():
                # A copy, as each job adds what it knows.
                own = in_call(copy.copy(error), call.name, self.machine.event_id(number))
                own.__cause__ = error.__cause__
                call.job.fail(own)
            self.calls.clear()
        if stream is not None:
            stream.interrupt()


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

    def _start(self, lane: Lane, call: Call) -> None:
        try:
            steps = lane.join(call)
        except Exception as error:
            self._leave(lane)
            call.job.fail(_own(error))
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
            lane.fail(_own(error))
            raise
        finally:
            self._leave(lane)

    def _choose(self, call: Call) -> Lane | None:
        """Return the lane for a call; ``None`` if it has to wait for one, or is done already."""
        if call.job.done():
            return None
        if call.session_hash is not None:
            for lane in self._lanes:
                if lane.session_hash == call.session_hash and lane.machine.shared:
                    return None if lane.dead else lane
        if len(self._lanes) < self._limit:
            session_hash = call.session_hash or new_hash()
            try:
                machine = call.machine(call.endpoint, session_hash)
            except Exception as error:  # noqa: BLE001 - whatever it is, those behind it go on
                call.job.fail(_own(error))
                return None
            lane = Lane(session_hash, machine, call.transport, self._idle_timeout)
            self._lanes.append(lane)
            return lane
        shared = [
            lane
            for lane in self._lanes
            if lane.machine.shared
            and not lane.dead
            and lane.transport is call.transport
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
                    free.users += 1
                    self._dispatch(functools.partial(self._start, free, call))


def _own(error: Exception) -> GradioProxyError:
    """Return the error itself if it is one of ours, else one that says that it is our fault."""
    if isinstance(error, GradioProxyError):
        return error
    own = ProtocolError(f"gradioproxy failed itself: {error!r}")
    own.__cause__ = error
    return own


def _reply(answer: Answer) -> Reply:
    """Return of an answer what a protocol needs."""
    try:
        body = json.loads(answer.body)
    except (ValueError, RecursionError):
        body = answer.text
    return Reply(answer.status, body, answer.wait)
