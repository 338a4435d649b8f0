"""Requests to the Hub's REST API: which path, with which token, and one page after the other.

What an answer means is for others to know, but for errors and descriptions of Spaces.

https://huggingface.co/docs/hub/api, and its description for machines at
https://huggingface.co/.well-known/openapi.json
"""

from __future__ import annotations

import math
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode

from ..errors import AuthenticationError, ServerError
from ..statuses import SAME_METHOD_REDIRECTS
from ..text import one_line
from ..transport.url import is_loopback, is_repository
from .address import get_hub_address
from .failures import error_for
from .records import Provenance, Record, Results, Space
from .tokens import Token, find_token

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from typing_extensions import Self

    from ..transport.response import Answer
    from .content import Content

# ``Link: <https://…?cursor=…>; rel="next"``, perhaps among others.
_NEXT = re.compile(r"<([^>]*)>(?=[^<]*;\s*rel\s*=\s*\"?[^\"<]*\bnext\b)", re.IGNORECASE)
_UNSENDABLE = re.compile(r"[\x00-\x20\x7f\\#]|(^|/)\.{1,2}(/|$)")
_MAX_REDIRECTS = 5


def parse_repository(text: str, kind: str) -> str:
    """Return the name of a repository, as it stands in paths of the API.

    Args:
        text: ``owner/name``, or what only the oldest models have, a name alone.
        kind: What it is of, for the message.

    Raises:
        ValueError: It can be no name.
    """
    name = text.strip()
    if is_repository(name) or (kind == "model" and is_repository(f"owner/{name}")):
        return name
    raise ValueError(f"{one_line(text)!r} can't be the name of a {kind}: pass 'owner/name'.")


