"""Threads: few, started when there is work, ended when there is none, woken and never polling."""

from __future__ import annotations

import functools
import heapq
import itertools
import logging
import sys
import threading
import time
import weakref
from collections import deque
from typing import TYPE_CHECKING

from .. import forksafe
from ..transport.in_flight import interruptible

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..transport.in_flight import InFlight

log = logging.getLogger("gradioproxy")

# A thread costs a tenth of a millisecond to start: not worth keeping one for longer than this.
IDLE_SECONDS = 3.0


class Workers:
    """A bounded set of daemon threads.

    They are daemons because a program must be able to end while a server is silent, and not an
    executor's, which never end before the program does.

    Args:
        name: What the threads are called, behind ``gradioproxy-``.
        limit: How many there may be.
    """

    def __init__(self, name: str, limit: int) -> None:
        self._name = name
        self._limit = limit
        # Reentrant, because a collected stream cancels its job from wherever the collector runs.
        self._wake = forksafe.Condition()
        self._tasks: deque[Callable[[], None]] = deque()
        self._idle = 0
        self._threads: weakref.WeakSet[threading.Thread] = weakref.WeakSet()
        self._works: set[InFlight] = set()
        # Those that take tasks, or are about to; a thread that goes is none of them any more.
        self._serving: set[threading.Thread] = set()
        self._closed = False
        self._numbers = itertools.count(1)

    def submit(self, task: Callable[[], None]) -> None:
        """Run *task* on one of the threads, as soon as one is free.

        At the very end of the interpreter, when generators are closed that are still there, nothing
        is run any more: who starts a thread then waits for it for ever.

        Raises:
            RuntimeError: There is no thread, and the system gives us none.
        """
        if sys.is_finalizing():
            return
        with self._wake:
            self._tasks.append(task)
            if self._idle >= len(self._tasks):
                self._wake.notify()
                return
            if self._count >= self._limit:
                return
            name = f"gradioproxy-{self._name}-{next(self._numbers)}"
            thread = threading.Thread(target=self._work, name=name, daemon=True)
            self._serving.add(thread)
        try:
            thread.start()
        except RuntimeError:
            with self._wake:
                self._serving.discard(thread)
                if self._serving or task not in self._tasks:
                    return  # one of the others will come to it, or this one did, after all
                self._tasks.remove(task)
            raise
        except BaseException:  # Ctrl-C: nobody knows whether it began, but it says so itself then
            self._serving.discard(thread)
            raise
        with self._wake:
            self._threads.add(thread)

    def close(self) -> None:
        """Let the threads end when their tasks are done; later tasks start new ones."""
        with self._wake:
            self._closed = True
            self._wake.notify_all()

    def interrupt(self) -> None:
        """End whatever the threads wait for on the network."""
        with self._wake:
            works = list(self._works)
        for work in works:
            work.interrupt()

    def join(self, timeout: float) -> None:
        """Wait until the threads have ended, *timeout* seconds at most in all."""
        deadline = time.monotonic() + timeout
        with self._wake:
            threads = list(self._threads)
        for thread in threads:
            if thread is not threading.current_thread():
                thread.join(max(0.0, deadline - time.monotonic()))

    def _run(self, task: Callable[[], None]) -> None:
        with interruptible() as work:
            with self._wake:
                self._works.add(work)
            try:
                task()
            finally:
                with self._wake:
                    self._works.discard(work)

    @property
    def _count(self) -> int:
        return len(self._serving)

    def _work(self) -> None:
        with self._wake:
            self._serving.add(threading.current_thread())
            self._threads.add(threading.current_thread())
        while (task := self._next()) is not None:
            try:
                self._run(task)
            except SystemExit:
                pass  # of a user's callback; it ends no thread of ours
            except BaseException:  # a task reports its own errors; this one is a defect of ours
                log.exception("A task of gradioproxy failed.")
            del task  # or an idle thread would keep a job and its session alive

    def _next(self) -> Callable[[], None] | None:
        """Return the next task, or ``None`` when this thread is to end."""
        with self._wake:
            self._idle += 1
            try:
                while not self._tasks:
                    if self._closed or not self._wake.wait(IDLE_SECONDS):
                        if self._tasks:
                            break  # it came in the moment in which the wait ended
                        self._serving.discard(threading.current_thread())
                        return None
                return self._tasks.popleft()
            finally:
                self._idle -= 1


class Timers:
    """Runs tasks at given times, on one thread that is there while any is pending."""

    def __init__(self) -> None:
        self._wake = forksafe.Condition()
        self._tasks: dict[int, Callable[[], None]] = {}
        # When each is due; those that were cleared stay until they are many or come first.
        self._heap: list[tuple[float, int]] = []
        self._numbers = itertools.count()
        self._running = False
        # The last one, which may have to end yet when it runs no more.
        self._thread: threading.Thread | None = None
        self._closed = False

    def set(self, seconds: float, task: Callable[[], None]) -> int:
        """Run *task* in so many seconds; return what `clear` takes.

        Raises:
            RuntimeError: There is no thread, and the system gives us none.
        """
        with self._wake:
            number = next(self._numbers)
            if sys.is_finalizing():
                return number  # as in `Workers.submit`
            if not self._running:
                thread = threading.Thread(target=self._watch, name="gradioproxy-timer", daemon=True)
                thread.start()
                self._running, self._thread = True, thread
            self._tasks[number] = task
            heapq.heappush(self._heap, (time.monotonic() + seconds, number))
            if self._heap[0][1] == number:
                self._wake.notify()
            return number

    def set_on(self, workers: Workers, seconds: float, task: Callable[[], None]) -> int:
        """Let *workers* run *task* in so many seconds; see `set`."""
        return self.set(seconds, functools.partial(workers.submit, task))

    def clear(self, number: int) -> None:
        """Forget a timer, if it has not gone off."""
        with self._wake:
            if self._tasks.pop(number, None) is None:
                return
            if not self._tasks:
                self._heap.clear()
                self._wake.notify()
            elif len(self._heap) > 2 * len(self._tasks) + 100:
                self._heap = [entry for entry in self._heap if entry[1] in self._tasks]
                heapq.heapify(self._heap)

    def close(self) -> None:
        """Forget every timer, and let the thread end."""
        with self._wake:
            self._closed = True
            self._tasks.clear()
            self._heap.clear()
            self._wake.notify()

    def join(self, timeout: float) -> None:
        """Wait until the thread has ended, *timeout* seconds at most."""
        with self._wake:
            thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(max(0.0, timeout))

    def _watch(self) -> None:
        while (task := self._next()) is not None:
            try:
                task()
            except Exception:
                log.exception("A timer of gradioproxy failed.")
            del task

    def _next(self) -> Callable[[], None] | None:
        """Return the next task when it is due, or ``None`` when the thread is to end."""
        with self._wake:
            while True:
                if self._heap:
                    due, number = self._heap[0]
                    wait = due - time.monotonic()
                    if number not in self._tasks:
                        heapq.heappop(self._heap)
                    elif wait > 0:
                        self._wake.wait(min(wait, threading.TIMEOUT_MAX))
                    else:
                        heapq.heappop(self._heap)
                        return self._tasks.pop(number)
                elif self._closed or not self._wake.wait_for(self._due_or_closed, IDLE_SECONDS):
                    self._running = False
                    return None

    def _due_or_closed(self) -> bool:
        return bool(self._heap) or self._closed
