"""What the machines of a single call have in common: when it is over, whatever comes is ignored."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ..schema.release import Release
from .events import FINAL, Cancelled, Completed, Event, Lost
from .machine import Close, Report, Residue
from .messages import Reader

if TYPE_CHECKING:
    from .machine import Call, Reply, Step


class SingleCallMachine:
    """A machine for one call: it is over after the call's final event.

    Args:
        session_hash: The hash that the call goes under.
        prefix: The prefix of the API's paths.
        release: The server's version.
        sends_edits: Whether partial results after the first come as edits.
    """

    shared = False
    cancels_alone = False
    closing: tuple[type[Event], ...] = (Lost,)
    """The events in a message after which the stream or socket is closed from here."""

    def __init__(
        self, session_hash: str, prefix: str, release: tuple[int, ...], *, sends_edits: bool = False
    ) -> None:
        self.session_hash = session_hash
        self.prefix = prefix
        self.release = Release(release)
        self.reader = Reader(sends_edits=sends_edits, release=self.release)
        self.call: Call = None
        self.function = -1
        self.body: dict[str, Any] = {}
        self.name: str | None = None
        self.under_way = False
        self.given_up = False
        self._ended_well = True
        self._completed = False

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
        if self.given_up:
            return self.report(Cancelled())
        return self.report(Lost("The server ended the conversation without a result."))

    def event_id(self, call: Call) -> str | None:
        """Return the server's name for the call."""
        return self.name if call == self.call else None

    @property
    def calls(self) -> int:
        """How many calls are under way: one or none."""
        return int(self.under_way)

    @property
    def accepts(self) -> bool:
        """Whether a call may join now: the only one, and it has not."""
        return self.function < 0

    @property
    def is_deaf(self) -> bool:
        """Whether a stream is open that others might wait for in vain: they have their own."""
        return False

    @property
    def stale(self) -> bool:
        """Whether a value is left of which the server would send edits; see `machine.Machine`."""
        left = not self._completed and self.reader.leaves_base
        return left and self.release.knows_runs_by_address

    @property
    def residue(self) -> Residue:
        """What would be left at the server if the conversation ended now."""
        left = self.under_way or not self._ended_well
        is_run = left and self.release.knows_runs_by_hash_alone
        return Residue.RUN if is_run else Residue.NOTHING

    def begin(self, call: Call, function: int, data: list[Any]) -> None:
        """Take note of the call."""
        self.call, self.function, self.under_way = call, function, True
        self.body = {
            "data": data,
            "fn_index": function,
            "session_hash": self.session_hash,
            "event_data": None,
        }

    def is_current(self, call: Call) -> bool:
        """Tell whether this is about the call, and the call is under way."""
        return self.under_way and call == self.call

    def read(self, message: dict[str, Any]) -> list[Step]:
        """Return what follows from a message about the call."""
        event = self.reader.receive(message)
        if event is None:
            return []
        return self.end_and_close(event) if isinstance(event, self.closing) else self.report(event)

    def report(self, event: Event) -> list[Step]:
        """Report an event; if the call was given up, only the final one."""
        if not self.under_way:
            return []
        final = isinstance(event, FINAL)
        self.under_way = not final
        self._completed = self._completed or isinstance(event, Completed)
        if isinstance(event, Cancelled | Lost):
            self._ended_well = False
        return [Report(self.call, event)] if final or not self.given_up else []

    def end_and_close(self, event: Event) -> list[Step]:
        """End the call with an event, and the conversation with it."""
        return [*self.report(event), Close()]


def parse_object(text: bytes | str) -> dict[str, Any]:
    """Return the object that a text is in JSON, or an empty one: such a message says nothing."""
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return message if isinstance(message, dict) else {}
