"""What became of the calls, compared with what the servers wrote down."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

from tests.support.gradio.apps import runs

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

SETTLED = 1 / 3
"""The part of the time after which the memory of a process is what it needs."""


class Logs:
    """What the servers have written down, from before and after they were killed."""

    def __init__(self) -> None:
        self.begun: Counter[str] = Counter()
        self.answered: dict[str, list[Any]] = defaultdict(list)

    def add(self, folder: Path) -> None:
        """Read the log of a server that is no more."""
        self.begun.update(runs.begun(folder))
        for line in runs.read_answers(folder):
            run, value = json.loads(line)
            self.answered[run].append(value)


def compare(results: Iterable[str], logs: Logs) -> dict[str, Any]:
    """Return the figures.

    Args:
        results: What the crowd has written down, a line for each call.
        logs: What the servers have.
    """
    figures: Counter[str] = Counter()
    errors: Counter[str] = Counter()
    wrong: list[dict[str, Any]] = []
    slowest = 0.0
    for line in results:
        call = json.loads(line)
        figures["calls"] += 1
        slowest = max(slowest, call["seconds"])
        fault = _find_fault(call, logs)
        if fault is not None:
            figures[fault] += 1
            wrong.append({"fault": fault, **call, "answered": logs.answered[call["run"]]})
        if call["error"] is None:
            figures["right"] += fault is None
        else:
            errors[call["error"]] += 1
    figures["doubled"] = sum(count > 1 for count in logs.begun.values())
    return {"figures": figures, "errors": errors, "examples": wrong[:20], "slowest": slowest}


def _find_fault(call: dict[str, Any], logs: Logs) -> str | None:
    """Return what is wrong with what came of a call."""
    answered = logs.answered[call["run"]]
    if call["hung"]:
        return "hung"
    if call.get("foreign"):
        return "foreign"
    pairs = zip(call["values"], answered, strict=False)
    same = all(value is None or value == answer for value, answer in pairs)
    if not same or len(call["values"]) > len(answered):
        return "wrong"
    if call["error"] is None and len(call["values"]) != len(answered):
        return "lost"
    if call["told"] is False and call["run"] in logs.begun:
        return "denied"
    return None


def slope(samples: list[tuple[float, float]]) -> float:
    """Return by how much a value grows in an hour, by least squares, once it has settled.

    Args:
        samples: Times in seconds, and values.
    """
    end = samples[-1][0]
    settled = [(time, value) for time, value in samples if time >= end * SETTLED]
    mean_time = sum(time for time, _ in settled) / len(settled)
    mean = sum(value for _, value in settled) / len(settled)
    spread = sum((time - mean_time) ** 2 for time, _ in settled)
    together = sum((time - mean_time) * (value - mean) for time, value in settled)
    return 3600 * together / spread if spread else 0.0
