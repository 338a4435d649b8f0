"""What must never go wrong without anybody noticing, against real servers."""

from __future__ import annotations

import concurrent.futures
import hashlib
import json
import multiprocessing
import os
from typing import TYPE_CHECKING, Any

import pytest

import gradioproxy as gp

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.gradio import Server


def test_each_of_fifty_jobs_gets_its_own_answer(stateless: Server, tmp_path: Path) -> None:
    """Fifty jobs at once with different files: each is answered with the hash of its own."""
    paths = [tmp_path / f"{number}.bin" for number in range(50)]
    for number, path in enumerate(paths):
        path.write_bytes(os.urandom(1000 + number))

    with gp.connect(stateless.url) as app:
        jobs = [app.file_hash.submit(path) for path in paths]
        answers = [job.result() for job in jobs]

    assert [hashlib.sha256(path.read_bytes()).hexdigest() for path in paths] == answers


def test_each_of_fifty_streams_gets_its_own_values(stateless: Server) -> None:
    """Fifty generators at once: each job has all of its own partial results, in order."""
    with gp.connect(stateless.url) as app:
        jobs = [app.count.submit(number) for number in range(1, 51)]
        values = [list(job) for job in jobs]

    assert [[str(n) for n in range(1, number + 1)] for number in range(1, 51)] == values


@pytest.mark.since(
    "3.19", "before 3.19 there is no upload: files are in the call itself, every time"
)
def test_a_rewritten_file_is_sent_again(stateless: Server, tmp_path: Path) -> None:
    """A file with the same name, size and time but another content is another file."""
    path = tmp_path / "a.bin"
    with gp.connect(stateless.url) as app:
        path.write_bytes(b"first.")
        times = path.stat().st_atime_ns, path.stat().st_mtime_ns
        first, again = app.file_hash(path), app.file_hash(path)
        path.write_bytes(b"second")
        os.utime(path, ns=times)
        second = app.file_hash(path)
        uploads = [upload.digest for upload in app.uploads]

    assert first == again == hashlib.sha256(b"first.").hexdigest()
    assert second == hashlib.sha256(b"second").hexdigest()
    assert uploads == [first, second]  # the unchanged one went up once


def test_a_slow_caller_misses_nothing(stateless: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stream has every value, also those that come before its caller's thread goes on."""
    with gp.connect(stateless.url) as app:
        engine = app.functions.__connection__.engine
        start = engine.start

        def start_and_wait(job: gp.Job[Any], *arguments: Any) -> None:
            start(job, *arguments)
            concurrent.futures.wait([job])

        monkeypatch.setattr(engine, "start", start_and_wait)
        assert list(app.count.stream(3)) == ["1", "2", "3"]


def test_cancelling_a_job_leaves_its_sibling_alone(stateless: Server) -> None:
    """Of two endless jobs of one function, one is cancelled on the server and the other goes on."""
    with gp.connect(stateless.url) as app:
        one, other = app.endless.submit("one"), app.endless.submit("other")
        ones, others = iter(one), iter(other)
        next(ones), next(others)

        assert one.cancel()
        assert app.wait_end("one")
        seen = next(others)
        assert app.alive("other")
        assert next(others) > seen
        with pytest.raises(gp.JobCancelled):
            one.result()
        other.cancel()
        assert app.wait_end("other")


@pytest.mark.since(
    "4.9", "before 4.9 every call has a connection of its own, and those beyond the limit wait"
)
def test_a_crowded_app_cancels_no_neighbour(stateless: Server) -> None:
    """With more endless jobs than lanes, cancelling those that share a lane harms none of them."""
    with gp.connect(stateless.url, streams=2) as app:
        tokens = [f"crowd-{number}" for number in range(5)]
        jobs = {token: app.endless.submit(token) for token in tokens}
        iterators = {token: iter(job) for token, job in jobs.items()}
        for iterator in iterators.values():
            next(iterator)

        for token in tokens[:-1]:
            jobs[token].cancel()
            with pytest.raises(gp.JobCancelled):
                jobs[token].result()
        before = next(iterators[tokens[-1]])
        assert next(iterators[tokens[-1]]) > before

        jobs[tokens[-1]].cancel()
        assert [app.wait_end(token) for token in tokens] == [True] * 5


def test_a_dropped_stream_stops_the_server(stateless: Server) -> None:
    """A stream that is left unfinished and collected cancels its call."""
    with gp.connect(stateless.url) as app:
        for value in app.endless.stream("dropped"):
            assert value == 1
            break

        assert app.wait_end("dropped")


def test_a_closed_session_stops_the_server(stateless: Server) -> None:
    """Closing a session ends what it runs."""
    with gp.connect(stateless.url) as app:
        job = app.endless.submit("closed")
        next(iter(job))
    with pytest.raises(gp.JobCancelled):
        job.result()

    with gp.connect(stateless.url) as app:
        assert app.wait_end("closed")


def test_calls_from_many_threads(stateless: Server) -> None:
    """One session serves many threads; each gets its own answers."""
    with gp.connect(stateless.url) as app, concurrent.futures.ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(app.echo, map(str, range(200))))

    assert answers == [str(number) for number in range(200)]


def _work(app: gp.Session, numbers: list[int], results: Any) -> None:
    """Call the app for each number, in a forked child, and report number and answer."""
    try:
        results.put([(number, app.echo(str(number))) for number in numbers])
    except BaseException as error:  # noqa: BLE001 - the parent must hear of it
        results.put(repr(error))


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_forked_workers_after_a_warm_call(stateless: Server) -> None:
    """Four forked workers, 400 different inputs: each answer is that of its own input."""
    context = multiprocessing.get_context("fork")
    with gp.connect(stateless.url) as app:
        assert app.echo("warm") == "warm"
        results = context.Queue()
        workers = [
            context.Process(target=_work, args=(app, list(range(start, 400, 4)), results))
            for start in range(4)
        ]
        for worker in workers:
            worker.start()
        answers = [results.get(timeout=120) for _ in workers]
        for worker in workers:
            worker.join()
        assert app.echo("the parent goes on") == "the parent goes on"

    assert sorted(pair for answer in answers for pair in answer) == [
        (number, str(number)) for number in range(400)
    ]


def test_nothing_is_lost_of_what_the_server_sent(server: Server) -> None:
    """JSON that looks like a file stays what it is."""
    value = {"name": "y", "size": 3, "is_file": False, "items": [1, {}, None, "", {"data": 1}]}
    with gp.connect(server.url) as app:
        assert app.json_back(json.loads(json.dumps(value))) == value
