"""What a journal knows of the calls of chunks before anybody else does, whatever comes of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn, cast

import pytest

import gradioproxy as gp
from gradioproxy import errors
from gradioproxy.calls.request import Encoded
from gradioproxy.errors import GradioProxyError, JobCancelled, JournalError
from gradioproxy.files.call_files import CallFiles
from gradioproxy.files.payload import Payload
from gradioproxy.many.chunk import Answer, ChunkAnswer
from gradioproxy.many.chunk_records import EntryRecords, Received
from gradioproxy.many.chunk_runner import ChunkRunner
from gradioproxy.many.entry import Entry, Pen
from gradioproxy.many.kept_files import FileKeeper
from gradioproxy.many.keys import Key
from gradioproxy.many.recorder import Recorder
from gradioproxy.schema.shape import ANYTHING
from gradioproxy.values.decode import Decoder
from gradioproxy.values.file_slots import Sources
from tests.support.chunks import Cluster, Function
from tests.support.schemas import endpoint, result

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from gradioproxy.many.chunk import Chunk
    from gradioproxy.many.pending import PendingInput

CONTRACT = {"the function": "/f"}
CALLED = endpoint(results=[result("Any", ANYTHING, "JSON")])
NO_WAY: Any = None
"""Nothing of what comes here is a file."""


class EntryFunction(Function):
    """A function whose inputs are entries."""

    def encode(self, item: Any) -> Payload:
        """Return what is sent."""
        return cast("Payload", item.encoded.payload)

    def receive(self, answer: Answer) -> Received:
        """Return what came, as JSON that has to be one value."""
        files = CallFiles(NO_WAY, "", None, lambda task: task())
        return Received(answer.data, Decoder(CALLED, None, files.make_file), files)


class Recorded:
    """Calls of two workers' chunks, with a journal.

    Attributes:
        path: The journal.
        cluster: The workers.
        recorder: Writes the journal.
        tasks: What is to be run on threads that may wait; ``None`` if it is run at once.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.cluster = Cluster(2)
        self.recorder = Recorder(path, CONTRACT)
        self.tasks: list[Callable[[], None]] | None = None
        self._pen = Pen(self.recorder, FileKeeper(self.recorder.file.files), str)
        records = EntryRecords(self._run)
        self.runner = ChunkRunner(self.cluster, EntryFunction(), 4, None, records)

    def _run(self, task: Callable[[], None]) -> None:
        if self.tasks is None:
            task()
        else:
            self.tasks.append(task)

    def claim(self, value: str) -> Entry:
        """Return an input that is to be called."""
        row = self.recorder.claim(Key(value.ljust(32).encode(), f'{{"x": "{value}"}}'))
        return Entry(row.id, Encoded({"x": value}, Payload([value]), Sources()), self._pen)

    def start(self, *values: str) -> list[PendingInput]:
        """Begin the calls of inputs, and hand out what goes out."""
        pending = [self.runner.start(self.claim(value)) for value in values]
        self.runner.flush()
        return pending

    def read(self) -> dict[str, str]:
        """Return the state of each input, as another process finds it."""
        with gp.Journal(self.path) as journal:
            return {row.arguments["x"]: row.state for row in journal}

    def read_errors(self) -> list[GradioProxyError]:
        """Return the errors that are there."""
        with gp.Journal(self.path) as journal:
            return [row.error for row in journal if row.error is not None]


@pytest.fixture
def recorded(tmp_path: Path) -> Iterator[Recorded]:
    made = Recorded(tmp_path / "j")
    yield made
    made.recorder.close()


def test_a_chunk_is_sent_on_the_disk_before_a_worker_has_it(recorded: Recorded) -> None:
    seen = []
    submit = recorded.cluster.submit

    def look(chunk: Chunk) -> Any:
        states = recorded.read()
        seen.append({states[payload.data[0]] for payload in chunk.payloads})
        return submit(chunk)

    recorded.cluster.submit = look  # type: ignore[method-assign] # a test's own workers
    recorded.start("a", "b", "c", "d", "e")
    assert seen == [{"sent"}] * 2
    assert recorded.read() == {**dict.fromkeys("abcd", "sent"), "e": "claimed"}


def test_a_result_is_there_before_anybody_gets_it(recorded: Recorded) -> None:
    (pending,) = recorded.start("a")
    states: list[dict[str, str]] = []
    pending.add_done_callback(lambda _: states.append(recorded.read()))
    recorded.cluster.work()
    assert states == [{"a": "done"}]
    assert pending.result(0) == "a"


def test_nothing_is_written_where_an_executor_tells_of_an_end(recorded: Recorded) -> None:
    """It looks after its workers there."""
    recorded.tasks = []
    (pending,) = recorded.start("a")
    ended: list[PendingInput] = []
    pending.add_done_callback(ended.append)
    recorded.cluster.work()
    assert (ended, recorded.read()) == ([], {"a": "sent"})
    (task,) = recorded.tasks
    task()
    assert (ended, recorded.read()) == ([pending], {"a": "done"})


def test_what_comes_back_goes_out_again(recorded: Recorded) -> None:
    """And nobody takes it for sent meanwhile."""
    recorded.cluster.end = lambda chunk: recorded.cluster.answer(chunk, count=1)
    recorded.start("a", "b")
    recorded.cluster.work()
    assert recorded.read() == {"a": "done", "b": "claimed"}
    recorded.runner.flush()
    assert recorded.read() == {"a": "done", "b": "sent"}


