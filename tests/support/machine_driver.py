"""A driver of machines that holds them to their interface, and a model of a server's queue.

Rule: knows the protocol from Gradio's sources and from recordings, not from the code under test.
"""

from __future__ import annotations

import dataclasses
import itertools
import json
from typing import TYPE_CHECKING, Any, cast

from gradioproxy.protocols.conversation import Conversation, Invocation
from gradioproxy.protocols.events import FINAL, Event, Yielded
from gradioproxy.protocols.machine import Close, Open, Post, Reply, Report
from gradioproxy.schema.release import Release

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gradioproxy.protocols.machine import Attachable, Call, Machine, Step


def talk(session_hash: str, prefix: str, release: tuple[int, ...]) -> Conversation:
    """Return a conversation under a hash with a server of a release."""
    return Conversation(session_hash, prefix, Release(release))


class Driver:
    """Keeps what a machine wants done, and checks each step against the rules.

    Attributes:
        machine: The machine.
        events: What was reported of each call, in order.
        posts: What was posted and not yet answered, by call and purpose.
        sent: Everything that was posted, in order.
        open: Whether a stream is open.
        closed: Whether the machine ended the conversation.
    """

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.events: dict[Call, list[Event]] = {}
        self.posts: dict[tuple[Call, str], Post] = {}
        self.sent: list[Post] = []
        self.open = False
        self.opened = 0
        self.closed = False
        self._functions: dict[Call, int] = {}
        self._given_up: set[Call] = set()

    def join(self, call: Call, function: int, *data: Any) -> None:
        """Start a call."""
        assert not self.closed, "no call is joined after the end"
        self.events[call] = []
        self._functions[call] = function
        self._take(self.machine.join(call, Invocation(function, "name", list(data))))

    def attach(self, call: Call, function: int, event_id: str) -> None:
        """Follow a call that was begun elsewhere."""
        self.events[call] = []
        self._functions[call] = function
        machine = cast("Attachable", self.machine)
        self._take(machine.attach(call, function, "name", event_id))

    def answer(self, call: Call, status: int, body: Any, purpose: str = "call") -> None:
        """Give the answer to a post."""
        del self.posts[call, purpose]
        self._take(self.machine.receive_answer(call, Reply(status, body), purpose))

    def name(self, call: Call, event_id: str | None = None) -> None:
        """Give the answer that names a call, by default as it is called here."""
        self.answer(call, 200, {"event_id": event_id or str(call)})

    def data(self, data: bytes) -> None:
        """Give bytes of the stream."""
        assert self.open
        self._take(self.machine.receive_data(data))

    def drop(self) -> None:
        """Let the machine drop its stream, whose end does not come."""
        assert self.machine.is_ending
        self._take(self.machine.drop_stream())

    def say(self, kind: str, call: str | None, **fields: Any) -> None:
        """Give one message."""
        self.data(message(kind, call, **fields))

    def complete(self, call: str, *data: Any) -> None:
        """Give the message that completes a call."""
        self.say("process_completed", call, output={"data": list(data)}, success=True)

    def end(self) -> None:
        """End the stream in good order, as the server does."""
        self.say("close_stream", None)
        self.break_off()

    def break_off(self) -> None:
        """End the stream; whether it was announced is what came before."""
        assert self.open
        self.open = False
        self._take(self.machine.receive_end())

    def cancel(self, call: Call) -> None:
        """Give a call up."""
        self._given_up.add(call)
        self._take(self.machine.cancel(call))

    def wanted(self) -> list[Call]:
        """Return the calls that are under way and not given up."""
        return [call for call in self.events if call not in self._given_up and not self.over(call)]

    def over(self, call: Call) -> bool:
        """Tell whether the final event of a call was reported."""
        return bool(self.events[call]) and isinstance(self.events[call][-1], FINAL)

    def told(self, call: Call) -> list[list[Any]]:
        """Return the events of a call as the recordings spell them."""
        return [spelled(event) for event in self.events[call]]

    def _take(self, steps: Iterable[Step]) -> None:
        steps = list(steps)
        for step in steps:
            match step:
                case Report(call, event):
                    assert not self.over(call), "nothing comes after the final event"
                    if call in self._given_up:
                        assert isinstance(event, FINAL), "only its end is told of a call given up"
                    self.events[call].append(event)
                case Post():
                    self._check_post(step)
                    self.posts[step.call, step.purpose] = step
                    self.sent.append(step)
                case Open():
                    assert not self.open, "there are never two streams"
                    assert step is steps[-1], "opening comes last"
                    self.open = True
                    self.opened += 1
                case Close():
                    assert self.wanted() == [], "the stream is not dropped under a call"
                    self.open = False
                    self.closed = True
                case _:
                    raise AssertionError(step)

    def _check_post(self, post: Post) -> None:
        function = self._functions[post.call]
        others = [call for call in self.wanted() if self._functions[call] == function]
        if post.path.endswith("/cancel"):
            assert others == [], "a cancel by function harms no other call of it"
        if post.purpose == "call":
            under_way = [
                call
                for call, purpose in self.posts
                if purpose == "cancel" and self._functions[call] == function
            ]
            assert under_way == [], "no call is posted while a cancel of its function is under way"


