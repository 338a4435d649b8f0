"""The connections to one app, with all that those share who use them, whoever they are."""

from __future__ import annotations

import contextlib
from dataclasses import field
from typing import TYPE_CHECKING, Any

import requests
from requests.cookies import RequestsCookieJar
from requests.utils import select_proxy

from ..frozen import frozen
from ..uncopyable import Uncopyable
from .adapter import Adapter
from .identity import ServerIdentity
from .interception import NETWORK, find_interceptor
from .login import LoginPolicy, Logins
from .pool import lease_connection
from .reach import check_name
from .response import ENCODINGS
from .url import normalize_url, remember_urls

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from .credentials import Access
    from .in_flight import InFlight
    from .interception import Interceptor
    from .origin import OriginPolicy
    from .pool import Lease
    from .reach import Reach
    from .request import Request


class _Session(requests.Session):
    """A session that does not look where redirections lead: that is ours to judge."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Say nowhere."""


@frozen()
class Prepared:
    """A request with all that goes along to where it goes.

    Attributes:
        request: The request, with secrets and cookies. Its URL has no query: the libraries log it.
        query: Its query.
        proxies: Proxies by scheme.
        verify: Whether to check certificates, or the path of a CA bundle.
    """

    request: requests.PreparedRequest
    query: str = field(repr=False)
    proxies: Mapping[str, str] = field(repr=False)
    verify: bool | str
    _session: requests.Session

    @property
    def proxy(self) -> str | None:
        """The proxy that it goes through, if any."""
        return select_proxy(str(self.request.url), self.proxies)

    def send(self, timeout: tuple[float, float | None]) -> requests.Response:
        """Send it, under a lease that has its query; return the answer with its head alone."""
        return self._session.send(
            self.request,
            stream=True,
            timeout=timeout,
            allow_redirects=False,
            proxies=dict(self.proxies),
            verify=self.verify,
        )


def _drop_none(proxies: Mapping[str, str]) -> dict[str, str]:
    """Return proxies without those that say that there is none, as the library does."""
    return {scheme: proxy for scheme, proxy in proxies.items() if proxy is not None}


@remember_urls
def _spell_url(url: str) -> str:
    """Return a URL as it is sent, without what is for the page alone.

    Raises:
        NotGradio: It is none.
    """
    request = requests.PreparedRequest()
    request.prepare_url(normalize_url(url), None)
    return str(request.url).partition("#")[0]


