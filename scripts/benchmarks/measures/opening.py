"""How long it takes to connect to an app, and to make all of its functions."""

from __future__ import annotations

import json
import sys
import time

import requests

import gradioproxy

from .clients import BARE, OFFICIAL, OURS, compared, in_turns, official_client

WARM_UP = 2


def measure(url: str, rounds: str) -> dict[str, float]:
    """Return how the three ways compare, and what it takes to make all functions, in seconds.

    Args:
        url: The app's address.
        rounds: How often the ways are compared.
    """
    ways = {
        OURS: lambda: gradioproxy.connect(url),
        OFFICIAL: lambda: official_client(url),
        BARE: lambda: connect_bare(url),
    }
    in_turns(ways, WARM_UP)
    numbers = compared(in_turns(ways, int(rounds)))
    with gradioproxy.connect(url) as app:
        start = time.perf_counter()
        made = [app[name] for name in app]
        numbers["make"] = time.perf_counter() - start
        numbers["made"] = len(made)
    return numbers


def connect_bare(url: str) -> requests.Session:
    """Make the two requests over a new connection."""
    session = requests.Session()
    session.get(f"{url}/config").raise_for_status()
    session.get(f"{url}/gradio_api/info").raise_for_status()
    return session


if __name__ == "__main__":
    print(json.dumps(measure(*sys.argv[1:])))
