"""A request of one's own, with a session's access: what an app serves besides its functions."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from ..errors import NotGradio
from ..text import one_line, short_repr
from ..transport.request import BytesBody, build_json_body
from ..transport.url import normalize_url, same_origin, strip_secrets
from ..uncopyable import Uncopyable
from .connection import change_headers
from .session import Session

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..transport.http import Transport
    from ..transport.response import Answer

METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")


class Response(Uncopyable):
    """The answer to a request that `request` has made, as a whole.

    Attributes:
        status: Its status: 200 and so on; no status is an error here.
        headers: Its headers, whose names have no case.
        content: Its content.
    """

    __module__ = "gradioproxy"

    _instead = "Pass what is in it: status, headers, content."

    def __init__(self, answer: Answer) -> None:
        self.status: int = answer.status
        self.headers: Mapping[str, str] = answer.headers
        self.content: bytes = answer.body
        # What is in the query may be secret, and is no part of what an error says.
        self._answer = replace(answer, url=answer.url.partition("?")[0], lease=None)

    def __repr__(self) -> str:
        return f"<Response {self.status}, {len(self.content)} bytes>"

    @property
    def ok(self) -> bool:
        """Whether the status is one of success: no error, and no redirection."""
        return self._answer.ok

    @property
    def text(self) -> str:
        """The content as text in UTF-8; what is none is replaced."""
        return self.content.decode("utf-8", "replace")

    def json(self) -> Any:
        """Return the content as JSON.

        Raises:
            RateLimited, ServerError: It is none; with the status, and its first words.
        """
        return self._answer.json()


def request(
    session: Session,
    method: str,
    path: str,
    *,
    params: Mapping[str, Any] | Sequence[tuple[str, Any]] = (),
    json: Any = None,
    content: bytes | str | None = None,
    headers: Mapping[str, str | None] | None = None,
    timeout: float | None = None,
) -> Response:
    """Ask an app for something that is no function of its, with the access of a session.

    The app's own origin gets it and nobody else, with the session's login, token, headers and
    cookies, as a call has them. Redirections are not followed: the answer says where they lead. It
    is sent to the server that is there now, which may be another than was described.

    Args:
        session: The session; one of `Session.with_options` has other secrets and headers.
        method: ``GET``, ``POST``, ``PUT``, ``PATCH``, ``DELETE``, ``HEAD`` or ``OPTIONS``.
        path: Where, below the app's address, with a slash first; or a URL of the app's origin,
            without user and password: those are `connect`'s.
        params: What its query has besides.
        json: What is sent as JSON; ``None`` for nothing.
        content: What is sent as it is, instead; text in UTF-8.
        headers: Headers to add to those that the session was given; one with the value ``None`` is
            taken away. The token is none of them: ``app.with_options(token=False)`` has none.
        timeout: Seconds to wait for a connection, and for the answer; by default the session's.

    Returns:
        The answer, whatever its status.

    Raises:
        ValueError: The method is none of these, the path leads elsewhere, there are both *json* and
            *content*, or a header can't be taken away. Nothing was sent.
        TypeError: *json* is what JSON can't say, *path* is no text, or *session* is no session.
        AuthenticationError: The app wants a login, and there is none, or it did not help.
        ConnectError, ConnectionLost, Timeout: No answer came; of what is no ``GET``,
            ``may_have_run`` says whether it may have had its effect.
        TooLarge: The answer is over ``Limits.answer``.
        SessionClosed: The session was closed.
    """
    if not isinstance(session, Session):
        raise TypeError(f"request() takes an open session, not {type(session).__name__}")
    engine = session.__connection__.engine
    engine.ensure_open()
    if method not in METHODS:
        raise ValueError(f"method is one of {', '.join(METHODS)}, not {short_repr(method, 30)}")
    body = _build_body(json, content)
    transport = session.functions.__maker__.settings.way
    changes: dict[str, Any] = {} if timeout is None else {"timeout": timeout}
    if headers:
        changes["headers"] = change_headers(transport, headers)
    if changes:
        transport = transport.with_access(**changes)
    url = _build_url(transport, path, params)
    engine.arrive()
    return Response(transport.request_raw(method, url, body=body, log_in=True))


def _build_body(json: Any, content: bytes | str | None) -> BytesBody | None:
    if json is not None and content is not None:
        raise ValueError("request() takes json or content, and not both")
    if json is not None:
        return build_json_body(json)
    if isinstance(content, str):
        return BytesBody(content.encode(), "text/plain; charset=utf-8")
    return None if content is None else BytesBody(bytes(content), "application/octet-stream")


def _build_url(
    transport: Transport, path: str, params: Mapping[str, Any] | Sequence[tuple[str, Any]]
) -> str:
    """Return a URL of the app's origin.

    Raises:
        TypeError, ValueError: It is none.
    """
    if not isinstance(path, str):
        raise TypeError(f"path is text, not {type(path).__name__}")
    url = transport.address.join(path) if path.startswith("/") else path
    try:
        # Where the app is; whether secrets are for that, is decided where they are added.
        is_own = "://" in url and same_origin(normalize_url(url), transport.address.url)
    except NotGradio:
        is_own = False
    if not is_own:
        raise ValueError(
            f"path is below {transport.address.url}, with a slash first, or a URL of its origin, "
            f"not {one_line(strip_secrets(path), 100)!r}"
        )
    parts = urlsplit(url)
    if "@" in parts.netloc:
        raise ValueError("path has a user, whom the session has: pass connect() auth= or the URL")
    query = "&".join(filter(None, [parts.query, urlencode(params, doseq=True)]))
    return urlunsplit((parts.scheme, parts.netloc, parts.path, query, ""))
