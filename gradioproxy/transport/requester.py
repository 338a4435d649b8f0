"""How a request is sent: which steps it goes through, whatever is to come back.

Each step calls the next one, and once more if the answer calls for it:

===============================  ==================================================================
`Requester.send`                 once more if the connection broke and nothing can have happened
`_send_handling_redirects`       where redirections lead to
`_send_handling_login`           once more after a login, where the app wants one
`_send_handling_identity`        over a connection to the server that described the app
`_send_once`                     past whoever intercepts it, as `interception` says
`_send_over_network`             with what its origin may know, as `Connections.prepare` says
===============================  ==================================================================

Every exception of the libraries below ends here as one of ours.
"""

from __future__ import annotations

import contextlib
import functools
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from ..errors import AuthenticationError, ConnectError, ConnectionLost, GradioProxyError
from ..statuses import REDIRECTS, SERVER_FAULT, SWITCHING_PROTOCOLS, UNAUTHORIZED, reason_for
from ..uncopyable import Uncopyable
from .exceptions import translate_error
from .in_flight import interruptible
from .interception import Exchange
from .login import build_foreign_login_error, build_login_body, build_login_error, check_login
from .origin import OriginPolicy
from .pool import Lease, NewConnectionNeeded, lease_connection
from .redaction import Redactor
from .request import ReplyT, Request, do_nothing
from .response import Answer, ByteStream

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from ..schema.endpoint import App
    from .connections import Connections, Prepared
    from .credentials import Access
    from .text_socket import TextSocket
    from .url import Address

# Browsers follow 20; nobody has a reason for more than a handful here.
MAX_REDIRECTS = 10


