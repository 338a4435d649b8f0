"""How a call is cancelled from Gradio 4 on, and whom that harms, release by release."""

from __future__ import annotations

from typing import Any

# Since then ``cancel`` ends a call properly; before, ``reset`` stops it and nothing more is sent.
CANCEL = (4, 31)
# Since then it does no harm to calls of other functions under the same hash.
CANCEL_IN_COMPANY = (5, 46)
# Since then it also takes a call out of the queue.
CANCEL_QUEUED = (6, 14)


def cancel_request(
    release: tuple[int, ...], session_hash: str, function: int, event_id: str
) -> tuple[str, dict[str, Any]]:
    """Return where to post that a call is given up, and what.

    Args:
        release: The server's version.
        session_hash: The hash that the call went under.
        function: Its function.
        event_id: The server's name for it.
    """
    if release < CANCEL:
        return "reset", {"event_id": event_id}
    body = {"session_hash": session_hash, "fn_index": function, "event_id": event_id}
    return "cancel", body


def would_harm(release: tuple[int, ...], function: int, wanted: set[int]) -> bool:
    """Tell whether cancelling a call might end another one under the same hash that is wanted.

    Args:
        release: The server's version.
        function: The function of the call that is given up.
        wanted: The functions of those that are not.
    """
    if release < CANCEL:
        return False
    return bool(wanted) if release < CANCEL_IN_COMPANY else function in wanted
