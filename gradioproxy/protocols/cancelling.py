"""How a call is cancelled from Gradio 4 on, and whom that harms, release by release."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..schema.release import Release


def cancel_request(
    release: Release, session_hash: str, function: int, event_id: str
) -> tuple[str, dict[str, Any]]:
    """Return where to post that a call is given up, and what.

    Args:
        release: The server's version.
        session_hash: The hash that the call went under.
        function: Its function.
        event_id: The server's name for it.
    """
    if not release.cancels_calls:
        return "reset", {"event_id": event_id}
    body = {"session_hash": session_hash, "fn_index": function, "event_id": event_id}
    return "cancel", body


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
