"""Several clients, over streamable HTTP.

Rule: a page in a browser is no client. It is told apart by the names that requests have in ``Host``
and ``Origin``: those of this machine as they were allowed, also where a name that the page's author
owns leads here.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import logging
import re
import socket
from typing import TYPE_CHECKING, NamedTuple

import anyio
import uvicorn
from mcp.server.transport_security import TransportSecuritySettings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from .server import AppServer

PATH = "/mcp"
_LOOPBACK = "127.0.0.1"
_LOOPBACKS = (_LOOPBACK, "localhost", "[::1]")
# Streams of clients that do not go by themselves.
_GRACE_SECONDS = 1
_TELLING_OF_CLIENTS = ("mcp.server.streamable_http", "uvicorn.error")
_HIGHEST_PORT = 65535


class Place(NamedTuple):
    """Where a server is to be found."""

    host: str
    port: int

    @property
    def is_loopback(self) -> bool:
        """Whether nothing but this machine gets there."""
        if self.host == "localhost":
            return True
        with contextlib.suppress(ValueError):
            return ipaddress.ip_address(self.host).is_loopback
        return False

    @property
    def host_in_url(self) -> str:
        """The host as URLs have it."""
        return f"[{self.host}]" if ":" in self.host else self.host


def parse_place(text: str) -> Place:
    """Return where to serve, by ``HOST:PORT``, or ``PORT`` for this machine alone.

    Raises:
        ValueError: It is neither.
    """
    host, separator, port = text.rpartition(":")
    if separator and not host:
        raise ValueError(f"{text!r} names no host: 127.0.0.1{text} is for this machine alone")
    if not (re.fullmatch(r"\d{1,5}", port, re.ASCII) and int(port) <= _HIGHEST_PORT):
        raise ValueError(f"{text!r} is no HOST:PORT")
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    return Place(host or _LOOPBACK, int(port))


def open_socket(place: Place) -> socket.socket:
    """Return the socket of a place, which nobody else has.

    Raises:
        OSError: It can't be had.
    """
    kind = socket.AF_INET6 if ":" in place.host else socket.AF_INET
    return socket.create_server((place.host, place.port), family=kind)


def list_hosts(place: Place, more: Sequence[str] = ()) -> list[str]:
    """Return the names by which clients may call a server at a place.

    Args:
        place: The place.
        more: Further ones, such as that of a proxy before it.
    """
    names = [*_LOOPBACKS, place.host_in_url, *more]
    if not place.is_loopback:
        names.append(socket.gethostname())
    # As most clients write them.
    return [*dict.fromkeys(form for name in names for form in (name, name.lower()))]


async def serve_http(
    app_server: AppServer,
    listener: socket.socket,
    hosts: Sequence[str],
    *,
    on_ready: Callable[[], None] = lambda: None,
) -> None:
    """Serve clients until it is cancelled.

    Args:
        app_server: What answers them.
        listener: Where they come.
        hosts: The names by which they may call it.
        on_ready: Called when they can.
    """
    app = app_server.build().streamable_http_app(
        streamable_http_path=PATH,
        max_request_body_size=app_server.bounds.request,
        transport_security=_build_security(hosts),
    )
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
    server = _Server(config)
    for name in _TELLING_OF_CLIENTS:
        logging.getLogger(name).addFilter(server.is_to_be_told)
    serving = asyncio.ensure_future(server.serve(sockets=[listener]))
    on_ready()
    try:
        await asyncio.shield(serving)
    except asyncio.CancelledError:
        app_server.end()
        server.should_exit = True
        await serving
        raise


def _build_security(hosts: Sequence[str]) -> TransportSecuritySettings:
    with_ports = [form for host in hosts for form in (host, f"{host}:*")]
    origins = [f"{scheme}://{form}" for scheme in ("http", "https") for form in with_ports]
    return TransportSecuritySettings(allowed_hosts=with_ports, allowed_origins=origins)


class _Server(uvicorn.Server):
    """Leaves signals to `ending`, which ends all that is under way."""

    def is_to_be_told(self, record: logging.LogRecord) -> bool:
        """Tell whether something is wrong.

        It is not where a client has gone that had still said something, nor where streams of
        clients are cut off at the end.
        """
        error = record.exc_info[1] if record.exc_info else None
        if self.should_exit and (error is None or isinstance(error, asyncio.CancelledError)):
            return False
        while error is not None and not isinstance(error, anyio.ClosedResourceError):
            error = error.__context__
        return error is None

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield
