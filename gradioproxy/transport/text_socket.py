"""Websockets, for the queue of Gradio 3; the only module that knows websocket-client."""

from __future__ import annotations

import contextlib
import socket
import ssl
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import websocket
from requests.structures import CaseInsensitiveDict

from ..errors import AuthenticationError, ConnectError, ConnectionLost, GradioProxyError
from ..statuses import FORBIDDEN, UNAUTHORIZED
from ..text import one_line
from .response import Answer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from .in_flight import InFlight

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


class _WebSocket(websocket.WebSocket):
    """A websocket whose waits can be ended, from the moment on that it has a connection."""

    _work: InFlight | None = None
    _held: Any = None

    @property
    def sock(self) -> Any:
        """The connection, which websocket-client sets as soon as there is one."""
        return self._held

    @sock.setter
    def sock(self, value: Any) -> None:
        if self._work is not None:
            if self._held is not None:
                self._work.end(self._held)
            if value is not None:
                self._work.begin(value)
        self._held = value

    def lend(self, work: InFlight) -> None:
        """Take note of who uses it."""
        self._work = work


class TextSocket:
    """An open websocket.

    One thread reads; `send` and `interrupt` may be called by any other.
    """

    def __init__(self, connection: websocket.WebSocket, url: str, work: InFlight) -> None:
        self._connection = connection
        self._work = work
        self.url = url

    def __iter__(self) -> Iterator[str]:
        """Yield the messages until the server closes.

        Raises:
            ConnectionLost: The connection broke, or `interrupt` was called.
        """
        try:
            while True:
                kind, data = self._connection.recv_data()
                if kind == websocket.ABNF.OPCODE_CLOSE:
                    return
                if kind == websocket.ABNF.OPCODE_TEXT:
                    yield data.decode("utf-8", "replace")
        except (websocket.WebSocketException, OSError, ValueError) as error:
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
        """End the iteration with an error, in whichever thread it waits."""
        self._work.interrupt()

    def close(self) -> None:
        """Close the connection, without waiting for the server to agree."""
        with contextlib.suppress(websocket.WebSocketException, OSError):
            self._connection.shutdown()  # type: ignore[no-untyped-call]

    def _lost(self, error: Exception) -> ConnectionLost:
        reason = one_line(str(error) or type(error).__name__)
        return ConnectionLost(f"The connection to {self.url} broke ({reason}).", url=self.url)


def open_socket(
    url: str,
    work: InFlight,
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
        work: What it is opened in, and may be interrupted with.
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
    connection = _WebSocket(
        sslopt=_tls(verify),
        sockopt=_KEEPALIVE,
        enable_multithread=True,
        # Its check, in Python, takes seconds for a large message; decoding finds what it would.
        skip_utf8_validation=True,
    )
    connection.lend(work)
    connection.settimeout(timeout)
    work.ensure_wanted()
    try:
        connection.connect(  # type: ignore[no-untyped-call]
            url,
            header=dict(headers),
            cookie=cookies or None,
            # It would take the secrets along to wherever the redirection leads.
            redirect_limit=0,
            **_proxy(proxy),
        )
    except Exception as error:  # noqa: BLE001 - it raises what the system and TLS raise, and more
        connection.shutdown()  # type: ignore[no-untyped-call]
        raise _refused(error, one_line(url.split("?", 1)[0])) from None
    connection.settimeout(None)
    return TextSocket(connection, one_line(url), work)


def _refused(error: Exception, url: str) -> GradioProxyError:
    status = getattr(error, "status_code", None)
    if status in {UNAUTHORIZED, FORBIDDEN}:
        return AuthenticationError(
            f"{url} wants a login; pass auth=(user, password) to connect.", status=status
        )
    if status is not None:
        headers = CaseInsensitiveDict(getattr(error, "resp_headers", None) or {})
        body = getattr(error, "resp_body", None) or b""
        return Answer(status, body, url, headers).error("to a websocket's handshake")
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
