"""What the queue of Gradio 4.9 and later has said: of one call, and of the stream that is open.

Rule: these are records; `sse_v1` decides what follows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .event_stream import Decoder

if TYPE_CHECKING:
    from .messages import Reader


@dataclass(eq=False)
class CallState:
    """What is known of one call.

    Attributes:
        function: Its function.
        reader: Reads the messages about it.
        event_id: The server's name for it.
        heard: Whether there was a message about it.
        beats: How many heartbeats came before the first one.
        streams: How many streams ended before the first one.
        begun: Whether the app works on it.
        given_up: Whether nobody wants to hear of it any more.
        completion_reported: Whether its end was reported.
        cancel_sent: Whether the server was told to cancel it.
    """

    function: int
    reader: Reader
    event_id: str | None = None
    heard: bool = False
    beats: int = 0
    streams: int = 0
    begun: bool = False
    given_up: bool = False
    completion_reported: bool = False
    cancel_sent: bool = False


class StreamState:
    """The stream that is open.

    Attributes:
        decoder: Cuts it into frames.
        brought: Whether it has brought a message about a call.
        announced: Whether the last thing that it brought announces its end.
        failed: Whether the server failed over it: then it ends, and nothing is left of it.
    """

    def __init__(self) -> None:
        self.decoder = Decoder()
        self.brought = False
        self.announced = False
        self.failed = False
