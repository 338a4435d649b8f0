"""Websockets, for the queue of Gradio 3; the only module that knows websocket-client.

Messages are text; what they mean is for `protocols.websocket` to know. Loaded for apps that speak
over them: the library takes time to load, and later versions of Gradio have none.
"""

from __future__ import annotations

import contextlib
import ssl
import threading
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import unquote, urlsplit

import websocket
from requests.structures import CaseInsensitiveDict

from ..errors import ConnectError, ConnectionLost, GradioProxyError, TooLarge
from ..statuses import FORBIDDEN, REDIRECTS, SWITCHING_PROTOCOLS, UNAUTHORIZED
from ..text import one_line
from ..uncopyable import Uncopyable
from .exceptions import translate_error
from .network import KEEPALIVE
from .response import Answer
from .url import add_query

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import requests

    from .in_flight import InFlight


class _WebSocket(websocket.WebSocket):
    """A websocket whose waits can be interrupted, from its first connection on.

    Args:
        work: What it is opened in.
        timeout: Seconds to wait, until there is another limit.
        verify: As for `open_socket`.
        max_message: The bytes of one message at most.
    """

    def __init__(
        self, work: InFlight, timeout: float, verify: bool | str, max_message: int
    ) -> None:
        self._work = work
        self._max_message = max_message
        self._received = 0
        self._held: Any = None
        super().__init__(
            sslopt=_build_tls_options(verify),
            sockopt=KEEPALIVE,
            enable_multithread=True,
            # The library's check takes seconds for a large message; `TextSocket` needs none.
            skip_utf8_validation=True,
        )
        self.settimeout(timeout)

    def recv_data(self, control_frame: bool = False) -> tuple[int, bytes]:
        """Return the next message, and what kind of one it is.

        Raises:
            TooLarge: It is too large.
        """
        self._received = 0
        found: tuple[int, bytes] = super().recv_data(control_frame)
        return found

    def _recv(self, bufsize: int) -> bytes:
        # Whatever is read while a message is put together: the library has no limit for that.
        data: bytes = super()._recv(bufsize)  # type: ignore[no-untyped-call]
        self._received += len(data)
        if self._received > self._max_message:
            raise TooLarge.of_bytes("a message", "message", self._max_message)
        return data

    @property
    def sock(self) -> Any:
        """The connection, which websocket-client sets as soon as there is one."""
        return self._held

    @sock.setter
    def sock(self, value: Any) -> None:
        if self._held is not None:
            self._work.end(self._held)
        if value is not None:
            self._work.begin(value)
        self._held = value


