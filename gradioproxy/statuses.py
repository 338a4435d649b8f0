"""What the status of an answer means: one table for every request, whoever makes it.

Sans-IO; the protocols, the transport and the Hub's client make their events and errors from it.
"""

from __future__ import annotations

from typing import Literal

Reason = Literal["login", "gone", "large", "invalid", "limit", "fault"]
"""``login`` (wanted, refused or forbidden), ``gone``, ``large`` (what was sent), ``invalid`` (the
request), ``limit`` (too many requests) or ``fault`` (anything else)."""

SWITCHING_PROTOCOLS = 101
OK = 200
BAD_REQUEST = 400
UNAUTHORIZED = 401
FORBIDDEN = 403
NOT_FOUND = 404
CONFLICT = 409
TOO_LARGE = 413
SERVER_FAULT = 500
UNAVAILABLE = 503
# A year in seconds: what is more than that, Python's own functions would not even wait.
LONGEST_WAIT = 365.0 * 86_400
REDIRECTS = frozenset({301, 302, 303, 307, 308})
# Those after which the same is asked for in the same way (RFC 9110).
SAME_METHOD_REDIRECTS = frozenset({307, 308})

_REASONS: dict[int, Reason] = {
    UNAUTHORIZED: "login",
    FORBIDDEN: "login",
    NOT_FOUND: "gone",
    410: "gone",
    TOO_LARGE: "large",
    422: "invalid",
    429: "limit",
}


def reason_for(status: int) -> Reason:
    """Return why a server does not do what it was asked for."""
    return _REASONS.get(status, "fault")
