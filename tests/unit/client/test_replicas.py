"""One app at several addresses: where calls go, when they move on, and that none runs twice."""

from __future__ import annotations

import gc
import inspect
import os
import pickle
import signal
import subprocess
import sys
import threading
import weakref
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, Any

import pytest

import gradioproxy as gp
from gradioproxy.calls import replica
from gradioproxy.calls.replica_engine import ReplicaEngine
from gradioproxy.functions.moving_caller import MovingCaller
from tests.support.held_app import API, HeldApp
from tests.support.waiting import wait_until
from tests.support.web_server import PROXY_VARIABLES, Reply, hang_up, serve_app

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.web_server import Exchange

DOWN = Reply(503)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what is left out be tried again with the next call."""
    for name in PROXY_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(replica, "FIRST_PAUSE", 0.0)


@pytest.fixture
def first() -> Iterator[HeldApp]:
    with HeldApp() as web:
        yield web


@pytest.fixture
def second() -> Iterator[HeldApp]:
    with HeldApp() as web:
        yield web


@pytest.fixture
def app(first: HeldApp, second: HeldApp) -> Iterator[gp.Replicas]:
    with gp.replicas(first.url, second.url) as app:
        yield app


def engine_of(app: gp.Session) -> ReplicaEngine:
    engine: Any = app.__connection__.engine
    assert isinstance(engine, ReplicaEngine)
    return engine


ASKED = (f"{API}/app_id", "/config")
"""Where an address is asked what it is."""


class Down:
    """An address that is down for as long as the context lasts."""

    def __init__(self, web: HeldApp, script: Any = DOWN) -> None:
        self._web, self._script = web, script
        self._before = {path: web.script(path) for path in ASKED}

    def __enter__(self) -> None:
        for path in self._before:
            self._web.on(path, self._script)

    def __exit__(self, *_: object) -> None:
        for path, script in self._before.items():
            self._web.on(path, script)


# As a session.


def test_it_is_a_session(app: gp.Replicas, first: HeldApp) -> None:
    with gp.connect(first.url) as alone:
        assert inspect.signature(app.hold) == inspect.signature(alone.hold)
        assert app.hold.__doc__ == alone.hold.__doc__
        assert (list(app), len(app), "hold" in app) == (list(alone), len(alone), True)
        assert dir(app) == dir(alone)
    assert isinstance(app, gp.Session)
    assert type(app).__module__ == "gradioproxy"
    assert app["/hold"]("finished") == "done"
    assert app.functions.hold.submit("finished").result() == "done"
    assert list(app.hold.stream("finished")) == ["done"]
    assert list(app.hold.map(["finished"] * 5)) == ["done"] * 5
    assert app.hold.check("finished").arguments == {"text": "finished"}
    assert app.call_tool("hold", {"text": "finished"}) == "done"
    assert gp.create_functions(app)["hold"] is app.hold
    assert app in gp.sessions()
    assert app.with_options(progress=False).hold("finished") == "done"
    assert isinstance(app.with_options(progress=False), gp.Replicas)
    assert [job.result() for job in app.jobs] == ["done"] * len(app.jobs)


def test_closed(app: gp.Replicas) -> None:
    job = app.hold.submit("started")
    app.close()
    assert job.cancelled()
    with pytest.raises(gp.SessionClosed):
        app.hold("finished")
    assert app.closed
    assert "closed" in repr(app)


def test_what_it_prints(app: gp.Replicas, first: HeldApp, second: HeldApp) -> None:
    text = str(app)
    assert f"{first.url}: in use" in text
    assert repr(app) == f"<Replicas {app.name}: 2 of 2 addresses in use>"
    job = app.hold.submit("started")
    with Down(second):
        assert "1 call under way" in str(app)
        assert app.hold("finished") == "done"
        wait_until(lambda: "left out since" in str(app))
        assert f"{second.url}: left out since" in str(app)
        assert "503" in str(app)
        assert "503" in app._repr_html_()
        assert repr(app) == f"<Replicas {app.name}: 1 of 2 addresses in use>"
    job.cancel()


def test_pickles_connect_again(app: gp.Replicas) -> None:
    assert pickle.loads(pickle.dumps(app.hold)) is app.hold  # noqa: S301 - made here
    with pickle.loads(pickle.dumps(app)) as again:  # noqa: S301 - made here
        assert isinstance(again, gp.Replicas)
        assert again.hold("finished") == "done"
        assert again not in gp.sessions()
    functions = pickle.loads(pickle.dumps(app.functions))  # noqa: S301 - made here
    assert functions.hold("finished") == "done"
    functions.__connection__.engine.close()


def test_functions_are_found_in_another_process(app: gp.Replicas) -> None:
    code = (
        "import pickle, sys, gradioproxy as gp\n"
        "hold = pickle.loads(sys.stdin.buffer.read())\n"
        "print(hold('finished'))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], input=pickle.dumps(app.hold), capture_output=True, check=True
    )
    assert done.stdout.split() == [b"done"]


# What is refused.


def test_addresses(first: HeldApp) -> None:
    with pytest.raises(ValueError, match="got none"):
        gp.replicas()
    with pytest.raises(ValueError, match=f"{first.url} is named 2 times"):
        gp.replicas(first.url, f"{first.url}/?x=1")
    with pytest.raises(gp.NotGradio):
        gp.replicas(first.url, "no address")
    with pytest.raises(TypeError, match="timeuot"):
        gp.replicas(first.url, timeuot=3)
    with pytest.raises(ValueError, match="session_hash"):
        gp.replicas(first.url, session_hash="abc")
    assert first.requests == []
    assert gp.sessions() == []


def test_an_app_with_state(first: HeldApp, second: HeldApp) -> None:
    """Its calls have to go to one address, which is said at once."""
    state = {"id": 3, "type": "state", "props": {}}
    box = {"type": "textbox", "props": {"label": "Text", "name": "textbox"}}
    for web in (first, second):
        serve_app(
            web,
            "hold",
            components=[{"id": 1, **box}, {"id": 2, **box}, state],
            dependencies=[
                {"id": 0, "api_name": "hold", "inputs": [1, 3], "outputs": [2], "backend_fn": True}
            ],
        )
    with pytest.raises(ValueError, match=rf"{first.url} keeps a state .*/hold.*connect\('"):
        gp.replicas(first.url, second.url)
    assert gp.sessions() == []


def test_different_apps(first: HeldApp, second: HeldApp) -> None:
    serve_app(second, "other", "file")
    with pytest.raises(gp.SchemaChanged, match=f"{second.url} has another app") as caught:
        gp.replicas(first.url, second.url)
    assert "/hold: there is no such function" in str(caught.value)


def test_differences_that_do_no_harm(first: HeldApp, second: HeldApp) -> None:
    """Each address is called by its own numbers."""
    serve_app(first, "hold")
    serve_app(second, "other", "hold", version="5.49.0")
    with gp.replicas(first.url, second.url) as app:
        assert list(app.hold.map(["finished"] * 4)) == ["done"] * 4
    bodies = [r.body for r in second.requests if r.path == f"{API}/queue/join"]
    assert bodies
    assert all(b'"fn_index": 1' in body or b'"fn_index":1' in body for body in bodies)


# Addresses that fail.


def test_one_that_does_not_answer_is_left_out(first: HeldApp, second: HeldApp) -> None:
    with Down(first):
        app = gp.replicas(first.url, second.url)
        assert [app.hold("finished") for _ in range(4)] == ["done"] * 4
        assert first.joined == []
    with app:
        wait_until(lambda: app.hold("finished") and first.joined)


def test_none_answers(first: HeldApp, second: HeldApp) -> None:
    with Down(first), Down(second), pytest.raises(gp.ServerError) as caught:
        gp.replicas(first.url, second.url)
    assert first.url in str(caught.value)
    assert second.url in str(caught.value)
    assert gp.sessions() == []


def test_all_take_calls_later(app: gp.Replicas, first: HeldApp, second: HeldApp) -> None:
    """When the first of them does is known, so that a map waits for it and no longer."""
    late, later = (Reply(429, headers={"Retry-After": seconds}) for seconds in ("7", "9"))
    with Down(first, later), Down(second, late), pytest.raises(gp.RateLimited) as caught:
        app.refresh()
    assert caught.value.retry_after == 7


def test_one_with_another_app_is_closed_with_the_others(first: HeldApp, second: HeldApp) -> None:
    """Although nobody ever called it."""
    with Down(second):
        app = gp.replicas(first.url, second.url)
    with app:
        serve_app(second, "other")
        app.refresh()
        assert "has another app" in str(app)
        connection: Any = app.__connection__
    assert [each.connection.engine.closed for each in connection._apps] == [True, True]


@pytest.mark.parametrize("script", [DOWN, hang_up], ids=["503", "broken"])
def test_a_call_moves_on(app: gp.Replicas, first: HeldApp, second: HeldApp, script: Any) -> None:
    with Down(first, script):
        jobs = [app.hold.submit("finished") for _ in range(6)]
        assert [job.result() for job in jobs] == ["done"] * 6
    assert (first.joined, len(second.joined)) == ([], 6)
    assert not engine_of(app).replicas[0].load.under_way


def read_states(journal: Path) -> list[tuple[str, bool]]:
    """Return the states of inputs, and whether their errors say that they may have run."""
    with gp.Journal(journal) as read:
        return [(row.state, row.error is not None and row.error.may_have_run) for row in read]


def test_a_call_with_a_journal_moves_on(
    app: gp.Replicas,
    first: HeldApp,
    second: HeldApp,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is noted that nothing was sent before it can be sent elsewhere; and it is made once."""
    names = ["finished:a", "finished:b", "finished:c"]
    states: list[tuple[str, bool]] = []
    move: Any = ReplicaEngine.move

    def look(*arguments: Any) -> None:
        states.extend(read_states(tmp_path / "j"))
        move(*arguments)

    monkeypatch.setattr(ReplicaEngine, "move", look)
    with Down(first, DOWN):
        results = list(app.hold.map(names, journal=tmp_path / "j", concurrency=1))
    assert results == ["done"] * 3
    assert states[0] == ("claimed", False)
    assert list(app.hold.map(names, journal=tmp_path / "j")) == results
    assert (first.joined, sorted(second.joined)) == ([], names)
    assert read_states(tmp_path / "j") == [("done", False)] * 3


