"""A call that was checked and not sent: what it sends, and the files that go up before."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .filedata import Form

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..schema.endpoint import JSON
    from .source import Source


@dataclass(frozen=True)
class Pending:
    """The place of a file in JSON, until it has gone up.

    Attributes:
        source: The file.
        where: The place, for people.
        form: How it is written there.
    """

    source: Source
    where: str
    form: Form = Form.PATH


@dataclass(frozen=True)
class Plan:
    """A call that was checked and not sent: one value for each input, and the files to go up."""

    data: list[JSON]
    files: list[Pending] = field(default_factory=list)

    def filled(self, values: Sequence[JSON]) -> list[JSON]:
        """Return the data with the files' values in their places."""
        found = {id(place): value for place, value in zip(self.files, values, strict=True)}
        return [_replaced(value, found) for value in self.data]


def _replaced(value: JSON, found: Mapping[int, JSON]) -> JSON:
    if isinstance(value, Pending):
        return found[id(value)]
    if isinstance(value, list):
        return [_replaced(item, found) for item in value]
    if isinstance(value, dict):
        return {key: _replaced(item, found) for key, item in value.items()}
    return value
