"""Every fault at every step of a call, one at a time: what a seed draws from."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

from tests.support.faults.rules import (
    Break,
    Drip,
    Drop,
    Fault,
    How,
    Into,
    Length,
    Refuse,
    Repeat,
    Respond,
    Rule,
    Spoil,
    Swap,
)

if TYPE_CHECKING:
    from collections.abc import Callable

Way = Literal["queue", "direct", "simple"]
Step = Literal["connect", "call", "cancel", "idle", "move", "move before"]

LOST: tuple[How, ...] = ("fin", "rst", "stall")
LONGEST_HEAD = 300
DRIP_SECONDS = 0.2
"""Between two bytes of an answer that is to take longer than any limit."""


@dataclass(frozen=True)
class Plan:
    """What happens in one schedule.

    Attributes:
        way: How the calls are made.
        step: When: while a session is made (``connect``), during a `call`, while one is cancelled;
            or no fault, but all connections end between two calls (``idle``), or another server
            takes the place of the first during a call, or before it.
        rule: The fault, if there is one.
        function: What is called.
    """

    way: Way
    step: Step
    rule: Rule | None
    function: str

    @property
    def changes_messages(self) -> bool:
        """Whether messages come that the server did not send, or not so."""
        return self.rule is not None and isinstance(self.rule.fault, Drop | Repeat | Swap | Spoil)


_GENERATORS: dict[Way, tuple[str, ...]] = {
    "queue": ("count", "grow", "grow_list"),
    "direct": ("plain_count",),
    "simple": ("count", "grow", "grow_list"),
}


def plain_function(way: Way) -> str:
    """Return a function that returns one value, and is called this way."""
    return "plain_tag" if way == "direct" else "tag"


def draw_plan(seed: int, way: Way, protocol: str, *, state: bool) -> Plan:
    """Return the plan of a seed: consecutive seeds go through all faults, with places drawn anew.

    Args:
        seed: The seed.
        way: How the calls are made.
        protocol: What the app speaks.
        state: Whether the app has a state, and with it perhaps a heartbeat.
    """
    chance = random.Random(f"{way} {protocol} {seed}")  # noqa: S311 - the same each time
    templates = _templates(way, protocol, state=state)
    step, kind, draw = templates[seed % len(templates)]
    rule = None if kind is None or draw is None else Rule(kind, draw(chance))
    return Plan(way, step, rule, _draw_function(chance, way, kind))


def draw_fault(chance: random.Random, kind: str) -> Fault:
    """Return any fault of a request of a kind, but for messages that can't be missed."""
    draws = [*_cuts(kind), *_answers()]
    if kind in {"stream", "socket"}:
        draws += [
            draw for draw in _messages() if not isinstance(draw(chance), Drop | Repeat | Swap)
        ]
    elif kind not in {"heartbeat", "cancel"}:
        draws += _slow()
    return chance.choice(draws)(chance)


def _draw_function(chance: random.Random, way: Way, kind: str | None) -> str:
    """Return a function whose calls make requests of a kind."""
    if kind in {"upload", "file"}:
        return {"upload": "take_file", "file": "make_file"}[kind]
    if kind == "cancel":
        return "held_tag"
    return chance.choice([*_GENERATORS[way], plain_function(way)])


def _templates(
    way: Way, protocol: str, *, state: bool
) -> list[tuple[Step, str | None, Callable[[random.Random], Fault] | None]]:
    """Return all that can happen, without what is drawn."""
    lone = protocol in {"ws", "sse"}
    streams = {"direct": (), "simple": ("stream",)}.get(way)
    if streams is None:
        streams = ("socket",) if protocol == "ws" else ("stream",)
    answers = ["app_id", *(["post"] if streams != ("socket",) else [])]
    if way == "queue":
        answers += ["upload", "file"]
    found: list[tuple[Step, str | None, Callable[[random.Random], Fault] | None]] = []
    for kind in answers:
        found += [("call", kind, draw) for draw in (*_cuts(kind), *_answers(), *_slow())]
    for kind in streams:
        found += [("call", kind, draw) for draw in (*_cuts(kind), *_answers(), *_messages())]
    if state and way == "queue" and not lone:
        found += [("call", "heartbeat", draw) for draw in (*_cuts("heartbeat"), *_answers())]
    if way == "queue" and not lone:
        found += [("cancel", "cancel", draw) for draw in (*_cuts("cancel"), *_answers())]
    found += [("call", "connection", lambda _: Refuse())]
    found += [("call", "connection", lambda _: Refuse(deaf=True))]
    for kind in ("config", "info"):
        found += [("connect", kind, draw) for draw in (*_cuts(kind), *_answers(), *_slow())]
    found += [("move", None, None), ("move before", None, None)]
    # A session that has a heartbeat always has a connection over which something goes on.
    return found if state else [*found, ("idle", None, None)]


def _cuts(kind: str) -> list[Callable[[random.Random], Fault]]:
    """Return where an exchange can end too early."""
    longest = {"upload": 60, "app_id": 20, "post": 60, "config": 5000, "info": 5000}.get(kind, 900)
    draws: list[Callable[[random.Random], Fault]] = []
    for how in LOST:
        draws += [
            lambda _, how=how: Break("request", how=how),  # type: ignore[misc]
            lambda chance, how=how: Break("head", chance.randint(0, LONGEST_HEAD), how),  # type: ignore[misc]
            lambda chance, how=how: Break("body", chance.randint(0, longest), how),  # type: ignore[misc]
        ]
    if kind == "upload":
        draws += [lambda chance: Break("sending", chance.randint(0, 3000), chance.choice(LOST))]
    return draws


def _answers() -> list[Callable[[random.Random], Fault]]:
    """Return what a hop can answer in the server's place, before and after the server took it."""
    return [
        lambda chance: Respond(429, chance.choice([None, 7])),
        lambda chance: Respond(chance.choice([500, 502, 503, 504]), chance.choice([None, 7])),
        lambda chance: Respond(chance.choice([500, 502, 503, 504]), forward=True),
    ]


def _slow() -> list[Callable[[random.Random], Fault]]:
    """Return what happens to answers with a length."""
    return [
        lambda chance: Length(chance.choice([-7, -1, 1, 7])),
        lambda _: Drip(),
        lambda chance: Drip(DRIP_SECONDS, chance.choice([3, 100])),
    ]


def _messages() -> list[Callable[[random.Random], Fault]]:
    """Return what happens to the messages of a stream or a websocket."""
    hows: tuple[How, ...] = (*LOST, "end")
    found: list[Callable[[random.Random], Fault]] = [
        lambda chance, how=how: Break("message", chance.randint(0, 8), how)  # type: ignore[misc]
        for how in hows
    ]
    found += [lambda chance: Break("message", chance.randint(0, 8), "end", hold=True)]
    for change in (Drop, Repeat, Swap):
        found += [lambda chance, change=change: change(*_draw_message(chance))]  # type: ignore[misc]
    for into in get_args(Into):
        found += [
            lambda chance, into=into: Spoil(_draw_message(chance)[0], into)  # type: ignore[misc]
        ]
    return found


def _draw_message(chance: random.Random) -> tuple[int, str | None]:
    """Return which message, and of which kind."""
    kind = chance.choice([None, "process_generating", "process_generating", "process_completed"])
    return (1 if kind == "process_completed" else chance.randint(1, 6)), kind
