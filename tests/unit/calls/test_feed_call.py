"""Calls that are fed, without a server: which chunks are brought, by whom, and what is told."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, cast

import pytest

from gradioproxy.calls import feed_call
from gradioproxy.calls.feed_call import FeedCall, FeedRecord
from gradioproxy.calls.job import Job
from gradioproxy.errors import ProtocolError, SchemaChanged, Timeout
from gradioproxy.files.call_files import CallFiles
from gradioproxy.files.payload import Payload
from gradioproxy.protocols.events import Completed
from gradioproxy.schema.parse import parse_app
from tests.support.interrupting import interrupt_everywhere
from tests.support.scripted_peer import FirstValue, Runtime, request_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradioproxy.protocols.machine import Step
    from gradioproxy.schema.endpoint import App

WAIT = 60


class Engine(Runtime):
    """Keeps what is to be brought, and what came to the conversation.

    Attributes:
        tasks: What is to be run on a thread of the engine's.
        sent: The chunks that came to the conversation.
        error: What comes of giving them to it.
    """

    def __init__(self) -> None:
        super().__init__()
        self.uploader = None
        self.tasks: list[Callable[[], None]] = []
        self.sent: list[Any] = []
        self.error: BaseException | None = None
        self.calls: dict[int, Any] = {}
        self.interrupted = False

    def feed(self, task: Callable[[], None]) -> None:
        """Keep a task; Ctrl-C can come before."""
        if self.interrupted:
            self.interrupted = False
            raise KeyboardInterrupt
        self.tasks.append(task)

    def act(self, record: Any, act: Any) -> None:
        """Give a chunk to the conversation."""
        del record
        if self.error is not None:
            raise self.error
        act(self, 1)

    def do(self, act: Callable[[Any], list[Step]]) -> list[Step]:
        """Let the machine do something, as a lane does."""
        return act(self)

    def send_chunk(self, number: int, data: Any) -> list[Step]:
        """Take a chunk, as a machine does."""
        assert number == 1
        self.sent.append(data)
        return []

    def run(self) -> None:
        """Run what is to be run."""
        while self.tasks:
            self.tasks.pop(0)()


class Fed:
    """A call that is fed."""

    def __init__(self) -> None:
        self.engine = Engine()
        request = request_of()
        files = CallFiles(cast("Any", None), "", None, lambda task: task())
        self.record = FeedRecord(request, self.engine, cast("Any", FirstValue()), files)
        self.job: Job[Any] = Job(self.record)
        self.call = FeedCall(self.record, cast("Any", self.engine), Payload([], ()))
        self.engine.calls[1] = self.call

    def name(self) -> None:
        """Let the server name the call."""
        self.record.set_event_id("e")
        self.record.run_effects()

    def put(self, *values: Any) -> None:
        """Send chunks."""
        for value in values:
            assert self.call.put(Payload([value], ()))

    def complete(self) -> None:
        """Let the app end the run."""
        self.engine.calls.clear()
        self.record.handle(Completed(("last",)))
        self.record.run_effects()


@pytest.fixture
def fed() -> Fed:
    return Fed()


def test_chunks_wait_for_the_name_of_the_call(fed: Fed) -> None:
    """Then they come in order, and nobody asks for a thread with a lock of the lane's."""
    fed.put("a", "b")
    fed.record.set_event_id("e")
    assert fed.engine.tasks == []
    fed.record.run_effects()
    fed.engine.run()
    fed.put("c")
    fed.call.finish()
    fed.engine.run()
    assert fed.engine.sent == [["a"], ["b"], ["c"], None]
    assert fed.call.taken == 4