def message(kind: str, call: str | None, **fields: Any) -> bytes:
    """Return the bytes of a message."""
    return f"data: {json.dumps({'msg': kind, 'event_id': call, **fields})}\n\n".encode()


def spelled(event: Event) -> list[Any]:
    """Return an event as a list of its name and its values."""
    # What the server sent literally is in the recording already.
    values: list[Any]
    if isinstance(event, Yielded):
        values = [event.data]
    elif isinstance(event, tuple):
        values = [*event]
    else:
        fields = [field for field in dataclasses.fields(event) if field.compare]
        values = [getattr(event, field.name) for field in fields]
    if type(event).__name__ == "Progressed":
        values = [[list(dataclasses.astuple(unit)) for unit in values[0]]]
    found: list[Any] = json.loads(json.dumps([type(event).__name__, *values]))
    return found


class Queue:
    """What a server does with the calls of one session hash, one step at a time.

    Attributes:
        calls: What is known of each call: its function and data, how much it yielded, and whether
            it waits, runs or is over.
        killed: The calls that were cancelled.
        forgotten: Whether the server knows nothing of the hash.
    """

    def __init__(self, release: tuple[int, ...]) -> None:
        self.release = release
        self.forgotten = True
        self.calls: dict[str, dict[str, Any]] = {}
        self.killed: list[str] = []
        self._pending: set[str] = set()
        self._messages: list[bytes] = []
        self._numbers = itertools.count()
        self._ended = False

    def post(self, post: Post) -> tuple[int, Any]:
        """Take a post and return the answer."""
        if post.path.endswith("/queue/join"):
            event_id = f"event {next(self._numbers)}"
            self.forgotten = False
            call = {"function": post.body["fn_index"], "data": post.body["data"]}
            self.calls[event_id] = call | {"state": "waits", "count": 0}
            self._pending.add(event_id)
            self._say("estimation", event_id, rank=0, queue_size=1, rank_eta=None)
            return 200, {"event_id": event_id}
        event_id = post.body["event_id"]
        if post.path.endswith("/reset"):
            if self.calls[event_id]["state"] == "runs":
                self._kill(event_id)
            return 200, {"success": True}
        for other, call in self.calls.items():
            if call["function"] == post.body["fn_index"] and call["state"] == "runs":
                self._kill(other)
        if self.calls[event_id]["state"] == "waits" and self.release >= (6, 14):
            self._kill(event_id)
        # That a call ends by itself in this moment, which servers before 5.46 get wrong, is left
        # out: nothing that a client does could avoid it.
        over = self.calls[event_id]["state"] == "over" and event_id not in self.killed
        if event_id in self._pending and not (over and self.release < (5, 46)):
            self._say("process_completed", event_id, output={}, success=True)
        return 200, {"success": True}

    def advance(self, event_id: str, what: str) -> None:
        """Let a call begin, or one that runs log, yield, return or fail."""
        call = self.calls[event_id]
        if call["state"] == "waits":
            call["state"] = "runs"
            self._say("process_starts", event_id, eta=None)
        elif call["state"] == "runs" and what == "yield":
            self._yield(event_id)
        elif call["state"] == "runs" and what == "log":
            self._say("log", event_id, log="x", level="warning")
        elif call["state"] == "runs":
            call["state"] = "over"
            good = what == "return"
            output = {"data": [call["count"]]} if good else {"error": "boom"}
            self._say("process_completed", event_id, output=output, success=good)

    def _yield(self, event_id: str) -> None:
        call = self.calls[event_id]
        call["count"] += 1
        data = call["count"] if call["count"] == 1 else [["replace", [], call["count"]]]
        self._say("process_generating", event_id, output={"data": [data]}, success=True)

    def stay_open(self) -> None:
        """Wait for a call that is over: Gradio 4.31 to 5.45 does, for one taken from the queue."""
        self._pending.add("over")

    def drop(self) -> None:
        """Notice that the stream was dropped."""
        for event_id in self.calls:
            self._kill(event_id)
        self._messages.clear()
        self._pending.clear()
        self._ended = False
        self.forgotten = True

    def read(self) -> bytes | None:
        """Return what the open stream brings next: nothing yet, or ``None`` for its end."""
        if self._ended:
            self._ended = False
            return None
        if not self._messages:
            return b""
        data = self._messages.pop(0)
        found = json.loads(data[6:])
        if found["msg"] == "process_completed":
            known = found["event_id"] in self._pending
            assert known or self.release >= (5, 46), "the server trips over what it forgot"
            self._pending.discard(found["event_id"])
            if not self._pending:
                self._ended = True
                return data + message("close_stream", None)
        return data

    def _kill(self, event_id: str) -> None:
        if self.calls[event_id]["state"] != "over":
            self.calls[event_id]["state"] = "over"
            self.killed.append(event_id)

    def _say(self, kind: str, event_id: str, **fields: Any) -> None:
        self._messages.append(message(kind, event_id, **fields))
