"""Posting what a protocol wants posted, and noting with the call how that went."""

from __future__ import annotations

import contextlib
import functools
import json
from typing import TYPE_CHECKING

from ..protocols.events import Refused
from ..protocols.machine import Reply, Report
from ..transport.http import Restarted
from .failures import describe_in_call, own_error

if TYPE_CHECKING:
    from collections.abc import Generator

    from ..protocols.machine import Post, Step
    from ..transport.http import Transport
    from ..transport.response import Answer
    from .call import Call
    from .reader import Reader

# For the answer to a cancel: nobody's result depends on it, and the next call may.
CANCEL_SECONDS = 3.0


class Poster:
    """Sends the posts of one conversation.

    Args:
        transport: The way to the app, for posts that are for no call.
        reader: What the conversation waits for.
    """

    def __init__(self, transport: Transport, reader: Reader) -> None:
        self._transport = transport
        self._reader = reader

    def post(self, step: Post, call: Call | None) -> Reply:
        """Send one; without an answer, the call that it is for has ended.

        Raises:
            Restarted: The server is another one now, and nothing was sent.
        """
        sent_before = call is not None and call.record.sent
        effect = step.purpose != "cancel"
        send = functools.partial(
            (self._transport if call is None else call.transport).post,
            step.path,
            step.body,
            app=None if call is None else call.app,
            effect=effect,
            asks_token="data" in step.body and call is not None and call.endpoint.wants_token,
            no_timeout=step.patient,
            max_seconds=None if effect else CANCEL_SECONDS,
        )
        try:
            if call is not None and effect:
                call.record.prepare_sending()
            with self._waiting(step, call):
                answer = send()
        except Restarted:
            raise
        except Exception as error:  # noqa: BLE001 - the conversation's other calls are none the worse
            if call is not None and effect:
                own = own_error(error)
                call.record.set_sent(sent_before or own.may_have_run)
                call.record.fail(describe_in_call(own, call.name, sent=call.record.sent))
            return Reply(0, None)
        if call is not None and effect:
            call.record.set_sent(True)
        return _read_reply(answer)

    @contextlib.contextmanager
    def _waiting(self, step: Post, call: Call | None) -> Generator[None]:
        """Let the wait for an answer be ended: with the conversation if it is the result."""
        with contextlib.ExitStack() as stack:
            if step.patient:
                stack.enter_context(self._reader.waiting())
            if call is not None and step.purpose != "cancel":
                stack.enter_context(call.waiting(patient=step.patient))
            yield


def is_refusal(step: Step) -> bool:
    """Tell whether a step reports that the server did not run a call."""
    if not isinstance(step, Report) or not isinstance(step.event, Refused):
        return False
    return not step.event.may_have_run


def _read_reply(answer: Answer) -> Reply:
    """Return of an answer what a protocol needs."""
    try:
        body = json.loads(answer.body)
    except (ValueError, RecursionError):
        body = answer.text
    return Reply(answer.status, body, answer.retry_after)
