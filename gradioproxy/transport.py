"""HTTP and nothing but HTTP; the only module, with `connections`, that knows `requests`.

Every exception of the libraries below ends here as one of ours. Secrets (token, password, headers
that the caller gave) are attached to requests for the app's own origin and to no others.
"""

from __future__ import annotations

import contextlib
import copy
import json
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urljoin, urlsplit

import requests
import requests.auth
import urllib3

from .address import Address, same_origin
from .connections import Adapter, NewConnectionNeeded, reused_only
from .errors import (
    AuthenticationError,
    ConnectError,
    ConnectionLost,
    GradioProxyError,
    ServerError,
    Timeout,
)
from .text import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

# Browsers follow 20; nobody has a reason for more than a handful here.
MAX_REDIRECTS = 10
UNAUTHORIZED, FORBIDDEN, TOO_LARGE = 401, 403, 413
BAD_REQUEST, SERVER_FAULT = 400, 500
REDIRECTS = frozenset({301, 302, 303, 307, 308})

# What can be the name and the value of a header (RFC 9110). A library that finds it out quotes it,
# and a value may be a secret.
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")


@dataclass(frozen=True)
class Access:
    """How to reach an app: what `connect` and the primitive functions take as options.

    Attributes:
        token: A Hugging Face token, sent as a bearer token to the app's own origin.
        auth: User and password of the app's own login.
        headers: More headers for the app's own origin.
        verify: Whether to check certificates, or the path of a CA bundle.
        proxies: Proxies by scheme, instead of those of the environment.
        timeout: Seconds to wait for a connection, and for an ordinary answer.
    """

    token: str | None = field(default=None, repr=False)
    auth: tuple[str, str] | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    verify: bool | str | None = None
    proxies: Mapping[str, str] | None = field(default=None, repr=False)
    timeout: float = 30.0

    def __post_init__(self) -> None:
        # A token that was read from a file comes with the end of its line.
        object.__setattr__(self, "token", self.token.strip() if self.token else None)
        headers = {name: value.strip() for name, value in self.headers.items()}
        object.__setattr__(self, "headers", headers)
        for name, value in {"token=": self.token or "", **headers}.items():
            if not _HEADER_VALUE.fullmatch(value):
                raise ValueError(f"{name} has a character that can't be sent in a header")
        for name in headers:
            if not _HEADER_NAME.fullmatch(name):
                raise ValueError(f"{name!r} can't be the name of a header")


@dataclass(frozen=True)
class Answer:
    """A complete answer to a request."""

    status: int
    body: bytes
    url: str
    location: str | None = None
    retry_after: str | None = None

    @property
    def ok(self) -> bool:
        """Whether the status is one of success."""
        return self.status < BAD_REQUEST and self.status not in REDIRECTS

    @property
    def text(self) -> str:
        """The first words, fit to show."""
        return one_line(self.body[:2000].decode("utf-8", "replace"))

    @property
    def wait(self) -> float | None:
        """The seconds of a ``Retry-After`` header."""
        text = self.retry_after or ""
        return float(text) if text.isdecimal() else None

    def json(self) -> Any:
        """Return the body as JSON.

        Raises:
            ServerError: It is none.
        """
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            raise self.error("which is no JSON") from None

    def error(self, what: str = "") -> ServerError:
        """Return the error that says what came instead of an answer."""
        said = f": {self.text}" if self.text else ""
        return ServerError(
            f"{self.url} answered {self.status}{', ' + what if what else ''}{said}",
            status=self.status,
            body=self.text,
        )


class Restarted(Exception):  # noqa: N818 - a signal between layers, which no caller sees
    """The server is not the one any more that described the app; nothing was sent to it."""


