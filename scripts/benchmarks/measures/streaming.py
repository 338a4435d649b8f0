"""How long partial results take, or a large one: URL, WHAT, FUNCTION, ARGUMENT, ROUNDS."""

from __future__ import annotations

import json
import sys
from collections import deque
from typing import TYPE_CHECKING, Any

import gradioproxy

from .clients import BARE, OFFICIAL, OURS, BareClient, compared, in_turns, official_client

if TYPE_CHECKING:
    from collections.abc import Callable


HALF = "gradioproxy, half of it"


def measure(url: str, what: str, name: str, argument: str, rounds: str) -> dict[str, float]:
    """Return how the three ways compare, in seconds.

    Args:
        url: The app's address.
        what: Whether all of the ``stream`` is taken, or the ``result`` waited for; ``growth`` is
            that, beside the result of half as much.
        name: The function.
        argument: What it is given.
        rounds: How often.
    """
    app = gradioproxy.connect(url, progress=False)
    client = official_client(url)
    bare = BareClient(url)
    number, path = int(argument), f"/{name}"
    function = app[path]
    ways: dict[str, Callable[[], Any]] = {
        OURS: lambda: deque(function.stream(number), maxlen=1)[0],
        OFFICIAL: lambda: deque(client.submit(number, api_name=path), maxlen=1)[0],
    }
    if what != "stream":
        ways[OURS] = lambda: function(number)
        ways[OFFICIAL] = lambda: client.predict(number, api_name=path)
    if ways[OURS]() != ways[OFFICIAL]():
        raise RuntimeError("the two do not bring the same")
    if what == "growth":
        ways[HALF] = lambda: function(number // 2)
    ways[BARE] = lambda: deque(bare.messages(name, [number]), maxlen=1)
    numbers = compared(in_turns(ways, int(rounds)))
    app.close()
    return numbers


if __name__ == "__main__":
    print(json.dumps(measure(*sys.argv[1:])))
