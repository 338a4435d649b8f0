"""Broken networks on demand: a proxy before a real server that does to its traffic what rules say.

::

    with FaultProxy(server.url) as proxy, gp.connect(proxy.url) as app:
        proxy.aim(Rule("stream", Break("message", after=3, how="fin")))
        ...
        proxy.calm()

`rules` says which request meets which fault, `wire` reads HTTP, event streams and websockets, and
`proxy` stands between the two.
"""

from __future__ import annotations

from tests.support.faults.forwarding import Exchange
from tests.support.faults.proxy import FaultProxy
from tests.support.faults.rules import (
    Break,
    Drip,
    Drop,
    Length,
    Refuse,
    Repeat,
    Respond,
    Rule,
    Rules,
    Spoil,
    Swap,
)

__all__ = [
    "Break",
    "Drip",
    "Drop",
    "Exchange",
    "FaultProxy",
    "Length",
    "Refuse",
    "Repeat",
    "Respond",
    "Rule",
    "Rules",
    "Spoil",
    "Swap",
]
