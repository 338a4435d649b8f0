"""Files that would go up, read as a server reads them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..transport.request import FilesBody

_BLOCK = 1 << 18


@dataclass(frozen=True)
class ReceivedFile:
    """A file that came.

    Attributes:
        name: Its name.
        digest: The SHA-256 of its content.
        size: Its size in bytes.
    """

    name: str
    digest: str
    size: int


def receive_files(body: FilesBody) -> list[ReceivedFile]:
    """Read the files of a form to their ends.

    Args:
        body: The form.
    """
    received = []
    for name, part, _ in body.open_parts():
        found, size = hashlib.sha256(), 0
        while part.len and (block := part.read(_BLOCK)):
            found.update(block)
            size += len(block)
        received.append(ReceivedFile(name, found.hexdigest(), size))
    return received