class TextSocket(Uncopyable):
    """A websocket that is open, or whose handshake was refused.

    One thread reads; `send` and `interrupt` may be called by any other.

    Args:
        connection: The websocket of the library.
        url: Its address, as it may be shown.
        work: What it was opened in.
        refusal: The answer to the handshake, unless it is the one that opens the websocket.
        hide: Takes secrets out of what is quoted of the server.
    """

    is_websocket: ClassVar[bool] = True

    def __init__(
        self,
        connection: websocket.WebSocket,
        url: str,
        work: InFlight,
        refusal: Answer | None = None,
        hide: Callable[[str], str] = str,
    ) -> None:
        self._connection = connection
        self._hide = hide
        self._work = work
        self.url = url
        self.refusal = refusal

    @property
    def status(self) -> int:
        """The status of the handshake."""
        return self.refusal.status if self.refusal else SWITCHING_PROTOCOLS

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers of a refusal."""
        return self.refusal.headers if self.refusal else {}

    @property
    def wants_login(self) -> bool:
        """Whether it was refused for want of a login, as Gradio 3 does with 403."""
        return self.status in {UNAUTHORIZED, FORBIDDEN}

    def __iter__(self) -> Iterator[str]:
        """Yield the messages until the server closes.

        Raises:
            ConnectionLost: The connection broke, or `interrupt` was called.
            TooLarge: A message is too large.
        """
        try:
            while True:
                kind, data = self._connection.recv_data()
                if kind == websocket.ABNF.OPCODE_CLOSE:
                    return
                if kind == websocket.ABNF.OPCODE_TEXT:
                    yield data.decode("utf-8", "replace")
        except (websocket.WebSocketException, OSError, ValueError) as error:
            failure = self._build_error(error)
        try:
            raise failure  # without the context of the library's
        finally:
            del failure  # else it holds itself, by its traceback, and all that is known here

    def send(self, text: str) -> None:
        """Send a message.

        Raises:
            ConnectionLost: The connection broke.
        """
        try:
            self._connection.send(text)
        except (websocket.WebSocketException, OSError) as error:
            failure = self._build_error(error)
        else:
            return
        try:
            raise failure
        finally:
            del failure

    def limit_silence(self, *_: object) -> None:
        """Do nothing: a websocket is closed from here at the last message."""

    def interrupt(self) -> None:
        """End the iteration with an error, in whichever thread it waits."""
        self._work.interrupt()

    def close(self) -> None:
        """Close the connection, without waiting for the server to agree."""
        with contextlib.suppress(websocket.WebSocketException, OSError):
            self._connection.shutdown()  # type: ignore[no-untyped-call]

    def _build_error(self, error: Exception) -> ConnectionLost:
        reason = self._hide(one_line(str(error) or type(error).__name__))
        return ConnectionLost(f"The connection to {self.url} broke ({reason}).", url=self.url)


class _Watch:
    """Ends what is waited for in its context when the time is over.

    Args:
        work: What it is a part of.
        seconds: The time.

    Attributes:
        is_over: Whether it ended so.
    """

    def __init__(self, work: InFlight, seconds: float) -> None:
        self.is_over = False
        self._work = work
        self._timer = threading.Timer(min(seconds, threading.TIMEOUT_MAX), self._end)
        self._timer.daemon = True

    def __enter__(self) -> None:
        self._timer.start()

    def __exit__(self, *_exc: object) -> None:
        self._timer.cancel()

    def _end(self) -> None:
        self.is_over = True
        self._work.interrupt()


def open_socket(
    request: requests.PreparedRequest,
    query: str,
    work: InFlight,
    *,
    timeout: float,
    verify: bool | str,
    proxy: str | None,
    max_message: int,
    hide: Callable[[str], str],
) -> TextSocket:
    """Open a websocket.

    Args:
        request: The request for a page at its address, with secrets and cookies, without a query.
        query: Its query, which is shown nowhere.
        work: What it is opened in, and may be interrupted with.
        timeout: Seconds to wait for the connection.
        verify: Whether to check certificates, or the path of a CA bundle.
        proxy: The proxy to go through, if any.
        max_message: The bytes of one message at most.
        hide: Takes secrets out of what is quoted of the server.

    Returns:
        The websocket, perhaps with a refusal.

    Raises:
        ConnectError: Nothing reached the server.
        Timeout: The handshake took too long.
    """
    url = "ws" + str(request.url).removeprefix("http")
    connection = _WebSocket(work, timeout, verify, max_message)
    work.ensure_wanted()
    shown = hide(one_line(url))
    # The library's limit is for each byte: a server that drips would be waited for for ever.
    watch = _Watch(work, timeout)
    try:
        with watch:
            connection.connect(  # type: ignore[no-untyped-call]
                add_query(url, query),
                **_build_header_options(request),
                # The library would send the secrets along to wherever a redirection leads.
                redirect_limit=0,
                **_build_proxy_options(proxy),
            )
        refusal: Answer | GradioProxyError | None = _parse_redirect(connection, shown, hide)
    except Exception as error:  # noqa: BLE001 - it raises what the system and TLS raise, and more
        refusal = _parse_redirect(connection, shown, hide) or _parse_refusal(error, shown, hide)
    if watch.is_over:
        connection.shutdown()  # type: ignore[no-untyped-call]
        refusal = translate_error(TimeoutError(), shown, "timeout", hide)
    if isinstance(refusal, GradioProxyError):
        try:
            raise refusal
        finally:
            del refusal  # else it holds itself, by its traceback
    if refusal is not None:
        connection.shutdown()  # type: ignore[no-untyped-call]
    connection.settimeout(None)
    return TextSocket(connection, shown, work, refusal, hide)


def _parse_redirect(
    connection: websocket.WebSocket, url: str, hide: Callable[[str], str]
) -> Answer | None:
    """Return the answer to a handshake if that is a redirection, which is not followed.

    For the library it is an error that does not say so, or before 1.8 no error at all.
    """
    response = connection.handshake_response
    if response is None or response.status not in REDIRECTS:
        return None
    return Answer(response.status, b"", url, CaseInsensitiveDict(response.headers), hide=hide)


def _parse_refusal(error: Exception, url: str, hide: Callable[[str], str]) -> Answer | ConnectError:
    """Return the answer that refuses a handshake, from what the library makes of it.

    Returns:
        The answer; or the error if there is none, to be raised without the library's as context.
    """
    status = getattr(error, "status_code", None)
    if status is None:
        reason = hide(one_line(str(error) or type(error).__name__))
        return ConnectError(f"{url} can't be reached ({reason}). Is the app running?", url=url)
    headers = CaseInsensitiveDict(getattr(error, "resp_headers", None) or {})
    return Answer(status, getattr(error, "resp_body", None) or b"", url, headers, hide=hide)


def _build_header_options(request: requests.PreparedRequest) -> dict[str, Any]:
    """Return the headers and cookies of a request for a page, as options of a handshake."""
    headers = {name: str(value) for name, value in request.headers.items()}
    for name in ("Accept", "Accept-Encoding", "Connection"):
        headers.pop(name, None)  # these are for a page
    return {"cookie": headers.pop("Cookie", None), "header": headers}


def _build_tls_options(verify: bool | str) -> dict[str, Any]:
    if verify is False:
        return {"cert_reqs": ssl.CERT_NONE, "check_hostname": False}
    if isinstance(verify, str):
        return {"ca_certs": verify}
    import certifi

    return {"ca_certs": certifi.where()}


def _build_proxy_options(address: str | None) -> dict[str, Any]:
    """Return the options for a proxy; without one the library would look in the environment."""
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
