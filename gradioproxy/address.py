"""Where an app is: addresses as people paste them, made into the one that requests go to."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field
from ipaddress import IPv6Address
from urllib.parse import unquote, urlsplit, urlunsplit

from .errors import NotGradio
from .text import one_line

_DEFAULT_PORTS = {"http": 80, "https": 443}
# ``localhost:7860``, ``127.0.0.1:7860/path``, ``[::1]:7860``, ``app.example.org``: perhaps a user
# with a password, a host, then perhaps a port, then perhaps a path.
_BARE = re.compile(
    r"([^\s/?#@]*:[^\s/?#@]*@)?"
    r"(localhost|\[[0-9a-fA-F:.]+\]|[\w-]+(\.[\w-]+)+|[\w-]+(?=:\d))(:\d+)?([/?#].*)?$"
)
# What the API puts behind an app's address. Not ``/api`` and its like alone: apps live there.
_API = re.compile(
    r"(/+(gradio_api(/.*)?|config|info|queue/(join|data|status)|(api|run)/predict|call/[^/]+))?/*$"
)


@dataclass(frozen=True)
class Address:
    """The address of an app.

    Attributes:
        url: Its root without a trailing slash, without user and password.
        basic: The ``Authorization`` header that the user in the pasted address stands for.
    """

    url: str
    basic: str | None = field(default=None, repr=False)

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def label(self) -> str:
        """Host, port and path, as a name for people."""
        parts = urlsplit(self.url)
        return parts.netloc + parts.path

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
    if "://" not in pasted and _BARE.match(pasted):
        pasted = f"http://{pasted}"
    try:
        parts = urlsplit(pasted)
        host, port = parts.hostname, parts.port
        if "[" in parts.netloc:
            IPv6Address(host or "")  # before Python 3.11 nobody has looked
    except ValueError:
        host, port, parts = None, None, urlsplit("")
    if (
        parts.scheme not in _DEFAULT_PORTS
        or not host
        or re.search(r"[\s\x00-\x1f<>\"{}|\\^`]", pasted)
    ):
        shown = one_line(text.rpartition("@")[2], 100)  # before it may be a password
        raise NotGradio(
            f"{shown!r} is no address of an app. Pass a URL such as 'http://127.0.0.1:7860', "
            "or the name of a Space such as 'owner/space'.",
        )
    netloc = f"[{host}]" if ":" in host else host
    if port is not None and port != _DEFAULT_PORTS[parts.scheme]:
        netloc += f":{port}"
    url = urlunsplit((parts.scheme, netloc, _API.sub("", parts.path, count=1), "", ""))
    basic = None
    if parts.username or parts.password:
        pair = f"{unquote(parts.username or '')}:{unquote(parts.password or '')}"
        basic = f"Basic {base64.b64encode(pair.encode()).decode()}"
    return Address(url, basic)


def same_origin(one: str, other: str) -> bool:
    """Tell whether two URLs have scheme, host and port in common.

    The step from http to https on one host counts as staying: it is what a careful server asks for.
    """
    a, b = urlsplit(one), urlsplit(other)
    if (a.hostname or "").lower() != (b.hostname or "").lower():
        return False
    port_a = a.port or _DEFAULT_PORTS.get(a.scheme)
    port_b = b.port or _DEFAULT_PORTS.get(b.scheme)
    if a.scheme == b.scheme:
        return port_a == port_b
    return (a.scheme, port_a) == ("https", 443) and (b.scheme, port_b) == ("http", 80)
