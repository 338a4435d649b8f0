"""What comes back from a server: as a whole, or while it comes."""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .errors import ServerError
from .text import one_line
from .translation import translated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import requests

    from .errors import Limit

BAD_REQUEST, UNAUTHORIZED = 400, 401
REDIRECTS = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True)
class Answer:
    """A complete answer to a request; the names of its headers have no case."""

    status: int
    body: bytes
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether the status is one of success."""
        return self.status < BAD_REQUEST and self.status not in REDIRECTS

    @property
    def wants_login(self) -> bool:
        """Whether it asks for a login; Gradio 3 answers 401 too where a call has to queue."""
        return self.status == UNAUTHORIZED and b"skip the queue" not in self.body

    @property
    def location(self) -> str | None:
        """Where a redirection leads to."""
        return self.headers.get("Location")

    @property
    def text(self) -> str:
        """The first words, fit to show."""
        return one_line(self.body[:2000].decode("utf-8", "replace"))

    @property
    def wait(self) -> float | None:
        """The seconds of a ``Retry-After`` header."""
        text = self.headers.get("Retry-After", "")
        return float(text) if text.isdecimal() else None

    def json(self, kind: Callable[[dict[str, Any]], Any] | None = None) -> Any:
        """Return the body as JSON.

        Args:
            kind: What to make of each object in it.

        Raises:
            ServerError: It is none.
        """
        try:
            return json.loads(self.body, object_hook=kind)
        except (ValueError, RecursionError):
            raise self.error("which is no JSON") from None

    def error(self, what: str = "") -> ServerError:
        """Return the error that says what came instead of an answer."""
        said = f": {self.text}" if self.text else ""
        return ServerError(
            f"{self.url} answered {self.status}{', ' + what if what else ''}{said}",
            status=self.status,
            body=self.text,
        )


class ByteStream:
    """An answer that is read while it comes.

    One thread reads; `interrupt` may be called by any other.

    Args:
        response: The answer, of which nothing but the head was read.
        limit: The option that says how long the server may be silent.
        broken: Called when the connection breaks.
    """

    def __init__(
        self, response: requests.Response, limit: Limit, broken: Callable[[], None]
    ) -> None:
        self._response = response
        self._broken = broken
        self._limit = limit
        self._interrupted = False
        self.status = response.status_code
        self.headers: Mapping[str, str] = response.headers
        self.url = response.url

    def __iter__(self) -> Iterator[bytes]:
        """Yield the bytes as they come, until the end.

        Raises:
            ConnectionLost: The connection broke before the end.
            Timeout: Nothing came for the seconds that were agreed on.
        """
        try:
            while chunk := self._response.raw.read1(1 << 16, decode_content=True):
                yield chunk
        except Exception as error:
            if self._interrupted:
                return
            self._broken()
            raise translated(error, self.url, self._limit) from error

    def read(self) -> bytes:
        """Return all that is left."""
        return b"".join(self)

    def interrupt(self) -> None:
        """End the iteration, in whichever thread it waits."""
        self._interrupted = True
        raw = self._response.raw
        # It may have ended by itself, and the connection be another request's by now.
        if raw.connection is not None:
            with contextlib.suppress(ValueError, RuntimeError, OSError):
                raw.shutdown()

    def close(self) -> None:
        """Give the connection back, or end it if the answer was not read to its end."""
        self._response.close()
