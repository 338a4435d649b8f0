"""Streams of inputs, as real apps take them: in one run from Gradio 5 on, before in a call each."""

from __future__ import annotations

import asyncio
import gc
import inspect
import threading
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import gradioproxy
from gradioproxy.calls import feed_call
from gradioproxy.calls.uploading import bring_up
from gradioproxy.errors import (
    AppError,
    ArgumentError,
    ConnectError,
    ConnectionLost,
    JobCancelled,
    Timeout,
)
from tests.support.versions import release_of
from tests.support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.gradio.running import RunningServers

WAIT = 60
ONE_RUN = pytest.mark.since("5.0", "before Gradio 5 each chunk is a call of its own")


@pytest.fixture
def app(gradio: RunningServers, version: str) -> Iterator[Any]:
    """Give a session with the app that takes streams of inputs."""
    with gradioproxy.connect(gradio(version, "feeds").url) as session:
        yield session


def test_chunks_come_in_order_and_once(app: Any) -> None:
    """The app keeps what it heard in the session's state; a plain call goes on with it."""
    with app.listen.feed("a") as feed:
        for chunk in ("b", "c", "d"):
            feed.send(chunk)
        feed.close()
        assert list(feed) == ["a", "a b", "a b c", "a b c d"]
    assert app.listen("e") == "a b c d e"


def test_chunks_and_results_can_alternate(app: Any) -> None:
    """One thread sends one, and waits for what comes of it."""
    with app.mix.feed("a", "fr") as feed:
        assert next(feed) == "a/fr"
        feed.send("b")
        assert next(feed) == "b/fr"
        feed.send("c", **{list(inspect.signature(app.mix).parameters)[1]: "de"})
        assert (next(feed), feed.pending, feed.closed) == ("c/de", 0, False)
    assert (list(feed), feed.closed) == ([], True)
    with pytest.raises(EOFError):
        feed.receive(WAIT)
    with pytest.raises(ValueError, match="was closed"):
        feed.send("d")


def test_one_thread_sends_and_another_reads(app: Any) -> None:
    """Until the first says that there is no more."""
    feed = app.mix.feed("0")
    got: list[str] = []
    reader = threading.Thread(target=lambda: got.extend(feed))
    reader.start()
    for number in range(1, 10):
        feed.send(str(number))
    feed.close()
    reader.join(WAIT)
    assert got == [f"{number}/en" for number in range(10)]
    wait_until(feed.job.done)
    assert feed.job.result() == "9/en"


def test_a_loop_sends_and_receives(app: Any) -> None:
    """One task waits for results while others go on, and it is told of the end."""
    got: list[str] = []
    come = asyncio.Semaphore(0)

    async def send(feed: Any) -> None:
        for number in range(1, 4):
            await come.acquire()
            feed.send(str(number))
        feed.close()

    async def receive(feed: Any) -> None:
        async for value in feed:
            got.append(value)
            come.release()

    async def main() -> None:
        async with app.mix.feed("0") as feed:
            await asyncio.gather(send(feed), receive(feed))

    asyncio.run(asyncio.wait_for(main(), WAIT))
    assert got == [f"{number}/en" for number in range(4)]


def test_a_loop_sends_between_results(app: Any) -> None:
    """In one task; leaving the block closes the feed, whose results are still there."""

    async def main() -> list[str]:
        async with app.mix.feed("a") as feed:
            got = [await anext(feed)]
            feed.send("b")
            got.append(await anext(feed))
            feed.send("c")
        assert feed.closed
        return [*got, *[value async for value in feed]]

    assert asyncio.run(asyncio.wait_for(main(), WAIT)) == ["a/en", "b/en", "c/en"]


def test_a_task_that_is_cancelled_cancels_its_feed(app: Any) -> None:
    """And the loop goes on, as does the session."""

    async def main() -> bool:
        feed = app.hold.feed("held i")
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(anext(feed), 0.01)
        with pytest.raises(JobCancelled):
            await anext(feed)
        return bool(feed.closed)

    assert asyncio.run(asyncio.wait_for(main(), WAIT))
    app.release("held i")
    assert app.mix("a") == "a/en"


