"""Direct calls, past the queue: ``run/predict``, for functions that are not queued.

The answer is the result, however long it takes. There is no place in a queue, no progress and no
message. One post gives one value of a generator; the next one continues it.

Rule 1: a run of a generator is known to Gradio 3 by session hash and function, and to 4 and 5 by an
``event_id`` of the client's making. Gradio 6 came to ignore it: every post starts anew, so there is
only the first value, and no second post. Rule 2: ``is_generating`` is false after the last value,
and the data are then that value again or nothing at all; so the value before counts. Rule 3: from
4.17 on all values of a run but the first are edits. Rule 4: a run that ended with an error, or was
given up, is left over, and the next call of Gradio 3 would continue it; so before its end is
reported, it is reset (``reset``, from 4.31 on ``cancel``). Rule 5: for a batch of one, each input
and output is a list.

====================  ===========================  ==============================================
state of the call     what comes                   what follows
====================  ===========================  ==============================================
posted                200, generating              `Yielded`, and the next post
posted, in Gradio 6   200, generating              `Yielded`, and over: `Lost`
posted                200, not generating          over: `Completed`
posted                200 without data             over: `Lost`
posted                500 with ``error``           over: `Failed`
posted                404, or 401 for the queue    over: `Refused`; it takes no direct calls
posted                any other answer             over: `Refused`
posted, no generator  `cancel`                     over: `Cancelled`; the answer is not waited for
posted                `cancel`                     given up: what it leaves over must be reset
given up              200, not generating          over: `Cancelled`
given up              any other answer             left over: the run is reset
posted, with values   any end but the last value   left over: the run is reset
left over             any answer                   over, by the event that has been waiting
====================  ===========================  ==============================================
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from ..statuses import OK
from .cancelling import cancel_request
from .events import Cancelled, Completed, Event, Lost, Refused, Yielded
from .machine import Post, Reply
from .refusals import read_refusal
from .single_call import SingleCallMachine

if TYPE_CHECKING:
    from .machine import Call, Step

FAILED, NOT_FOUND, UNAUTHORIZED = 500, 404, 401

_numbers = itertools.count(1)


class Direct(SingleCallMachine):
    """The conversation of one call.

    Args:
        session_hash: The hash that it goes under.
        prefix: The prefix of the API's paths.
        release: The server's version.
        sends_edits: Whether partial results after the first come as edits.
        batch: Whether the function takes many calls at once.
        generator: Whether the function may yield partial results.
    """

    def __init__(
        self,
        session_hash: str,
        prefix: str,
        release: tuple[int, ...],
        *,
        sends_edits: bool = False,
        batch: bool = False,
        generator: bool = True,
    ) -> None:
        super().__init__(session_hash, prefix, release, sends_edits=sends_edits)
        # Unique as long as the hash is.
        self._run = f"{session_hash}-{next(_numbers)}"
        self._batch = batch
        self._may_continue = generator and not self.release.runs_generators_in_queue_only
        self._last: Yielded | None = None
        self._end: Event | None = None

    def join(self, call: Call, function: int, name: str, data: list[Any]) -> list[Step]:
        """Start the call; see `machine.Machine`."""
        del name
        self.begin(call, function, [[value] for value in data] if self._batch else data)
        if self.release.names_calls:
            self.body["event_id"] = self._run
        if self._batch:
            self.body["batched"] = True
        return [self._post("call")]

    def receive_answer(self, call: Call, reply: Reply) -> list[Step]:
        """Take the answer to a post."""
        if not self.is_current(call):
            return []
        if self._end is not None:
            return self.report(self._end)
        body = reply.body if isinstance(reply.body, dict) else {}
        if self.given_up:
            more = reply.status != OK or bool(body.get("is_generating"))
            return self._over(Cancelled(), left_over=more)
        if reply.status == OK:
            return self._value(body)
        if reply.status == FAILED and "error" in body:
            event = self._event("process_completed", body, success=False)
            return self._over(event, left_over=self._last is not None)
        return self._over(_read_refusal(reply), left_over=self._last is not None)

    def cancel(self, call: Call) -> list[Step]:
        """Give the call up."""
        if self.is_current(call) and not self._may_continue:
            return self.end_and_close(Cancelled())
        self.given_up = self.given_up or call == self.call
        return []

    def _value(self, body: dict[str, Any]) -> list[Step]:
        """Take a value, which may be the last."""
        if not body.get("is_generating"):
            return self.report(self._result(body))
        event = self._event("process_generating", body)
        if not isinstance(event, Yielded):
            return self._over(event, left_over=True)
        self._last = event
        if self.release.runs_generators_in_queue_only:
            lost = Lost("This version of Gradio gives only a generator's first value directly.")
            return [*self.report(event), *self.report(lost)]
        return [*self.report(event), self._post("continue")]

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
        event = self.reader.receive({"msg": kind, "output": body, "success": success})
        if event is None or isinstance(event, Cancelled):
            return Lost("The server sent an answer without data.")
        return event

    def _over(self, event: Event, *, left_over: bool) -> list[Step]:
        """End the call, after the server was told to forget what is left over of the run."""
        if not left_over or self.release.runs_generators_in_queue_only:
            return self.report(event)
        self._end = event
        return [self._stop()]

    def _post(self, purpose: str) -> Post:
        path = f"{self.prefix}/run/predict"
        return Post(self.call, path, self.body, purpose, patient=True)

    def _stop(self) -> Post:
        path = "reset"
        body: dict[str, Any] = {"session_hash": self.session_hash, "fn_index": self.function}
        if self.release.names_calls:
            # Not the real hash: calls of the function that are in the queue under it would go too.
            path, body = cancel_request(self.release, self._run, self.function, self._run)
        return Post(self.call, f"{self.prefix}/{path}", body, "cancel")


def _read_refusal(reply: Reply) -> Refused:
    """Return the event for an answer that is none of the function's."""
    event = read_refusal(reply)
    closed = reply.status == UNAUTHORIZED and "skip the queue" in event.message
    if not closed and reply.status != NOT_FOUND:
        return event
    message = f"the app takes this call only through its queue: {event.message}"
    return Refused("fault", message, reply.status)
