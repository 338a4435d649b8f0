"""Which protocol an app speaks, from its description alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import ProtocolError
from .direct import Direct
from .simple import Simple
from .sse import Sse
from .sse_v1 import Multiplexed
from .websocket import Websocket

if TYPE_CHECKING:
    from ..schema import App, Endpoint
    from .machine import Machine

# The first version that has the simple API.
SIMPLE_API = (4, 20)

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
    place = session_hash, app.prefix, app.release
    if app.protocol in _MULTIPLEXED:
        return Multiplexed(*place, edits=app.protocol != "sse_v1", lasting=app.stateful)
    if app.protocol == "ws":
        return Websocket(*place) if endpoint.queued else Direct(*place)
    if app.protocol == "sse":
        # A batch function in the queue of these versions stops the queue for everybody.
        return Sse(*place) if endpoint.queued and not endpoint.batch else Direct(*place)
    if endpoint.name.startswith("/") and app.release >= SIMPLE_API:
        return Simple(*place)  # the one that later versions are most likely to keep
    raise ProtocolError(
        f"The app speaks {app.protocol!r} (Gradio {app.version}), which this version does not know."
    )
