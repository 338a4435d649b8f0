"""The queue of Gradio 3: a websocket for each call.

The server asks for what it wants to know: first for the session hash and the function, then, when
it is the call's turn, for the data. All partial results are whole.

Rule 1: each question is answered once. Rule 2: ``is_generating`` in ``process_completed`` does not
mean that more is to come. Rule 3: closing the socket is the only way to cancel. The server takes
notice at the next value, or when the call's turn comes; until then it runs on. ``reset`` would come
too early and make the generator start again. Rule 4: before Gradio 3.25 a generator that was given
up stays where it stopped, under session hash and function, and the next call of these would get the
rest of its values; so where the hash has been used before, ``reset`` comes first. Rule 5: after a
run the server resets the function by itself, when its end has long been told: that is a residue.

==================  =======================  ====================================================
state of the call   what comes               what follows
==================  =======================  ====================================================
new                 `join`                   waiting, or clearing: ``reset`` is posted, by rule 4
clearing            200                      waiting
clearing            any other answer         clearing once more, then over: `Lost`
waiting             ``send_hash``            session hash and function are sent
any                 ``send_data``            the data are sent, once
any                 ``queue_full``           over: `Refused`, and the socket is closed
any                 ``process_completed``    over: `Completed` or `Failed`, and it is closed
any                 another message          its event, or nothing if it is of an unknown kind
any                 what can't be read, or   over: `Lost`, and the socket is closed
                    a result without data
any                 end of the socket        over: `Lost`
any                 `cancel`                 over: `Cancelled`, and the socket is closed
==================  =======================  ====================================================
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from .events import FINAL
from .machine import OpenSocket, Residue, Send
from .single_call import SingleCallMachine, State, parse_object

if TYPE_CHECKING:
    from .conversation import Conversation, Invocation
    from .machine import Call, Step


class Websocket(SingleCallMachine):
    """The conversation of one call.

    Args:
        conversation: With whom.
        generator: Whether the function may be a generator.
        fresh: Whether no generator can be left over from an earlier call.
    """

    closing = FINAL

    def __init__(
        self, conversation: Conversation, *, generator: bool = True, fresh: bool = True
    ) -> None:
        super().__init__(conversation)
        self._generator = generator
        self._fresh = fresh or not generator or self._release.forgets_closed_websockets
        self._answers: dict[str, dict[str, Any]] = {}

    def join(self, call: Call, asked: Invocation) -> list[Step]:
        """Start the call; see `machine.Machine`."""
        self._begin(call, asked.function, State.WAITING)
        who = {"session_hash": self._conversation.session_hash, "fn_index": asked.function}
        self._answers = {
            "send_hash": who,
            "send_data": self._conversation.call_body(asked),
        }
        return self._start() if self._fresh else self._clear()

    def _start(self) -> list[Step]:
        self._state = State.WAITING
        return [OpenSocket(self._conversation.path("queue/join"))]

    def receive_data(self, data: bytes | str) -> list[Step]:
        """Take a message of the socket."""
        if not self._is_under_way or isinstance(data, bytes):
            return []
        return self._take_message(parse_object(data))

    @property
    def residue(self) -> Residue:
        """What would be left at the server if the conversation ended now."""
        left = super().residue
        return Residue.RESET if self._generator and left is Residue.NOTHING else left

    def _take_message(self, message: dict[str, Any]) -> list[Step]:
        question = message.get("msg")
        answer = self._answers.pop(question, None) if isinstance(question, str) else None
        if answer is not None:
            return [Send(json.dumps(answer), runs=question == "send_data")]
        return self._read(message)
