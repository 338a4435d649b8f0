"""What helps against what `diagnose` finds: one table, in the terms of who calls `connect`.

Nothing is asked here. Each advice is a sentence or two.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ..errors import (
    AuthenticationError,
    ConnectError,
    ConnectionLost,
    GradioProxyError,
    NotGradio,
    ProtocolError,
    RateLimited,
    SchemaError,
    ServerError,
    SpaceError,
    Timeout,
    TooLarge,
)
from ..hub.waiting import ASLEEP
from ..statuses import FORBIDDEN, OK
from ..text import one_line

if TYPE_CHECKING:
    from ..transport.probe import Fault

_PROXY_LOGIN = 407
# What proxies answer for a server that does not answer them; the last are Cloudflare's.
_GATEWAY = frozenset({502, 503, 504, *range(520, 531)})
_SPACES = ".hf.space"
_SHARES = (".gradio.live", ".gradio.app")

BUFFERED = (
    "Something between here and the app keeps streams back, so that partial results come late or "
    "not at all: ask the app's owner to set `proxy_buffering off` (nginx), or whoever runs the "
    "proxy to pass event streams on."
)
BROKEN = (
    "Something between here and the app breaks streams off, by which calls get their results: ask "
    "whoever runs the proxy before the app to let them last."
)
NO_EVENTS = (
    "Something between here and the app answers in its place, where calls get their results: ask "
    "whoever runs the proxy before the app to pass all paths on."
)
NO_WEBSOCKETS = (
    "Calls of Gradio 3 need websockets, and these do not get through: ask whoever runs the proxy "
    "before the app to pass them on (nginx: `proxy_http_version 1.1`, and the headers Upgrade and "
    "Connection)."
)
BUSY = (
    "A call waits behind these. If the number is the same later, the queue stands still: ask the "
    "app's owner to restart it."
)
SLOW = "That is slow: raise timeout= if calls of `connect` fail for it."
ROOT = (
    "Calls go to the address that you gave all the same. Its page may fail in browsers: ask the "
    "app's owner to set root_path=, or the proxy to pass Host and X-Forwarded-Proto on."
)
MOVED = (
    "Secrets (token=, auth=, headers=) are not sent there: if the app wants some, use that address."
)
SECOND_HAND = (
    "Functions can be called, with less known about their values: ask the app's owner to update "
    "Gradio and to look at its log."
)
UPDATE = "Update this package: pip install --upgrade gradioproxy."


@dataclass(frozen=True)
class Way:
    """The way on which something was found.

    Attributes:
        url: The app's address; empty as long as it is not known.
        space: The name of the Space that it is of, if it is one's.
        proxy: The proxy that leads there, if there is one.
        from_environment: Whether the environment names it, and not the caller.
        status: With which status the server answered, if it did.
        wants_basic: Whether the server asks for the login of HTTP itself.
        gave: Whether the caller gave anything to be let in.
        led_to: Where else redirections lead.
        neighbour: Where an app is on the same host, if none is at the address.
        finds_tls: Whether what listens there speaks TLS, though the address is one of http://.
        is_websocket: Whether the stream that is tried is one.
    """

    url: str = ""
    space: str = ""
    proxy: str = ""
    from_environment: bool = True
    status: int = 0
    wants_basic: bool = False
    gave: bool = False
    led_to: str = ""
    neighbour: str = ""
    finds_tls: bool = False
    is_websocket: bool = False

    @property
    def host(self) -> str:
        """The app's host."""
        return urlsplit(self.url).hostname or "the host"

    @property
    def around(self) -> str:
        """How to go without the proxy."""
        if self.from_environment:
            return f"to go without it, set NO_PROXY={self.host}, or pass proxies={{}}"
        return "to go without it, pass proxies={}"


