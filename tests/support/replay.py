"""Plays recordings to machines, as they are or altered, and holds them to their interface."""

from __future__ import annotations

import itertools
import json
from typing import TYPE_CHECKING, Any

from gradioproxy.protocols.conversation import Invocation
from gradioproxy.protocols.events import FINAL, Event
from gradioproxy.protocols.machine import Close, Open, OpenSocket, Post, Reply, Report, Send
from gradioproxy.protocols.sse_v1 import Multiplexed
from tests.support.machine_driver import Driver, spelled, talk
from tests.support.recording.lone import HASH, RUN, Recording

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from gradioproxy.protocols.machine import Machine, Step
    from tests.support.recording import Recording as SharedRecording

    Alter = Callable[[int, list[Any]], Iterable[Any]]

CALL = "a"


def together(_: int, messages: list[Any]) -> list[Any]:
    """Give messages as they came: those of a stream in one piece."""
    return [b"".join(messages)] if isinstance(messages[0], bytes) else messages


class Replay:
    """Keeps what a machine of one call wants done, as entries of a recording.

    Attributes:
        machine: The machine.
        done: What it did.
        events: What it reported.
        unanswered: What it posted and has no answer yet.
    """

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.done: list[list[Any]] = []
        self.events: list[Event] = []
        self.unanswered: list[Post] = []
        self.closed = False
        self._socket = False
        self._given_up = False

    @property
    def told(self) -> list[list[Any]]:
        """The events as the recordings spell them."""
        return [spelled(event) for event in self.events]

    @property
    def over(self) -> bool:
        """Whether the final event was reported."""
        return bool(self.events) and isinstance(self.events[-1], FINAL)

    def join(self, function: int = 3, name: str = "/name", data: Iterable[Any] = ()) -> None:
        """Start the call."""
        self._take(self.machine.join(CALL, Invocation(function, name, list(data))))

    def answer(self, status: int, body: Any) -> None:
        """Answer the oldest post."""
        post = self.unanswered.pop(0)
        self._take(self.machine.receive_answer(CALL, Reply(status, body), post.purpose))

    def data(self, *pieces: bytes | str) -> None:
        """Give pieces of the stream, or messages of the socket, until the machine closes it."""
        for piece in pieces:
            if not self.closed:
                self._take(self.machine.receive_data(piece))

    def say(self, kind: str, **fields: Any) -> None:
        """Give a message of an event stream or of a websocket."""
        text = json.dumps({"msg": kind, **fields})
        self.data(text if self._socket else f"data: {text}\n\n".encode())

    def end(self) -> None:
        """End the stream or socket."""
        if not self.closed:
            self._take(self.machine.receive_end())

    def cancel(self) -> None:
        """Give the call up."""
        self._given_up = True
        self._take(self.machine.cancel(CALL))

    def _take(self, steps: Iterable[Step]) -> None:
        for step in steps:
            match step:
                case Report(call, event):
                    assert call == CALL
                    assert not self.over, "nothing comes after the final event"
                    assert not self._given_up or isinstance(event, FINAL)
                    self.events.append(event)
                case Post(path=path, body=body):
                    self.unanswered.append(step)
                    self.done.append(["posted", path, anonymous(body)])
                case Open(path):
                    self.done.append(["open", path])
                case OpenSocket(path):
                    self._socket = True
                    self.done.append(["socket", path])
                case Send(text):
                    self.done.append(["sent", json.loads(text)])
                case Close():
                    self.closed = True
                    self.done.append(["close"])
        assert self.machine.calls == (not self.over)


def anonymous(body: dict[str, Any]) -> dict[str, Any]:
    """Return a body with the names that a machine makes for its runs replaced."""
    made = {key for key, value in body.items() if str(value).startswith(f"{HASH}-")}
    return {**body, **dict.fromkeys(made, RUN)}


def replay(
    recording: Recording, machine: Machine, alter: Alter = together, lost: int | None = None
) -> Replay:
    """Play a recording of one call to a machine.

    Args:
        recording: The recording.
        machine: The machine.
        alter: What comes instead of messages that came one after the other.
        lost: Which answer does not come, if any.
    """
    player = Replay(machine)
    for entry in _grouped(recording, lost):
        match entry:
            case ["join", _, function, data]:
                player.join(function, f"/{recording.endpoint}", data)
            case ["answer", _, status, body]:
                if player.unanswered:  # of what only the recorder wanted to know
                    player.answer(status, body)
            case ["messages", first, messages]:
                player.data(*alter(first, messages))
            case ["end"]:
                player.end()
            case ["cancel", _]:
                player.cancel()
    return player


def replay_shared(
    recording: SharedRecording, machine: Machine, alter: Alter = together, lost: int | None = None
) -> Driver:
    """Play a recording of several calls, as `replay` does, unless the machine has ended it all."""
    driver = Driver(machine)
    if recording.name == "no_session":  # only a call makes a machine open a stream
        driver.join("a", 0)
        driver.name("a")
    for entry in _grouped(recording, lost):
        if not driver.closed:
            _play(driver, entry, alter)
    return driver


def _play(driver: Driver, entry: list[Any], alter: Alter) -> None:
    """Play one entry of a recording of several calls."""
    match entry:
        case ["join", call, function, data]:
            driver.join(call, function, *data)
        case ["answer", call, status, body]:
            # The machine may have found a better way than to post a cancel.
            for purpose in ("call", "cancel"):
                if (call, purpose) in driver.posts:
                    driver.answer(call, status, body, purpose)
        case ["messages", first, messages]:
            for piece in alter(first, messages):
                if driver.open:
                    driver.data(piece)
        case ["end"] if driver.open:
            driver.break_off()
        case ["cancel", call]:
            driver.cancel(call)


def shared_machine(recording: SharedRecording) -> Multiplexed:
    """Return a machine for a recording of several calls."""
    edits = recording.protocol != "sse_v1"
    return Multiplexed(talk(HASH, recording.prefix, recording.release), sends_edits=edits)


def messages_of(recording: Recording | SharedRecording) -> list[Any]:
    """Return everything that the server said over the stream or socket."""
    groups = [entry[2] for entry in _grouped(recording) if entry[0] == "messages"]
    return [message for group in groups for message in group]


def _grouped(
    recording: Recording | SharedRecording, lost: int | None = None
) -> Iterator[list[Any]]:
    """Yield the entries, with those that were received one after the other as messages."""
    count = answers = 0
    for kind, group in itertools.groupby(recording.entries, key=lambda entry: entry[0]):
        if kind == "received":
            messages = _split([entry[1] for entry in group], recording)
            yield ["messages", count, messages]
            count += len(messages)
            continue
        for entry in group:
            if kind == "answer":
                answers += 1
                yield ["answer", entry[1], 0, None] if answers - 1 == lost else entry
            else:
                yield entry


def _split(texts: list[str], recording: Recording | SharedRecording) -> list[Any]:
    if getattr(recording, "channel", "") == "websocket":
        return texts
    *whole, rest = "".join(texts).encode().split(b"\n\n")
    return [part + b"\n\n" for part in whole] + ([rest] if rest else [])