def test_a_call_with_a_journal_that_has_no_place_to_go(
    app: gp.Replicas, first: HeldApp, second: HeldApp, tmp_path: Path
) -> None:
    """It was about to be sent to each address, and is known to have been sent to none."""
    with Down(first, DOWN), Down(second, DOWN):
        (error,) = app.hold.map(["finished"], journal=tmp_path / "j", errors="keep")
    assert isinstance(error, gp.GradioProxyError)
    assert not error.may_have_run
    assert read_states(tmp_path / "j") == [("failed", False)]


def test_a_call_with_a_journal_that_was_sent(
    app: gp.Replicas, first: HeldApp, second: HeldApp, tmp_path: Path
) -> None:
    """It never moves, and nobody knows what became of it."""
    for web in (first, second):
        web.on(f"{API}/queue/join", hang_up)
    (error,) = app.hold.map(["finished"], journal=tmp_path / "j", errors="keep")
    assert isinstance(error, gp.ConnectionLost)
    assert read_states(tmp_path / "j") == [("unknown", True)]


@pytest.mark.parametrize("kind", [ProcessPoolExecutor, ThreadPoolExecutor])
def test_executors(app: gp.Replicas, first: HeldApp, second: HeldApp, kind: Any) -> None:
    """Threads make the calls as this session does; other processes know nothing of it."""
    with kind(2) as executor:
        if kind is ProcessPoolExecutor:
            with pytest.raises(TypeError, match="several addresses"):
                app.hold.map(["finished"], executor=executor)
            assert first.joined + second.joined == []
            return
        assert list(app.hold.map(["finished"] * 4, executor=executor)) == ["done"] * 4
    assert len(first.joined + second.joined) == 4