def advise_fault(fault: Fault | None, way: Way) -> str:
    """Return what helps where a part of the way is broken."""
    if way.proxy and fault in {"name", "refused", "silent", "unreachable", "other"}:
        whence = "HTTP_PROXY and HTTPS_PROXY" if way.from_environment else "proxies="
        return f"This is the proxy that {whence} names: correct it; {way.around}."
    named = {
        "name": f"Check the spelling of {way.host}, and whether this machine is in the network "
        "(VPN) that knows the name.",
        "refused": "Start the app, and check the port. An app on another machine or in a container "
        'has to listen to others: launch(server_name="0.0.0.0").',
        "silent": "Check the address. If it is right, a firewall is in the way, or the machine is "
        "off: raising timeout= seldom helps.",
        "unreachable": "Check the network of this machine (VPN), and the address.",
        "proxy": f"The proxy {way.proxy} does not let this through: ask who runs it; {way.around}.",
        "proxy login": "Pass the proxy's user and password: "
        'proxies={"https": "http://user:password@host:port"}.',
        "authority": "If a company's proxy or an authority of its own signs here, pass its "
        'certificate: verify="/path/to/ca.pem".',
        "expired": "Check the clock of this machine. If it is right, ask the app's owner to renew "
        "the certificate.",
        "other host": "Use the host name that the certificate is for, or ask the app's owner for "
        f"one that is for {way.host}.",
        "no tls": "What answers there speaks no TLS: write http:// instead of https://.",
        "bundle": 'Correct the path in verify="/path/to/ca.pem", or in REQUESTS_CA_BUNDLE.',
        "tls": "Ask the app's owner, or whoever runs the proxy before it, which TLS it speaks.",
    }
    return named.get(fault or "", "Check the address, and the network of this machine.")


def advise(step: str, error: GradioProxyError, way: Way) -> str:
    """Return what helps against an error.

    Args:
        step: The step that ended in it.
        error: The error.
        way: The way.
    """
    by_step = {
        "address": _advise_address,
        "space": _advise_space,
        "answer": _advise_answer,
        "login": _advise_login,
        "stream": _advise_stream,
    }
    found = by_step[step](error, way) if step in by_step else ""
    return found or _advise_error(error, way)


def _advise_address(error: GradioProxyError, way: Way) -> str:
    del way
    if "HF_ENDPOINT" in str(error):
        return "Correct the variable HF_ENDPOINT, or remove it."
    if isinstance(error, AuthenticationError):
        return "Pass a token that is valid as token=, or token=False for none."
    return (
        'Pass a URL such as "http://127.0.0.1:7860", or the name of a Space such as "owner/space".'
    )


def _advise_space(error: GradioProxyError, way: Way) -> str:
    if isinstance(error, AuthenticationError):
        return "Pass a token that is valid as token=, or token=False to ask without one."
    if isinstance(error, ConnectError | Timeout):
        return "The Hub itself is not reached: check this machine's network, and HF_ENDPOINT."
    if not isinstance(error, SpaceError):
        return ""
    if error.stage in ASLEEP:
        return (
            f'Start it with hub.start("{way.space}"); `connect` does so itself, and waits '
            "wake_timeout= seconds."
        )
    by_stage = {
        "": "Check owner and name. For a private Space, pass the token of an account that may see "
        "it: token=.",
        "PAUSED": f'Ask its owner to start it, who can do so with hub.start("{way.space}").',
        "RUNNING": "Choose a Space that is a Gradio app, or ask its owner.",
        "BUILDING": f'Wait for it with hub.wait("{way.space}").',
        "APP_STARTING": f'Wait for it with hub.wait("{way.space}").',
    }
    return by_stage.get(error.stage, "Ask its author to mend it; its page has the log.")


def _advise_answer(error: GradioProxyError, way: Way) -> str:
    del error
    if way.finds_tls:
        return "What listens there speaks TLS: write https:// instead of http://."
    return ""


def _advise_stream(error: GradioProxyError, way: Way) -> str:
    if isinstance(error, AuthenticationError):
        return ""
    if way.is_websocket:
        return NO_WEBSOCKETS
    if isinstance(error, ConnectionLost):
        return BROKEN
    return NO_EVENTS if getattr(error, "status", None) == OK else ""


