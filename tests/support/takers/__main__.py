"""Hands the functions of apps to takers: ``python -m tests.support.takers``.

Rule: standard input has a JSON object with ``takers``, ``apps``, and ``without``, the endpoints
that some takers are not for. An app is its ``url`` and ``calls``, a list of endpoint and arguments,
where a file is its path. Standard output gets one JSON object: for each taker the calls that went
otherwise than when the function is called itself, as endpoint, what came and what should have. A
file is ``{"file": <SHA-256 of its content>}``, whether it is a `File` or its path.
"""

from __future__ import annotations

import contextlib
import hashlib
import inspect
import json
import os
import sys
from pathlib import Path
from typing import Any

import gradioproxy as gp
from tests.support.takers import agents, processes, programs  # noqa: F401 - they add theirs
from tests.support.takers.calling import TAKERS, Call, Failed

MAX_PATH = 1_000


def read_result(value: Any) -> Any:
    """Return a result as it is compared."""
    if isinstance(value, Failed):
        return value._asdict()
    if isinstance(value, gp.File):
        return read_result(str(value))
    if isinstance(value, dict):
        return {key: read_result(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [read_result(item) for item in value]
    if isinstance(value, str) and len(value) < MAX_PATH and Path(value).is_absolute():
        path = Path(value)
        return {"file": hashlib.sha256(path.read_bytes()).hexdigest()} if path.is_file() else value
    return value


def find_differences(taker: str, calls: list[Call], expected: list[Any]) -> list[Any]:
    """Return the calls of which something else came."""
    try:
        found = [read_result(value) for value in TAKERS[taker](calls)]
    except Exception as error:  # noqa: BLE001 - that is what is reported
        return [["all", f"{type(error).__name__}: {error}"[:1000], None]]
    return [
        [call.function.endpoint.name, one, other]
        for call, one, other in zip(calls, found, expected, strict=True)
        if one != other
    ]


def main() -> None:
    """Make the calls."""
    out = os.dup(1)
    os.dup2(2, 1)  # what others print is not for whoever reads this
    asked = json.load(sys.stdin)
    calls = []
    with contextlib.ExitStack() as sessions:
        for one in asked["apps"]:
            app = sessions.enter_context(gp.connect(one["url"], progress=False))
            for endpoint, given in one["calls"]:
                parameters = inspect.signature(app[endpoint]).parameters
                calls.append(Call(app[endpoint], dict(zip(parameters, given, strict=False))))
        results = [read_result(call.function(**call.arguments)) for call in calls]
        found = {}
        for taker in asked["takers"]:
            without = asked["without"].get(taker, ())
            kept = [n for n, c in enumerate(calls) if c.function.__name__ not in without]
            found[taker] = find_differences(
                taker, [calls[n] for n in kept], [results[n] for n in kept]
            )
    os.write(out, json.dumps(found).encode())


if __name__ == "__main__":
    main()
