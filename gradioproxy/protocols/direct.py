"""Direct calls, past the queue: ``run/predict``, for functions that are not queued.

The answer is the result, however long it takes. There is no place in a queue, no progress and no
message. One post gives one value of a generator; the next one continues it.

Rule 1: a run of a generator is known to Gradio 3 by session hash and function, and to 4 and 5 by an
``event_id`` of the client's making. Gradio 6 has no such thing: every post starts anew, so there is
only the first value, and no second post. Rule 2: ``is_generating`` is false after the last value,
and the data are then that value again or nothing at all; so the value before counts. Rule 3: from
4.17 on all values of a run but the first are edits. Rule 4: a run that ended with an error, or
was given up, is left over, and the next call would continue it; so it is reset. Rule 5: for a batch
of one, each input and output is a list.

====================  =========================  ===================================================
state of the call     what comes                 what follows
====================  =========================  ===================================================
posted                200, generating            `Yielded`, and the next post
posted, in Gradio 6   200, generating            `Yielded`, and over: `Lost`
posted                200, not generating        over: `Completed`
posted                200 without data           over: `Lost`
posted                500 with ``error``         over: `Failed`
posted                404, or 401 for the queue  over: `Refused`; the app takes no direct calls
posted                any other answer           over: `Refused`
posted                `cancel`                   given up: the answer can't be kept from coming
given up              any answer                 over: `Cancelled`
any, after a value    an end but the generator's  a ``reset``, or ``cancel`` from 4.31 on
====================  =========================  ===================================================
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .events import Cancelled, Completed, Event, Lost, Refused, Yielded
from .machine import Post, Reply
from .replies import refused
from .single import OK, Single

if TYPE_CHECKING:
    from .machine import Call, Step

EVENT_IDS = (4,)
FIRST_ONLY = (6,)
# Since then there is ``cancel``, and ``reset`` does nothing.
CANCEL = (4, 31)
FAILED, NOT_FOUND, UNAUTHORIZED = 500, 404, 401


class Direct(Single):
    """The conversation of one call.

    Args:
        session_hash: The hash that it goes under.
        prefix: The prefix of the API's paths.
        release: The server's version.
        run: A name for the run, which no other call has.
        edits: Whether partial results after the first come as edits.
        batch: Whether the function takes many calls at once.
    """

    def __init__(
        self,
        session_hash: str,
        prefix: str,
        release: tuple[int, ...],
        *,
        run: str,
        edits: bool = False,
        batch: bool = False,
    ) -> None:
        super().__init__(session_hash, prefix, release, edits=edits)
        self._run = run
        self._batch = batch
        self._last: Yielded | None = None

    def join(self, call: Call, function: int, name: str, data: list[Any]) -> list[Step]:
        """Start the call; see `machine.Machine`."""
        del name
        self._begin(call, function, [[value] for value in data] if self._batch else data)
        if self.release >= EVENT_IDS:
            self._body["event_id"] = self._run
        if self._batch:
            self._body["batched"] = True
        return [self._post()]

    def receive_answer(self, call: Call, reply: Reply) -> list[Step]:
        """Take the answer to a post."""
        if not self._live or call != self._call:
            return []
        if self._given_up:
            return self._over(Cancelled())
        body = reply.body if isinstance(reply.body, dict) else {}
        if reply.status == OK:
            return self._value(body)
        if reply.status == FAILED and "error" in body:
            return self._over(self._event("process_completed", body, success=False))
        return self._over(_refused(reply))

    def cancel(self, call: Call) -> list[Step]:
        """Give the call up."""
        self._given_up = self._given_up or call == self._call
        return []

    def _value(self, body: dict[str, Any]) -> list[Step]:
        """Take a value, which may be the last."""
        if not body.get("is_generating"):
            return self._report(self._result(body))
        event = self._event("process_generating", body)
        if not isinstance(event, Yielded):
            return self._over(event)
        self._last = event
        if self.release >= FIRST_ONLY:
            lost = Lost("This version of Gradio gives only a generator's first value directly.")
            return [*self._report(event), *self._report(lost)]
        return [*self._report(event), self._post()]

    def _result(self, body: dict[str, Any]) -> Event:
        """Return the event for the last answer of a call."""
        if self._last is not None:
            return Completed(self._last.data)
        event = self._event("process_completed", body)
        if not self._batch or not isinstance(event, Completed):
            return event
        if not all(isinstance(values, list) and values for values in event.data):
            return Lost("The server sent no result for a batch of one.")
        return Completed(tuple(values[0] for values in event.data))

    def _event(self, kind: str, body: dict[str, Any], *, success: bool = True) -> Event:
        """Read an answer as the message of the queue that says the same."""
        event = self._reader.receive({"msg": kind, "output": body, "success": success})
        unreadable = event is None or isinstance(event, Cancelled)
        return Lost("The server sent an answer without data.") if unreadable else event

    def _over(self, event: Event) -> list[Step]:
        """End the call, and what it may have left on the server."""
        return [*self._report(event), *([self._stop()] if self._last is not None else [])]

    def _post(self) -> Post:
        return Post(self._call, f"{self.prefix}/run/predict", self._body, patient=True)

    def _stop(self) -> Post:
        body: dict[str, Any] = {"session_hash": self.session_hash, "fn_index": self._function}
        if self.release >= CANCEL:
            body["event_id"] = self._run
            return Post(self._call, f"{self.prefix}/cancel", body, "cancel")
        if self.release >= EVENT_IDS:
            body = {"event_id": self._run}
        return Post(self._call, f"{self.prefix}/reset", body, "cancel")


def _refused(reply: Reply) -> Refused:
    """Return the event for an answer that is none of the function's."""
    event = refused(reply)
    closed = reply.status == UNAUTHORIZED and "queue" in event.message
    if not closed and reply.status != NOT_FOUND:
        return event
    message = f"the app takes this call only through its queue: {event.message}"
    return Refused("fault", message, reply.status)
