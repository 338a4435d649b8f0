"""How one request is made: where it goes, over which connection, and when it is made once more.

A request goes through these steps, outermost first; each is one method:

==================  ===============================================================================
`repeat_if_lost`    once more where the connection broke and nothing can have happened
`follow`            where redirections lead to
`exchange`,         the whole answer, or as it comes; once more where a login had expired
`open`
`_open_confirmed`   over a connection that is known to lead to the server that described the app
`_send`             once
==================  ===============================================================================

Every exception of the libraries below ends here as one of ours.
"""

from __future__ import annotations

import contextlib
import copy
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urljoin, urlsplit

import requests

from ..errors import (
    AuthenticationError,
    ConnectError,
    ConnectionLost,
    GradioProxyError,
    NotGradio,
    ServerError,
)
from ..statuses import REDIRECTS, SERVER_FAULT, UNAUTHORIZED
from ..text import one_line
from .credentials import Access, Secrets, normal_url
from .exceptions import translated
from .identity import ServerIdentity
from .in_flight import interruptible
from .login import (
    LOGIN_TYPE,
    LoginPolicy,
    Logins,
    check_login,
    foreign_login_error,
    login_error,
    login_form,
)
from .pool import NewConnectionNeeded, unguarded, verified_only, verifying
from .request import Request
from .response import ENCODINGS, Answer, ByteStream
from .url import same_origin

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from ..schema.endpoint import App
    from .in_flight import InFlight
    from .pool import Adapter
    from .url import Address

T = TypeVar("T")
AnswerT = TypeVar("AnswerT", Answer, ByteStream)

# Browsers follow 20; nobody has a reason for more than a handful here.
MAX_REDIRECTS = 10


class _Session(requests.Session):
    """A session that does not look where redirections lead: that is ours to judge."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Say nowhere."""


@dataclass
class _Shared:
    """What several requesters have in common that lead to one app.

    Attributes:
        own: Makes the requests to the app's own origin.
        foreign: Makes the others, over the same connections; it neither sees nor sets cookies.
        failures: How often the server failed, as it does when it is being restarted; connections
            that were verified before that have to be verified again.
        closes: Whether no connection outlives an answer, as behind some proxies.
        logins: How often it was logged in.
        identity: Tells whether the server is still the same.
        works: What is under way.
    """

    own: requests.Session
    foreign: requests.Session
    failures: int = 0
    closes: bool = False
    logins: Logins = field(default_factory=Logins)
    identity: ServerIdentity = field(default_factory=ServerIdentity)
    works: set[InFlight] = field(default_factory=set)

    @contextlib.contextmanager
    def under_way(self, work: InFlight) -> Generator[None]:
        """Let a work be ended with the transport, in this context."""
        self.works.add(work)
        try:
            yield
        finally:
            self.works.discard(work)

    def note_failure(self) -> None:
        """Take note of a connection that broke, or a server that failed."""
        self.failures += 1


