"""Addresses of apps: what people paste, parsed into the URL that requests go to.

Nothing is asked of the network here.
"""

from __future__ import annotations

import base64
import functools
import re
from dataclasses import dataclass, field
from ipaddress import IPv6Address, ip_address
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit, urlunsplit

from ..errors import NotGradio
from ..text import one_line

if TYPE_CHECKING:
    from collections.abc import Callable

DEFAULT_PORTS = {"http": 80, "https": 443}
HUB = "https://huggingface.co"
# The domain of the apps of Spaces, and the hosts that serve the Hub's pages.
_SPACES = ".hf.space"
# The header in which the proxy before Spaces looks for a token besides ``Authorization``.
SPACE_TOKEN_HEADER = "X-HF-Authorization"  # noqa: S105 - no token, but where one goes
_HUB_HOSTS = frozenset({"huggingface.co", "www.huggingface.co", "hf.co"})
# An owner and a name; huggingface_hub knows the same characters.
_REPOSITORY = re.compile(r"\w([\w.-]{0,94}\w)?/\w([\w.-]{0,94}\w)?", re.ASCII)
# ``localhost:7860``, ``127.0.0.1:7860/path``, ``[::1]:7860``, ``app.example.org``: perhaps a user
# with a password, a host, then perhaps a port, then perhaps a path.
_WITHOUT_SCHEME = re.compile(
    r"([^\s/?#@]*:[^\s/?#@]*@)?"
    r"(localhost|\[[0-9a-fA-F:.]+\]|[\w-]+(\.[\w-]+)+|[\w-]+(?=:\d))(:\d+)?([/?#].*)?$"
)
# A session asks for the same few URLs again and again. Longer ones are not remembered: a server may
# name one of megabytes.
_REMEMBERED, _LONGEST_REMEMBERED = 256, 2000
# Proxies may decode a path, and servers what they pass on.
_MOST_DECODED = 4
# Paths of the API behind an app's address. ``/api`` alone is none: apps are mounted there.
_API = re.compile(
    r"(/+(gradio_api(/.*)?|config|info|queue/(join|data|status)|(api|run)/predict|call/[^/]+))?/*$"
)


@dataclass(frozen=True)
class Address:
    """The address of an app.

    Attributes:
        url: Its root without a trailing slash, without user and password.
        basic: The ``Authorization`` header that the user in the pasted address stands for.
        space: The name of the Space that the app is, if the Hub gave the address.
        query: What stood behind the question mark, as a browser sends it along with calls; it is
            part of no URL that is shown or kept.
    """

    url: str
    basic: str | None = field(default=None, repr=False)
    space: str = ""
    query: str = field(default="", repr=False)

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def label(self) -> str:
        """Host, port and path, to name the app in messages."""
        parts = urlsplit(self.url)
        return parts.netloc + parts.path

    @property
    def source(self) -> str:
        """What to connect to again: for a Space its page, since the Hub has to be asked."""
        return f"{HUB}/spaces/{self.space}" if self.space else self.url

    @property
    def token_header(self) -> str:
        """The header that a token goes into.

        The proxy before Spaces reads both headers. It passes ``Authorization`` on to the app, which
        is its author's program and must not see the token, and removes the other one.
        """
        host = urlsplit(self.url).hostname or ""
        of_space = self.space or host.endswith(_SPACES)
        return SPACE_TOKEN_HEADER if of_space else "Authorization"

    @property
    def parameters(self) -> list[tuple[str, str]]:
        """The names and values of the query."""
        return parse_qsl(self.query, keep_blank_values=True)

    def join(self, path: str) -> str:
        """Return the URL of *path*, which begins with a slash."""
        return self.url + path


def parse_address(text: str) -> Address:
    """Read an address as people paste it.

    Args:
        text: A URL with or without a scheme, perhaps with a query, a fragment or the path of the
            API behind it, perhaps with user and password.

    Returns:
        The address.

    Raises:
        NotGradio: It can't be one; nothing was sent.
    """
    pasted = text.strip()
    if "://" not in pasted and _WITHOUT_SCHEME.match(pasted):
        pasted = f"http://{pasted}"
    try:
        parts = urlsplit(pasted)
        host, port = parts.hostname, parts.port
        if "[" in parts.netloc:
            IPv6Address(host or "")  # which urlsplit of Python 3.10 does not check
    except ValueError:
        host, port, parts = None, None, urlsplit("")
    if (
        parts.scheme not in DEFAULT_PORTS
        or not host
        or re.search(r"[\s\x00-\x1f<>\"{}|\\^`]", pasted)
    ):
        shown = one_line(strip_secrets(text), 100)
        raise NotGradio(
            f"{shown!r} is no address of an app. Pass a URL such as 'http://127.0.0.1:7860', "
            "or the name of a Space such as 'owner/space'.",
        )
    # A slash in a password has to be written %2F: all libraries take what precedes it for a host.
    if "@" not in parts.netloc and ":" in (parts.netloc + parts.path).rpartition("@")[0]:
        raise NotGradio(
            "The address has an @ behind a slash, so that it may be the end of a password. Write a "
            "slash in a password as %2F, and an @ in a path as %40."
        )
    netloc = f"[{host}]" if ":" in host else host
    if port is not None and port != DEFAULT_PORTS[parts.scheme]:
        netloc += f":{port}"
    path = _API.sub("", parts.path, count=1)
    url = urlunsplit((parts.scheme, netloc, path, "", ""))
    # Behind a path of the API stands what that takes, and nothing that a page would have.
    query = read_query(parts.query) if path == parts.path.rstrip("/") else ""
    basic = None
    if parts.username or parts.password:
        pair = f"{unquote(parts.username or '')}:{unquote(parts.password or '')}"
        basic = f"Basic {base64.b64encode(pair.encode(errors='surrogateescape')).decode()}"
    return Address(url, basic, query=query)


