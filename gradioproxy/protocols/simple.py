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
given up              answer with ``event_id``  over: `Cancelled`, and ``cancel`` is posted
given up              any other answer          over: `Refused`
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

from ..statuses import OK
from ..text import clean
from .cancelling import cancel_post
from .conversation import Invocation
from .events import Cancelled, Lost
from .machine import Open, Post
from .refusals import read_refusal
from .single_call import SingleCallMachine, State

if TYPE_CHECKING:
    from .conversation import Conversation
    from .event_stream import Frame
    from .machine import Call, Reply, Step


class Simple(SingleCallMachine):
    """The conversation of one call.

    Args:
        conversation: With whom; its session hash is of no use here, where each call is a session.
    """

    def __init__(self, conversation: Conversation) -> None:
        super().__init__(conversation)
        self._path = ""
        self._heard = False

    def join(self, call: Call, asked: Invocation) -> list[Step]:
        """Start the call; see `machine.Machine`.

        There is no place for an event: see `selection.takes_page_events`.
        """
        self._begin(call, asked.function, State.POSTED)
        self._path = self._conversation.path(f"call/{_quote_part(asked.name.removeprefix('/'))}")
        return [Post(call, self._path, {"data": asked.data})]

    def attach(self, call: Call, function: int, name: str, event_id: str) -> list[Step]:
        """Follow a call that was posted before; see `machine.Attachable`."""
        self.join(call, Invocation(function, name, []))
        return self._open(event_id)

    def receive_data(self, data: bytes | str) -> list[Step]:
        """Take bytes of the stream."""
        self._heard = True
        return super().receive_data(data)

    def _take_answer(self, reply: Reply) -> list[Step]:
        if self._state is State.STREAMING:
            return []
        event_id = reply.body.get("event_id") if isinstance(reply.body, dict) else None
        if reply.status != OK or not isinstance(event_id, str):
            return self._report(read_refusal(reply))
        if self._state is State.POSTED:
            return self._open(event_id)
        self._event_id = event_id
        return [self._cancel(event_id), *self._report(Cancelled())]

    def _give_up(self) -> list[Step]:
        if self._event_id is None:
            self._state = State.GIVEN_UP
            return []
        steps = self._end_and_close(Cancelled())
        # Without a word from it, the stream may not be open, and closing it tells nobody.
        return steps if self._heard else [*steps, self._cancel(self._event_id)]

    def _take_frame(self, frame: Frame) -> list[Step]:
        """Read one event of the stream as the message of the queue that it was made from."""
        if frame.name not in {"generating", "complete", "error"}:
            return []
        try:
            data = json.loads(frame.data)
        except (ValueError, RecursionError):
            return self._end_and_close(Lost("The server sent a result that can't be read."))
        message: dict[str, Any]
        if frame.name == "generating":
            message = {"msg": "process_generating", "output": {"data": data}}
        elif frame.name == "complete":
            output = {} if data is None else {"data": data}
            message = {"msg": "process_completed", "output": output}
        elif isinstance(data, str):
            return self._report(Lost(clean(data, 500)))
        else:
            output = data if isinstance(data, dict) else {}
            message = {"msg": "process_completed", "output": output, "success": False}
        return self._read(message)

    def _open(self, event_id: str) -> list[Step]:
        """Open the stream of the call, whose name is known now."""
        self._state, self._event_id = State.STREAMING, event_id
        return [Open(f"{self._path}/{_quote_part(event_id)}")]

    def _cancel(self, event_id: str) -> Post:
        # A call that gives no session hash is the only one of a session that is called like it.
        return cancel_post(self._conversation, self._call, self._function, event_id, alone=True)


def _quote_part(part: str) -> str:
    """Return one part of a path, in which nothing means anything."""
    # What is no text in JSON can be half a character.
    return quote(part, safe="", errors="replace")
