"""Locks in forked children."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Any

import pytest

from gradioproxy import forksafe
from tests.support.interrupting import OURS, THREADS, interrupt_everywhere
from tests.support.processes import ends_well_in_child, needs_fork

if TYPE_CHECKING:
    from collections.abc import Callable

SECONDS = 60
"""After this, something hangs that should not."""

pytestmark = needs_fork

every_kind = pytest.mark.parametrize(
    "make", [forksafe.Lock, forksafe.RLock, forksafe.Condition], ids=lambda make: make.__name__
)


def take(lock: Any) -> None:
    with lock:
        pass


@every_kind
def test_a_lock_is_free_in_a_child_whoever_holds_it(make: Callable[[], Any]) -> None:
    lock = make()
    held, leave = threading.Event(), threading.Event()

    def hold() -> None:
        with lock:
            held.set()
            leave.wait(SECONDS)

    holder = threading.Thread(target=hold)
    holder.start()
    assert held.wait(SECONDS)
    assert ends_well_in_child(lambda: take(lock))
    leave.set()
    holder.join(SECONDS)
    take(lock)


@every_kind
def test_a_child_that_is_forked_under_a_lock_can_let_go_of_it(make: Callable[[], Any]) -> None:
    lock = make()
    with lock:
        child = os.fork()
    if not child:
        code = 1
        try:
            take(lock)
            code = 0
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0


def test_a_condition_wakes_who_waits() -> None:
    condition = forksafe.Condition()
    news: list[int] = []

    def tell() -> None:
        with condition:
            news.append(1)
            condition.notify_all()

    with condition, condition:
        thread = threading.Thread(target=tell)
        thread.start()
        assert condition.wait_for(lambda: news, SECONDS)
    thread.join(SECONDS)
    with condition:
        assert not condition.wait(0)


def is_free(lock: Any) -> bool:
    """Tell whether another thread can take a lock."""
    taker = threading.Thread(target=take, args=(lock,), daemon=True)
    taker.start()
    taker.join(1)
    return not taker.is_alive()


@every_kind
def test_an_interrupt_leaves_a_lock_free(make: Callable[[], Any]) -> None:
    """Wherever it comes; who takes it next would wait for ever."""
    lock = make()
    places = [*interrupt_everywhere(lambda: take(lock))]
    assert places
    assert is_free(lock)
    for where in interrupt_everywhere(lambda: take(lock)):
        assert is_free(lock), where


def test_an_interrupt_ends_a_wait_and_nothing_else() -> None:
    """Wherever it comes, also before the wait has begun, when the lock is let go of already."""
    condition = forksafe.Condition()
    done = []

    def wait() -> None:
        with condition:
            condition.wait(0)
            done.append(condition.wait_for(lambda: False, 0))

    places = [*interrupt_everywhere(wait, (*OURS, *THREADS))]
    assert len(places) > 5
    assert done
    assert is_free(condition)


class Told:
    """Something that is told of forks."""

    def __init__(self) -> None:
        self.count = 0
        forksafe.register(self)

    def after_fork(self) -> None:
        """Take note of it."""
        self.count += 1


def test_who_has_to_start_anew_is_told() -> None:
    told = Told()

    def check() -> None:
        os._exit(0 if told.count == 1 else 1)

    assert ends_well_in_child(check)
    assert told.count == 0
