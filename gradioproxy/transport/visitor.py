"""Whose time on ZeroGPU a call is for, where it is made in an event of a Gradio app.

The Hub puts a token of the visitor's into each request to a Space, and a Space that calls another
one passes it on: else that one counts the time for the first, which all of its visitors share, and
lets it wait behind everybody. The official client does so, too, from within the function of an
event: https://www.gradio.app/docs/python-client/using-zero-gpu-spaces

Rule: it goes to Spaces that the Hub named, and as a secret of theirs; Gradio is never imported, as
whoever runs in one of its events has it loaded.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .http import Transport

# What the proxy before Spaces adds; the official client passes no other one on.
_HEADER = "x-ip-token"


def act_for_visitor(transport: Transport, named: Iterable[str] = ()) -> Transport:
    """Return the way to an app in the name of the visitor whose event is handled here.

    Args:
        transport: The way to it. It stays the same where it leads to no Space, where no event of a
            Gradio app is handled, and where the caller gave such a header, or takes it away.
        named: The headers that the caller gave or takes away besides.
    """
    if not transport.address.space or "gradio.context" not in sys.modules:
        return transport
    given = transport.access.headers
    value = _read_header()
    if not value or any(name.lower() == _HEADER for name in (*given, *named)):
        return transport
    return transport.with_access(headers={**given, _HEADER: value})


def _read_header() -> str:
    """Return what the visitor's request says; nothing without one."""
    context: Any = getattr(sys.modules.get("gradio.context"), "LocalContext", None)
    try:
        # No mapping everywhere: behind the queue, some versions wrap what they had as one.
        value = context.request.get(None).headers[_HEADER]
    except Exception:  # noqa: BLE001 - another Gradio's context, or no request, or no such header
        return ""
    # It is the visitor's to choose where no proxy is before the app: what can't be sent is none.
    fits = isinstance(value, str) and value.isascii() and value.isprintable()
    return value.strip() if fits else ""
