"""HTTP and nothing but HTTP; with the modules that it is made of, the only one to know `requests`.

Every exception of the libraries below ends here as one of ours. Secrets (token, password, headers
that the caller gave) are attached to requests for the app's own origin and to no others.
"""

from __future__ import annotations

import contextlib
import copy
import functools
import http.cookiejar
import json
import secrets
import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol, TypeVar
from urllib.parse import urlencode, urljoin, urlsplit

import requests
import requests.auth
from requests.utils import select_proxy

from .access import Access, Secrets, normal_url
from .address import Address, same_origin
from .answers import BAD_REQUEST, REDIRECTS, UNAUTHORIZED, Answer, ByteStream
from .connections import Adapter, NewConnectionNeeded, unguarded, verified_only, verifying
from .errors import (
    AuthenticationError,
    ConnectionLost,
    NotGradio,
    ServerError,
)
from .sockets import TextSocket, open_socket
from .text import one_line
from .translation import translated

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from .errors import Limit
    from .schema import App

T = TypeVar("T")

# Browsers follow 20; nobody has a reason for more than a handful here.
MAX_REDIRECTS = 10
FORBIDDEN = 403
SERVER_FAULT = 500


class Part(Protocol):
    """A file of a form: ``len`` is the number of bytes that are left to read."""

    len: int

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes."""
        ...


class Restarted(Exception):
    """The server is not the one any more that described the app; nothing was sent to it."""


class _Session(requests.Session):
    """A session that does not look where redirections lead: that is ours to judge."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Say nowhere."""


class _Shared:
    """The connections that several transports to one app have in common."""

    def __init__(self) -> None:
        # How often the server failed, as it does when it is being restarted; connections that were
        # verified before that have to be verified again.
        self.failures = 0
        self.login_lock = threading.Lock()
        self.logins = 0

    # Two sessions over the same connections: other origins neither see nor set cookies of the app.
    own: requests.Session
    foreign: requests.Session

    def broke(self) -> None:
        """Take note of a connection that broke."""
        self.failures += 1


