"""Who gets to know an app's secrets, and where its answers may lead: decided here, for every road.

Whatever is sent goes through `Connections.prepare`: requests, streams, handshakes of websockets,
files that go up or come down. That asks an `OriginPolicy` what a URL gets, and `requester` asks it
where a redirection leads. This module sends nothing, and knows no road from another.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from requests.structures import CaseInsensitiveDict

from ..errors import NotGradio, ServerError
from ..text import one_line
from ..uncopyable import Uncopyable
from .credentials import Access
from .redaction import Redactor
from .url import SPACE_TOKEN_HEADER, is_below, normalize_url, same_origin

if TYPE_CHECKING:
    from .url import Address


class OriginPolicy(Uncopyable):
    """What goes along to an app's own origin, and to no other.

    ``Authorization`` holds one secret: what the caller gave as such a header, else the user in the
    address, else the token. A token that finds it taken goes beside it, where the proxy of Hugging
    Face looks for it.

    Args:
        address: The app's address, as the caller named it.
        access: The secrets.

    Attributes:
        headers: The headers that go to the app's origin.
        shown: The same with placeholders, to be shown.
    """

    def __init__(self, address: Address, access: Access) -> None:
        self._address = address
        self._origin = normalize_url(address.origin)
        self._scope = access.scope
        self.headers = CaseInsensitiveDict(access.headers)
        self.shown = CaseInsensitiveDict(dict.fromkeys(access.headers, "<value>"))
        if address.basic:
            self._add("Authorization", address.basic, "Basic <user:password>")
        if access.token:
            taken = "Authorization" in self.headers
            name = SPACE_TOKEN_HEADER if taken else address.token_header
            self._add(name, f"Bearer {access.token}", "Bearer <token>")

    def with_access(self, access: Access) -> OriginPolicy:
        """Return the policy for other secrets of the same origin."""
        other = OriginPolicy(self._address, access)
        other._origin = self._origin
        return other

    def rebase(self, address: Address) -> None:
        """Take note of where the app really is; secrets stay with the origin that they are for."""
        if self.covers(address.url):
            self._origin = normalize_url(address.origin)

    def covers(self, url: str) -> bool:
        """Tell whether secrets, cookies and logins are for a URL.

        They are for all of the app's origin, or for less of it if `Access` says so.
        """
        if not same_origin(normalize_url(url), self._origin):
            return False
        return not self._scope or is_below(url, self._scope)

    def resolve_redirect(self, url: str, location: str, redactor: Redactor | None = None) -> str:
        """Return where a redirection leads to.

        Args:
            url: What was asked for.
            location: What the answer named.
            redactor: Takes secrets out of what is quoted.

        Raises:
            ServerError: It leads to no web address, or to one with a secret in it, which would get
                into the app's address and whatever shows that.
        """
        redactor = redactor or Redactor(self._address, Access())
        with contextlib.suppress(ValueError, NotGradio):
            target = normalize_url(urljoin(url, location))
            if urlsplit(target).scheme in {"http", "https"}:
                if redactor.hide_certain(target) == target:
                    return target
                raise ServerError(f"{one_line(url)} redirects to an address with a secret in it.")
        shown = redactor.hide(one_line(location))
        raise ServerError(f"{one_line(url)} redirects to {shown!r}, which is no web address.")

    def _add(self, name: str, value: str, shown: str) -> None:
        """Add a header, unless the caller gave one of that name."""
        if name not in self.headers:
            self.headers[name], self.shown[name] = value, shown
