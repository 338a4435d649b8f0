"""Which request of a client meets which fault.

Requests are of these kinds, whatever the version of Gradio calls them:

==============  ==================================================================
``post``        a POST with a call's data (``queue/join``, ``queue/data`` in 4.0 to 4.8, ``run``,
                ``call``)
``stream``      the GET of a stream of events (``queue/data``, ``queue/join`` in 4.0 to 4.8,
                ``call``)
``socket``      a websocket of Gradio 3
``heartbeat``   the GET of a session's heartbeat
``upload``      a POST of files
``file``        a download
``cancel``      a POST of ``cancel`` or ``reset``
``app_id``      the GET by which a client asks whether the server is still the same
``config``      the GET of ``config``; ``info`` that of ``info``, ``page`` that of the app's page
``other``       everything else
``connection``  no request, but a new connection
==============  ==================================================================
"""

from __future__ import annotations

import random
import threading
from dataclasses import dataclass
from typing import Literal, TypeAlias

Place = Literal["request", "sending", "head", "body", "message"]
How = Literal["fin", "rst", "stall", "end"]
Into = Literal["half", "bytes", "page", "list", "types", "bare"]


@dataclass(frozen=True)
class Break:
    """What is going on ends, or goes no further, at a place.

    Attributes:
        at: ``request``: the request was read, and nothing was forwarded. ``sending``: *after* bytes
            of the request's body were read, and nothing was forwarded. The others are in the answer
            to a request that was forwarded. ``head``: behind *after* bytes of its head (0: the
            server has answered, and the client gets nothing). ``body``: behind *after* bytes of its
            body as it is without chunks, or of the frames of a websocket. ``message``: behind
            *after* messages of an event stream or a websocket (0: behind the head). A place behind
            the end is the last one before it: a byte before where the length was announced, and
            before the mark of the end where there is one.
        after: How much comes before that.
        how: ``fin``: the client is told of an end of the connection; ``rst``: the connection is
            reset; ``stall``: nothing comes any more, until `FaultProxy.release` or the client goes
            away; ``end``: the answer ends in good order, as if that were all (the last chunk, the
            end of a connection that marks it, a websocket's close).
        hold: Whether the connection to the server stays open all the same, until `FaultProxy.calm`.
        msg: Count only messages with this ``msg``.
    """

    at: Place
    after: int = 0
    how: How = "fin"
    hold: bool = False
    msg: str | None = None


@dataclass(frozen=True)
class Respond:
    """The client gets this answer, in the place of the server's.

    Attributes:
        status: Its status.
        retry_after: Its ``Retry-After``, if it has one.
        forward: Whether the request goes to the server before.
    """

    status: int
    retry_after: int | None = None
    forward: bool = False


@dataclass(frozen=True)
class Drop:
    """A message of an event stream or a websocket does not come.

    Attributes:
        message: Which, counted from 1.
        msg: Count only messages with this ``msg``.
    """

    message: int
    msg: str | None = None


@dataclass(frozen=True)
class Repeat:
    """A message of an event stream or a websocket comes twice; see `Drop`."""

    message: int
    msg: str | None = None


@dataclass(frozen=True)
class Swap:
    """A message of an event stream or a websocket comes behind the next one; see `Drop`."""

    message: int
    msg: str | None = None


@dataclass(frozen=True)
class Spoil:
    """Something else comes in the place of a message; see `Drop`.

    Attributes:
        into: What: its first ``half``; bytes that are no text (``bytes``); a ``page`` of HTML; JSON
            that is no object (``list``); the message with values of other types (``types``) or
            without its values (``bare``).
    """

    message: int
    into: Into
    msg: str | None = None


@dataclass(frozen=True)
class Length:
    """``Content-Length`` is wrong by so much; behind the body the connection ends."""

    by: int


