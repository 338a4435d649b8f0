"""The way to one app, as the rest of the package uses it.

It builds requests, and knows nothing of calls, files and functions. `requester` has the steps that
each request goes through, `origin` the rules for secrets: they go to the app's own origin alone.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..statuses import UNAUTHORIZED
from ..uncopyable import Uncopyable
from .connections import Connections
from .credentials import Access
from .identity import Restarted
from .reach import AppReach
from .request import SAFE_METHODS, FilesBody, Request, build_json_body, do_nothing
from .requester import Requester
from .response import Answer, ByteStream
from .url import Address

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ..errors import AuthenticationError, Limit
    from ..schema.endpoint import App
    from .interception import Interceptor
    from .reach import Reach
    from .request import Body, Part
    from .text_socket import TextSocket

__all__ = ["Restarted", "Transport"]


class Transport(Uncopyable):
    """The way to one app, as one person.

    Args:
        address: Where the app is.
        access: How to reach it.
        pool: How many connections to keep.
        reach: Judges where connections may lead; no further in than the app is, by default.
        interceptor: What stands between requests and the network; by default what is installed now.
    """

    def __init__(
        self,
        address: Address,
        access: Access,
        pool: int = 16,
        reach: Reach | None = None,
        interceptor: Interceptor | None = None,
    ) -> None:
        reach = reach or AppReach(address.url, access.file_hosts)
        connections = Connections(address.url, access, pool, reach, interceptor)
        self._requester = Requester(address, access, connections)

    @property
    def requester(self) -> Requester:
        """What sends its requests."""
        return self._requester

    @property
    def address(self) -> Address:
        """Where the app is."""
        return self._requester.address

    @property
    def access(self) -> Access:
        """How it is reached."""
        return self._requester.access

    def renew(self) -> None:
        """Start with new connections (after a fork: the old ones are the parent's)."""
        self._requester.connections.renew()

    def close(self) -> None:
        """Close the idle connections; the transport can still be used."""
        self._requester.connections.close()

    def rebase(self, address: Address) -> None:
        """Send requests to where the app's page redirected.

        Secrets stay with the origin that the caller named, unless it is still that one.
        """
        self._requester.rebase(address)

    def with_access(self, **changes: Any) -> Transport:
        """Return a transport over the same connections with another token or other headers."""
        if "token" in changes:
            changes.setdefault("token_source", Access.token_source)
        other = object.__new__(type(self))
        other._requester = self._requester.with_access(replace(self.access, **changes))
        return other

    def to_elsewhere(self, url: str) -> Transport:
        """Return the way to where the caller of the app leads: without secrets, to be closed.

        Args:
            url: An address of another origin.
        """
        own, interceptor = self.access, self._requester.connections.interceptor
        access = Access(verify=own.verify, proxies=own.proxies, timeout=own.timeout)
        return Transport(Address(url), access, pool=1, interceptor=interceptor)

    def is_public_url(self, url: str) -> bool:
        """Tell whether requests for a URL carry neither secrets nor cookies."""
        policy, connections = self._requester.policy, self._requester.connections
        return not policy.covers(url) or not (policy.headers or connections.has_cookies)

    def is_own(self, url: str) -> bool:
        """Tell whether a URL is of the app's own origin, whose requests carry its secrets."""
        return self._requester.policy.covers(url)

    def resolve_redirect(self, url: str, location: str) -> str:
        """Return where a redirection leads to, as the libraries below will read it.

        Args:
            url: What was asked for.
            location: What the answer named.

        Raises:
            ServerError: It leads to no web address.
        """
        return self._requester.resolve_redirect(url, location)

    def hide(self, text: str) -> str:
        """Return what a server said, cleaned and perhaps cut, without secrets of ours.

        Every answer hides them in what it quotes of itself. This is for what is quoted of its
        content: whatever gets into an error, a report or a log.
        """
        return self._requester.redactor.hide(text)

    def hide_certain(self, text: str) -> str:
        """Return JSON that describes an app without secrets of ours that can't be chance."""
        return self._requester.redactor.hide_certain(text)

    def has_secrets_of(self, other: Transport) -> bool:
        """Tell whether requests of both transports carry the same secrets."""
        mine, theirs = self._requester.policy, other._requester.policy
        same_token = self.access.oauth_token == other.access.oauth_token
        return self is other or (mine.headers == theirs.headers and same_token)

    @property
    def shown_headers(self) -> Mapping[str, str]:
        """The headers that tell who makes a request, with placeholders for their values."""
        return dict(self._requester.policy.shown)

    def log_in(self) -> None:
        """Log in with the user and password of `Access`, whose answer is a cookie.

        Raises:
            AuthenticationError: The app refuses them.
            ConnectError, ConnectionLost, Timeout: It was not reached.
        """
        self._requester.log_in()

    def build_login_error(
        self, url: str | None = None, status: int = UNAUTHORIZED
    ) -> AuthenticationError:
        """Return the error for an answer of 401 or 403; it says which secrets were sent."""
        return self._requester.build_login_error(url or self.address.url, status)

    def confirm(self, app: App) -> None:
        """Ask the server whether it is the one that described an app.

        Raises:
            Restarted: It is another one.
            ConnectError, ConnectionLost, Timeout: It was not reached.
            ServerError: It failed, twice.
        """
        self._requester.confirm(app)

    def get(
        self,
        path: str,
        *,
        accept_errors: bool = True,
        meanwhile: Callable[[], object] = do_nothing,
    ) -> Answer:
        """Fetch *path* (below the app's address), following redirections.

        Args:
            path: Where.
            accept_errors: Whether an answer may be an error.
            meanwhile: What to do between sending the request and waiting for the answer, each
                time it is sent; raises nothing.

        Raises:
            ConnectError: Nothing reached the app.
            ConnectionLost: The connection broke before the end of the answer, twice.
            Timeout: The answer did not come in time.
            AuthenticationError: The app wants a login that was not given, or refused it.
            RateLimited, ServerError: The answer is an error, unless *accept_errors*; or a
                redirection leads to no web address.
        """
        answer = self._requester.get(path, meanwhile)
        if not accept_errors and not answer.ok:
            raise answer.error()
        return answer

    def request_raw(
        self,
        method: str,
        path: str,
        max_seconds: float = math.inf,
        *,
        body: Body | None = None,
        log_in: bool = False,
    ) -> Answer:
        """Send a request that follows no redirection.

        Args:
            method: Its method.
            path: Below the app's address, or a full URL.
            max_seconds: How many seconds to wait for the answer, if that is less than usual.
            body: What it brings.
            log_in: Whether it is sent once more after a login if the app wants one.

        Raises:
            ConnectError, ConnectionLost, Timeout: As `get` does.
            AuthenticationError: The app wants a login, as far as *log_in* goes.
        """
        effect = method not in SAFE_METHODS
        return self._requester.send(
            Request(
                method,
                self._url(path),
                Answer,
                min(max_seconds, self.access.timeout),
                body,
                effect=effect,
                idempotent=not effect,
                log_in=log_in,
            )
        )

    def post(
        self,
        path: str,
        body: Any,
        *,
        app: App | None = None,
        effect: bool = True,
        asks_token: bool = False,
        no_timeout: bool = False,
        max_seconds: float | None = None,
    ) -> Answer:
        """Post JSON to *path* and return the answer, whatever its status.

        Args:
            path: Below the app's address.
            body: What to send.
            app: What the request is made for. If it has an effect, it is sent only over a
                connection that is known to lead to the server that described this app.
            effect: Whether the request makes something happen.
            asks_token: Whether it is a call of a function that asks for the caller's OAuth token.
            no_timeout: Whether the answer may take any time.
            max_seconds: How many seconds to wait for it, if that is less than usual.

        Raises:
            ConnectError: Nothing reached the app.
            ConnectionLost: The connection broke before the end of the answer; ``may_have_run`` says
                whether the request may have had its effect.
            Timeout: The answer did not come in time.
            AuthenticationError: As `get` does; nothing has run.
            Restarted: The server is another one now, and nothing was sent.
        """
        url = self.address.join(path)
        is_for_token = asks_token and self.is_own(url)
        return self._requester.send(
            Request(
                "POST",
                url,
                Answer,
                None if no_timeout else min(max_seconds or math.inf, self.access.timeout),
                build_json_body(body, self.access.oauth_token if is_for_token else None),
                effect=effect,
                app=app if effect else None,
            )
        )

    def upload(
        self,
        path: str,
        parts: Callable[[], Sequence[tuple[str, Part, str]]],
        app: App | None = None,
    ) -> Answer:
        """Post files as a form, read from their handles while they are sent.

        Args:
            path: Below the app's address.
            parts: Returns name, handle and media type of each file; called once more if the form
                has to be sent again, because the server wanted a login first.
            app: The app that they are for, as in `post`.

        Raises:
            ConnectError, ConnectionLost, Timeout, AuthenticationError, Restarted: As `post` does;
                nothing has run.
        """
        return self._requester.send(
            Request(
                "POST",
                self.address.join(path),
                Answer,
                self.access.timeout,
                FilesBody(parts),
                app=app,
            )
        )

    def stream(
        self,
        path: str,
        read_timeout: float | None,
        limit: Limit = "idle_timeout",
        *,
        app: App | None = None,
    ) -> ByteStream:
        """Open *path* and return the answer as it comes.

        Its head comes as soon as any ordinary answer's (``timeout``); then the server may take its
        time.

        Args:
            path: Below the app's address, or a full URL.
            read_timeout: Seconds that may pass without a byte; ``None`` for any number.
            limit: The option that these seconds come from.
            app: What the stream begins a call of, as in `post`; not given if it begins nothing.

        Raises:
            ConnectError: Nothing reached the app.
            ConnectionLost: The connection broke before the answer.
            Timeout: The answer did not begin in time.
            AuthenticationError, ServerError: As `get` does.
            Restarted: The server is another one now, and nothing was sent.
        """
        return self._open_stream(path, read_timeout, limit, app=app)

    def download(self, url: str) -> ByteStream:
        """Open a file as `stream` does; once more if the connection breaks before its head.

        Raises:
            ConnectError, ConnectionLost, Timeout, AuthenticationError, ServerError: As `stream`
                does.
        """
        timeout = self.access.timeout
        stream = self._open_stream(url, timeout, "timeout", idempotent=True)
        stream.limit_rate(timeout)
        return stream

    def _open_stream(
        self,
        path: str,
        read_timeout: float | None,
        limit: Limit,
        *,
        app: App | None = None,
        idempotent: bool = False,
    ) -> ByteStream:
        stream = self._requester.send(
            Request(
                "GET",
                self._url(path),
                ByteStream,
                self.access.timeout,
                app=app,
                idempotent=idempotent,
                follow_redirects=True,
            )
        )
        stream.limit_silence(read_timeout, limit)
        return stream

    @staticmethod
    def load_sockets() -> None:
        """Load what websockets take, before one is opened on another thread."""
        from . import text_socket  # noqa: F401

    def socket(self, path: str, app: App | None = None) -> TextSocket:
        """Open a websocket at *path*, to the server that is known to have described the app.

        Raises:
            ConnectError, ConnectionLost, ServerError, Timeout: It was not reached, or refused.
            AuthenticationError: It wants a login.
            Restarted: The server is another one now, and nothing was sent.
        """
        from .text_socket import TextSocket  # late, as that says

        request = Request("GET", self.address.join(path), TextSocket, self.access.timeout, app=app)
        opened = self._requester.send(request)
        if opened.refusal is not None:
            raise opened.refusal.error("to a websocket's handshake")
        return opened

    def _url(self, path: str) -> str:
        return self.address.join(path) if path.startswith("/") else path
