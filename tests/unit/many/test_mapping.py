"""Many calls of one function, without a server and against real ones with a small queue."""

from __future__ import annotations

import concurrent.futures
import weakref
from collections import deque
from typing import TYPE_CHECKING, Any

import pytest

from gradioproxy.errors import AppError, JournalError, QueueFull, RateLimited
from gradioproxy.many.ledger import Others, Ours, Outcome
from gradioproxy.many.mapping import LEAST_AHEAD, LONGEST_SLEEP, Mapped
from gradioproxy.many.pace import FIRST_PAUSE, LONGEST_PAUSE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence


class App:
    """An app that takes a few calls at once, and finishes one whenever somebody waits for it.

    Attributes:
        room: How many calls it takes at once.
        tried: The inputs of all calls, refused ones included.
        most: How many were under way at most.
        refusal: What it refuses with.
        clock: The time, which passes when somebody sleeps.
        slept: For how long.
    """

    def __init__(self, room: int) -> None:
        self.room = room
        self.tried: list[Any] = []
        self.most = 0
        self.refusal: Callable[[str], Exception] = QueueFull
        self.clock = 1000.0
        self.slept: list[float] = []
        self.capacity = 0
        self._under_way: deque[tuple[Any, concurrent.futures.Future[Any]]] = deque()

    def start(self, item: Any) -> Any:
        """Take a call, or refuse it."""
        job: concurrent.futures.Future[Any] = concurrent.futures.Future()
        self.tried.append(item)
        if len(self._under_way) >= self.room:
            job.set_exception(self.refusal("no room"))
        else:
            self._under_way.append((item, job))
            self.most = max(self.most, len(self._under_way))
        return job

    def flush(self) -> None:
        """Keep nothing back."""

    def wait(self, *_: Any) -> None:
        """Finish a call."""
        item, job = self._under_way.popleft()
        job.set_result(item)

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.slept.append(seconds)
        self.clock += seconds


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> App:
    """Give an app that takes two calls at once."""
    made = App(2)
    monkeypatch.setattr("gradioproxy.forksafe.Condition.wait", made.wait)
    monkeypatch.setattr("gradioproxy.many.mapping.time.sleep", made.sleep)
    monkeypatch.setattr("gradioproxy.many.mapping.time.monotonic", lambda: made.clock)
    return made


def results(app: App, items: Iterable[Any], concurrency: int, **options: Any) -> Iterator[Any]:
    app.capacity = concurrency
    facts = {"keep": False, "patience": None, **options}
    return Mapped(app, iter(items), **facts).results()


def test_results_come_in_order_and_inputs_are_taken_as_they_are_needed(app: App) -> None:
    taken: list[int] = []

    def inputs() -> Iterator[int]:
        for number in range(10):
            taken.append(number)
            yield number

    found = results(app, inputs(), 2)
    assert taken == []
    assert next(found) == 0
    assert len(taken) == 2
    assert list(found) == list(range(1, 10))
    assert app.tried == taken


def test_calls_that_are_refused_are_made_again(app: App) -> None:
    """Every one of them; and from then on there are no more at once than the app took."""
    assert list(results(app, range(100), 8)) == list(range(100))
    assert app.most == 2
    assert app.slept == []  # somebody else's end tells when there is room
    # One more is tried now and then, as there may be more room than there was.
    assert 100 < len(app.tried) < 200


def test_more_room_is_found(app: App) -> None:
    found = results(app, range(100), 8)
    assert next(found) == 0
    app.room = 8
    assert list(found) == list(range(1, 100))
    assert app.most > 2


def test_a_refusal_that_says_how_long_is_obeyed(app: App) -> None:
    app.room = 0

    def refusal(text: str) -> RateLimited:
        app.room = 1
        return RateLimited(text, retry_after=7.0)

    app.refusal = refusal
    assert list(results(app, ["a"], 4)) == ["a"]
    assert app.slept == [7.0]
    assert app.tried == ["a", "a"]


def test_a_wait_that_is_too_long_to_be_one(app: App) -> None:
    """Whatever is said, it is slept for in parts: Python refuses to sleep for so long."""
    app.room, app.refusal = 0, lambda text: RateLimited(text, retry_after=1e20)
    found = results(app, ["a"], 4)

    class Woken(Exception):
        """Somebody who waits pressed Ctrl-C."""

    def sleep(seconds: float) -> None:
        app.slept.append(seconds)
        if len(app.slept) == 3:
            raise Woken

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("gradioproxy.many.mapping.time.sleep", sleep)
        with pytest.raises(Woken):
            next(found)
    assert app.slept == [LONGEST_SLEEP] * 3


@pytest.mark.parametrize("keep", [True, False])
def test_patience_ends(app: App, keep: bool) -> None:
    """After so many seconds of refusals a call fails as it would alone."""
    app.room = 0
    found = results(app, ["a"], 1, keep=keep, patience=60.0)
    if keep:
        (error,) = found
        assert isinstance(error, QueueFull)
    else:
        with pytest.raises(QueueFull):
            list(found)
    assert 60.0 <= sum(app.slept) <= 60.0 + LONGEST_PAUSE
    assert app.slept[:3] == [FIRST_PAUSE, 2 * FIRST_PAUSE, 4 * FIRST_PAUSE]
    assert max(app.slept) == LONGEST_PAUSE


def test_no_patience_is_no_second_attempt(app: App) -> None:
    app.room = 0
    (error,) = results(app, ["a"], 1, keep=True, patience=0)
    assert isinstance(error, QueueFull)
    assert app.tried == ["a"]


