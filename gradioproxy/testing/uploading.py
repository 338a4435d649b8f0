"""Files that would go up, read as a server reads them."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from ..files.source import BLOCK

if TYPE_CHECKING:
    from collections.abc import Generator

    from ..transport.request import FilesBody, Part


def read_part(part: Part) -> Generator[bytes]:
    """Yield the content of a file of a form, to its end."""
    while part.len and (block := part.read(BLOCK)):
        yield block


def hash_files(body: FilesBody) -> list[list[str]]:
    """Read the files of a form to their ends; return SHA-256 and name of each."""
    hashed = []
    for name, part, _ in body.open_parts():
        found = hashlib.sha256()
        for block in read_part(part):
            found.update(block)
        hashed.append([found.hexdigest(), name])
    return hashed