@dataclass(frozen=True)
class Drip:
    """The answer comes a byte at a time (of the chunks of its body, what is in them).

    Attributes:
        seconds: The time between two of the first bytes. Only for what is about a limit of time.
        count: How many come so; 0 for all. The rest comes at once.
    """

    seconds: float = 0.0
    count: int = 0


@dataclass(frozen=True)
class Refuse:
    """A new connection is reset; with *deaf*, and nobody listens until `FaultProxy.calm`."""

    deaf: bool = False


Fault: TypeAlias = "Break | Respond | Drop | Repeat | Swap | Spoil | Length | Drip | Refuse"


@dataclass(frozen=True)
class Rule:
    """One fault, and what it befalls.

    Attributes:
        kind: Kind of request; see above.
        fault: What happens to it.
        nth: Which of its kind, counted from 1 since the rule was given; ``None`` for each.
        about: Count only requests with this in their target or body.
    """

    kind: str
    fault: Fault
    nth: int | None = 1
    about: str = ""


class Rules:
    """Rules, and how far they have counted."""

    def __init__(self, *rules: Rule) -> None:
        self.rules = rules
        self._counts = [0] * len(rules)
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return f"Rules({', '.join(map(repr, self.rules))})"

    def find(self, kind: str, content: bytes = b"") -> Fault | None:
        """Return what happens to a request, by the first rule that is about it; count it."""
        found: Fault | None = None
        with self._lock:
            for place, rule in enumerate(self.rules):
                if rule.kind != kind or rule.about.encode() not in content:
                    continue
                self._counts[place] += 1
                if found is None and rule.nth in {None, self._counts[place]}:
                    found = rule.fault
        return found

    @classmethod
    def from_seed(cls, seed: int, protocol: str, *, state: bool = False) -> Rules:
        """Return one to three rules, the same for each seed.

        Whatever they do, who sees both ends of the proxy knows what may have run: a request that
        the server took is never answered as one that it refused.

        Args:
            seed: The seed.
            protocol: What the app speaks (``ws``, ``sse``, ``sse_v1``, ...).
            state: Whether the app has a state, and with it perhaps a heartbeat.
        """
        chance = random.Random(seed)  # noqa: S311 - to be the same each time is what it is for
        kinds = ["app_id", "upload", "file", "connection"]
        kinds += (
            ["socket"] * 4 if protocol == "ws" else ["post", "post", "stream", "stream", "stream"]
        )
        kinds += ["heartbeat"] if state else []
        return cls(*(_draw(chance, chance.choice(kinds)) for _ in range(chance.randint(1, 3))))


def _draw(chance: random.Random, kind: str) -> Rule:
    """Return a rule about a kind of request."""
    nth = chance.randint(1, 3)
    if kind == "connection":
        return Rule(kind, Refuse(deaf=chance.random() < 0.5), nth)
    answer = chance.random()
    if answer < 0.2:
        return Rule(kind, _draw_answer(chance), nth)
    streams = kind in {"stream", "socket", "heartbeat"}
    if streams and answer < 0.7:
        how: How = chance.choice(["fin", "fin", "rst", "rst", "end", "end", "end", "stall"])
        hold = how == "end" and chance.random() < 0.5
        return Rule(kind, Break("message", chance.randint(0, 8), how, hold=hold), nth)
    places: list[Place] = ["request", "head", "head", "body"]
    place = chance.choice(places + (["sending"] if kind == "upload" else []))
    how = chance.choice(["fin", "fin", "rst", "rst", "stall"])
    after = {"head": 300, "body": 60, "sending": 3000}.get(place, 0)
    return Rule(kind, Break(place, chance.randint(0, after), how), nth)


def _draw_answer(chance: random.Random) -> Fault:
    """Return an answer of a proxy that has nothing better."""
    status = chance.choice([429, 500, 502, 503, 504])
    retry_after = chance.choice([None, 7])
    return Respond(status, retry_after, forward=status != 429 and chance.random() < 0.5)
