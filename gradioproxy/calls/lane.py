"""One conversation with the server: a machine, the calls that take part, and the open stream.

The steps that the machine gives are carried out on whichever thread got them; what happens to the
machine, and what it reports of calls, happens under the lane's lock. What follows from that for
others (a call's effects, and calls that wait for a lane) is left to `Lane.tell_change`, without it.
"""

from __future__ import annotations

import contextlib
import functools
import itertools
from collections import deque
from typing import TYPE_CHECKING, cast

from .. import forksafe
from ..errors import ConnectionLost, GradioProxyError, Timeout
from ..protocols.events import FINAL
from ..protocols.machine import Close, Open, OpenSocket, Post, Reply, Report, Send
from ..transport.http import Restarted
from .failures import copy_error, describe_in_call, hide_secrets
from .posting import Poster, is_refusal
from .reader import ENDING_SECONDS, Reader, open_events

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable

    from ..protocols.events import Event
    from ..protocols.machine import Machine, Settling, Step
    from ..schema.endpoint import App
    from ..transport.http import Transport
    from ..transport.in_flight import InFlight
    from ..transport.text_socket import TextSocket
    from .call import Call
    from .reader import NewsStream
    from .record import CallRecord


def _find_reported_call(step: Step) -> Hashable:
    """Return the number of the call that a step tells of, if it is a report."""
    return step.call if isinstance(step, Report) else None


