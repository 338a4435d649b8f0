"""What a call sends: one value for each input, with slots where files go.

A slot stands in the JSON until its file has gone up, and is told from the others by its index. What
is written in its place is up to its writer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..schema.endpoint import JSON
    from .filedata import FileWriter
    from .source import Source


@dataclass(frozen=True)
class FileSlot:
    """The place of a file in JSON.

    Attributes:
        index: Its number among the slots of a payload.
        source: The file.
        writer: How it is written there.
        where: The place, for people.
    """

    index: int
    source: Source
    writer: FileWriter
    where: str


class Payload(NamedTuple):
    """One value for each input of a call, and the slots that are in them, by their indices."""

    data: list[JSON]
    slots: Sequence[FileSlot] = ()

    def fill(self, values: Sequence[JSON] | Mapping[int, JSON]) -> list[JSON]:
        """Return the data with a value in the place of each slot, found by the slot's index."""
        return [_fill(value, values) for value in self.data] if self.slots else self.data


def _fill(value: JSON, values: Sequence[JSON] | Mapping[int, JSON]) -> JSON:
    if isinstance(value, FileSlot):
        return values[value.index]
    if isinstance(value, list):
        return [_fill(item, values) for item in value]
    if isinstance(value, dict):
        return {key: _fill(item, values) for key, item in value.items()}
    return value
