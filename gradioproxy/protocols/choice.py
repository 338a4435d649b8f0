"""Which protocol an app speaks, from its description alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import ProtocolError
from .sse_v1 import Multiplexed

if TYPE_CHECKING:
    from ..schema import App, Endpoint
    from .machine import Machine

_MULTIPLEXED = frozenset({"sse_v1", "sse_v2", "sse_v2.1", "sse_v3"})


def choose(app: App, endpoint: Endpoint, session_hash: str) -> Machine:
    """Return the machine for calls of an endpoint.

    Args:
        app: The app.
        endpoint: The endpoint.
        session_hash: The hash to call under.

    Returns:
        A new machine.

    Raises:
        ProtocolError: The app speaks a protocol that this version does not know.
    """
    del endpoint
    if app.protocol in _MULTIPLEXED:
        return Multiplexed(
            session_hash,
            app.prefix,
            app.release,
            edits=app.protocol != "sse_v1",
            lasting=app.stateful,
        )
    raise ProtocolError(
        f"The app speaks {app.protocol!r} (Gradio {app.version}), which this version does not know."
    )
