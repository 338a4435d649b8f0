"""Trying each part of the way to a server by itself, for who has to say which of them fails.

A part that was tried leaves nothing behind: its connection is closed. What helps is for others to
say.
"""

from __future__ import annotations

import errno
import socket
import ssl
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from ..errors import ConnectError
from ..text import one_line
from ..uncopyable import Uncopyable
from .exceptions import iterate_causes, translate_error
from .in_flight import interruptible
from .pool import Lease
from .request import Request
from .response import Answer
from .url import DEFAULT_PORTS, strip_user

if TYPE_CHECKING:
    from ..errors import GradioProxyError
    from .http import Transport

_SOCKS_PORT = 1080
# What speaks at all says the first word of it at once.
_GLANCE = 5.0
_HEAD = 16

Fault = Literal[
    "name",  # it does not resolve
    "refused",  # nobody listens
    "silent",  # nobody answers
    "unreachable",  # no network leads there
    "proxy",  # it does not let us through
    "proxy login",  # it wants a user and a password
    "authority",  # nobody who is trusted signed the certificate
    "expired",  # the certificate is not valid now
    "other host",  # the certificate is for somebody else
    "no tls",  # what answers speaks something else
    "bundle",  # the file of authorities can't be read
    "tls",  # anything else about TLS
    "other",
]
"""What is wrong with a part of the way."""

_UNREACHABLE = frozenset({errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EHOSTDOWN})
_EXPIRED = frozenset({9, 10})
"""OpenSSL's numbers of a certificate that is not valid yet, or no longer."""
_OTHER_HOST = frozenset({62, 64})
"""Those of one that is for another name or IP address."""


@dataclass(frozen=True)
class Finding:
    """What was found of one part of the way.

    Attributes:
        found: What, as a sentence without a full stop.
        error: The error that a request ends in, if the part is broken.
        fault: How it is broken.
        seconds: How long it took.
    """

    found: str
    error: GradioProxyError | None = None
    fault: Fault | None = None
    seconds: float = 0.0


