"""Threads and timers: as many as needed, woken when there is something to do, gone when not."""

from __future__ import annotations

import functools
import queue
import threading
import weakref
from typing import TYPE_CHECKING

import pytest

from gradioproxy.calls import workers
from gradioproxy.calls.workers import Timers, Workers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SECONDS = 60


@pytest.fixture
def pool() -> Iterator[Workers]:
    """Give up to three threads."""
    pool = Workers("test", 3)
    yield pool
    pool.close()
    pool.join(SECONDS)


@pytest.fixture
def single() -> Iterator[Workers]:
    """Give up to one thread."""
    single = Workers("test", 1)
    yield single
    single.close()
    single.join(SECONDS)


@pytest.fixture
def timers() -> Iterator[Timers]:
    timers = Timers()
    yield timers
    timers.close()


def test_tasks_run_at_the_same_time_up_to_the_limit_and_no_further(pool: Workers) -> None:
    met = threading.Barrier(4)
    running: queue.SimpleQueue[str] = queue.SimpleQueue()
    leave = threading.Semaphore(0)

    def task() -> None:
        running.put(threading.current_thread().name)
        leave.acquire()

    def meet() -> None:
        met.wait(SECONDS)

    for _ in range(3):
        pool.submit(meet)
    met.wait(SECONDS)  # all three are there at once
    for _ in range(10):
        pool.submit(task)
    names = {running.get(timeout=SECONDS) for _ in range(3)}
    assert len(names) == 3
    assert running.empty()
    leave.release(10)
    names |= {running.get(timeout=SECONDS) for _ in range(7)}
    assert len(names) == 3
    assert all(name.startswith("gradioproxy-test-") for name in names)


def test_no_thread_is_there_before_there_is_a_task_and_none_outlives_the_program() -> None:
    """A daemon does not keep a program from ending."""
    pool = Workers("test", 3)
    assert list(pool._threads) == []
    daemons: queue.SimpleQueue[bool] = queue.SimpleQueue()
    pool.submit(lambda: daemons.put(threading.current_thread().daemon))
    assert daemons.get(timeout=SECONDS)
    assert len(pool._threads) == 1
    pool.close()
    pool.join(SECONDS)


def test_tasks_run_in_order_on_a_thread_that_is_used_again(single: Workers) -> None:
    done: queue.SimpleQueue[tuple[int, int]] = queue.SimpleQueue()

    def put(number: int) -> None:
        done.put((number, threading.get_ident()))

    for number in range(100):
        single.submit(functools.partial(put, number))
    found = [done.get(timeout=SECONDS) for _ in range(100)]
    assert [number for number, _ in found] == list(range(100))
    assert len({thread for _, thread in found}) == 1


def test_an_idle_thread_ends_and_the_next_task_starts_another(
    pool: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "IDLE_SECONDS", 0)
    threads: queue.SimpleQueue[threading.Thread] = queue.SimpleQueue()
    for _ in range(3):
        pool.submit(lambda: threads.put(threading.current_thread()))
        thread = threads.get(timeout=SECONDS)
        thread.join(SECONDS)
        assert not thread.is_alive()


def test_closing_lets_tasks_end_and_threads_after_them(pool: Workers) -> None:
    """Later tasks are still done: a call that is over may still have somebody to tell."""
    gate = threading.Event()
    done: list[str] = []

    def task(number: int) -> None:
        gate.wait(SECONDS)
        done.append(str(number))

    for number in range(5):
        pool.submit(functools.partial(task, number))
    pool.close()
    gate.set()
    pool.join(SECONDS)
    assert sorted(done) == ["0", "1", "2", "3", "4"]
    assert [thread for thread in pool._threads if thread.is_alive()] == []
    pool.submit(lambda: done.append("late"))
    pool.join(SECONDS)
    assert done[-1] == "late"


def test_a_task_may_wait_for_all_threads(pool: Workers) -> None:
    """It does not wait for itself: who closes a session may do so in a callback."""
    ended = threading.Event()

    def close() -> None:
        pool.close()
        pool.join(SECONDS)
        ended.set()

    pool.submit(close)
    assert ended.wait(SECONDS)


