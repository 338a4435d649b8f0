"""Calls over a network that breaks in ways that were drawn: one schedule for each seed."""

from __future__ import annotations

import hashlib
import random
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradioproxy as gp
from tests.support.faults.checking import (
    TIMEOUT,
    Expected,
    check_call,
    check_error,
    failure,
    new_run,
    outcome,
)
from tests.support.faults.proxy import FaultProxy
from tests.support.faults.rules import Rules
from tests.support.gradio.apps import runs

if TYPE_CHECKING:
    from tests.support.gradio import Server

CALL_TIMEOUT = 8
TAGS = ("tag", "slow_tag", "count", "grow", "grow_list")


def play(server: Server, seed: int, folder: Path) -> None:
    """Make the calls of a seed, and see to it that everything is as it must be.

    Args:
        server: The server of the app for faulty networks, with a state or without one.
        seed: What decides over rules and calls.
        folder: A folder that is not there yet.
    """
    folder.mkdir()
    schedule = _Schedule(server, seed, folder)
    try:
        schedule.play()
    except Exception as error:
        raise AssertionError(f"seed {seed}, {schedule.rules}: {error}") from error


class _Schedule:
    """A fresh session through a fresh proxy, some calls, and what is to be right afterwards."""

    def __init__(self, server: Server, seed: int, folder: Path) -> None:
        self._server = server
        self._seed = seed
        self._state = server.app.endswith("state")
        self._downloads = folder / "downloads"
        self._path = folder / "sent.bin"
        self._chance = random.Random(f"calls {seed}")  # noqa: S311 - the same each time
        self._path.write_bytes(self._chance.randbytes(20_000))
        self._runs: list[str] = []
        self.rules = Rules()

    def play(self) -> None:
        """Make the calls, and see to it that everything is as it must be."""
        with FaultProxy(self._server.url) as proxy:
            with gp.connect(
                proxy.url,
                timeout=TIMEOUT,
                call_timeout=CALL_TIMEOUT,
                download_dir=self._downloads,
            ) as app:
                self.rules = Rules.from_seed(self._seed, app.protocol, state=self._state)
                proxy.follow(self.rules)
                self._call(proxy, app)
                proxy.wait_until_left()
                proxy.calm()
                self._call_again(app)
            proxy.wait_until(lambda: proxy.open_connections == 0)
        self._check_runs(proxy)
        self._check_downloads()

    def _new_run(self) -> str:
        self._runs.append(new_run())
        return self._runs[-1]

    def _call(self, proxy: FaultProxy, app: gp.Session) -> None:
        """Make calls, some at once and some after others, and look at what comes of each."""
        for _ in range(2):
            wanted = [
                Expected(self._chance.choice(TAGS), self._new_run(), self._chance.randint(1, 9))
                for _ in range(self._chance.randint(1, 3))
            ]
            jobs = [expected.submit(app) for expected in wanted]
            with_files = [self._take_file, self._make_file][: self._chance.randint(0, 2)]
            if self._state:
                with_files.append(self._turn)
            for call in with_files:
                call(proxy, app)
            for job, expected in zip(jobs, wanted, strict=True):
                check_call(proxy, job, expected, alone=not self._state)

    def _take_file(self, proxy: FaultProxy, app: gp.Session) -> None:
        run = self._new_run()
        job = app.take_file.submit(run, self._path)
        error = failure(job)
        if error is not None:
            check_error(proxy, run, error, alone=not self._state)
        else:
            assert job.result() == hashlib.sha256(self._path.read_bytes()).hexdigest()

    def _make_file(self, proxy: FaultProxy, app: gp.Session) -> None:
        run = self._new_run()
        job = app.make_file.submit(run)
        error = failure(job)
        if error is not None:
            check_error(proxy, run, error, alone=not self._state)
            return
        file = job.result()
        for read in (file.bytes, lambda: Path(file).read_bytes()):
            content = outcome(read)
            assert isinstance(content, gp.GradioProxyError) or content == runs.content_of(run)

    def _turn(self, proxy: FaultProxy, app: gp.Session) -> None:
        run = self._new_run()
        job = app.turn.submit(run)
        error = failure(job)
        if error is not None:
            check_error(proxy, run, error, alone=not self._state)
        else:
            self._check_turn(run, job.result())

    def _check_turn(self, run: str, answer: str) -> None:
        """See to it that a session's state is its own, and that no call changed it twice."""
        turns = answer.split()
        assert turns[-1] == run
        assert len(set(turns)) == len(turns)
        assert set(turns) <= set(self._runs)

    def _call_again(self, app: gp.Session) -> None:
        """See to it that the session goes on at once where the network does."""
        for function in ("tag", "grow_list"):
            expected = Expected(function, self._new_run())
            job = expected.submit(app)
            assert failure(job) is None, f"the next call fails: {failure(job)!r}"
            assert job.outputs == expected.values
        if self._state:
            run = self._new_run()
            job = app.turn.submit(run)
            assert failure(job) is None
            self._check_turn(run, job.result())

    def _check_runs(self, proxy: FaultProxy) -> None:
        """See to it that nothing ran twice, and that nothing was sent twice."""
        begun = runs.begun(self._server.folder)
        assert [run for run in self._runs if begun.count(run) > 1] == []
        assert [run for run in self._runs if len(proxy.about(run)) > 1] == []

    def _check_downloads(self) -> None:
        """See to it that there are whole files and nothing else."""
        kept: list[Any] = list(self._downloads.iterdir()) if self._downloads.exists() else []
        whole = {runs.content_of(run) for run in self._runs}
        assert [path.name for path in kept if path.read_bytes() not in whole] == []
