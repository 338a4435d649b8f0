"""How to reach an app: the options of the caller, and the secrets in the environment.

Where secrets go is for `origin` to decide.
"""

from __future__ import annotations

import contextlib
import os
import re
from dataclasses import field
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from ..errors import NotGradio
from ..frozen import frozen
from ..limits import DEFAULT_LIMITS, Limits
from ..options import check_seconds
from ..uncopyable import Uncopyable
from .url import is_below, parse_address

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

# The variable with the secrets for unpickled functions and files: pickles hold none.
ENVIRONMENT = "GRADIOPROXY_ACCESS"

# Valid names and values of headers (RFC 9110). They are checked here since the libraries quote an
# invalid value, which may be a secret.
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HOST = re.compile(r"[A-Za-z0-9._:-]+")
_HEADER_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")


@frozen()
class Access(Uncopyable):
    """How to reach an app: what `connect` and the primitive functions take as options.

    Attributes:
        token: A Hugging Face token, sent as a bearer token to the app's own origin.
        token_source: Where the token is from, in words.
        auth: User and password of the app's own login.
        headers: More headers for the app's own origin.
        verify: Whether to check certificates, or the path of a CA bundle.
        proxies: Proxies by scheme, instead of those of the environment.
        timeout: Seconds to wait for a connection, and for an ordinary answer.
        file_hosts: Hosts to which the app's answers may lead although they are nearer to this
            machine than the app.
        limits: How much of what the server sends is taken in.
        oauth_token: A Hugging Face token for functions of the app that ask for one to act for the
            caller; it goes with calls of these alone.
        scope: The address that the secrets are for, with what is below it; all of the app's origin
            if it is empty.
    """

    token: str | None = field(default=None, repr=False)
    auth: tuple[str, str] | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    verify: bool | str | None = None
    proxies: Mapping[str, str] | None = field(default=None, repr=False)
    timeout: float = 30.0
    file_hosts: tuple[str, ...] = ()
    limits: Limits = DEFAULT_LIMITS
    token_source: str = "token="  # noqa: S105 - the name of the option
    oauth_token: str | None = field(default=None, repr=False)
    scope: str = ""

    def __post_init__(self) -> None:
        check_seconds("timeout", self.timeout)
        if not self.timeout:
            raise ValueError("timeout is a number of seconds, and more than 0")
        # A token that was read from a file ends with a newline.
        for name in ("token", "oauth_token"):
            token = getattr(self, name)
            object.__setattr__(self, name, token.strip() if token else None)
        for name, value in self.headers.items():
            if not isinstance(name, str) or not isinstance(value, str):
                raise TypeError(f"names and values of headers are text; {name!r} has another")
        headers = {name: value.strip() for name, value in self.headers.items()}
        object.__setattr__(self, "headers", headers)
        for name, value in {self.token_source: self.token or "", **headers}.items():
            if not _HEADER_VALUE.fullmatch(value):
                raise ValueError(f"{name} has a character that can't be sent in a header")
        for name in headers:
            if not _HEADER_NAME.fullmatch(name):
                raise ValueError(f"{name!r} can't be the name of a header")


def parse_hosts(hosts: Collection[str]) -> tuple[str, ...]:
    """Return hosts as they are compared.

    Args:
        hosts: Names or IP addresses, without scheme and port.

    Raises:
        TypeError, ValueError: One of them is none, or they are one text.
    """
    if isinstance(hosts, str):
        raise TypeError("file_hosts is a list of hosts, not a text")
    for host in hosts:
        if not isinstance(host, str) or not _HOST.fullmatch(host):
            raise ValueError(f"{host!r} is no host: pass its name or IP address alone")
    return tuple(host.lower() for host in hosts)


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
            scope, parts = parse_address(entry).url, urlsplit(entry)
            if not is_below(url, scope):
                continue
            user, password = unquote(parts.username or ""), unquote(parts.password or "")
            if password:
                return Access(auth=(user, password), scope=scope)
            return Access(token=user, scope=scope)
    return Access()