def strip_user(address: str) -> str:
    """Return what somebody gave as an address, without what may be a user and a password.

    That is whatever stands before the last @, as there may be a slash in a password.
    """
    return address.rpartition("@")[2]


def strip_secrets(address: str) -> str:
    """Return what somebody gave as an address, without a user, a password and a query."""
    bare = strip_user(address)
    # Before the @ there may be a question mark, too.
    return bare.partition("?")[0] + ("?…" if "?" in bare else "")


def strip_query(url: str) -> str:
    """Return a URL as it may be shown: a session's hash is in the query of its stream."""
    return url.partition("?")[0]


def add_query(target: str, query: str) -> str:
    """Return what has no query, a URL or a path, with one."""
    return f"{target}?{query}" if query else target


def read_query(query: str) -> str:
    """Return the query of a page's address as its script sends it on: written anew, as a form."""
    return urlencode(parse_qsl(query, keep_blank_values=True), errors="replace")


def is_repository(text: str) -> bool:
    """Tell whether a text can be the name of a repository on the Hub, with its owner."""
    return bool(_REPOSITORY.fullmatch(text)) and "--" not in text and ".." not in text


def parse_space(text: str, hub: str = HUB) -> str | None:
    """Read the name of a Space: ``owner/name``, or the address of its page.

    Args:
        text: What somebody typed or pasted.
        hub: The address of the Hub, whose pages may have other addresses than those of Hugging
            Face.

    Returns:
        The name, or ``None`` if the text is something else, such as an app's own address.
    """
    pasted = text.strip()
    bare = "://" not in pasted
    page = f"https://{pasted}" if bare else pasted
    try:
        parts, root = urlsplit(page), urlsplit(hub)
    except ValueError:
        return None
    path = parts.path
    if strip_user(parts.netloc) == root.netloc:
        path = path.removeprefix(root.path)
    elif parts.hostname not in _HUB_HOSTS:
        return (
            pasted if bare and is_repository(pasted) and not _WITHOUT_SCHEME.match(pasted) else None
        )
    kind, _, rest = path.lstrip("/").partition("/")
    name = "/".join(rest.split("/")[:2])
    return name if kind == "spaces" and is_repository(name) else None


def is_loopback(url: str) -> bool:
    """Tell whether requests for a URL stay on this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def remember_urls(read: Callable[[str], str]) -> Callable[[str], str]:
    """Return a function that remembers what *read* made of the latest URLs; a decorator."""
    remembered = functools.lru_cache(_REMEMBERED)(read)

    @functools.wraps(read)
    def read_or_remember(url: str) -> str:
        return remembered(url) if len(url) <= _LONGEST_REMEMBERED else read(url)

    return read_or_remember


@remember_urls
def normalize_url(url: str) -> str:
    """Return a URL as the libraries below read it, so that nobody reads another host in it.

    Raises:
        NotGradio: It is none.
    """
    import urllib3  # late: addresses are read where nothing is sent

    try:
        return str(urllib3.util.parse_url(url).url)
    except urllib3.exceptions.LocationParseError:
        raise NotGradio(f"{one_line(url)!r} is no address on the web.") from None


def same_origin(one: str, other: str) -> bool:
    """Tell whether two URLs have scheme, host and port in common.

    The step from http to https on one host is no change of origin: servers redirect so.
    """
    a, b = urlsplit(one), urlsplit(other)
    if (a.hostname or "").lower() != (b.hostname or "").lower():
        return False
    port_a = a.port or DEFAULT_PORTS.get(a.scheme)
    port_b = b.port or DEFAULT_PORTS.get(b.scheme)
    if a.scheme == b.scheme:
        return port_a == port_b
    return (a.scheme, port_a) == ("https", 443) and (b.scheme, port_b) == ("http", 80)


def is_below(url: str, base: str) -> bool:
    """Tell whether a URL is another one or below it, as libraries, proxies and servers read it.

    Args:
        url: A URL.
        base: One without a query.

    Returns:
        False also if it climbs up its path in a way that only some of them would follow.

    Raises:
        NotGradio: One of them is none.
    """
    url, base = normalize_url(url), normalize_url(base)
    path, root = urlsplit(url).path, urlsplit(base).path.rstrip("/")
    return same_origin(url, base) and f"{path}/".startswith(f"{root}/") and not _climbs(path)


def _climbs(path: str) -> bool:
    """Tell whether a path has steps that were written so that `normalize_url` leaves them."""
    for _ in range(_MOST_DECODED):
        path = unquote(path)
    if unquote(path) != path:
        return True  # nobody has a reason to encode it so often
    # Some servers take what is behind a semicolon for parameters of a step.
    steps = (step.split(";", 1)[0] for step in re.split(r"[/\\]", path))
    return any(step in {".", ".."} for step in steps)