def _advise_login(error: GradioProxyError, way: Way) -> str:
    if not isinstance(error, AuthenticationError):
        return ""
    if way.space or way.host.endswith(_SPACES):
        return (
            "Pass the token of an account that may use the Space: token=. If the app has a login "
            'of its own, pass auth=("user", "password").'
        )
    if way.proxy and way.status == FORBIDDEN:
        return f"The answer may be that of the proxy {way.proxy}: {way.around}."
    if way.wants_basic:
        return (
            "The server before the app asks for a user and a password: write them into the "
            "address, https://user:password@host, with %40 for an @."
        )
    if way.gave:
        return (
            'Check what you passed: auth=("user", "password") is for the login page of the app '
            "itself, token= and headers= for a proxy before it."
        )
    return (
        'Pass the user and password of the app\'s login page: auth=("user", "password"). If a '
        "proxy lets people in, pass what it wants as headers= or token=."
    )


def _advise_error(error: GradioProxyError, way: Way) -> str:
    for kind, find in _BY_KIND:
        if isinstance(error, kind):
            return find(error, way)
    return "Look at the address in a browser."


def _advise_timeout(error: GradioProxyError, way: Way) -> str:
    del error
    if way.proxy:
        return f"The app, or the proxy {way.proxy}, does not answer: raise timeout=; {way.around}."
    return (
        "Something listens there and does not answer: the app may be busy or stuck. Raise "
        "timeout=, or ask its owner to restart it."
    )


def _advise_lost(error: GradioProxyError, way: Way) -> str:
    del error
    if way.url.startswith("http://"):
        return "If the app is served over TLS, write https:// instead of http://; else restart it."
    return "Try again; if it stays so, ask the app's owner, or whoever runs the proxy before it."


def _advise_server(error: GradioProxyError, way: Way) -> str:
    status = getattr(error, "status", None)
    if way.proxy:
        return f"The answer may be that of the proxy {way.proxy}: {way.around}."
    if status in _GATEWAY:
        return (
            "A proxy answers in place of the app, which does not run behind it or is starting: ask "
            "its owner to start it, and try again."
        )
    return "The server itself fails: ask the app's owner to look at its log."


def _advise_no_app(error: GradioProxyError, way: Way) -> str:
    if "versions from 3 on" in str(error):
        return "Ask the app's owner to update Gradio to 3.16 or later."
    if way.status == _PROXY_LOGIN:
        return advise_fault("proxy login", way).replace('"https"', '"http"')
    return _advise_host(way) or (
        "Open the address in a browser: if an app is shown there, copy it from there, with the "
        "path that it is mounted at; if another page is, correct host and port."
    )


def _advise_host(way: Way) -> str:
    """Return what helps at some hosts where no app is."""
    if way.host.endswith(_SHARES):
        return "Share links end with the program, or after some days: ask for a new one."
    if way.host.endswith(_SPACES):
        return 'Name the Space itself ("owner/space"): then the Hub is asked what it is doing.'
    if way.neighbour:
        return f"There is an app at {way.neighbour}: use that address."
    if way.led_to:
        return (
            f"The address leads to {one_line(way.led_to)}, perhaps to sign in there: pass what a "
            'browser is let in with as headers={"Cookie": "..."} or token=.'
        )
    if way.proxy:
        return f"Check the address. The answer may be that of the proxy {way.proxy}: {way.around}."
    return ""


def _advise_login_later(error: GradioProxyError, way: Way) -> str:
    if way.url.startswith("http://"):
        return (
            "The app let us in, and then forgot it. Its login may need https://, as the cookie of "
            "one does."
        )
    return _advise_login(error, way)


_BY_KIND = (
    (AuthenticationError, _advise_login_later),
    (Timeout, _advise_timeout),
    (ConnectionLost, _advise_lost),
    (ConnectError, lambda _, way: advise_fault("other", way)),
    (RateLimited, lambda *_: "Wait a while; it was asked too often."),
    (ServerError, _advise_server),
    (NotGradio, _advise_no_app),
    (TooLarge, lambda *_: "If that is right, pass limits=gradioproxy.Limits(...) with more room."),
    (SchemaError, lambda *_: "Ask the app's owner what stands between the app and the network."),
    (SpaceError, lambda *_: "Choose a Space that is a Gradio app, or ask its owner."),
    (ProtocolError, lambda *_: UPDATE),
)
