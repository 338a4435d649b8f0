"""How to reach an app, and who gets to know the secrets that it takes."""

from __future__ import annotations

import contextlib
import os
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import requests
import requests.auth
import urllib3
from requests.structures import CaseInsensitiveDict

from ..errors import NotGradio
from ..text import one_line
from .url import BESIDE, Address, parse_address, same_origin

if TYPE_CHECKING:
    from collections.abc import Mapping

# The variable with the secrets for functions and files that were pickled, which hold none.
ENVIRONMENT = "GRADIOPROXY_ACCESS"

# What can be the name and the value of a header (RFC 9110). A library that finds it out quotes it,
# and a value may be a secret.
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")


@dataclass(frozen=True)
class Access:
    """How to reach an app: what `connect` and the primitive functions take as options.

    Attributes:
        token: A Hugging Face token, sent as a bearer token to the app's own origin.
        token_source: Where the token is from, in words.
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
    token_source: str = "token="  # noqa: S105 - the name of the option

    def __post_init__(self) -> None:
        # A token that was read from a file has a newline behind it.
        object.__setattr__(self, "token", self.token.strip() if self.token else None)
        headers = {name: value.strip() for name, value in self.headers.items()}
        object.__setattr__(self, "headers", headers)
        for name, value in {self.token_source: self.token or "", **headers}.items():
            if not _HEADER_VALUE.fullmatch(value):
                raise ValueError(f"{name} has a character that can't be sent in a header")
        for name in headers:
            if not _HEADER_NAME.fullmatch(name):
                raise ValueError(f"{name!r} can't be the name of a header")


class Secrets(requests.auth.AuthBase):
    """Adds the secrets to each request that goes to the app's origin.

    An authentication object and not headers, for two reasons: `requests` would otherwise look for
    a ``.netrc`` at each request and prefer what it finds there, and headers of a session go along
    with every redirect.

    ``Authorization`` holds one of them: what the caller gave as such a header, else the user in the
    address, else the token. A token that finds it taken goes beside it, where the proxy of Hugging
    Face looks for it.
    """

    def __init__(self, address: Address, access: Access) -> None:
        self.origin = normal_url(address.origin)
        self.headers = CaseInsensitiveDict(access.headers)
        # The same with placeholders, to be shown.
        self.shown = CaseInsensitiveDict(dict.fromkeys(access.headers, "<value>"))
        self._address = address
        if address.basic:
            self._add("Authorization", address.basic, "Basic <user:password>")
        if access.token:
            taken = "Authorization" in self.headers
            name = BESIDE if taken else address.token_header
            self._add(name, f"Bearer {access.token}", "Bearer <token>")

    def changed(self, access: Access) -> Secrets:
        """Return the secrets of *access*, for the origin that these are for."""
        other = Secrets(self._address, access)
        other.origin = self.origin
        return other

    def _add(self, name: str, value: str, shown: str) -> None:
        """Add a header, unless the caller gave one of that name."""
        if name not in self.headers:
            self.headers[name], self.shown[name] = value, shown

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Add them, if the request goes there."""
        if same_origin(str(request.url), self.origin):
            request.headers.update(self.headers)
        return request


def normal_url(url: str) -> str:
    """Return a URL as the libraries below read it, so that nobody reads another host in it.

    Raises:
        NotGradio: It is none.
    """
    try:
        return str(urllib3.util.parse_url(url).url)
    except urllib3.exceptions.LocationParseError:
        raise NotGradio(f"{one_line(url)!r} is no address on the web.") from None


def access_from_environment(url: str) -> Access:
    """Return the secrets that this process's environment holds for an app, if it has some.

    ``GRADIOPROXY_ACCESS`` has the addresses of apps, with blanks between them, and in each what it
    takes to reach that app: ``https://user:password@app.example.org`` for the app's own login,
    ``https://hf_token@owner-space.hf.space`` for a token. What is special in URLs is written as
    ``%40`` and so on. A secret goes to that address and what is below it, and nowhere else.

    Args:
        url: The app's address.
    """
    for entry in os.environ.get(ENVIRONMENT, "").split():
        with contextlib.suppress(NotGradio):
            known, parts = parse_address(entry).url, urlsplit(entry)
            if not f"{url}/".startswith(f"{known}/"):
                continue
            user, password = unquote(parts.username or ""), unquote(parts.password or "")
            return Access(auth=(user, password)) if password else Access(token=user)
    return Access()
