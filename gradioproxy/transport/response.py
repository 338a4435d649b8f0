"""Answers: complete ones, and those that are read while they come.

Rule: the end of a connection is not the end of an answer. An answer is complete by its length, by
its last chunk, or, without these, by the end of its compressed data; one that is not known to be
complete is an error.
"""

from __future__ import annotations

import contextlib
import json
import math
import time
import zlib
from dataclasses import field
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, cast

from ..errors import ConnectionLost, GradioProxyError, RateLimited, ServerError, TooLarge
from ..frozen import frozen
from ..statuses import BAD_REQUEST, REDIRECTS, UNAUTHORIZED, reason_for
from ..text import one_line
from ..uncopyable import Uncopyable
from .exceptions import forget_error, translate_error
from .retry_after import parse_retry_after
from .url import strip_query

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import requests

    from ..errors import Limit
    from .in_flight import InFlight
    from .pool import Lease
    from .whole_response import WholeResponse

# The encodings that are accepted: the standard library decodes gzip, and knows its end.
ENCODINGS = "gzip"
_GZIP = frozenset({"gzip", "x-gzip"})
_PLAIN = frozenset({"", "identity"})
# The size of zlib's window, plus 16 for the header and checksum of gzip (see `zlib`).
_GZIP_WINDOW = 16 + zlib.MAX_WBITS
_BLOCK = 1 << 16
# As much as is read of an answer to be quoted.
_QUOTED = 10_000
# The bytes that a file has to grow by in ``timeout`` seconds; a slower connection is broken.
LEAST_PROGRESS = 1024


@frozen()
class Answer:
    """A complete answer to a request.

    Attributes:
        status: Its status.
        body: Its content, unpacked.
        url: What was asked for.
        headers: Its headers, whose names have no case.
        lease: What it came over, if that was a connection of a pool.
        hide: Takes secrets out of what is quoted of it.
    """

    is_websocket: ClassVar[bool] = False

    status: int
    body: bytes = field(repr=False)
    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    lease: Lease | None = field(default=None, repr=False)
    hide: Callable[[str], str] = field(default=str, repr=False)

    @property
    def ok(self) -> bool:
        """Whether the status is one of success."""
        return self.status < BAD_REQUEST and self.status not in REDIRECTS

    @property
    def wants_login(self) -> bool:
        """Whether it asks for a login; Gradio 3 answers 401 also to calls that have to queue."""
        return self.status == UNAUTHORIZED and b"skip the queue" not in self.body

    def close(self) -> None:
        """Do nothing: it is there as a whole."""

    @property
    def location(self) -> str | None:
        """The target of a redirection."""
        return self.headers.get("Location")

    @property
    def text(self) -> str:
        """The first words of the body, to be shown, without secrets of ours."""
        return self.quote(self.body[:_QUOTED].decode("utf-8", "replace"))

    def quote(self, text: str) -> str:
        """Return a text of the answer, such as one of its headers, to be shown."""
        # Some secrets are longer than what is shown.
        return one_line(self.hide(one_line(text, _QUOTED)))

    @property
    def retry_after(self) -> float | None:
        """The seconds of a ``Retry-After`` header."""
        return parse_retry_after(self.headers.get("Retry-After"), self.headers.get("Date"))

    def json(self, kind: Callable[[dict[str, Any]], Any] | None = None) -> Any:
        """Return the body as JSON.

        Args:
            kind: Converts each object in it.

        Raises:
            RateLimited, ServerError: It is no JSON.
        """
        with contextlib.suppress(ValueError, RecursionError):
            return json.loads(self.body, object_hook=kind)
        raise self.error("which is no JSON")  # without the context of one that has the body

    def error(self, what: str = "") -> GradioProxyError:
        """Return the error for an answer that is not the expected one.

        Args:
            what: What is wrong with it, to stand behind ``answered <status>``.
        """
        said = f": {self.text}" if self.text else ""
        where = self.hide(strip_query(self.url))
        message = f"{where} answered {self.status}{', ' + what if what else ''}{said}"
        if reason_for(self.status) == "limit":
            return RateLimited(message, retry_after=self.retry_after)
        return ServerError(
            message, status=self.status, body=self.text, retry_after=self.retry_after
        )


class Owner(Protocol):
    """Is told what becomes of a connection."""

    def end_work(self, work: InFlight) -> None:
        """Take note that a work is over."""
        ...

    def count_failure(self) -> None:
        """Take note of a connection that broke."""
        ...


