"""The queue of Gradio 4.9 and later: ``sse_v1``, ``sse_v2``, ``sse_v2.1`` and ``sse_v3``.

A call is posted to ``queue/join``, whose answer names it (``event_id``). One event stream,
``queue/data``, carries the messages of all calls of one session hash.

Rule 1: never two streams for one session hash: the server would share the messages out between
them. Rule 2: the stream is opened when a call's name is known and no stream is open, and again
when it ends while calls are under way, because the server closes it when it knows of none; but
never for calls that are over, as the server would leave it open for ever. Rule 3: a message can
overtake the answer that names its call; it is kept until the answer is there. Rule 4: the server
cancels by session hash and function, so a call is cancelled only when no other call of that
function would go with it, and no call of that function is posted while a cancel is on its way.
Before Gradio 5.46 it trips over a call that ends twice, and drops every call of the stream; so a
call is cancelled only when no other is left. Before 6.14 it can't take a call out of the queue: it
says that the call is over, and runs it all the same; so a call that waits is cancelled when it
begins. Rule 5: dropping the stream cancels everything on it, what waits included, so it is dropped
only where nobody is left who would miss it. Rule 6: a function whose inputs are streamed
(``process_streaming``) gives a value for the data of its join and waits for more; told that there
is no more, it would run once more with the same. So with its first value the call is over, and the
server is told to cancel it.

====================  ============================  ============================================
state of a call       what comes                    what follows
====================  ============================  ============================================
joining               answer with an ``event_id``   joined; its early messages are read
joining               any other answer              over: `Refused`
joined                a message                     its event; over if that is final
joined                ``process_streaming``         over: `Yielded`, `Completed`; then cancelled
joined                ``unexpected_error``          over: `Lost`
joined                end of the stream             the stream is opened again, once; then `Lost`
any                   `cancel`                      given up: no more reports but the final one,
                                                    perhaps a `Post` or `Close`
====================  ============================  ============================================
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from ..errors import ProtocolError
from ..text import clean
from .events import FINAL, Cancelled, Completed, Event, Lost, Queued, Yielded
from .framing import Decoder
from .machine import Call, Close, Open, Post, Reply, Report, Step
from .messages import Reader
from .replies import refused

# Since then ``cancel`` ends a call properly; before, ``reset`` stops it and nothing more is sent.
CANCEL = (4, 31)
# Since then it does no harm to calls of other functions on the same stream.
CANCEL_IN_COMPANY = (5, 46)
# Since then it also takes a call out of the queue.
CANCEL_QUEUED = (6, 14)

# Messages that came before the answer to their join: a fast generator sends thousands a second.
MAX_EARLY = 100_000

_OK = 200


@dataclass
class _State:
    """What is known of one call."""

    function: int
    reader: Reader
    event_id: str | None = None
    begun: bool = False
    given_up: bool = False
    told: bool = False
    cancel_sent: bool = False


@dataclass
class Multiplexed:
    """The conversation of one session hash.

    Args:
        session_hash: The hash.
        prefix: The prefix of the API's paths.
        release: The server's version.
        edits: Whether partial results come as edits (all but ``sse_v1``).
        lasting: Whether the hash will be used again after this conversation.
    """

    session_hash: str
    prefix: str
    release: tuple[int, ...]
    edits: bool
    lasting: bool = False
    shared: bool = True
    _states: dict[Call, _State] = field(default_factory=dict)
    _named: dict[str, Call] = field(default_factory=dict)
    _early: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    _early_count: int = 0
    _stream: Decoder | None = None
    _news: bool = False
    _cancelling: dict[Call, int] = field(default_factory=dict)
    _held: list[Post] = field(default_factory=list)

    def join(self, call: Call, function: int, name: str, data: list[Any]) -> list[Step]:
        """Start a call; see `machine.Machine`."""
        del name
        reader = Reader(edits=self.edits, release=self.release)
        self._states[call] = _State(function, reader)
        body = {
            "data": data,
            "fn_index": function,
            "session_hash": self.session_hash,
            "event_data": None,
            "trigger_id": None,
        }
        post = Post(call, f"{self.prefix}/queue/join", body)
        if function in self._cancelling.values():
            self._held.append(post)
            return []
        return [post]

    def attach(self, call: Call, function: int, name: str, event_id: str) -> list[Step]:
        """Follow a call that was posted before; see `machine.Attachable`."""
        self.join(call, function, name, [])
        return self.receive_answer(call, Reply(_OK, {"event_id": event_id}))

    def receive_answer(self, call: Call, reply: Reply) -> list[Step]:
        """Take the answer to a join, or to the cancelling of a call."""
        if call in self._cancelling:
            return self._cancelled(call, reply)
        state = self._states.get(call)
        if state is None:
            return []
        event_id = reply.body.get("event_id") if isinstance(reply.body, dict) else None
        if reply.status != _OK or not isinstance(event_id, str) or event_id in self._named:
            return self._report(call, refused(reply))
        state.event_id = event_id
        self._named[event_id] = call
        steps: list[Step] = []
        for message in self._early.pop(event_id, ()):
            self._early_count -= 1
            steps += self._read(call, message)
        self._forget_early()
        if state.given_up:
            steps += self._due_cancels()
        return steps + self._due_stream()

    def receive_data(self, data: bytes | str) -> list[Step]:
        """Take bytes of the stream."""
        if self._stream is None or isinstance(data, str):
            return []
        try:
            frames = self._stream.receive(data)
        except ProtocolError as error:
            return self._break_off(str(error))
        steps: list[Step] = []
        for frame in frames:
            try:
                message = json.loads(frame.data)
            except (ValueError, RecursionError):
                continue
            if isinstance(message, dict):
                steps += self._message(message)
        return steps

    def receive_end(self) -> list[Step]:
        """Take notice of the stream's end."""
        self._stream = None
        # The server was told of these and has nothing more to say of them.
        over = [c for c in self._named.values() if self._states[c].cancel_sent]
        steps = self._end(over, Cancelled())
        if not self._news:
            # It was opened for these calls and brought nothing about any of them.
            steps += self._lose_all("The server closed the stream without a result.")
        return steps + self._due_stream()

    def cancel(self, call: Call) -> list[Step]:
        """Give a call up."""
        state = self._states.get(call)
        if state is None:
            return []
        state.given_up = True
        steps: list[Step] = []
        if any(post.call == call for post in self._held):
            self._held = [post for post in self._held if post.call != call]
            steps = self._end([call], Cancelled())
        return steps + self._due_cancels()

    def event_id(self, call: Call) -> str | None:
        """Return the server's name for the call."""
        state = self._states.get(call)
        return state.event_id if state else None

    @property
    def calls(self) -> int:
        """How many calls are under way, given up or not."""
        return len(self._states)

    def _due_stream(self) -> list[Step]:
        """Open a stream if there is none and a call that needs one."""
        if self._stream is not None or not self._named:
            return []
        self._stream = Decoder()
        self._news = False
        return [Open(f"{self.prefix}/queue/data?session_hash={self.session_hash}")]

    def _message(self, message: dict[str, Any]) -> list[Step]:
        """Give one message to the call that it is about."""
        if message.get("msg") == "unexpected_error":
            text = message.get("message")
            return self._lose_all(clean(text, 500) if isinstance(text, str) else "unexpected error")
        event_id = message.get("event_id")
        if not isinstance(event_id, str):
            return []  # a heartbeat, or the announcement that the stream will end
        self._news = True
        if event_id in self._named:
            return self._read(self._named[event_id], message)
        if len(self._named) < len(self._states):
            if self._early_count >= MAX_EARLY:
                return self._break_off("The server sent too many messages of no call.")
            self._early.setdefault(event_id, []).append(message)
            self._early_count += 1
        return []

    def _read(self, call: Call, message: dict[str, Any]) -> list[Step]:
        state = self._states.get(call)
        event = state.reader.receive(message) if state else None
        if state is None or event is None:
            return []
        state.begun = state.begun or not isinstance(event, Queued)
        steps = self._report(call, event)
        streamed = message.get("msg") == "process_streaming"
        if streamed and isinstance(event, Yielded) and not state.given_up:
            steps.append(Report(call, Completed(event.data)))
            state.given_up = state.told = True
        if state.given_up and call in self._states:
            steps += self._due_cancels()
        return steps

    def _report(self, call: Call, event: Event) -> list[Step]:
        """Report an event of a call, and see to what its end makes possible."""
        if isinstance(event, FINAL):
            return self._end([call], event) + self._due_cancels()
        return [] if self._states[call].given_up else [Report(call, event)]

    def _end(self, calls: list[Call], event: Event) -> list[Step]:
        """Forget calls, and report how they ended."""
        ended = [(call, self._states.pop(call)) for call in calls]
        for _, state in ended:
            if state.event_id is not None:
                self._named.pop(state.event_id, None)
        self._forget_early()
        return [Report(call, event) for call, state in ended if not state.told]

    def _forget_early(self) -> None:
        """Drop kept messages when no call is left that they could be about."""
        if len(self._named) == len(self._states):
            self._early.clear()
            self._early_count = 0

    def _lose_all(self, message: str) -> list[Step]:
        """End every call that the server knows of: it no longer speaks of any."""
        return self._end(list(self._named.values()), Lost(message))

    def _break_off(self, message: str) -> list[Step]:
        """End the conversation, because the server does not keep to the protocol."""
        steps = self._end(list(self._states), Lost(message))
        self._held.clear()
        self._stream = None
        return [*steps, Close()]

    def _due_cancels(self) -> list[Step]:
        """Tell the server of calls that were given up, as far as that harms no other."""
        wanted = {state.function for state in self._states.values() if not state.given_up}
        drop = self._should_drop()
        steps: list[Step] = []
        for call, state in self._states.items():
            if not state.given_up or state.event_id is None or state.cancel_sent:
                continue
            if self._would_harm(state.function, wanted):
                continue
            # As far as is known: of what began when nothing was read yet, there was no news.
            if not state.begun and self.release < CANCEL_QUEUED and not (drop and not self._news):
                continue
            state.cancel_sent = True
            self._cancelling[call] = state.function
            steps.append(self._cancel_post(call, state))
        return steps + self._drop() if drop else steps

    def _would_harm(self, function: int, wanted: set[int]) -> bool:
        """Tell whether cancelling a call of a function might end one that is wanted."""
        if self.release < CANCEL:
            return False
        return bool(wanted) if self.release < CANCEL_IN_COMPANY else function in wanted

    def _cancel_post(self, call: Call, state: _State) -> Post:
        if self.release < CANCEL:
            return Post(call, f"{self.prefix}/reset", {"event_id": state.event_id}, "cancel")
        body = {
            "session_hash": self.session_hash,
            "fn_index": state.function,
            "event_id": state.event_id,
        }
        return Post(call, f"{self.prefix}/cancel", body, "cancel")

    def _should_drop(self) -> bool:
        """Tell whether dropping the stream is what the calls that were given up need.

        It is where no completion will come, or where a call waits in the queue of a server that
        has no other way to take it out. As the server may notice it late, and then cancel what was
        posted since under the same hash, the latter is not worth it for a lasting one.
        """
        if self._stream is None or not self._abandoned():
            return False
        waits = not all(state.begun for state in self._states.values())
        return self.release < CANCEL or (
            waits and self.release < CANCEL_QUEUED and not self.lasting
        )

    def _abandoned(self) -> bool:
        """Tell whether nothing but calls that were given up is under way."""
        states = self._states.values()
        return bool(states) and all(state.given_up and state.event_id for state in states)

    def _drop(self) -> list[Step]:
        self._stream = None
        return [*self._end(list(self._states), Cancelled()), Close()]

    def _cancelled(self, call: Call, reply: Reply) -> list[Step]:
        """Take the answer to a cancel, and let calls go that waited for it."""
        del self._cancelling[call]
        busy = set(self._cancelling.values())
        free = [post for post in self._held if self._states[post.call].function not in busy]
        self._held = [post for post in self._held if post not in free]
        if call in self._states and reply.status != _OK:
            # The server did not hear of it, and might go on for ever.
            if self._abandoned():
                return self._drop()
            self._states[call].cancel_sent = False
        return [*free]
