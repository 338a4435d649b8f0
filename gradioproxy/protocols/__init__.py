"""The protocols of Gradio's servers, one module each, without I/O.

Every protocol is a class with the interface of `machine.Machine`: what came goes in, and steps come
out, which are either something to send or something that happened to a call. `choose` says which
one an app speaks.
"""

from __future__ import annotations

from .machine import Attachable, Machine
from .selection import (
    choose,
    choose_settling,
    goes_direct,
    load_machines,
    shares_stream,
    takes_feeds,
    takes_page_events,
)

__all__ = [
    "Attachable",
    "Machine",
    "choose",
    "choose_settling",
    "goes_direct",
    "load_machines",
    "shares_stream",
    "takes_feeds",
    "takes_page_events",
]
