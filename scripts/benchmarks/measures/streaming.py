"""How long a stream of partial results takes, or a large one: URL, FUNCTION, ARGUMENT, ROUNDS."""

from __future__ import annotations

import json
import sys
from collections import deque

import gradioproxy

from .clients import BARE, OFFICIAL, OURS, BareClient, compared, in_turns, official_client


def measure(url: str, name: str, argument: str, rounds: str) -> dict[str, float]:
    """Return how the three ways compare, in seconds, and how many values ours brought."""
    app = gradioproxy.connect(url, progress=False)
    client = official_client(url)
    bare = BareClient(url)
    number = int(argument)
    found = [*app[f"/{name}"].stream(number)]
    official = [*client.submit(number, api_name=f"/{name}")]
    if found[-1] != official[-1]:
        raise RuntimeError("the two do not bring the same")
    ways = {
        OURS: lambda: deque(app[f"/{name}"].stream(number), maxlen=1),
        OFFICIAL: lambda: deque(client.submit(number, api_name=f"/{name}"), maxlen=1),
        BARE: lambda: deque(bare.messages(name, [number]), maxlen=1),
    }
    numbers = compared(in_turns(ways, int(rounds)))
    app.close()
    return {**numbers, "values": len(found)}


if __name__ == "__main__":
    print(json.dumps(measure(*sys.argv[1:])))
