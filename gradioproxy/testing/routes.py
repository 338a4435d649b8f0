"""What a request asks of an app: which part of its API it goes to, and what it says there.

Whoever records, replays or fakes an app reads requests by this, whichever Gradio they are for.
"""

from __future__ import annotations

import enum
import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import parse_qs, unquote, urlsplit

from ..transport.request import BytesBody
from ..transport.response import ByteStream
from ..transport.url import same_origin

if TYPE_CHECKING:
    from ..transport.interception import Exchange


class Kind(enum.Enum):
    """A part of an app's API."""

    JOIN = enum.auto()
    """A call is posted to the queue, from Gradio 4.9 on."""

    EVENTS = enum.auto()
    """The stream of all calls of one session hash."""

    TURN = enum.auto()
    """The stream of one call of Gradio 4.0 to 4.8, which asks for its data."""

    DATA = enum.auto()
    """The data that it asks for."""

    SOCKET = enum.auto()
    """The websocket of one call of Gradio 3."""

    DIRECT = enum.auto()
    """A call past the queue."""

    SIMPLE = enum.auto()
    """A call by the simple API."""

    SIMPLE_EVENTS = enum.auto()
    """Its stream."""

    CANCEL = enum.auto()
    """A call is given up."""

    CHUNK = enum.auto()
    """One more input of a call whose inputs are streamed, or their end."""

    UPLOAD = enum.auto()
    """Files go up."""

    HEARTBEAT = enum.auto()
    """A stream by which the app knows that a session is there."""

    LOGIN = enum.auto()
    """User and password, for a cookie."""

    OTHER = enum.auto()
    """Anything else: a description, a file, the request of a caller."""


_NAMES = ("session_hash", "event_id")

_Table: TypeAlias = "tuple[tuple[re.Pattern[str], Kind], ...]"

_POSTS: _Table = (
    (re.compile(r"/queue/join/?$"), Kind.JOIN),
    (re.compile(r"/queue/data/?$"), Kind.DATA),
    (re.compile(r"/run/predict/?$"), Kind.DIRECT),
    (re.compile(r"/call/(?P<name>[^/]+)$"), Kind.SIMPLE),
    (re.compile(r"/(cancel|reset)$"), Kind.CANCEL),
    (re.compile(r"/stream/(?P<event_id>[^/]+)(/close)?$"), Kind.CHUNK),
    (re.compile(r"/upload$"), Kind.UPLOAD),
    (re.compile(r"/login$"), Kind.LOGIN),
)
_STREAMS: _Table = (
    (re.compile(r"/queue/data$"), Kind.EVENTS),
    (re.compile(r"/queue/join$"), Kind.TURN),
    (re.compile(r"/call/(?P<name>[^/]+)/(?P<event_id>[^/]+)$"), Kind.SIMPLE_EVENTS),
    (re.compile(r"/heartbeat/(?P<session_hash>[^/]+)$"), Kind.HEARTBEAT),
)


@dataclass(frozen=True)
class Route:
    """A request, read.

    Attributes:
        kind: The part of the API that it goes to.
        method: Its method.
        target: Its URL, without the origin where that is the app's own.
        body: What it brings, where that is an object in JSON; without tokens of the caller's.
        session_hash: The session hash that it is under, if it says so.
        event_id: The server's name for the call that it is about, likewise.
        name: The function's name, for the simple API.
    """

    kind: Kind
    method: str
    target: str
    body: dict[str, Any] = field(default_factory=dict, repr=False)
    session_hash: str = ""
    event_id: str = ""
    name: str = ""

    @property
    def function(self) -> int | None:
        """The number of the function that is called, if it says so."""
        found = self.body.get("fn_index")
        return found if isinstance(found, int) else None

    @property
    def called(self) -> int | str | None:
        """The function that is called: its name for the simple API, else its number."""
        return self.name or self.function

    @property
    def data(self) -> list[Any] | None:
        """One JSON value for each input; ``None`` if they are not here."""
        found = self.body.get("data")
        return found if isinstance(found, list) else None

    @property
    def event(self) -> tuple[Any, Any]:
        """What the page's event brings, and the number of the component whose it is."""
        return self.body.get("event_data"), self.body.get("trigger_id")

    @property
    def whole(self) -> bool:
        """Whether partial results are to be whole where they could be edits."""
        return bool(self.body.get("simple_format"))

    @property
    def run(self) -> object:
        """What the posts have in common by which a generator past the queue goes on."""
        return self.event_id or (self.session_hash, self.function)

    @property
    def is_end(self) -> bool:
        """Whether no chunk follows."""
        return self.target.endswith("/close")


def read_route(exchange: Exchange) -> Route:
    """Return what a request asks for."""
    request = exchange.request
    url = request.url
    own = same_origin(url, exchange.named.url)
    parts = urlsplit(url)
    query = parse_qs(parts.query)
    target = parts.path + (f"?{parts.query}" if parts.query else "") if own else url
    body = read_object(request.body)
    kind, named = _find_kind(exchange, parts.path) if own else (Kind.OTHER, {})
    if kind is Kind.TURN and "fn_index" in query:
        body = {"fn_index": _read_number(query["fn_index"][0])}
    said = {key: value for key in _NAMES if isinstance(value := body.get(key), str)}
    said |= {key: query[key][0] for key in _NAMES if key in query}
    said |= {name: unquote(value) for name, value in named.items() if value}
    return Route(kind, request.method, target, body, **said)


def read_object(body: Any) -> dict[str, Any]:
    """Return the object in JSON that a body is, without what is secret in every call."""
    if not isinstance(body, BytesBody) or body.content_type != "application/json":
        return {}
    try:
        found = json.loads(body.content)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(found, dict):
        return {}
    found.pop("oauth_token", None)
    return found


def _find_kind(exchange: Exchange, path: str) -> tuple[Kind, dict[str, str]]:
    """Return the part of the API that a path is of, and what the path names."""
    request = exchange.request
    if request.reply.is_websocket:
        return Kind.SOCKET, {}
    table = _POSTS if request.method == "POST" else ()
    if request.method == "GET" and request.reply is ByteStream:
        table = _STREAMS
    for pattern, kind in table:
        found = pattern.search(path)
        if found is not None:
            return kind, found.groupdict()
    return Kind.OTHER, {}


def _read_number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() else None
