"""What comes back from a server: as a whole, or while it comes.

Rule: the end of a connection is not the end of an answer. An answer is whole by its length, by its
last chunk, or, where it has neither, by the end of what it is packed in; one that is not known to
be whole is lost, and an error.
"""

from __future__ import annotations

import json
import math
import time
import zlib
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Protocol

from ..errors import ConnectionLost, GradioProxyError, RateLimited, ServerError
from ..statuses import BAD_REQUEST, LONGEST_WAIT, REDIRECTS, UNAUTHORIZED, reason_for
from ..text import one_line
from .exceptions import translate_error

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import requests

    from ..errors import Limit
    from .in_flight import InFlight
    from .pool import Lease

# What is asked for: every Python can unpack it, and tell whether it is whole.
ENCODINGS = "gzip"
_GZIP = frozenset({"gzip", "x-gzip"})
_PLAIN = frozenset({"", "identity"})
# The window of zlib, with the head and the checksum of gzip.
_GZIP_WINDOW = 16 + zlib.MAX_WBITS
_BLOCK = 1 << 16
# The least that a file has to grow by in ``timeout`` seconds: a link that brings less is broken.
LEAST_PROGRESS = 1024


@dataclass(frozen=True)
class Answer:
    """A complete answer to a request.

    Attributes:
        status: Its status.
        body: Its content, unpacked.
        url: What was asked for.
        headers: Its headers, whose names have no case.
        lease: What it came over, if that was a connection of a pool.
    """

    status: int
    body: bytes
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    lease: Lease | None = field(default=None, repr=False, compare=False)

    @property
    def ok(self) -> bool:
        """Whether the status is one of success."""
        return self.status < BAD_REQUEST and self.status not in REDIRECTS

    @property
    def wants_login(self) -> bool:
        """Whether it asks for a login; Gradio 3 answers 401 too where a call has to queue."""
        return self.status == UNAUTHORIZED and b"skip the queue" not in self.body

    def close(self) -> None:
        """Do nothing: it is there as a whole."""

    @property
    def location(self) -> str | None:
        """Where a redirection leads to."""
        return self.headers.get("Location")

    @property
    def text(self) -> str:
        """The first words, fit to show."""
        return one_line(self.body[:2000].decode("utf-8", "replace"))

    @property
    def retry_after(self) -> float | None:
        """The seconds of a ``Retry-After`` header."""
        return parse_retry_after(self.headers.get("Retry-After"))

    def json(self, kind: Callable[[dict[str, Any]], Any] | None = None) -> Any:
        """Return the body as JSON.

        Args:
            kind: What to make of each object in it.

        Raises:
            RateLimited, ServerError: It is none.
        """
        try:
            return json.loads(self.body, object_hook=kind)
        except (ValueError, RecursionError):
            raise self.error("which is no JSON") from None

    def error(self, what: str = "") -> GradioProxyError:
        """Return the error that says what came instead of the answer that was hoped for.

        Args:
            what: What is wrong with it, behind ``answered <status>``.
        """
        said = f": {self.text}" if self.text else ""
        message = f"{self.url} answered {self.status}{', ' + what if what else ''}{said}"
        if reason_for(self.status) == "limit":
            return RateLimited(message, retry_after=self.retry_after)
        return ServerError(
            message, status=self.status, body=self.text, retry_after=self.retry_after
        )


class Owner(Protocol):
    """Who has a connection, and wants to know what becomes of it."""

    def end_work(self, work: InFlight) -> None:
        """Take note that a work is over."""
        ...

    def count_failure(self) -> None:
        """Take note of a connection that broke."""
        ...


