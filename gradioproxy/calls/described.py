"""What calls have to know of an app's description, and who is told when there is another one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from ..schema.endpoint import App


class Described(Protocol):
    """What an app says of itself, as far as calls have to know."""

    @property
    def app(self) -> App:
        """The app."""
        ...


class Observer(Protocol):
    """Who is told when an app describes itself anew."""

    def take_description(self, description: Any) -> None:
        """Take a description as the present one."""
        ...
