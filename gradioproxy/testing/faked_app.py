"""`fake`: an app in this process, with functions of the caller's in place of the app's own.

All above the network is what there is with a real app: the same functions, checks, jobs and errors.
"""

from __future__ import annotations

import functools
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..client.connect import connect
from ..client.discovery import unknown_endpoint
from ..errors import NotFaked
from ..functions.naming import field_names
from ..protocols.selection import MULTIPLEXED
from ..schema.endpoint import Parameter
from ..schema.parse import parse_app
from ..statuses import NOT_FOUND
from ..transport.credentials import Access
from ..transport.http import Transport
from ..transport.interception import install, uninstall
from ..transport.request import FilesBody
from ..transport.url import parse_address
from ..uncopyable import Uncopyable
from ..values.decode import decode_value
from ..values.encode import Encoder
from .described import read_description
from .faked_calls import FakedCall, Manner, spread
from .faked_files import FakedFiles
from .peer import Peer
from .performance import reply_json

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Mapping

    from ..client.session import Session
    from ..files.file import File
    from ..schema.endpoint import Endpoint
    from ..transport.interception import Exchange
    from ..transport.local import Content
    from .performance import AskedCall
    from .routes import Route


def fake(
    description: Session | Mapping[str, Any] | str | os.PathLike[str],
    functions: Mapping[str, Callable[..., Any]],
    *,
    url: str = "",
    **options: Any,
) -> Session:
    """Open a session with an app that is in this process: nothing is sent anywhere.

    Its functions are those that the real app has, with their signatures, checks, jobs and errors.
    What a call brings is what yours returns: it is called with the arguments by position, as the
    app would get them, with files as `gradioproxy.File`. It can yield partial results, and be
    asynchronous. A path, an image or a `gradioproxy.File` that it returns where the app gives a
    file becomes one. What it raises becomes a `gradioproxy.AppError`; a `gradioproxy.QueueFull`
    and a `gradioproxy.ConnectionLost` stay what they are.

    Args:
        description: What the app says of itself: an open session with it; a dict with ``config``
            and ``info``, as ``/config`` and ``/info`` answer; or the path of a file in JSON with
            these, of a cassette, or of a lock.
        functions: Functions by endpoint, with or without the slash. Those that are left out raise a
            `gradioproxy.NotFaked` when they are called.
        url: The address that the session says it has; by default the described one's.
        options: As for `gradioproxy.connect`.

    Returns:
        The session, to be closed as any other.

    Raises:
        UnknownEndpoint: The app has no such endpoint.
        MissingFile: There is no such file.
        SchemaError: It is no description of an app.
    """
    found = read_description(description)
    app = FakeApp(found.config, found.info, functions, url or found.url)
    try:
        install(app.peer, everywhere=False)
        return connect(app.url, **options)
    finally:
        uninstall(app.peer)


class FakeApp(Uncopyable):
    """An app that runs functions of this process; see `performance.Script`.

    Args:
        config: What it answers to ``/config``.
        info: What it answers to ``/info``; ``None`` if it has none.
        functions: Its functions by endpoint.
        url: Its address.

    Attributes:
        peer: Speaks for it.
        url: Its address, without secrets.
    """

    knows_ends = True

    def __init__(
        self, config: Any, info: Any, functions: Mapping[str, Callable[..., Any]], url: str
    ) -> None:
        self.peer = Peer(self)
        address = parse_address(url)
        self.url = address.url
        self._config, self._info = config, info
        self._app = app = parse_app(config, info)
        self._functions = {
            self._find(name).function: function for name, function in functions.items()
        }
        release = app.release
        self._transport = Transport(address, Access(), 1, interceptor=self.peer)
        self._encoder = Encoder(self._transport, release, validate=False)
        self._files = FakedFiles(self.url + app.prefix, release)
        self._manner = Manner(
            not release.has_plain_errors, app.protocol in MULTIPLEXED - {"sse_v1"}, True
        )

    def _find(self, name: str) -> Endpoint:
        endpoint = self._app.find(name)
        if endpoint is None:
            raise unknown_endpoint(self.url, name, [*self._app.endpoints])
        return endpoint

    def answer(self, exchange: Exchange, route: Route) -> Content:
        """Return what the app says of itself, and its files; see `performance.Script`."""
        del route
        path = exchange.request.url.removeprefix(self.url).partition("?")[0]
        prefix = self._app.prefix
        said = {
            "/config": self._config,
            f"{prefix}/info": self._info,
            f"{prefix}/app_id": {"app_id": self._app.app_id},
            "/login": {"success": True},
        }
        if said.get(path) is not None:
            return reply_json(said[path])
        if path == f"{prefix}/upload" and isinstance(exchange.request.body, FilesBody):
            return self._files.receive(exchange.request.body)
        head, found, target = path.partition("/file=")
        if found and head == prefix:
            return self._files.open(target)
        return reply_json({"detail": "Not Found"}, NOT_FOUND)

    def begin(self, exchange: Exchange, asked: AskedCall) -> FakedCall:
        """Begin a call; see `performance.Script`.

        Raises:
            NotFaked: There is no function for it.
        """
        del exchange
        endpoint = self._app.find(asked.function)
        function = None if endpoint is None else self._functions.get(endpoint.function)
        if endpoint is None or function is None:
            name = f"function {asked.function}" if endpoint is None else endpoint.name
            raise NotFaked(
                f"The fake has no function for {name}. Pass one: fake(..., {{{name!r}: function}})."
            )
        keeps_open = endpoint.keeps_open and asked.way == "queue"
        return FakedCall(
            replace(asked, data=[value[0] for value in asked.data]) if asked.batched else asked,
            function,
            functools.partial(self._decode, endpoint),
            functools.partial(self._encode, endpoint),
            self._manner._replace(yields_directly=endpoint.may_yield, takes_chunks=keeps_open),
        )

    def _decode(self, endpoint: Endpoint, data: list[Any]) -> list[Any]:
        """Return the arguments as a function gets them."""
        arguments = []
        for parameter in endpoint.parameters:
            value = data[parameter.index] if parameter.index < len(data) else None
            if parameter.index in endpoint.properties and isinstance(value, dict):
                value = value.get("value")
            arguments.append(decode_value(value, parameter.shape, self._make_file))
        return arguments

    def _make_file(self, raw: Mapping[str, Any]) -> File:
        from ..files.file import File

        return File(raw, self._transport, self._app.prefix)

    def _encode(self, endpoint: Endpoint, value: Any) -> list[Any]:
        """Return one JSON value for each output."""
        results = endpoint.results
        values = spread(value, len(results), endpoint.name)
        # What comes back is written as what goes in is, with the shapes of the results.
        taken = tuple(
            Parameter(None, each.label, each.component, each.kind, each.shape, each.index)
            for each in results
        )
        described = replace(
            endpoint, parameters=taken, inputs=endpoint.outputs, hidden_values={}, properties={}
        )
        names = field_names(endpoint)
        payload = self._encoder.encode(
            endpoint.name, described, names, dict(zip(names, values, strict=True))
        )
        return payload.fill([self._files.write(slot) for slot in payload.slots])
