"""How a call is cancelled, and whom that harms, release by release."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .machine import Post

if TYPE_CHECKING:
    from ..schema.release import Release
    from .conversation import Conversation
    from .machine import Call


def cancel_post(
    conversation: Conversation,
    call: Call,
    function: int,
    event_id: str = "",
    *,
    alone: bool = False,
) -> Post:
    """Return the post that tells the server that a call is given up.

    Args:
        conversation: The conversation that it is part of.
        call: The driver's name for it.
        function: Its function.
        event_id: The server's name for it; Gradio 3 has none.
        alone: Whether the server knows it as the only call of a session, which is called like it.
    """
    session_hash = event_id if alone else conversation.session_hash
    path, body = "reset", dict[str, Any](event_id=event_id)
    if conversation.release.knows_runs_by_hash_alone:
        body = {"session_hash": conversation.session_hash, "fn_index": function}
    elif conversation.release.cancels_calls:
        path = "cancel"
        body = {"session_hash": session_hash, "fn_index": function, "event_id": event_id}
    return Post(call, conversation.path(path), body, "cancel")


def would_harm(release: Release, function: int, wanted: set[int]) -> bool:
    """Tell whether cancelling a call might end another one under the same hash that is wanted.

    Args:
        release: The server's version.
        function: The function of the call that is given up.
        wanted: The functions of those that are not.
    """
    if not release.cancels_calls:
        return False
    return function in wanted if release.cancels_in_company else bool(wanted)