def lose(error: Exception) -> Callable[[Chunk], ChunkAnswer]:
    """Return what loses a chunk."""

    def end(_: Chunk) -> ChunkAnswer:
        raise error

    return end


def give(outcome: Answer | BaseException) -> Callable[[Chunk], ChunkAnswer]:
    """Return what makes calls of which that comes."""
    return lambda chunk: ChunkAnswer([outcome] * len(chunk.payloads), 1.0)


SENT: Any = {"may_have_run": True}
ENDS: list[tuple[Callable[[Chunk], ChunkAnswer], bool, str]] = [
    (give(errors.AppError("no").with_call(**SENT)), True, "failed"),
    (give(errors.QuotaExceeded("no").with_call(**SENT)), True, "failed"),
    (give(errors.ConnectionLost("lost", may_have_run=True)), True, "unknown"),
    (give(errors.Timeout("late").with_call(**SENT)), True, "unknown"),
    (give(errors.ConnectError("refused")), True, "failed"),
    (give(errors.SchemaChanged("another")), True, "failed"),
    (give(errors.JobCancelled("by a worker that ends")), True, "waiting"),
    (give(errors.JobCancelled("likewise").with_call(**SENT)), True, "unknown"),
    (give(RuntimeError("of which nobody knows")), True, "unknown"),
    (give(Answer((1, 2))), True, "unknown"),
    (lose(RuntimeError("killed")), True, "unknown"),
    (lambda _: ChunkAnswer(refused=True), True, "unknown"),
    (lose(RuntimeError("never begun")), False, "waiting"),
]


@pytest.mark.parametrize(("end", "taken", "state"), ENDS)
def test_how_a_call_ends(
    recorded: Recorded, end: Callable[[Chunk], ChunkAnswer], taken: bool, state: str
) -> None:
    """What is said of it is there before anybody hears of it."""
    recorded.cluster.end, recorded.cluster.taken = end, taken
    (pending,) = recorded.start("a")
    states: list[dict[str, str]] = []
    pending.add_done_callback(lambda _: states.append(recorded.read()))
    recorded.cluster.work()
    assert states == [{"a": state}]
    with pytest.raises((GradioProxyError, RuntimeError)) as caught:
        pending.result(0)
    kept = recorded.read_errors()
    assert len(kept) == (state != "waiting")
    if kept and isinstance(caught.value, GradioProxyError):
        assert (type(kept[0]), str(kept[0])) == (type(caught.value), str(caught.value))
        assert kept[0].may_have_run == caught.value.may_have_run


def test_what_is_refused_is_left_to_who_decides(recorded: Recorded) -> None:
    """Whether it is made again; who knows of no decision takes it for sent."""
    recorded.cluster.end = give(errors.QueueFull("full"))
    (pending,) = recorded.start("a")
    recorded.cluster.work()
    assert recorded.read() == {"a": "sent"}
    with pytest.raises(errors.QueueFull):
        pending.result(0)


def test_a_broken_executor_has_begun_nothing(recorded: Recorded) -> None:
    """What it does not take, and what waits behind that, anybody may make."""

    def refuse(chunk: Chunk) -> NoReturn:
        del chunk
        raise RuntimeError("cannot schedule new futures")

    recorded.cluster.submit = refuse  # type: ignore[method-assign] # a test's own workers
    pending = recorded.start("a", "b", "c")
    assert recorded.read() == dict.fromkeys("abc", "waiting")
    for each in pending:
        with pytest.raises(errors.ConnectionLost, match="any more"):
            each.result(0)


@pytest.mark.parametrize(("taken", "state"), [(True, "unknown"), (False, "waiting")])
def test_what_is_given_up(recorded: Recorded, taken: bool, state: str) -> None:
    """It is known of a chunk that no worker has begun that none of its calls ran."""
    recorded.cluster.taken = taken
    pending = recorded.start("a", "b", "c", "d", "e")
    for each in pending:
        assert each.cancel()
    assert recorded.read() == {**dict.fromkeys("abcd", state), "e": "waiting"}
    with pytest.raises(JobCancelled) as caught:
        pending[0].result(0)
    assert caught.value.may_have_run == taken


def test_what_is_given_up_in_part(recorded: Recorded) -> None:
    first, second = recorded.start("a", "b")
    second.cancel()
    assert recorded.read() == {"a": "sent", "b": "unknown"}
    recorded.cluster.work()
    assert recorded.read() == {"a": "done", "b": "unknown"}
    assert first.result(0) == "a"


def test_nothing_goes_out_that_can_not_be_noted(recorded: Recorded) -> None:
    """As on a disk that is full, or read-only by now."""
    entry = recorded.claim("a")
    recorded.recorder.file.connection.execute("PRAGMA query_only=1")
    pending = recorded.runner.start(entry)
    recorded.runner.flush()
    recorded.recorder.file.connection.execute("PRAGMA query_only=0")
    assert recorded.cluster.sizes == []
    with pytest.raises(JournalError):
        pending.result(0)
    recorded.recorder.close()
    assert recorded.read() == {"a": "waiting"}
