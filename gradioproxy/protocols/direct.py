"""Direct calls, past the queue: ``run/predict``, for functions that are not queued.

The answer is the result, however long it takes. There is no place in a queue, no progress and no
message. One post gives one value of a generator; the next one continues it.

Rule 1: a run of a generator is known to Gradio 3 by session hash and function, and to 4 and 5 by an
``event_id`` of the client's making. Gradio 6 came to ignore it: every post starts anew, so there is
only the first value, and no second post. Rule 2: ``is_generating`` is false after the last value,
and the data are then that value again or nothing at all; so the value before counts. Rule 3: from
4.17 on all values of a run but the first are edits. Rule 4: a run that ended with an error, or was
given up, is left over, and the next call of Gradio 3 would continue it; so before its end is
reported, it is reset (``reset``, from 4.31 on ``cancel``); and where nobody knows whether it goes
on, it is reset before the next one under the same hash. Rule 5: for a batch of one, each input
and output is a list.

====================  ===========================  ==============================================
state of the call     what comes                   what follows
====================  ===========================  ==============================================
clearing              200                          posted
clearing              any other answer             clearing once more, then over: `Lost`
posted, yielding      200, generating              yielding: `Yielded`, and the next post
posted, in Gradio 6   200, generating              `Yielded`, and over: `Lost`
posted, yielding      200, not generating          over: `Completed`
posted                200 without data             over: `Lost`
posted                500 with ``error``           over: `Failed`
posted                404, or 401 for the queue    over: `Refused`; it takes no direct calls
posted                any other answer             over: `Refused`
posted, yielding      200, generating, no data     stopping: the run is reset
yielding              any other answer             stopping: the run is reset
posted, no generator  `cancel`                     over: `Cancelled`; the answer is not waited for
clearing              `cancel`                     given up
posted, yielding      `cancel`                     given up: what it leaves over must be reset
given up              200, not generating          over: `Cancelled`
given up              any other answer             stopping: the run is reset
stopping              any answer                   over, by the event that has been waiting
====================  ===========================  ==============================================
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from ..statuses import NOT_FOUND, OK, SERVER_FAULT, UNAUTHORIZED
from .cancelling import cancel_post
from .events import Cancelled, Completed, Event, Lost, Refused, Yielded
from .machine import Post, Reply
from .refusals import read_refusal
from .single_call import SingleCallMachine, State

if TYPE_CHECKING:
    from .conversation import Conversation, Invocation
    from .machine import Call, Step

_numbers = itertools.count(1)


class Direct(SingleCallMachine):
    """The conversation of one call.

    Args:
        conversation: With whom.
        sends_edits: Whether partial results after the first come as edits.
        batch: Whether the function takes many calls at once.
        generator: Whether the function may yield partial results.
        fresh: Whether no generator can be left over from an earlier call.
    """

    def __init__(
        self,
        conversation: Conversation,
        *,
        sends_edits: bool = False,
        batch: bool = False,
        generator: bool = True,
        fresh: bool = True,
    ) -> None:
        super().__init__(conversation, sends_edits=sends_edits)
        # Unique as long as the hash is.
        self._run = f"{conversation.session_hash}-{next(_numbers)}"
        self._batch = batch
        self._may_continue = generator and not self._release.runs_generators_in_queue_only
        self._must_clear = not fresh and generator and self._release.knows_runs_by_hash_alone
        self._body: dict[str, Any] = {}
        self._last = Yielded(())
        self._waiting_end: Event = Cancelled()

    def join(self, call: Call, asked: Invocation) -> list[Step]:
        """Start the call; see `machine.Machine`."""
        self._begin(call, asked.function, State.POSTED)
        if self._batch:
            asked = asked._replace(data=[[value] for value in asked.data])
        self._body = self._conversation.call_body(asked)
        if self._release.names_calls and self._may_continue:
            # Else no post follows that would name it, and the server would keep it for ever.
            self._body["event_id"] = self._run
        if self._batch:
            self._body["batched"] = True
        return self._clear() if self._must_clear else self._start()

    @property
    def is_ending(self) -> bool:
        """Whether a stream is to end: there is none."""
        return False

    def _start(self) -> list[Step]:
        self._state = State.POSTED
        return [self._post("call")]

    def _take_answer(self, reply: Reply) -> list[Step]:
        if self._state is State.STOPPING:
            return self._report(self._waiting_end)
        body = reply.body if isinstance(reply.body, dict) else {}
        if self._state is State.GIVEN_UP:
            is_over = reply.status == OK and not body.get("is_generating")
            return self._finish(Cancelled(), left_over=not is_over)
        if reply.status == OK:
            return self._take_value(body)
        if reply.status == SERVER_FAULT and "error" in body:
            event = self._read_event("process_completed", body, success=False)
        else:
            event = _read_refusal(reply)
        return self._finish(event, left_over=self._state is State.YIELDING)

    def _give_up(self) -> list[Step]:
        if not self._may_continue:
            return self._end_and_close(Cancelled())
        self._state = State.GIVEN_UP
        return []

    def _take_value(self, body: dict[str, Any]) -> list[Step]:
        """Take a value, which may be the last."""
        if not body.get("is_generating"):
            return self._report(self._read_result(body))
        event = self._read_event("process_generating", body)
        if not isinstance(event, Yielded):
            return self._finish(event, left_over=True)
        self._state, self._last = State.YIELDING, event
        if self._release.runs_generators_in_queue_only:
            lost = Lost("This version of Gradio gives only a generator's first value directly.")
            return [*self._report(event), *self._report(lost)]
        return [*self._report(event), self._post("continue")]

    def _read_result(self, body: dict[str, Any]) -> Event:
        """Return the event for the last answer of a call."""
        if self._state is State.YIELDING:
            return Completed(self._last.data)
        event = self._read_event("process_completed", body)
        if not self._batch or not isinstance(event, Completed):
            return event
        if not all(isinstance(values, list) and values for values in event.data):
            return Lost("The server sent no result for a batch of one.")
        return Completed(tuple(values[0] for values in event.data))

    def _read_event(self, kind: str, body: dict[str, Any], *, success: bool = True) -> Event:
        """Read an answer as the message of the queue that says the same."""
        event = self._reader.receive({"msg": kind, "output": body, "success": success})
        if event is None or isinstance(event, Cancelled):
            return Lost("The server sent an answer without data.")
        return event

    def _finish(self, event: Event, *, left_over: bool) -> list[Step]:
        """End the call, after the server was told to forget what is left over of the run."""
        if not left_over or self._release.runs_generators_in_queue_only:
            return self._report(event)
        self._state, self._waiting_end = State.STOPPING, event
        # Not the real hash: calls of the function that are in the queue under it would go too.
        post = cancel_post(self._conversation, self._call, self._function, self._run, alone=True)
        return [post]

    def _post(self, purpose: str) -> Post:
        path = self._conversation.path("run/predict")
        return Post(self._call, path, self._body, purpose, patient=True)


def _read_refusal(reply: Reply) -> Refused:
    """Return the event for an answer that is none of the function's."""
    event = read_refusal(reply)
    closed = reply.status == UNAUTHORIZED and "skip the queue" in event.message
    if not closed and reply.status != NOT_FOUND:
        return event
    message = f"the app takes this call only through its queue: {event.message}"
    return Refused("fault", message, reply.status)
