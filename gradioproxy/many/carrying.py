"""The files of a call, as they go to a worker that makes it.

=====================  ============================================================================
a file                 where the workers see this machine's files, and where they do not
=====================  ============================================================================
a path                 the path; the content
bytes, images, sounds  the content
an open file           the content of its rest
a public URL           the URL, which is fetched where the call is made
any other URL          the content, fetched here: it may need a secret, or be near to this machine
a file of the app      is none here: it is named in the JSON
=====================  ============================================================================
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ..errors import FileTooLarge, Problem
from ..files.file import File
from ..files.payload import Payload
from ..files.source import BytesSource, PathSource, RemoteSource
from ..text import one_line
from ..transport.credentials import Access
from ..transport.http import Transport
from ..transport.url import Address

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..files.payload import FileSlot
    from ..files.source import Source

MAX_CARRIED = 256 << 20
"""As much of one file goes along as content: it is in the memory of each process on the way."""


class LinkedSource(RemoteSource):
    """Something that anybody can fetch, fetched where it is read.

    Args:
        url: Its address.
        name: What it is called.
    """

    def __init__(self, url: str, name: str) -> None:
        super().__init__(self._fetch_link, name, url, url)

    def _fetch_link(self) -> Iterator[bytes]:
        transport = Transport(Address(self.shown), Access(), pool=1)
        try:
            yield from File({"path": self.shown}, transport).chunks()
        finally:
            transport.close()

    def __reduce__(self) -> tuple[Callable[..., LinkedSource], tuple[str, str]]:
        return LinkedSource, (self.shown, self.name)


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
    if isinstance(source, RemoteSource) and source.public_url is not None:
        return LinkedSource(source.public_url, source.name)
    with source.open() as handle:
        content = handle.read(MAX_CARRIED + 1)
    if len(content) > MAX_CARRIED:
        takes = f"at most {MAX_CARRIED >> 20} MB of a file go along to the executor's workers"
        hint = "shared_files=True says that they see the files of this machine"
        raise FileTooLarge(
            function,
            [Problem(slot.where, f"the file {one_line(source.name)!r}", f"{takes}; {hint}")],
        )
    return BytesSource(content, source.name)
