"""A component of the app's page as ``/config`` has it, read in this package alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .endpoint import JSON


class Component(NamedTuple):
    """A component of the app's page.

    Attributes:
        id: Its number in the app.
        kind: Its type, lower case (``textbox``).
        properties: What its author set: ``label``, ``value``, ``choices``, ``minimum`` and so on.
        hidden: Whether the API leaves it out (states, and what holds no data).
        schema: Its JSON Schema as an input, where the app declares one.
        schema_out: The same as an output.
        serializer: How the client of its time writes its values, where the app says so (Gradio 3).
    """

    id: int
    kind: str
    properties: Mapping[str, JSON]
    hidden: bool
    schema: JSON = None
    schema_out: JSON = None
    serializer: str = ""

    @property
    def is_state(self) -> bool:
        """Whether it is a value that the server keeps for each session."""
        return self.kind == "state"