class Connections(Uncopyable):
    """The connections to one app.

    Args:
        url: Where the app is.
        access: How to reach it; the secrets do not matter here.
        size: How many connections to keep.
        reach: Judges where connections may lead.
        interceptor: What stands between requests and the network; by default what is installed now.

    Attributes:
        size: How many connections are kept.
        interceptor: What stands between requests and the network.
        logins: How often it was logged in.
        identity: Tells whether the server is still the same.
    """

    def __init__(
        self,
        url: str,
        access: Access,
        size: int,
        reach: Reach,
        interceptor: Interceptor | None = None,
    ) -> None:
        self.size = size
        self.interceptor = interceptor or find_interceptor() or NETWORK
        self.logins = Logins()
        self.identity = ServerIdentity()
        self._url = url
        self._verify = access.verify
        self._proxies = access.proxies
        self._reach = reach
        self._works: set[InFlight] = set()
        # The second makes the requests to other origins, over the same pools; it neither sees nor
        # sets cookies.
        self._app_session, self._other_session = self._make_sessions()

    def _make_sessions(self) -> tuple[requests.Session, requests.Session]:
        app, other = _Session(), _Session()
        self._adapter = adapter = Adapter(self._reach, self.size)
        # The environment is asked once for the app, not at each request.
        settings = app.merge_environment_settings(self._url, {}, None, self._verify, None)
        proxies = settings["proxies"] if self._proxies is None else self._proxies
        app.trust_env, app.proxies = False, _drop_none(proxies)
        other.trust_env, other.proxies = self._proxies is None, _drop_none(self._proxies or {})
        for session in (app, other):
            session.mount("http://", adapter)
            session.mount("https://", adapter)
            session.verify = settings["verify"]
            session.headers["User-Agent"] = "gradioproxy"
            session.headers["Accept-Encoding"] = ENCODINGS
        app.cookies.set_policy(LoginPolicy())
        other.cookies.set_policy(LoginPolicy(allowed_domains=()))
        return app, other

    def prepare(
        self, request: Request[Any], content: Any, policy: OriginPolicy, query: str = ""
    ) -> Prepared:
        """Put together what is sent for a request, by the rules that hold for where it goes.

        Args:
            request: The request.
            content: Its body, opened.
            policy: The rules.
            query: What its URL has before its own query, which wins where both name the same; for
                the app's own origin alone.

        Raises:
            NotGradio: That is nowhere.
            GradioProxyError: It may not go there.
        """
        url = _spell_url(request.url)
        # Also as it was named: spelling it may have undone what makes it lead elsewhere.
        is_own = policy.covers(url) and policy.covers(request.url)
        session = self._app_session if is_own else self._other_session
        body = request.body
        # As `Session.prepare_request` would do it, which takes three times as long: it looks for
        # the settings of each request at four places, and reads each URL anew.
        prepared = requests.PreparedRequest()
        prepared.prepare_method(request.method)
        prepared.url, _, own_query = url.partition("?")
        prepared.prepare_headers(session.headers)
        if body:
            prepared.headers["Content-Type"] = body.content_type
        if session.cookies:
            # A copy: what has expired is taken out of it, under a lock that Ctrl-C may leave taken.
            cookies = RequestsCookieJar()
            cookies.update(session.cookies)
            prepared.prepare_cookies(cookies)
        prepared.prepare_body(content, None)
        if is_own:
            prepared.headers.update(policy.headers)
            prepared.prepare_content_length(prepared.body)
        proxies, verify = self._find_settings(session, url)
        if proxies and select_proxy(url, proxies):
            check_name(self._reach, url)  # the connection does not tell
        whole_query = "&".join(filter(None, [query if is_own else "", own_query]))
        verify = True if verify is None else verify
        return Prepared(prepared, whole_query, proxies, verify, session)

    @staticmethod
    def _find_settings(session: requests.Session, url: str) -> tuple[Mapping[str, str], Any]:
        """Return the proxies for a URL, and whether to check certificates."""
        if not session.trust_env:
            return session.proxies, session.verify
        settings = session.merge_environment_settings(url, {}, None, session.verify, None)
        return settings["proxies"], settings["verify"]

    @property
    def proxy(self) -> str | None:
        """The proxy that requests to the app go through, if any, perhaps with a password."""
        return select_proxy(self._url, self._app_session.proxies)

    def try_connecting(self, lease: Lease, seconds: float) -> tuple[str | None, bool]:
        """Connect to the app as a request would, and let go of it.

        Args:
            lease: What the connection is made under.
            seconds: How long each step may take.

        Returns:
            The version of TLS, and whether the certificate was checked.

        Raises:
            NotGradio, OSError: And whatever the libraries raise.
        """
        session = self._app_session
        request = requests.PreparedRequest()
        request.prepare_method("GET")
        request.url = _spell_url(self._url)
        verify = True if session.verify is None else session.verify
        pool = self._adapter.open_pool(request, verify, session.proxies)
        with lease_connection(lease):
            return pool.try_connecting(seconds)

    @property
    def has_cookies(self) -> bool:
        """Whether the app has set cookies."""
        return bool(self._app_session.cookies)

    def list_cookies(self) -> list[str]:
        """Return the values of the cookies that the app has set."""
        jar = self._app_session.cookies
        with jar._cookies_lock:  # type: ignore[attr-defined]  # noqa: SLF001 - others may set some
            return [cookie.value or "" for cookie in jar]

    @contextlib.contextmanager
    def under_way(self, work: InFlight) -> Generator[None]:
        """Let `close` end a work, in this context."""
        self.begin_work(work)
        try:
            yield
        finally:
            self.end_work(work)

    def begin_work(self, work: InFlight) -> None:
        """Let `close` end a work from now on."""
        self._works.add(work)

    def end_work(self, work: InFlight) -> None:
        """Take note that a work is over."""
        self._works.discard(work)

    def count_failure(self) -> None:
        """Take note of a connection that broke, or a server that failed."""
        self.identity.count_failure()

    def renew(self) -> None:
        """Start with new connections (after a fork: the old ones are the parent's)."""
        cookies = self._app_session.cookies
        self._app_session, self._other_session = self._make_sessions()
        self._app_session.cookies.update(cookies)
        self._works = set()

    def close(self) -> None:
        """End what is under way, and close the connections; new requests can still be made."""
        for work in list(self._works):
            work.interrupt()
        self._app_session.close()
