"""Files that a stranger names, such as a language model or another server.

They name no local path. A URL of one of the app's own files stands for that file; what other URLs
lead to is fetched without any secret, and only from the world: a stranger shall not read through us
what this machine alone can reach.
"""

from __future__ import annotations

import contextlib
import re
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from ..errors import ArgumentError, FileGone, FileTooLarge, MissingFile, Problem
from ..text import one_line
from ..transport.credentials import Access
from ..transport.http import Transport
from ..transport.reach import NotPublic, PublicReach
from ..transport.url import Address
from .file import File
from .source import RemoteSource, from_data_url, url_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .source import Source

    Chunks = Callable[[], Iterator[bytes]]
    Count = Callable[[int], None]

UNTRUSTED_FILE_HINT = (
    "a file is named by an http, https or data: URL; only the caller can name a local path"
)
INSIDE = "what others name is fetched only where the whole world can; pass such a file yourself"
GONE = "there is nothing at this URL"

_WEB = re.compile(r"https?://", re.IGNORECASE)
_URL = re.compile(r"\s*(https?:|data:|ftp:|file:|//)", re.IGNORECASE)
_FILE = re.compile(r"(?:/gradio_api)?/file=")


def plain_path(path: str) -> str:
    """Return the path of a file on the server; some versions write the address's end for it."""
    begin = _FILE.match(path)
    return path[begin.end() :] if begin else path


def find_app_path(url: str, transport: Transport) -> str | None:
    """Return the path on the server of the app's file that a URL leads to, if it is one."""
    address = transport.address.url
    begin = _FILE.match(url.removeprefix(address)) if url.startswith(address) else None
    path = unquote(url[len(address) + begin.end() :]) if begin else ""
    # Steps upwards would lead out of the app's files, to another page of its host; and some
    # versions have their servers fetch what is a URL again.
    leads_on = ".." in re.split(r"[/\\]", path) or _URL.match(path)
    return path if path and not leads_on else None


def untrusted_source(
    text: str, where: str, function: str, transport: Transport, count: Count | None = None
) -> Source | None:
    """Return the file that a stranger named.

    Args:
        text: How it was named.
        where: The parameter, for messages.
        function: The function that is called, for messages.
        transport: The way to the app, whose limits of time hold here too.
        count: Is told of so many bytes more that were fetched; raises `ValueError` where they are
            too many.

    Returns:
        The file, which is fetched when it is read, one of the app's own from the app; ``None`` if
        *text* is no URL. Reading it raises `ArgumentError` where it leads to no public address,
        `MissingFile` where there is nothing.
    """
    inline = from_data_url(text)
    if inline is not None or not _WEB.match(text):
        return inline
    path = find_app_path(text, transport)
    if path is not None:
        file = File({"path": path}, transport)
        return RemoteSource(
            count_chunks(file.chunks, count, text, where, function), file.name, text
        )
    with contextlib.suppress(ValueError):
        if urlsplit(text).hostname:
            fetch = _fetch(text, where, function, transport)
            counted = count_chunks(fetch, count, text, where, function)
            return RemoteSource(counted, url_name(text), text)
    return None


def count_chunks(
    fetch: Chunks, count: Count | None, name: str, where: str, function: str
) -> Chunks:
    """Return what fetches the same, as long as it is not too much.

    Args:
        fetch: Gives the content.
        count: As `untrusted_source` has it; ``None`` where nobody counts.
        name: How the file was named.
        where: The parameter, for messages.
        function: The function that is called, for messages.
    """
    if count is None:
        return fetch

    def chunks() -> Iterator[bytes]:
        for chunk in fetch():
            try:
                count(len(chunk))
            except ValueError as error:
                problem = Problem(where, repr(one_line(name, 80)), str(error))
                raise FileTooLarge(function, [problem]) from None
            yield chunk

    return chunks


def _fetch(url: str, where: str, function: str, transport: Transport) -> Chunks:
    access = Access(verify=transport.access.verify, timeout=transport.access.timeout, proxies={})
    interceptor = transport.requester.connections.interceptor

    def chunks() -> Iterator[bytes]:
        public = Transport(Address(url), access, 1, PublicReach(), interceptor)
        shown = repr(one_line(url, 80))
        try:
            yield from File({"path": url}, public).chunks()
        except NotPublic as error:
            problem = Problem(where, f"{shown} ({error})", INSIDE)
            raise ArgumentError(function, [problem]) from None
        except FileGone:
            raise MissingFile(function, [Problem(where, shown, GONE)]) from None
        finally:
            public.close()

    return chunks
