"""The three ways to make one call that are compared, and how they are timed."""

from __future__ import annotations

import gc
import operator
import random
import secrets
import statistics
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import requests

OURS, OFFICIAL, BARE = "gradioproxy", "gradio_client", "requests"


def bare_call(session: requests.Session, url: str) -> bytes:
    """Make the two requests of a call, and read the answers to their ends."""
    session_hash = secrets.token_hex(8)
    body = {"data": ["x"], "fn_index": 0, "session_hash": session_hash}
    session.post(f"{url}/gradio_api/queue/join", json=body).raise_for_status()
    address = f"{url}/gradio_api/queue/data?session_hash={session_hash}"
    with session.get(address, stream=True) as response:
        return b"".join(response.iter_content(None))


def in_turns(actions: Mapping[str, Callable[[], Any]], rounds: int) -> dict[str, list[float]]:
    """Return the seconds that each action takes, round by round.

    All are done in each round, in an order that changes: what disturbs the machine, or what one
    leaves behind, hits all alike.
    """
    order = random.Random(0)  # noqa: S311 - no secret; the same at each run
    names = list(actions)
    seconds: dict[str, list[float]] = {name: [] for name in names}
    for _ in range(rounds):
        order.shuffle(names)
        for name in names:
            start = time.perf_counter()
            left = actions[name]()
            seconds[name].append(time.perf_counter() - start)
            close = getattr(left, "close", None)
            if close is not None:
                close()
                del left, close
                gc.collect()  # or the next one that makes objects would pay for this one's
    return seconds


def compared(seconds: Mapping[str, list[float]]) -> dict[str, float]:
    """Return of each way the median and what 95 of 100 stay below, and how ours compares.

    The ratios are medians of the rounds' ratios: the speed of a busy machine changes from one
    moment to the next, but less within a round.
    """
    numbers = {}
    for name, times in seconds.items():
        numbers[f"{name} median"] = statistics.median(times)
        numbers[f"{name} p95"] = statistics.quantiles(times, n=20)[-1]
        ratios = map(operator.truediv, seconds[OURS], times)
        numbers[f"{OURS} to {name}"] = statistics.median(ratios)
    return numbers
