"""Which machine a call needs, from the app's description alone.

Rule: nobody else chooses by the name of a protocol, besides `trial`. Machines are loaded late, as
an app speaks one protocol, and seldom two; but where a session begins, by `load_machines`, and
not on a thread beside one that may fork: in the child, what was being loaded would be waited for
without end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from ..errors import ProtocolError
from ..limits import DEFAULT_LIMITS
from .conversation import Conversation

if TYPE_CHECKING:
    from ..limits import Limits
    from ..schema.endpoint import App, Endpoint
    from .machine import Machine, Settling


MULTIPLEXED = frozenset({"sse_v1", "sse_v2", "sse_v2.1", "sse_v3"})
SINGLE = frozenset({"ws", "sse"})


def is_known(app: App) -> bool:
    """Tell whether an app speaks a protocol that this version knows."""
    return app.protocol in MULTIPLEXED | SINGLE


def load_machines(protocol: str) -> None:
    """Load what the calls of an app need that speaks a protocol."""
    if protocol in MULTIPLEXED:
        from . import direct, settling, sse_v1  # noqa: F401
    elif protocol == "ws":
        from . import direct, websocket  # noqa: F401
    elif protocol == "sse":
        from . import direct, sse  # noqa: F401
    else:
        from . import simple  # noqa: F401


Following = Literal["", "hash", "name"]
"""How a call can be followed by somebody who did not make it: by nothing but a machine of its own,
by the hash that it is under and its name, or by its name alone where it is a session of its own."""


def choose(
    app: App,
    endpoint: Endpoint,
    session_hash: str,
    *,
    following: Following = "",
    fresh: bool = True,
    limits: Limits = DEFAULT_LIMITS,
) -> Machine:
    """Return the machine for calls of an endpoint.

    Args:
        app: The app.
        endpoint: The endpoint.
        session_hash: The hash to call under.
        following: How calls are to be followed elsewhere; where that can't be, they are called as
            others are.
        fresh: Whether nothing of an earlier run may be left over under the hash; see
            `machine.Residue` and `machine.Machine.stale`.
        limits: How large messages may be.

    Returns:
        A new machine, which is an `machine.Attachable` where calls can be followed.

    Raises:
        ProtocolError: The app speaks a protocol that this version does not know.
    """
    conversation = build_conversation(app, session_hash, limits)
    if following and not _queue_fails(app, endpoint):
        # The simple API has no place for a hash: each of its calls is a session of its own.
        if following == "name" and _is_simple(app, endpoint):
            return _make_simple(conversation)
        if app.protocol in MULTIPLEXED:
            return _make_multiplexed(app, conversation, fresh=fresh)
    return _choose_own(app, endpoint, conversation, fresh=fresh)


def _choose_own(
    app: App, endpoint: Endpoint, conversation: Conversation, *, fresh: bool
) -> Machine:
    """Return the machine for calls that are followed by nobody else."""
    generator = endpoint.may_yield
    if goes_direct(app, endpoint):
        from .direct import Direct

        return Direct(
            conversation,
            sends_edits=_sends_edits(app),
            batch=endpoint.batch,
            generator=generator,
            fresh=fresh,
        )
    if app.protocol in MULTIPLEXED:
        return _make_multiplexed(app, conversation, fresh=fresh)
    if app.protocol == "ws":
        from .websocket import Websocket

        return Websocket(conversation, generator=generator, fresh=fresh)
    if app.protocol == "sse":
        from .sse import Sse

        return Sse(conversation, generator=generator)
    if _is_simple(app, endpoint) and not endpoint.stateful:
        return _make_simple(conversation)
    raise ProtocolError(
        f"The app speaks {app.protocol!r} (Gradio {app.version}), which this version does not know."
    )


def goes_direct(app: App, endpoint: Endpoint) -> bool:
    """Tell whether calls of an endpoint go past the queue.

    Where calls share a stream the queue takes those of functions that are not queued as well, and
    gives all that a generator yields over it. A single value takes one request past the queue
    instead of two.
    """
    if _queue_fails(app, endpoint):
        return True
    if endpoint.queued:
        return False
    return app.protocol in SINGLE or (app.protocol in MULTIPLEXED and not endpoint.may_yield)


def takes_page_events(app: App) -> bool:
    """Tell whether calls can say what happened on the page: by every way but the simple API."""
    return is_known(app) and app.release.takes_event_data


def shares_stream(app: App, endpoint: Endpoint) -> bool:
    """Tell whether calls of an endpoint can share a machine: that of `choose` is ``shared``."""
    return app.protocol in MULTIPLEXED and not goes_direct(app, endpoint)


def takes_feeds(app: App, endpoint: Endpoint) -> bool:
    """Tell whether one call of an endpoint takes a stream of inputs: its machine is `Feeding`."""
    return endpoint.keeps_open and shares_stream(app, endpoint)


def choose_settling(app: App, session_hash: str) -> Settling | None:
    """Return what finds out whether a stream under a hash is left over, if that can be.

    Args:
        app: The app.
        session_hash: The hash.
    """
    if app.protocol in MULTIPLEXED:
        from .settling import SettlingStream

        return SettlingStream(build_conversation(app, session_hash, DEFAULT_LIMITS))
    return None


def _make_multiplexed(app: App, conversation: Conversation, *, fresh: bool) -> Machine:
    from .sse_v1 import Multiplexed

    stale = not fresh and app.release.knows_runs_by_address
    return Multiplexed(conversation, sends_edits=_sends_edits(app), stale=stale)


def _make_simple(conversation: Conversation) -> Machine:
    from .simple import Simple

    return Simple(conversation)


def build_conversation(
    app: App, session_hash: str, limits: Limits = DEFAULT_LIMITS
) -> Conversation:
    """Return the conversation with an app under a session hash."""
    return Conversation(session_hash, app.prefix, app.release, limits.message)


def _is_simple(app: App, endpoint: Endpoint) -> bool:
    return endpoint.is_named and app.release.has_simple_api


def _sends_edits(app: App) -> bool:
    return app.protocol in MULTIPLEXED and app.protocol != "sse_v1"


def _queue_fails(app: App, endpoint: Endpoint) -> bool:
    """Tell whether the queue of this version can't be trusted with calls of an endpoint."""
    release = app.release
    return (endpoint.batch and release.mixes_up_batches) or (
        endpoint.endless_inputs and release.fails_over_endless_inputs
    )
