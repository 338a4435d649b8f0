"""The jobs of a session as a list, and calls that were begun elsewhere among them.

What a real server does about these is tried in servers/test_attaching.py.
"""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

import gradioproxy as gp
from gradioproxy.calls.call import Begun
from gradioproxy.calls.history import JobHistory
from gradioproxy.client.jobs import Jobs
from gradioproxy.functions.caller import Caller
from tests.support.web_server import Reply, reply_json, serve_app

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradioproxy.options import JobsPolicy
    from tests.support.web_server import Exchange, Web

EVENTS = "text/event-stream"
SECONDS = 60


def remember(policy: JobsPolicy, *over: bool) -> Jobs:
    """Return the jobs of a session that has some, each of them over or not."""
    history = JobHistory(10, policy)
    for number, is_over in enumerate(over):
        history.add(cast("Any", f"job {number}"), cast("Any", SimpleNamespace(is_over=is_over)))
    connection: Any = SimpleNamespace(engine=SimpleNamespace(jobs=history))
    return Jobs(connection, cast("Any", None))


def test_fewer_are_kept_at_once() -> None:
    """The oldest that are finished go; those under way stay."""
    jobs = remember("forget", True, False, True, True)
    jobs.max_jobs = 1
    assert jobs.max_jobs == 1
    again = Jobs(jobs._connection, cast("Any", None))
    assert [str(job) for job in again] == ["job 1"]
    assert len(jobs) == 4


def test_other_policies_forget_nothing() -> None:
    jobs = remember("error", True, True)
    jobs.max_jobs = 0
    assert len(Jobs(jobs._connection, cast("Any", None))) == 2


@pytest.mark.parametrize("wrong", [-1, 1.5, "2", True, None])
def test_what_is_no_number_of_jobs(wrong: Any) -> None:
    jobs = remember("forget")
    with pytest.raises(ValueError, match="max_jobs is a number of jobs"):
        jobs.max_jobs = wrong


@pytest.mark.parametrize("wrong", [-1, 1.5, "2", True, None])
def test_connecting_checks_it_too(web: Web, wrong: Any) -> None:
    with pytest.raises(ValueError, match="max_jobs is a number of jobs"):
        gp.connect(web.url, max_jobs=wrong)


ATTACHING: dict[str, Callable[[gp.Session, Any], Any]] = {
    "job": lambda app, event_id: app.jobs.attach(event_id, "/echo"),
    "event": lambda app, event_id: gp.event(app, "/echo", event_id),
}


@pytest.mark.parametrize("how", ATTACHING)
@pytest.mark.parametrize(
    ("event_id", "kind", "match"),
    [
        (None, TypeError, "not NoneType: the call that it is from has no id"),
        (7, TypeError, "event_id is text, as send.* not int"),
        ("", ValueError, "event_id has no name"),
        ("hash/", ValueError, "event_id has no name"),
        ("a/b/c", ValueError, "session_hash has"),
    ],
)
def test_what_is_no_id(
    web: Web, how: str, event_id: Any, kind: type[Exception], match: str
) -> None:
    """It is said what one is, and nothing is sent."""
    serve_app(web, "echo")
    with gp.connect(web.url) as app:
        web.requests.clear()
        with pytest.raises(kind, match=match):
            ATTACHING[how](app, event_id)
        assert web.requests == []


def serve_result(web: Web, word: str) -> None:
    """Let an app have a call whose result is some word."""
    data = f'event: complete\ndata: ["{word}"]\n\n'
    web.on("/gradio_api/call/echo/e1", Reply(200, data.encode(), {"Content-Type": EVENTS}))


def follow(app: gp.Session, how: str) -> Any:
    """Return the result of a call that was begun elsewhere."""
    found = ATTACHING[how](app, "e1")
    if how == "job":
        return found.result(SECONDS)
    *_, last = found
    return last.data[0]


