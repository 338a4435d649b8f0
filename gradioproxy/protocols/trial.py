"""What can be opened of an app without a call, to see whether streams arrive.

Nobody needs it who makes calls.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .selection import MULTIPLEXED, build_conversation

if TYPE_CHECKING:
    from ..schema.endpoint import App


@dataclass(frozen=True)
class Trial:
    """A stream that is opened without a call.

    Attributes:
        path: Where.
        is_websocket: Whether it is a websocket.
        stays_open: Whether it goes on until it is closed from here, with a first word at once;
            else it is refused at once by an event.
    """

    path: str
    is_websocket: bool = False
    stays_open: bool = False


def choose_trial(app: App, session_hash: str, *, runs_at_end: bool) -> Trial | None:
    """Return what can be opened to see whether streams arrive, though no call is under way.

    It is without effect on the app: it begins no call, and its end makes none run.

    Args:
        app: The app.
        session_hash: A hash that nobody uses.
        runs_at_end: Whether the app runs a function when it is told that a session ends.

    Returns:
        What to open; ``None`` where there is nothing of the kind.
    """
    conversation = build_conversation(app, session_hash)
    if app.protocol == "ws":
        # The server asks at once what is to be called; that nobody says so is noted in its log.
        return Trial(conversation.path("queue/join"), is_websocket=True)
    if app.release.has_heartbeat_streams and not runs_at_end:
        return Trial(conversation.path(f"heartbeat/{session_hash}"), stays_open=True)
    # Before, servers write a refusal into their logs as a failure of their own.
    if app.protocol in MULTIPLEXED and app.release.refuses_streams_of_no_call:
        from .settling import stream_path  # late: heartbeats need none of it

        return Trial(stream_path(conversation))
    return None
