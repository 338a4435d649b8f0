"""What few apps have, each through a session and against real servers."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest

import gradioproxy as gp
from tests.support.versions import release_of
from tests.support.waiting import wait_until

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.gradio import Server
    from tests.support.gradio.running import RunningServers

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAIAAAADCAIAAAA2iEnWAAAAC0lEQVR4nGNgwAIAABUAAapll8QAAAAASUVORK5CYII="
)
"""A PNG of 2 x 3 pixels."""

HELD = 30


@pytest.fixture
def server(gradio: RunningServers, version: str) -> Server:
    """Give the app of rare things, which hides its errors, under each version in turn."""
    return gradio(version, "rare")


@pytest.fixture
def crowded(gradio: RunningServers, version: str) -> Server:
    """Give the same app, which shows its errors, and whose queue is short."""
    queue = {"max_size": 10, **({"concurrency_count": 1} if release_of(version) < (4,) else {})}
    return gradio(version, "rare", launch={"show_error": True}, queue=queue)


def test_a_batch_function_is_called_with_one_value_each(app: gp.Session) -> None:
    """Whoever calls it has nothing to do with the others of the batch."""
    assert app.batch("a", 1) == ("text a", "number 1")
    assert app.batch("b", 2).Same_number == "number 2"


def test_each_call_of_a_batch_gets_its_own_values(app: gp.Session) -> None:
    """Three at once may run as one batch; and the queue goes on behind them."""
    results = list(app.batch.map("abc", [1, 2, 3], concurrency=3))

    assert results == [(f"text {text}", f"number {n}") for n, text in enumerate("abc", 1)]
    assert app.hold(0) == 0


def test_a_hidden_error_after_partial_results(app: gp.Session) -> None:
    """What had come stays, and the error says that the app hides what it was."""
    values = iter(app.crash_late.submit())
    assert next(values) == "first"
    with pytest.raises(gp.AppError, match="hides its errors") as raised:
        next(values)

    assert raised.value.app_message is None
    assert raised.value.outputs == ("first",)


@pytest.mark.parametrize("name", ["crash_late", "direct_crash_late"])
def test_a_shown_error_after_partial_results(crowded: Server, name: str) -> None:
    """With show_error the app's own words come, in the queue and past it."""
    with gp.connect(crowded.url) as app, pytest.raises(gp.AppError) as raised:
        app[name]()

    assert raised.value.app_message == "secret detail"
    assert raised.value.outputs == ("first",)


def test_functions_past_the_queue(app: gp.Session) -> None:
    """Functions that do not queue are called like all others, generators included."""
    assert app.direct_echo("x") == "x"
    assert list(app.direct_count.stream(3)) == ["1", "2", "3"]
    assert app.direct_count(3) == "3"
    with pytest.raises(gp.AppError, match="hides its errors") as raised:
        app.direct_crash_late()
    assert raised.value.outputs == ("first",)
    assert app.direct_count(2) == "2"


@pytest.mark.since(
    "3.23",
    "3.16 does not say which functions are generators, whose next value has to be waited for",
)
def test_a_cancelled_call_past_the_queue_holds_nobody_up(server: Server) -> None:
    """Its thread does not wait for an answer that nobody wants, however late that comes."""
    with gp.connect(server.url) as observer, gp.connect(server.url, streams=1) as app:
        before = observer.counted("direct_hold")
        job = app.direct_hold.submit(30)
        wait_until(lambda: observer.counted("direct_hold") > before)
        assert job.cancel()
        assert app.direct_echo.submit("x").result(15) == "x"


def test_a_function_with_neither_inputs_nor_outputs(app: gp.Session) -> None:
    """It is called, and returns nothing."""
    assert app.neither() is None
    assert list(app.neither.stream()) == [None]


def test_a_generator_that_yields_nothing(app: gp.Session) -> None:
    """The call ends, with the nothing that the app sends for it."""
    job = app.empty.submit()

    assert job.result(60) is None


def test_a_full_queue(crowded: Server) -> None:
    """Who does not fit in is told so at once, and nothing is sent a second time."""
    with gp.connect(crowded.url, streams=HELD) as app:
        before = app.counted("hold")
        jobs = [app.hold.submit(0.1) for _ in range(HELD)]
        errors = [job.exception() for job in jobs]
        refused = [error for error in errors if error is not None]

        assert 0 < len(refused) < HELD
        assert {type(error) for error in refused} == {gp.QueueFull}
        assert "did not run" in str(refused[0])
        assert app.counted("hold") - before == errors.count(None)


@pytest.mark.since("5.45", "validators came with 5.45")
def test_the_apps_own_checks(app: gp.Session) -> None:
    """What they refuse is an ArgumentError that names the parameters and says why."""
    assert app.checked("Ann", 3) == "Ann 3"
    with pytest.raises(gp.ArgumentError) as raised:
        app.checked("4nn", -1)
    problems = {problem.parameter: problem.expected for problem in raised.value.problems}
    assert problems == {"name": "Only letters, please", "age": "Too young"}
    with pytest.raises(gp.ArgumentError, match=r"^checked\(\): age: .*Too young$"):
        app.checked("Ann", -1)


@pytest.mark.since("5", "before 5.0 each chunk of a streamed input is a call like any other")
def test_streamed_inputs_take_one_value(app: gp.Session, server: Server, tmp_path: Path) -> None:
    """A function that waits for more and more is called with one, runs once, and is over then."""
    # Where the queue fails over it, the call goes past it, which has no other value to wait for.
    parts = ["2", "3"] if server.release < (5, 5) else ["2"]
    path = tmp_path / "pixel.png"
    path.write_bytes(PIXEL)
    before = app.counted("streamed")

    assert app.streamed(path) == "2 x 3"
    assert list(app.streamed.stream(path)) == ["2 x 3"]
    assert list(app.streamed_parts.stream(path)) == parts
    assert app.counted("streamed") - before == 2


def test_functions_without_a_name(gradio: RunningServers, version: str) -> None:
    """They are there by their number, and listed where the app has no others."""
    server = gradio(version, "unnamed")
    listed = ["fn_0", "fn_1"] if server.release < (4,) else ["/lower", "/upper"]
    with gp.connect(server.url) as app:
        assert list(app) == listed
        assert app[0]("Ä") == "ä"
        assert app["fn_1"]("ä") == "Ä"
    with gp.connect(server.url, unnamed=True) as app:
        assert list(app) == listed
        assert app.fn_1("ä") == "Ä"