class Requester(Uncopyable):
    """Sends requests to one app, as one person.

    Args:
        address: Where the app is.
        access: How to reach it.
        connections: The connections to it.

    Attributes:
        named: What led to the app: an address of the caller, or of the Hub for a Space.
        policy: Which origin gets the secrets.
        redactor: Takes the secrets out of what servers say.
    """

    def __init__(self, address: Address, access: Access, connections: Connections) -> None:
        self.address = address
        self.access = access
        self.policy = OriginPolicy(address, access)
        self.connections = connections
        self.named = address
        self.redactor = Redactor(address, access, connections.list_cookies)

    def with_access(self, access: Access) -> Requester:
        """Return a requester over the same connections that is somebody else."""
        other = Requester(self.address, access, self.connections)
        other.policy = self.policy.with_access(access)
        other.named = self.named
        other.redactor = Redactor(self.named, access, self.connections.list_cookies)
        return other

    def rebase(self, address: Address) -> None:
        """Send to where the app really is from now on."""
        self.policy.rebase(address)
        self.address = address

    # The steps of a request.

    def send(self, request: Request[ReplyT]) -> ReplyT:
        """Send a request; return what came back, whatever its status.

        Raises:
            AuthenticationError: The app wants a login, and there is none, or it did not help.
            ConnectError, ConnectionLost, Timeout: Nothing came, or not all.
            Restarted: The server is not the one any more that the request is for.
            ServerError: A redirection leads nowhere.
        """
        if not request.idempotent:
            return self._send_handling_redirects(request)
        with interruptible() as work, self.connections.under_way(work):
            try:
                return self._send_handling_redirects(request)
            except ConnectionLost:
                if work.interrupted:
                    raise
            return self._send_handling_redirects(request)

    def _send_handling_redirects(self, request: Request[ReplyT]) -> ReplyT:
        reply = self._send_handling_login(request)
        for _ in range(MAX_REDIRECTS - 1):
            location = reply.headers.get("Location")
            if not request.follow_redirects or reply.status not in REDIRECTS or not location:
                break
            reply.close()
            request = replace(request, url=self.resolve_redirect(request.url, location))
            reply = self._send_handling_login(request)
        return reply

    def _send_handling_login(self, request: Request[ReplyT]) -> ReplyT:
        seen = self.connections.logins.count
        reply = self._send_handling_identity(request)
        if not request.log_in or not reply.wants_login:
            return reply
        reply.close()
        if self.access.auth is not None and self.policy.covers(request.url):
            log_in = functools.partial(self.log_in, request.root)
            self.connections.logins.renew(seen, log_in)
            reply = self._send_handling_identity(request)
            if not reply.wants_login:
                return reply
            reply.close()
        raise self.build_login_error(request.url, reply.status)

    def _send_handling_identity(self, request: Request[ReplyT]) -> ReplyT:
        if request.app is None:
            return self._send_once(request)
        if request.reply.is_websocket:
            return self._open_confirmed(request, request.app)
        identity = self.connections.identity
        requirement = identity.requirement(request.app)
        # A check verifies one connection, which another thread may be quicker to take.
        for _ in range(4 * self.connections.size):
            with contextlib.suppress(NewConnectionNeeded):  # once is the rule
                return self._send_once(request, requirement)
            requirement = identity.confirm(request.app, self.get)
        raise ConnectionLost(
            f"{self.address.url} closes every connection before it can be used.", may_have_run=False
        )

    def _open_confirmed(self, request: Request[ReplyT], app: App) -> ReplyT:
        """Open a websocket, then ask the server who it is: it was there when it was opened.

        It is asked each time, as nothing else says that it is not another one since the last.
        """
        opened = self._send_once(request)
        try:
            if opened.status == SWITCHING_PROTOCOLS:
                self.confirm(app)
        except BaseException:
            opened.close()
            raise
        return opened

    def _send_once(self, request: Request[ReplyT], required: Hashable = None) -> ReplyT:
        send = functools.partial(self._send_over_network, required=required)
        exchange = Exchange(request, self.named, self.access, self.redactor, self.connections, send)
        return cast("ReplyT", self.connections.interceptor.intercept(exchange))

    def _send_over_network(self, request: Request[ReplyT], required: Hashable = None) -> ReplyT:
        # Not under way yet: to open it, a file may have to be fetched from another app.
        content = request.body.open() if request.body else None
        try:
            query = self.find_query(request.app) if request.is_call else ""
            prepared = self.connections.prepare(request, content, self.policy, query)
            if request.reply.is_websocket:
                reply: Any = self._open_socket(prepared)
            else:
                reply = self._open_stream(request, prepared, required)
        except NewConnectionNeeded:
            raise
        except Exception as error:  # noqa: BLE001 - it raises what the libraries below raise
            self.connections.count_failure()
            failure = translate_error(error, request.url, "timeout", self.redactor.hide)
        else:
            return cast("ReplyT", self._read(request, reply) if request.reply is Answer else reply)
        failure.with_call(may_have_run=request.effect and _may_have_arrived(failure))
        try:
            raise failure
        finally:
            del failure  # else it holds itself, by its traceback, and all that is known here

    def _open_stream(
        self, request: Request[Any], prepared: Prepared, required: Hashable
    ) -> ByteStream:
        with (
            interruptible(effect=request.effect) as work,
            self.connections.under_way(work),
            lease_connection(Lease(work, required, request.meanwhile, prepared.query)) as lease,
        ):
            response = prepared.send((self.access.timeout, request.read_timeout))
        self.connections.begin_work(work)
        stream = ByteStream(
            response, lease, self.connections, effect=request.effect, hide=self.redactor.hide
        )
        stream.url = request.url  # with its own query, and without what was added to that
        return stream

    def _open_socket(self, prepared: Prepared) -> TextSocket:
        from .text_socket import open_socket  # late, as that says

        with interruptible() as work, self.connections.under_way(work):
            return open_socket(
                prepared.request,
                prepared.query,
                work,
                timeout=self.access.timeout,
                verify=prepared.verify,
                proxy=prepared.proxy,
                max_message=self.access.limits.message,
                hide=self.redactor.hide,
            )

    def _read(self, request: Request[Any], stream: ByteStream) -> Answer:
        stream.limit_size(getattr(self.access.limits, request.size_limit), request.size_limit)
        try:
            body = stream.read()
            answer = Answer(
                stream.status, body, request.url, stream.headers, stream.lease, stream.hide
            )
        finally:
            stream.close()
        if answer.status >= SERVER_FAULT:
            self.connections.count_failure()
        return answer

    # What the steps need themselves.

    def resolve_redirect(self, url: str, location: str) -> str:
        """Return where a redirection leads to; see `OriginPolicy.resolve_redirect`."""
        return self.policy.resolve_redirect(url, location, self.redactor)

    def get(self, path: str, meanwhile: Callable[[], object] = do_nothing) -> Answer:
        """Fetch what an app says of itself at a path, following redirections.

        Args:
            path: The path.
            meanwhile: As `Request` has it.
        """
        return self.send(
            Request(
                "GET",
                self.address.url + path,
                Answer,
                self.access.timeout,
                path=path,
                idempotent=True,
                follow_redirects=True,
                size_limit="description",
                meanwhile=meanwhile,
            )
        )

    def confirm(self, app: App) -> None:
        """Ask the server whether it is the one that described an app.

        Raises:
            Restarted: It is another one.
            ConnectError, ConnectionLost, Timeout, ServerError: It did not say.
        """
        self.connections.identity.confirm(app, self.get)

    def log_in(self, root: str = "") -> None:
        """Log in with the user and password of `Access`, whose answer is a cookie.

        They are not sent anywhere if the address led to another origin.

        Args:
            root: Where the app is, if it is not where its address leads to.

        Raises:
            AuthenticationError: The app refuses them.
            ConnectError, ConnectionLost, Timeout: It was not reached.
        """
        url = (root or self.address.url) + "/login"
        if self.access.auth is None or not self.policy.covers(url):
            return
        body = build_login_body(self.access.auth)
        request = Request("POST", url, Answer, self.access.timeout, body, log_in=False)
        check_login(self.send(request).status, self.address.url)

    def find_query(self, app: App | None) -> str:
        """Return what calls of an app have in their URLs, as those of its page do."""
        return self.address.query if app is not None and app.release.reads_page_query else ""

    def build_login_error(self, url: str, status: int = UNAUTHORIZED) -> AuthenticationError:
        """Return the error for an answer of 401 or 403, which says what was tried."""
        if not self.policy.covers(url):
            return build_foreign_login_error(self.address, url)
        return build_login_error(self.address, self.access, status)

    def build_stream_error(self, stream: ByteStream) -> GradioProxyError:
        """Return the error for an answer that should have been an event stream."""
        if reason_for(stream.status) == "login":
            return self.build_login_error(stream.url, stream.status)
        try:
            body = next(iter(stream), b"")
        except GradioProxyError:
            body = b""  # its status says enough
        answer = Answer(stream.status, body, stream.url, stream.headers, hide=stream.hide)
        return answer.error("instead of events")


def _may_have_arrived(error: GradioProxyError) -> bool:
    """Tell whether a request may have arrived that ended with an error."""
    given_up_before = isinstance(error, ConnectionLost) and not error.may_have_run
    return not given_up_before and not isinstance(error, ConnectError)
