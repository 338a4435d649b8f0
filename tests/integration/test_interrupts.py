"""Ctrl-C wherever it can come, in what the main thread does with a session."""

from __future__ import annotations

import gc
import itertools
import threading
from typing import TYPE_CHECKING, Any

import pytest

import gradioproxy as gp
from gradioproxy.transport.in_flight import current_work
from tests.support.held_app import HeldApp
from tests.support.interrupting import interrupt_everywhere

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

SECONDS = 60
"""After this, something hangs that should not."""

STEP = 11
"""A call goes through a thousand places; most of them are alike."""


@pytest.fixture(autouse=True)
def nothing_left() -> Iterator[None]:
    """What was interrupted between two steps is no part of what comes later."""
    yield
    gc.collect()
    assert current_work() is None


@pytest.fixture
def held() -> Iterator[HeldApp]:
    with HeldApp() as web:
        yield web


@pytest.fixture
def session(held: HeldApp) -> Iterator[gp.Session]:
    with gp.connect(held.url, progress=False) as app:
        assert app.hold("finished:warm") == "done"
        yield app


def check_next_call(app: gp.Session, where: str) -> None:
    """See to it that a session is as good as new, from every thread."""
    assert app.hold.submit("finished:next").result(SECONDS) == "done", where
    assert list(app.hold.stream("finished:next")) == ["done"], where


KEPT: list[Any] = []
"""Streams that were begun; Ctrl-C in the finalizer of one is nobody's."""

MAKING: dict[str, Callable[[gp.Session], Any]] = {
    "call": lambda app: app.hold("finished:made"),
    "submit": lambda app: app.hold.submit("started:made"),
    "stream": lambda app: KEPT.append(app.hold.stream("started:made")),
    "map": lambda app: list(app.hold.map(["finished:made"])),
}


@pytest.mark.parametrize("make", MAKING)
def test_making_a_call(session: gp.Session, make: str) -> None:
    """A call that nobody got is given up, and the next one is right."""
    gc.collect()  # Ctrl-C in the finalizers of other tests' sessions is nobody's either
    for where in interrupt_everywhere(lambda: MAKING[make](session), step=STEP):
        assert [job for job in session.jobs if not job.done()] == [], where
        check_next_call(session, where)
        session.__connection__.engine.jobs.forget("finished")
    KEPT.clear()


# Where Ctrl-C comes between SQLite's opening of a database and its being told who has it, the
# collector closes it, as any file's; from Python 3.13 on that is a warning.
@pytest.mark.filterwarnings("ignore:unclosed database:ResourceWarning")
def test_a_journal(session: gp.Session, tmp_path: Path) -> None:
    """What was interrupted holds nothing up: neither this process nor others wait for it."""
    journal, numbers = tmp_path / "j", itertools.count()

    def use() -> None:
        values = [f"finished:{next(numbers)}", "finished:same"]
        list(session.hold.map(values, journal=journal, repeat_unknown=True))

    use()
    for where in interrupt_everywhere(use, ("/many/", "/functions/map_calls.py"), step=13):
        session.__connection__.engine.jobs.forget("finished")
        with gp.Journal(journal) as read:
            counts = read.counts
            assert counts["claimed"] == counts["sent"] == 0, where
        assert threading.active_count() < 20, where
    use()
    gc.collect()


def test_closing(held: HeldApp) -> None:
    """Whoever closes it again has closed it."""
    sessions: list[gp.Session] = []

    def close() -> None:
        sessions.append(gp.connect(held.url, progress=False))
        job = sessions[-1].hold.submit("yielding:closed")
        next(iter(job))
        sessions[-1].close()

    for where in interrupt_everywhere(close, ("/calls/engine.py", "/calls/workers.py"), step=7):
        if sessions:
            app = sessions.pop()
            app.close()
            assert [job for job in app.jobs if not job.done()] == [], where
    for app in sessions:
        app.close()
    held.wait_until(lambda: held.open_connections == 0)
    assert [each for each in threading.enumerate() if each.name.startswith("gradioproxy")] == []


@pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")
def test_connecting(held: HeldApp) -> None:
    """It can be begun again, and what was begun leaves no connection.

    A socket that was made, and that nobody had yet, is closed by Python as it is let go of.
    """
    sessions: list[gp.Session] = []

    def connect() -> None:
        sessions.append(gp.connect(held.url))

    for _ in interrupt_everywhere(connect, step=5 * STEP):
        pass
    for app in sessions:
        app.close()
    held.wait_until(lambda: held.open_connections == 0)
    with gp.connect(held.url) as app:
        check_next_call(app, "connect")