@pytest.mark.parametrize("where", ["here", "on its way", "late"])
def test_a_chunk_that_did_not_arrive_is_told_of(
    fed: Fed, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The app ends the run while it waits here, goes up, or just before it is handed over."""
    fed.name()
    fed.put("a")
    if where == "here":
        fed.complete()
    elif where == "on its way":
        monkeypatch.setattr(feed_call, "bring_up", lambda *_: fed.complete())
        fed.engine.run()
    else:
        fed.engine.calls.clear()
        fed.engine.run()
        fed.complete()
    with pytest.raises(Timeout, match="did not take every chunk") as caught:
        fed.job.result(WAIT)
    assert caught.value.limit == "time_limit"
    assert not fed.call.put(Payload(["b"], ()))
    assert fed.engine.sent == []


def test_a_run_that_took_all_ends_well(fed: Fed) -> None:
    """And takes no more."""
    fed.name()
    fed.put("a")
    fed.engine.run()
    fed.complete()
    assert fed.job.result(WAIT) == "last"
    fed.call.finish()
    assert fed.engine.tasks == []


def test_no_chunk_comes_after_the_end(fed: Fed) -> None:
    """As where a handler of a signal closes the feed in the middle of sending."""
    fed.name()
    fed.call.finish()
    assert not fed.call.put(Payload(["a"], ()))
    fed.engine.run()
    fed.call.finish()
    assert fed.engine.tasks == []
    assert fed.engine.sent == [None]


def test_ctrl_c_while_a_thread_is_asked_for(fed: Fed) -> None:
    """The next chunk brings the one along that was left."""
    fed.name()
    fed.engine.interrupted = True
    with pytest.raises(KeyboardInterrupt):
        fed.put("a")
    fed.put("b")
    fed.engine.run()
    assert fed.engine.sent == [["a"], ["b"]]


def test_ctrl_c_anywhere_in_sending() -> None:
    """The chunk goes or does not, as a whole, and what comes next does."""
    calls: list[Fed] = []

    def send() -> None:
        calls.append(Fed())
        calls[-1].name()
        calls[-1].put("a")

    for where in interrupt_everywhere(send):
        fed = calls.pop() if calls else Fed()
        fed.name()
        fed.put("b")
        fed.call.finish()
        fed.engine.run()
        assert fed.engine.sent in ([["a"], ["b"], None], [["b"], None]), where
        assert fed.call.taken == len(fed.engine.sent), where
        fed.complete()
        assert fed.job.result(WAIT) == "last", where


def test_one_thread_brings_chunks(fed: Fed, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other has nothing to do."""
    fed.name()
    fed.put("a", "b")
    first, second = fed.engine.tasks

    def bring(_: object, __: object, payload: Payload) -> Any:
        second()
        return payload.data

    monkeypatch.setattr(feed_call, "bring_up", bring)
    first()
    assert fed.engine.sent == [["a"], ["b"]]


def test_a_defect_of_ours_leaves_nobody_waiting(fed: Fed) -> None:
    """In the conversation itself."""
    fed.name()
    fed.put("a")
    fed.engine.error = ZeroDivisionError("defect")
    fed.engine.run()
    with pytest.raises(ProtocolError, match="defect"):
        fed.job.result(WAIT)


def test_a_name_can_come_with_the_end(fed: Fed) -> None:
    """What brings chunks is gone by then."""
    fed.job.cancel()
    fed.name()
    assert fed.engine.tasks == []


def app_with(*, queue: bool) -> App:
    """Return an app whose function is made for a stream of inputs, past the queue or not."""
    ways = {"queue": queue, "connection": "stream", "types": {"generator": False}}
    function = {"api_name": "f0", "inputs": [1], "outputs": [1], **ways}
    components = [{"id": 1, "type": "textbox", "props": {}}]
    app = {"version": "5.50.0", "protocol": "sse_v3", "dependencies": [function]}
    return parse_app({**app, "components": components})


def test_another_app_may_take_no_stream_of_inputs(fed: Fed) -> None:
    """Though everything else about the function is the same."""
    before, after = app_with(queue=True), app_with(queue=False)
    endpoints = before.endpoints["/f0"], after.endpoints["/f0"]
    assert endpoints[0].is_compatible(endpoints[1])
    fed.call.app, fed.call.endpoint = before, endpoints[0]
    fed.call.retarget(before)
    with pytest.raises(SchemaChanged, match="takes no stream of inputs any more"):
        fed.call.retarget(after)
    assert (fed.call.app, fed.call.endpoint) == (before, endpoints[0])


class WatchedLock:
    """A lock that tells of threads which are about to take it."""

    def __init__(self, tell: Callable[[], None]) -> None:
        self._tell = tell
        self._lock = threading.RLock()

    def __enter__(self) -> None:
        self._tell()
        self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()


def test_two_waits_of_one_call(fed: Fed, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wait that ends while another begins leaves the other to whoever gives the call up."""
    wait_on = fed.record.wait_on
    is_at_end, has_moved, is_open, is_over = (threading.Event() for _ in range(4))

    def note_move() -> None:
        if threading.current_thread() is other:
            has_moved.set()

    def begin_another() -> None:
        is_at_end.wait(WAIT)
        with fed.call.waiting():
            has_moved.set()
            is_open.set()
            is_over.wait(WAIT)

    def hold(work: Any, *, patient: bool = False) -> None:
        if work is None and not is_at_end.is_set():
            is_at_end.set()
            has_moved.wait(WAIT)
        wait_on(work, patient=patient)

    other = threading.Thread(target=begin_another)
    other.start()
    monkeypatch.setattr(fed.call, "_lock", WatchedLock(note_move))
    monkeypatch.setattr(fed.record, "wait_on", hold)
    with fed.call.waiting():
        pass
    try:
        assert is_open.wait(WAIT)
        assert fed.record.work is not None
    finally:
        is_over.set()
        other.join(WAIT)
    assert fed.record.work is None
