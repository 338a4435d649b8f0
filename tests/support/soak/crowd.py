"""Fifty threads that make calls for a while, and write down what came of each.

Run as ``python -m tests.support.soak.crowd ORDER``, an order being JSON: ``urls`` (of apps for
faulty networks), ``seconds``, ``threads``, ``seed`` and ``results`` (a path). Prints what is left
in the process when all sessions are closed.
"""

from __future__ import annotations

import contextlib
import gc
import itertools
import json
import random
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

import gradioproxy as gp
from tests.support.faults.checking import our_threads
from tests.support.gradio.apps import runs

if TYPE_CHECKING:
    from collections.abc import Iterable

TIMEOUT = 5
CALL_TIMEOUT = 20
HUNG_SECONDS = 2 * CALL_TIMEOUT
"""A call that has not ended by then never will."""

SAMPLE_SECONDS = 5
OBJECTS_EACH = 6
"""The objects of Python are counted with every sixth sample of the memory."""

PAUSE_SECONDS = 0.05
"""After an error, as whoever makes calls in a loop should."""

REMEMBERED = 100
"""So many jobs a session remembers: as many as are there before its memory is looked at."""

CANCELLED = 0.03
OF_ITS_OWN = 5
"""Each fifth thread has sessions of its own, each for so many calls:"""
CALLS_OF_A_SESSION = 50

FUNCTIONS = ("tag", "slow_tag", "count", "grow", "grow_list", "make_file", "take_file", "turn")


class Crowd:
    """The threads, the sessions that they share, and the file of results.

    Args:
        order: See the module.
    """

    def __init__(self, order: dict[str, Any]) -> None:
        self._order = order
        self._results = Path(order["results"]).open("w", encoding="utf-8")  # noqa: SIM115
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._path = Path(order["results"]).with_suffix(".bin")
        self._path.write_bytes(random.Random(order["seed"]).randbytes(20_000))  # noqa: S311
        self.samples: list[tuple[float, float]] = []
        self.objects: list[tuple[float, float]] = []
        self.threads: list[int] = []

    def run(self) -> dict[str, Any]:
        """Let everybody call until the time is over; return what is left then."""
        process = psutil.Process()
        before = process.num_fds()
        began = time.monotonic()
        tried = [_connect(url, self._over) for url in self._order["urls"]]
        shared = [app for app in tried if app is not None]
        workers = [
            threading.Thread(target=self._work, args=(number, shared), name=f"worker-{number}")
            for number in range(self._order["threads"])
        ]
        for worker in workers:
            worker.start()
        while (passed := time.monotonic() - began) < self._order["seconds"]:
            self.samples.append((passed, process.memory_info().rss / 1e6))
            self.threads.append(len(our_threads()))
            if len(self.samples) % OBJECTS_EACH == 0:
                self.objects.append((passed, len(gc.get_objects())))
            self._over.wait(SAMPLE_SECONDS)
        self._over.set()
        for worker in workers:
            worker.join(2 * HUNG_SECONDS)
        stuck = [worker.name for worker in workers if worker.is_alive()]
        for app in shared:
            app.close()
        del shared, tried
        gc.collect()
        self._results.close()
        for thread in our_threads():
            thread.join(TIMEOUT)
        return {
            "stuck": stuck,
            "threads": [thread.name for thread in our_threads()],
            "most_threads": max(self.threads, default=0),
            "descriptors": process.num_fds() - before,
            "samples": self.samples,
            "objects": self.objects,
        }

    def _work(self, number: int, shared: list[gp.Session]) -> None:
        """Make calls, one after the other."""
        chance = random.Random(f"{self._order['seed']} {number}")  # noqa: S311
        place = number % len(shared)
        names = (f"{number}-{count}" for count in itertools.count())
        if number % OF_ITS_OWN:
            self._make_calls(shared[place], names, chance)
            return
        while (app := _connect(self._order["urls"][place], self._over)) is not None:
            with app:
                self._make_calls(app, itertools.islice(names, CALLS_OF_A_SESSION), chance)

    def _make_calls(self, app: gp.Session, names: Iterable[str], chance: random.Random) -> None:
        for name in names:
            if self._over.is_set():
                return
            self._call(app, name, chance)

    def _call(self, app: gp.Session, run: str, chance: random.Random) -> None:
        names = [name for name in FUNCTIONS if f"/{name}" in app.functions]
        name = chance.choice(names)
        arguments: list[Any] = [run]
        if name in {"count", "grow", "grow_list"}:
            arguments += [chance.randint(1, 12), 0]
        elif name == "take_file":
            arguments.append(self._path)
        began = time.monotonic()
        facts = _make_call(app, name, arguments, cancels=chance.random() < CANCELLED)
        facts |= {"run": run, "function": name, "seconds": round(time.monotonic() - began, 3)}
        with self._lock:
            self._results.write(json.dumps(facts) + "\n")
        if facts["error"] is not None:
            self._over.wait(PAUSE_SECONDS)


def _connect(url: str, over: threading.Event) -> gp.Session | None:
    """Return a session; the network breaks while it is made, too. ``None`` when it is over."""
    while not over.wait(PAUSE_SECONDS):
        with contextlib.suppress(gp.GradioProxyError):
            return gp.connect(url, timeout=TIMEOUT, call_timeout=CALL_TIMEOUT, max_jobs=REMEMBERED)
    return None


def _make_call(
    app: gp.Session, name: str, arguments: list[Any], *, cancels: bool
) -> dict[str, Any]:
    """Make a call; return what came of it, as JSON has it."""
    facts: dict[str, Any] = {"error": None, "told": None, "values": [], "hung": False}
    try:
        job = app.functions[f"/{name}"].submit(*arguments)
        if cancels:
            job.cancel()
        error = _wait(job)
        facts["values"] = [_content(value) for value in job.outputs]
    except _Hung:
        return facts | {"hung": True, "error": "hung"}
    except BaseException as raised:  # noqa: BLE001 - which one it is, is a figure
        error = raised
    if error is not None:
        foreign = not isinstance(error, gp.GradioProxyError)
        told = getattr(error, "may_have_run", None)
        facts |= {"error": type(error).__name__, "told": told, "foreign": foreign}
        if foreign:
            facts["words"] = repr(error)
    return facts


class _Hung(Exception):
    """A call has not ended."""


def _wait(job: gp.Job[Any]) -> BaseException | None:
    try:
        return job.exception(HUNG_SECONDS)
    except gp.JobCancelled as error:
        return error
    except gp.Timeout as error:
        if job.done():
            return error
        raise _Hung from None


def _content(value: Any) -> Any:
    """Return what the server's log has for a value; of a file that can't be read, nothing."""
    if not isinstance(value, gp.File):
        return value
    try:
        return runs.digest(value.bytes())
    except gp.GradioProxyError:
        return None


if __name__ == "__main__":
    json.dump(Crowd(json.loads(sys.argv[1])).run(), sys.stdout)
