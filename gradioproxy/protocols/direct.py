"""Calls outside the queue: one request, one answer.

Rule 1: ``run/predict`` with the number of a function is understood by every version. Rule 2: a
generator gives one value for each request. What ties the requests of one run together changed: in
Gradio 3 the hash and the function's number, in 4.0 to 5 a name that the client makes; from 6 on
nothing does. Rule 3: the answer that says that the generator is at its end holds nulls or the last
value again, and is no value of its own. Rule 4: an answer of 500 with JSON is an error of the app.

===============  ===========================  ===================================================
state            what comes                   what follows
===============  ===========================  ===================================================
posted           a value, ``is_generating``   `Yielded`; the next is posted
posted           a value                      over: `Completed`
posted           500 with an error            over: `Failed`
posted           any other answer             over: `Refused`
any              `cancel`                     nothing more is posted
===============  ===========================  ===================================================
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from ..text import clean
from .events import Completed, Failed, Refused, Yielded
from .lone import Lone
from .machine import Call, Post, Step
from .messages import PLAIN_ERRORS, unquoted
from .replies import refused

if TYPE_CHECKING:
    from .machine import Reply

_OK, _UNAUTHORIZED, _NOT_FOUND, _FAULT = 200, 401, 404, 500


_numbers = itertools.count(1)


class Direct(Lone):
    """The conversation of one call by requests."""

    def join(self, call: Call, function: int, name: str, data: list[Any]) -> list[Step]:
        """Start a call; see `machine.Machine`."""
        del name
        self.begin(call, function, data)
        self._last: tuple[Any, ...] | None = None
        self._run = f"{self.session_hash}-{next(_numbers)}"
        return [self._post()]

    def _post(self) -> Post:
        body = {
            "data": self.data,
            "event_data": None,
            "fn_index": self.function,
            "session_hash": self.session_hash,
        }
        if self.release >= (4,):
            body["event_id"] = self._run
        return Post(self.call, f"{self.prefix}/run/predict", body)

    def receive_answer(self, call: Call, reply: Reply) -> list[Step]:
        """Take the answer to a request."""
        del call
        if not self.under_way or self.given_up:
            return []
        body = reply.body if isinstance(reply.body, dict) else {}
        if reply.status != _OK:
            return self.report(self._refusal(reply, body))
        data = body.get("data")
        if not isinstance(data, list):
            return self.report(Refused("fault", "an answer without data", reply.status))
        if body.get("is_generating") is True:
            self._last = tuple(data)
            return [*self.report(Yielded(self._last)), self._post()]
        return self.report(Completed(self._last if self._last is not None else tuple(data)))

    def _refusal(self, reply: Reply, body: dict[str, Any]) -> Failed | Refused:
        if reply.status == _FAULT and "error" in body:
            message, title = body["error"], body.get("title")
            if isinstance(message, str) and self.release < PLAIN_ERRORS:
                message = unquoted(message)
            return Failed(
                None if message is None else clean(message),
                clean(title) if isinstance(title, str) else None,
            )
        refusal = refused(reply)
        if reply.status in {_UNAUTHORIZED, _NOT_FOUND}:
            return Refused("fault", f"it takes no direct calls: {refusal.message}", reply.status)
        return refusal

    def cancel(self, call: Call) -> list[Step]:
        """Give the call up; what the server has begun it finishes."""
        if call == self.call:
            self.given_up, self.under_way = True, False
        return []