@pytest.mark.parametrize(
    ("failure", "logged"),
    [(ValueError("wrong"), True), (KeyboardInterrupt("odd"), True), (SystemExit("bye"), False)],
)
def test_a_task_that_fails_is_logged_and_ends_no_thread(
    single: Workers, caplog: pytest.LogCaptureFixture, failure: BaseException, logged: bool
) -> None:
    """`SystemExit` is what a thread may raise to end; a user's callback ends itself alone."""
    threads: queue.SimpleQueue[int] = queue.SimpleQueue()

    def fail() -> None:
        threads.put(threading.get_ident())
        raise failure

    single.submit(fail)
    single.submit(lambda: threads.put(threading.get_ident()))
    assert threads.get(timeout=SECONDS) == threads.get(timeout=SECONDS)
    assert [record.exc_info[1] for record in caplog.records if record.exc_info] == (
        [failure] if logged else []
    )


class Task:
    """Something that a task holds."""

    def __call__(self) -> None:
        """Do nothing."""


def test_an_idle_thread_keeps_nothing_alive(single: Workers) -> None:
    """Else a session could not be collected before its threads have ended."""
    task = Task()
    gone = threading.Event()
    weakref.finalize(task, gone.set)
    single.submit(task)
    del task
    assert gone.wait(SECONDS)
    assert single._count == 1


def test_a_task_can_be_given_by_who_is_just_giving_one(single: Workers) -> None:
    """The collector may run anywhere, and with it the end of a stream, which cancels its call."""
    done = threading.Event()
    with single._wake:
        single.submit(done.set)
    assert done.wait(SECONDS)


@pytest.fixture
def no_threads(monkeypatch: pytest.MonkeyPatch) -> Callable[[bool], None]:
    """Give a function that says whether the system has threads for us."""
    start = threading.Thread.start
    allowed = threading.Event()

    def limited(thread: threading.Thread) -> None:
        if not allowed.is_set():
            raise RuntimeError("can't start new thread")
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", limited)
    return lambda allow: allowed.set() if allow else allowed.clear()


def test_without_any_thread_a_task_is_refused(
    pool: Workers, no_threads: Callable[[bool], None]
) -> None:
    """And is not done later, when nobody expects it; the next one is."""
    done: queue.SimpleQueue[str] = queue.SimpleQueue()
    for _ in range(5):
        with pytest.raises(RuntimeError, match="can't start new thread"):
            pool.submit(lambda: done.put("refused"))
    no_threads(True)
    pool.submit(lambda: done.put("taken"))
    assert done.get(timeout=SECONDS) == "taken"
    pool.close()
    pool.join(SECONDS)
    assert done.empty()


def test_without_more_threads_a_task_waits_for_those_that_are_there(
    pool: Workers, no_threads: Callable[[bool], None]
) -> None:
    no_threads(True)
    gate, busy, done = threading.Event(), threading.Event(), threading.Event()

    def task() -> None:
        busy.set()
        gate.wait(SECONDS)

    pool.submit(task)
    assert busy.wait(SECONDS)
    no_threads(False)
    pool.submit(done.set)
    gate.set()
    assert done.wait(SECONDS)


# Timers.


