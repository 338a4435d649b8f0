"""Feeds whose chunks are calls of their own, without a server: what begins, and how it ends."""

from __future__ import annotations

import asyncio
import contextlib
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

from gradioproxy.calls import feeds
from gradioproxy.calls.feed import Feed
from gradioproxy.calls.feeds import ChainFeeder, Chunk, RunFeeder, ValueReader
from gradioproxy.calls.history import JobHistory
from gradioproxy.errors import (
    AppError,
    ConnectionLost,
    GradioProxyError,
    JobCancelled,
    SessionClosed,
    Timeout,
)
from gradioproxy.files.payload import Payload
from gradioproxy.protocols.events import Completed, Yielded
from tests.support.interrupting import interrupt_everywhere
from tests.support.processes import ends_well_in_child, needs_fork
from tests.support.scripted_peer import (
    Runtime,
    make_job,
    record_of,
    tell,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

WAIT = 60

T = TypeVar("T")


class Engine:
    """Keeps what is begun, and begins nothing.

    Attributes:
        interruption: What comes in the middle of a beginning.
        tasks: What is to be run on a thread of the engine's; ``None`` runs it here and now.
    """

    def __init__(self) -> None:
        self.begun: list[Any] = []
        self.closed = False
        self.jobs = JobHistory(2, "error")
        self.forgotten: list[Any] = []
        self.interruption: Callable[[], object] = lambda: None
        self.tasks: list[Callable[[], None]] | None = None

    def start(self, job: Any, record: Any, payload: Any, *, tab: bool) -> None:
        """Begin a call."""
        del payload
        assert tab
        self.interruption()
        if self.closed:
            raise SessionClosed("closed")
        self.jobs.add(job, record)
        self.begun.append(job)

    def feed(self, task: Callable[[], None]) -> None:
        """Run a task."""
        if self.tasks is None:
            task()
        else:
            self.tasks.append(task)

    def forget(self, record: Any) -> None:
        """Let go of a call that is over."""
        self.forgotten.append(record)


def chunk(given: Any = None) -> Chunk:
    del given
    job = make_job(runtime=Runtime(run_callback=lambda _: None))
    return Chunk(job, record_of(job), Payload([], ()))


def feed_of(engine: Engine) -> Feed[Any]:
    return Feed("f", ChainFeeder(engine, chunk(), chunk), dict)  # type: ignore[arg-type]


def complete(job: Any, value: str) -> None:
    tell(job, Completed((value,)))


def test_a_call_begins_when_the_one_before_has_ended() -> None:
    engine = Engine()
    feed = feed_of(engine)
    feed.send()
    feed.send()
    assert (len(engine.begun), feed.pending) == (1, 3)
    for number in range(3):
        complete(engine.begun[number], str(number))
    assert (len(engine.begun), feed.pending) == (3, 0)
    feed.close()
    assert list(feed) == ["0", "1", "2"]


def test_each_value_that_a_chunk_yields_comes() -> None:
    engine = Engine()
    feed = feed_of(engine)
    for value in ("a", "b"):
        tell(engine.begun[0], Yielded((value,)))
    assert feed.pending == 0
    complete(engine.begun[0], "b")
    feed.close()
    assert list(feed) == ["a", "b"]


def test_an_error_drops_what_waits() -> None:
    engine = Engine()
    feed = feed_of(engine)
    feed.send()
    record_of(engine.begun[0]).fail(AppError("boom"))
    for _ in range(2):
        with pytest.raises(AppError, match="boom"):
            feed.receive(WAIT)
    with pytest.raises(AppError, match="boom"):
        feed.send()
    assert len(engine.begun) == 1


def test_a_cancel_drops_what_waits() -> None:
    """Also between two calls."""
    engine = Engine()
    feed = feed_of(engine)
    complete(engine.begun[0], "0")
    feed.cancel()
    assert feed.receive(WAIT) == "0"
    with pytest.raises(JobCancelled):
        feed.receive(WAIT)
    with pytest.raises(JobCancelled):
        feed.send()


def test_what_can_not_begin_is_told_to_who_waits() -> None:
    """A session can be closed between two chunks."""
    engine = Engine()
    feed = feed_of(engine)
    feed.send()
    engine.closed = True
    complete(engine.begun[0], "0")
    assert feed.receive(WAIT) == "0"
    with pytest.raises(SessionClosed):
        feed.receive(WAIT)
    with pytest.raises(SessionClosed):
        feed.send()


def test_who_waits_can_stop_waiting() -> None:
    """For the next call as well."""
    engine = Engine()
    feed = feed_of(engine)
    with pytest.raises(Timeout):
        feed.receive(0)
    complete(engine.begun[0], "0")
    assert feed.receive(0) == "0"
    with pytest.raises(Timeout):
        feed.receive(0)
    feed.close()
    with pytest.raises(EOFError):
        feed.receive(0)


def test_callbacks_of_users_hold_up_no_feed() -> None:
    """The threads for those may all wait for what comes of it: here they do nothing at all."""
    engine = Engine()
    engine.tasks = []
    feed = feed_of(engine)
    feed.send()
    complete(engine.begun[0], "0")
    assert (len(engine.begun), len(engine.tasks)) == (1, 1)
    engine.tasks.pop()()
    assert len(engine.begun) == 2


def test_a_feed_can_be_closed_in_the_middle_of_sending() -> None:
    """By a handler of a signal: the chunk came in time."""
    engine = Engine()
    feed = feed_of(engine)
    complete(engine.begun[0], "0")
    engine.interruption = feed.close
    feed.send()
    complete(engine.begun[1], "1")
    assert list(feed) == ["0", "1"]
    with pytest.raises(ValueError, match="was closed"):
        feed.send()


def test_nothing_begins_when_a_feed_is_over() -> None:
    """Whoever looked before."""
    engine = Engine()
    feeder = ChainFeeder(engine, chunk(), chunk)  # type: ignore[arg-type]
    record_of(engine.begun[0]).fail(AppError("boom"))
    assert not feeder.send({})
    assert len(engine.begun) == 1


def test_a_feed_can_end_in_the_middle_of_sending() -> None:
    """By a handler of a signal, after the feeder has looked."""
    engine = Engine()

    class Interrupted(ChainFeeder):
        """One whose call fails when it has looked."""

        @property
        def is_over(self) -> bool:
            seen = super().is_over
            if engine.begun:
                record_of(engine.begun[0]).fail(AppError("boom"))
            return seen

    feeder = Interrupted(engine, chunk(), chunk)  # type: ignore[arg-type]
    feeder.send({})
    assert (len(engine.begun), feeder.pending, feeder.is_over) == (1, 0, True)
    with pytest.raises(AppError, match="boom"):
        feeder.receive(WAIT)


def test_seconds_are_counted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that were waited for a call are not waited again for its value."""
    moments = iter([0.0, 0.0, 1.5])
    monkeypatch.setattr(feeds, "time", SimpleNamespace(monotonic=lambda: next(moments)))
    waits: list[float | None] = []
    monkeypatch.setattr(ValueReader, "wait", lambda _, timeout: waits.append(timeout))
    with pytest.raises(Timeout):
        feed_of(Engine()).receive(2)
    assert waits == [0.5]


def test_what_can_not_begin_is_pending_no_more() -> None:
    """Nor what was to follow it."""
    engine = Engine()
    feed = feed_of(engine)
    feed.send()
    feed.send()
    engine.closed = True
    complete(engine.begun[0], "0")
    assert (feed.pending, feed.closed) == (0, True)


def test_a_session_remembers_the_latest_call_alone() -> None:
    """However long the feed is."""
    engine = Engine()
    feed = feed_of(engine)
    for number in range(5):
        complete(engine.begun[number], str(number))
        feed.send()
    assert engine.jobs.list() == engine.begun[-1:]


def test_a_cancel_before_the_next_call_begins() -> None:
    """It never begins."""
    engine = Engine()
    engine.tasks = []
    feed = feed_of(engine)
    feed.send()
    complete(engine.begun[0], "0")
    feed.cancel()
    engine.tasks.pop()()
    assert len(engine.begun) == 1
    assert feed.receive(WAIT) == "0"
    with pytest.raises(JobCancelled):
        feed.receive(WAIT)


def test_a_cancel_while_a_call_begins() -> None:
    """The engine lets go of it: its end came before its beginning."""
    engine = Engine()
    feed = feed_of(engine)
    complete(engine.begun[0], "0")
    engine.interruption = feed.cancel
    feed.send()
    assert engine.forgotten == [record_of(engine.begun[1])]


def test_ctrl_c_while_a_call_begins_ends_the_feed() -> None:
    """Nobody waits for what may not have begun."""
    engine = Engine()
    feed = feed_of(engine)
    complete(engine.begun[0], "0")

    def interrupt() -> None:
        raise KeyboardInterrupt

    engine.interruption = interrupt
    with pytest.raises(KeyboardInterrupt):
        feed.send()
    assert feed.closed
    assert feed.receive(WAIT) == "0"
    with pytest.raises(JobCancelled):
        feed.receive(WAIT)


def test_ctrl_c_anywhere_in_sending() -> None:
    """The feed goes on, or it is cancelled: nobody waits for ever."""

    def begin() -> tuple[Engine, Feed[Any]]:
        engine = Engine()
        feed = feed_of(engine)
        complete(engine.begun[0], "0")
        return engine, feed

    def send() -> None:
        begun[-1][1].send()

    begun = [begin()]
    for where in interrupt_everywhere(send):
        engine, feed = begun[-1]
        begun.append(begin())
        feed.close()
        for job in engine.begun:
            complete(job, "0")
        assert feed.receive(WAIT) == "0"
        try:
            rest = [*feed]
        except JobCancelled:
            rest = []
        assert rest in ([], ["0"]), where
        assert feed.pending == 0, where


def test_a_system_without_threads_ends_a_feed(monkeypatch: pytest.MonkeyPatch) -> None:
    """And says so."""
    engine = Engine()
    feed = feed_of(engine)
    feed.send()

    def refuse(_: object) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(engine, "feed", refuse)
    complete(engine.begun[0], "0")
    assert feed.receive(WAIT) == "0"
    with pytest.raises(GradioProxyError, match="can't start new thread"):
        feed.receive(WAIT)
    assert feed.pending == 0


@needs_fork
def test_a_forked_child_has_no_part_in_a_feed() -> None:
    """Not even between two calls."""
    engine = Engine()
    feed = feed_of(engine)
    complete(engine.begun[0], "0")

    def use() -> None:
        assert feed.receive(WAIT) == "0"
        for ask in (feed.receive, feed.send):
            with pytest.raises(ConnectionLost, match="forked"):
                ask()
        assert (feed.pending, feed.closed, len(engine.begun)) == (0, True, 1)

    assert ends_well_in_child(use)
    feed.send()
    assert len(engine.begun) == 2


# In asyncio.


class Fed:
    """A feed of which an event loop waits for results, in one run or in a call for each chunk.

    Attributes:
        feed: The feed.
        jobs: The calls that were begun.
    """

    def __init__(self, *, in_one_run: bool) -> None:
        engine = Engine()
        self.jobs = engine.begun
        self.feed = self._feed_run() if in_one_run else feed_of(engine)

    def _feed_run(self) -> Feed[Any]:
        first = chunk()
        self.jobs.append(first.job)
        call = SimpleNamespace(put=lambda _: True, finish=lambda: None)
        engine: Any = SimpleNamespace(start=lambda *_, **__: call)
        return Feed("f", RunFeeder(engine, first, lambda _: first.payload), dict)

    @property
    def listeners(self) -> int:
        """How many wait for something else to happen."""
        feeder = self.feed._feeder
        if isinstance(feeder, ChainFeeder):
            return len(feeder._listeners)
        return len(record_of(self.jobs[0])._listeners)

    def answer(self, value: str) -> None:
        """Let the app answer the latest chunk, and wait for another one."""
        if isinstance(self.feed._feeder, RunFeeder):
            tell(self.jobs[0], Yielded((value,)))
        else:
            complete(self.jobs[-1], value)

    def end(self) -> None:
        """Close the feed, and let the app end a run."""
        self.feed.close()
        if isinstance(self.feed._feeder, RunFeeder):
            tell(self.jobs[0], Completed(("",)))


@pytest.fixture(params=[True, False], ids=["in one run", "in a call each"])
def fed(request: pytest.FixtureRequest) -> Fed:
    return Fed(in_one_run=request.param)


def run(steps: Coroutine[Any, Any, T]) -> T:
    """Run something in a loop; where it hangs, it fails."""
    return asyncio.run(asyncio.wait_for(steps, WAIT))


async def begin_waiting(fed: Fed) -> None:
    """Return when somebody waits for a result in the loop, which therefore goes on."""
    while not fed.listeners:  # noqa: ASYNC110 - there is no event for that
        await asyncio.sleep(0)


def test_a_loop_gets_each_result_as_it_comes(fed: Fed) -> None:
    """From another thread, and goes on meanwhile; the end comes to who waits, too."""

    async def main() -> list[str]:
        taken: list[str] = []
        turn = asyncio.Event()

        async def send() -> None:
            for number in range(3):
                await begin_waiting(fed)
                await asyncio.to_thread(fed.answer, str(number))
                await turn.wait()
                turn.clear()
                if number < 2:
                    fed.feed.send()
            await begin_waiting(fed)
            await asyncio.to_thread(fed.end)

        async def receive() -> None:
            async for value in fed.feed:
                taken.append(value)
                turn.set()

        await asyncio.gather(send(), receive())
        return taken

    assert run(main()) == ["0", "1", "2"]
    assert fed.listeners == 0


def test_what_is_there_needs_no_waiting(fed: Fed) -> None:
    """One result at a time, between what is sent."""
    fed.answer("0")

    async def main() -> list[str]:
        first = await anext(fed.feed)
        fed.feed.send()
        fed.answer("1")
        second = await anext(fed.feed)
        fed.end()
        return [first, second, *[value async for value in fed.feed]]

    assert run(main()) == ["0", "1"]


@pytest.mark.parametrize("end", ["fail", "cancel"])
def test_a_loop_is_told_how_a_feed_ends(fed: Fed, end: str) -> None:
    """After the good results, while it waits."""
    fed.answer("0")
    fed.feed.send()

    async def fail() -> None:
        await begin_waiting(fed)
        if end == "cancel":
            await asyncio.to_thread(fed.feed.cancel)
        else:
            await asyncio.to_thread(record_of(fed.jobs[-1]).fail, AppError("boom"))

    async def main() -> list[str]:
        taken: list[str] = []

        async def receive() -> None:
            async for value in fed.feed:
                taken.append(value)  # noqa: PERF401 - an error comes behind them

        with pytest.raises(AppError if end == "fail" else JobCancelled):
            await asyncio.gather(fail(), receive())
        return taken

    assert run(main()) == ["0"]
    assert fed.listeners == 0


def test_a_loop_is_told_of_a_cancel_between_two_calls() -> None:
    """Where no call is there to tell of it."""
    fed = Fed(in_one_run=False)
    fed.answer("0")

    async def main() -> str:
        first: str = await anext(fed.feed)
        waiting = asyncio.ensure_future(anext(fed.feed))
        await begin_waiting(fed)
        await asyncio.to_thread(fed.feed.cancel)
        with pytest.raises(JobCancelled):
            await waiting
        return first

    assert run(main()) == "0"


def test_who_gives_up_waiting_gives_up_the_feed(fed: Fed) -> None:
    """As with a job; what else the loop does goes on."""

    async def main() -> None:
        waiting = asyncio.ensure_future(anext(fed.feed))
        await begin_waiting(fed)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting

    run(main())
    assert fed.jobs[-1].cancelled()
    assert (fed.feed.closed, fed.listeners) == (True, 0)


def test_who_stops_iterating_goes_on_later(fed: Fed) -> None:
    """With the next result."""

    async def main() -> list[str]:
        taken: list[str] = []
        for number in range(2):
            fed.answer(str(number))
            async for value in fed.feed:
                taken.append(value)
                break
            fed.feed.send()
        return taken

    assert run(main()) == ["0", "1"]
    assert not fed.feed.closed


@pytest.mark.parametrize("error", [None, ZeroDivisionError])
def test_leaving_a_block_of_a_loop_closes_a_feed(fed: Fed, error: type[Exception] | None) -> None:
    """And an error cancels it."""

    async def main() -> None:
        async with fed.feed as same:
            assert same is fed.feed
            if error is not None:
                raise error

    with pytest.raises(error) if error else contextlib.nullcontext():
        run(main())
    assert fed.feed.closed
    assert fed.jobs[-1].cancelled() is (error is not None)
