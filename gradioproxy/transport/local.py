"""Answers that are made in this process: whole ones, streams and websockets, as others read them.

They can be interrupted like those of a network, and nothing is waited for but what has a condition.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from requests.structures import CaseInsensitiveDict

from ..errors import ConnectionLost, TooLarge
from ..statuses import OK, SWITCHING_PROTOCOLS, UNAUTHORIZED
from ..uncopyable import Uncopyable
from .response import Answer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from .. import forksafe
    from ..errors import Limit
    from .in_flight import InFlight
    from .interception import Exchange

_BLOCK = 1 << 16


@dataclass(frozen=True)
class Content:
    """What an answer has.

    Attributes:
        chunks: Its content, in pieces.
        status: Its status.
        headers: Its headers.
    """

    chunks: Iterable[bytes]
    status: int = OK
    headers: Mapping[str, str] = field(default_factory=dict)

    def answer(self, exchange: Exchange) -> Answer:
        """Return it as a whole.

        Raises:
            TooLarge: It is larger than the caller takes.
        """
        limit = exchange.request.size_limit
        maximum = getattr(exchange.access.limits, limit)
        pieces, size = [], 0
        for chunk in self.chunks:
            size += len(chunk)
            if size > maximum:
                raise TooLarge.of_bytes(f"a {limit}", limit, maximum)
            pieces.append(chunk)
        headers = CaseInsensitiveDict(self.headers)
        url, hide = exchange.request.url, exchange.redactor.hide
        return Answer(self.status, b"".join(pieces), url, headers, hide=hide)


class Wait(Uncopyable):
    """The wait of one stream for its news, which ends when it is interrupted.

    Args:
        changed: Is notified of news.
        work: The work that the stream is a part of.
    """

    def __init__(self, changed: forksafe.Condition, work: InFlight) -> None:
        self._changed = changed
        self._work = work
        self.silence: float | None = None
        work.begin(self)

    def interrupt(self) -> None:
        """End the wait, in whichever thread it is."""
        with self._changed:
            self._changed.notify_all()

    def until(self, is_there: Callable[[], object], longest: float | None) -> bool:
        """Wait until something is there; tell whether it is, or the time is over.

        Args:
            is_there: Asked with the condition held.
            longest: Seconds to wait at most, ``None`` for any number.

        Raises:
            ConnectionLost: It was interrupted.
        """
        with self._changed:
            found = self._changed.wait_for(lambda: self._work.interrupted or is_there(), longest)
        self.ensure_wanted()
        return bool(found)

    def ensure_wanted(self) -> None:
        """Do nothing, unless it was interrupted.

        Raises:
            ConnectionLost: It was.
        """
        if self._work.interrupted:
            raise ConnectionLost("The answer was not waited for.")

    def end(self) -> None:
        """Wait no more."""
        self._work.end(self)


class LocalStream(Uncopyable):
    """What stands for a `ByteStream`.

    Args:
        exchange: The request that it answers.
        content: What it has.
        wait: How its pieces are waited for, if they are.
        work: What it is a part of.
        on_close: Is called once, when nobody reads it any more.
    """

    is_websocket: ClassVar[bool] = False
    lease: ClassVar[None] = None

    def __init__(
        self,
        exchange: Exchange,
        content: Content,
        work: InFlight,
        wait: Wait | None = None,
        on_close: Callable[[], object] = lambda: None,
    ) -> None:
        self.status = content.status
        self.headers: Mapping[str, str] = CaseInsensitiveDict(content.headers)
        self.url = exchange.request.url
        self.hide = exchange.redactor.hide
        self._chunks = content.chunks
        self._exchange, self._work, self._wait = exchange, work, wait
        self._on_close = on_close
        self._is_closed = False
        exchange.works.begin_work(work)

    @property
    def wants_login(self) -> bool:
        """Whether it asks for a login."""
        return self.status == UNAUTHORIZED

    def __iter__(self) -> Iterator[bytes]:
        """Yield the bytes as they come.

        Raises:
            ConnectionLost: `interrupt` was called.
        """
        for chunk in self._chunks:
            if self._wait is not None:
                self._wait.ensure_wanted()
            # As they come over a network: whoever reads them measures what is incomplete.
            for start in range(0, len(chunk), _BLOCK):
                yield chunk[start : start + _BLOCK]

    def read(self) -> bytes:
        """Return the rest of the answer."""
        return b"".join(self)

    def limit_silence(self, seconds: float | None, _limit: Limit) -> None:
        """Limit the time without a byte from now on."""
        if self._wait is not None:
            self._wait.silence = seconds

    def limit_rate(self, seconds: float) -> None:
        """Do nothing: what is there comes at once."""

    def interrupt(self) -> None:
        """End the iteration with an error, in whichever thread it waits."""
        self._work.interrupt()

    def close(self) -> None:
        """Let go of it; may be called again."""
        if self._is_closed:
            return
        self._is_closed = True
        if self._wait is not None:
            self._wait.end()
        self._exchange.works.end_work(self._work)
        if close := getattr(self._chunks, "close", None):
            close()
        self._on_close()


class LocalSocket(Uncopyable):
    """What stands for a `TextSocket`.

    Args:
        exchange: The request that it answers.
        texts: The messages of the server.
        take: Is given each message of the client.
        work: What it is a part of.
        wait: How messages are waited for.
        on_close: Is called when nobody reads it any more.
    """

    is_websocket: ClassVar[bool] = True
    refusal: ClassVar[None] = None
    status = SWITCHING_PROTOCOLS
    wants_login = False

    def __init__(
        self,
        exchange: Exchange,
        texts: Iterator[str],
        take: Callable[[str], None],
        *,
        work: InFlight,
        wait: Wait,
        on_close: Callable[[], object],
    ) -> None:
        self.headers: Mapping[str, str] = {}
        self.url = exchange.request.url
        self._texts, self._take = texts, take
        self._stream = LocalStream(exchange, Content((), SWITCHING_PROTOCOLS), work, wait, on_close)
        self._wait = wait
        self._maximum = exchange.access.limits.message

    def __iter__(self) -> Iterator[str]:
        """Yield the messages until the server closes.

        Raises:
            ConnectionLost: `interrupt` was called.
            TooLarge: A message is too large.
        """
        for text in self._texts:
            self._wait.ensure_wanted()
            if len(text) > self._maximum:
                raise TooLarge.of_bytes("a message", "message", self._maximum)
            yield text

    def send(self, text: str) -> None:
        """Send a message.

        Raises:
            ConnectionLost: It was interrupted.
            NotRecorded: Nobody knows what would be answered.
        """
        self._wait.ensure_wanted()
        self._take(text)

    def limit_silence(self, *_: object) -> None:
        """Do nothing: a websocket is closed from here at the last message."""

    def interrupt(self) -> None:
        """End the iteration with an error, in whichever thread it waits."""
        self._stream.interrupt()

    def close(self) -> None:
        """Close it."""
        self._stream.close()
