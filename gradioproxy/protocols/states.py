"""What the queue of Gradio 4.9 and later has said: of one call, and of the stream that is open.

Rule: what was said is kept here, and what follows from it is decided in `sse_v1`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import TooLarge
from ..sizes import measure_value
from .event_stream import Decoder
from .events import Event, Oversized, Queued, Yielded

if TYPE_CHECKING:
    from ..schema.release import Release
    from .chunks import Chunks
    from .conversation import Invocation
    from .event_stream import Frame
    from .messages import Reader

# Heartbeats, 15 seconds apart, after which a call that the server has said nothing of is lost.
MAX_SILENT_BEATS = 2
# Streams that were ended properly, after which a call of which none has brought a word is lost.
MAX_SILENT_STREAMS = 3

# Messages that came before the answer to their join: a fast generator sends thousands a second.
MAX_EARLY = 100_000
# How many times the size of the largest message there may be of them, and of what is read at once.
MAX_AT_ONCE = 4


class EarlyMessages:
    """Messages that came before the answer which names their calls.

    Args:
        max_message: The bytes of one message at most.
    """

    def __init__(self, max_message: int) -> None:
        self._max_size = MAX_AT_ONCE * max_message
        self._messages: dict[str, list[dict[str, Any]]] = {}
        self._count = self._size = 0

    def __len__(self) -> int:
        return self._count

    def keep(self, event_id: str, message: dict[str, Any]) -> bool:
        """Keep a message for the call of a name; tell whether there was room."""
        size = self._size + measure_value(message)
        if self._count >= MAX_EARLY or size > self._max_size:
            return False
        self._size = size
        self._messages.setdefault(event_id, []).append(message)
        self._count += 1
        return True

    def take(self, event_id: str) -> list[dict[str, Any]]:
        """Return what was kept for a call, in order, and keep it no longer."""
        taken = self._messages.pop(event_id, [])
        self._count -= len(taken)
        self._size -= sum(map(measure_value, taken))
        return taken

    def forget(self) -> None:
        """Keep nothing any longer."""
        self._messages.clear()
        self._count = self._size = 0


class Burst:
    """How much the partial results take that are read at once, before any of them is handed on.

    What came in few bytes may be a lot: each of them can be an edit of a large value.

    Args:
        max_message: The bytes of one message at most.
    """

    def __init__(self, max_message: int) -> None:
        self._max_size = MAX_AT_ONCE * max_message
        self._size = 0

    def begin(self) -> None:
        """Take notice that what was read before was handed on."""
        self._size = 0

    def count(self, event: Event | None) -> Event | None:
        """Return an event, or what becomes of its call if it is too much."""
        if isinstance(event, Yielded):
            self._size += event.size
            if self._size > self._max_size:
                what = "partial results, all at once,"
                error = TooLarge.of_bytes(what, "message", self._max_size)
                return Oversized(str(error), error.maximum)
        return event


class CallState:
    """What is known of one call.

    Args:
        asked: What it asks for.
        reader: Reads the messages about it.

    Attributes:
        event_id: The server's name for it.
        heard: Whether there was a message about it.
        begun: Whether the app works on it.
        given_up: Whether nobody wants to hear of it any more.
        completion_reported: Whether its end was reported.
        cancel_sent: Whether the server was told to cancel it.
        chunks: Its chunks, if its inputs are streamed.
    """

    def __init__(self, asked: Invocation, reader: Reader) -> None:
        self.asked = asked
        self.reader = reader
        self.event_id: str | None = None
        self.heard = False
        self.begun = False
        self.given_up = False
        self.completion_reported = False
        self.cancel_sent = False
        self.chunks: Chunks | None = None
        self._silent_beats = 0
        self._silent_streams = 0

    def name(self, event_id: str) -> None:
        """Note the server's name for the call."""
        self.event_id = event_id

    def read(self, message: dict[str, Any]) -> Event | None:
        """Return what a message says of the call, if anything."""
        self.heard, self._silent_beats = True, 0
        event = self.reader.receive(message)
        self.begun = self.begun or not isinstance(event, Queued | None)
        return event

    def give_up(self, *, completion_reported: bool = False) -> None:
        """Note that nobody wants to hear of the call, or that all that is wanted was reported."""
        self.given_up = True
        self.completion_reported = self.completion_reported or completion_reported

    def note_cancel(self, *, sent: bool) -> None:
        """Note that the server is told to cancel the call, or that it has not heard of it."""
        self.cancel_sent = sent

    @property
    def is_missed(self) -> bool:
        """Whether the server may not know of the call: nothing proves it, or it said so."""
        return not self.heard or (self.chunks is not None and self.chunks.is_unknown)

    def miss_beat(self) -> bool:
        """Count a heartbeat while a word of the call is missed; tell whether it is lost."""
        self._silent_beats += 1
        return self._silent_beats >= MAX_SILENT_BEATS

    def miss_stream(self) -> bool:
        """Count a stream that ended without a word of the call; tell whether it is lost."""
        self._silent_streams += 1
        return self._silent_streams >= MAX_SILENT_STREAMS


class StreamState:
    """The stream that is open.

    Args:
        max_message: The bytes of one message at most.

    Attributes:
        brought: Whether it has brought a message about a call.
        announced: Whether the last thing that it brought announces its end.
        failed: Whether the server failed over it: then it ends, and nothing is left of it.
        ended: The server's names for the calls that ended while it was open.
    """

    def __init__(self, max_message: int) -> None:
        self._decoder = Decoder(max_message)
        self.brought = False
        self.announced = False
        self.failed = False
        self.ended: set[str] = set()

    def receive(self, data: bytes) -> list[Frame]:
        """Take bytes, and return the events that they complete; see `event_stream.Decoder`."""
        return self._decoder.receive(data)

    def note(self, message: dict[str, Any], release: Release) -> None:
        """Note what a message says of the stream."""
        kind = message.get("msg")
        implied = kind == "process_completed" and not release.announces_stream_end
        self.announced = kind == "close_stream" or implied
        if kind == "unexpected_error":
            self.failed = True
        elif not self.brought and kind != "heartbeat":
            self.brought = isinstance(message.get("event_id"), str)
