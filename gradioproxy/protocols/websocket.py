"""The queue of Gradio 3: one websocket for each call.

Rule 1: the server speaks first. It asks for the hash, and for the data only when a worker is free.
Rule 2: partial results are whole values. The completed message repeats the last one, and says
``is_generating`` then, which means nothing. Rule 3: whoever closes the socket before the completed
message is cancelled, but only at the next message that the server tries to send; ``reset`` stops a
generator earlier. It must not be posted while the socket is open, because the generator would start
again.

=============  ======================  ==========================================================
state          what comes              what follows
=============  ======================  ==========================================================
connecting     ``send_hash``           the hash is sent
queued         ``estimation``          `Queued`
queued         ``queue_full``          over: `Refused`
queued         ``send_data``           the data are sent
running        ``process_starts``      `Started`
running        ``process_generating``  `Yielded`
running        ``process_completed``   over: `Completed` or `Failed`
any            another message         nothing
any but over   end of the socket       over: `Lost`
any            `cancel`                `Close`, then ``reset``
=============  ======================  ==========================================================
"""

from __future__ import annotations

import json
from typing import Any

from .events import Lost
from .lone import Lone
from .machine import Call, Close, OpenSocket, Post, Send, Step
from .messages import Reader


class Websocket(Lone):
    """The conversation of one call over a websocket."""

    def join(self, call: Call, function: int, name: str, data: list[Any]) -> list[Step]:
        """Start a call; see `machine.Machine`."""
        del name
        self.begin(call, function, data)
        self._reader = Reader(edits=False, release=self.release)
        return [OpenSocket(f"{self.prefix}/queue/join")]

    def receive_data(self, data: bytes | str) -> list[Step]:
        """Take a message of the socket."""
        try:
            message = json.loads(data)
        except (ValueError, RecursionError):
            return []
        if not isinstance(message, dict) or not self.under_way or self.given_up:
            return []
        address = {"session_hash": self.session_hash, "fn_index": self.function}
        if message.get("msg") == "send_hash":
            return [Send(json.dumps(address))]
        if message.get("msg") == "send_data":
            return [Send(json.dumps({"data": self.data, "event_data": None, **address}))]
        return self.report(self._reader.receive(message))

    def receive_end(self) -> list[Step]:
        """Take notice of the socket's end."""
        return self.report(Lost("The server closed the connection without a result."))

    def cancel(self, call: Call) -> list[Step]:
        """Give the call up."""
        if not self.under_way or call != self.call:
            return []
        self.given_up, self.under_way = True, False
        body = {"session_hash": self.session_hash, "fn_index": self.function}
        return [Close(), Post(call, f"{self.prefix}/reset", body, "cancel")]
