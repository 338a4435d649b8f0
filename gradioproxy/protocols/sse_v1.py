"""The queue of Gradio 4.9 and later: ``sse_v1``, ``sse_v2``, ``sse_v2.1`` and ``sse_v3``.

A call is posted to ``queue/join``, whose answer names it (``event_id``). One event stream,
``queue/data``, carries the messages of all calls of one session hash.

Rule 1: never two streams for one session hash: the server would share the messages out between
them. Rule 2: the stream is opened when a call's name is known and no stream is open, and again
when it ends while calls are under way, because the server closes it when it knows of none. Rule 3:
a message can overtake the answer that names its call; it is kept until the answer is there. Rule 4:
the server cancels by session hash and function, so a call is cancelled only when no other call of
that function would go with it, and no call of that function is posted while a cancel is on its
way; dropping the stream cancels everything on it.

====================  ============================  ============================================
state of a call       what comes                    what follows
====================  ============================  ============================================
joining               answer with an ``event_id``   joined; its early messages are read
joining               any other answer              over: `Refused`
joined                a message                     its event; over if that is final
joining or joined     ``unexpected_error``          over: `Lost`
joined                end of the stream             the stream is opened again, once; then `Lost`
any                   `cancel`                      given up: no more reports, perhaps a `Post`
====================  ============================  ============================================
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..errors import ProtocolError
from ..text import clean
from .events import FINAL, Event, Lost
from .framing import Decoder
from .machine import Call, Close, Open, Post, Reply, Report, Step
from .messages import Reader
from .replies import refused

if TYPE_CHECKING:
    from collections.abc import Iterator

# Since then ``cancel`` ends a call properly; before, ``reset`` stops it and nothing more is sent.
CANCEL = (4, 31)

# Messages that came before the answer to their join: a fast generator sends thousands a second.
MAX_EARLY = 100_000


@dataclass
class _State:
    """What is known of one call."""

    function: int
    reader: Reader
    event_id: str | None = None
    given_up: bool = False
    cancel_sent: bool = False


@dataclass
class Multiplexed:
    """The conversation of one session hash.

    Args:
        session_hash: The hash.
        prefix: The prefix of the API's paths.
        release: The server's version.
        edits: Whether partial results come as edits (all but ``sse_v1``).
    """

    session_hash: str
    prefix: str
    release: tuple[int, ...]
    edits: bool
    shared: bool = True
    _states: dict[Call, _State] = field(default_factory=dict)
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

    def receive_answer(self, call: Call, reply: Reply) -> list[Step]:
        """Take the answer to a join, or to the cancelling of a call."""
        if call in self._cancelling:
            return self._cancelled(call)
        state = self._states.get(call)
        if state is None:
            return []
        event_id = reply.body.get("event_id") if isinstance(reply.body, dict) else None
        if reply.status != 200 or not isinstance(event_id, str):  # noqa: PLR2004
            return self._report(call, refused(reply))
        state.event_id = event_id
        steps: list[Step] = []
        if self._stream is None:
            steps.append(self._open())
        for message in self._early.pop(event_id, ()):
            self._early_count -= 1
            steps += self._read(call, message)
        if state.given_up:
            steps += self._due_cancels()
        return steps

    def receive_data(self, data: bytes | str) -> list[Step]:
        """Take bytes of the stream."""
        if self._stream is None or isinstance(data, str):
            return []
        try:
            frames = self._stream.receive(data)
        except ProtocolError as error:
            return [*self._lose_all(str(error)), Close()]
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
        if not any(state.event_id for state in self._states.values()):
            return []
        if not self._news:
            # It was opened for these calls and brought nothing about any of them.
            return self._lose_all("The server closed the stream without a result.")
        return [self._open()]

    def cancel(self, call: Call) -> list[Step]:
        """Give a call up."""
        state = self._states.get(call)
        if state is None:
            return []
        state.given_up = True
        if any(post.call == call for post in self._held):
            self._held = [post for post in self._held if post.call != call]
            del self._states[call]
        return self._due_cancels()

    def _cancelled(self, call: Call) -> list[Step]:
        """Let calls go that waited for a cancel to arrive."""
        del self._cancelling[call]
        busy = set(self._cancelling.values())
        free = [p for p in self._held if self._states[p.call].function not in busy]
        self._held = [post for post in self._held if post not in free]
        return [*free]

    def event_id(self, call: Call) -> str | None:
        """Return the server's name for the call."""
        state = self._states.get(call)
        return state.event_id if state else None

    @property
    def calls(self) -> int:
        """How many calls are under way, given up or not."""
        return len(self._states)

    def functions(self) -> Iterator[int]:
        """Yield the function of each call under way."""
        return (state.function for state in self._states.values())

    def _open(self) -> Open:
        self._stream = Decoder()
        self._news = False
        return Open(f"{self.prefix}/queue/data?session_hash={self.session_hash}")

    def _message(self, message: dict[str, Any]) -> list[Step]:
        """Give one message to the call that it is about."""
        if message.get("msg") == "unexpected_error":
            text = message.get("message")
            return self._lose_all(clean(text, 500) if isinstance(text, str) else "unexpected error")
        event_id = message.get("event_id")
        if not isinstance(event_id, str):
            return []  # a heartbeat, or the announcement that the stream will end
        self._news = True
        for call, state in self._states.items():
            if state.event_id == event_id:
                return self._read(call, message)
        if any(state.event_id is None for state in self._states.values()):
            if self._early_count >= MAX_EARLY:
                return [*self._lose_all("The server sent too many messages of no call."), Close()]
            self._early.setdefault(event_id, []).append(message)
            self._early_count += 1
        return []

    def _read(self, call: Call, message: dict[str, Any]) -> list[Step]:
        state = self._states.get(call)
        event = state.reader.receive(message) if state else None
        return self._report(call, event) if event is not None else []

    def _report(self, call: Call, event: Event) -> list[Step]:
        """Report an event of a call, and see to what its end makes possible."""
        state = self._states[call]
        steps: list[Step] = [] if state.given_up else [Report(call, event)]
        if isinstance(event, FINAL):
            del self._states[call]
            self._forget_early()
            steps += self._due_cancels()
        return steps

    def _forget_early(self) -> None:
        """Drop kept messages when no call is left that they could be about."""
        if all(state.event_id for state in self._states.values()):
            self._early.clear()
            self._early_count = 0

    def _lose_all(self, message: str) -> list[Step]:
        """End every call that the server knows of: it no longer speaks of any."""
        lost = [call for call, state in self._states.items() if state.event_id]
        steps: list[Step] = []
        for call in lost:
            steps += self._report(call, Lost(message))
        return steps

    def _due_cancels(self) -> list[Step]:
        """Tell the server of calls that were given up, as far as that harms no other."""
        wanted = {state.function for state in self._states.values() if not state.given_up}
        if self.release < CANCEL:
            return self._due_resets(wanted)
        steps: list[Step] = []
        for call, state in self._states.items():
            if state.given_up and state.event_id and not state.cancel_sent:
                if state.function in wanted:
                    continue
                state.cancel_sent = True
                self._cancelling[call] = state.function
                body = {
                    "session_hash": self.session_hash,
                    "fn_index": state.function,
                    "event_id": state.event_id,
                }
                steps.append(Post(call, f"{self.prefix}/cancel", body, "cancel"))
        return steps

    def _due_resets(self, wanted: set[int]) -> list[Step]:
        """Do the same on servers without ``cancel``: stop the generator, then drop the stream."""
        steps: list[Step] = []
        for call, state in list(self._states.items()):
            if state.given_up and state.event_id and not state.cancel_sent:
                state.cancel_sent = True
                self._cancelling[call] = state.function
                body = {"event_id": state.event_id}
                steps.append(Post(call, f"{self.prefix}/reset", body, "cancel"))
        if self._states and not wanted and all(s.cancel_sent for s in self._states.values()):
            # Nobody is left who would miss the stream, and no completion will ever come on it.
            self._states.clear()
            self._stream = None
            steps.append(Close())
        return steps
