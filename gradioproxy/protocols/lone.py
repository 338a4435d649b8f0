"""What the machines of a single call have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .events import FINAL, Event
from .machine import Call, Report, Step

if TYPE_CHECKING:
    from .machine import Reply


class Lone:
    """A machine for one call: it is over after the call's final event.

    Args:
        session_hash: The hash that the call goes under.
        prefix: The prefix of the API's paths.
        release: The server's version.
    """

    shared = False

    def __init__(self, session_hash: str, prefix: str, release: tuple[int, ...]) -> None:
        self.session_hash = session_hash
        self.prefix = prefix
        self.release = release
        self.call: Call = None
        self.function = -1
        self.data: list[Any] = []
        self.name: str | None = None
        self.under_way = False
        self.given_up = False

    def begin(self, call: Call, function: int, data: list[Any]) -> None:
        """Take note of the call."""
        self.call, self.function, self.data = call, function, data
        self.under_way = True

    def report(self, event: Event | None) -> list[Step]:
        """Return the step for an event, if the call still waits for any."""
        if event is None or not self.under_way:
            return []
        if isinstance(event, FINAL):
            self.under_way = False
        return [] if self.given_up else [Report(self.call, event)]

    def receive_answer(self, call: Call, reply: Reply) -> list[Step]:
        """Take the answer to a post; most protocols post nothing whose answer matters."""
        del call, reply
        return []

    def receive_data(self, data: bytes | str) -> list[Step]:
        """Take what came; most protocols override this."""
        del data
        return []

    def receive_end(self) -> list[Step]:
        """Take notice of the end; most protocols override this."""
        return []

    def event_id(self, call: Call) -> str | None:
        """Return the server's name for the call."""
        return self.name if call == self.call else None

    @property
    def calls(self) -> int:
        """How many calls are under way: one or none."""
        return int(self.under_way)