class Lane:
    """One conversation: a machine, the calls that take part, and the stream while one is open.

    Attributes:
        session_hash: The hash that it goes under.
        calls: The calls that take part, given up or not.
        claims: The calls that were sent here and take no part yet.
        is_closed: Whether it is over: no call can join any more.
        unhurt: Whether no call was cancelled or lost, so that its hash can be used again.
        is_private: Whether its hash is for no other call: for one alone, or of what was left.
        settling: Finds out whether the hash can be used, if that is not known.
        last_function: The function of the call that joined last.
    """

    def __init__(
        self,
        session_hash: str,
        machine: Machine,
        transport: Transport,
        idle_timeout: float,
        *,
        on_change: Callable[[], None] = lambda: None,
        on_ending: Callable[[Callable[[], None]], object] = lambda _: None,
        private: bool = False,
    ) -> None:
        self.session_hash, self.machine, self.transport = session_hash, machine, transport
        self.calls: dict[Hashable, Call] = {}
        self.claims: list[Call] = []
        self.is_closed, self.unhurt = False, True
        self.is_private, self.last_function = private, -1
        self.settling: Settling | None = None
        self._idle_timeout, self._on_change, self._on_ending = idle_timeout, on_change, on_ending
        # Whether a call may be able to join that could not before, and whose effects are to be run.
        self._changed = self._was_asked = False
        self._told: deque[CallRecord] = deque()
        self._threads, self._numbers = 0, itertools.count()
        self._lock = forksafe.RLock()
        self._reader = Reader(self._lock)
        self._poster = Poster(transport, self._reader)

    @property
    def runs(self) -> bool:
        """Whether somebody waits for a call here, or will."""
        return bool(self.claims) or any(not call.is_over for call in list(self.calls.values()))

    @property
    def is_open(self) -> bool:
        """Whether a call may join now; that it may, after it might not, counts as a change."""
        self._was_asked = True
        return self._can_be_joined()

    def _can_be_joined(self) -> bool:
        if self.is_closed or self.settling is not None or not self.machine.accepts:
            return False
        given_up = [call.is_over for call in list(self.calls.values())]
        # A stream that brought nothing to a call that was given up will be dropped. And where a
        # cancel waits for all calls to be given up, one that joins would put it off.
        unwanted = bool(given_up) and all(given_up) and self.machine.cancels_alone
        return not unwanted and not (any(given_up) and self.machine.is_deaf)

    @property
    def is_ending(self) -> bool:
        """Whether it will be over soon, if it does not run: nobody waits for what takes time."""
        return self.is_closed or self.machine.shared or not self.calls

    @property
    def leaves_hash(self) -> bool:
        """Whether it is about to end, and its hash can be used again."""
        idle = not self.size and (self.machine.is_ending or not self.machine.shared)
        return idle and self.unhurt and not self.is_private

    @property
    def size(self) -> int:
        """How many calls take part, or will."""
        return len(self.calls) + len(self.claims)

    def has_function(self, function: int) -> bool:
        """Tell whether a call of that function takes part, or will."""
        return any(call.function == function for call in [*self.calls.values(), *self.claims])

    # What the scheduler does with it, under its own lock.

    def add_thread(self, call: Call | None = None) -> None:
        """Note that a thread is at the lane, perhaps because of a call that is to take part."""
        self._threads += 1
        if call is not None:
            self.claims.append(call)

    def drop_claim(self, call: Call) -> None:
        """Note that a call takes part now, or never will."""
        self.claims.remove(call)

    def remove_thread(self) -> bool:
        """Note that a thread has left the lane; tell whether it was the last one."""
        self._threads -= 1
        return not self._threads

    def set_settling(self, settling: Settling | None) -> None:
        """Say what finds out whether the hash can be used; ``None`` if it can."""
        self.settling = settling

    def waiting(self) -> contextlib.AbstractContextManager[InFlight]:
        """Let the wait in this context end with the conversation, or not begin behind its end."""
        return self._reader.waiting()

    # The calls that take part.

    def join(self, call: Call) -> list[Step] | None:
        """Let a call take part; return the steps that start it, ``None`` if it came too late."""
        with self._lock:
            if self.is_closed or self.machine.is_ending:
                return None
            number = next(self._numbers)
            # In this order: who cancels a job first marks it as done and then looks for its lane.
            call.record.take_seat(self, number)
            if call.is_over:
                return []
            self.calls[number] = call
            self.last_function = call.function
            call.record.note("join")
            return self._dispatch_reports(call.join(self.machine, number))

    def withdraw(self, number: Hashable) -> list[Step]:
        """Give a call up; return the steps that tell the server, as far as that harms no other."""
        with self._lock:
            self.unhurt = False
            return self._dispatch_reports(self.machine.cancel(number))

    def do(self, act: Callable[[Machine], list[Step]]) -> list[Step]:
        """Let the machine do something for a call; return the steps that follow."""
        with self._lock:
            return self._dispatch_reports(act(self.machine))

    def cancel_at_exit(self, number: Hashable) -> None:
        """Tell the server that a call is given up, and nobody else: the process is about to end."""
        with self._lock:
            steps = self.machine.cancel(number)
        for step in steps:
            if isinstance(step, Post):
                self._answer(step, self.calls.get(number))

    def detach_calls(self) -> None:
        """Leave the calls that take part to themselves: nothing more is told of them."""
        with self._lock:
            self.is_closed = True
            self.calls.clear()

    def carry_out(self, steps: Iterable[Step]) -> None:
        """Carry out steps, and what follows from them, until nothing is left to do or to read."""
        todo = deque(steps)
        self.tell_change()
        while todo:
            match todo.popleft():
                case Post() as step:
                    todo += self.post(step)
                case Open() as step:
                    app = self._app() if step.begins else None
                    idle = self._idle_timeout if step.heartbeats else None
                    way = self.transport, step.path, idle, app
                    todo += self._read(functools.partial(open_events, *way))
                case OpenSocket(path):
                    todo += self._read(functools.partial(self._open_socket, path))
                case Send() as step:
                    self._send(step)
                case Close():
                    self.close()
            self.tell_change()

    def tell_change(self) -> None:
        """Run the effects of what was reported, and wake who waits to join; not with the lock."""
        while self._told:
            with contextlib.suppress(IndexError):  # another thread took it
                self._told.popleft().run_effects()
        if self._changed:
            self._changed = False
            self._on_change()

    def post(self, step: Post) -> list[Step]:
        """Carry out one post; return what follows from the answer."""
        call = self.calls.get(step.call)
        if call is not None:  # some have a name before their data is posted
            call.record.set_event_id(self.machine.event_id(step.call))
        if step.purpose == "call" and (call is None or call.is_over):
            reply = Reply(0, None)  # nobody waits for it any more
        else:
            reply = self._answer(step, call)
        with self._lock:
            steps = self.machine.receive_answer(step.call, reply, step.purpose)
            self._changed = self._changed or step.purpose == "cancel"
            if call is not None:
                call.record.set_event_id(self.machine.event_id(step.call))
                self._told.append(call.record)  # its name may have an effect
                if step.purpose == "call" and any(map(is_refusal, steps)):
                    call.record.set_sent(False)
            rest = self._dispatch_reports(steps)
        if self.machine.is_ending and not self.is_closed:
            # Whoever reads the stream waits for what it may not bring any more.
            self._on_ending(self.drop_if_ending)
        return rest

    def _answer(self, step: Post, call: Call | None) -> Reply:
        """Return the answer to a post; without one, its call has ended or is started anew."""
        try:
            return self._poster.post(step, call)
        except Restarted:
            if call is not None:
                self._handle_restart(step, call)
        return Reply(0, None)

    def _handle_restart(self, step: Post, call: Call) -> None:
        """Start a call anew of which nothing has run, or end one that ran where nobody is now."""
        if step.purpose != "call":
            lost = ConnectionLost("It was restarted.")
            call.record.fail(describe_in_call(lost, call.name, sent=call.record.sent))
            return
        with self._lock:
            self.calls.pop(step.call, None)
        call.start_anew()

    def _dispatch_reports(self, steps: Iterable[Step]) -> list[Step]:
        """Hand the reports among *steps* to their jobs; return the others.

        With the lock held, so that a call's reports keep their order, whichever thread brings them.
        """
        rest: list[Step] = []
        # One call at a time: there may be hundreds of partial results of one.
        for number, group in itertools.groupby(steps, _find_reported_call):
            if number is None:
                # Who joins between this and the closing itself would be lost with it.
                others = list(group)
                self.is_closed = self.is_closed or any(isinstance(each, Close) for each in others)
                rest += others
            elif number in self.calls:
                self._tell(number, [cast("Report", step).event for step in group])
        return rest

    def _tell(self, number: Hashable, happened: list[Event]) -> None:
        """Tell a call what happened to it, which is over if the last is the end."""
        call = self.calls[number]
        if is_final := isinstance(happened[-1], FINAL):
            happened[-1] = hide_secrets(happened[-1], call.transport.hide)
        try:
            call.take_events(happened, self.session_hash)
        finally:
            self._told.append(call.record)
        if is_final:
            del self.calls[number]
            call.record.leave_seat()
            self._changed = True

    def _read(self, connect: Callable[[], NewsStream]) -> list[Step]:
        """Open a stream or socket and read it to its end; return what is to be done then."""
        if self.is_closed:
            return []
        try:
            with self._reader.waiting() as work:
                stream = connect()
                try:
                    return self._follow(stream, work)
                finally:
                    stream.close()
        except Restarted:
            self._start_anew()
        except GradioProxyError as error:
            if not self.is_closed:  # else whoever ended it has told its calls
                self.close_with_error(error)
        return []

    def _open_socket(self, path: str) -> TextSocket:
        socket = self.transport.socket(path, self._app())
        self._reader.begin_socket(socket)
        return socket

    def _app(self) -> App | None:
        """Return the app of the only call of a machine that is not shared."""
        return next((call.app for call in self.calls.values()), None)

    def _send(self, step: Send) -> None:
        with self._lock:
            connection = self._reader.socket
            calls = list(self.calls.values()) if step.runs else []
        try:
            for call in calls:
                call.record.prepare_sending()
            if not all(call.record.begin_sending() for call in calls):
                self.close()  # it was given up before anything ran
            elif connection is not None:
                connection.send(step.text)
        except GradioProxyError as error:
            self.close_with_error(error)

    def _start_anew(self) -> None:
        """Start every call anew: nothing of them has reached the server that is there now."""
        with self._lock:
            self.is_closed, calls = True, list(self.calls.values())
            self.calls.clear()
        for call in calls:
            call.start_anew()

    def _follow(self, stream: NewsStream, work: InFlight) -> list[Step]:
        try:
            for chunk in stream:
                with self._lock:
                    if not self._reader.is_at(work):
                        return []
                    steps = self._dispatch_reports(self.machine.receive_data(chunk))
                    if self._was_asked and self._can_be_joined():
                        self._was_asked, self._changed = False, True
                self.carry_out(steps)
                if not self._reader.is_at(work):
                    return []
                if self.machine.is_ending:
                    stream.limit_silence(ENDING_SECONDS, "idle_timeout")
        except Timeout:
            if not self.machine.is_ending:
                raise
            self.drop_if_ending()
            return []
        with self._lock:
            if not self._reader.is_at(work):
                return []
            self._reader.let_go()
            return self._dispatch_reports(self.machine.receive_end())

    def drop_if_ending(self) -> None:
        """Drop a stream that was to end, and has not."""
        with self._lock:
            if self.is_closed or not self.machine.is_ending:
                return
            steps = self._dispatch_reports(self.machine.drop_stream())
        self.carry_out(steps)

    def close(self) -> None:
        """Close the stream or socket, because its machine is done with it."""
        self._end(ConnectionLost("The conversation was ended."))

    def close_with_error(self, error: GradioProxyError) -> None:
        """Drop the stream, and end every call that it would have told of."""
        self.unhurt = False
        self._end(error)

    def _end(self, error: GradioProxyError) -> None:
        with self._lock:
            self.is_closed = True
            work = self._reader.close()
            calls = list(self.calls.values())
            self.calls.clear()
        for call in calls:
            # A copy, as each job adds what it knows.
            own = describe_in_call(copy_error(error), call.name, sent=call.record.withhold())
            call.record.fail(own)
        if work is not None:
            work.interrupt()