def test_a_loop_gets_the_error_of_the_app(app: Any) -> None:
    """Behind the good results."""

    async def main() -> str:
        async with app.fail.feed("ok") as feed:
            feed.send("bad")
            first: str = await anext(feed)
            with pytest.raises(AppError, match="boom"):
                await anext(feed)
            return first

    assert asyncio.run(asyncio.wait_for(main(), WAIT)) == "ok"


def test_feeds_and_calls_do_not_disturb_each_other(app: Any) -> None:
    """Several at once, in one session."""
    with app.mix.feed("a") as one, app.fail.feed("b") as two:
        one.send("c")
        two.send("d")
        assert app.mix("e", "f") == "e/f"
        assert [next(one), next(two), next(two), next(one)] == ["a/en", "b", "d", "c/en"]


def test_chunks_are_sounds(app: Any) -> None:
    """They go up as other files do."""
    with app.hear.feed((8000, np.zeros(8000, np.int16))) as feed:
        feed.send((8000, np.zeros(4000, np.int16)))
    assert list(feed) == ["8000 8000", "8000 4000"]


def test_chunks_are_images(app: Any, version: str) -> None:
    if release_of(version)[:2] == (4, 0):
        pytest.skip("Gradio 4.0 refuses every image that streams")
    with app.look.feed(np.zeros((20, 30, 3), np.uint8)) as feed:
        feed.send(np.zeros((40, 60, 3), np.uint8))
    assert list(feed) == ["30x20", "60x40"]


def test_a_feed_without_a_limit_of_time(app: Any) -> None:
    """Gradio 5.0 to 5.4 fail over those, and get a call for each chunk."""
    with app.endless.feed("a") as feed:
        feed.send("b")
    assert list(feed) == ["a/en", "b/en"]


def test_only_functions_that_take_chunks_can_be_fed(app: Any) -> None:
    """And their docstrings say so; a plain call gives one value."""
    assert "feed(...)" in app.mix.__doc__
    assert app.mix("a") == "a/en"
    assert "feed" not in app.release.__doc__
    with pytest.raises(AttributeError, match="feed"):
        app.release.feed("a")


def test_wrong_chunks_are_refused_before_they_are_sent(app: Any) -> None:
    """And the feed goes on."""
    with pytest.raises(TypeError):
        app.mix.feed("a", "b", "c")
    with app.mix.feed("a") as feed:
        with pytest.raises(TypeError, match="mix"):
            feed.send("b", "c", "d")
        with pytest.raises(ArgumentError):
            feed.send(b"no text")
        feed.send("e")
    assert list(feed) == ["a/en", "e/en"]


def test_an_error_of_the_app_ends_a_feed(app: Any) -> None:
    """Behind the good results; what was sent after it is dropped."""
    feed = app.fail.feed("ok")
    feed.send("bad")
    feed.send("never")
    assert next(feed) == "ok"
    with pytest.raises(AppError, match="boom"):
        next(feed)
    with pytest.raises(AppError, match="boom"):
        feed.send("x")
    assert feed.closed
    assert app.fail("fine") == "fine"


def test_who_waits_is_told_that_nothing_came(app: Any) -> None:
    """The feed goes on."""
    with app.hold.feed("held a") as feed:
        with pytest.raises(Timeout) as caught:
            feed.receive(0)
        assert (caught.value.limit, feed.pending) == ("result", 1)
        app.release("held a")
        assert feed.receive(WAIT) == "held a"


def test_a_cancel_ends_a_feed_at_once(app: Any) -> None:
    """Who waits is woken, and the session goes on."""
    feed = app.hold.feed("held b")
    feed.send("never")
    errors: list[Exception] = []

    def read() -> None:
        try:
            next(feed)
        except JobCancelled as error:
            errors.append(error)

    reader = threading.Thread(target=read)
    reader.start()
    feed.cancel()
    reader.join(WAIT)
    assert len(errors) == 1
    with pytest.raises(JobCancelled):
        feed.send("x")
    app.release("held b")
    assert app.hold("free") == "free"