class Requester:
    """Makes requests to one app, as one person.

    Args:
        address: Where the app is.
        access: How to reach it.
        adapter: The kind of connections.
        pool: How many connections to keep.
    """

    def __init__(self, address: Address, access: Access, adapter: type[Adapter], pool: int) -> None:
        self.address = address
        self.access = access
        self.secrets = Secrets(address, access)
        self._adapter = adapter
        self._pool = pool
        self._shared = _Shared(*self._make_sessions())

    def _make_sessions(self) -> tuple[requests.Session, requests.Session]:
        access, own, foreign = self.access, _Session(), _Session()
        adapter = self._adapter(pool_connections=2, pool_maxsize=self._pool)
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
            session.headers["Accept-Encoding"] = ENCODINGS
        own.cookies.set_policy(LoginPolicy())
        foreign.cookies.set_policy(LoginPolicy(allowed_domains=()))
        return own, foreign

    def renew(self) -> None:
        """Start with new connections (after a fork: the old ones are the parent's)."""
        cookies = self._shared.own.cookies
        self._shared.own, self._shared.foreign = self._make_sessions()
        self._shared.own.cookies.update(cookies)
        self._shared.works = set()

    def close(self) -> None:
        """End what is under way, and close the connections; new requests can still be made."""
        for work in list(self._shared.works):
            work.interrupt()
        self._shared.own.close()

    def with_access(self, access: Access) -> Requester:
        """Return a requester over the same connections that is somebody else."""
        other = copy.copy(self)
        other.access = access
        other.secrets = self.secrets.changed(access)
        return other

    def session_for(self, url: str) -> requests.Session:
        """Return what makes the requests for a URL."""
        return self._shared.own if self.is_own(url) else self._shared.foreign

    def is_own(self, url: str) -> bool:
        """Tell whether a URL is of the app's origin, which may have the secrets."""
        return same_origin(normal_url(url), self.secrets.origin)

    # Logins.

    @property
    def logins(self) -> int:
        """How often it was logged in; see `log_in_again`."""
        return self._shared.logins.count

    def log_in(self, root: str | None = None) -> None:
        """Log in with the user and password of `Access`, whose answer is a cookie.

        They are not sent anywhere if the address led to another origin.

        Args:
            root: Where the app is, if it is not where its address leads to.

        Raises:
            AuthenticationError: The app refuses them.
            ConnectError, ConnectionLost, Timeout: It was not reached.
        """
        root = root or self.address.url
        if self.access.auth is None or not self.is_own(root):
            return
        request = Request(
            "POST",
            root + "/login",
            login_form(self.access.auth),
            LOGIN_TYPE,
            seconds=self.access.timeout,
            may_log_in=False,
        )
        check_login(self.exchange(request).status, self.address.url)

    def log_in_again(self, root: str | None, seen: int) -> bool:
        """Log in because a login has expired, unless another thread did; tell whether it helped.

        Args:
            root: As for `log_in`.
            seen: `logins` from before the request that was refused.
        """
        if self.access.auth is None:
            return False
        self._shared.logins.renew(seen, lambda: self.log_in(root))
        return True

    def unauthorized(self, url: str, status: int = UNAUTHORIZED) -> AuthenticationError:
        """Return the error for an answer of 401 or 403, which says what was tried."""
        if not self.is_own(url):
            return foreign_login_error(self.address, url)
        return login_error(self.address, self.access, status)

    # The steps of a request.

    def repeat_if_lost(self, attempt: Callable[[], T]) -> T:
        """Make a request that changes nothing, and once more if its connection breaks."""
        with interruptible() as work, self._shared.under_way(work):
            try:
                return attempt()
            except ConnectionLost:
                if work.interrupted:
                    raise
            return attempt()

    def follow(self, attempt: Callable[[str], AnswerT], url: str) -> AnswerT:
        """Make a request where it leads to; return the last of several answers."""
        answer = attempt(url)
        for _ in range(MAX_REDIRECTS - 1):
            location = answer.headers.get("Location")
            if answer.status not in REDIRECTS or not location:
                break
            if isinstance(answer, ByteStream):
                answer.close()
            url = _redirected(url, location)
            answer = attempt(url)
        return answer

    def exchange(self, request: Request) -> Answer:
        """Make a request and read the whole answer."""
        seen = self.logins
        answer = self._read(request)
        if not answer.wants_login or not request.may_log_in:
            return answer
        if self.is_own(request.url) and self.log_in_again(request.root, seen):
            answer = self._read(request)
            if not answer.wants_login:
                return answer
        raise self.unauthorized(request.url)

    def open(self, request: Request) -> ByteStream:
        """Make a request and return the answer as it comes."""
        seen = self.logins
        stream = self._open_confirmed(request)
        if stream.status != UNAUTHORIZED or not self.is_own(request.url):
            return stream
        stream.close()
        if not self.log_in_again(None, seen):
            raise self.unauthorized(request.url)
        return self._open_confirmed(request)

    def _read(self, request: Request) -> Answer:
        stream = self._open_confirmed(request)
        try:
            answer = Answer(stream.status, stream.read(), request.url, stream.headers)
        finally:
            stream.close()
        if answer.status >= SERVER_FAULT:
            self._shared.note_failure()
        return answer

    def _open_confirmed(self, request: Request) -> ByteStream:
        """Make a request over a connection that is known to lead to who described the app."""
        app = request.app
        if app is None:
            return self._send(request)
        # A check verifies one connection, which another thread may be quicker to take.
        for _ in range(4 * self._pool):
            try:
                with verified_only((app.identity, self._shared.failures)):
                    return self._send(request)
            except NewConnectionNeeded:
                kept = self.confirm(app)
            if not kept and self._shared.closes:
                return self._send(request)  # none ever is: who was there just now has to do
            self._shared.closes = not kept
        raise ConnectionLost(
            f"{self.address.url} closes every connection before it can be used.", may_have_run=False
        )

    def confirm(self, app: App) -> bool:
        """Ask the server whether it is the one that described an app.

        Returns:
            Whether the connection that it was asked over is there for what is to be sent.

        Raises:
            Restarted: It is another one.
            ConnectError, ConnectionLost, Timeout, ServerError: It did not say.
        """
        with verifying((app.identity, self._shared.failures)) as verification:
            self._shared.identity.confirm(app, self.get)
        return verification.kept

    def get(self, path: str) -> Answer:
        """Fetch *path* (below the app's address), following redirections."""
        url = self.address.url + path
        request = Request("GET", url, seconds=self.access.timeout)

        def read(at: str) -> Answer:
            return self.exchange(replace(request, url=at, root=at.removesuffix(path)))

        return self.repeat_if_lost(lambda: self.follow(read, url))

    def _send(self, request: Request) -> ByteStream:
        with unguarded():  # a file may have to be fetched from another app first
            content = request.body() if callable(request.body) else request.body
        headers = {"Content-Type": request.content_type} if request.content_type else None
        try:
            url = normal_url(request.url)
            session = self.session_for(url)
            with interruptible(effect=request.effect) as work, self._shared.under_way(work):
                response = session.request(
                    request.method,
                    url,
                    auth=self.secrets,
                    data=content,
                    headers=headers,
                    stream=True,
                    timeout=(self.access.timeout, request.seconds),
                    allow_redirects=False,
                    verify=session.verify,
                )
        except NewConnectionNeeded:
            raise
        except Exception as error:  # noqa: BLE001 - every one becomes one of ours
            self._shared.note_failure()
            own = translated(error, request.url, "timeout")
            own.with_call(may_have_run=request.effect and _may_have_arrived(own))
            # A library may quote the address of a proxy, with its password.
            raise own from (None if "@" in str(error) else error)
        self._shared.works.add(work)
        return ByteStream(response, work, self._shared, effect=request.effect)


def _may_have_arrived(error: GradioProxyError) -> bool:
    """Tell whether a request may have arrived that ended with an error."""
    given_up_before = isinstance(error, ConnectionLost) and not error.may_have_run
    return not given_up_before and not isinstance(error, ConnectError)


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
