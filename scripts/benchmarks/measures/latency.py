"""How long a call takes that does nothing: URL, FUNCTION, and how the bare client calls it."""

from __future__ import annotations

import json
import sys

import gradioproxy

from .clients import BARE, OFFICIAL, OURS, BareClient, compared, in_turns, official_client

WARM_UP, ROUNDS = 20, 300
# In which gradio_client knows the server's protocol.
KNOWN = ("queue", "direct")


def measure(url: str, name: str, way: str) -> dict[str, float]:
    """Return how the ways compare, in seconds."""
    app = gradioproxy.connect(url)
    function = app[f"/{name}"]
    bare = BareClient(url)
    call = getattr(bare, way)
    calls = {OURS: lambda: function("x"), BARE: lambda: call(name, ["x"])}
    if way in KNOWN:
        client = official_client(url)
        calls[OFFICIAL] = lambda: client.predict("x", api_name=f"/{name}")
    in_turns(calls, WARM_UP)
    seconds = in_turns(calls, ROUNDS)
    app.close()
    return compared(seconds)


if __name__ == "__main__":
    print(json.dumps(measure(*sys.argv[1:])))
