"""Whom a machine speaks with: what all requests of one conversation share.

Rule: it never changes. What has been said is kept by the machines.
"""

from __future__ import annotations

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


class Invocation(NamedTuple):
    """What one call asks for.

    Attributes:
        function: The function's number.
        name: The endpoint's name, for protocols that go by name.
        data: One JSON value for each input, hidden ones included.
        event: What happened on the page, as far as the call is to say so.
    """

    function: int
    name: str
    data: list[Any]
    event: PageEvent = NO_EVENT


class Conversation(NamedTuple):
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

    def call_body(self, asked: Invocation) -> dict[str, Any]:
        """Return what is posted for a call."""
        body = {
            "data": asked.data,
            "fn_index": asked.function,
            "session_hash": self.session_hash,
            "event_data": asked.event.data,
        }
        number = asked.event.trigger_id
        return body if number is None else {**body, "trigger_id": number}
