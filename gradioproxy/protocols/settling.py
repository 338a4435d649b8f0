"""Whether a server of Gradio 4.9 or later has let go of a stream that was lost or dropped.

It may notice late that a stream was closed, behind a proxy above all. Until then it would give the
old stream a part of the messages of the next call under the same hash; and when it does notice, it
cancels what is under way under the hash, the next call included.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import ProtocolError
from .event_stream import Decoder
from .single_call import parse_object

if TYPE_CHECKING:
    from .conversation import Conversation


# Ten seconds, and twenty times a second, and what a busy server takes longer.
RARE_LOOK, OFTEN_LOOK = 12.0, 0.5


class SettlingStream:
    """Finds out whether the server still holds a stream under a hash, by asking for one.

    It refuses one for a hash under which it knows of no call; and it forgets the calls of a hash
    when it notices that a stream of it was closed. So a stream that is refused means that it has
    let go. Any other may bring what is left of the calls that were lost, and stay open; when it is
    closed, the server forgets the calls because of that. Then another refusal says nothing of the
    stream before: that ends where it looks next (`look_seconds`), if no call is known by then.

    Args:
        conversation: With whom, and under which hash.
    """

    def __init__(self, conversation: Conversation) -> None:
        self._conversation = conversation
        self._decoder = Decoder(conversation.max_message)

    @property
    def look_seconds(self) -> float:
        """After so many seconds the server has looked whether there are calls for a stream."""
        return RARE_LOOK if self._conversation.release.sleeps_over_streams else OFTEN_LOOK

    def open_again(self) -> str:
        """Return the path of the stream to ask for, whose bytes `receive_data` takes."""
        self._decoder = Decoder(self._conversation.max_message)
        return stream_path(self._conversation)

    def receive_data(self, data: bytes) -> bool:
        """Take bytes of the stream; tell whether the server has let go."""
        try:
            frames = self._decoder.receive(data)
        except ProtocolError:
            return False
        return any(parse_object(frame.data).get("msg") == "unexpected_error" for frame in frames)


def stream_path(conversation: Conversation) -> str:
    """Return the path of the stream of a hash's events."""
    return conversation.path(f"queue/data?session_hash={conversation.session_hash}")