def test_what_may_have_run_is_not_made_again(app: App) -> None:
    app.room = 0
    app.refusal = lambda text: RateLimited(text).with_call(may_have_run=True)
    (error,) = results(app, ["a"], 1, keep=True)
    assert isinstance(error, RateLimited)
    assert app.tried == ["a"]


class Futures:
    """A runner whose calls are futures that others end."""

    capacity = 3

    def __init__(self) -> None:
        self.begun: list[concurrent.futures.Future[Any]] = []

    def start(self, item: Any) -> Any:
        """Begin a call."""
        del item
        self.begun.append(concurrent.futures.Future())
        if len(self.begun) == 1:
            self.begun[0].set_exception(AppError("boom"))
        return self.begun[-1]

    def flush(self) -> None:
        """Keep nothing back."""


def test_an_error_cancels_what_is_under_way() -> None:
    runner = Futures()
    found = Mapped(runner, iter("abc"), keep=False, patience=None)
    with pytest.raises(AppError):
        list(found.results())
    assert [job.cancelled() for job in runner.begun[1:]] == [True, True]


def test_an_error_of_the_inputs_cancels_what_is_under_way() -> None:
    """Whatever it is."""

    class Ended(BaseException):
        """Somebody's own way to end a program."""

    def inputs() -> Iterator[str]:
        yield "a"
        yield "b"
        raise Ended

    runner = Futures()
    with pytest.raises(Ended):
        list(Mapped(runner, inputs(), keep=True, patience=None).results())
    assert [job.cancelled() for job in runner.begun] == [False, True]


class Books:
    """A ledger of numbers: even ones are known, and some are another's until somebody asks."""

    def __init__(self, app: App, others: int = 0) -> None:
        self.app = app
        self.others = others
        self.refused: list[Any] = []
        self.failed: list[Any] = []
        self.closed = 0

    def look_up(self, item: Any) -> Any:
        """Say whose an input is."""
        if item < self.others:
            return Others(item)
        return Outcome(item, restored=True) if item % 2 == 0 else Ours(item)

    def ask_again(self, tickets: Sequence[Any]) -> list[Any]:
        """Say of one of them what came of it, and of another that it is free."""
        first, *rest = tickets
        self.others -= 1
        found: list[Any] = [Outcome(first) if first % 3 else Ours(first)]
        return found + [Others(ticket) for ticket in rest]

    def note_refusal(self, item: Any) -> None:
        """Note one."""
        self.refused.append(item)

    def note_failure(self, item: Any, error: BaseException) -> None:
        """Note one."""
        del error
        self.failed.append(item)

    def close(self) -> None:
        """Note it."""
        self.closed += 1


def test_what_is_known_is_not_called(app: App) -> None:
    books = Books(app)
    assert list(results(app, range(50), 8, ledger=books)) == list(range(50))
    assert {*app.tried} == {*range(1, 50, 2)}
    assert {*books.refused} <= {*app.tried}
    assert (books.failed, books.closed) == ([], 1)


def test_what_others_are_at_is_passed_over(app: App) -> None:
    """And asked for again; what they let go of is called, and all comes in order."""
    books = Books(app, others=20)
    assert list(results(app, range(100), 4, ledger=books)) == list(range(100))
    assert {*app.tried} == {*range(0, 20, 3), *range(21, 100, 2)}


def test_a_bounded_number_is_passed_over(app: App) -> None:
    """However long others take."""
    taken: list[int] = []

    class Waiting(Exception):
        """Nothing happens any more but time."""

    def inputs() -> Iterator[int]:
        for number in range(10_000):
            taken.append(number)
            yield number

    class Busy(Books):
        """Others are at all of them."""

        def ask_again(self, tickets: Sequence[Any]) -> list[Any]:
            """Say so, a few times."""
            if len(app.slept) > 3:
                raise Waiting
            return [Others(ticket) for ticket in tickets]

    with pytest.raises(Waiting):
        list(results(app, inputs(), 4, ledger=Busy(app, others=10_000)))
    assert len(taken) == 4 + LEAST_AHEAD


def test_a_refusal_that_nobody_asked_about_is_noted(app: App) -> None:
    """Where the results are let go of before: it is known that the call did not run."""
    books = Books(app)
    found = results(app, [0, 1, 3, 5, 7], 4, ledger=books)
    assert next(found) == 0
    assert app.tried == [1, 3, 5]
    found.close()  # type: ignore[attr-defined]
    assert (books.refused, books.failed, books.closed) == ([5], [], 1)


def test_a_journal_that_fails_ends_it(app: App) -> None:
    """Also where errors are kept: it is no error of a call."""

    class Broken(Books):
        """Fails at the tenth."""

        def look_up(self, item: Any) -> Any:
            """Fail, or say whose it is."""
            if item == 10:
                raise JournalError("The disk is full.")
            return Ours(item)

    found = results(app, range(50), 2, keep=True, ledger=Broken(app))
    with pytest.raises(JournalError):
        list(found)


def test_few_are_held_of_many(app: App) -> None:
    """Neither inputs nor results are kept longer than they are under way."""
    app.room = 8
    alive: weakref.WeakSet[Any] = weakref.WeakSet()

    class Value:
        """Something that can be counted."""

    def inputs() -> Iterator[Value]:
        for _ in range(2000):
            value = Value()
            alive.add(value)
            yield value

    most = 0
    for _ in results(app, inputs(), 8):
        most = max(most, len(alive))
        app.tried.clear()
    assert most <= 2 * 8 + 2
