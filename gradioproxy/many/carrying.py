"""The files of a call, as they go to a worker that makes it.

=====================  ============================================================================
a file                 where the workers see this machine's files, and where they do not
=====================  ============================================================================
a path                 the path; the content
bytes, images, sounds  the content
an open file           the content of its rest
a URL                  the content, fetched here: it may need a secret, or be near to this machine;
                       and where an app's answer may lead is known of this session's app alone
a file of the app      is none here: it is named in the JSON
=====================  ============================================================================
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ..errors import FileTooLarge, Problem
from ..files.payload import Payload
from ..files.source import BytesSource, PathSource
from ..text import one_line

if TYPE_CHECKING:
    from ..files.payload import FileSlot
    from ..files.source import Source

MAX_CARRIED = 256 << 20
"""As much of one file goes along as content: it is in the memory of each process on the way."""


def carry(payload: Payload, function: str, *, shared: bool) -> Payload:
    """Return a payload as it goes to another process.

    Args:
        payload: The payload.
        function: The function's name, for errors.
        shared: Whether the worker sees the files of this machine.

    Raises:
        FileTooLarge: The content of a file is too much to go along.
        GradioProxyError, OSError: A file can't be read.
    """
    if not payload.slots:
        return payload
    # One source for all of its places, as one upload is.
    carried: dict[int, Source] = {}
    for slot in payload.slots:
        if id(slot.source) not in carried:
            carried[id(slot.source)] = _carry(slot, function, shared=shared)
    slots = {slot.index: replace(slot, source=carried[id(slot.source)]) for slot in payload.slots}
    return Payload(payload.fill(slots), tuple(slots.values()))


def count_content(payload: Payload) -> int:
    """Return how many bytes of files go along with a payload that `carry` returned."""
    sources = {id(slot.source): slot.source for slot in payload.slots}
    return sum(len(each.content) for each in sources.values() if isinstance(each, BytesSource))


def _carry(slot: FileSlot, function: str, *, shared: bool) -> Source:
    source = slot.source
    if isinstance(source, BytesSource) or (shared and isinstance(source, PathSource)):
        return source
    with source.open() as handle:
        content = handle.read(MAX_CARRIED + 1)
    if len(content) > MAX_CARRIED:
        takes = f"at most {MAX_CARRIED >> 20} MB of a file go along to the executor's workers"
        if isinstance(source, PathSource):
            takes += "; shared_files=True says that they see the files of this machine"
        got = f"the file {one_line(source.name)!r}"
        raise FileTooLarge(function, [Problem(slot.where, got, takes)])
    return BytesSource(content, source.name)
