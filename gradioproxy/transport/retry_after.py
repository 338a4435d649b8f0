"""When a server that refuses is to be asked again, as the head of its answer says."""

from __future__ import annotations

import math
import time
from email.utils import parsedate_to_datetime

from ..statuses import LONGEST_WAIT


def parse_retry_after(text: str | None, sent: str | None = None) -> float | None:
    """Return the seconds of a ``Retry-After`` header, which names them or a date (RFC 9110).

    Args:
        text: The header.
        sent: The ``Date`` header of the same answer: a date of the server's is one by its clock,
            and that of this machine may be a year off.

    Returns:
        Seconds from now, 0 for a date that is past, at most `LONGEST_WAIT`; ``None`` without a
        valid header.
    """
    text = (text or "").strip()
    if text.isascii() and text.isdecimal():
        seconds = float(text)
        return min(seconds, LONGEST_WAIT) if math.isfinite(seconds) else None
    try:
        then = _parse_date(text)
    except _NO_DATE:
        return None
    try:
        now = _parse_date(sent or "")
    except _NO_DATE:
        now = time.time()
    return min(max(0.0, then - now), LONGEST_WAIT)


_NO_DATE = (ValueError, TypeError, OverflowError, IndexError)


def _parse_date(text: str) -> float:
    return parsedate_to_datetime(text).timestamp()
