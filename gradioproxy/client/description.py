"""What an app says of itself: to everybody, and to one session, for which it makes functions."""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..schema.endpoint import App
    from ..schema.rendering import Rendering


@dataclass(frozen=True)
class Description:
    """What an app says of itself, raw and read.

    Attributes:
        config: What it answered to ``/config``, or what its page has of that.
        info: What it answered to ``/info``; ``None`` where it has none, or failed. The reason is
            ``app.second_hand``.
        lasting_app: Both, read: what every session is told.
        renderings: The parts of the page that the app made for the session while it ran.
    """

    config: Any
    info: Any
    lasting_app: App
    renderings: tuple[Rendering, ...] = ()

    @functools.cached_property
    def app(self) -> App:
        """The app, with what was rendered."""
        if not self.renderings:
            return self.lasting_app
        from ..schema.rendering import add_renderings  # late: few apps make functions

        return add_renderings(self.lasting_app, self.config, self.renderings)

    def render(self, raw: Any) -> Description:
        """Return the description with a part of the page that the app has made.

        Args:
            raw: What it answered to the call that made it.
        """
        from ..schema.rendering import parse_rendering  # late, as above

        made = parse_rendering(raw, self.config, self.renderings)
        if made is None:
            return self
        parts = {each.part: each for each in self.renderings} | {made.part: made}
        return replace(self, renderings=tuple(parts.values()))

    def keep_renderings(self, earlier: Description) -> Description:
        """Return the description with the parts that an earlier one has, if it is of one process.

        Args:
            earlier: The session's description before.
        """
        number = self.lasting_app.app_id
        is_same = number is not None and number == earlier.lasting_app.app_id
        return replace(self, renderings=earlier.renderings) if is_same else self

    def forget_renderings(self) -> Description:
        """Return what every session is told."""
        return replace(self, renderings=()) if self.renderings else self
