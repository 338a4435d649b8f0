"""Calls over a network that breaks: what comes is right or an error that says what is known.

The faults are those of a proxy before real servers, whose apps write down what runs.
`test_faulty_schedules` draws them; here each is aimed.
"""

from __future__ import annotations

import hashlib
import inspect
import shutil
import socket
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from urllib3.connection import HTTPConnection

import gradioproxy as gp
from tests.support.faults import (
    Break,
    Drip,
    Drop,
    FaultProxy,
    Length,
    Refuse,
    Repeat,
    Respond,
    Rule,
)
from tests.support.faults.checking import (
    BOUND,
    TIMEOUT,
    Expected,
    check_call,
    check_error,
    check_no_threads,
    event_id_of,
    failure,
    in_parallel,
    new_run,
    outcome,
    through,
)
from tests.support.gradio.apps import runs
from tests.support.versions import release_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.faults.answering import Style
    from tests.support.faults.rules import Fault
    from tests.support.gradio import Server
    from tests.support.gradio.running import RunningServers

TESTED_VERSIONS = ("3.50.2", "4.0.2", "4.13.0", "4.44.1", "6.31.0")

WEBSOCKETS = pytest.mark.before("4.0", "from 4.0 on the queue speaks in event streams")
EVENTS = pytest.mark.since("4.0", "before 4.0 the queue speaks over websockets")
LONE_EVENTS = pytest.mark.before("4.9", "from 4.9 on the calls of a session share a stream")
SHARED_EVENTS = pytest.mark.since("4.9", "before 4.9 every call has a stream of its own")
EDITS = pytest.mark.since("4.17", "before 4.17 every partial result comes whole")
HEARTBEATS = pytest.mark.since("4.29", "before 4.29 there are no heartbeats of sessions")
POST = pytest.param("post", marks=EVENTS)

# Longer than any test waits: what ends within the bound ends for another reason.
FOREVER = 300


@pytest.fixture
def faulty(gradio: RunningServers, version: str) -> Server:
    """Give the app that writes down what runs."""
    return gradio(version, "faulty")


@pytest.fixture
def stateful(gradio: RunningServers, version: str) -> Server:
    """Give the same with a state."""
    return gradio(version, "faulty_state")


def stream_kind(app: gp.Session) -> str:
    """Return the kind of request that brings the news of a call."""
    return "socket" if app.protocol == "ws" else "stream"


@pytest.fixture(autouse=True)
def no_threads_of_closed_sessions() -> Iterator[None]:
    """Fail a test whose sessions, all of them closed, have a thread left."""
    yield
    check_no_threads()


# Nothing breaks.

WAYS = ("plain", "close", "http10", "chunked", "gzip")


def use_everything(app: gp.Session, folder: Path) -> None:
    """Make a call of each sort, and expect the right values."""
    run = new_run()
    assert app.tag(run) == runs.tagged(run)
    assert list(app.count.stream(run, 5, 0)) == list(runs.counted(run, 5))
    assert list(app.grow.stream(run, 5, 0)) == list(runs.grown(run, 5))
    assert list(app.grow_list.stream(run, 5, 0)) == list(runs.grown_list(run, 5))
    made = app.make_file(run)
    assert made.bytes() == Path(made).read_bytes() == runs.content_of(run)
    path = folder / "taken.bin"
    path.write_bytes(run.encode() * 1000)
    assert app.take_file(run, path) == hashlib.sha256(path.read_bytes()).hexdigest()
    names = [new_run() for _ in range(20)]
    assert list(app.slow_tag.map(names)) == [runs.tagged(name) for name in names]


@pytest.mark.parametrize("style", WAYS)
def test_everything_works_however_answers_end(faulty: Server, style: Style, tmp_path: Path) -> None:
    """Lengths, chunks, compression, connections for one answer, HTTP/1.0: all of it is read."""
    with through(faulty, style=style) as (_, app):
        use_everything(app, tmp_path)


def test_everything_works_byte_by_byte(faulty: Server, tmp_path: Path) -> None:
    """Answers that come in pieces of one byte are the same answers."""
    kinds = ("config", "info", "app_id", "post", "stream", "upload", "file")
    with FaultProxy(faulty.url, *(Rule(kind, Drip(), nth=None) for kind in kinds)) as proxy:
        with gp.connect(proxy.url) as app:
            use_everything(app, tmp_path)
        proxy.wait_until(lambda: proxy.open_connections == 0)


