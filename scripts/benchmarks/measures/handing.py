"""How long a call takes that is given a file of another call's: URL, SIZE."""

from __future__ import annotations

import json
import sys
import time

import gradioproxy


def measure(url: str, size: str) -> dict[str, float]:
    """Return the seconds that it takes to hand on a file of the app's, and a small text file."""
    with gradioproxy.connect(url, progress=False) as app:
        seconds = []
        for number in (int(size), 1):
            file = app.make(number)
            app.same(file)
            start = time.perf_counter()
            app.same(file)
            seconds.append(time.perf_counter() - start)
    return {"large": seconds[0], "small": seconds[1]}


if __name__ == "__main__":
    print(json.dumps(measure(*sys.argv[1:])))
