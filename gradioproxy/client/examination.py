"""The steps to an app, each tried by itself: what `diagnose` tells of.

Rules: nothing of the app's runs, and no call is begun. A Space that is asleep goes on sleeping. A
step fails by a request that `connect` or a call would make, by the same transport: it fails there
too, with the same error. What is asked besides goes to the same host: how many calls wait,
whether a stream arrives, whether the address should have been another one.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ..calls.hashes import new_session_hash
from ..errors import (
    AuthenticationError,
    ConnectionLost,
    GradioProxyError,
    NotGradio,
    ProtocolError,
    RateLimited,
    ServerError,
    Timeout,
)
from ..hub.address import parse_space_name
from ..hub.locate import locate
from ..hub.records import Space, get_name
from ..hub.waiting import describe_stage
from ..options import WakePolicy
from ..protocols import goes_direct
from ..protocols.selection import is_known
from ..protocols.trial import choose_trial
from ..schema.parse import parse_head, runs_at_end
from ..schema.release import parse_release
from ..statuses import OK, UNAUTHORIZED
from ..text import one_line, render_count
from ..transport.http import Transport
from ..transport.probe import Probe
from ..transport.url import Address, same_origin
from . import advice
from .advice import Way, advise, advise_fault
from .discovery import check_release, complete_description, fetch_config, is_config

if TYPE_CHECKING:
    from ..hub.target import Target
    from ..protocols.trial import Trial
    from ..transport.credentials import Access
    from ..transport.probe import Finding
    from .description import Description
    from .diagnosis import Outcome

PATIENCE = 10.0
"""The first word of a stream comes at once; what takes more seconds is kept back."""
SHOWN = 300
"""As much of an error as is shown."""

# The faults of a connection that is made; others mean that none was.
_OF_TLS = frozenset({"authority", "expired", "other host", "no tls", "bundle", "tls"})


@dataclass(frozen=True)
class Found:
    """What a step found.

    Attributes:
        text: What.
        advice: What to do.
        outcome: How the step ended.
        error: The error, if it failed.
        seconds: How long it took, if that is known better than by the clock.
        asked: Whether anything was asked, which takes time.
    """

    text: str
    advice: str = ""
    outcome: Outcome = "ok"
    error: GradioProxyError | None = None
    seconds: float | None = None
    asked: bool = True


class Examination:
    """The looks at one app, each of which needs those before it.

    Args:
        src: What the caller named.
        token: The token that the caller passed.
        access: How else to reach the app.

    Attributes:
        way: What is known of the way, for who says what helps.
        is_space: Whether a Space is meant.
    """

    # There from the step that finds them on; what comes later is not asked before.
    _target: Target
    _transport: Transport
    _probe: Probe
    _description: Description

    def __init__(self, src: str | Space, token: str | bool | None, access: Access) -> None:
        self._src = src
        self._token = token
        self._access = access
        self.way = Way(from_environment=access.proxies is None)
        self.is_space = False
        self._opened: Transport | None = None
        self._handshake: Finding | None = None
        self._refusal: AuthenticationError | None = None
        self._config: Any = None

    def close(self) -> None:
        """Let go of the connections."""
        if self._opened is not None:
            self._opened.close()

    # The steps, in order.

    def read_address(self) -> Found:
        """Read what the caller named."""
        src = self._src
        name = get_name(src) if isinstance(src, Space) else None
        if isinstance(src, str):
            name = parse_space_name(src)
        if name is not None:
            self.is_space = True
            self.way = replace(self.way, space=name)
            return Found(f"the Space {name}", asked=False)
        self._go_to(self._locate())
        return Found(self.way.url, asked=False)

    def find_space(self) -> Found:
        """Ask the Hub what the Space is doing, and where it is."""
        target = self._locate()
        self._go_to(target)
        doing = describe_stage(target.space.stage) if target.space else ""
        return Found(f"{doing}, at {self.way.url}")

    def resolve_name(self) -> Found:
        """Ask the name service for the host, or the proxy."""
        return self._report(self._name_proxy(self._probe.resolve()))

    def connect(self) -> Found:
        """Connect to the host, or by way of the proxy."""
        probe = self._probe
        found = probe.connect()
        if found.error is None and probe.proxy and probe.speaks_tls:
            self._handshake = probe.shake_hands()
            if self._handshake.error is not None and self._handshake.fault not in _OF_TLS:
                return self._report(self._handshake)
        return self._report(self._name_proxy(found))

    def check_tls(self) -> Found:
        """Check certificate and encryption."""
        if not self._probe.speaks_tls:
            return Found("the address is one of http://", outcome="skipped", asked=False)
        return self._report(self._handshake or self._probe.shake_hands())

    def ask(self) -> Found:
        """Ask for the description, and see what answers, and from where."""
        try:
            answer = self._probe.ask("/config")
        except (ConnectionLost, Timeout):
            self._look_for_tls()
            raise
        wants_login = answer.status == UNAUTHORIZED
        given = self._target.access
        gave = bool(given.auth or given.token or given.headers or self._target.address.basic)
        basic = answer.headers.get("WWW-Authenticate", "").lower().startswith("basic")
        elsewhere = "" if same_origin(answer.url, self.way.url) else Address(answer.url).origin
        self.way = replace(
            self.way, status=answer.status, wants_basic=basic, led_to=elsewhere, gave=gave
        )
        said = f"answered {answer.status} to /config"
        if wants_login:
            return Found(f"{said}: a login is wanted")
        try:
            self._fetch_config()
        except AuthenticationError as error:
            self._refusal = error
            return Found(f"{said}: a login is wanted, or it is forbidden")
        except NotGradio:
            self._look_for_tls()
            self.way = replace(self.way, neighbour=self._find_neighbour())
            raise
        return self._compare_addresses(said, answer.url)

    def log_in(self) -> Found:
        """Log in, if the app wants that."""
        if self._refusal is not None:
            raise self._refusal
        if self._config is None:
            self._fetch_config()
            return Found("what was given lets us in")
        needless = " (auth= is not needed)" if self._access.auth is not None else ""
        return Found(f"none is wanted{needless}", asked=False)

    def describe(self) -> Found:
        """Read the whole description."""
        version = parse_head(self._config)[0]
        if not parse_release(version).is_understood:
            said = f"that of Gradio {one_line(version, 40) or 'of an unknown version'} says little"
            return Found(said, outcome="skipped", asked=False)
        self._description = complete_description(self._config, self._transport)
        app = self._description.app
        said = f"{render_count(len(app.endpoints), 'function')} with a name"
        if not app.endpoints:
            said += f", {render_count(len(app.unnamed), 'function')} without"
        if app.second_hand:
            return Found(f"{said}. {app.second_hand}", advice.SECOND_HAND, "warning")
        return Found(said)

    def read_protocol(self) -> Found:
        """Look whether the version and its protocol are known."""
        check_release(self._config, self._transport)
        app = self._description.app
        said = f"Gradio {one_line(app.version, 40)}, protocol {app.protocol}"
        if is_known(app):
            return Found(said, asked=False)
        unknown = f"{said}, which this version of gradioproxy does not know"
        if app.release.has_simple_api:
            simply = f"{unknown}; calls go by the simple API"
            return Found(simply, advice.UPDATE, "warning", asked=False)
        raise ProtocolError(f"{unknown}.")

    def ask_queue(self) -> Found:
        """Ask how many calls wait."""
        app = self._description.app
        if all(goes_direct(app, endpoint) for endpoint in app.unnamed.values()):
            return Found("calls go past it", outcome="skipped", asked=False)
        try:
            answer = self._transport.get(f"{app.prefix}/queue/status")
        except (ConnectionLost, Timeout) as error:
            said = one_line(error, SHOWN)
            return Found(said, advise("queue", error, self.way), "warning")
        status: Any = None
        with suppress(ValueError, RecursionError):
            status = json.loads(answer.body) if answer.ok else None
        waiting = status.get("queue_size") if isinstance(status, dict) else None
        if isinstance(waiting, bool) or not isinstance(waiting, int):
            return Found(f"the app does not tell ({answer.status})", outcome="skipped")
        if waiting <= 0:
            return Found("nobody waits")
        who = "1 call waits" if waiting == 1 else f"{one_line(waiting, 20)} calls wait"
        return Found(f"{who} to be run", advice.BUSY, "warning")

    def try_stream(self) -> Found:
        """Open a stream without a call, and see whether it arrives."""
        app = self._description.app
        trial = choose_trial(app, new_session_hash(), runs_at_end=runs_at_end(self._config))
        if trial is None:
            said = f"none of Gradio {one_line(app.version, 40)} can be opened without a call"
            return Found(said, outcome="skipped", asked=False)
        if not trial.is_websocket:
            return self._try_event_stream(trial)
        if not any(endpoint.queued for endpoint in app.unnamed.values()):
            return Found("calls need none", outcome="skipped", asked=False)
        self.way = replace(self.way, is_websocket=True)
        self._hurried.socket(trial.path).close()
        return Found("websockets get through")

    # What the steps need themselves.

    def _try_event_stream(self, trial: Trial) -> Found:
        transport = self._hurried
        seconds = transport.access.timeout
        try:
            came = _read_first_word(transport, trial.path)
        except Timeout:
            late = f"nothing of a stream came within {seconds:g} s"
            return Found(late, advice.BUFFERED, "warning")
        except (ConnectionLost, ServerError, RateLimited, AuthenticationError) as error:
            if not trial.stays_open:
                raise
            # Calls can do without.
            said = one_line(error, SHOWN)
            return Found(said, advise("stream", error, self.way), "warning")
        if not trial.stays_open:
            return Found("the app answers on one; whether it is kept back shows in calls only")
        if not came:
            return Found("it ended before its first word", advice.BUFFERED, "warning")
        return Found("its first word came at once")

    def _look_for_tls(self) -> None:
        """Note whether what listens speaks TLS: it may be that which is not understood there."""
        self.way = replace(self.way, finds_tls=self._probe.finds_tls())

    @property
    def _hurried(self) -> Transport:
        """The way to the app, for what comes at once or not at all."""
        timeout = min(self._access.timeout, PATIENCE)
        return self._transport.with_access(timeout=timeout)

    def _locate(self) -> Target:
        """Ask where the app is, without waking it."""
        return locate(self._src, self._token, self._access, WakePolicy(timeout=0))

    def _go_to(self, target: Target) -> None:
        self._target = target
        self._transport = Transport(target.address, target.access, pool=2)
        self._opened = self._transport
        self._probe = Probe(self._transport)
        self.way = replace(self.way, url=target.address.url, proxy=self._probe.proxy)

    def _fetch_config(self) -> None:
        """Fetch the first part of the description; raises what `connect` does."""
        try:
            self._config = fetch_config(self._transport)
        except GradioProxyError as error:
            self._target.explain(error)
            raise

    def _name_proxy(self, finding: Finding) -> Finding:
        """Add to what was found that it is of a proxy, if it is."""
        proxy = self._probe.proxy
        whose = f" (the proxy {proxy})" if proxy else ""
        return replace(finding, found=finding.found + whose)

    def _report(self, finding: Finding) -> Found:
        if finding.error is None:
            return Found(finding.found, seconds=finding.seconds)
        helping = advise_fault(finding.fault, self.way)
        return Found(finding.found, helping, "failed", finding.error, finding.seconds)

    def _compare_addresses(self, said: str, answered: str) -> Found:
        """Compare the address that was given with where it led, and what the app calls itself."""
        given, url = self.way.url, self._transport.address.url
        if not same_origin(answered, given):
            shown = self._transport.hide(one_line(answered.split("?", 1)[0]))
            return Found(f"{said}, by way of {shown}", advice.MOVED, "warning")
        if url != given:
            said += f", and leads to {url}"
        root = self._config.get("root")
        named = root.rstrip("/") if isinstance(root, str) else ""
        if urlsplit(named).netloc and named.lower() != url.lower():
            shown = self._transport.hide(one_line(named))
            return Found(f"{said}; the app takes {shown} for its address", advice.ROOT, "warning")
        return Found(said)

    def _find_neighbour(self) -> str:
        """Return where an app is on the same host, if there is none at the address."""
        address = self._transport.address
        if address.url == address.origin:
            return ""
        with suppress(GradioProxyError, ValueError, RecursionError):
            answer = self._transport.request_raw("GET", f"{address.origin}/config")
            config = json.loads(answer.body)
            if answer.ok and is_config(config):
                return address.origin
        return ""


def _read_first_word(transport: Transport, path: str) -> bytes:
    """Open an event stream and read how it begins.

    Raises:
        AuthenticationError, RateLimited, ServerError: What came is none.
        ConnectionLost, Timeout: Or it broke, or nothing came.
    """
    stream = transport.stream(path, transport.access.timeout, "timeout")
    try:
        kind = stream.headers.get("Content-Type", "")
        if stream.status != OK or not kind.lower().startswith("text/event-stream"):
            raise transport.requester.build_stream_error(stream)
        return next(iter(stream), b"")
    finally:
        stream.close()