class Hub:
    """The Hub as one token sees it; a context manager, which closes the connection.

    A token goes to the Hub's own origin only: redirections and further pages that lead to another
    one are errors, because what they answer would be believed. It goes there over https, or without
    leaving this machine.

    Args:
        token: A token, ``False`` for none, or ``None`` for that of the environment or the file.
        **access: ``verify``, ``proxies`` and ``timeout``.

    Raises:
        AuthenticationError: A token was passed, and it can't be sent in secret.
    """

    def __init__(self, token: str | bool | Token | None = None, **access: Any) -> None:
        # Late, as everywhere in this package: looking at what there is of the Hub loads no library.
        from ..transport.credentials import Access
        from ..transport.http import Transport

        self.address = get_hub_address()
        self.token = find_token(token)
        if self.token.value and not self.is_safe(self.address.url):
            if self.token.source == Access.token_source:
                raise AuthenticationError(
                    f"A token goes to {self.address.url} over https only. Correct HF_ENDPOINT, or "
                    "pass token=False."
                )
            self.token = Token(None, f"that of {self.token.source} goes over https only")
        known = Access(token=self.token.value, token_source=self.token.source, **access)
        self._transport = Transport(self.address, known)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self._transport.close()

    def is_safe(self, url: str) -> bool:
        """Tell whether a secret may go to a URL: over https, or with the Hub on this machine."""
        return url.startswith("https://") or (is_loopback(url) and is_loopback(self.address.url))

    def get(
        self, path: str, query: Mapping[str, Any] | None = None, max_seconds: float = math.inf
    ) -> Any:
        """Return what the Hub has at a path: of a list the first page.

        Args:
            path: The path.
            query: The query.
            max_seconds: How many seconds to wait for the answer, if that is less than usual.

        Raises:
            AuthenticationError, RateLimited, ServerError, SpaceError: The Hub refused.
            ConnectError, ConnectionLost, Timeout: It was not reached.
        """
        answer = self._fetch(path + _encode_query(query or {}), max_seconds)
        return self.recognize_space(path, answer.json(Record))

    def get_record(self, path: str, what: str, query: Mapping[str, Any] | None = None) -> Record:
        """Return what the Hub says of one thing; raises what `get` does.

        Args:
            path: Where it is.
            what: What it is, for the error if the Hub says nothing of the kind.
            query: The query.
        """
        found = self.get(path, query)
        if not isinstance(found, Record):
            raise ServerError(f"The Hub does not say {what}.")
        return found

    def fetch_list(self, path: str, query: Mapping[str, Any], limit: int | None) -> Any:
        """Return what the Hub has at a path; a list as `Results`, of which one page was fetched.

        Raises:
            AuthenticationError, RateLimited, ServerError, SpaceError: The Hub refused.
            ConnectError, ConnectionLost, Timeout: It was not reached.
        """
        if limit is not None and limit < 1:
            raise ValueError(f"limit must be at least 1, not {limit}")
        try:
            answer = self._fetch(path + _encode_query(query))
            first = answer.json(Record)
        except BaseException:
            self._transport.close()
            raise
        if isinstance(first, list):
            return Results(path, self._iterate_pages(path, answer, first), limit)
        self._transport.close()
        return self.recognize_space(path, first)

    def post(self, path: str, content: Content | None = None) -> Any:
        """Ask the Hub to do something, once, and return what it answers.

        Args:
            path: The path.
            content: What is sent along.

        Raises:
            AuthenticationError, RateLimited, ServerError, SpaceError: The Hub refused.
            ConnectError, ConnectionLost, Timeout: It was not reached, or did not answer.
        """
        return self.recognize_space(path, self.change("POST", path, content).json(Record))

    def change(self, method: str, path: str, content: Content | None = None) -> Answer:
        """Do as `post`, by any method; what is answered need be nothing.

        Raises:
            AuthenticationError, RateLimited, ServerError, SpaceError: The Hub refused.
            ConnectError, ConnectionLost, Timeout: It was not reached, or did not answer.
        """
        return self._fetch(path, method=method, content=content)

    def _fetch(
        self,
        target: str,
        max_seconds: float = math.inf,
        *,
        method: str = "GET",
        content: Content | None = None,
    ) -> Answer:
        """Ask for a path or a URL, following redirections within the Hub."""
        for _ in range(_MAX_REDIRECTS):
            answer = self._send(method, target, max_seconds, content)
            if answer.ok:
                return answer
            # To any other one a browser would go with GET, which does not do what is asked for.
            if not answer.location or not (
                method == "GET" or answer.status in SAME_METHOD_REDIRECTS
            ):
                break
            target = self._resolve_own(answer, answer.location, "redirects")
        raise error_for(answer, self.token, changes=method != "GET")

    def _send(
        self, method: str, target: str, max_seconds: float, content: Content | None
    ) -> Answer:
        """Send one request; what is quoted of its answer has none of the secrets in it."""
        if content is None:
            return self._transport.request_raw(method, target, max_seconds)
        from ..transport.request import Request  # late, as in `__init__`
        from ..transport.response import Answer

        url = self.address.join(target) if target.startswith("/") else target
        seconds = min(max_seconds, self._transport.access.timeout)
        request = Request(method, url, Answer, seconds, content, effect=True, log_in=False)
        answer = self._transport.requester.send(request)
        return replace(answer, hide=content.hide_in(answer.hide))

    def _resolve_own(self, answer: Answer, named: str, how: str) -> str:
        """Return a URL that an answer of the Hub names, if it is one of its own."""
        if answer.hide(named) != named:
            raise ServerError(f"{self.address.url} {how} to an address with a secret in it.")
        url = self._transport.resolve_redirect(answer.url, named)
        if not self._transport.is_own(url):
            raise ServerError(
                f"{self.address.url} {how} to {one_line(url)!r}, which is another server and not "
                "believed. Set HF_ENDPOINT if the Hub has moved."
            )
        return url

    def _iterate_pages(
        self, path: str, answer: Answer, items: list[Any]
    ) -> Generator[tuple[list[Any], bool]]:
        seen = {answer.url}
        try:
            while True:
                link = _NEXT.search(answer.headers.get("Link", ""))
                yield (
                    [self.recognize_space(path, item, of_list=True) for item in items],
                    link is not None,
                )
                if link is None:
                    return
                following = self._resolve_own(answer, link[1], "leads on")
                if following in seen:
                    raise ServerError(f"The page after {one_line(answer.url)} was there before.")
                seen.add(following)
                answer = self._fetch(following)
                items = answer.json(Record)
                if not isinstance(items, list):
                    raise answer.error("which is no page of a list")
        finally:
            self._transport.close()

    def recognize_space(self, path: str, value: Any, *, of_list: bool = False) -> Any:
        """Make a `Space` of what is the description of one."""
        about = path.removeprefix("/api/spaces")
        if isinstance(value, Record) and (about == "" if of_list else is_repository(about[1:])):
            passed = self.token if self.token.passed else None
            return Space(value, provenance=Provenance(self.address.url, value.get("host"), passed))
        return value


def parse_endpoint(endpoint: str) -> tuple[str, dict[str, Any]]:
    """Return the path of an endpoint, however it was written, and the query behind it.

    Args:
        endpoint: ``models``, ``/api/models``, ``models/owner/name``, or a URL of the Hub's API.

    Raises:
        ValueError: It can be none.
    """
    path = endpoint.strip()
    if "://" in path:
        root = get_hub_address()
        if not path.startswith(f"{root.url}/api/"):
            raise ValueError(f"{one_line(path)!r} is no address of the API at {root.url}.")
        path = path.removeprefix(root.url)
    path, _, query = path.partition("?")
    path = f"{path.strip('/')}/".removeprefix("api/").strip("/")
    if not path or _UNSENDABLE.search(path):
        raise ValueError(f"{one_line(endpoint)!r} is no endpoint; pass one such as 'models'.")
    return f"/api/{path}", dict(parse_qs(query, keep_blank_values=True))


def _encode_query(query: Mapping[str, Any]) -> str:
    """Return a query as it stands behind a path; what is ``None`` is left out."""
    pairs = [
        (name, str(item).lower() if isinstance(item, bool) else str(item))
        for name, value in query.items()
        if value is not None
        for item in (value if isinstance(value, list | tuple | set | frozenset) else [value])
    ]
    return f"?{urlencode(pairs)}" if pairs else ""