class Transport:
    """The connections to one app.

    Args:
        address: Where the app is.
        access: How to reach it.
        pool: How many connections to keep.
    """

    adapter = Adapter

    def __init__(self, address: Address, access: Access, pool: int = 16) -> None:
        self.address = address
        self.access = access
        self.verify_server: Callable[[App], None] | None = None
        self._pool = pool
        self._shared = _Shared()
        self._secrets = Secrets(address, access)
        self.renew()

    def renew(self) -> None:
        """Start with new connections (after a fork: the old ones are the parent's)."""
        access, own, foreign = self.access, _Session(), _Session()
        adapter = self.adapter(pool_connections=2, pool_maxsize=self._pool)
        # The environment is asked once for the app, not at each request.
        settings = own.merge_environment_settings(self.address.url, {}, None, access.verify, None)
        proxies = settings["proxies"] if access.proxies is None else access.proxies
        own.trust_env, own.proxies = False, dict(proxies)
        foreign.trust_env, foreign.proxies = access.proxies is None, dict(access.proxies or {})
        for session in (own, foreign):
            session.mount("http://", adapter)
            session.mount("https://", adapter)
            session.verify = settings["verify"]
            session.headers["User-Agent"] = "gradioproxy"
            # brotli is left out, which only some installations could decode.
            session.headers["Accept-Encoding"] = "gzip, deflate"
        foreign.cookies.set_policy(http.cookiejar.DefaultCookiePolicy(allowed_domains=()))
        if hasattr(self._shared, "own"):
            own.cookies.update(self._shared.own.cookies)
        self._shared.own, self._shared.foreign = own, foreign

    def close(self) -> None:
        """Close the idle connections; the transport can still be used."""
        self._shared.own.close()

    def move(self, address: Address) -> None:
        """Follow a redirection of the app's page to where the app really is.

        Secrets stay with the origin that the caller named, unless it is still that one.
        """
        if self._is_own(address.url):
            self._secrets.origin = normal_url(address.origin)
        self.address = address

    def with_access(self, **changes: Any) -> Transport:
        """Return a transport over the same connections with another token or other headers."""
        other = copy.copy(self)
        if "token" in changes:
            changes.setdefault("token_source", Access.token_source)
        other.access = replace(self.access, **changes)
        other._secrets = self._secrets.changed(other.access)  # noqa: SLF001
        return other

    def is_open(self, url: str) -> bool:
        """Tell whether requests for a URL carry nothing that others do not have."""
        return not self._is_own(url) or not (self._secrets.headers or self._shared.own.cookies)

    def has_secrets_of(self, other: Transport) -> bool:
        """Tell whether requests of both say the same of who makes them."""
        return self is other or self._secrets.headers == other._secrets.headers

    @property
    def shown_headers(self) -> Mapping[str, str]:
        """The headers that tell who makes a request, with placeholders for their values."""
        return dict(self._secrets.shown)

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
            answer = self._complete("GET", url, base=url.removesuffix(path))
            if answer.status not in REDIRECTS or not answer.location:
                break
            url = _redirected(url, answer.location)
        if not accept_errors and not answer.ok:
            raise answer.error()
        return answer

    def ask(self, method: str, path: str) -> Answer:
        """Send a request without a body; return the answer, be it a refusal or a redirection.

        Args:
            method: ``GET`` or ``POST``.
            path: Below the app's address, or a full URL.

        Raises:
            ConnectError, ConnectionLost, Timeout: As `get` does.
        """
        url = self.address.join(path) if path.startswith("/") else path
        return self._complete(method, url, repeat=False)

    def post(
        self,
        path: str,
        body: Any,
        *,
        app: App | None = None,
        effect: bool = True,
        patient: bool = False,
    ) -> Answer:
        """Post JSON to *path* and return the answer, whatever its status.

        Args:
            path: Below the app's address.
            body: What to send.
            app: What the request is made for. If it has an effect, it is sent only over a
                connection that is known to lead to the server that described this app.
            effect: Whether the request makes something happen.
            patient: Whether the answer may take any time.

        Raises:
            ConnectError: Nothing reached the app.
            ConnectionLost: The connection broke before the answer; it may have had its effect.
            Timeout: The answer did not come in time.
            Restarted: The server is another one now, and nothing was sent.
        """
        content = json.dumps(body, allow_nan=True).encode()
        return self.send("POST", path, content, app=app, effect=effect, patient=patient)

    def send(
        self,
        method: str,
        path: str,
        body: Any,
        content_type: str = "application/json",
        *,
        app: App | None = None,
        effect: bool = True,
        patient: bool = False,
    ) -> Answer:
        """Send a body to *path*; see `post`."""
        headers = {"Content-Type": content_type}
        attempt = functools.partial(
            self._complete, method, self.address.join(path), body, headers, patient=patient
        )
        return self._verified(attempt, app if effect else None)

    def _verified(self, attempt: Callable[[], T], app: App | None) -> T:
        """Make a request over a connection that is known to lead to who described the app."""
        if app is None or self.verify_server is None:
            return attempt()
        # A check verifies one connection, which another thread may be quicker to take.
        for _ in range(4 * self._pool):
            try:
                with verified_only((app.identity, self._shared.failures)):
                    return attempt()
            except NewConnectionNeeded:  # noqa: PERF203 - the loop is there for it
                self._verify(app)
        raise ConnectionLost(f"{self.address.url} closes every connection before it can be used.")

    def upload(
        self,
        path: str,
        parts: Callable[[], Sequence[tuple[str, Part, str]]],
        app: App | None = None,
    ) -> Answer:
        """Post files as a form, read from their handles while they are sent.

        Args:
            path: Below the app's address.
            parts: Gives name, handle and media type of each file; asked again if the form has to
                be sent again, because the server wanted a login first.
            app: The app that they are for, as in `post`.

        Raises:
            ConnectError, ConnectionLost, Timeout: As `post` does.
        """
        from requests_toolbelt import MultipartEncoder

        boundary = secrets.token_hex(16)
        return self.send(
            "POST",
            path,
            lambda: MultipartEncoder([("files", part) for part in parts()], boundary),
            f"multipart/form-data; boundary={boundary}",
            app=app,
        )

    def log_in(self, base: str | None = None) -> None:
        """Log in with the user and password of `Access`, whose answer is a cookie.

        They are not sent anywhere if the address led to another origin.

        Args:
            base: The app's root, if it is not where its address leads to.

        Raises:
            AuthenticationError: The app refuses them.
            ConnectError, ConnectionLost, Timeout: It was not reached.
        """
        root = base or self.address.url
        if not self._is_own(root):
            return
        user, password = self.access.auth or ("", "")
        answer = self._complete(
            "POST",
            root + "/login",
            urlencode({"username": user, "password": password}).encode(),
            {"Content-Type": "application/x-www-form-urlencoded"},
            repeat=False,
        )
        # A redirection is how Gradio 3.16 says yes, and later versions that there is no login;
        # anything else that is no refusal says that too, and the description will tell.
        if answer.status in {BAD_REQUEST, UNAUTHORIZED, FORBIDDEN}:
            raise AuthenticationError(
                f"{self.address.url} refused the user and password of auth=.", status=answer.status
            )

    def _logged_in_again(self, base: str | None, seen: int) -> bool:
        """Log in because a login has expired, unless another thread did; tell whether it helped."""
        if self.access.auth is None:
            return False
        with self._shared.login_lock:
            if self._shared.logins == seen:
                self.log_in(base)
                self._shared.logins += 1
        return True

    def stream(
        self,
        path: str,
        idle: float | None,
        limit: Limit = "idle_timeout",
        *,
        app: App | None = None,
    ) -> ByteStream:
        """Open *path* and return the answer as it comes.

        Args:
            path: Below the app's address, or a full URL.
            idle: Seconds that may pass without a byte; ``None`` for any number.
            limit: The option that these seconds come from.
            app: What the stream begins a call of, as in `post`; not given if it begins nothing.

        Raises:
            ConnectError: Nothing reached the app.
            ConnectionLost: The connection broke before the answer.
            Timeout: The answer did not begin in time.
            Restarted: The server is another one now, and nothing was sent.
        """
        url = self.address.join(path) if path.startswith("/") else path
        seen, refused = self._shared.logins, False
        for _ in range(MAX_REDIRECTS):
            attempt = functools.partial(
                self._request, "GET", url, limit=limit, stream=True, read_timeout=idle
            )
            response = self._verified(attempt, app)
            location = response.headers.get("Location")
            if response.status_code in REDIRECTS and location:
                response.close()
                url = _redirected(url, location)
            elif response.status_code == UNAUTHORIZED and self._is_own(url) and not refused:
                response.close()
                refused = True
                if not self._logged_in_again(None, seen):
                    raise self.unauthorized(url)
            else:
                break
        return ByteStream(response, limit, self._shared.broke)

    def socket(self, path: str, app: App | None = None) -> TextSocket:
        """Open a websocket at *path*, to the server that is known to have described the app.

        Raises:
            ConnectError, ServerError: It was not reached, or refused.
            AuthenticationError: It wants a login.
            Restarted: The server is another one now, and nothing was sent.
        """
        seen = self._shared.logins
        try:
            opened = self._handshake(path)
        except AuthenticationError:
            if not self._logged_in_again(None, seen):
                raise
            opened = self._handshake(path)
        try:
            # Asked once it is open: who answers now is who was there when it was opened. And each
            # time, as nothing else says that it is not another server since the last one.
            if app is not None:
                self._verify(app)
        except BaseException:
            opened.close()
            raise
        return opened

    def _handshake(self, path: str) -> TextSocket:
        session = self._session(self.address.url)
        request = requests.Request("GET", self.address.join(path), auth=self._secrets)
        prepared = session.prepare_request(request)
        url, headers = str(prepared.url), dict(prepared.headers)
        for name in ("Accept", "Accept-Encoding", "Connection"):
            headers.pop(name, None)  # of a request for a page
        return open_socket(
            "ws" + url.removeprefix("http"),
            headers=headers,
            cookies=headers.pop("Cookie", ""),
            timeout=self.access.timeout,
            verify=session.verify if isinstance(session.verify, bool | str) else True,
            proxy=select_proxy(url, session.proxies),
        )

    def _verify(self, app: App) -> None:
        """Ask the server whether it is the one that described the app.

        Raises:
            Restarted: It is another one.
        """
        with verifying((app.identity, self._shared.failures)):
            if self.verify_server is not None:
                self.verify_server(app)

    def _complete(
        self,
        method: str,
        url: str,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        base: str | None = None,
        *,
        patient: bool = False,
        repeat: bool = True,
    ) -> Answer:
        """Send a request and read the whole answer; once more after a login, if it was refused."""
        seen = self._shared.logins
        with unguarded():  # a file may have to be fetched from another app first
            content = body() if callable(body) else body
        limit = None if patient else self.access.timeout
        response = self._request(method, url, content, headers, read_timeout=limit)
        answer = Answer(response.status_code, response.content, url, response.headers)
        if answer.status >= SERVER_FAULT:
            self._shared.broke()
        if answer.wants_login and repeat:
            if self._is_own(url) and self._logged_in_again(base, seen):
                return self._complete(
                    method, url, body, headers, base, patient=patient, repeat=False
                )
            raise self.unauthorized(url)
        return answer

    def _request(
        self,
        method: str,
        url: str,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        *,
        limit: Limit = "timeout",
        stream: bool = False,
        read_timeout: float | None = None,
    ) -> requests.Response:
        try:
            url = normal_url(url)
            session = self._session(url)
            return session.request(
                method,
                url,
                auth=self._secrets,
                data=body,
                headers=headers,
                stream=stream,
                timeout=(self.access.timeout, read_timeout),
                allow_redirects=False,
                verify=session.verify,
            )
        except NewConnectionNeeded:
            raise
        except Exception as error:  # noqa: BLE001 - every one becomes one of ours
            self._shared.broke()
            # A library may quote the address of a proxy, with its password.
            raise translated(error, url, limit) from (None if "@" in str(error) else error)

    def _session(self, url: str) -> requests.Session:
        return self._shared.own if self._is_own(url) else self._shared.foreign

    def _is_own(self, url: str) -> bool:
        """Tell whether a URL is of the app's origin, which may have the secrets."""
        return same_origin(normal_url(url), self._secrets.origin)

    def unauthorized(
        self, url: str | None = None, status: int = UNAUTHORIZED
    ) -> AuthenticationError:
        """Return the error for an answer of 401, or of 403, which says what was tried."""
        if url is not None and not self._is_own(url):
            return AuthenticationError(
                f"{self.address.url} leads to {Address(url).origin}, which wants a login. Secrets "
                "are not sent to another address than the one that they are for: connect to that.",
                status=status,
            )
        used = [
            name
            for name, given in (
                (self.access.token_source, self.access.token),
                ("auth=", self.access.auth),
                ("headers=", self.access.headers),
                ("the user in the address", self.address.basic),
            )
            if given
        ]
        if used:
            what = f"refused what {' and '.join(used)} gave; check it"
        elif status == FORBIDDEN:
            what = (
                "lets nobody in without a secret; pass what it wants as token=, headers= or auth="
            )
        else:
            what = "wants a login; pass auth=(user, password), or token= for a private Space"
        if status == FORBIDDEN:
            what = f"answered 403 (forbidden): it {what}"
        return AuthenticationError(f"{self.address.url} {what}.", status=status)


def _redirected(url: str, location: str) -> str:
    """Return where a redirection leads to.

    Raises:
        ServerError: To no web address.
    """
    with contextlib.suppress(ValueError, NotGradio):
        target = normal_url(urljoin(url, location))
        if urlsplit(target).scheme in {"http", "https"}:
            return target
    raise ServerError(
        f"{one_line(url)} redirects to {one_line(location)!r}, which is no web address."
    )
