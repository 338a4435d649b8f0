"""What a client hears of a call under way."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("mcp", reason="needs the extra mcp")

from gradioproxy.calls.watching import watch_job
from gradioproxy.mcp.bounds import Bounds
from gradioproxy.mcp.reports import Follower
from gradioproxy.protocols.events import (
    Completed,
    Event,
    Logged,
    Progressed,
    Queued,
    Started,
    Unit,
    Yielded,
)
from tests.support.scripted_peer import make_job, tell

if TYPE_CHECKING:
    from mcp.types import LoggingLevel

DONE = Completed(("x",))


class Heard:
    """A client, and what it heard; something happens to the job each time that it hears."""

    def __init__(self, job: Any, *coming: list[Event]) -> None:
        self.progress: list[tuple[float, float | None, str]] = []
        self.logs: list[tuple[str, str]] = []
        self._job, self._coming = job, [*coming]

    async def report_progress(self, progress: float, total: float | None, message: str) -> None:
        """Note it."""
        self.progress.append((progress, total, message))
        self._go_on()

    async def report_log(self, level: LoggingLevel, text: str) -> None:
        """Note it."""
        self.logs.append((level, text))

    def _go_on(self) -> None:
        if self._coming:
            tell(self._job, *self._coming.pop(0))


def bar(index: int, of: int = 4) -> Event:
    return Progressed((Unit(index, of, "steps", None, "Stepping"),))


def hear(*happening: list[Event], hide: Any = str, logs: int = 10) -> Heard:
    """Return what a client hears of a job to which these things happen, one after the other."""

    async def follow() -> Heard:
        job = make_job()
        heard = Heard(job, *happening[1:], [DONE])
        tell(job, *happening[0])
        await asyncio.wait_for(Follower(heard, hide, Bounds(pause=0, logs=logs)).follow(job), 20)
        return heard

    return asyncio.run(follow())


def test_the_apps_own_progress() -> None:
    """It goes to 100, and more each time, also where the app begins anew."""
    heard = hear([bar(0)], [bar(2)], [bar(2, 8)], [bar(4)])
    numbers = [number for number, _, _ in heard.progress]
    assert numbers == sorted(set(numbers))
    assert numbers[1] == 50
    assert numbers[3] == 100
    assert {(total, text) for _, total, text in heard.progress} == {(100, "Stepping")}


def test_more_than_everything() -> None:
    """Beyond 100 there is no total any more: a share is never more than the whole."""
    heard = hear([bar(4)], [bar(1)], [Progressed((Unit(9, 4, None, None, None),))])
    assert [total for _, total, _ in heard.progress] == [100, None, None]


def test_what_has_no_bar() -> None:
    heard = hear([Queued(2, 3, 4.0)], [Started(None)], [Yielded(("a",)), Yielded(("b",))])
    assert [(total, text) for _, total, text in heard.progress] == [
        (None, "queued, 2 before it, about 4 s"),
        (None, "running"),
        (None, "running, 2 partial results so far"),
    ]


def test_messages() -> None:
    """Each once, at the level that it has, on one line and without secrets."""
    heard = hear(
        [Logged("info", "one\ntwo", None), Logged("success", "hf_secret", "Good"), Started(None)],
        [Logged("error", "late", None), DONE],
        hide=lambda text: text.replace("hf_secret", "<secret>"),
    )
    assert heard.logs == [("info", "one two"), ("info", "Good: <secret>"), ("error", "late")]


def test_more_messages_than_are_passed_on() -> None:
    """That there are more is said once, and the call goes on."""
    some: list[Event] = [Logged("info", str(number), None) for number in range(3)]
    heard = hear([*some, Started(None)], [*some, bar(1)], [*some, bar(2)], logs=3)
    assert [text for _, text in heard.logs[:3]] == ["0", "1", "2"]
    ((level, text),) = heard.logs[3:]
    assert (level, text) == ("warning", "The app said more than is passed on of one call.")


def test_a_call_that_is_over() -> None:
    """Nobody is told how far it is, and what was said is said."""
    heard = hear([Logged("warning", "w", None), DONE])
    assert (heard.progress, heard.logs) == ([], [("warning", "w")])


def test_whoever_stops_watching_gives_up_nothing() -> None:
    """The call goes on, and nobody is called any more."""

    async def watch() -> Any:
        job = make_job()
        watching = watch_job(job)
        first = await anext(watching)
        assert first.status.stage == "pending"
        task = asyncio.ensure_future(anext(watching))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert not job.done()
        tell(job, DONE)
        return job.result(0)

    assert asyncio.run(watch()) == "x"