class ByteStream:
    """An answer that is read while it comes.

    One thread reads; `interrupt` may be called by any other.

    Args:
        response: The answer, of which nothing but the head was read.
        lease: The lease of its connection.
        owner: Whose connection it is.
        effect: Whether the request made something happen, so that its answer is the only one.
    """

    def __init__(
        self,
        response: requests.Response,
        lease: Lease,
        owner: Owner,
        *,
        effect: bool = False,
    ) -> None:
        self._response = response
        self._owner = owner
        self._limit: Limit = "timeout"
        self._work = lease.work
        self.lease = lease
        self._effect = effect
        self._window: float | None = None
        self._progress, self._since = 0, time.monotonic()
        self.status = response.status_code
        self.headers: Mapping[str, str] = response.headers
        self.url = response.url
        # Whether the answer says where it ends; else the end of the connection has to do.
        self._framed: bool = response.raw.chunked or response.raw.length_remaining is not None

    @property
    def wants_login(self) -> bool:
        """Whether it asks for a login."""
        return self.status == UNAUTHORIZED

    def __iter__(self) -> Iterator[bytes]:
        """Yield the bytes as they come, until the end of the answer.

        Raises:
            ConnectionLost: The connection broke before the end, or `interrupt` was called.
            Timeout: Nothing came for the seconds that were agreed on.
            ServerError: The answer is packed in a way that nobody asked for.
        """
        try:
            unpack = _make_unpacker(self.headers.get("Content-Encoding", ""), self.url)
            while piece := self._response.raw.read1(_BLOCK, decode_content=False):
                self._check_rate(len(piece))
                if unpack is None:
                    yield piece
                elif data := unpack.feed(piece):
                    yield data
            if unpack is not None:
                unpack.end(empty=self._framed)
        except Exception as error:
            self.close()
            raise self._build_error(error) from error

    def read(self) -> bytes:
        """Return all that is left; raises what iterating does."""
        return b"".join(self)

    def limit_silence(self, seconds: float | None, limit: Limit) -> None:
        """Let the whole take any time from now on, as long as something comes.

        Args:
            seconds: How many may pass without a byte; ``None`` for any number.
            limit: The option that they come from.
        """
        self._limit = limit
        # Of the kind in `whole_response`, which urllib3 keeps inside its own.
        answer: Any = self._response.raw._original_response  # noqa: SLF001
        answer.limit_silence(seconds)

    def limit_rate(self, seconds: float) -> None:
        """Let the whole take any time from now on, as long as it comes at a pace to speak of.

        Args:
            seconds: The time in which there must be `LEAST_PROGRESS` more bytes.
        """
        self._window = seconds
        self.limit_silence(seconds, self._limit)

    def interrupt(self) -> None:
        """End the iteration with an error, in whichever thread it waits."""
        self._work.interrupt()

    def close(self) -> None:
        """Give the connection back, or end it if the answer was not read to its end."""
        self._response.close()
        self._owner.end_work(self._work)

    def _check_rate(self, size: int) -> None:
        """Count what came.

        Raises:
            TimeoutError: That is too little for the time that it took.
        """
        if self._window is None:
            return
        now = time.monotonic()
        self._progress += size
        if self._progress >= LEAST_PROGRESS:
            self._progress, self._since = 0, now
        elif now - self._since > self._window:
            raise TimeoutError("the answer drips")

    def _build_error(self, error: Exception) -> GradioProxyError:
        if self._work.interrupted:
            own: GradioProxyError = ConnectionLost("The answer was not waited for.", url=self.url)
        else:
            self._owner.count_failure()
            own = translate_error(error, self.url, self._limit)
        return own.with_call(may_have_run=self._effect)


class _Gzip:
    """Unpacks what is packed with gzip: one member, or several behind each other (RFC 1952)."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._begun = False
        self._member = zlib.decompressobj(_GZIP_WINDOW)

    def feed(self, piece: bytes) -> bytes:
        """Return what comes out of the next bytes."""
        found = []
        while piece:
            if self._member.eof:
                self._member = zlib.decompressobj(_GZIP_WINDOW)
            self._begun = True
            try:
                found.append(self._member.decompress(piece))
            except zlib.error as error:
                raise ConnectionLost(
                    f"What {one_line(self._url)} sent is garbled ({error}).", url=self._url
                ) from None
            piece = self._member.unused_data
        return b"".join(found)

    def end(self, *, empty: bool) -> None:
        """Take note of the end.

        Args:
            empty: Whether nothing at all may be the whole of it.

        Raises:
            ConnectionLost: More was to come.
        """
        if not self._member.eof and (self._begun or not empty):
            raise ConnectionLost(
                f"The connection to {one_line(self._url)} broke in the middle of the answer.",
                url=self._url,
            )


def _make_unpacker(encoding: str, url: str) -> _Gzip | None:
    """Return what unpacks an answer, ``None`` for one that is not packed.

    Raises:
        ServerError: It is packed in another way than was asked for.
    """
    name = encoding.strip().lower()
    if name in _PLAIN:
        return None
    if name in _GZIP:
        return _Gzip(url)
    raise ServerError(
        f"{one_line(url)} answered in an encoding that nobody asked for, {one_line(name, 40)!r}."
    )


def parse_retry_after(text: str | None) -> float | None:
    """Return the seconds of a ``Retry-After`` header, which names them or a date (RFC 9110).

    Returns:
        Seconds from now, 0 for what is past, and no more than anybody can wait; ``None`` where
        there is no such header, or no sense in it.
    """
    text = (text or "").strip()
    if text.isascii() and text.isdecimal():
        seconds = float(text)
        return min(seconds, LONGEST_WAIT) if math.isfinite(seconds) else None
    try:
        seconds = parsedate_to_datetime(text).timestamp() - time.time()
        return min(max(0.0, seconds), LONGEST_WAIT)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
