"""The queue of Gradio 4.0 to 4.8: one event stream for each call.

Rule 1: opening the stream ``queue/join`` is what puts the call into the queue; the data are posted
to ``queue/data`` when the server asks for them, with the name (``event_id``) that it gives the call
then. In later versions the two paths have each other's meaning. Rule 2: messages carry no name, and
partial results are whole values. Rule 3: there is no ``cancel``; ``reset`` stops a generator, and
no message comes after it.

=============  ======================  ==========================================================
state          what comes              what follows
=============  ======================  ==========================================================
queued         ``estimation``          `Queued`
queued         ``queue_full``          over: `Refused`
queued         ``send_data``           the data are posted
running        ``process_starts``      `Started`
running        ``process_generating``  `Yielded`
running        ``process_completed``   over: `Completed` or `Failed`
any            another message         nothing
any but over   end of the stream       over: `Lost`
any            `cancel`                ``reset`` if the call has a name, then `Close`
=============  ======================  ==========================================================
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from ..errors import ProtocolError
from .events import Lost
from .framing import Decoder
from .lone import Lone
from .machine import Call, Close, Open, Post, Step
from .messages import Reader
from .replies import refused

if TYPE_CHECKING:
    from .machine import Reply

_OK = 200


class Sse(Lone):
    """The conversation of one call over an event stream."""

    def join(self, call: Call, function: int, name: str, data: list[Any]) -> list[Step]:
        """Start a call; see `machine.Machine`."""
        del name
        self.begin(call, function, data)
        self._reader = Reader(edits=False, release=self.release)
        self._decoder = Decoder()
        query = urlencode({"fn_index": function, "session_hash": self.session_hash})
        return [Open(f"{self.prefix}/queue/join?{query}")]

    def receive_answer(self, call: Call, reply: Reply) -> list[Step]:
        """Take the answer to the post of the data."""
        del call
        return [] if reply.status == _OK else self.report(refused(reply))

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
            try:
                message = json.loads(frame.data)
            except (ValueError, RecursionError):
                continue
            if isinstance(message, dict):
                steps += self._message(message)
        return steps

    def _message(self, message: dict[str, Any]) -> list[Step]:
        if message.get("msg") == "send_data" and self.under_way and not self.given_up:
            event_id = message.get("event_id")
            self.name = event_id if isinstance(event_id, str) else None
            body = {
                "data": self.data,
                "event_data": None,
                "event_id": self.name,
                "fn_index": self.function,
                "session_hash": self.session_hash,
            }
            return [Post(self.call, f"{self.prefix}/queue/data", body)]
        return self.report(self._reader.receive(message))

    def receive_end(self) -> list[Step]:
        """Take notice of the stream's end."""
        return self.report(Lost("The server closed the stream without a result."))

    def cancel(self, call: Call) -> list[Step]:
        """Give the call up."""
        if not self.under_way or call != self.call:
            return []
        self.given_up, self.under_way = True, False
        if self.name is None:
            return [Close()]
        reset = Post(call, f"{self.prefix}/reset", {"event_id": self.name}, "cancel")
        return [reset, Close()]
