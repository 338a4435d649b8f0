"""Chunks: how calls are put together, and what becomes of those whose chunk is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gradioproxy.errors import AppError, ConnectionLost, JobCancelled, MissingFile
from gradioproxy.files.filedata import FileDataWriter
from gradioproxy.files.payload import FileSlot, Payload
from gradioproxy.files.source import BytesSource, PathSource
from gradioproxy.many import chunk_runner
from gradioproxy.many.chunk import Answer, ChunkAnswer
from gradioproxy.many.chunk_runner import ChunkRunner
from gradioproxy.many.feeding import feed
from tests.support.chunks import Cluster, Function
from tests.support.executors import take_all

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gradioproxy.many.chunk import Chunk


class Runner(ChunkRunner):
    """A runner whose cluster works whenever somebody waits for it, once all is handed out."""

    def __init__(self, cluster: Cluster, concurrency: int, function: Function) -> None:
        super().__init__(cluster, function, concurrency, None)
        self._cluster = cluster

    def flush(self) -> None:
        """Hand out what waits, and let a worker end."""
        super().flush()
        if self._cluster.open:
            self._cluster.work()


def run(
    cluster: Cluster,
    items: Any,
    concurrency: int = 4,
    *,
    keep: bool = False,
    function: Function | None = None,
) -> Iterator[Any]:
    """Return the results of inputs."""
    runner = Runner(cluster, concurrency, function or Function())
    return feed(runner, iter(items), keep=keep, patience=0)


@pytest.mark.parametrize("count", [1, 2, 3, 4, 9, None])
@pytest.mark.parametrize("concurrency", [1, 4, 7])
def test_the_bound_holds_for_the_sum(count: int | None, concurrency: int) -> None:
    """And is used; where nobody knows how many workers there are, each chunk has one call."""
    cluster = Cluster(count)
    assert list(run(cluster, range(100), concurrency)) == [*range(100)]
    assert cluster.most == concurrency
    assert {width for _, width in cluster.sizes} >= {max(1, concurrency // (count or concurrency))}
    assert cluster.closed


def test_chunks_grow_where_calls_are_short() -> None:
    """Up to a bound, and are as small again where they are not."""
    cluster = Cluster(2)
    seconds = [0.001]
    cluster.end = lambda chunk: cluster.answer(chunk, seconds[0])
    results = run(cluster, range(10**6))
    for _ in range(20_000):
        next(results)
    largest = max(size for size, _ in cluster.sizes)
    assert largest == chunk_runner.LONGEST_CHUNK
    seconds[0] = 60.0
    for _ in range(5_000):
        next(results)
    assert cluster.sizes[-1] == (2, 2)
    results.close()  # type: ignore[attr-defined] # a generator


def test_no_more_inputs_are_taken_than_two_chunks_of_each() -> None:
    cluster, taken = Cluster(2), []
    cluster.end = lambda chunk: cluster.answer(chunk, 0.001)
    results = run(cluster, (taken.append(number) or number for number in range(10**6)))  # type: ignore[func-returns-value]
    for read in range(1, 5_000):
        next(results)
        assert len(taken) <= read + 4 * chunk_runner.LONGEST_CHUNK


def test_what_a_worker_gives_back_goes_out_again() -> None:
    """In its order, before what waited behind it."""
    cluster = Cluster(2)
    cluster.end = lambda chunk: cluster.answer(chunk, 0.001, count=1)
    assert list(run(cluster, range(300))) == [*range(300)]


def test_a_wrong_input_is_told_in_its_place() -> None:
    cluster = Cluster(2)
    results = list(run(cluster, ["a", "wrong", "b"], keep=True))
    assert [type(each) for each in results] == [str, ValueError, str]


def test_errors_of_calls_are_theirs_alone() -> None:
    cluster = Cluster(2)
    cluster.end = lambda chunk: ChunkAnswer(
        [
            AppError("bad") if payload.data[0] == 5 else Answer((payload.data[0],))
            for payload in chunk.payloads
        ],
        1.0,
    )
    results = list(run(cluster, range(10), keep=True))
    assert [each for each in results if isinstance(each, int)] == [0, 1, 2, 3, 4, 6, 7, 8, 9]
    with pytest.raises(AppError):
        list(run(cluster, range(10)))


def test_a_chunk_that_is_lost_after_it_began() -> None:
    """Its calls may have run; the others go on."""
    cluster = Cluster(2)

    def end(chunk: Chunk) -> ChunkAnswer:
        if any(payload.data[0] == 9 for payload in chunk.payloads):
            raise RuntimeError("killed")
        return cluster.answer(chunk)

    cluster.end = end
    results = list(run(cluster, range(40), keep=True))
    lost = [number for number, each in enumerate(results) if isinstance(each, ConnectionLost)]
    assert 9 in lost
    assert len(lost) <= 2
    assert all(results[number].may_have_run for number in lost)


def test_a_chunk_that_another_worker_has_begun() -> None:
    cluster = Cluster(1)
    cluster.end = lambda _: ChunkAnswer(refused=True)
    results = list(run(cluster, range(3), keep=True))
    assert [each.may_have_run for each in results] == [True] * 3


def test_an_executor_that_fails_before_anything_begins() -> None:
    """There is no use in going on: what was taken has its errors, and then it is said for all."""
    cluster, taken = Cluster(2), []
    cluster.taken = False

    def end(_: Chunk) -> ChunkAnswer:
        raise ModuleNotFoundError("No module named 'gradioproxy'", name="gradioproxy")

    cluster.end = end
    results = run(cluster, (taken.append(number) or number for number in range(1000)), keep=True)  # type: ignore[func-returns-value]
    outcomes, error = take_all(results)
    assert "can't import gradioproxy" in str(error)
    assert not error.may_have_run
    assert [each.may_have_run for each in outcomes] == [False] * (len(taken) - 1)
    assert len(taken) < 50


def test_an_executor_that_fails_at_the_last_input_says_it_there_alone() -> None:
    cluster = Cluster(2)
    cluster.taken = False

    def end(_: Chunk) -> ChunkAnswer:
        raise RuntimeError

    cluster.end = end
    assert [type(each) for each in run(cluster, range(3), keep=True)] == [ConnectionLost] * 3


def test_what_is_given_up_is_handed_to_nobody() -> None:
    cluster = Cluster(1)
    results = run(cluster, range(100))
    assert next(results) == 0
    handed = len(cluster.sizes)
    results.close()  # type: ignore[attr-defined] # a generator
    assert len(cluster.sizes) == handed
    assert all(future.cancelled() for _, future in cluster.open)


def test_a_call_that_was_given_up_has_no_result() -> None:
    runner = ChunkRunner(Cluster(1), Function(), 1, None)
    pending = runner.start("a")
    ended: list[Any] = []
    pending.add_done_callback(ended.append)
    assert pending.cancel()
    assert not pending.cancel()
    assert ended == [pending]
    with pytest.raises(JobCancelled):
        pending.result(0)


def test_chunks_have_a_bounded_content() -> None:
    """So that no message to a cluster gets too large; and each call goes out."""
    cluster, function = Cluster(1), Function()
    content = b"x" * (chunk_runner.CHUNK_BYTES // 2)

    def make(item: Any) -> Payload:
        slot = FileSlot(0, BytesSource(content), FileDataWriter(), "file")
        return Payload([item, slot], [slot])

    function.make = make
    cluster.end = lambda chunk: cluster.answer(chunk, 0.001)
    assert list(run(cluster, range(30), function=function)) == [*range(30)]
    assert max(size for size, _ in cluster.sizes) == 2


def test_a_file_that_is_gone_when_it_is_to_go_along() -> None:
    cluster, function = Cluster(1), Function()
    cluster.sees_files = False

    def make(item: Any) -> Payload:
        slot = FileSlot(0, PathSource("/no/such/file", "file", 1), FileDataWriter(), "file")
        return Payload([item, slot], [slot]) if item == 1 else Payload([item])

    function.make = make
    results = list(run(cluster, range(3), function=function, keep=True))
    assert [results[0], results[2]] == [0, 2]
    assert isinstance(results[1], MissingFile)