def test_an_error_in_the_block_cancels_a_feed(app: Any) -> None:
    with pytest.raises(ZeroDivisionError), app.hold.feed("held c") as feed:
        feed.send(str(1 / 0))
    with pytest.raises(JobCancelled):
        next(feed)
    app.release("held c")


def test_a_feed_that_nobody_has_is_cancelled(app: Any) -> None:
    feed = app.hold.feed("held d")
    job = feed.job
    del feed
    gc.collect()
    assert job.cancelled()
    app.release("held d")


def test_a_call_timeout_ends_a_feed(app: Any) -> None:
    """As it does any call."""
    feed = app.hold.with_options(call_timeout=0.5).feed("held e")
    with pytest.raises(Timeout) as caught:
        next(feed)
    assert caught.value.limit == "call_timeout"
    app.release("held e")


def test_a_closed_session_ends_its_feeds(app: Any) -> None:
    feed = app.hold.feed("held f")
    app.release("held f")
    assert next(feed) == "held f"
    app.close()
    if feed.job.done() and not feed.job.cancelled():  # of one chunk, whose call was over
        feed.close()
        assert list(feed) == []
    else:
        with pytest.raises(JobCancelled):
            next(feed)


def test_a_server_that_dies_ends_a_feed(gradio: RunningServers, version: str) -> None:
    """With an error, and at once."""
    server = gradio(version, "feeds")
    with gradioproxy.connect(server.url) as app:
        feed = app.hold.feed("a")
        assert next(feed) == "a"
        feed.send("held g")
        server.kill()
        with pytest.raises((ConnectionLost, ConnectError)):
            next(feed)
        feed.cancel()


def test_feeds_of_an_app_without_state_are_apart(gradio: RunningServers, version: str) -> None:
    """One that is cancelled, and one that is closed, do nothing to others of the same function."""
    with gradioproxy.connect(gradio(version, "feeds_stateless").url) as app:
        first, second, third = (app.hold.feed(text) for text in "abc")
        assert [next(first), next(second), next(third)] == ["a", "b", "c"]
        second.send("held h")
        second.cancel()
        third.close()
        assert list(third) == []
        for chunk in "de":
            first.send(chunk)
        assert app.hold("f") == "f"
        first.close()
        assert list(first) == ["d", "e"]
        app.release("held h")
        with app.hold.feed("g") as fourth:
            fourth.send("h")
        assert list(fourth) == ["g", "h"]


@ONE_RUN
def test_the_time_limit_of_the_app_ends_a_feed(app: Any) -> None:
    """What it took before is answered, and what it did not take is told of."""
    with app.limited.feed("a") as feed:
        feed.send("slow")
        feed.send("never")
        assert [next(feed), next(feed)] == ["a", "slow"]
        with pytest.raises(Timeout, match="time limit") as caught:
            next(feed)
        assert caught.value.limit == "time_limit"
    with app.limited.feed("slow") as feed:
        assert list(feed) == ["slow"]
        with pytest.raises(Timeout, match="Nothing was sent") as caught:
            feed.send("b")
        assert caught.value.limit == "time_limit"


@ONE_RUN
def test_a_chunk_on_its_way_at_the_end_is_told_of(
    app: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The app ends the run while a file goes up, or whatever else takes its time."""
    is_over = threading.Event()

    def hold(*args: Any) -> Any:
        assert is_over.wait(WAIT)
        return bring_up(*args)

    with app.limited.feed("a") as feed:
        assert next(feed) == "a"
        monkeypatch.setattr(feed_call, "bring_up", hold)
        feed.send("never")
        try:
            with pytest.raises(Timeout, match="did not take every chunk"):
                next(feed)
        finally:
            is_over.set()


@ONE_RUN
def test_an_app_that_waits_for_too_long_ends_a_feed(app: Any) -> None:
    """It waits for a chunk as long as its time limit says, and nobody sends one."""
    with app.limited.feed("a") as feed:
        assert list(feed) == ["a"]
        assert feed.job.result(WAIT) == "a"
