"""What the protocols have in common whose machines take one call and no second one.

When the call is over, whatever comes is ignored.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from .events import FINAL, Cancelled, Event, Lost
from .machine import Close, Report
from .messages import Reader

if TYPE_CHECKING:
    from .machine import Call, Reply, Step

OK = 200


class Single:
    """The conversation of one call.

    Args:
        session_hash: The hash that it goes under.
        prefix: The prefix of the API's paths.
        release: The server's version.
        edits: Whether partial results after the first come as edits.
    """

    shared = False
    closing: tuple[type[Event], ...] = (Lost,)
    """The events after which the server can't be relied on to end the conversation."""

    def __init__(
        self, session_hash: str, prefix: str, release: tuple[int, ...], *, edits: bool = False
    ) -> None:
        self.session_hash = session_hash
        self.prefix = prefix
        self.release = release
        self._reader = Reader(edits=edits, release=release)
        self._call: Call = None
        self._function = -1
        self._body: dict[str, Any] = {}
        self._live = False
        self._given_up = False
        self._event_id: str | None = None

    def receive_answer(self, call: Call, reply: Reply) -> list[Step]:
        """Take the answer to a post; see `machine.Machine`."""
        del call, reply
        return []

    def receive_data(self, data: bytes | str) -> list[Step]:
        """Take what came; see `machine.Machine`."""
        del data
        return []

    def receive_end(self) -> list[Step]:
        """Take notice of the end of the stream or socket."""
        if not self._live:
            return []
        if self._given_up:
            return self._report(Cancelled())
        return self._report(Lost("The server ended the conversation without a result."))

    def event_id(self, call: Call) -> str | None:
        """Return the server's name for the call."""
        return self._event_id if call == self._call else None

    @property
    def calls(self) -> int:
        """How many calls are under way: one or none."""
        return int(self._live)

    def _begin(self, call: Call, function: int, data: list[Any]) -> None:
        self._call, self._function, self._live = call, function, True
        self._body = {
            "data": data,
            "fn_index": function,
            "session_hash": self.session_hash,
            "event_data": None,
        }

    def _read(self, message: dict[str, Any]) -> list[Step]:
        """Return what follows from a message about the call."""
        event = self._reader.receive(message)
        if event is None:
            return []
        return self._break_off(event) if isinstance(event, self.closing) else self._report(event)

    def _report(self, event: Event) -> list[Step]:
        """Report an event, unless nobody wants to know of it; a final one always."""
        if not isinstance(event, FINAL):
            return [] if self._given_up else [Report(self._call, event)]
        self._live = False
        return [Report(self._call, event)]

    def _break_off(self, event: Event) -> list[Step]:
        """End the call with an event, and the conversation with it."""
        return [*self._report(event), Close()]


def parsed(text: bytes | str) -> dict[str, Any]:
    """Return the object that a text is in JSON, or an empty one: such a message says nothing."""
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return message if isinstance(message, dict) else {}