class ByteStream(Uncopyable):
    """An answer that is read while it comes.

    One thread reads; `interrupt` may be called by any other.

    Args:
        response: The answer, of which nothing but the head was read.
        lease: The lease of its connection.
        owner: Is told of failures, and of the end.
        effect: Whether the request has run something; errors say so then.
        hide: Takes secrets out of what is quoted of it.
    """

    is_websocket: ClassVar[bool] = False

    def __init__(
        self,
        response: requests.Response,
        lease: Lease,
        owner: Owner,
        *,
        effect: bool = False,
        hide: Callable[[str], str] = str,
    ) -> None:
        self._response = response
        self.hide = hide
        self._owner = owner
        self._limit: Limit = "timeout"
        self._work = lease.work
        self.lease = lease
        self._effect = effect
        self._window: float | None = None
        self._progress, self._since = 0, time.monotonic()
        self._size, self._max_size, self._size_limit = 0, math.inf, ""
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
            Timeout: Nothing came for too long.
            ServerError: The answer has an encoding that was not accepted.
            TooLarge: It is larger than `limit_size` said.
        """
        try:
            decoder = self._make_decoder()
            answer = self._answer
            while piece := self._response.raw.read1(_BLOCK, decode_content=False):
                piece += answer.read_ready()
                self._check_rate(len(piece))
                for data in [piece] if decoder is None else decoder.feed(piece):
                    self._check_size(len(data))
                    yield data
            if decoder is not None:
                decoder.end(empty=self._framed)
        except Exception as error:  # noqa: BLE001 - it raises what the libraries below raise
            self.close()
            failure = self._build_error(error)
        else:
            return
        try:
            raise failure  # without the context of the library's
        finally:
            del failure  # else it holds itself, by its traceback, and all that is known here

    def read(self) -> bytes:
        """Return the rest of the answer; raises what iterating does."""
        return b"".join(self)

    def limit_silence(self, seconds: float | None, limit: Limit) -> None:
        """Limit the time without a byte from now on, and no longer the time of the whole.

        Args:
            seconds: Seconds that may pass without a byte; ``None`` for any number.
            limit: The option that sets this limit.
        """
        self._limit, self._window = limit, None
        self._answer.limit_silence(seconds)

    def limit_size(self, maximum: int, limit: str) -> None:
        """Limit the size of the whole from now on, as it is when it is unpacked.

        Args:
            maximum: Its bytes at most.
            limit: The field of `Limits` that says so.
        """
        self._max_size, self._size_limit = maximum, limit

    def limit_rate(self, seconds: float) -> None:
        """Demand a least rate from now on, and no longer limit the time of the whole.

        Args:
            seconds: The time in which `LEAST_PROGRESS` more bytes have to come.
        """
        self.limit_silence(seconds, self._limit)
        self._window = seconds

    def interrupt(self) -> None:
        """End the iteration with an error, in whichever thread it waits."""
        self._work.interrupt()

    @property
    def interrupted(self) -> bool:
        """Whether it was interrupted, by itself or with what it is a part of."""
        return self._work.interrupted

    def close(self) -> None:
        """Give the connection back, or close it if the answer was not read to its end."""
        self._response.close()
        self._owner.end_work(self._work)

    @property
    def _answer(self) -> WholeResponse:
        """What urllib3 wraps."""
        return cast("WholeResponse", self._response.raw._original_response)  # noqa: SLF001

    def _check_size(self, size: int) -> None:
        """Check that the answer is not too large, so many bytes of which came now.

        Raises:
            TooLarge: It is.
        """
        self._size += size
        if self._size > self._max_size:
            what = "a description" if self._size_limit == "description" else "an answer"
            raise TooLarge.of_bytes(what, self._size_limit, int(self._max_size))

    def _make_decoder(self) -> _Gzip | None:
        """Return the decoder for the encoding, ``None`` for an answer without one.

        Raises:
            ServerError: The encoding was not accepted.
        """
        if self._encoding in _PLAIN:
            return None
        if self._encoding in _GZIP:
            return _Gzip(self._shown_url)
        raise ServerError(
            f"{self._shown_url} answered in an encoding that nobody asked for, "
            f"{self.hide(one_line(self._encoding, 40))!r}."
        )

    @property
    def _shown_url(self) -> str:
        return self.hide(one_line(strip_query(self.url)))

    @property
    def _encoding(self) -> str:
        return self.headers.get("Content-Encoding", "").strip().lower()

    def _check_rate(self, size: int) -> None:
        """Check that the answer comes fast enough.

        Args:
            size: The number of bytes that came now.

        Raises:
            TimeoutError: It does not.
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
            forget_error(error)
            own: GradioProxyError = ConnectionLost(
                "The answer was not waited for.", url=self._shown_url
            )
        else:
            self._owner.count_failure()
            own = translate_error(error, self.url, self._limit, self.hide)
        return own.with_call(may_have_run=self._effect)


class _Gzip:
    """Decodes gzip: one member, or several (RFC 1952)."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._begun = False
        self._member = zlib.decompressobj(_GZIP_WINDOW)

    def feed(self, piece: bytes) -> Iterator[bytes]:
        """Decode the next bytes; yield no more than a block at a time, whatever they unpack to."""
        while piece:
            if self._member.eof:
                self._member = zlib.decompressobj(_GZIP_WINDOW)
            self._begun = True
            try:
                data = self._member.decompress(piece, _BLOCK)
            except zlib.error as error:
                raise ConnectionLost(
                    f"What {self._url} sent is garbled ({error}).", url=self._url
                ) from None
            if data:
                yield data
            piece = self._member.unconsumed_tail or self._member.unused_data

    def end(self, *, empty: bool) -> None:
        """Check that nothing is missing at the end.

        Args:
            empty: Whether an answer without any byte is complete.

        Raises:
            ConnectionLost: Something is missing.
        """
        if not self._member.eof and (self._begun or not empty):
            raise ConnectionLost(
                f"The connection to {self._url} broke in the middle of the answer.",
                url=self._url,
            )
