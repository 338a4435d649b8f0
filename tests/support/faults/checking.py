"""What must hold of every call over a broken network, whatever has broken."""

from __future__ import annotations

import contextlib
import itertools
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import gradioproxy as gp
from tests.support.faults.proxy import FaultProxy
from tests.support.gradio.apps import runs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.support.faults.answering import Style
    from tests.support.faults.forwarding import Exchange
    from tests.support.faults.rules import Rule
    from tests.support.gradio import Server

TIMEOUT = 3
BOUND = 15
"""Seconds after which a call that has not ended hangs: many times what a right one needs."""

ARRIVAL = 5
"""Seconds after which what a client sent over loopback has arrived."""

_numbers = itertools.count(1)


def new_run() -> str:
    """Return a name that no other run has."""
    return f"run{next(_numbers)}"


@contextlib.contextmanager
def through(
    server: Server, *rules: Rule, style: Style = "plain", **options: Any
) -> Iterator[tuple[FaultProxy, gp.Session]]:
    """Give a proxy and a session behind it; see to it that no connection is left of that session.

    Args:
        server: The server.
        rules: What happens to what, once the session is there.
        style: What becomes of all answers.
        options: Options of `connect`.
    """
    with FaultProxy(server.url, style=style) as proxy:
        with gp.connect(proxy.url, **({"timeout": TIMEOUT} | options)) as app:
            proxy.aim(*rules)
            yield proxy, app
        proxy.wait_until(lambda: proxy.open_connections == 0)


def our_threads() -> list[threading.Thread]:
    """Return the threads of sessions."""
    return [each for each in threading.enumerate() if each.name.startswith("gradioproxy")]


def check_no_threads() -> None:
    """See to it that closed sessions, and there are no others, have no thread any more."""
    for thread in our_threads():
        thread.join(1)  # it has been told to end, and has only to come to it
    assert our_threads() == []


def in_parallel(
    function: Callable[..., object], *cases: tuple[Any, ...], at_once: int | None = None
) -> None:
    """Call a function with the arguments of each case; no thread of a session is left.

    Args:
        function: The function.
        cases: The arguments of each call.
        at_once: How many calls there are at a time; ``None`` for all of them.
    """
    with ThreadPoolExecutor(at_once or len(cases)) as pool:
        futures = [pool.submit(function, *case) for case in cases]
    errors = [error for future in futures if (error := future.exception()) is not None]
    if errors:
        shown = [(case[1:], f.exception()) for case, f in zip(cases, futures, strict=True)]
        text = "\n\n".join(f"{case}: {error}" for case, error in shown if error is not None)
        raise AssertionError(f"{len(errors)} of {len(cases)} cases:\n{text}") from errors[0]
    check_no_threads()


def outcome(function: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
    """Return what a function returns or raises."""
    try:
        return function(*arguments, **options)
    except Exception as error:  # noqa: BLE001 - which one it is, is what the test is about
        return error


class Expected:
    """A call whose right values are known.

    Args:
        function: The function's name.
        run: The name of the run.
        count: How many values it yields, if it is a generator.
    """

    def __init__(self, function: str, run: str, count: int = 5) -> None:
        self.function = function
        self.run = run
        self.count = count
        yields = {"count": runs.counted, "grow": runs.grown, "grow_list": runs.grown_list}
        self.is_generator = function in yields
        self.values: list[Any] = (
            list(yields[function](run, count)) if self.is_generator else [runs.tagged(run)]
        )

    def submit(self, app: gp.Session, hold: int = 0) -> gp.Job[Any]:
        """Begin the call; a generator waits behind its value of this number."""
        arguments = (self.count, hold) if self.is_generator else ()
        job: gp.Job[Any] = app.functions[f"/{self.function}"].submit(self.run, *arguments)
        return job


def failure(job: gp.Job[Any]) -> Any:
    """Return the error that a call ends with, or ``None``; one that does not end has hung."""
    try:
        return job.exception(BOUND)
    except gp.Timeout:
        raise AssertionError(f"{job} never ends") from None


def check_call(
    proxy: FaultProxy, job: gp.Job[Any], expected: Expected, *, alone: bool = True
) -> None:
    """See to it that a call ends, and with the right values or an error that is right.

    What came of its values before an error is the beginning of them.
    """
    error = failure(job)
    partial = job.outputs
    assert partial == expected.values[: len(partial)]
    if error is None:
        assert (partial, job.result()) == (expected.values, expected.values[-1])
        assert list(job) == expected.values
    else:
        check_error(proxy, expected.run, error, alone=alone)


def check_error(
    proxy: FaultProxy, run: str, error: object, *, alone: bool = True, posts: int = 1
) -> None:
    """See to it that an error of a call says what was known of it.

    Args:
        proxy: The proxy.
        run: The name of the call's run.
        error: The error.
        alone: Whether the call had a stream of its own. If not, the stream that all have can break
            while the answer that names the call is on its way to the client.
        posts: How many posts a call can take: one, but for generators outside the queue, of which
            each value is asked for.
    """
    assert isinstance(error, gp.GradioProxyError), repr(error)
    told = getattr(error, "may_have_run", None)
    if told and not _is_unknowable(proxy):  # what was sent may not have arrived yet
        proxy.waits_for(lambda: bool(proxy.about(run)), ARRIVAL)
    about = proxy.about(run)
    shown = f"{error!r}, may_have_run={told}, the proxy saw {about or proxy.seen}"
    assert isinstance(told, bool), shown
    assert len(about) <= posts, f"sent twice: {shown}"
    if any(exchange.has_passed(run) for exchange in about):
        assert told is True, shown
    if not about and not _is_unknowable(proxy):
        assert told is False, shown
    for exchange in about:
        event_id, told_id = event_id_of(exchange), getattr(error, "event_id", None)
        if event_id is not None:
            assert told_id == event_id or (told_id is None and not alone), shown


def event_id_of(exchange: Exchange) -> str | None:
    """Return the name of the call that the client knows because of a request or its answer."""
    with contextlib.suppress(ValueError):
        said = json.loads(exchange.body)
        if "event_id" in said and "/queue/" in exchange.target:  # the stream brought it, up to 4.8
            return str(said["event_id"])
        answer = json.loads(exchange.answer) if exchange.delivered else None
        if isinstance(answer, dict) and exchange.status == 200:
            return str(answer["event_id"])
    return None


def _is_unknowable(proxy: FaultProxy) -> bool:
    """Tell whether a client may have sent what the proxy never got to see."""
    reset = any(
        exchange.kind == "socket" and getattr(exchange.fault, "how", "") == "rst"
        for exchange in proxy.seen
    )
    return reset or proxy.resets > 0
