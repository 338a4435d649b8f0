"""The app as a session has it now: what it says of itself, and who is told when that changes."""

from __future__ import annotations

import json
import logging
import weakref
from typing import TYPE_CHECKING, Any

from .. import forksafe
from ..errors import AppError
from ..text import render_count
from ..transport.http import Restarted
from .reader import load_protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..schema.endpoint import App
    from ..transport.http import Transport
    from .described import Described, Observer
    from .future import End
    from .request import CallRequest

log = logging.getLogger("gradioproxy")


class CurrentApp:
    """The app as it describes itself now.

    Args:
        description: What it says of itself.
        transport: The way to it.
        describe: Asks it for its description, again.
    """

    def __init__(
        self,
        description: Described,
        transport: Transport,
        describe: Callable[[Transport], Described],
    ) -> None:
        self.description = description
        self._transport, self._describe = transport, describe
        # Weakly, as they hold the session: with the last of them its connections go.
        self._observers: weakref.WeakSet[Observer] = weakref.WeakSet()
        self._make_locks()
        load_protocol(self.app, transport)

    def _make_locks(self) -> None:
        # Of who asks the app, which takes its time; and of who takes what it says.
        self._asking, self._taking = forksafe.RLock(), forksafe.RLock()

    @property
    def app(self) -> App:
        """The app."""
        return self.description.app

    def subscribe(self, observer: Observer) -> None:
        """Tell *observer* of each new description, for as long as somebody else holds it."""
        self._observers.add(observer)

    def refresh(self) -> None:
        """Ask the app for its description again, and tell whoever observes it.

        Raises:
            GradioProxyError: As `client.discovery.describe_app` does.
        """
        with self._asking:
            described = self._describe(self._transport)
            with self._taking:
                self._take(described.keep_renderings(self.description))
            load_protocol(self.app, self._transport)

    def refresh_if_restarted(self, forget: Callable[[], None]) -> None:
        """Ask for the description of the app that is there now, unless a thread just did.

        Args:
            forget: Forgets what the process had that was there before.
        """
        with self._asking:
            try:
                self._transport.confirm(self.app)
            except Restarted:
                forget()
                self.refresh()

    def add_rendering(self, raw: Any, is_wanted: Callable[[], bool] = lambda: True) -> None:
        """Take a part of the page that the app has made for the session, with functions in it.

        Args:
            raw: What it answered to the call that made it.
            is_wanted: Whether the session is still the one that it was made for.
        """
        try:
            clean = json.loads(self._transport.hide_certain(json.dumps(raw)))
        except (ValueError, RecursionError):
            return  # hiding what it echoes of ours may leave nothing that can be read
        made = clean.get("dependencies") if isinstance(clean, dict) else None
        count = len(made) if isinstance(made, list) else 0
        limits = self._transport.access.limits
        with self._taking:
            described = self.description.render(clean)
            if described is self.description or not is_wanted():
                return
            count += len(self.app.unnamed)
            size = described.rendered_size
            if count <= limits.endpoints and size <= limits.description:
                self._take(described)
                return
            # What the part was before, it is no more.
            left = self.description.drop_rendering(clean["layout"]["id"])
            if left is not self.description:
                self._take(left)
        what, most = f"parts of its page of {size:,} bytes", f"{limits.description:,} bytes"
        if count > limits.endpoints:
            what, most = render_count(count, "function"), f"{limits.endpoints:,}"
        log.warning("The app has made %s, more than %s: left out.", what, most)

    def note_end(self, request: CallRequest, end: End | None) -> None:
        """Leave the functions of a part of the page, if a call may have made others of it.

        Args:
            request: What was asked of the app.
            end: How the call ended that was to make it.
        """
        part, keeps = request.endpoint.part, request.app.release.keeps_parts_that_fail
        is_known = end is not None and (
            end.stage == "finished" or (keeps and isinstance(end.value, AppError))
        )
        if part is None or is_known:
            return
        with self._taking:
            described = self.description.drop_rendering(part)
            if described is not self.description:
                self._take(described)

    def forget_renderings(self) -> None:
        """Leave what the app made for the session: it is not there any more."""
        with self._taking:
            described = self.description.forget_renderings()
            if described is not self.description:
                self._take(described)

    def after_fork(self) -> None:
        """Begin anew in a forked child, whose session is another one to the app."""
        self._make_locks()
        self.forget_renderings()

    def _take(self, description: Described) -> None:
        self.description = description
        for observer in list(self._observers):
            observer.take_description(description)
