"""The simple API of Gradio 4.20 and later: the one that the server's own documentation shows.

A call is posted to ``call/<name>``, whose answer names it; ``call/<name>/<its name>`` is the stream
of its partial results, all of them whole, and of its end. There is nothing else: no place in the
queue, no progress and no messages; before Gradio 6.13 no text of an error; and no state, as each
call is a session of its own.

Rule 1: functions go by name, percent-encoded. Rule 2: the stream can be read once. Rule 3: closing
the stream cancels the call, and ends its generator as ``cancel`` does not in all versions; a call
whose stream has brought nothing yet is also cancelled by ``cancel`` (``reset`` before 4.31), under
its own name.

====================  ========================  ====================================================
state of the call     what comes                what follows
====================  ========================  ====================================================
posted                answer with ``event_id``  the stream is opened
posted                any other answer          over: `Refused`
posted, given up      answer with ``event_id``  over: `Cancelled`, and ``cancel`` is posted
streaming             ``generating``            `Yielded`
streaming             ``complete``              over: `Completed`, or `Cancelled` if it has no data
streaming             ``error`` with a text     over: `Lost`; it is the server's own failure
streaming             any other ``error``       over: `Failed`
streaming             another event             nothing
streaming             what is no JSON           over: `Lost`, and the stream is closed
streaming             end of the stream         over: `Lost`
posted                `cancel`                  given up
streaming             `cancel`                  over: `Cancelled`, and the stream is closed;
                                                if it brought nothing, ``cancel`` is posted
====================  ========================  ====================================================
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from ..errors import ProtocolError
from ..statuses import OK
from ..text import clean
from .cancelling import cancel_request
from .event_stream import Decoder, Frame
from .events import Cancelled, Lost
from .machine import Open, Post
from .refusals import read_refusal
from .single_call import SingleCallMachine

if TYPE_CHECKING:
    from .machine import Call, Reply, Step


class Simple(SingleCallMachine):
    """The conversation of one call.

    Args:
        session_hash: Of no use here: each call is a session of its own.
        prefix: The prefix of the API's paths.
        release: The server's version.
    """

    def __init__(self, session_hash: str, prefix: str, release: tuple[int, ...]) -> None:
        super().__init__(session_hash, prefix, release)
        self._decoder = Decoder()
        self._path = ""
        self._heard = False

    def join(self, call: Call, function: int, name: str, data: list[Any]) -> list[Step]:
        """Start the call; see `machine.Machine`."""
        self.begin(call, function, data)
        self._path = f"{self.prefix}/call/{_quote_part(name.removeprefix('/'))}"
        return [Post(call, self._path, {"data": data})]

    def attach(self, call: Call, function: int, name: str, event_id: str) -> list[Step]:
        """Follow a call that was posted before; see `machine.Attachable`."""
        self.join(call, function, name, [])
        self.name = event_id
        return [self._open(event_id)]

    def receive_answer(self, call: Call, reply: Reply) -> list[Step]:
        """Take the answer to the call."""
        if not self.is_current(call) or self.name is not None:
            return []
        event_id = reply.body.get("event_id") if isinstance(reply.body, dict) else None
        if reply.status != OK or not isinstance(event_id, str):
            return self.report(read_refusal(reply))
        self.name = event_id
        if self.given_up:
            return [self._cancel(event_id), *self.report(Cancelled())]
        return [self._open(event_id)]

    def receive_data(self, data: bytes | str) -> list[Step]:
        """Take bytes of the stream."""
        if not self.under_way or isinstance(data, str):
            return []
        self._heard = True
        try:
            frames = self._decoder.receive(data)
        except ProtocolError as error:
            return self.end_and_close(Lost(str(error)))
        steps: list[Step] = []
        for frame in frames:
            if self.under_way:
                steps += self._frame(frame)
        return steps

    def cancel(self, call: Call) -> list[Step]:
        """Give the call up."""
        if not self.is_current(call):
            return []
        self.given_up = True
        if self.name is None:
            return []
        steps = self.end_and_close(Cancelled())
        # Without a word from it, the stream may not be open, and closing it tells nobody.
        return steps if self._heard else [*steps, self._cancel(self.name)]

    def _frame(self, frame: Frame) -> list[Step]:
        """Read one event of the stream as the message of the queue that it was made from."""
        if frame.name not in {"generating", "complete", "error"}:
            return []
        try:
            data = json.loads(frame.data)
        except (ValueError, RecursionError):
            return self.end_and_close(Lost("The server sent a result that can't be read."))
        message: dict[str, Any]
        if frame.name == "generating":
            message = {"msg": "process_generating", "output": {"data": data}}
        elif frame.name == "complete":
            output = {} if data is None else {"data": data}
            message = {"msg": "process_completed", "output": output}
        elif isinstance(data, str):
            return self.report(Lost(clean(data, 500)))
        else:
            output = data if isinstance(data, dict) else {}
            message = {"msg": "process_completed", "output": output, "success": False}
        return self.read(message)

    def _open(self, event_id: str) -> Open:
        return Open(f"{self._path}/{_quote_part(event_id)}")

    def _cancel(self, event_id: str) -> Post:
        # A call that gives no session hash is the only one of a session that is called like it.
        path, body = cancel_request(self.release, event_id, self.function, event_id)
        return Post(self.call, f"{self.prefix}/{path}", body, "cancel")


def _quote_part(part: str) -> str:
    """Return one part of a path, in which nothing means anything."""
    return quote(part, safe="")
