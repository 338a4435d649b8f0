"""Websockets, for the queue of Gradio 3; the only module that knows websocket-client."""

from __future__ import annotations

import contextlib
import socket
import ssl
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import websocket

from .errors import AuthenticationError, ConnectError, ConnectionLost, GradioProxyError, ServerError
from .text import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

UNAUTHORIZED = frozenset({401, 403})

# Gradio 3 sends nothing while a call runs, so silence proves nothing; these packets of the system
# find a peer that is gone, after a minute and a half.
_KEEPALIVE = [
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    *(
        (socket.IPPROTO_TCP, getattr(socket, name), value)
        for name, value in (("TCP_KEEPIDLE", 30), ("TCP_KEEPINTVL", 20), ("TCP_KEEPCNT", 3))
        if hasattr(socket, name)
    ),
]


class TextSocket:
    """An open websocket.

    One thread reads; `send` and `interrupt` may be called by any other.
    """

    def __init__(self, connection: websocket.WebSocket, url: str) -> None:
        self._connection = connection
        self._interrupted = False
        self.url = url

    def __iter__(self) -> Iterator[str]:
        """Yield the messages until the server closes.

        Raises:
            ConnectionLost: The connection broke.
        """
        try:
            while True:
                kind, data = self._connection.recv_data()
                if kind == websocket.ABNF.OPCODE_CLOSE:
                    return
                if kind == websocket.ABNF.OPCODE_TEXT:
                    yield data.decode("utf-8", "replace")
        except (websocket.WebSocketException, OSError, ValueError) as error:
            if not self._interrupted:
                raise self._lost(error) from error

    def send(self, text: str) -> None:
        """Send a message.

        Raises:
            ConnectionLost: The connection broke.
        """
        try:
            self._connection.send(text)
        except (websocket.WebSocketException, OSError) as error:
            raise self._lost(error) from error

    def interrupt(self) -> None:
        """End the iteration, in whichever thread it waits."""
        self._interrupted = True
        if self._connection.sock is not None:
            with contextlib.suppress(OSError):
                self._connection.sock.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Close the connection, without waiting for the server to agree."""
        with contextlib.suppress(websocket.WebSocketException, OSError):
            self._connection.shutdown()  # type: ignore[no-untyped-call]

    def _lost(self, error: Exception) -> ConnectionLost:
        reason = one_line(str(error) or type(error).__name__)
        return ConnectionLost(f"The connection to {self.url} broke ({reason}).", url=self.url)


def open_socket(
    url: str,
    *,
    headers: Mapping[str, str],
    cookies: str,
    timeout: float,
    verify: bool | str,
    proxy: str | None,
) -> TextSocket:
    """Open a websocket.

    Args:
        url: The address, with ``ws`` or ``wss``.
        headers: Headers of the handshake.
        cookies: Cookies of the handshake, as one header has them.
        timeout: Seconds to wait for the connection.
        verify: Whether to check certificates, or the path of a CA bundle.
        proxy: The proxy to go through, if any.

    Raises:
        ConnectError: Nothing reached the server.
        AuthenticationError: The server wants a login.
        ServerError: The server, or a proxy before it, refused the handshake.
    """
    try:
        connection = websocket.create_connection(
            url,
            timeout=timeout,
            header=dict(headers),
            cookie=cookies or None,
            sslopt=_tls(verify),
            sockopt=_KEEPALIVE,
            enable_multithread=True,
            # Its check, in Python, takes seconds for a large message; decoding finds what it would.
            skip_utf8_validation=True,
            **_proxy(proxy),
        )
    except Exception as error:  # noqa: BLE001 - it raises what the system and TLS raise, and more
        raise _refused(error, one_line(url.split("?", 1)[0])) from None
    connection.settimeout(None)
    return TextSocket(connection, one_line(url))


def _refused(error: Exception, url: str) -> GradioProxyError:
    status = getattr(error, "status_code", None)
    if status in UNAUTHORIZED:
        return AuthenticationError(
            f"{url} wants a login; pass auth=(user, password) to connect.", status=status
        )
    if status is not None:
        return ServerError(f"{url} answered {status} to a websocket's handshake.", status=status)
    reason = one_line(str(error) or type(error).__name__)
    return ConnectError(f"{url} can't be reached ({reason}). Is the app running?", url=url)


def _tls(verify: bool | str) -> dict[str, Any]:
    if verify is False:
        return {"cert_reqs": ssl.CERT_NONE, "check_hostname": False}
    if isinstance(verify, str):
        return {"ca_certs": verify}
    import certifi

    return {"ca_certs": certifi.where()}


def _proxy(address: str | None) -> dict[str, Any]:
    """Return a proxy as websocket-client takes it, which is not asked to look for one itself."""
    if not address:
        return {"http_no_proxy": ["*"]}
    parts = urlsplit(address if "://" in address else f"http://{address}")
    auth = (unquote(parts.username or ""), unquote(parts.password or ""))
    return {
        "http_proxy_host": parts.hostname,
        "http_proxy_port": parts.port or 8080,
        "http_proxy_auth": auth if parts.username else None,
        "proxy_type": parts.scheme,
    }
