"""Answers that refuse a call: what their status and body say.

Rule: which answers are refusals is the machines' business.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..statuses import UNAVAILABLE, reason_for
from ..text import one_line
from .events import Refused

if TYPE_CHECKING:
    from .machine import Reply

# A call that is too large is an invalid request, and an API that is not there a fault.
_OF_CALLS = {"large": "invalid", "gone": "fault"}


def read_refusal(reply: Reply) -> Refused:
    """Return the event for an answer that is not the one hoped for."""
    try:
        message = _detail(reply.body)
    except RecursionError:
        message = ""  # nested too deeply to be words
    found = reason_for(reply.status)
    reason = _OF_CALLS.get(found, found)
    if reply.status == UNAVAILABLE and "queue is full" in message.lower():
        reason = "full"
    problems = _problems(reply.body) if reason == "invalid" else ()
    return Refused(reason, message, reply.status, reply.retry_after, problems)


def _problems(body: Any) -> tuple[tuple[str, str], ...]:
    """Return what an app's own validators say of which parameter; the good ones are left out."""
    detail = body.get("detail") if isinstance(body, dict) else None
    return tuple(
        (one_line(entry["parameter_name"], 60), one_line(entry.get("message") or "", 500))
        for entry in (detail if isinstance(detail, list) else [])
        if isinstance(entry, dict)
        and isinstance(entry.get("parameter_name"), str)
        and entry.get("is_valid") is False
    )


def _detail(body: Any) -> str:
    """Return the words in an answer's body: FastAPI's ``detail``, a validator's messages."""
    detail = body.get("detail", body.get("error", "")) if isinstance(body, dict) else body
    if isinstance(detail, list):
        return "; ".join(_problem(entry) for entry in detail[:20])
    return one_line(detail if detail is not None else "", 500)


def _problem(entry: Any) -> str:
    if not isinstance(entry, dict):
        return one_line(entry)
    place = entry.get("loc")
    parts = [str(part) for part in place] if isinstance(place, list) else []
    name = entry.get("parameter_name") or ".".join(parts)
    message = one_line(entry.get("message") or entry.get("msg") or "")
    return f"{one_line(name, 60)}: {message}" if name else message