@pytest.mark.parametrize("script", [hang_up, Reply(502), Reply(429), Reply(401)])
def test_nothing_that_was_sent_moves(
    app: gp.Replicas, first: HeldApp, second: HeldApp, script: Any
) -> None:
    """Whatever becomes of it: it may have run."""
    for web in (first, second):
        web.on(f"{API}/queue/join", script)
    with pytest.raises(gp.GradioProxyError) as caught:
        app.hold("finished")
    assert "No address" not in str(caught.value)
    joins = [r for web in (first, second) for r in web.requests if r.path.endswith("join")]
    assert len(joins) == 1


def test_what_was_refused_stays(app: gp.Replicas, first: HeldApp, second: HeldApp) -> None:
    with pytest.raises(gp.QueueFull):
        app.hold("refused")
    assert len(first.joined) + len(second.joined) == 1


def test_all_are_left_out_and_one_comes_back(
    app: gp.Replicas, first: HeldApp, second: HeldApp
) -> None:
    with Down(first), Down(second):
        with pytest.raises(gp.ServerError, match="No address of the app can take the call") as up:
            app.hold("finished")
        assert not up.value.may_have_run
        assert first.url in str(up.value)
        assert second.url in str(up.value)
        jobs = [app.hold.submit("finished") for _ in range(30)]
        wait(jobs)
        assert {type(job.exception()) for job in jobs} == {gp.ServerError}
    assert app.hold("finished") == "done"


