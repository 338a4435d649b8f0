"""Many calls by a cluster of Dask's: processes of its own on this machine, over its own network."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import signal
import warnings
from typing import TYPE_CHECKING, Any

import dask
import distributed
import pytest

import gradioproxy as gp
from tests.support.executors import count_runs, helpers_end, let_go
from tests.support.gradio.apps import runs
from tests.support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.gradio import Server
    from tests.support.gradio.running import RunningServers

TESTED_VERSIONS = ("6.31.0",)

WORKERS = 2
_numbers = itertools.count(1)
__all__ = ["helpers_end"]  # a fixture
_library: Any = distributed  # which has no types


@contextlib.contextmanager
def open_cluster(folder: Path) -> Iterator[Any]:
    """Give the client of a cluster of processes, which keep their files in a folder."""
    with (
        dask.config.set({"temporary-directory": str(folder)}),
        _library.LocalCluster(
            n_workers=WORKERS,
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            dashboard_address="127.0.0.1:0",
            scheduler_kwargs={"dashboard": False},
        ) as cluster,
        _library.Client(cluster) as client,
    ):
        yield client


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Give the client of a cluster that heals."""
    with open_cluster(tmp_path_factory.mktemp("cluster")) as opened:
        yield opened


@pytest.fixture
def server(gradio: RunningServers, version: str) -> Server:
    """Give the app that knows how many calls it has at once."""
    return gradio(version, "crowded")


def name_runs(count: int) -> list[str]:
    """Return names of runs that no other test has."""
    batch = next(_numbers)
    return [f"task-{batch}-{number}" for number in range(count)]


@pytest.mark.parametrize("way", ["client", "executor"])
def test_results_are_in_order(server: Server, client: Any, way: str) -> None:
    executor = client if way == "client" else client.get_executor(retries=3)
    names = name_runs(100)
    with gp.connect(server.url) as app:
        kept = app.fail_at.map(names, itertools.repeat(names[60]), executor=executor, errors="keep")
        outcomes = list(kept)
    assert isinstance(outcomes[60], gp.AppError)
    assert outcomes[:60] + outcomes[61:] == names[:60] + names[61:]
    assert {*count_runs(server, names).values()} == {1}


def test_all_workers_together_keep_to_the_bound(server: Server, client: Any) -> None:
    names = name_runs(12)
    with gp.connect(server.url) as app:
        app.most_at_once(0)
        meeting = itertools.repeat(5)
        assert list(app.meet.map(names, meeting, executor=client, concurrency=5)) == names
        assert app.most_at_once(0) == 5


def test_files_go_along(server: Server, client: Any, tmp_path: Path) -> None:
    """As content, also a large one; as a path only where the workers are said to see it."""
    path = tmp_path / "given.txt"
    path.write_bytes(b"on disk")
    large = os.urandom(12 << 20)
    with gp.connect(server.url) as app, warnings.catch_warnings():
        warnings.simplefilter("error")
        inputs = [path, large, b"bytes"]
        plain = [app.describe(each, "x") for each in inputs]
        results = list(app.describe.map(inputs, itertools.repeat("x"), executor=client))
        assert [each.Digest for each in results] == [each.Digest for each in plain]
        assert [each.About.bytes() for each in results] == [each.About.bytes() for each in plain]
        options = {"executor": client, "shared_files": True}
        assert next(app.describe.map([path], ["x"], **options)).Digest == plain[0].Digest


def test_a_worker_that_is_killed(server: Server, client: Any, tmp_path: Path) -> None:
    """What it had begun is not begun again by the worker that the scheduler gives it to."""
    names, journal = name_runs(20), tmp_path / "j"
    with gp.connect(server.url) as app:
        options: Any = {"executor": client, "errors": "keep", "journal": journal}
        held = app.hold.map(names, concurrency=2, **options)
        let_go(server, names[:1])
        assert next(held) == runs.tagged(names[0])
        wait_until(lambda: len(count_runs(server, names)) == 3)
        workers = client.run(os.getpid)
        os.kill(next(iter(workers.values())), signal.SIGKILL)
        let_go(server, names)
        outcomes = [runs.tagged(names[0]), *held]
        lost = [each for each in outcomes if isinstance(each, gp.ConnectionLost)]
        assert len(outcomes) == 20
        assert 1 <= len(lost) < 10
        assert {each.may_have_run for each in lost} == {True}
        assert max(count_runs(server, names).values()) == 1
        for name, outcome in zip(names, outcomes, strict=True):
            made = outcome, count_runs(server, [name])[name]
            assert outcome in lost or made == (runs.tagged(name), 1)
        with gp.Journal(journal) as read:
            counts = read.counts
        assert (counts["unknown"], counts["done"]) == (len(lost), 20 - len(lost))
        ran = count_runs(server, names)
        # What may have run says now that there is a journal that would make it again.
        for before, kept in zip(outcomes, app.hold.map(names, **options), strict=True):
            assert type(kept) is type(before)
            assert str(kept).startswith(str(before))
        assert count_runs(server, names) == ran
        again = app.hold.map(names, repeat_unknown=True, **options)
        assert list(again) == [runs.tagged(name) for name in names]


def test_a_client_that_is_closed(server: Server, tmp_path: Path) -> None:
    """And one whose cluster goes away meanwhile: errors of ours, and nothing waits for ever."""
    names = name_runs(60)
    with gp.connect(server.url) as app:
        with open_cluster(tmp_path) as client:
            held = app.hold.map(names, executor=client, concurrency=2, errors="keep")
            let_go(server, names[:1])
            assert next(held) == runs.tagged(names[0])
            wait_until(lambda: len(count_runs(server, names)) == 3)
            began = {*count_runs(server, names)}
            client.cluster.close()
            outcomes: list[Any] = []
            with contextlib.suppress(gp.ConnectionLost):
                outcomes.extend(held)
        let_go(server, names)
        assert {*count_runs(server, names)} == began
        with pytest.raises(gp.ConnectionLost, match="gone"):
            list(app.meet.map(["x"], [0], executor=client))


def test_a_client_for_asyncio(server: Server, client: Any) -> None:
    """Its futures are no futures for threads."""

    async def ask() -> None:
        async with _library.Client(client.scheduler.address, asynchronous=True) as other:
            with pytest.raises(TypeError, match="asynchronous"):
                app.meet.map(["x"], [0], executor=other)

    with gp.connect(server.url) as app:
        asyncio.run(ask())
