"""Short schedules: one call that meets one fault, and one call after it."""

from __future__ import annotations

import functools
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import gradioproxy as gp
from gradioproxy.protocols.settling import RARE_LOOK
from tests.support.faults.checking import BOUND, TIMEOUT, check_error, new_run, outcome
from tests.support.faults.proxy import FaultProxy
from tests.support.faults.single_faults import Plan, Way, draw_plan, plain_function
from tests.support.gradio.apps import runs

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tests.support.faults.answering import Style
    from tests.support.gradio import Server

CALL_TIMEOUT = 6
COUNT = 6
HOLD = 2
"""Behind this value, a generator waits while another server takes the place of its own."""

STYLES: tuple[Style, ...] = ("plain", "plain", "close", "http10", "chunked", "gzip")


@dataclass(frozen=True)
class Target:
    """A server, and what is known of it while nothing breaks.

    Attributes:
        server: The server of the app for faulty networks, with a state or without one.
        protocol: What it speaks.
        names: The names of its functions.
    """

    server: Server
    protocol: str
    names: frozenset[str]

    def __repr__(self) -> str:
        return repr(self.server)

    @classmethod
    def of(cls, server: Server) -> Target:
        """Return what is known of a server."""
        with gp.connect(server.url) as app:
            return cls(server, app.protocol, frozenset(app.functions))

    @property
    def has_state(self) -> bool:
        """Whether the app has a state."""
        return self.server.app.endswith("state")


def play_short(target: Target, other: Target, way: Way, seed: int, folder: Path) -> None:
    """Make the calls of a seed, and see to it that everything is as it must be.

    Args:
        target: The server.
        other: Another one, which can take its place.
        way: How the calls are made.
        seed: What decides over fault and calls.
        folder: A folder that is not there yet.
    """
    folder.mkdir()
    plan = draw_plan(seed, way, target.protocol, state=target.has_state)
    try:
        _Short(target, other, plan, folder).play()
    except Exception as error:
        raise AssertionError(f"seed {seed}, {plan}: {error!r}") from error


@dataclass(frozen=True)
class _Outcome:
    """What came of a call.

    Attributes:
        values: Its values, one for a function that returns; as the server's log has them.
        error: What it ended with, if it did not end well.
        unread: Whether one of the values is a file that could not be read, and its error is there.
    """

    values: list[Any]
    error: Any = None
    unread: bool = False


