"""Executors of each kind, and the end of what they leave running in the process that has them."""

from __future__ import annotations

import concurrent.futures
import multiprocessing
import multiprocessing.util
from collections import Counter
from multiprocessing import forkserver, resource_tracker
from typing import TYPE_CHECKING, Any

import pytest
from joblib.externals.loky import ProcessPoolExecutor as LokyExecutor
from joblib.externals.loky.backend import resource_tracker as loky_tracker

from gradioproxy.errors import ConnectionLost
from tests.support.gradio.apps import runs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.support.gradio import Server

WORKERS = 2


def make_processes(
    method: str, count: int = WORKERS, **options: Any
) -> concurrent.futures.ProcessPoolExecutor:
    """Return an executor of processes that are started in one of Python's ways."""
    context = multiprocessing.get_context(method)
    return concurrent.futures.ProcessPoolExecutor(count, mp_context=context, **options)


EXECUTORS: dict[str, Callable[[], concurrent.futures.Executor]] = {
    "threads": lambda: concurrent.futures.ThreadPoolExecutor(WORKERS),
    "fork": lambda: make_processes("fork"),
    "spawn": lambda: make_processes("spawn"),
    "forkserver": lambda: make_processes("forkserver"),
    "loky": lambda: LokyExecutor(WORKERS),
}


def count_runs(server: Server, names: list[str]) -> Counter[str]:
    """Return how often each of these runs has begun."""
    return Counter(run for run in runs.begun(server.folder) if run in {*names})


def let_go(server: Server, names: list[str]) -> None:
    """Let these runs of `hold` end, also those that have not begun."""
    for name in names:
        runs.let_go(server.folder, name)


def take_all(results: Iterator[Any]) -> tuple[list[Any], ConnectionLost]:
    """Return what comes before the error that says that an executor is gone, and the error."""
    found = []
    try:
        for result in results:
            found.append(result)  # noqa: PERF402 - what came before is kept
    except ConnectionLost as error:
        return found, error
    raise AssertionError("there was no error")


@pytest.fixture(autouse=True, scope="module")
def helpers_end() -> Iterator[None]:
    """End what goes on otherwise until the process ends: servers of forks, trackers, a folder."""
    yield
    helpers: Any = (
        forkserver._forkserver,  # there are no public names
        resource_tracker._resource_tracker,
        loky_tracker._resource_tracker,
    )
    for helper in helpers:
        helper._stop()
    multiprocessing.util._run_finalizers(-100)  # type: ignore[attr-defined] # as above
