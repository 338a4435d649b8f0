"""What is held while ever more inputs are mapped: URL INPUTS [JOURNAL]."""

from __future__ import annotations

import gc
import json
import sys
import time

import gradioproxy

from .clients import memory

EARLY = 20_000
"""After so many, all is there that is made once."""


def measure(url: str, inputs: str, journal: str | None = None) -> dict[str, float]:
    """Return the seconds, and the memory in bytes after some inputs and after all.

    Args:
        url: The app's address.
        inputs: How many there are; at least `EARLY`.
        journal: Where to keep what came of them, if it is to be kept.
    """
    numbers: dict[str, float] = {}
    last = int(inputs)
    with gradioproxy.connect(url) as app:
        start = time.perf_counter()
        results = app.f.map((str(number) for number in range(last)), journal=journal)
        for number, _ in enumerate(results, 1):
            if number in {EARLY, last}:
                gc.collect()
                numbers["early" if number == EARLY else "late"] = memory()
        numbers["seconds"] = time.perf_counter() - start
    return numbers


if __name__ == "__main__":
    print(json.dumps(measure(*sys.argv[1:])))
