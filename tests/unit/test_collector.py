"""The collector waits for one function, and never for longer."""

from __future__ import annotations

import gc
import os
import threading

import pytest

from gradioproxy.collector import make_without_collecting


def test_it_waits_and_goes_on() -> None:
    assert make_without_collecting(gc.isenabled) is False
    assert gc.isenabled()


def test_it_goes_on_after_an_error() -> None:
    def interrupt() -> None:
        assert not gc.isenabled()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make_without_collecting(interrupt)
    assert gc.isenabled()


def test_what_was_off_stays_off() -> None:
    gc.disable()
    try:
        assert make_without_collecting(gc.isenabled) is False
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_several_threads_leave_it_on() -> None:
    """Whichever of them ends first."""
    inside, leave = threading.Barrier(3), threading.Barrier(3)

    def wait() -> None:
        inside.wait()
        leave.wait()

    threads = [
        threading.Thread(target=make_without_collecting, args=(wait,), daemon=True)
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    inside.wait()
    assert not gc.isenabled()
    leave.wait()
    for thread in threads:
        thread.join()
    assert gc.isenabled()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there are no forks")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_forked_child_has_it_on() -> None:
    """The thread for which it waited is not there."""
    inside, leave = threading.Event(), threading.Event()

    def wait() -> None:
        inside.set()
        leave.wait()

    thread = threading.Thread(target=make_without_collecting, args=(wait,), daemon=True)
    thread.start()
    inside.wait()
    child = os.fork()
    if child == 0:
        os._exit(0 if gc.isenabled() else 1)
    assert os.waitpid(child, 0)[1] == 0
    leave.set()
    thread.join()
    assert gc.isenabled()
