"""The queue of Gradio 4.0 to 4.8 (``sse``): an event stream for each call.

``queue/join`` is the stream and ``queue/data`` takes the data, the other way round than from 4.9
on. The stream asks for the data when it is the call's turn (``send_data``, which also names the
call), and for five seconds only. All partial results are whole.

Rule 1: the data are posted once. Rule 2: ``is_generating`` in ``process_completed`` does not mean
that more is to come. Rule 3: closing the stream cancels the call from Gradio 4.1 on; ``reset`` goes
before it, for a proxy that would keep the stream open. Rule 4: Gradio 4.0 does not notice that a
stream was closed, and knows of a generator only after its first value; so one that was given up is
followed to that value, and then reset. Rule 5: before 4.4 one heartbeat comes and no second one.

====================  ======================  =====================================================
state of the call     what comes              what follows
====================  ======================  =====================================================
new                   `join`                  the stream is opened
waiting               ``send_data``           the data are posted
any                   ``queue_full``          over: `Refused`
any                   ``process_completed``   over: `Completed` or `Failed`; the server ends the
                                              stream
any                   another message         its event, or nothing if it is of an unknown kind
any                   what can't be read, or  over: `Lost`, and the stream is closed
                      a result without data
any                   an answer but 200       over: `Refused`, and the stream is closed
any                   end of the stream       over: `Lost`
waiting               `cancel`                over: `Cancelled`, and the stream is closed
posted, yielding      `cancel`                the same, after a ``reset``
posted, in 4.0        `cancel`                given up
yielding, in 4.0      `cancel`                stopping: ``reset`` is posted
posted                a partial result        yielding
given up              a partial result        stopping: ``reset`` is posted
stopping              any answer              over: `Cancelled`, and the stream is closed
given up, stopping    end of the stream       over: `Cancelled`
====================  ======================  =====================================================
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from ..statuses import OK
from .cancelling import cancel_post
from .events import Cancelled, Event, Yielded
from .machine import Open, Post
from .refusals import read_refusal
from .single_call import SingleCallMachine, State

if TYPE_CHECKING:
    from .conversation import Conversation, Invocation
    from .machine import Call, Reply, Step


class Sse(SingleCallMachine):
    """The conversation of one call.

    Args:
        conversation: With whom.
        generator: Whether the function may yield partial results.
    """

    def __init__(self, conversation: Conversation, *, generator: bool = True) -> None:
        super().__init__(conversation)
        self._must_wait = generator and not self._release.notices_lost_streams
        self._body: dict[str, Any] = {}

    def join(self, call: Call, asked: Invocation) -> list[Step]:
        """Start the call; see `machine.Machine`."""
        self._begin(call, asked.function, State.WAITING)
        self._body = self._conversation.call_body(asked)
        who = {"fn_index": asked.function, "session_hash": self._conversation.session_hash}
        path = self._conversation.path(f"queue/join?{urlencode(who)}")
        return [Open(path, self._release.sends_heartbeats, begins=True)]

    def _take_answer(self, reply: Reply) -> list[Step]:
        """Take the answer to the data, or to the ``reset``."""
        if self._state is State.STOPPING:
            return self._end_and_close(Cancelled())
        return [] if reply.status == OK else self._end_and_close(read_refusal(reply))

    def _give_up(self) -> list[Step]:
        if self._state is State.WAITING:
            return self._end_and_close(Cancelled())
        if not self._must_wait:
            return [self._stop(), *self._end_and_close(Cancelled())]
        if self._state is State.YIELDING:
            return [self._stop()]
        self._state = State.GIVEN_UP
        return []

    def _take_message(self, message: dict[str, Any]) -> list[Step]:
        event_id = message.get("event_id")
        if message.get("msg") != "send_data":
            return self._read(message)
        if self._state is not State.WAITING or not isinstance(event_id, str):
            return []
        self._state, self._event_id = State.POSTED, event_id
        body = {**self._body, "event_id": event_id}
        return [Post(self._call, self._conversation.path("queue/data"), body)]

    def _stop(self) -> Post:
        self._state = State.STOPPING
        return cancel_post(
            self._conversation, self._call, self._function, self._event_id or "", alone=True
        )

    def _report(self, event: Event) -> list[Step]:
        """Report an event; see to it that a generator that was given up ends with its value."""
        steps = super()._report(event)
        if isinstance(event, Yielded):
            if self._state is State.POSTED:
                self._state = State.YIELDING
            elif self._state is State.GIVEN_UP:
                steps.append(self._stop())
        return steps
