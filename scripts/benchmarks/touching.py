"""How long it takes to touch every attribute of a session, as completion with Tab does."""

from __future__ import annotations

import json
import sys
import time

import gradioproxy


def measure(url: str) -> dict[str, float]:
    """Return the seconds for all, and for all once more."""
    app = gradioproxy.connect(url)
    start = time.perf_counter()
    for name in dir(app):
        getattr(app, name)
    between = time.perf_counter()
    for name in dir(app):
        getattr(app, name)
    return {"first": between - start, "again": time.perf_counter() - between}


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1])))
