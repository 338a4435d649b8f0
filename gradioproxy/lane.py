"""One conversation with the server: a machine, the calls that take part, and the open stream.

The steps that the machine gives are carried out on whichever thread got them; what happens to the
machine, and what it reports to jobs, happens under the lane's lock.
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
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from .connections import interruptible
from .errors import ConnectionLost, GradioProxyError, ProtocolError
from .faults import bad_stream, in_call
from .protocols.events import FINAL
from .protocols.machine import Attachable, Close, Open, OpenSocket, Post, Reply, Report, Send
from .sockets import TextSocket
from .transport import Restarted

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable

    from .answers import Answer, ByteStream
    from .connections import InFlight
    from .protocols.events import Event
    from .protocols.machine import Machine, Step
    from .schema import App, Endpoint
    from .transport import Transport


class Receiver(Protocol):
    """Who is told what becomes of a call."""

    lane: Any
    event_id: str | None

    def done(self) -> bool:
        """Tell whether nobody wants to hear of the call any more."""
        ...

    def update(self, **changes: Any) -> None:
        """Change the call's status."""
        ...

    def note(self, what: str) -> None:
        """Take note of a step of the call, for reports."""
        ...

    def receive(self, event: Event) -> None:
        """Take what happened to the call; ignored once it is done."""
        ...

    def fail(self, error: BaseException) -> None:
        """End the call with an error; ignored once it is done."""
        ...


@dataclass(eq=False)
class Call:
    """A call on its way to the app.

    Attributes:
        job: What its caller knows it by.
        transport: The way to the app, with the secrets of this call.
        app: The app that it is for, as it described itself.
        endpoint: What is called.
        session_hash: The hash that it must go under, if it matters.
        machine: Makes the conversation for an endpoint and a hash.
        again: Starts it anew, because the server is another one now.
        data: One JSON value for each input.
        attempts: How often it was started.
    """

    job: Receiver
    transport: Transport
    app: App
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
        self._stream: Conversation | InFlight | None = None

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

    def attach(self, call: Call, event_id: str) -> list[Step] | None:
        """Follow a call that was posted before; return the steps, ``None`` if that can't be."""
        if not isinstance(self.machine, Attachable):
            return None
        with self._lock:
            number = next(self._numbers)
            call.job.lane, call.job.event_id = (self, number), event_id
            self.calls[number] = call
            steps = self.machine.attach(number, call.function, call.name, event_id)
            return self._take(steps)

    def withdraw(self, number: Hashable) -> list[Step]:
        """Give a call up; return the steps that tell the server, as far as that harms no other."""
        with self._lock:
            return self._take(self.machine.cancel(number))

    def abandon(self, number: Hashable) -> None:
        """Tell the server that a call is given up, and nobody else: the process is about to end."""
        with self._lock:
            steps = self.machine.cancel(number)
        for step in steps:
            if isinstance(step, Post):
                self._answer(step, self.calls.get(number))

    def forget(self) -> None:
        """Leave the calls that take part to themselves: nothing more is told of them."""
        with self._lock:
            self.dead = True
            self.calls.clear()

    def carry_out(self, steps: Iterable[Step]) -> None:
        """Carry out steps, and what follows from them, until nothing is left to do or to read."""
        todo = deque(steps)
        while todo:
            match todo.popleft():
                case Post() as step:
                    todo += self.post(step)
                case Open() as step:
                    todo += self._read(functools.partial(self._open, step))
                case OpenSocket(path):
                    todo += self._read(functools.partial(self.transport.socket, path, self._app()))
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
        effect = step.purpose != "cancel"
        send = functools.partial(
            transport.post,
            step.path,
            step.body,
            app=call.app if call is not None else None,
            effect=effect,
            patient=step.patient,
        )
        try:
            return _reply(self._wait(send) if step.patient else send())
        except Restarted:
            if call is not None:
                self._restarted(step, call)
        except Exception as error:  # noqa: BLE001 - the lane's other calls are none the worse
            if call is not None and effect:
                call.job.fail(in_call(own_error(error), call.name, None))
        return Reply(0, None)

    def _wait(self, send: Callable[[], Answer]) -> Answer:
        """Wait for an answer that is the result; dropping the conversation ends the wait."""
        with interruptible() as in_flight:
            with self._lock:
                if self.dead:
                    raise ConnectionLost("The conversation was ended.")
                self._stream = in_flight
            try:
                return send()
            finally:
                with self._lock:
                    if self._stream is in_flight:
                        self._stream = None

    def _restarted(self, step: Post, call: Call) -> None:
        """Start a call anew of which nothing has run, or end one that ran where nobody is now."""
        if step.purpose != "call":
            call.job.fail(in_call(ConnectionLost("It was restarted."), call.name, None))
            return
        with self._lock:
            self.calls.pop(step.call, None)
        call.job.lane = None
        call.again(call)

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

    def _open(self, step: Open) -> ByteStream:
        idle = self._idle_timeout if step.heartbeats else None
        app = self._app() if step.begins else None
        stream = self.transport.stream(step.path, idle, app=app)
        if stream.status != 200:  # noqa: PLR2004
            try:
                raise bad_stream(stream.status, next(iter(stream), b""), self.transport)
            finally:
                stream.close()
        return stream

    def _app(self) -> App | None:
        """Return the app of the only call of a machine that is not shared."""
        return next((call.app for call in self.calls.values()), None)

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


def _reply(answer: Answer) -> Reply:
    """Return of an answer what a protocol needs."""
    try:
        body = json.loads(answer.body)
    except (ValueError, RecursionError):
        body = answer.text
    return Reply(answer.status, body, answer.wait)


def own_error(error: Exception) -> GradioProxyError:
    """Return the error itself if it is one of ours, else one that says that it is our fault."""
    if isinstance(error, GradioProxyError):
        return error
    own = ProtocolError(f"gradioproxy failed itself: {error!r}")
    own.__cause__ = error
    return own