@pytest.mark.parametrize("how", ATTACHING)
def test_a_call_that_was_begun_at_the_server_that_is_there_now(web: Web, how: str) -> None:
    """It is asked who it is before a call is followed, and what it has if it is another one."""
    serve_app(web, "echo")
    serve_result(web, "x")
    with gp.connect(web.url) as app:
        web.requests.clear()
        assert follow(app, how) == "x"
        assert web.paths()[:2] == ["/gradio_api/app_id", "/gradio_api/call/echo/e1"]
        serve_app(web, "first", "echo", app_id=2)
        assert follow(app, how) == "x"
        assert app["/echo"].endpoint.function == 1
        serve_app(web, "first", app_id=3)
        web.requests.clear()
        with pytest.raises((gp.SchemaChanged, gp.UnknownEndpoint)) as raised:
            follow(app, how)
        assert raised.value.may_have_run is (how == "job")
        assert "/gradio_api/call/echo/e1" not in web.paths()


def test_a_call_that_a_restart_left_no_way_to_follow(web: Web) -> None:
    """It fails by that, and is not tried again and again."""
    serve_app(web, "echo")
    with gp.connect(web.url) as app:
        jobs = app.jobs
        serve_app(web, "echo", app_id=2, version="4.4.0", protocol="sse", api_prefix="")
        for path in ("/info", "/app_id"):
            web.on(path, web.script(f"/gradio_api{path}"))
        with pytest.raises(gp.ProtocolError, match="can't be followed by its id"):
            jobs.attach("e1", "/echo").result(SECONDS)


def test_an_endpoint_that_contradicts_itself(web: Web) -> None:
    """No call of it is followed, as none is made."""
    serve_app(web, "echo")
    with gp.connect(web.url) as app:
        engine = app.__connection__.engine
        odd = replace(app["/echo"].endpoint, contradiction="it has two minds")
        caller = Caller(app.functions.__maker__.settings, odd, "echo", ("text",), {})
        with pytest.raises(gp.SchemaError, match="it has two minds"):
            caller.follow(Begun("", "e1"))
        assert engine.jobs.list() == []


def test_a_call_that_is_followed_already(web: Web) -> None:
    """It is said at once which job it is; once that is over, the server has the word."""
    serve_app(web, "echo")

    def wait(exchange: Exchange) -> None:
        exchange.start(Content_Type=EVENTS)
        web.told.wait(SECONDS)
        exchange.chunk(b'event: complete\ndata: ["x"]\n\n')
        exchange.chunk(b"")

    web.on("/gradio_api/call/echo/e1", wait, Reply(404))
    with gp.connect(web.url) as app:
        job = app.jobs.attach("e1", "/echo")
        with pytest.raises(ValueError, match=r"follows the call already: <Job echo"):
            app.jobs.attach("e1", "/echo")
        assert app.jobs == [job]
        web.told.set()
        assert job.result(SECONDS) == "x"
        with pytest.raises(gp.ServerError):
            app.jobs.attach("e1", "/echo").result(SECONDS)


def test_no_representation_has_the_hash_of_a_session(web: Web) -> None:
    """Whoever has it has the session's state."""
    serve_app(web, "echo")
    web.on("/gradio_api/queue/join", reply_json({"event_id": "e1"}))
    with gp.connect(web.url) as app:
        event = gp.send(app, "/echo", ["x"], session_hash="one-of_mine")
        assert event.event_id == "one-of_mine/e1"
        assert repr(event) == "<Event e1 of /echo, pending>"


@pytest.mark.parametrize(
    "answer",
    [
        Reply(500, b"bad"),
        Reply(200, b"data: ", {"Content-Type": EVENTS, "Content-Encoding": "gzip"}),
        Reply(200, b"data: ", {"Content-Type": EVENTS, "Content-Encoding": "br"}),
    ],
)
def test_no_error_has_the_hash_of_a_session(web: Web, answer: Reply) -> None:
    """Though the stream that broke has it in its query."""
    serve_app(web, "echo")
    web.on("/gradio_api/queue/join", reply_json({"event_id": "e1"}))
    web.on("/gradio_api/queue/data", answer)
    with gp.connect(web.url, session_hash="one-of_mine") as app:
        error = app.echo.submit("x").exception(SECONDS)
        assert isinstance(error, gp.GradioProxyError)
        assert "/gradio_api/queue/data" in str(error)
        assert "one-of_mine" not in f"{error!r} {error.report} {getattr(error, 'url', '')}"
