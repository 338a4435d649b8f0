"""For tests of programs that use apps: apps recorded and replayed, or functions in their place.

::

    from gradioproxy.testing import fake, record, replay

    with record("talk.json"):
        app = gp.connect("http://127.0.0.1:7860")
        app.greet("Ada")

    with replay("talk.json"):  # no server any more
        app = gp.connect("http://127.0.0.1:7860")
        app.greet("Ada")

    app = fake("talk.json", {"/greet": lambda name, times: f"Hello, {name}"})

The plugin for pytest gives the fixture ``gradio_cassette``; see `plugin`.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .faked_app import fake as fake
    from .sessions import record as record
    from .sessions import replay as replay

# The plugin is loaded with every run of pytest: what it does not need is loaded late. No module has
# the name of a function: it would stand here for it, once it was imported by its own name.
_HOMES = {"fake": "faked_app", "record": "sessions", "replay": "sessions"}

__all__ = ["fake", "record", "replay"]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f".{_HOMES[name]}", __name__), name)
    globals()[name] = value
    return value
