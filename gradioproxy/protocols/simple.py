"""The simple API of Gradio 4.20 and later: a post, and one event stream for its result.

Rule 1: it goes by name, and every call is a session of its own. Rule 2: there is no word of the
queue, of progress or of messages to people. Rule 3: partial results are whole values. Rule 4: what
an error says depends on the version: nothing before 6.13, an object after.

===============  ======================  ========================================================
state            what comes              what follows
===============  ======================  ========================================================
posted           answer with a name      the stream is opened
posted           any other answer        over: `Refused`
named            ``generating``          `Yielded`
named            ``complete``            over: `Completed`
named            ``error``               over: `Failed`
named            ``heartbeat``           nothing
named            end of the stream       over: `Lost`
any              `cancel`                `Close`, by which the server knows
===============  ======================  ========================================================
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from ..errors import ProtocolError
from ..text import clean
from .events import Completed, Event, Failed, Lost, Yielded
from .framing import Decoder, Frame
from .lone import Lone
from .machine import Call, Close, Open, Post, Step
from .replies import refused

if TYPE_CHECKING:
    from .machine import Reply

_OK = 200


class Simple(Lone):
    """The conversation of one call by name."""

    def join(self, call: Call, function: int, name: str, data: list[Any]) -> list[Step]:
        """Start a call; see `machine.Machine`."""
        self.begin(call, function, data)
        self._decoder = Decoder()
        self._path = f"{self.prefix}/call/{quote(name.lstrip('/'), safe='')}"
        return [Post(call, self._path, {"data": data})]

    def attach(self, call: Call, name: str, event_id: str) -> list[Step]:
        """Follow a call that was started before, by the server's name for it."""
        self.begin(call, -1, [])
        self.name = event_id
        self._decoder = Decoder()
        self._path = f"{self.prefix}/call/{quote(name.lstrip('/'), safe='')}"
        return [Open(f"{self._path}/{quote(event_id, safe='')}")]

    def receive_answer(self, call: Call, reply: Reply) -> list[Step]:
        """Take the answer to the post."""
        del call
        event_id = reply.body.get("event_id") if isinstance(reply.body, dict) else None
        if reply.status != _OK or not isinstance(event_id, str):
            return self.report(refused(reply))
        self.name = event_id
        if not self.under_way or self.given_up:
            return []
        return [Open(f"{self._path}/{quote(event_id, safe='')}")]

    def receive_data(self, data: bytes | str) -> list[Step]:
        """Take bytes of the stream."""
        if isinstance(data, str) or not self.under_way:
            return []
        try:
            frames = self._decoder.receive(data)
        except ProtocolError as error:
            return [*self.report(Lost(str(error))), Close()]
        steps: list[Step] = []
        for frame in frames:
            steps += self.report(read_frame(frame))
        return steps

    def receive_end(self) -> list[Step]:
        """Take notice of the stream's end."""
        return self.report(Lost("The server closed the stream without a result."))

    def cancel(self, call: Call) -> list[Step]:
        """Give the call up."""
        if not self.under_way or call != self.call:
            return []
        self.given_up, self.under_way = True, False
        return [Close()]


def read_frame(frame: Frame) -> Event | None:
    """Return what a frame of this API says, or ``None`` if it says nothing that matters."""
    try:
        data = json.loads(frame.data)
    except (ValueError, RecursionError):
        return Lost("The server sent a result that is no JSON.") if _matters(frame) else None
    if frame.name == "error":
        return _failure(data)
    if frame.name in {"generating", "complete"}:
        if not isinstance(data, list):
            return Lost("The server sent a result that is no list.")
        return Yielded(tuple(data)) if frame.name == "generating" else Completed(tuple(data))
    return None


def _matters(frame: Frame) -> bool:
    return frame.name in {"generating", "complete", "error"}


def _failure(data: Any) -> Failed:
    if isinstance(data, dict):
        message, title = data.get("error"), data.get("title")
        return Failed(
            None if message is None else clean(message),
            clean(title) if isinstance(title, str) else None,
        )
    return Failed(None if data is None else clean(data))