class Probe(Uncopyable):
    """The way to one app, part by part.

    Args:
        transport: The way.

    Attributes:
        proxy: The proxy that leads there, as it may be shown; empty if there is none.
        host: The host that is connected to: the app's, or the proxy's.
        port: Its port.
        speaks_tls: Whether the app is reached over TLS.
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._requester = transport.requester
        url = transport.address.url
        self.speaks_tls = url.startswith("https:")
        self.proxy = one_line(_hide_user(self._requester.connections.proxy or ""))
        self.host, self.port = _find_place(self.proxy or url)

    def resolve(self) -> Finding:
        """Ask the name service for the host."""
        began = time.perf_counter()
        shown = one_line(self.host)
        if not self.host:
            return self._fail(f"{self.proxy} is no address of a proxy", "name", began)
        try:
            found = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "it is no valid name"
            said = f"the name {shown} does not resolve ({one_line(reason)})"
            return self._fail(said, "name", began)
        addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        listed = ", ".join(addresses[:3]) + (" …" if addresses[3:] else "")
        return _build_success(shown if addresses == [self.host] else f"{shown} is {listed}", began)

    def connect(self) -> Finding:
        """Connect to the host, and let go of it."""
        began = time.perf_counter()
        where = f"{one_line(self.host)}, port {self.port}"
        try:
            with socket.create_connection(
                (self.host, self.port), self._transport.access.timeout
            ) as connected:
                address = str(connected.getpeername()[0])
        except OSError as error:
            said = one_line(error.strerror or str(error) or type(error).__name__)
            return self._fail(f"{where}: {said}", _name_fault(error), began)
        return _build_success(where if address == self.host else f"{where} at {address}", began)

    def shake_hands(self) -> Finding:
        """Connect as a request does, through the proxy and with TLS, and let go of it."""
        began = time.perf_counter()
        requester, url = self._requester, self._transport.address.url
        connections = requester.connections
        try:
            with interruptible() as work, connections.under_way(work):
                seconds = self._transport.access.timeout
                version, checked = connections.try_connecting(Lease(work), seconds)
        except Exception as error:  # noqa: BLE001 - it raises what the libraries below raise
            causes = list(iterate_causes(error))
            fault: Fault = next(filter(None, map(_name_tls_fault, causes)), "other")
            failure = translate_error(error, url, "timeout", requester.redactor.hide)
            if fault in {"tls", "other"} and not self.proxy:
                fault = "no tls" if self._answers_plainly() else "tls"
            said = one_line(_find_words(causes, str(failure)))
            return Finding(
                requester.redactor.hide(said), failure, fault, time.perf_counter() - began
            )
        judged = "is valid" if checked else "was not checked (verify=False)"
        return _build_success(f"{one_line(version or 'TLS')}; the certificate {judged}", began)

    def finds_tls(self) -> bool:
        """Tell whether what listens speaks TLS, though the address says that it does not."""
        if self.proxy or self.speaks_tls:
            return False
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # nothing is sent
        try:
            with (
                self._dial() as connected,
                context.wrap_socket(connected, server_hostname=self.host),
            ):
                return True
        except (OSError, ValueError):
            return False

    def _answers_plainly(self) -> bool:
        """Tell whether what listens speaks HTTP without TLS."""
        try:
            with self._dial() as connected:
                connected.sendall(b"HEAD / HTTP/1.0\r\n\r\n")
                head = connected.recv(_HEAD)
        except OSError:
            return False
        # Servers that speak TLS say that much without it: that this was a bad request.
        return head.startswith(b"HTTP/") and b" 400" not in head

    def _dial(self) -> socket.socket:
        """Connect to the host; raises OSError."""
        seconds = min(self._transport.access.timeout, _GLANCE)
        return socket.create_connection((self.host, self.port), seconds)

    def ask(self, path: str) -> Answer:
        """Fetch what is at a path of the app's, following redirections, without logging in.

        Args:
            path: The path.

        Raises:
            ConnectError, ConnectionLost, Timeout: Nothing came, or not all.
            ServerError: A redirection leads nowhere.
        """
        return self._requester.send(
            Request(
                "GET",
                self._transport.address.url + path,
                Answer,
                self._transport.access.timeout,
                path=path,
                idempotent=True,
                follow_redirects=True,
                log_in=False,
                size_limit="description",
            )
        )

    def _fail(self, said: str, fault: Fault, began: float) -> Finding:
        url = self._transport.address.url
        error = ConnectError(f"{url} can't be reached: {said}.", url=url)
        return Finding(said, error, fault, time.perf_counter() - began)


def _hide_user(proxy: str) -> str:
    """Return a proxy's address, as a URL, without the user and password that may be in it."""
    scheme, separator, rest = proxy.rpartition("://")
    place = strip_user(rest).split("/", 1)[0]
    return f"{scheme if separator else 'http'}://{place}" if place else ""


def _find_place(url: str) -> tuple[str, int]:
    """Return host and port of a URL; no host if it is none."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return "", 0
    return host, DEFAULT_PORTS.get(parts.scheme, _SOCKS_PORT) if port is None else port


def _build_success(found: str, began: float) -> Finding:
    return Finding(found, seconds=time.perf_counter() - began)


def _name_fault(error: OSError) -> Fault:
    """Return why a connection could not be made."""
    if isinstance(error, socket.gaierror):
        return "name"
    if isinstance(error, ConnectionRefusedError):
        return "refused"
    if isinstance(error, TimeoutError):
        return "silent"
    return "unreachable" if error.errno in _UNREACHABLE else "other"


def _name_tls_fault(error: BaseException) -> Fault | None:
    """Return why a handshake failed, as far as one of the nested errors tells."""
    text = str(error)
    if isinstance(error, ssl.SSLCertVerificationError):
        number = error.verify_code
        if number in _EXPIRED:
            return "expired"
        return "other host" if number in _OTHER_HOST else "authority"
    if isinstance(error, ssl.SSLError):
        no_tls = {"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE"}
        return "no tls" if error.reason in no_tls else "tls"
    if type(error) is OSError and error.errno is None:
        # No class of their own has the libraries for these.
        if text.startswith("Tunnel connection failed"):
            return "proxy login" if " 407" in text else "proxy"
        return "bundle" if "CA certificate bundle" in text else None
    return None


def _find_words(causes: list[BaseException], otherwise: str) -> str:
    """Return what the innermost error says that has a reason of its own."""
    for cause in reversed(causes):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"the certificate is refused: {cause.verify_message}"
        if isinstance(cause, ssl.SSLError):
            return f"TLS fails: {(cause.reason or str(cause)).replace('_', ' ').lower()}"
        if type(cause) is OSError and cause.errno is None:
            return str(cause)
    return otherwise
