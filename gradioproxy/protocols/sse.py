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
any                   what is no message      nothing
any                   a result without data   over: `Lost`, and the stream is closed
posted                an answer but 200       over: `Refused`, and the stream is closed
any                   end of the stream       over: `Lost`
any                   `cancel`                over: `Cancelled`, after a ``reset`` if data were
                                              posted, and the stream is closed
posted, in 4.0        `cancel`                given up; ``reset`` after the first value, and then
                                              over: `Cancelled`
given up              end or final message    over
====================  ======================  =====================================================
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from ..errors import ProtocolError
from ..statuses import OK
from .event_stream import Decoder
from .events import Cancelled, Event, Lost, Yielded
from .machine import Open, Post
from .refusals import read_refusal
from .single_call import SingleCallMachine, parse_object

if TYPE_CHECKING:
    from .machine import Call, Reply, Step


class Sse(SingleCallMachine):
    """The conversation of one call.

    Args:
        session_hash: The hash that it goes under.
        prefix: The prefix of the API's paths.
        release: The server's version.
        generator: Whether the function may yield partial results.
    """

    def __init__(
        self, session_hash: str, prefix: str, release: tuple[int, ...], *, generator: bool = True
    ) -> None:
        super().__init__(session_hash, prefix, release)
        self._decoder = Decoder()
        self._must_wait = generator and not self.release.notices_lost_streams
        self._yielded = False
        self._reset_sent = False

    def join(self, call: Call, function: int, name: str, data: list[Any]) -> list[Step]:
        """Start the call; see `machine.Machine`."""
        del name
        self.begin(call, function, data)
        query = urlencode({"fn_index": function, "session_hash": self.session_hash})
        heartbeats = self.release.sends_heartbeats
        return [Open(f"{self.prefix}/queue/join?{query}", heartbeats, begins=True)]

    def receive_answer(self, call: Call, reply: Reply) -> list[Step]:
        """Take the answer to the data, or to the ``reset``."""
        if not self.is_current(call):
            return []
        if self._reset_sent:
            return self.end_and_close(Cancelled())
        return [] if reply.status == OK else self.end_and_close(read_refusal(reply))

    def receive_data(self, data: bytes | str) -> list[Step]:
        """Take bytes of the stream."""
        if not self.under_way or isinstance(data, str):
            return []
        try:
            frames = self._decoder.receive(data)
        except ProtocolError as error:
            return self.end_and_close(Lost(str(error)))
        steps: list[Step] = []
        for frame in frames:
            if self.under_way:
                steps += self._message(parse_object(frame.data))
        return steps

    def cancel(self, call: Call) -> list[Step]:
        """Give the call up."""
        if not self.is_current(call) or self.given_up:
            return []
        self.given_up = True
        if self.name is None:
            return self.end_and_close(Cancelled())
        if not self._must_wait:
            return [self._reset(), *self.end_and_close(Cancelled())]
        return [self._reset()] if self._yielded else []

    def _message(self, message: dict[str, Any]) -> list[Step]:
        if message.get("msg") != "send_data":
            return self.read(message)
        event_id = message.get("event_id")
        if not isinstance(event_id, str) or self.name is not None:
            return []
        self.name = event_id
        body = {**self.body, "event_id": event_id}
        return [Post(self.call, f"{self.prefix}/queue/data", body)]

    def _reset(self) -> Post:
        self._reset_sent = True
        body = {"event_id": self.name}
        return Post(self.call, f"{self.prefix}/reset", body, "cancel")

    def report(self, event: Event) -> list[Step]:
        """Report an event; see to it that a generator that was given up ends with its value."""
        steps = super().report(event)
        if isinstance(event, Yielded):
            self._yielded = True
            if self.given_up and not self._reset_sent:
                steps.append(self._reset())
        return steps