class Clock:
    """A clock that goes when it is told."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        """Return the time."""
        return self.now


def move(clock: Clock, timers: Timers, now: float) -> None:
    """Set the clock, and let the timers look at it."""
    with timers._wake:
        clock.now = now
        timers._wake.notify_all()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(workers, "time", clock)
    return clock


def test_timers_go_off_in_the_order_of_their_times(clock: Clock, timers: Timers) -> None:
    """All on one thread."""
    gone_off: queue.SimpleQueue[tuple[int, str]] = queue.SimpleQueue()

    def put(seconds: int) -> None:
        gone_off.put((seconds, threading.current_thread().name))

    for seconds in (3000, 1000, 2000):
        timers.set(seconds, functools.partial(put, seconds))
    move(clock, timers, 1999)
    assert gone_off.get(timeout=SECONDS) == (1000, "gradioproxy-timer")
    assert gone_off.empty()
    move(clock, timers, 5000)
    assert gone_off.get(timeout=SECONDS) == (2000, "gradioproxy-timer")
    assert gone_off.get(timeout=SECONDS) == (3000, "gradioproxy-timer")


def test_a_timer_that_was_cleared_does_not_go_off(clock: Clock, timers: Timers) -> None:
    gone_off: queue.SimpleQueue[int] = queue.SimpleQueue()
    numbers = [
        timers.set(1000 + number, functools.partial(gone_off.put, number)) for number in range(4)
    ]
    timers.clear(numbers[0])
    timers.clear(numbers[2])
    timers.clear(numbers[2])
    move(clock, timers, 5000)
    assert gone_off.get(timeout=SECONDS) == 1
    assert gone_off.get(timeout=SECONDS) == 3
    timers.clear(numbers[1])
    assert gone_off.empty()


@pytest.mark.parametrize("seconds", [0, -1])
def test_a_timer_that_is_due_is_not_held_up_by_a_later_one(timers: Timers, seconds: int) -> None:
    gone_off = threading.Event()
    timers.set(1e9, lambda: None)
    timers.set(seconds, gone_off.set)
    assert gone_off.wait(SECONDS)


def test_the_thread_is_gone_when_the_end_of_timers_was_waited_for(timers: Timers) -> None:
    seen: queue.SimpleQueue[threading.Thread] = queue.SimpleQueue()
    timers.set(1e9, lambda: None)
    timers.set(0, lambda: seen.put(threading.current_thread()))
    thread = seen.get(timeout=SECONDS)
    timers.close()
    timers.join(SECONDS)
    assert not thread.is_alive()


def test_no_time_is_too_far_away(timers: Timers) -> None:
    gone_off = threading.Event()
    far = [timers.set(seconds, lambda: None) for seconds in (1e300, float("inf"))]
    timers.set(0, gone_off.set)
    assert gone_off.wait(SECONDS)
    for number in far:
        timers.clear(number)


def test_timers_that_were_cleared_do_not_pile_up(clock: Clock, timers: Timers) -> None:
    """A session that makes calls for weeks sets a timer for each."""
    timers.set(1000, lambda: None)
    for _ in range(10_000):
        timers.clear(timers.set(2000, lambda: None))
    assert len(timers._heap) <= 200
    gone_off = threading.Event()
    timers.set(1500, gone_off.set)
    move(clock, timers, 1600)
    assert gone_off.wait(SECONDS)


def test_the_thread_is_there_while_a_timer_is_pending(
    timers: Timers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "IDLE_SECONDS", 0)
    threads: queue.SimpleQueue[threading.Thread] = queue.SimpleQueue()
    for _ in range(3):
        pending = timers.set(1e9, lambda: None)
        timers.set(0, lambda: threads.put(threading.current_thread()))
        thread = threads.get(timeout=SECONDS)
        assert thread.is_alive()
        timers.clear(pending)
        thread.join(SECONDS)
        assert not thread.is_alive()


def test_a_timer_that_fails_is_logged_and_the_next_goes_off(
    timers: Timers, caplog: pytest.LogCaptureFixture
) -> None:
    gone_off = threading.Event()
    timers.set(-1, functools.partial(divmod, 1, 0))
    timers.set(0, gone_off.set)
    assert gone_off.wait(SECONDS)
    assert "ZeroDivisionError" in caplog.text


def test_closing_forgets_every_timer(clock: Clock, timers: Timers) -> None:
    gone_off: queue.SimpleQueue[str] = queue.SimpleQueue()
    number = timers.set(1000, lambda: gone_off.put("closed"))
    timers.close()
    timers.clear(number)
    timers.set(1000, lambda: gone_off.put("set later"))
    move(clock, timers, 2000)
    assert gone_off.get(timeout=SECONDS) == "set later"
    assert gone_off.empty()


def test_without_a_thread_a_timer_is_refused(
    timers: Timers, no_threads: Callable[[bool], None]
) -> None:
    with pytest.raises(RuntimeError, match="can't start new thread"):
        timers.set(0, lambda: None)
    no_threads(True)
    gone_off = threading.Event()
    timers.set(0, gone_off.set)
    assert gone_off.wait(SECONDS)
