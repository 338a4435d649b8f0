"""What a thread is doing, also where Ctrl-C came between the steps of a context."""

from __future__ import annotations

import gc
import threading

from gradioproxy.transport.innermost import Innermost
from tests.support.interrupting import interrupt_everywhere


def test_the_innermost_is_found() -> None:
    """And the one around it, once its context has ended."""
    working: Innermost[str] = Innermost()
    assert working.find() is None
    with working.hold("outer") as outer:
        with working.hold("inner") as inner:
            assert (outer, inner, working.find()) == ("outer", "inner", "inner")
        assert working.find() == "outer"
    assert working.find() is None


def test_each_thread_has_its_own() -> None:
    """A thread that is begun in a context is in none."""
    working: Innermost[str] = Innermost()
    found: list[str | None] = []
    with working.hold("value"):
        thread = threading.Thread(target=lambda: found.append(working.find()))
        thread.start()
        thread.join()
    assert found == [None]


def test_a_context_that_ends_late() -> None:
    """It was lost, and the collector ends it while the thread is in another one."""
    working: Innermost[str] = Innermost()
    lost = [working.hold("lost")]
    lost[0].__enter__()
    with working.hold("later"):
        lost.clear()
        gc.collect()
        assert working.find() == "later"
    assert working.find() is None


def test_a_context_that_another_thread_ends() -> None:
    """As the collector runs anywhere."""
    working: Innermost[str] = Innermost()
    lost = [working.hold("lost")]
    lost[0].__enter__()
    thread = threading.Thread(target=lost.clear)
    thread.start()
    thread.join()
    assert working.find() is None


def test_interrupted_everywhere() -> None:
    """Nothing is left of it, and a context around it stays."""
    working: Innermost[str] = Innermost()

    def work() -> None:
        with working.hold("first"), working.hold("second"):
            assert working.find() == "second"

    with working.hold("outer"):
        for where in interrupt_everywhere(work):
            gc.collect()
            assert working.find() == "outer", where
    assert working.find() is None
