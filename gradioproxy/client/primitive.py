"""The primitive level: a call as the server sees it, with nothing converted and nothing remembered.

Every version of Gradio gives the same updates, named as its simple API (4.20 and later) names
them. Where there is one, nothing is open between `send` and the first question for updates, so that
another process can ask instead; where a call lives in a connection of its own (before 4.9, and
outside the queue), it is followed from the start.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..calls.call import parse_begun
from ..calls.request import CallRequest
from ..calls.single_call import SingleCall
from ..closing import Closing
from ..errors import ArgumentError, GradioProxyError, Problem
from ..files.payload import Payload
from ..files.upload import NullObserver, Uploader, unreadable
from ..options import check_session_hash
from ..schema.endpoint import Endpoint, Parameter
from ..schema.shape import FILE, Array
from ..text import one_line, short_repr
from ..transport.credentials import Access
from ..transport.visitor import act_for_visitor
from ..uncopyable import Uncopyable
from ..values.encode import Encoder
from .discovery import unknown_endpoint
from .inbox import Inbox, Update
from .open import open_app
from .session import Session

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..calls.engine import Engine
    from ..calls.status import Status
    from ..functions.file_like import FileLike
    from ..hub.records import Space
    from ..schema.endpoint import App
    from ..transport.http import Transport

# How often servers say that they are there when there is nothing else to say.
HEARTBEAT_SECONDS = 15.0


class Event(Closing, Uncopyable):
    """A call at the primitive level: iterating it yields an `Update` for whatever happens to it.

    Made by `send` and `event`. A context manager, which cancels a call that is under way.

    Attributes:
        url: The app's address.
        api_name: The endpoint's name.
        history: Every update so far, if that was asked for.
        heartbeat: Seconds of silence after which there is a ``heartbeat``; 15, as servers have it.
    """

    _instead = "Pass its url, api_name and event_id to event()."

    __module__ = "gradioproxy"

    def __init__(self, inbox: Inbox, call: SingleCall, *, history: bool) -> None:
        self.url = inbox.request.transport.address.url
        self.api_name = inbox.request.endpoint.name
        self.history: list[Update] | None = [] if history else None
        self.heartbeat = HEARTBEAT_SECONDS
        self._inbox = inbox
        self._call = call
        self._count = 0
        self._over = False

    def __repr__(self) -> str:
        # Without the session's hash, with which anybody has its state.
        name = self._inbox.event_id if self.event_id else None
        return f"<Event {name or ''} of {self.api_name}, {self.status.stage}>"

    @property
    def event_id(self) -> str | None:
        """The name by which `event` finds the call again; ``None`` where that is not possible."""
        return self._call.address

    @property
    def status(self) -> Status:
        """Where the call is, as far as the server told."""
        return self._inbox.status

    @property
    def error(self) -> GradioProxyError | None:
        """What the call ended with, if it did not end well."""
        return self._inbox.error

    def update(self, max_heartbeats: int | None = None) -> Iterator[Update]:
        """Iterate over what happens to the call, from where the last iteration stopped.

        Args:
            max_heartbeats: After so many heartbeats in a row the iteration ends; it can be taken up
                again by another call.

        Yields:
            The updates. The last one is ``complete`` or ``error``; nothing is raised for the
            latter, which `error` then has.
        """
        beats = 0
        while not self._over and (max_heartbeats is None or beats < max_heartbeats):
            self._call.follow()
            name, data, when = self._inbox.next(self.heartbeat) or ("heartbeat", None, time.time())
            beats = beats + 1 if name == "heartbeat" else 0
            self._over = name in {"complete", "error"}
            self._count += 1
            update = Update(self._count, name, data, when)
            if self.history is not None:
                self.history.append(update)
            yield update

    def __iter__(self) -> Iterator[Update]:
        return self.update()

    def cancel(self) -> bool:
        """Give the call up, and tell the server; returns when it knows.

        Returns:
            Whether the call was not over before.
        """
        if not self._inbox.cancel():
            return False
        self._call.give_up()
        return True

    def close(self) -> None:
        """Cancel the call, unless it is over."""
        self.cancel()


def send(
    url: str | Space | Session,
    api_name: str | int,
    data: Sequence[Any],
    *,
    history: bool = False,
    session_hash: str | None = None,
    **access: Any,
) -> Event:
    """Make a call with JSON as the server takes it, and return as soon as the server has it.

    Files have to be there already (see `upload`), and the call is a session of its own, unless
    *session_hash* is given: it sees no state of others. A function that the app made for an open
    session (``gr.render``) is called under the session's own hash.

    Args:
        url: The app's address, a Space, or an open session; one of `Session.with_options` has
            other secrets and headers.
        api_name: The endpoint: its name, with or without the slash, or its number.
        data: One JSON value for each input; the hidden ones can be left out together.
        history: Whether the event keeps its updates.
        session_hash: The hash to call under, of a session that was begun elsewhere, while nothing
            else runs under it; see `connect`.
        **access: ``token``, ``auth``, ``headers``, ``verify``, ``proxies`` and ``timeout``, as for
            `connect`.

    Returns:
        The call, to be iterated.

    Raises:
        UnknownEndpoint: The app has no such endpoint.
        ArgumentError: *data* is no JSON, or has the wrong length; or the server refused it.
        QueueFull, RateLimited, ServerError: The server did not take the call.
        NotGradio, AuthenticationError, ConnectError, ConnectionLost, Timeout: As `connect` does.
    """
    if session_hash is not None:
        check_session_hash(session_hash)
    inbox, call = _send(_find_target(url, access), api_name, data, session_hash)
    if call.met_restart and call.is_attachable and isinstance(url, Session):
        inbox, call = _send(_find_target(url, access), api_name, data, session_hash)
    if inbox.error is not None and call.is_attachable and inbox.event_id is None:
        raise inbox.error
    return Event(inbox, call, history=history)


def _send(
    target: _Target, api_name: str | int, data: Sequence[Any], session_hash: str | None
) -> tuple[Inbox, SingleCall]:
    """Post a call; return where its updates come, and the call."""
    request = _build_request(target, api_name)
    inbox = Inbox(request)
    payload = Payload(_fill_data(request.endpoint, data))
    engine = target.engine
    if engine is not None and request.endpoint.is_rendered:
        session_hash = session_hash or engine.session_hash  # no other one has it
    call = SingleCall(inbox, payload, session_hash or "", owner=engine)
    call.send()
    return inbox, call


def event(
    url: str | Space | Session,
    api_name: str | int,
    event_id: str,
    *,
    history: bool = False,
    **access: Any,
) -> Event:
    """Follow a call that was sent before, by this process or by another.

    Servers give the updates of a call once: those that somebody has read do not come again, and
    when that reader went away, the call was cancelled.

    Args:
        url: The app's address, a Space, or an open session.
        api_name: The endpoint: its name, with or without the slash, or its number.
        event_id: The `Event.event_id` of the call.
        history: Whether the event keeps its updates.
        **access: As for `send`.

    Returns:
        The call, to be iterated.

    Raises:
        TypeError, ValueError: *event_id* is none.
        UnknownEndpoint: The app has no such endpoint.
        ProtocolError: Calls of this endpoint live in connections of their own, and end with them.
        NotGradio, AuthenticationError, ConnectError, ConnectionLost, Timeout: As `connect` does.
    """
    begun = parse_begun(event_id)
    target = _find_target(url, access)
    if target.engine is not None:  # the name is of the server that is there now
        target.engine.refresh_if_restarted()
        target = _find_target(url, access)
    inbox = Inbox(_build_request(target, api_name))
    call = SingleCall(inbox, Payload([]), begun=begun)
    call.attach()
    return Event(inbox, call, history=history)


def upload(
    url: str | Space | Session, paths: FileLike | Iterable[FileLike], **access: Any
) -> list[dict[str, Any]]:
    """Bring files to an app.

    Args:
        url: The app's address, a Space, or an open session.
        paths: The files: paths, URLs, bytes, open binary files; one or several.
        **access: As for `send`.

    Returns:
        For each file the JSON that stands for it in a call, with where the server put it, its name,
        size and media type. Before Gradio 3.19 there is nowhere to bring files to; the JSON has
        their content then.

    Raises:
        MissingFile, FileTooLarge, ArgumentError: A file can't be read, or is too large.
        FileNotSaved: One that has to be kept on this machine until it goes up can't be.
        ServerError: The server did not take the files.
        NotGradio, AuthenticationError, ConnectError, ConnectionLost, Timeout: As `connect` does.
    """
    target = _find_target(url, access)
    encoder = Encoder(target.transport, target.app.release, target.app.max_file_size)
    one = isinstance(paths, str | bytes | bytearray | Mapping) or hasattr(paths, "read")
    one = one or isinstance(paths, os.PathLike)  # a `File` can be iterated as well
    files = [paths] if one or not isinstance(paths, Iterable) else list(paths)
    payload = encoder.encode("upload", _UPLOAD, ["paths"], {"paths": files})
    engine = target.engine
    uploader = Uploader(target.transport, target.app.prefix) if engine is None else engine.uploader
    try:
        found: list[dict[str, Any]] = uploader.fill(
            payload, NullObserver(), target.transport, target.app
        )[0]
    except OSError as error:
        if isinstance(error, GradioProxyError):
            raise
        raise unreadable(error, "upload") from error
    return found


_UPLOAD = Endpoint(
    name="upload",
    function=-1,
    parameters=(Parameter("paths", "paths", "File", "file", Array(FILE), 0),),
    results=(),
    inputs=1,
    outputs=0,
)


@dataclass(frozen=True)
class _Target:
    """An app and the way to it; of a session also what runs its calls."""

    app: App
    transport: Transport
    engine: Engine | None = None


def _find_target(src: str | Space | Session, access: dict[str, Any]) -> _Target:
    if isinstance(src, Session):
        if access:
            raise TypeError(f"an open session has its own {', '.join(sorted(access))}")
        connection = src.__connection__
        engine = connection.engine
        engine.ensure_open()
        engine.arrive()
        way = src.functions.__maker__.settings.way
        app = connection.description.app
        return _Target(app, way, engine)

    token = access.pop("token", None)
    known = Access(**access)
    # Only the description of types says which functions ask for an OAuth token.
    transport, description = open_app(src, token, known, pool=2, types=bool(known.oauth_token))
    return _Target(description.app, act_for_visitor(transport))


def _build_request(target: _Target, api_name: str | int) -> CallRequest:
    endpoint = target.app.find(api_name)
    if endpoint is None:
        url, names = target.transport.address.url, list(target.app.endpoints)
        raise unknown_endpoint(url, str(api_name), names)
    return CallRequest(endpoint.name, target.app, endpoint, target.transport)


def _fill_data(endpoint: Endpoint, data: Sequence[Any]) -> list[Any]:
    """Return the values for all inputs, hidden ones included."""
    visible = [parameter.index for parameter in endpoint.parameters]
    problem = None
    if isinstance(data, str) or not isinstance(data, Sequence):
        problem = Problem("data", short_repr(data), "it takes a list with one value for each input")
    elif len(data) not in {endpoint.inputs, len(visible)}:
        counts = " or ".join(str(n) for n in sorted({len(visible), endpoint.inputs}))
        problem = Problem("data", f"{len(data)} values", f"it takes {counts}")
    else:
        try:
            json.dumps(data)
        except (TypeError, ValueError, RecursionError) as error:
            problem = Problem("data", one_line(error), "it takes what JSON can say")
    if problem is not None:
        raise ArgumentError(endpoint.name, [problem])
    values = list(data)
    if len(values) == endpoint.inputs:
        return values
    filled = dict(zip(visible, values, strict=True))
    return [filled.get(place) for place in range(endpoint.inputs)]
