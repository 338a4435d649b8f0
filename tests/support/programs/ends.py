"""A program that has a call in every state, each waited for in every way, when it comes to an end.

    python -m tests.support.programs.ends URL END

The app is a `tests.support.held_app.HeldApp`. It writes one line of JSON for each process that can
still say what it sees: for each state and each way of waiting, what came of it.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import functools
import gc
import json
import logging
import multiprocessing
import os
import signal
import sys
import threading
import warnings
from typing import TYPE_CHECKING, Any

import gradioproxy as gp

if TYPE_CHECKING:
    from collections.abc import Callable

SECONDS = 20
"""After this, something hangs that should not."""

STREAMS = 1
SENDERS = STREAMS + 3
"""As many threads bring calls to the app; so many that are posted and not answered leave none."""


class Calls:
    """A call in each state, and who waits for it.

    Args:
        url: The app's address.
    """

    def __init__(self, url: str) -> None:
        self.app = gp.connect(url, progress=False)
        self.crowded = gp.connect(url, progress=False, streams=STREAMS)
        self.jobs: dict[str, gp.Job[Any]] = {}
        self.seen: dict[str, dict[str, str]] = {}
        self._changed = threading.Condition()
        self.loop = asyncio.new_event_loop()
        self._loop_thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._loop_thread.start()
        for state in ("posted", "queued", "started", "yielding", "finished", "failed"):
            self.jobs[state] = self.app.hold.submit(state)
        self.jobs["downloading"] = self.app.file.submit("downloading")
        self._fill = [self.crowded.hold.submit("posted:crowd") for _ in range(SENDERS)]
        self.jobs["waiting"] = self.crowded.hold.submit("finished:crowd")
        self.jobs["cancelled"] = self.app.hold.submit("started:cancelled")
        for state, stage in STAGES.items():
            self._wait_for(self.jobs[state], stage)
        self.jobs["cancelled"].cancel()
        for state, job in self.jobs.items():
            self._watch(state, job)
        # What was given to the loop before has begun by then.
        asyncio.run_coroutine_threadsafe(asyncio.sleep(0), self.loop).result(SECONDS)

    def _wait_for(self, job: gp.Job[Any], stage: str) -> None:
        record = job._record
        record.wait_until(lambda: job.status.stage == stage)

    def _watch(self, state: str, job: gp.Job[Any]) -> None:
        """Wait for a call in every way: threads, an event loop, and a callback."""
        self.seen[state] = {}
        ways: dict[str, Callable[[], Any]] = {
            "result": job.result,
            "iteration": lambda: [*job],
            "wait": lambda: concurrent.futures.wait([job]).done and "done",
        }
        for way, function in ways.items():
            threading.Thread(target=self._note, args=(state, way, function), daemon=True).start()
        coroutines = {"await": _await(job), "async for": _iterate(job), "wrapped": _wrap(job)}
        for way, coroutine in coroutines.items():
            future = asyncio.run_coroutine_threadsafe(coroutine, self.loop)
            future.add_done_callback(
                lambda done, way=way: self._note(state, way, done.result)  # type: ignore[misc]
            )
        job.add_done_callback(lambda _: self._note(state, "callback", lambda: "called"))

    def _note(self, state: str, way: str, function: Callable[[], Any]) -> None:
        found = outcome_of(function)
        with self._changed:
            self.seen[state][way] = found
            self._changed.notify_all()

    def wait(self, *states: str) -> None:
        """Wait until everybody who waits for a call in one of these states was told."""
        with self._changed:
            self._changed.wait_for(lambda: all(len(self.seen[s]) == WAYS for s in states), SECONDS)

    def tell(self, **more: Any) -> None:
        """Write what everybody saw."""
        with self._changed:
            line = json.dumps({"seen": self.seen, **more})
        os.write(1, f"{line}\n".encode())

    def outcomes(self) -> dict[str, str]:
        """Return what each call ended with, as far as it is known now."""
        return {
            state: outcome_of(functools.partial(job.result, 0)) for state, job in self.jobs.items()
        }


WAYS = 7
STAGES = {
    "queued": "queued",
    "started": "running",
    "yielding": "running",
    "downloading": "downloading",
    "finished": "finished",
    "failed": "failed",
    "cancelled": "running",
}


def outcome_of(function: Callable[[], Any]) -> str:
    """Return what a function returns, or the name of the error that it raises."""
    try:
        return str(function())
    except BaseException as error:  # noqa: BLE001 - which one it is, is what is told
        return type(error).__name__


async def _await(job: gp.Job[Any]) -> Any:
    return await job


async def _iterate(job: gp.Job[Any]) -> Any:
    return [value async for value in job]


async def _wrap(job: gp.Job[Any]) -> Any:
    return await asyncio.wrap_future(job)


def threads() -> list[str]:
    """Return the threads of the package that are there."""
    return [each.name for each in threading.enumerate() if each.name.startswith("gradioproxy")]


def call_anew(app: gp.Session) -> Any:
    """Return what a new call returns."""
    return app.hold.submit("finished:anew").result(SECONDS)


# The ends.


def close(calls: Calls) -> None:
    """Close the sessions from another thread."""
    for app in (calls.app, calls.crowded):
        closing = threading.Thread(target=app.close)
        closing.start()
        closing.join(SECONDS)
    calls.wait(*calls.jobs)
    left = threads()
    calls.tell(outcomes=calls.outcomes(), threads=left)


def close_in_callback(calls: Calls) -> None:
    """Close them in the callback of a call, on a thread of the session itself."""
    closed = threading.Event()

    def done(_: object) -> None:
        calls.crowded.close()
        calls.app.close()
        closed.set()

    calls.jobs["queued"].add_done_callback(done)
    calls.jobs["queued"].cancel()
    closed.wait(SECONDS)
    calls.wait(*calls.jobs)
    for thread in threading.enumerate():
        if thread.name.startswith("gradioproxy"):
            thread.join(SECONDS)
    calls.tell(outcomes=calls.outcomes(), threads=threads())


def collect(calls: Calls) -> None:
    """Let go of the sessions and of all jobs; a stream that is lost so is cancelled."""
    stream = calls.app.hold.stream("yielding:lost")
    next(iter(stream.job)), next(stream)
    calls.jobs.clear()
    del calls.app, calls.crowded, stream
    gc.collect()
    os.write(1, b"{}\n")


def fork(calls: Calls) -> None:
    """Fork; the child ends as any program does, and the parent goes on."""
    sys.stdout.flush()
    child = os.fork()
    if not child:
        calls.tell(process="child", outcomes=calls.outcomes(), anew=call_anew(calls.app))
        sys.exit(0)
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    calls.tell(process="parent", outcomes=calls.outcomes(), anew=call_anew(calls.app), child=code)


def _work(app: gp.Session, results: Any) -> None:
    results.put(call_anew(app))


def run_processes(calls: Calls, method: str) -> None:
    """Use the session in a child of `multiprocessing`."""
    context = multiprocessing.get_context(method)
    results = context.Queue()
    process = context.Process(target=_work, args=(calls.app, results))  # type: ignore[attr-defined]
    process.start()
    anew = results.get(timeout=SECONDS)
    process.join(SECONDS)
    calls.tell(outcomes=calls.outcomes(), anew=anew, child=process.exitcode)


def run_pool(calls: Calls) -> None:
    """Use a function in the processes of an executor."""
    context = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(1, mp_context=context) as pool:
        anew = pool.submit(calls.app.hold, "finished:pool").result(SECONDS)
    calls.tell(outcomes=calls.outcomes(), anew=anew)


def exit_in_thread(_: Calls) -> None:
    """End a thread with `sys.exit`, and then the program."""
    thread = threading.Thread(target=sys.exit, args=(3,))
    thread.start()
    thread.join(SECONDS)


def exit_in_callback(calls: Calls) -> None:
    """Do that in a callback, which is on a thread of the session."""
    told = threading.Event()

    def leave(_: object) -> None:
        told.set()
        sys.exit(3)

    calls.jobs["queued"].add_done_callback(leave)
    calls.jobs["queued"].cancel()
    told.wait(SECONDS)


def fail(_: Calls) -> None:
    """End with an error."""
    raise ZeroDivisionError("of the program")


def close_loop(calls: Calls) -> None:
    """Stop the event loop and close it while everybody waits; other waits go on."""
    calls.loop.call_soon_threadsafe(calls.loop.stop)
    calls._loop_thread.join(SECONDS)
    calls.loop.close()
    for job in calls.jobs.values():
        job.cancel()
    calls.tell(outcomes=calls.outcomes(), anew=call_anew(calls.app))


ENDS: dict[str, Callable[[Calls], object]] = {
    "close": close,
    "close in a callback": close_in_callback,
    "collect": collect,
    "fork": fork,
    "multiprocessing fork": lambda calls: run_processes(calls, "fork"),
    "multiprocessing spawn": lambda calls: run_processes(calls, "spawn"),
    "multiprocessing forkserver": lambda calls: run_processes(calls, "forkserver"),
    "ProcessPoolExecutor": run_pool,
    "return": lambda _: None,
    "sys.exit": lambda _: sys.exit(4),
    "sys.exit in a thread": exit_in_thread,
    "sys.exit in a callback": exit_in_callback,
    "error": fail,
    "SIGTERM": lambda _: os.kill(os.getpid(), signal.SIGTERM),
    "SIGINT": lambda _: signal.raise_signal(signal.SIGINT),
    "os._exit": lambda _: os._exit(5),
    "loop closed": close_loop,
}


if __name__ == "__main__":
    # Each process of a pool imports this module, and begins nothing.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    warnings.filterwarnings("ignore", "This process", DeprecationWarning)  # has threads, and forks
    logging.getLogger("asyncio").disabled = True  # it tells of tasks that never end, as ours do
    ENDS[sys.argv[2]](Calls(sys.argv[1]))
