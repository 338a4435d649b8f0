"""Whom a machine speaks with: what all requests of one conversation share.

Rule: it never changes. What has been said is kept by the machines.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from ..limits import DEFAULT_LIMITS

if TYPE_CHECKING:
    from ..schema.release import Release


class PageEvent(NamedTuple):
    """What would have happened on the page that a call is made for.

    Attributes:
        data: What the event brought, as JSON.
        trigger_id: The number of the component whose event it is.
    """

    data: Any = None
    trigger_id: int | None = None


NO_EVENT = PageEvent()


@dataclass(frozen=True)
class Conversation:
    """A conversation with a server.

    Attributes:
        session_hash: The hash that its calls go under.
        prefix: What goes before the paths of the API.
        release: The server's version.
        max_message: The bytes of one message of an event stream at most.
    """

    session_hash: str
    prefix: str
    release: Release
    max_message: int = DEFAULT_LIMITS.message

    def path(self, path: str) -> str:
        """Return a path of the API, as it is below the app's address."""
        return f"{self.prefix}/{path}"

    def call_body(
        self, function: int, data: list[Any], event: PageEvent = NO_EVENT
    ) -> dict[str, Any]:
        """Return what is posted for a call of a function."""
        body = {
            "data": data,
            "fn_index": function,
            "session_hash": self.session_hash,
            "event_data": event.data,
        }
        return body if event.trigger_id is None else {**body, "trigger_id": event.trigger_id}