def test_what_is_found_out_before_a_call_comes_is_not_for_it(
    first: HeldApp, second: HeldApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The addresses were down when a try of them began, and are not when the call comes."""
    monkeypatch.setattr(replica, "FIRST_PAUSE", 3600.0)
    asked, answered = threading.Semaphore(0), threading.Event()

    def answer_late(exchange: Exchange) -> None:
        exchange.receive()
        asked.release()
        answered.wait(60)
        exchange.answer(DOWN)

    with gp.replicas(first.url, second.url) as app:
        with Down(first), Down(second):
            with pytest.raises(gp.ServerError):
                app.hold("finished")
            for web in (first, second):
                web.on("/config", answer_late)
            app.hold.submit("finished")
            assert all(asked.acquire(timeout=60) for _ in range(2))
        late = app.hold.submit("finished")
        answered.set()
        assert late.result(60) == "done"


def test_wrong_arguments_are_told_although_nobody_is_there(
    app: gp.Replicas, first: HeldApp, second: HeldApp
) -> None:
    with Down(first), Down(second):
        with pytest.raises(gp.ServerError):
            app.hold("finished")
        with pytest.raises(gp.ArgumentError):
            app.hold.submit(object())


def test_another_app_in_its_place(app: gp.Replicas, first: HeldApp, second: HeldApp) -> None:
    """It gets no calls; when it is the old one again, it does."""
    before = {path: first.script(path) for path in (*ASKED, f"{API}/info")}
    serve_app(first, "other", app_id=2)
    assert [app.hold("finished") for _ in range(6)] == ["done"] * 6
    assert (first.joined, len(second.joined)) == ([], 6)
    wait_until(lambda: "has another app" in str(app) or "is gone" in str(app))
    for path, script in before.items():
        first.on(path, script)
    wait_until(lambda: app.hold("finished") and first.joined)


def test_all_are_another_app(app: gp.Replicas, first: HeldApp, second: HeldApp) -> None:
    """The functions stay what they were until somebody asks for the new ones."""
    for number, web in enumerate((first, second)):
        serve_app(web, "other", app_id=2 + number)
    with pytest.raises(gp.SchemaChanged, match="No address"):
        app.hold("finished")
    hold = app.hold
    app.refresh()
    assert list(app) == ["/other"]
    assert app.other("finished") == "done"
    with pytest.raises(gp.SchemaChanged, match="was refreshed, and /hold is gone"):
        hold("finished")
    assert repr(app) == f"<Replicas {app.name}: 2 of 2 addresses in use>"


@pytest.mark.parametrize("kind", [ZeroDivisionError, gp.ProtocolError])
def test_whatever_goes_wrong_with_a_move_ends_the_call(
    app: gp.Replicas, first: HeldApp, second: HeldApp, monkeypatch: pytest.MonkeyPatch, kind: Any
) -> None:
    find = MovingCaller.find_caller

    def fail(caller: MovingCaller, engine: Any) -> Any:
        if engine.transport.address.url == second.url:
            raise kind("no")
        return find(caller, engine)

    with Down(first):
        monkeypatch.setattr(MovingCaller, "find_caller", fail)
        with pytest.raises(gp.ProtocolError):
            app.hold.submit("finished").result(20)


# Where a call goes.


def test_each_goes_where_least_waits(app: gp.Replicas, first: HeldApp, second: HeldApp) -> None:
    job = app.hold.submit("started")
    wait_until(lambda: job.status.stage == "running")
    busy, idle = (first, second) if first.joined else (second, first)
    other = app.hold.submit("started")
    wait_until(lambda: other.event_id)
    assert (len(busy.joined), len(idle.joined)) == (1, 1)
    for each in (job, other):
        each.cancel()
    wait_until(lambda: len(first.cancelled) == len(second.cancelled) == 1)


def test_a_queue_of_others_counts(app: gp.Replicas, first: HeldApp, second: HeldApp) -> None:
    """Four wait there, as it says; so three more calls go to the other one."""
    job = app.hold.submit("queued")
    wait_until(lambda: job.status.queue_size == 4)
    busy, idle = (first, second) if first.joined else (second, first)
    jobs = [app.hold.submit("started") for _ in range(3)]
    wait_until(lambda: len(idle.joined) == 3)
    assert len(busy.joined) == 1
    for each in (job, *jobs):
        each.cancel()


def test_a_map_has_as_many_calls_as_all_take(first: HeldApp, second: HeldApp) -> None:
    with gp.replicas(first.url, second.url, streams=3) as app:
        results = app.hold.map(["started"] * 20, errors="keep")
        thread = threading.Thread(target=next, args=(results,))
        thread.start()
        wait_until(lambda: len(first.joined) == len(second.joined) == 3)
        app.close()
        thread.join()
    assert len(first.joined) == len(second.joined) == 3


# Giving up.


def test_cancelling_is_told_to_the_one_that_has_it(
    app: gp.Replicas, first: HeldApp, second: HeldApp
) -> None:
    with Down(first):
        job = app.hold.submit("started")
        wait_until(lambda: job.status.stage == "running")
        assert job.event_id
    assert job.cancel()
    wait_until(lambda: second.cancelled)
    with pytest.raises(gp.JobCancelled):
        job.result()
    assert not any(each.load.under_way for each in engine_of(app).replicas)


def test_cancelling_one_that_waits(app: gp.Replicas, first: HeldApp, second: HeldApp) -> None:
    def hold(exchange: Exchange) -> None:
        first.hold(exchange)

    with Down(first, hold), Down(second, hold):
        job = app.hold.submit("finished")
        wait_until(lambda: len(first.paths()) > 2 or len(second.paths()) > 2)
        assert job.cancel()
        with pytest.raises(gp.JobCancelled):
            job.result()
        app.close()


def test_call_timeout_is_of_all_addresses(first: HeldApp, second: HeldApp) -> None:
    with gp.replicas(first.url, second.url, call_timeout=0.3) as app, Down(first):
        job = app.hold.submit("started")
        with pytest.raises(gp.Timeout) as caught:
            job.result(20)
        assert caught.value.limit == "call_timeout"
        wait_until(lambda: second.cancelled)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_a_fork(app: gp.Replicas) -> None:
    """The child has connections of its own; the calls are the parent's."""
    job = app.hold.submit("started")
    wait_until(lambda: job.status.stage == "running")
    child = os.fork()
    if not child:
        try:
            good = isinstance(job.exception(5), gp.ConnectionLost)
            good &= not any(each.load.under_way for each in engine_of(app).replicas)
            good &= app.hold("finished") == "done"
            os._exit(0 if good else 1)
        finally:
            os._exit(2)
    assert os.waitpid(child, 0)[1] == 0
    assert not job.done()
    job.cancel()


# Secrets.


def test_a_password_in_an_address_is_for_that_alone(first: HeldApp, second: HeldApp) -> None:
    """What is passed as an option is for all of them."""
    named = first.url.replace("://", "://user:geheim@")
    with Down(second):
        app = gp.replicas(named, second.url, headers={"X-Key": "k"})
    with app:
        wait_until(lambda: app.hold("finished") and second.joined and first.joined)
        assert "geheim" not in f"{app}{app!r}{app._repr_html_()}"
        assert b"geheim" not in pickle.dumps(app) + pickle.dumps(app.hold)
    assert all("Authorization" in request.headers for request in first.requests)
    assert not any("Authorization" in request.headers for request in second.requests)
    assert {r.headers["X-Key"] for web in (first, second) for r in web.requests} == {"k"}


# What is left behind.


def test_what_is_not_used_any_more_is_gone(first: HeldApp, second: HeldApp) -> None:
    """At once: nothing holds itself."""
    app = gp.replicas(first.url, second.url)
    with Down(first):
        assert [app.hold("finished") for _ in range(4)] == ["done"] * 4
        held = weakref.ref(engine_of(app))
        gc.collect()
        gc.disable()
        try:
            del app
            wait_until(lambda: held() is None)
        finally:
            gc.enable()
    assert gp.sessions() == []


def test_what_is_remembered_of_a_call_holds_no_description(app: gp.Replicas) -> None:
    """Each refresh may bring another one."""
    job = app.hold.submit("finished")
    wait_until(lambda: not job._record.request.app.endpoints)
    assert job.result() == "done"
    assert "hold(" in repr(job._record.request.text)


def test_an_error_that_is_kept_holds_nobody(
    app: gp.Replicas, first: HeldApp, second: HeldApp
) -> None:
    with Down(first), Down(second), pytest.raises(gp.ServerError):
        app.hold("finished")
    for each in engine_of(app).replicas:
        assert each.outage is not None
        assert each.outage.error.__traceback__ is None
        assert each.outage.error.__context__ is None


def test_ctrl_c_while_they_are_opened(first: HeldApp, second: HeldApp) -> None:
    """What was opened is closed, and nothing goes on."""

    def interrupt(exchange: Exchange) -> None:
        # To it, as it waits: else nothing wakes it up.
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
        second.hold(exchange)

    second.on("/config", interrupt)
    with pytest.raises(KeyboardInterrupt):
        gp.replicas(first.url, second.url)
    wait_until(lambda: not first.open_connections and not second.open_connections)
    assert gp.sessions() == []


def test_a_call_that_others_began_can_not_be_attached(app: gp.Replicas) -> None:
    with pytest.raises(gp.ProtocolError, match="Connect to that one alone"):
        app.jobs.attach("abc/0123", "/hold")


def test_an_address_is_left_alone_for_a_pause(
    first: HeldApp, second: HeldApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many calls come meanwhile."""
    monkeypatch.setattr(replica, "FIRST_PAUSE", 3600.0)
    with gp.replicas(first.url, second.url) as app, Down(first):
        jobs = [app.hold.submit("finished") for _ in range(10)]
        assert [job.result() for job in jobs] == ["done"] * 10
        assert f"{first.url}: left out" in str(app)
        before = len(first.requests)
        assert [app.hold("finished") for _ in range(10)] == ["done"] * 10
        assert len(first.requests) == before


def test_the_interpreter_ends(first: HeldApp, second: HeldApp) -> None:
    """While calls run, of which both addresses are told."""
    code = (
        "import sys, time, gradioproxy as gp\n"
        "app = gp.replicas(*sys.argv[1:])\n"
        "jobs = [app.hold.submit('started') for _ in range(2)]\n"
        "while any(job.status.stage != 'running' for job in jobs): time.sleep(0.01)"
    )
    subprocess.run([sys.executable, "-c", code, first.url, second.url], check=True, timeout=60)
    wait_until(lambda: len(first.cancelled) + len(second.cancelled) == 2)


def test_a_check_is_of_one_address(app: gp.Replicas, first: HeldApp, second: HeldApp) -> None:
    """And of one that takes calls."""
    with Down(first):
        assert list(app.hold.map(["finished"] * 2)) == ["done"] * 2
        curl = app.hold.check("finished").curl
    assert first.url not in curl
    assert second.url in curl
    app.close()
    with pytest.raises(gp.SessionClosed, match=r"gradioproxy\.replicas\('http"):
        app.hold.check("finished")