@pytest.mark.parametrize("style", WAYS)
def test_a_state_is_kept_however_answers_end(stateful: Server, style: Style) -> None:
    """The calls of a session that has a state see one session, and each runs once."""
    names = [new_run() for _ in range(3)]
    with through(stateful, style=style) as (_, app):
        assert [app.turn(name) for name in names] == [
            " ".join(names[: number + 1]) for number in range(3)
        ]


# The end of the connection is not the end of an answer.


def cuts(proxy: FaultProxy, kind: str) -> range:
    """Return the places at which the head of the last answer of a kind can be cut."""
    return range(len(proxy.of(kind)[-1].head))


def test_a_download_whose_head_is_cut_is_no_file(faulty: Server, tmp_path: Path) -> None:
    """Wherever the head ends: an error, and neither a short content nor a file."""
    run = new_run()
    with through(faulty, download_dir=tmp_path) as (proxy, app):
        file = app.make_file(run)
        assert file.bytes() == runs.content_of(run)
        wrong = []
        for cut in cuts(proxy, "file"):
            proxy.aim(Rule("file", Break("head", cut), nth=None))
            read, kept = outcome(file.bytes), outcome(lambda file=file: Path(file).read_bytes())
            wrong += [(cut, o) for o in (read, kept) if not isinstance(o, gp.GradioProxyError)]
            if not isinstance(kept, gp.GradioProxyError):
                file = app.make_file(run)
        assert wrong == []
        assert list(tmp_path.iterdir()) == []
        proxy.calm()
        assert Path(file).read_bytes() == runs.content_of(run)


