"""What an app says of itself: to everybody, and to one session, for which it makes functions."""

from __future__ import annotations

import functools
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..frozen import frozen

if TYPE_CHECKING:
    from ..schema.endpoint import App
    from ..schema.rendering import Renderings


@frozen()
class Description:
    """What an app says of itself, raw and read.

    Attributes:
        config: What it answered to ``/config``, or what its page has of that.
        info: What it answered to ``/info``; ``None`` where it has none, or failed. The reason is
            ``app.second_hand``.
        lasting_app: Both, read: what every session is told.
        renderings: The parts of the page that the app made for the session while it ran, if any.
    """

    config: Any
    info: Any
    lasting_app: App
    renderings: Renderings | None = None

    @functools.cached_property
    def app(self) -> App:
        """The app, with what was rendered."""
        if self.renderings is None or not self.renderings.parts:
            return self.lasting_app
        from ..schema.rendering import add_renderings  # late: few apps make functions

        return add_renderings(self.lasting_app, self.config, self.renderings)

    @property
    def rendered_size(self) -> int:
        """About how many bytes are kept of what the app made for the session."""
        return 0 if self.renderings is None else self.renderings.size

    def render(self, raw: Any) -> Description:
        """Return the description with a part of the page that the app has made.

        Args:
            raw: What it answered to the call that made it.
        """
        from ..schema.rendering import Renderings  # late, as above

        known = self.renderings or Renderings({})
        made = known.add(raw, self.config)
        return self if made is known else replace(self, renderings=made)

    def drop_rendering(self, part: int) -> Description:
        """Return the description without a part that is another one now, by its number."""
        known = self.renderings
        if known is None or part not in known.parts:
            return self
        return replace(self, renderings=known.drop(part))

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
        return self if self.renderings is None else replace(self, renderings=None)