class Part(Protocol):
    """A file of a form: ``len`` is the number of bytes that are left to read."""

    len: int

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes."""
        ...


class ByteStream:
    """An answer that is read while it comes.

    One thread reads; `interrupt` may be called by any other.
    """

    def __init__(self, response: requests.Response, shared: _Shared) -> None:
        self._response = response
        self._shared = shared
        self._interrupted = False
        self.status = response.status_code
        self.headers: Mapping[str, str] = response.headers
        self.url = response.url

    def __iter__(self) -> Iterator[bytes]:
        """Yield the bytes as they come, until the end.

        Raises:
            ConnectionLost: The connection broke before the end.
            Timeout: Nothing came for the seconds that were agreed on.
        """
        try:
            while chunk := self._response.raw.read1(1 << 16, decode_content=True):
                yield chunk
        except Exception as error:
            if self._interrupted:
                return
            self._shared.suspect = True
            raise _translated(error, self.url, "idle_timeout") from error

    def read(self) -> bytes:
        """Return all that is left."""
        return b"".join(self)

    def interrupt(self) -> None:
        """End the iteration, in whichever thread it waits."""
        self._interrupted = True
        # It may have ended by itself, and the connection be another request's by now.
        with contextlib.suppress(ValueError, RuntimeError, OSError):
            self._response.raw.shutdown()

    def close(self) -> None:
        """Give the connection back, or end it if the answer was not read to its end."""
        self._response.close()


class _Secrets(requests.auth.AuthBase):
    """Adds the secrets to each request that goes to the app's origin.

    An authentication object and not headers, for two reasons: `requests` would otherwise look for
    a ``.netrc`` at each request and prefer what it finds there, and headers of a session go along
    with every redirect.
    """

    def __init__(self, origin: str, access: Access, basic: str | None) -> None:
        self.origin = origin
        self.headers = dict(access.headers)
        if access.token:
            self.headers.setdefault("Authorization", f"Bearer {access.token}")
        if basic:
            self.headers.setdefault("Authorization", basic)

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if same_origin(str(request.url), self.origin):
            request.headers.update(self.headers)
        return request


class _Shared:
    """The connections that several transports to one app have in common."""

    session: requests.Session
    # Set when the server failed in a way in which one fails that is being restarted.
    suspect = False


class Transport:
    """The connections to one app.

    Args:
        address: Where the app is.
        access: How to reach it.
        pool: How many connections to keep.
    """

    def __init__(self, address: Address, access: Access, pool: int = 16) -> None:
        self.address = address
        self.access = access
        self.verify_server: Callable[[], None] | None = None
        self._pool = pool
        self._shared = _Shared()
        self._secrets = _Secrets(address.origin, access, address.basic)
        self.renew()

    def renew(self) -> None:
        """Start with new connections (after a fork: the old ones are the parent's)."""
        session = requests.Session()
        adapter = Adapter(pool_connections=2, pool_maxsize=self._pool)
        session.mount("http://", adapter)
        session.mount("https://", adapter)
        # The environment is asked once, not at each request.
        settings = session.merge_environment_settings(
            self.address.url, dict(self.access.proxies or {}), None, self.access.verify, None
        )
        session.trust_env = False
        session.proxies.update(settings["proxies"])
        session.verify = settings["verify"]
        session.headers["User-Agent"] = "gradioproxy"
        # brotli is left out, which only some installations could decode.
        session.headers["Accept-Encoding"] = "gzip, deflate"
        self._shared.session = session

    def close(self) -> None:
        """Close the idle connections; the transport can still be used."""
        self._shared.session.close()

    def move(self, address: Address) -> None:
        """Follow a redirection of the app's page to where the app really is.

        Secrets stay with the origin that the caller named, unless it is still that one.
        """
        if same_origin(address.url, self.address.origin):
            self._secrets.origin = address.origin
        self.address = address

    def with_access(self, **changes: Any) -> Transport:
        """Return a transport over the same connections with another token or other headers."""
        other = copy.copy(self)
        other.access = replace(self.access, **changes)
        other._secrets = _Secrets(self._secrets.origin, other.access, self.address.basic)  # noqa: SLF001
        return other

    def get(self, path: str, *, accept_errors: bool = True) -> Answer:
        """Fetch *path* (below the app's address), following redirections.

        Raises:
            ConnectError: Nothing reached the app.
            ConnectionLost: The connection broke before the answer.
            Timeout: The answer did not come in time.
            ServerError: The answer is an error, unless *accept_errors*.
        """
        url = self.address.join(path)
        for _ in range(MAX_REDIRECTS):
            answer = self._complete("GET", url)
            if answer.status not in REDIRECTS or not answer.location:
                break
            url = urljoin(url, answer.location)
            if urlsplit(url).scheme not in {"http", "https"}:
                raise answer.error("which leads to no web address")
        if not accept_errors and not answer.ok:
            raise answer.error()
        return answer

    def post(self, path: str, body: Any, *, effect: bool = True) -> Answer:
        """Post JSON to *path* and return the answer, whatever its status.

        Args:
            path: Below the app's address.
            body: What to send.
            effect: Whether the request makes something happen. It is then sent only over a
                connection to the server that is known to be the one that described the app.

        Raises:
            ConnectError: Nothing reached the app.
            ConnectionLost: The connection broke before the answer; it may have had its effect.
            Timeout: The answer did not come in time.
            Restarted: The server is another one now, and nothing was sent.
        """
        return self.send("POST", path, json.dumps(body, allow_nan=True).encode(), effect=effect)

    def send(
        self,
        method: str,
        path: str,
        body: Any,
        content_type: str = "application/json",
        *,
        effect: bool = True,
    ) -> Answer:
        """Send a body to *path*; see `post`."""
        url = self.address.join(path)
        headers = {"Content-Type": content_type}
        if effect and self.verify_server is not None:
            if self._shared.suspect:
                self.verify_server()
                self._shared.suspect = False
            # The check leaves a connection behind, which another thread may be quicker to take.
            for _ in range(5):
                try:
                    with reused_only():
                        return self._complete(method, url, body, headers)
                except NewConnectionNeeded:
                    self.verify_server()
        return self._complete(method, url, body, headers)

    def upload(self, path: str, parts: Sequence[tuple[str, Part, str]]) -> Answer:
        """Post files as a form, read from their handles while they are sent.

        Args:
            path: Below the app's address.
            parts: Name, handle and media type of each file.

        Raises:
            ConnectError, ConnectionLost, Timeout: As `post` does.
        """
        from requests_toolbelt import MultipartEncoder

        form = MultipartEncoder([("files", part) for part in parts])
        return self.send("POST", path, form, form.content_type)

    def stream(self, path: str, idle: float | None) -> ByteStream:
        """Open *path* and return the answer as it comes.

        Args:
            path: Below the app's address, or a full URL.
            idle: Seconds that may pass without a byte; ``None`` for any number.

        Raises:
            ConnectError: Nothing reached the app.
            ConnectionLost: The connection broke before the answer.
            Timeout: The answer did not begin in time.
        """
        url = path if "://" in path else self.address.join(path)
        for _ in range(MAX_REDIRECTS):
            response = self._request("GET", url, stream=True, read_timeout=idle)
            location = response.headers.get("Location")
            if response.status_code not in REDIRECTS or not location:
                break
            response.close()
            url = urljoin(url, location)
        return ByteStream(response, self._shared)

    def _complete(
        self, method: str, url: str, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        response = self._request(method, url, body, headers, read_timeout=self.access.timeout)
        answer = Answer(
            response.status_code,
            response.content,
            url,
            response.headers.get("Location"),
            response.headers.get("Retry-After"),
        )
        if answer.status >= SERVER_FAULT:
            self._shared.suspect = True
            # uvicorn closes the connection behind such an answer without saying so.
            response.raw.close()
        if answer.status == UNAUTHORIZED:
            raise self.unauthorized()
        return answer

    def _request(
        self,
        method: str,
        url: str,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        *,
        stream: bool = False,
        read_timeout: float | None = None,
    ) -> requests.Response:
        try:
            return self._shared.session.request(
                method,
                url,
                auth=self._secrets,
                data=body,
                headers=headers,
                stream=stream,
                timeout=(self.access.timeout, read_timeout),
                allow_redirects=False,
            )
        except NewConnectionNeeded:
            raise
        except Exception as error:
            self._shared.suspect = True
            raise _translated(error, url, "idle_timeout" if stream else "timeout") from error

    def unauthorized(self) -> AuthenticationError:
        """Return the error for an answer of 401, which says what was tried."""
        used = [
            name
            for name, given in (
                ("token=", self.access.token),
                ("auth=", self.access.auth),
                ("headers=", self.access.headers),
                ("the user in the address", self.address.basic),
            )
            if given
        ]
        if used:
            what = f"refused what {' and '.join(used)} gave; check it"
        else:
            what = "wants a login; pass auth=(user, password), or token= for a private Space"
        return AuthenticationError(f"{self.address.url} {what}.", status=UNAUTHORIZED)


def _translated(error: Exception, url: str, limit: str) -> GradioProxyError:
    """Return our exception for one of the libraries'."""
    where = one_line(url.split("?", 1)[0])
    causes = list(_causes(error))
    if any(isinstance(cause, requests.ConnectTimeout) for cause in causes):
        return ConnectError(f"{where} did not accept a connection in time.", url=where)
    if any(
        isinstance(cause, requests.Timeout | urllib3.exceptions.ReadTimeoutError | TimeoutError)
        for cause in causes
    ):
        return Timeout(
            f"{where} sent nothing for longer than {limit} allows; raise {limit}= if it is slow.",
            limit=limit,
        )
    never = (
        urllib3.exceptions.NewConnectionError,
        requests.exceptions.SSLError,
        requests.exceptions.ProxyError,
        requests.exceptions.InvalidURL,
        requests.exceptions.InvalidSchema,
        urllib3.exceptions.LocationValueError,
    )
    reason = one_line(_reason(causes))
    if any(isinstance(cause, never) for cause in causes):
        return ConnectError(
            f"{where} can't be reached ({reason}). Is the app running, and the address right?",
            url=where,
        )
    return ConnectionLost(f"The connection to {where} broke ({reason}).", url=where)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield the error and what it wraps, as `requests` and urllib3 nest them in arguments."""
    todo, seen = [error], set[int]()
    while todo:
        current = todo.pop()
        if id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        nested = [*current.args, getattr(current, "reason", None), current.__cause__]
        todo += [cause for cause in nested if isinstance(cause, BaseException)]


def _reason(causes: list[BaseException]) -> str:
    """Return the innermost explanation, which is the one that a person understands."""
    inner = next((c for c in reversed(causes) if isinstance(c, OSError) and c.strerror), causes[-1])
    return getattr(inner, "strerror", None) or str(inner) or type(inner).__name__
