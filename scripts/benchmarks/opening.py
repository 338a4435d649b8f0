"""How long it takes to connect to an app with many endpoints."""

from __future__ import annotations

import json
import sys

import gradio_client
import requests

import gradioproxy

from .clients import BARE, OFFICIAL, OURS, compared, in_turns

WARM_UP, ROUNDS = 2, 40


def measure(url: str) -> dict[str, float]:
    """Return how the three ways compare, in seconds."""
    ways = {
        OURS: lambda: gradioproxy.connect(url),
        OFFICIAL: lambda: gradio_client.Client(url, verbose=False),
        BARE: lambda: _bare(url),
    }
    in_turns(ways, WARM_UP)
    return compared(in_turns(ways, ROUNDS))


def _bare(url: str) -> requests.Session:
    """Make the two requests over a new connection."""
    session = requests.Session()
    session.get(f"{url}/config").raise_for_status()
    session.get(f"{url}/gradio_api/info").raise_for_status()
    return session


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1])))
