"""What calls have to know of an app's description, and who is told when there is another one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from typing_extensions import Self

    from ..schema.endpoint import App


class Described(Protocol):
    """What an app says of itself, as far as calls have to know."""

    @property
    def app(self) -> App:
        """The app, with what it made for the session while it ran."""
        ...

    @property
    def rendered_size(self) -> int:
        """About how many bytes are kept of what the app made for the session."""
        ...

    def render(self, raw: Any) -> Self:
        """Return the same with a part of the page that the app has made; raises nothing."""
        ...

    def drop_rendering(self, part: int) -> Self:
        """Return the same without such a part, by its number."""
        ...

    def keep_renderings(self, earlier: Self) -> Self:
        """Return the same with such parts that an earlier one has, if it is of one process."""
        ...

    def forget_renderings(self) -> Self:
        """Return the same without them."""
        ...


class Observer(Protocol):
    """Who is told when an app describes itself anew."""

    def take_description(self, description: Any) -> None:
        """Take a description as the present one."""
        ...