@pytest.mark.parametrize("how", ["fin", "rst", "end"])
@pytest.mark.parametrize("style", ["plain", "close", "chunked", "gzip"])
def test_a_download_whose_body_is_cut_is_no_file(
    faulty: Server, style: Style, how: Any, tmp_path: Path
) -> None:
    """The same for the body, also for one that ends in good order and is shorter than it was."""
    run = new_run()
    with through(faulty, style=style, download_dir=tmp_path) as (proxy, app):
        file = app.make_file(run)
        assert file.bytes() == runs.content_of(run)
        proxy.wait_until(lambda: proxy.of("file")[-1].delivered)
        size = proxy.of("file")[-1].size
        if how == "end" and style != "gzip" and file.size is None:
            pytest.skip("nobody knows how long it should be")
        wrong = []
        for cut in (0, 1, 10, size // 2, size - 1, *([size] if how != "end" else [])):
            proxy.aim(Rule("file", Break("body", cut, how), nth=None))
            read, kept = outcome(file.bytes), outcome(lambda file=file: Path(file).read_bytes())
            wrong += [(cut, o) for o in (read, kept) if not isinstance(o, gp.GradioProxyError)]
            if not isinstance(kept, gp.GradioProxyError):
                file = app.make_file(run)
        assert [(cut, len(content)) for cut, content in wrong] == []
        assert list(tmp_path.iterdir()) == []
        proxy.calm()
        assert Path(file).read_bytes() == runs.content_of(run)


@EVENTS
def test_a_call_whose_answer_is_cut(faulty: Server) -> None:
    """Wherever the answer to the call's post ends: it ran, and the error says that it may have."""
    with through(faulty) as (proxy, app):
        app.tag(new_run())
        size = len(cuts(proxy, "post"))
        names = [new_run() for _ in range(size)]
        proxy.aim(*(Rule("post", Break("head", cut), nth=cut + 1) for cut in range(size)))
        results = list(app.tag.map(names, errors="keep"))
        for name, result in zip(names, results, strict=True):
            if isinstance(result, Exception):
                check_error(proxy, name, result)
            else:
                assert result == runs.tagged(name)
        proxy.calm()
        assert app.tag(names[0]) == runs.tagged(names[0])


@pytest.mark.parametrize("kind", ["upload", "app_id"])
def test_what_comes_before_a_call_is_cut(faulty: Server, kind: str, tmp_path: Path) -> None:
    """The answer to an upload or to the check: nothing was sent, and the error says so."""
    path = tmp_path / "a.bin"
    path.write_bytes(b"content")
    digest = hashlib.sha256(b"content").hexdigest()
    with through(faulty) as (proxy, app):
        app.take_file(new_run(), path)
        path.write_bytes(b"another")
        digest = hashlib.sha256(b"another").hexdigest()
        for cut in cuts(proxy, kind):
            run, broken = new_run(), proxy.broken
            proxy.aim(Rule(kind, Break("head", cut), nth=None))
            proxy.end_idle()  # what is asked over each connection is asked again
            result = outcome(app.take_file, run, path)
            assert proxy.broken > broken
            if result != digest:
                check_error(proxy, run, result)
                assert not proxy.about(run)
        proxy.calm()
        assert app.take_file(new_run(), path) == digest


@pytest.mark.parametrize("kind", ["config", "info"])
def test_a_description_that_is_cut(faulty: Server, kind: str) -> None:
    """It is an error, or the description is found elsewhere; never a poorer one."""
    with FaultProxy(faulty.url) as proxy:
        with gp.connect(proxy.url) as app:
            whole = {name: str(inspect.signature(f)) for name, f in app.functions.items()}
        wrong = []
        for cut in cuts(proxy, kind):
            proxy.aim(Rule(kind, Break("head", cut), nth=None))
            found = outcome(gp.connect, proxy.url, timeout=TIMEOUT)
            if isinstance(found, gp.Session):
                with found as app:
                    seen = {name: str(inspect.signature(f)) for name, f in app.functions.items()}
                wrong += [] if seen == whole else [(cut, seen)]
            elif not isinstance(found, gp.GradioProxyError):
                wrong.append((cut, found))
        assert wrong == []
        proxy.wait_until(lambda: proxy.open_connections == 0)


@pytest.mark.parametrize("style", ["plain", "chunked", "gzip"])
@pytest.mark.parametrize("kind", ["config", "info", "app_id", "upload", POST])
def test_other_bodies_that_are_cut(faulty: Server, kind: str, style: Style, tmp_path: Path) -> None:
    """Half of an answer is none, however its end is marked; and nothing says that nothing ran."""
    path = tmp_path / "a.bin"
    path.write_bytes(kind.encode())
    faults = [Break("body", cut, "fin") for cut in (0, 15, 10**6)]
    faults += [Break("body", cut, "end") for cut in (0, 15)]
    in_parallel(connect_and_take, *((faulty, kind, fault, style, path) for fault in faults))


def connect_and_take(server: Server, kind: str, fault: Break, style: Style, path: Path) -> None:
    """Connect and make a call while all answers of a kind are broken; it is right or an error."""
    run = new_run()
    with FaultProxy(server.url, Rule(kind, fault, nth=None), style=style) as proxy:
        result = outcome(_take, proxy.url, run, path)
        proxy.wait_until(lambda: proxy.broken > 0)
        if kind in {"config", "info"} and isinstance(result, gp.GradioProxyError):
            return
        if result != hashlib.sha256(path.read_bytes()).hexdigest():
            check_error(proxy, run, result)


def _take(url: str, run: str, path: Path) -> Any:
    with gp.connect(url, timeout=TIMEOUT) as app:
        return app.take_file(run, path)


@pytest.mark.parametrize("by", [1, 1000])
@pytest.mark.parametrize("kind", ["app_id", "upload", "file", POST])
def test_an_answer_that_is_shorter_than_announced(
    faulty: Server, kind: str, by: int, tmp_path: Path
) -> None:
    """A length that is not reached is no answer."""
    path = tmp_path / "a.bin"
    path.write_bytes(b"content")
    with through(faulty, Rule(kind, Length(by), nth=None), download_dir=tmp_path) as (proxy, app):
        run = new_run()
        if kind == "file":
            file = app.make_file(run)
            assert isinstance(outcome(file.bytes), gp.ConnectionLost)
            assert isinstance(outcome(str, file), gp.ConnectionLost)
            return
        result = outcome(app.take_file, run, path)
        proxy.wait_until(lambda: proxy.broken > 0)
        if result != hashlib.sha256(b"content").hexdigest():
            check_error(proxy, run, result)


@pytest.mark.parametrize("kind", ["app_id", "upload", "file", POST])
def test_an_answer_that_is_longer_than_announced(faulty: Server, kind: str, tmp_path: Path) -> None:
    """A part of an answer is none, and what is left of it is not the next one's beginning."""
    path = tmp_path / "a.bin"
    path.write_bytes(b"content")
    digest = hashlib.sha256(b"content").hexdigest()
    with through(faulty) as (proxy, app):
        made, run = new_run(), new_run()
        file = app.make_file(made)
        proxy.aim(Rule(kind, Length(-2), nth=None))
        proxy.end_idle()
        if kind == "file":
            content = outcome(file.bytes)
            known = isinstance(content, gp.GradioProxyError) or content == runs.content_of(made)
            assert known or file.size is None
        else:
            result = outcome(app.take_file, run, path)
            proxy.wait_until(lambda: proxy.broken > 0)
            if result != digest:
                check_error(proxy, run, result)
        proxy.calm()
        proxy.end_idle()  # as it ends a connection after such an answer, but perhaps not yet
        assert app.take_file(new_run(), path) == digest
        assert file.bytes() == runs.content_of(made)


# A stream of events that ends.

BEFORE_HOLD = 5
"""Messages that come before a generator waits behind its third value: of waiting, of the start."""


def patience_with(fault: Break) -> float:
    """Return a ``timeout``: ample, but where something is waited for that never comes."""
    return 2 if fault.hold else 30


def end_in_mid_stream(server: Server, function: str, fault: Break, style: Style = "plain") -> None:
    """Make a call whose stream ends while the app works on; it is right, or lost at once."""
    expected = Expected(function, new_run(), 8)
    with (
        FaultProxy(server.url, style=style) as proxy,
        gp.connect(proxy.url, timeout=patience_with(fault)) as app,
    ):
        proxy.aim(Rule(stream_kind(app), fault))
        job = expected.submit(app, hold=3)
        job.add_done_callback(proxy.wake)
        if fault.after <= BEFORE_HOLD:
            proxy.wait_until(lambda: proxy.broken > 0 or job.done())
        runs.let_go(server.folder, expected.run)
        check_call(proxy, job, expected)


@pytest.mark.parametrize("hold", [False, True])
@pytest.mark.parametrize("function", ["held_tag", "count", "grow", "grow_list"])
def test_a_stream_that_ends_in_good_order(faulty: Server, function: str, hold: bool) -> None:
    """Behind each message, and while the server still has the old stream: right, or lost.

    Nothing is missing, nothing comes twice, no edit is applied to another value than its own, and
    nobody waits for what went into the old stream.
    """
    faults = [
        Break("message", after, "end", hold=hold)
        for after in range(3 if function == "held_tag" else 9)
    ]
    in_parallel(end_in_mid_stream, *((faulty, function, fault) for fault in faults))


@EVENTS
@pytest.mark.parametrize("function", ["held_tag", "count", "grow", "grow_list"])
def test_a_stream_whose_end_is_that_of_the_connection(faulty: Server, function: str) -> None:
    """The same behind a proxy of HTTP/1.0, where nothing else marks the end."""
    faults = [Break("message", after, "end", hold=True) for after in (0, 2, 4, 6)]
    del faults[2 if function == "held_tag" else 4 :]
    in_parallel(end_in_mid_stream, *((faulty, function, fault, "http10") for fault in faults))


@pytest.mark.parametrize("how", ["fin", "rst"])
@pytest.mark.parametrize("function", ["held_tag", "count", "grow", "grow_list"])
def test_a_stream_that_breaks(faulty: Server, function: str, how: Any) -> None:
    """The same for one that breaks."""
    faults = [Break("message", after, how) for after in range(3 if function == "held_tag" else 9)]
    in_parallel(end_in_mid_stream, *((faulty, function, fault) for fault in faults))


@pytest.mark.since("4.31", "before 4.31 nobody knows whether a server still holds a stream")
@pytest.mark.parametrize("app_name", ["faulty", "faulty_state"])
def test_a_stream_that_a_hop_holds_gets_nothing_of_the_next_calls(
    gradio: RunningServers, version: str, app_name: str
) -> None:
    """The server takes it for one that is read, as long as it knows of a call for it."""
    server = gradio(version, app_name)
    fault = Break("message", 3, "end", hold=True)
    with through(server, Rule("stream", fault, nth=1)) as (_, app):
        lost = new_run()
        job = app.count.submit(lost, 9, 1)
        assert isinstance(job.exception(BOUND), gp.ConnectionLost)
        for _ in range(3):
            run = new_run()
            assert list(app.count.stream(run, 20, 0)) == list(runs.counted(run, 20))
        runs.let_go(server.folder, lost)


@SHARED_EVENTS
@pytest.mark.parametrize("hold", [False, True])
@pytest.mark.parametrize("after", [0, 1, 4, 8, 12])
def test_calls_that_share_a_stream_that_ends(stateful: Server, after: int, hold: bool) -> None:
    """All of its calls are right or lost, and the session goes on."""
    wanted = [Expected(name, new_run(), 8) for name in ("count", "grow", "grow_list", "held_tag")]
    fault = Break("message", after, "end", hold=hold)
    with through(stateful, Rule("stream", fault), timeout=patience_with(fault)) as (proxy, app):
        jobs = [expected.submit(app, hold=3) for expected in wanted]
        proxy.wait_until(lambda: proxy.broken > 0)
        for expected in wanted:
            runs.let_go(stateful.folder, expected.run)
        for job, expected in zip(jobs, wanted, strict=True):
            check_call(proxy, job, expected, alone=False)
        proxy.calm()
        # Gradio 6 takes ten seconds to let go of the stream, wherever it ended.
        if after == 4 or release_of(stateful.version) < (6,):
            run = new_run()
            assert app.turn(run).split()[-1] == run


@SHARED_EVENTS
@pytest.mark.parametrize("at", ["request", "head"])
def test_a_stream_that_breaks_while_a_call_is_posted(stateful: Server, at: Any) -> None:
    """Whoever's post is on its way may run, whatever becomes of the stream of the session."""
    first, second = Expected("count", new_run(), 8), Expected("tag", new_run())
    rules = Rule("stream", Break("message", 6)), Rule("post", Break(at, 0, "stall"), nth=2)
    with through(stateful, *rules) as (proxy, app):
        running = first.submit(app, hold=3)
        values = iter(running)
        for value in first.values[:3]:
            assert next(values) == value
        posted = second.submit(app)
        proxy.wait_until(lambda: len(proxy.about(second.run)) == 1 and proxy.broken == 1)
        runs.let_go(stateful.folder, first.run)
        check_call(proxy, running, first, alone=False)
        error = failure(posted)
        check_error(proxy, second.run, error, alone=False)
        assert error.may_have_run is True


@EDITS
@pytest.mark.parametrize("fault", [Drop(1, "process_generating"), Repeat(1, "process_generating")])
@pytest.mark.parametrize("function", ["grow", "grow_list"])
def test_edits_without_their_base_are_no_values(
    faulty: Server, function: str, fault: Fault
) -> None:
    """When the first partial value is missing, or comes twice, nobody is given edits."""
    expected = Expected(function, new_run(), 8)
    with through(faulty, Rule("stream", fault)) as (_, app):
        job = expected.submit(app)
        error = failure(job)
        assert error is None or isinstance(error, gp.GradioProxyError)
        assert [value for value in job.outputs if value not in expected.values] == []


REFUSALS = [(status, after) for status in (429, 500, 502, 503, 504) for after in (None, 7)]


@SHARED_EVENTS
def test_an_error_instead_of_events(faulty: Server) -> None:
    """The call was taken before: it may have run, and its name is known."""
    in_parallel(_be_refused_events, *((faulty, *refusal) for refusal in REFUSALS))


def _be_refused_events(server: Server, status: int, retry_after: int | None) -> None:
    run = new_run()
    with through(server, Rule("stream", Respond(status, retry_after), nth=None)) as (proxy, app):
        error = failure(app.tag.submit(run))
        check_error(proxy, run, error)
        assert (error.may_have_run, getattr(error, "status", status)) == (True, status)
        proxy.wait_until(lambda: proxy.about(run)[0].delivered)
        assert error.event_id == event_id_of(proxy.about(run)[0])
        assert getattr(error, "retry_after", None) == retry_after
        proxy.calm()
        assert app.tag(run) == runs.tagged(run)


@EVENTS
@LONE_EVENTS
def test_an_error_instead_of_the_events_of_one_call(faulty: Server) -> None:
    """Where the stream comes first, nothing was sent."""
    in_parallel(_be_refused, *((faulty, "stream", *refusal) for refusal in REFUSALS))


@WEBSOCKETS
def test_an_error_instead_of_a_websocket(faulty: Server) -> None:
    """Nothing was sent over a websocket that never was."""
    in_parallel(_be_refused, *((faulty, "socket", *refusal) for refusal in REFUSALS))


def _be_refused(server: Server, kind: str, status: int, retry_after: int | None) -> None:
    run = new_run()
    with through(server, Rule(kind, Respond(status, retry_after), nth=None)) as (proxy, app):
        error = failure(app.tag.submit(run))
        check_error(proxy, run, error)
        assert error.may_have_run is False
        assert getattr(error, "retry_after", None) == retry_after
        proxy.calm()
        assert app.tag(run) == runs.tagged(run)


@EVENTS
def test_an_error_instead_of_the_answer_to_a_call(faulty: Server) -> None:
    """Of a proxy that has passed the call on, or has not; the client can't know which."""
    statuses = (500, 502, 503, 504)
    cases = [(status, forward) for status in statuses for forward in (False, True)]
    in_parallel(_be_refused_an_answer, *((faulty, *case) for case in cases))


def _be_refused_an_answer(server: Server, status: int, forward: bool) -> None:
    run = new_run()
    with through(server, Rule("post", Respond(status, 7, forward=forward))) as (proxy, app):
        error = failure(app.tag.submit(run))
        check_error(proxy, run, error)
        assert error.status == status
        assert error.retry_after == 7
        assert app.tag(new_run())


def test_nobody_listens(faulty: Server) -> None:
    """A server that was there and is not any more: nothing is sent, and then all is well again."""
    with through(faulty) as (proxy, app):
        app.tag(new_run())
        proxy.aim(Rule("connection", Refuse(deaf=True)))
        proxy.end_idle()
        run = new_run()
        check_error(proxy, run, outcome(app.tag, run))  # was reset, and may have said anything
        proxy.wait_until(lambda: proxy.deaf)
        error = outcome(app.tag, run)
        assert isinstance(error, gp.ConnectError)
        assert error.may_have_run is False
        proxy.calm()
        assert app.tag(run) == runs.tagged(run)


# RunningServers that want to be asked later.


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("kind", ["app_id", "upload", "file", POST])
def test_when_to_ask_again_is_told(faulty: Server, kind: str, status: int, tmp_path: Path) -> None:
    """Whichever answer says it, the error has it; and where nothing ran, it says that too."""
    path = tmp_path / "a.bin"
    path.write_bytes(b"content")
    run = new_run()
    with through(faulty) as (proxy, app):
        file = app.make_file(new_run())
        proxy.aim(Rule(kind, Respond(status, 7), nth=None))
        proxy.end_idle()
        if kind == "file":
            assert outcome(file.bytes).retry_after == 7
            assert outcome(str, file).retry_after == 7
            return
        result = outcome(app.take_file, run, path)
        proxy.wait_until(lambda: proxy.broken > 0)
        if kind == "app_id" and not isinstance(result, Exception):
            return  # it can do without
        check_error(proxy, run, result)
        assert result.retry_after == 7
        assert result.may_have_run is False or (kind, status) == ("post", 503)


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("kinds", [("config",), ("config", "page"), ("info",)])
def test_when_to_connect_again_is_told(faulty: Server, kinds: tuple[str, ...], status: int) -> None:
    """An app that is not described for now is an error that has it, or is described elsewhere."""
    with FaultProxy(faulty.url) as proxy:
        with gp.connect(proxy.url) as app:
            whole = {name: str(inspect.signature(f)) for name, f in app.functions.items()}
        proxy.aim(*(Rule(kind, Respond(status, 7), nth=None) for kind in kinds))
        result = outcome(gp.connect, proxy.url)
        if isinstance(result, gp.Session):
            assert kinds != ("config", "page")
            with result as app:
                seen = {name: str(inspect.signature(f)) for name, f in app.functions.items()}
            assert seen == whole
        else:
            assert isinstance(result, gp.GradioProxyError)
            assert result.retry_after == 7  # type: ignore[attr-defined]


# The check that comes before.


CHECK_FAULTS = (
    Break("request", how="fin"),
    Break("request", how="rst"),
    Break("head", 0, "rst"),
    Break("head", 30, "fin"),
    Break("body", 3, "fin"),
)


@pytest.mark.parametrize("fault", CHECK_FAULTS)
def test_a_check_that_fails_is_repeated(faulty: Server, fault: Break) -> None:
    """Asking who is there has no effect, so one lost answer harms no call."""
    run = new_run()
    with through(faulty, Rule("app_id", fault), timeout=2) as (proxy, app):
        assert app.tag(run) == runs.tagged(run)
        assert len(proxy.of("app_id")) > 1
        assert len(proxy.about(run)) == 1


@pytest.mark.parametrize(
    "fault", [*CHECK_FAULTS, Break("head", 0, "stall"), Respond(502), Respond(429, 7)]
)
def test_a_check_that_always_fails_sends_nothing(faulty: Server, fault: Fault) -> None:
    """The call was not sent, and its error says so; the next one has a clean network."""
    run = new_run()
    with through(faulty, Rule("app_id", fault, nth=None), timeout=2) as (proxy, app):
        result = outcome(app.tag, run)
        if isinstance(fault, Respond) and result == runs.tagged(run):
            return  # who is there does not tell, and can do so
        check_error(proxy, run, result)
        assert proxy.about(run) == []
        assert result.may_have_run is False
        proxy.calm()
        assert app.tag(run) == runs.tagged(run)


# What stalls can be given up.

SWALLOWED = Break("request", how="stall")
SILENT = Break("head", 0, "stall")
IN_HEAD = Break("head", 20, "stall")
IN_BODY = Break("body", 1, "stall")
IN_STREAM = Break("message", 0, "stall")
IN_FORM = Break("sending", 1000, "stall")

STALLS: dict[str, list[Break]] = {
    "stream": [SWALLOWED, SILENT, IN_HEAD],
    "post": [SWALLOWED, SILENT, IN_HEAD, IN_BODY],
    "socket": [SWALLOWED, SILENT, IN_HEAD, IN_STREAM],
    "app_id": [SWALLOWED, IN_HEAD, IN_BODY],
    "upload": [SWALLOWED, IN_HEAD, IN_BODY],
}
MARKS = {"stream": (EVENTS,), "post": (EVENTS,), "socket": (WEBSOCKETS,)}


@pytest.fixture
def little_buffers() -> Iterator[None]:
    """Let the system take little of a client ahead: a large upload stalls within its first block.

    It is known to have stalled, then, when the proxy has stopped to read it.
    """
    options = HTTPConnection.default_socket_options
    options.append((socket.SOL_SOCKET, socket.SO_SNDBUF, 4096))
    yield
    options.pop()


def stalled_call(proxy: FaultProxy, app: gp.Session, kind: str, folder: Path) -> gp.Job[Any]:
    """Begin a call, and return it when it has met with the fault."""
    run = new_run()
    path = folder / f"{run}.bin"
    path.write_bytes(bytes(2 << 20))
    job: gp.Job[Any]
    job = app.take_file.submit(run, path) if kind == "upload" else app.tag.submit(run)
    proxy.wait_until(lambda: proxy.broken > 0)
    return job


@pytest.mark.usefixtures("little_buffers")
@pytest.mark.parametrize(
    ("kind", "fault"),
    [
        pytest.param(kind, fault, marks=MARKS.get(kind, ()))
        for kind, faults in STALLS.items()
        for fault in faults
    ]
    # A stream whose server may still say what it cancelled; and a form that is not read.
    + [pytest.param("stream", IN_STREAM, marks=EVENTS), ("upload", IN_FORM)],
)
def test_close_ends_what_stalls(faulty: Server, kind: str, fault: Break, tmp_path: Path) -> None:
    """Whatever a call waits for, `close` ends the wait: no thread is left, and no connection."""
    with FaultProxy(faulty.url) as proxy:
        with gp.connect(proxy.url, timeout=FOREVER) as app:
            proxy.aim(Rule(kind, fault))
            job = stalled_call(proxy, app, kind, tmp_path)
        assert job.cancelled()
        check_no_threads()
        proxy.release()  # a connection that is full ends when it is read
        proxy.wait_until(lambda: proxy.open_connections == 0)


@pytest.mark.parametrize("kind", [pytest.param(kind, marks=MARKS.get(kind, ())) for kind in STALLS])
def test_cancel_ends_what_stalls(faulty: Server, kind: str, tmp_path: Path) -> None:
    """The same for `cancel`, after which the session goes on."""
    in_parallel(_cancel_what_stalls, *((faulty, kind, fault, tmp_path) for fault in STALLS[kind]))


def _cancel_what_stalls(server: Server, kind: str, fault: Break, folder: Path) -> None:
    with through(server, Rule(kind, fault), timeout=FOREVER) as (proxy, app):
        job = stalled_call(proxy, app, kind, folder)
        assert job.cancel()
        proxy.wait_until_left()
        proxy.calm()
        run = new_run()
        assert failure(app.tag.submit(run)) is None


@HEARTBEATS
@pytest.mark.parametrize("fault", [SWALLOWED, SILENT, IN_HEAD, IN_STREAM])
def test_close_ends_a_heartbeat_that_stalls(stateful: Server, fault: Break) -> None:
    """The heartbeat of a session is nothing that a call waits for, and `close` ends it."""
    run = new_run()
    with through(stateful, Rule("heartbeat", fault, nth=None), timeout=FOREVER) as (proxy, app):
        assert app.turn(run) == run
        proxy.wait_until(lambda: proxy.broken > 0)


@pytest.mark.parametrize("fault", [SWALLOWED, SILENT, IN_HEAD, IN_BODY])
def test_close_ends_a_download_that_stalls(faulty: Server, fault: Break, tmp_path: Path) -> None:
    """Whoever waits for a file is told, and nothing of it is left."""
    with FaultProxy(faulty.url) as proxy:
        with gp.connect(proxy.url, timeout=FOREVER, download_dir=tmp_path) as app:
            file = app.make_file(new_run())
            proxy.aim(Rule("file", fault))
            ended: list[Any] = []
            thread = threading.Thread(target=lambda: ended.append(outcome(str, file)), daemon=True)
            thread.start()
            proxy.wait_until(lambda: proxy.broken > 0)
        thread.join(BOUND)
        assert ended, "it still waits"
        assert isinstance(ended[0], gp.GradioProxyError)
        assert list(tmp_path.iterdir()) == []
        proxy.wait_until(lambda: proxy.open_connections == 0)


# A stream that stalls, and the calls after it.


@EVENTS
def test_a_stream_that_stalls_spoils_no_later_call(stateful: Server) -> None:
    """A stream's head is an answer like any other; the call is lost in time, and it alone."""
    faults = (SWALLOWED, SILENT, IN_HEAD)
    in_parallel(_call_after_a_stall, *((stateful, fault, None) for fault in faults))


@EVENTS
def test_a_call_that_took_too_long_spoils_no_later_call(stateful: Server) -> None:
    """The same where ``call_timeout`` ends the call: its stream is left, and is not the next's."""
    faults = (SWALLOWED, SILENT, IN_HEAD, IN_STREAM)
    in_parallel(_call_after_a_stall, *((stateful, fault, 1) for fault in faults))


def _call_after_a_stall(server: Server, fault: Break, call_timeout: float | None) -> None:
    with through(server, Rule("stream", fault), timeout=2) as (proxy, app):
        lost, run = new_run(), new_run()
        error = failure(app.turn.with_options(call_timeout=call_timeout).submit(lost))
        check_error(proxy, lost, error)
        if call_timeout:
            assert (type(error), error.limit) == (gp.Timeout, "call_timeout")
        proxy.wait_until(lambda: proxy.of("stream")[0].left)
        after = app.turn.submit(run)
        assert failure(after) is None
        assert after.result().split()[-1] == run


# A server that is slow for ever.


def test_an_answer_that_drips_has_a_limit(faulty: Server, tmp_path: Path) -> None:
    """``timeout`` is for an answer as a whole, not for the time between two of its bytes.

    The first bytes take four seconds, a quarter each; then the rest comes at once.
    """
    path = tmp_path / "a.bin"
    path.write_bytes(b"content")
    kinds = ["config", "app_id", "upload", "file"]
    kinds += ["post", "stream"] if faulty.release >= (4,) else []
    in_parallel(_wait_for_drops, *((faulty, kind, path) for kind in kinds))


def _wait_for_drops(server: Server, kind: str, path: Path) -> None:
    drip = Rule(kind, Drip(0.25, 16), nth=None)
    if kind == "config":
        with FaultProxy(server.url, drip) as proxy:
            assert isinstance(outcome(gp.connect, proxy.url, timeout=1), gp.Timeout)
        return
    with through(server, timeout=1) as (proxy, app):
        file = app.make_file(new_run())
        proxy.aim(drip)
        proxy.end_idle()
        run = new_run()
        error = outcome(file.bytes) if kind == "file" else outcome(app.take_file, run, path)
        assert isinstance(error, gp.Timeout)
        assert error.limit == "timeout"
        if kind != "file":
            check_error(proxy, run, error)


# Folders that are not there any more.


def test_a_folder_that_was_cleaned_away_comes_back(faulty: Server) -> None:
    """Cleaners of temporary files know nothing of a process that goes on."""
    with through(faulty) as (_, app):
        run = new_run()
        first, second = app.make_file(run), app.make_file(run)
        shutil.rmtree(Path(first).parents[1])
        assert Path(second).read_bytes() == runs.content_of(run)
        assert Path(first).read_bytes() == runs.content_of(run)
        shutil.rmtree(Path(first).parent)
        assert Path(first).read_bytes() == runs.content_of(run)


def test_a_folder_that_is_cleaned_away_during_a_download(faulty: Server) -> None:
    """The file is there all the same, or the error is one of ours."""
    with through(faulty) as (proxy, app):
        run = new_run()
        private = Path(app.make_file(run)).parents[1]
        file = app.make_file(run)
        proxy.aim(Rule("file", Break("body", 100, "stall")))
        ended: list[Any] = []
        thread = threading.Thread(target=lambda: ended.append(outcome(str, file)))
        thread.start()
        proxy.wait_until(lambda: proxy.broken > 0)
        shutil.rmtree(private)
        proxy.release()
        thread.join()
        if not isinstance(ended[0], gp.GradioProxyError):
            assert Path(ended[0]).read_bytes() == runs.content_of(run)