class _Short:
    """A fresh session through a fresh proxy, two calls, and what is to be right afterwards."""

    def __init__(self, target: Target, other: Target, plan: Plan, folder: Path) -> None:
        self._target = target
        self._other = other
        self._plan = plan
        self._way = plan.way
        self._chance = random.Random(repr(plan))  # noqa: S311 - the same each time
        self._downloads = folder / "downloads"
        self._path = folder / "sent.bin"
        self._path.write_bytes(self._chance.randbytes(5_000))
        self._runs: list[str] = []

    def play(self) -> None:
        """Make the calls, and see to it that everything is as it must be."""
        style = self._chance.choice(STYLES)
        with FaultProxy(self._target.server.url, style=style) as proxy:
            with self._connect(proxy) as app:
                self._call_under_fault(proxy, app)
                proxy.wait_until_left()
                proxy.calm()
                if self._plan.step == "idle":
                    proxy.end_idle()
                self._call_again(proxy, app)
            proxy.wait_until(lambda: proxy.open_connections == 0)
        self._check_runs(proxy)

    # The steps.

    def _connect(self, proxy: FaultProxy) -> gp.Session:
        """Return a session; one that can't be made under the fault is made without it."""
        connect = functools.partial(
            gp.connect,
            proxy.url,
            timeout=TIMEOUT,
            call_timeout=CALL_TIMEOUT,
            download_dir=self._downloads,
        )
        if self._plan.step == "connect" and self._plan.rule is not None:
            proxy.aim(self._plan.rule)
        made = outcome(connect)
        if isinstance(made, Exception):
            assert self._plan.step == "connect", repr(made)
            assert isinstance(made, gp.GradioProxyError), repr(made)
            proxy.calm()
            made = connect()
        assert isinstance(made, gp.Session)
        assert made.protocol == self._target.protocol
        assert frozenset(made.functions) == self._target.names
        return made

    def _call_under_fault(self, proxy: FaultProxy, app: gp.Session) -> None:
        """Make the call that meets the fault."""
        run, step = self._new_run(), self._plan.step
        if step == "cancel":
            self._cancel(proxy, app, run)
            return
        if step == "call" and self._plan.rule is not None:
            proxy.aim(self._plan.rule)
        if step == "move before":
            proxy.move(self._other.server.url)
        if step == "move" and self._way == "queue":
            came = self._move_meanwhile(proxy, app, run)
        else:
            came = self._call(app, self._plan.function, run)
        self._check_outcome(proxy, run, came)

    def _call_again(self, proxy: FaultProxy, app: gp.Session) -> None:
        """See to it that the session goes on at once where the network does.

        Also with the function that was called before, of which a run may go on at the server.
        """
        for function in dict.fromkeys((self._plan.function, plain_function(self._way))):
            run = self._new_run()
            if function == "held_tag":
                runs.let_go(self._target.server.folder, run)
            # With a state it waits for the server to look after a stream that was lost.
            came = self._call(app, function, run, patience=BOUND + int(RARE_LOOK))
            assert came.error is None, f"the next call fails: {came.error!r}, {proxy.seen}"
            assert came.values == self._answered(run)

    # Calls, one way or another.

    def _call(
        self, app: gp.Session, function: str, run: str, patience: int = CALL_TIMEOUT
    ) -> _Outcome:
        """Make a call, and wait for its end."""
        arguments = self._arguments(function, run)
        if self._way == "simple":
            return _send(app, function, arguments)
        called = app.functions[f"/{function}"].with_options(call_timeout=patience)
        return _follow(called.submit(*arguments))

    def _arguments(self, function: str, run: str, hold: int = 0) -> list[Any]:
        if function == "take_file":
            return [run, self._path]
        return [run, COUNT, hold] if function.endswith(("count", "grow", "grow_list")) else [run]

    def _move_meanwhile(self, proxy: FaultProxy, app: gp.Session, run: str) -> _Outcome:
        """Make a call during which another server takes the place of the first."""
        job = app.functions["/grow"].submit(*self._arguments("grow", run, HOLD))
        values = iter(job)
        for _ in range(HOLD):
            next(values)
        proxy.move(self._other.server.url)
        came = _follow(job)
        runs.let_go(self._target.server.folder, run)
        assert isinstance(came.error, gp.ConnectionLost)
        return came

    def _cancel(self, proxy: FaultProxy, app: gp.Session, run: str) -> None:
        """Cancel a call while that goes wrong: it is over at once for its caller."""
        job = app.functions["/held_tag"].submit(run)
        proxy.wait_until(lambda: bool(proxy.about(run)))
        assert self._plan.rule is not None
        proxy.aim(self._plan.rule)
        assert job.cancel()
        assert isinstance(_follow(job).error, gp.JobCancelled)
        runs.let_go(self._target.server.folder, run)

    # What must hold.

    def _new_run(self) -> str:
        self._runs.append(new_run())
        return self._runs[-1]

    @property
    def _most_posts(self) -> int:
        """How many posts a call can take; see `check_error`."""
        return COUNT + 1 if self._plan.function == "plain_count" else 1

    def _answered(self, run: str) -> list[Any]:
        """Return what the servers' logs say that a run has answered."""
        folders = {self._target.server.folder, self._other.server.folder}
        return [value for folder in folders for value in runs.answered(folder, run)]

    def _check_outcome(self, proxy: FaultProxy, run: str, came: _Outcome) -> None:
        """Compare what came of a call with what the server answered."""
        answered = self._answered(run)
        if came.error is not None:
            alone = not self._target.has_state
            check_error(proxy, run, came.error, alone=alone, posts=self._most_posts)
        if came.unread:
            assert (came.error, len(came.values)) == (None, len(answered))
        elif not self._plan.changes_messages:
            assert came.values == answered[: len(came.values)]
            assert came.error is not None or came.values == answered
        elif came.error is None:
            # Messages have no numbers: whole values that are missing, or come twice, look like
            # others. The last one is the call's result.
            assert came.values[-1] == answered[-1]
            assert [value for value in came.values if value not in answered] == []

    def _check_runs(self, proxy: FaultProxy) -> None:
        """See to it that nothing ran twice, was sent twice, or was kept by halves."""
        begun = [
            run
            for target in (self._target, self._other)
            for run in runs.begun(target.server.folder)
        ]
        assert [run for run in self._runs if begun.count(run) > 1] == []
        assert [run for run in self._runs if len(proxy.about(run)) > self._most_posts] == []
        kept: Iterable[Path] = self._downloads.iterdir() if self._downloads.exists() else ()
        whole = {runs.content_of(run) for run in self._runs}
        assert [path.name for path in kept if path.read_bytes() not in whole] == []


def _follow(job: gp.Job[Any]) -> _Outcome:
    """Return what comes of a job; one that does not end has hung."""
    try:
        error = job.exception(2 * BOUND)
    except gp.Timeout:
        raise AssertionError(f"{job} never ends") from None
    except gp.JobCancelled as cancelled:
        error = cancelled
    values = job.outputs
    assert error is not None or job.result() is values[-1] or job.result() == values[-1]
    contents = [outcome(_content, value) for value in values]
    lost = [content for content in contents if isinstance(content, Exception)]
    assert all(isinstance(each, gp.GradioProxyError) for each in lost), lost
    return _Outcome(contents, error, unread=bool(lost))


def _content(value: Any) -> Any:
    """Return what the server's log has for a value."""
    return runs.digest(value.bytes()) if isinstance(value, gp.File) else value


def _send(app: gp.Session, function: str, arguments: list[Any]) -> _Outcome:
    """Make a call at the primitive level."""
    sent = outcome(gp.send, app, f"/{function}", arguments)
    if isinstance(sent, Exception):
        return _Outcome([], sent)
    updates = list(sent)
    values = [update.data[0] for update in updates if update.name == "generating"]
    if sent.error is None:
        last = updates[-1].data[0]
        values += [last] if values[-1:] != [last] else []
    return _Outcome(values, sent.error)
