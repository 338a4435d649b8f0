"""Whether the server at an address is still the one that described the app.

A restarted server has the old one's address, and other functions under the old one's numbers. So
what has an effect goes only to a server that was asked who it is since it was described.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import forksafe
from ..schema.parse import functions_of
from ..statuses import SERVER_FAULT

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..schema.endpoint import App
    from .response import Answer


class Restarted(Exception):
    """The server is not the one any more that described the app; nothing was sent to it."""


class ServerIdentity:
    """Tells the server that described an app from one that took its place."""

    def __init__(self) -> None:
        self._lock = forksafe.Lock()
        # For apps without a number: the app, and the number of the server that was first asked.
        self._seen: tuple[App | None, int | None] = (None, None)

    def confirm(self, app: App, get: Callable[[str], Answer]) -> Answer:
        """Ask the server whether it is the one that described an app.

        Args:
            app: The app, as it was described.
            get: Fetches a path from the server.

        Returns:
            The last of its answers, whose connection leads to that server.

        Raises:
            Restarted: It is another one.
            ConnectError, ConnectionLost, Timeout: It was not reached.
            ServerError: It failed, twice.
        """
        seen = self._seen
        expected = app.app_id if app.app_id is not None or seen[0] is not app else seen[1]
        answer = get(f"{app.prefix}/app_id")
        if answer.status >= SERVER_FAULT:  # it may be starting, and then is another one
            answer = get(f"{app.prefix}/app_id")
        if answer.status >= SERVER_FAULT:
            raise answer.error()
        said = answer.json() if answer.ok else None
        found = said.get("app_id") if isinstance(said, dict) else None
        if expected is None:
            # Before Gradio 3.42 the description has no number: who has the same functions will do,
            # and is told from others by its number from then on.
            answer = get("/config")
            functions = functions_of(answer.json() if answer.ok else None)
            if functions is not None and functions != app.functions:
                raise Restarted
            expected = self._first_seen(app, found)
        if found is not None and found != expected:
            raise Restarted
        return answer

    def _first_seen(self, app: App, number: int | None) -> int | None:
        """Return the number of the first server that was seen to have described an app."""
        with self._lock:
            if self._seen[0] is not app or self._seen[1] is None:
                self._seen = app, number
            return self._seen[1]
