"""Plays recordings of one call to a machine, and holds the machine to its interface."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from gradioproxy.protocols.events import FINAL, Event
from gradioproxy.protocols.machine import Close, Open, OpenSocket, Post, Reply, Report, Send
from tests.driving import spelled
from tests.recordings.lone import HASH, RUN, Recording

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from gradioproxy.protocols.machine import Machine, Step

    Cut = Callable[[bytes], Iterable[bytes]]
    Make = Callable[[str, str, tuple[int, ...]], Machine]

CALL = "a"


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
        self._take(self.machine.join(CALL, function, name, list(data)))

    def answer(self, status: int, body: Any) -> None:
        """Answer the oldest post."""
        self.unanswered.pop(0)
        self._take(self.machine.receive_answer(CALL, Reply(status, body)))

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


def replay(recording: Recording, make: Make, cut: Cut | None = None) -> Replay:
    """Play a recording; the bytes of each piece of the stream are cut anew by *cut*."""
    player = Replay(make(HASH, recording.prefix, recording.release))
    for entry in recording.entries:
        match entry:
            case ["join", _, function, data]:
                player.join(function, f"/{recording.endpoint}", data)
            case ["answer", _, status, body]:
                if player.unanswered:  # of what only the recorder wanted to know
                    player.answer(status, body)
            case ["received", text]:
                socket = recording.channel == "websocket"
                pieces = (cut or whole)(text.encode()) if not socket else [text]
                player.data(*pieces)
            case ["end"]:
                player.end()
            case ["cancel", _]:
                player.cancel()
    return player


def whole(data: bytes) -> Iterator[bytes]:
    """Leave the bytes together."""
    yield data


def each(data: bytes) -> Iterator[bytes]:
    """Give each byte alone."""
    for place in range(len(data)):
        yield data[place : place + 1]


def at(place: int) -> Cut:
    """Cut at one place."""
    return lambda data: [data[:place], data[place:]]
