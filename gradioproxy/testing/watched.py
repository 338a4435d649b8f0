"""Streams, websockets and files as they pass: whoever reads them gets what came; it is noted."""

from __future__ import annotations

import hashlib
import json
from typing import IO, TYPE_CHECKING, Any, ClassVar

from ..errors import GradioProxyError
from ..protocols.event_stream import Decoder
from ..protocols.single_call import parse_object
from ..transport.in_flight import current_work
from ..uncopyable import Uncopyable
from .cassette import GIVEN_UP, LOST, WHOLE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from ..errors import Limit
    from ..protocols.event_stream import Frame
    from ..transport.request import Part
    from ..transport.response import ByteStream
    from ..transport.text_socket import TextSocket


class WatchedStream(Uncopyable):
    """A stream that is read while somebody looks on.

    Args:
        stream: The stream.
        see: Is given each piece.
        end: Is told, once, how it ended: whole, given up or lost.
    """

    is_websocket: ClassVar[bool] = False

    def __init__(
        self, stream: ByteStream, see: Callable[[bytes], object], end: Callable[[str], object]
    ) -> None:
        self._stream, self._see, self._end = stream, see, end
        self._has_ended = False
        self.status, self.headers = stream.status, stream.headers
        self.url, self.hide, self.lease = stream.url, stream.hide, stream.lease

    @property
    def wants_login(self) -> bool:
        """Whether it asks for a login."""
        return self._stream.wants_login

    def __iter__(self) -> Iterator[bytes]:
        """Yield the bytes as they come; raises what the stream does."""
        try:
            for piece in self._stream:
                self._see(piece)
                yield piece
        except GradioProxyError:
            self._tell(describe_break())
            raise
        self._tell(WHOLE)

    def read(self) -> bytes:
        """Return the rest of the answer."""
        return b"".join(self)

    def limit_silence(self, seconds: float | None, limit: Limit) -> None:
        """Limit the time without a byte from now on."""
        self._stream.limit_silence(seconds, limit)

    def limit_rate(self, seconds: float) -> None:
        """Demand a least rate from now on."""
        self._stream.limit_rate(seconds)

    def interrupt(self) -> None:
        """End the iteration with an error, in whichever thread it waits."""
        self._stream.interrupt()

    def close(self) -> None:
        """Give the connection back."""
        self._stream.close()
        self._tell(GIVEN_UP)

    def _tell(self, how: str) -> None:
        if not self._has_ended:
            self._has_ended = True
            self._end(how)


class WatchedSocket(Uncopyable):
    """A websocket that is used while somebody looks on.

    Args:
        socket: The websocket, open or refused.
        see: Is given each message of the server.
        hear: Is given each message that is sent.
        end: Is told how it ended, perhaps more than once.
    """

    is_websocket: ClassVar[bool] = True

    def __init__(
        self,
        socket: TextSocket,
        see: Callable[[Any], object],
        hear: Callable[[Any], object],
        end: Callable[[str], object],
    ) -> None:
        self._socket, self._see, self._hear, self._end = socket, see, hear, end
        self.url, self.refusal, self.status = socket.url, socket.refusal, socket.status

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers of a refusal."""
        return self._socket.headers

    @property
    def wants_login(self) -> bool:
        """Whether it was refused for want of a login."""
        return self._socket.wants_login

    def __iter__(self) -> Iterator[str]:
        """Yield the messages until the server closes; raises what the websocket does."""
        try:
            for text in self._socket:
                self._see(parse_object(text))
                yield text
        except GradioProxyError:
            self._end(describe_break())
            raise
        self._end(LOST)

    def send(self, text: str) -> None:
        """Send a message; raises what the websocket does."""
        self._hear(json.loads(text))
        self._socket.send(text)

    def limit_silence(self, *_: object) -> None:
        """Do nothing, as the websocket does."""

    def interrupt(self) -> None:
        """End the iteration with an error, in whichever thread it waits."""
        self._socket.interrupt()

    def close(self) -> None:
        """Close it."""
        self._socket.close()
        self._end(GIVEN_UP)


class Frames:
    """Reads the events of a stream, as far as they can be read.

    Args:
        see: Is given each.
        max_size: The bytes of one at most.
    """

    def __init__(self, see: Callable[[Frame], object], max_size: int) -> None:
        self._see = see
        self._decoder: Decoder | None = Decoder(max_size)

    def receive(self, piece: bytes) -> None:
        """Take bytes of the stream."""
        if self._decoder is None:
            return
        try:
            frames = self._decoder.receive(piece)
        except GradioProxyError:  # whoever reads the stream says what is wrong
            self._decoder = None
            return
        for frame in frames:
            self._see(frame)


class Copy:
    """Keeps content in a file that is called like its SHA-256.

    Whoever reads the content gets it also where it can't be kept; ``failure`` is why, then.

    Args:
        folder: Where.
        name: What to call it until all is there.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self.size = 0
        self.failure: OSError | None = None
        self._path = folder / name
        self._hash = hashlib.sha256()
        self._file: IO[bytes] | None = None
        try:
            self._file = self._path.open("xb")
        except OSError as error:
            self.failure = error

    def receive(self, piece: bytes) -> None:
        """Take the next bytes."""
        self._hash.update(piece)
        self.size += len(piece)
        try:
            if self._file is not None and self.failure is None:
                self._file.write(piece)
        except OSError as error:
            self.failure = error

    def close(self) -> str:
        """Give the file its name, which is returned."""
        digest = self._hash.hexdigest()
        try:
            if self._file is not None:
                self._file.close()
                self._path.replace(self._path.with_name(digest))
        except OSError as error:
            self.failure = self.failure or error
        return digest


class HashedPart:
    """A file of a form that is hashed while it goes up.

    Args:
        part: The file.
    """

    def __init__(self, part: Part) -> None:
        self._part = part
        self._hash = hashlib.sha256()

    @property
    def len(self) -> int:
        """How many bytes are left."""
        return self._part.len

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes."""
        block = self._part.read(size)
        self._hash.update(block)
        return block

    @property
    def digest(self) -> str:
        """The SHA-256 of what was read."""
        return self._hash.hexdigest()


def describe_break() -> str:
    """Return how a stream ended whose iteration failed just now: given up from here, or lost."""
    work = current_work()
    return GIVEN_UP if work is not None and work.interrupted else LOST
