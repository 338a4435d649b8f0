"""How long a call takes that does nothing."""

from __future__ import annotations

import json
import sys

import gradio_client
import requests

import gradioproxy

from .clients import BARE, OFFICIAL, OURS, bare_call, compared, in_turns

WARM_UP, ROUNDS = 20, 300


def measure(url: str) -> dict[str, float]:
    """Return how the three ways compare, in seconds."""
    app = gradioproxy.connect(url)
    client = gradio_client.Client(url, verbose=False)
    session = requests.Session()
    calls = {
        OURS: lambda: app.f("x"),
        OFFICIAL: lambda: client.predict("x", api_name="/f"),
        BARE: lambda: bare_call(session, url),
    }
    in_turns(calls, WARM_UP)
    seconds = in_turns(calls, ROUNDS)
    app.close()
    return compared(seconds)


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1])))
