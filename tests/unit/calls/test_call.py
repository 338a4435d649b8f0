"""A call that has ended says whether it may have run, and that stays true."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

import gradioproxy as gp
from gradioproxy.calls.call import Call
from gradioproxy.calls.failures import error_for
from gradioproxy.client.description import Description
from gradioproxy.client.inbox import Inbox
from gradioproxy.errors import ConnectionLost
from gradioproxy.files.payload import Payload
from gradioproxy.options import CallOptions
from gradioproxy.protocols.events import Lost
from gradioproxy.schema.endpoint import Target
from gradioproxy.schema.parse import parse_app
from gradioproxy.transport.in_flight import current_work, interruptible
from tests.support.processes import ends_well_in_child, needs_fork
from tests.support.rendering import CONFIG, part
from tests.support.schemas import endpoint
from tests.support.scripted_peer import request_of
from tests.support.web_server import Reply, Web, serve_app

if TYPE_CHECKING:
    from gradioproxy.calls.record import Seating
    from gradioproxy.schema.endpoint import App
    from gradioproxy.transport.in_flight import InFlight


APP = parse_app({"version": "6.31.0", "protocol": "sse_v3", "dependencies": []})


@pytest.fixture
def inbox() -> Inbox:
    return Inbox(request_of("f"))


def begin_post() -> InFlight:
    """Do what a connection does before a request goes out, up to the first byte of it."""
    with interruptible(effect=True) as post:
        post.begin_sending()
    return post


def test_what_was_not_sent_when_a_call_ends_is_not_sent_any_more(inbox: Inbox) -> None:
    """Its error has said that nothing ran: a post that is about to begin must not."""
    with interruptible() as work:
        inbox.wait_on(work)
        inbox.handle(Lost("the stream ended"))
        with pytest.raises(ConnectionLost) as raised:
            begin_post()
    assert raised.value.may_have_run is False
    assert inbox.error is not None
    assert inbox.error.may_have_run is False
    assert str(inbox.error) == (
        "The app stopped answering before f() (the stream ended). It did not run."
    )


@needs_fork
def test_a_forked_child_hears_no_more_of_a_call(inbox: Inbox) -> None:
    """Nor does it wait for news of it, or tell the server that it is given up."""
    inbox.take_seat(cast("Seating", None), 1)

    def check() -> None:
        assert inbox.next(60) is not None
        assert isinstance(inbox.error, ConnectionLost)
        assert "belongs to the process" in str(inbox.error)
        assert inbox.seat is None

    assert ends_well_in_child(check)
    assert not inbox.is_over


def test_what_begins_to_wait_after_a_call_has_ended_is_not_sent_either(inbox: Inbox) -> None:
    inbox.handle(Lost("the stream ended"))
    with interruptible() as work:
        inbox.wait_on(work)
        with pytest.raises(ConnectionLost):
            begin_post()
    assert inbox.begin_sending() is False
    assert inbox.was_sent is False


def test_what_was_sent_may_have_run_and_is_not_broken_off(inbox: Inbox) -> None:
    with interruptible() as work:
        inbox.wait_on(work)
        begin_post()
        inbox.handle(Lost("the stream ended"))
        assert work.interrupted is False
        inbox.wait_on(None)
    assert inbox.error is not None
    assert inbox.error.may_have_run is True
    assert inbox.was_sent is True
    assert current_work() is None


def test_requests_without_effect_do_not_count(inbox: Inbox) -> None:
    """A file that goes up makes nothing run."""
    with interruptible() as work:
        inbox.wait_on(work)
        with interruptible() as upload:
            upload.begin_sending()
        assert inbox.was_sent is False
        assert inbox.begin_sending() is True
        assert inbox.was_sent is True


@pytest.mark.parametrize("sent", [False, True])
def test_the_words_and_the_attribute_agree(sent: bool) -> None:
    error = error_for(Lost("it ended"), "f", sent=sent)
    assert error.may_have_run is sent
    assert ("It may have run" in str(error)) is sent
    assert ("It did not run" in str(error)) is not sent


def test_a_call_whose_time_nobody_can_watch_fails(
    web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The system has no thread to give; the session remembers a job that has ended."""
    serve_app(web, "f")
    start = threading.Thread.start

    def refuse(thread: threading.Thread) -> None:
        if thread.name == "gradioproxy-timer":
            raise RuntimeError("can't start new thread")
        start(thread)

    with gp.connect(web.url) as app:
        monkeypatch.setattr(threading.Thread, "start", refuse)
        job = app.with_options(call_timeout=60).f.submit("x")
        assert isinstance(job.exception(60), gp.ProtocolError)
        assert app.jobs == [job]


def test_under_which_hash_a_call_goes_is_known_when_it_is_begun(
    web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though it is still on its way when the session begins anew."""
    serve_app(web, "f")
    web.on("/gradio_api/queue/join", Reply(418))
    gate = threading.Event()
    with gp.connect(web.url, isolate=False) as app:
        engine = app.__connection__.engine
        monkeypatch.setattr(engine, "arrive", lambda: gate.wait(60))
        former, job = app.session_hash, app.f.submit("x")
        app.refresh(state=True)
        gate.set()
        job.exception(60)
        app.f.submit("y").exception(60)
        sent = [json.loads(each.body) for each in web.requests if each.path.endswith("join")]
        assert [each["session_hash"] for each in sent] == [former, app.session_hash]
        assert former != app.session_hash


def test_whose_event_it_is_after_a_restart() -> None:
    """A component's number may be another one then, unless the caller said which it is."""
    before, after = (endpoint(target=Target(number, "select", "")) for number in (7, 9))
    found = []
    for options in (CallOptions(event_data=1), CallOptions(event_data=1, trigger_id=7)):
        request = SimpleNamespace(app=APP, endpoint=before, options=options)
        record: Any = SimpleNamespace(request=request)
        call = Call(record, record, Payload([]))
        found.append(call.invocation.event.trigger_id)
        call.retarget(replace(APP, endpoints={after.name: after}))
        found.append(call.invocation.event.trigger_id)
    assert found == [7, 9, 7, 7]


def test_what_is_gone_says_why() -> None:
    """What was made for the session is not what a restart takes away."""
    description = Description(CONFIG, None, parse_app(CONFIG)).render(part(["say"]))
    again = description.render(part(["say"], first=40))
    said, own = (call_of(description.app, name) for name in ("/say", "/own"))
    for call in (said, own):
        call.retarget(again.app)
    assert [said.function, own.function] == [40, 1]
    with pytest.raises(gp.SchemaChanged, match="another one now, and /say is gone"):
        said.retarget(description.lasting_app)
    with pytest.raises(gp.SchemaChanged, match="The app was restarted, and /own is gone"):
        own.retarget(APP)


def call_of(app: App, name: str) -> Call:
    """Return a call of one of an app's functions, which was not begun."""
    found = app.find(name)
    assert found is not None
    request = replace(request_of(name), app=app, endpoint=found)
    return Call(Inbox(request), cast("Any", None), Payload([]))
