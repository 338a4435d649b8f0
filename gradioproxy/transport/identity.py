"""Whether the server at an address is still the one that described the app.

A restarted server has the old one's address, and other functions under the old one's numbers. So
what has an effect goes only to a server that was asked who it is since it was described: over a
connection that was verified by that, and after the last failure, behind which it may be another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import forksafe
from ..statuses import SERVER_FAULT

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

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
        self._failures = 0
        self._was_closed = False

    def count_failure(self) -> None:
        """Take note that a connection broke, or the server failed, as while it is restarted."""
        self._failures += 1

    def requirement(self, app: App) -> Hashable:
        """Return what a connection has to be verified for to carry what is meant for an app."""
        return app.identity, self._failures

    def confirm(self, app: App, get: Callable[[str], Answer]) -> Hashable:
        """Ask the server whether it is the one that described an app.

        Args:
            app: The app, as it was described.
            get: Fetches a path from the server.

        Returns:
            The requirement that a connection meets now; ``None`` where none outlives an answer, as
            behind some proxies: who was there just now has to do.

        Raises:
            Restarted: It is another one.
            ConnectError, ConnectionLost, Timeout: It was not reached.
            ServerError: It failed, twice.
        """
        requirement = self.requirement(app)  # from before: it may fail while it is asked
        lease = self._ask(app, get).lease
        closed = lease is None or not lease.verify(requirement)
        # One connection may end by chance.
        always, self._was_closed = closed and self._was_closed, closed
        return None if always else self.requirement(app)

    def _ask(self, app: App, get: Callable[[str], Answer]) -> Answer:
        """Return the last answer of the server that described an app; see `confirm`."""
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
            from ..schema.parse import compute_fingerprint  # late: few apps are so old

            answer = get("/config")
            fingerprint = compute_fingerprint(answer.json() if answer.ok else None)
            if fingerprint is not None and fingerprint != app.fingerprint:
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
