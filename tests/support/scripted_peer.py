"""A peer that stands where a transport stands, and does what a test tells it, when it tells it.

Rule: nothing here waits for a time to pass; who waits is woken by what it waits for.
"""

from __future__ import annotations

import functools
import json
import threading
import weakref
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from gradioproxy.calls.call import Begun, Call, Isolation
from gradioproxy.calls.engine import SENDING_THREADS
from gradioproxy.calls.hashes import SessionHashes
from gradioproxy.calls.heartbeat import Heartbeats
from gradioproxy.calls.job import Job
from gradioproxy.calls.job_record import JobRecord
from gradioproxy.calls.request import CallRequest
from gradioproxy.calls.scheduler import NOTICE_SECONDS, SETTLE_SECONDS, Scheduler
from gradioproxy.calls.workers import Workers
from gradioproxy.errors import AuthenticationError, ConnectionLost, Timeout
from gradioproxy.files.call_files import CallFiles
from gradioproxy.files.payload import Payload
from gradioproxy.limits import DEFAULT_LIMITS, Limits
from gradioproxy.options import CallOptions
from gradioproxy.protocols.machine import Post
from gradioproxy.protocols.sse_v1 import Multiplexed
from gradioproxy.schema.endpoint import Endpoint
from gradioproxy.schema.parse import parse_app
from gradioproxy.transport.credentials import Access
from gradioproxy.transport.in_flight import current_work
from gradioproxy.transport.requester import Requester
from gradioproxy.transport.response import Answer
from tests.support.machine_driver import Queue, message, talk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gradioproxy.calls.lane import Lane
    from gradioproxy.calls.record import CallRecord
    from gradioproxy.protocols.events import Event
    from gradioproxy.protocols.machine import Machine
    from gradioproxy.transport.http import Transport

SECONDS = 60
"""After this, something hangs that should not."""


class Runtime:
    """What runs the calls of jobs that run nowhere.

    Args:
        withdraw: What to do when a job is given up.
        run_callback: How to run the callbacks of users.
    """

    def __init__(
        self,
        withdraw: Callable[[CallRecord], object] = lambda _: None,
        run_callback: Callable[[Callable[[], None]], object] = lambda callback: callback(),
    ) -> None:
        self._withdraw = withdraw
        self._run_callback = run_callback

    def choose_machine(self, call: Call, session_hash: str, *, fresh: bool) -> Machine:
        """Return none: nothing is called."""
        raise NotImplementedError

    def shares_stream(self, call: Call) -> bool:
        """Return what is true of most: nothing is called."""
        del call
        return True

    def take_rendering(self, raw: Any, session_hash: str) -> None:
        """Do nothing."""

    def restart(self, call: Call) -> None:
        """Do nothing."""

    def withdraw(self, record: CallRecord) -> None:
        """Do what the test says."""
        self._withdraw(record)

    def forget(self, record: CallRecord) -> None:
        """Do nothing."""

    def run_callback(self, callback: Callable[[], None]) -> None:
        """Run it, by default here and now."""
        self._run_callback(callback)


class FirstValue:
    """A decoder whose results are the first of the values that come, if a test says nothing else.

    Args:
        decode: Makes a result of the values.
        check: Raises an error if they can be no result.
    """

    def __init__(
        self,
        decode: Callable[[tuple[Any, ...]], Any] = lambda data: data[0] if data else None,
        check: Callable[[tuple[Any, ...]], None] = lambda _: None,
    ) -> None:
        self._decode = decode
        self.check = check

    def decode(self, data: tuple[Any, ...], *, copy: bool = True) -> Any:
        """Make a result, as the test says."""
        del copy
        return self._decode(data)

    def updates(self, _: tuple[Any, ...]) -> tuple[None]:
        """Return that nothing was updated."""
        return (None,)


def request_of(
    name: str = "predict",
    function: int = 0,
    transport: Any = None,
    *,
    call_timeout: float | None = None,
    generator: bool | None = None,
    arguments: Any = None,
    limits: Limits = DEFAULT_LIMITS,
) -> CallRequest:
    """Return a request, as a function makes one."""
    endpoint = Endpoint(f"/f{function}", function, (), (), 1, 1, generator=generator)
    way = transport or SimpleNamespace(
        address=SimpleNamespace(url="http://app"), access=Access(limits=limits), hide=str
    )
    options = CallOptions(call_timeout=call_timeout)
    return CallRequest(
        name,
        APP,
        endpoint,
        cast("Transport", way),
        options,
        {"x": 1} if arguments is None else arguments,
    )


def make_job(
    keep: int | None = None,
    *,
    runtime: Any = None,
    decoder: Any = None,
    files: CallFiles | None = None,
    request: CallRequest | None = None,
    result_only: bool = False,
    journal: Any = None,
    **facts: Any,
) -> Job[Any]:
    """Return a job of a call that has not begun.

    Args:
        keep: How many partial results it keeps.
        runtime: What runs it; made of `Runtime`'s arguments among the *facts* by default.
        decoder: What decodes its results; made of `FirstValue`'s arguments by default.
        files: What makes its files.
        request: What is asked; made of the rest of the *facts* by default.
        result_only: Whether its caller sees nothing but the result.
        journal: What keeps its way.
        **facts: See there.
    """

    def pick(*names: str) -> dict[str, Any]:
        return {name: facts.pop(name) for name in names if name in facts}

    runtime = runtime or Runtime(**pick("withdraw", "run_callback"))
    decoder = decoder or FirstValue(**pick("decode", "check"))
    files = files or CallFiles(cast("Transport", None), "", None, lambda task: task())
    asked = request or request_of(**facts)
    options: Any = {"result_only": result_only, "journal": journal}
    record = JobRecord(asked, runtime, decoder, files, keep, **options)
    job: Job[Any] = Job(record)
    _records[job] = record
    return job


def record_of(job: Job[Any]) -> JobRecord:
    """Return what the threads of a session know of a job that was made here."""
    return _records[job]


_records: weakref.WeakKeyDictionary[Job[Any], JobRecord] = weakref.WeakKeyDictionary()


def tell(job: Job[Any], *events: Event) -> None:
    """Let things happen to a call, as its lane does."""
    record = record_of(job)
    for event in events:
        record.handle(event)
        record.run_effects()


def job_of(call: Call) -> Job[Any]:
    """Return the job of a call that has one."""
    (job,) = [job for job, record in _records.items() if record is call.record]
    return job


APP = parse_app({"dependencies": [], "version": "6.31.0", "protocol": "sse_v3"})


class Peer:
    """A server with one queue for each session hash, and the way to it.

    Attributes:
        posts: What was posted, as path and body, in the order in which it arrived.
        open: The streams that are open, by session hash.
        opened: How many streams there were.
        most: How many of them there were at most.
        unnoticed: How many of the next streams end without that the server notices.
    """

    def __init__(self, release: tuple[int, ...] = (6, 31, 0)) -> None:
        self.release = release
        self.posts: list[tuple[str, Any]] = []
        self.open: dict[str, Stream] = {}
        self.opened = 0
        self.most = 0
        self.unnoticed = 0
        self.queues: dict[str, Queue] = {}
        self.address, self.access = SimpleNamespace(url="http://app"), Access()
        self._changed = threading.Condition()
        self._held: set[str] = set()
        self._errors: dict[str, Exception] = {}
        self._answers: dict[str, tuple[int, Any]] = {}

    # What a test says.

    def hold(self, path: str) -> None:
        """Answer no posts to *path*, and open no streams there, until `release_all`."""
        with self._changed:
            self._held.add(path)

    def release_all(self) -> None:
        """Go on with what was held."""
        with self._changed:
            self._held.clear()
            self._changed.notify_all()

    def raise_at(self, path: str, error: Exception) -> None:
        """Let the next request to *path* end with an error, and never arrive."""
        self._errors[path] = error

    def answer_at(self, path: str, status: int, body: Any) -> None:
        """Let the next request to *path* be answered so."""
        self._answers[path] = status, body

    def advance(self, token: str, *steps: str) -> None:
        """Let the call with this argument ``begin``, ``log``, ``yield``, ``return`` or ``fail``."""
        with self._changed:
            session_hash, event_id = self.find(token)
            for step in steps:
                self.queues[session_hash].advance(event_id, step)
            self._changed.notify_all()

    def break_stream(self, session_hash: str, error: Exception | None = None) -> None:
        """End a stream, once it is open, with an error, or without one in good order."""
        self.wait(lambda: session_hash in self.open)
        with self._changed:
            self.open[session_hash].broken = True
            self.open[session_hash].error = error
            self._changed.notify_all()

    def wait(self, condition: Callable[[], Any]) -> None:
        """Wait until a condition holds that depends on this peer alone."""
        with self._changed:
            assert self._changed.wait_for(condition, SECONDS), "it never came"

    def wait_for_call(self, *tokens: str) -> None:
        """Wait until calls have joined."""
        self.wait(lambda: all(token in self.joined for token in tokens))

    def wait_for_posts(self, path: str, count: int = 1) -> None:
        """Wait until so many posts to *path* have arrived, answered or not."""
        self.wait(lambda: len(self.posted(path)) >= count)

    # What a test asks.

    @property
    def joined(self) -> list[str]:
        """The arguments of the calls that joined, in order for each hash."""
        return [call["data"][0] for queue in self.queues.values() for call in queue.calls.values()]

    def posted(self, path: str) -> list[Any]:
        """Return the bodies that were posted to *path*."""
        return [body for found, body in self.posts if found == path]

    def find(self, token: str) -> tuple[str, str]:
        """Return hash and name of the call with this argument."""
        for session_hash, queue in self.queues.items():
            for event_id, call in queue.calls.items():
                if call["data"][0] == token:
                    return session_hash, event_id
        raise KeyError(token)

    def lane_of(self, token: str) -> str:
        """Return the hash of the call with this argument."""
        return self.find(token)[0]

    def was_killed(self, token: str) -> bool:
        """Tell whether that call was cancelled."""
        session_hash, event_id = self.find(token)
        return event_id in self.queues[session_hash].killed

    # What a transport does.

    def post(self, path: str, body: Any, **_: Any) -> Answer:
        """Take a post."""
        with self._changed:
            self.posts.append((path, body))
            self._changed.notify_all()
            status, answer = self._pass(path) or self._queue_of(path, body).post(
                Post(None, path, body)
            )
            self._changed.notify_all()
        return Answer(status, json.dumps(answer).encode(), path)

    def stream(self, path: str, idle: float, **_options: Any) -> Stream:
        """Open a stream."""
        name, session_hash = path.split("?session_hash=")
        with self._changed:
            status, body = self._pass(name) or (200, None)
            assert session_hash not in self.open, "there are never two streams of one hash"
            stream = Stream(self, session_hash, status, body)
            stream.asks = idle in {*SETTLE_SECONDS, NOTICE_SECONDS}
            self.open[session_hash] = stream
            self.opened += 1
            self.most = max(self.most, len(self.open))
            self._changed.notify_all()
        work = current_work()
        if work is not None:
            work.begin(stream)
        return stream

    def has_secrets_of(self, other: Peer) -> bool:
        """Tell whether both lead there as the same person."""
        return self is other

    def hide(self, text: str) -> str:
        """Return what was said as it is: there is no secret."""
        return text

    @property
    def requester(self) -> Peer:
        """What sends its requests: itself."""
        return self

    build_stream_error = cast("Any", Requester.build_stream_error)

    def build_login_error(self, *_: Any) -> AuthenticationError:
        """Return the error for an answer of 401."""
        return AuthenticationError("wants a login", status=401)

    def _pass(self, path: str) -> tuple[int, Any] | None:
        """Wait as long as *path* is held; then do what was said of the next request there."""
        assert self._changed.wait_for(lambda: path not in self._held, SECONDS)
        if path in self._errors:
            raise self._errors.pop(path)
        return self._answers.pop(path, None)

    def _queue_of(self, path: str, body: Any) -> Queue:
        if "session_hash" in body:
            return self.queues.setdefault(body["session_hash"], Queue(self.release))
        assert path == "/reset"
        return next(q for q in self.queues.values() if body["event_id"] in q.calls)


class Stream:
    """A stream of a peer, as the reader sees it."""

    def __init__(self, peer: Peer, session_hash: str, status: int, body: Any) -> None:
        self.status = status
        self.url = "http://app/queue/data"
        self.hide = str
        self.headers: dict[str, str] = {}
        self.broken = False
        self.error: Exception | None = None
        self.asks = False
        self._is_ending = False
        self._peer = peer
        self._hash = session_hash
        self._body = body
        self._interrupted = False

    def __iter__(self) -> Iterator[bytes]:
        if self.status != 200:
            yield json.dumps(self._body).encode()
            return
        if self._queue.forgotten:
            yield message("unexpected_error", None, message="404: Session not found.")
            raise ConnectionLost("the answer was cut")
        while data := self._next():
            yield data

    def interrupt(self) -> None:
        """Drop it; the server notices, perhaps."""
        with self._peer._changed:
            self._drop()
            self._interrupted = True
            self._peer._changed.notify_all()

    def close(self) -> None:
        """Give it back, or drop it if it was not read to its end."""
        with self._peer._changed:
            if self.asks or self.error is not None:
                self._drop()
            if self._peer.open.get(self._hash) is self:
                del self._peer.open[self._hash]
            self._peer._changed.notify_all()

    def _drop(self) -> None:
        if self._interrupted or self._peer.open.get(self._hash) is not self:
            return
        self._interrupted = True
        if self._peer.unnoticed:
            self._peer.unnoticed -= 1
        else:
            self._queue.drop()

    def limit_silence(self, *_: object) -> None:
        """Let silence be too long at once: whoever limits it waits for the end of the stream."""
        self._is_ending = True

    @property
    def _queue(self) -> Queue:
        return self._peer.queues.setdefault(self._hash, Queue(self._peer.release))

    def _next(self) -> bytes | None:
        with self._peer._changed:
            while not (self._interrupted or self.broken):
                data = self._queue.read()
                if data != b"":
                    return data
                if self.asks or self._is_ending:
                    raise Timeout("silence", limit="idle_timeout")
                assert self._peer._changed.wait(SECONDS), "the reader was forgotten"
            if self._interrupted:
                raise ConnectionLost("it was not waited for")
            if self.error is not None:
                raise self.error
            return None


class Session:
    """Scheduler over a peer, with the threads that an engine would have.

    Args:
        peer: The peer.
        limit: How many lanes there may be.
        shared: Whether the machines take more than one call.
    """

    def __init__(self, peer: Peer, limit: int = 2, *, shared: bool = True) -> None:
        self.peer = peer
        self.calls = Workers("call", limit + SENDING_THREADS)
        self.service = Workers("service", 2)
        self.hearts = Workers("heartbeat", limit)
        heartbeats = Heartbeats(cast("Transport", peer), "/heartbeat", 60.0, self.hearts)
        self.due: list[Callable[[], None]] = []
        hashes = SessionHashes(heartbeats, limit)
        self.lanes = Scheduler(limit, 60.0, self.calls.submit, self._keep_for_later, hashes)
        self.again: list[Call] = []
        self.rendered: list[tuple[Any, str]] = []
        self._shared = shared
        self._left = threading.Condition()
        self._release, self.lanes._release = self.lanes._release, self._note  # type: ignore[method-assign]
        self._jobs: list[Job[Any]] = []
        self._machines: dict[Call, Callable[..., Machine]] = {}

    def _keep_for_later(self, _: float, task: Callable[[], None]) -> None:
        """Keep what is to be done after a while: a test says when it is time."""
        with self.peer._changed:
            self.due.append(task)
            self.peer._changed.notify_all()

    def call(
        self,
        token: str,
        function: int = 0,
        isolation: Isolation = "auto",
        transport: Any = None,
        machine: Callable[..., Machine] | None = None,
        *,
        begun: Begun | None = None,
    ) -> Call:
        """Return a call with this argument, that has not begun."""
        request = request_of(function=function, transport=transport or self.peer)
        job = make_job(runtime=self, request=request)
        self._jobs.append(job)
        call = Call(record_of(job), self, Payload([token]), isolation, begun)
        call.set_data([token])
        if machine is not None:
            self._machines[call] = machine
        return call

    def start(self, call: Call) -> Job[Any]:
        """Begin a call on a thread of the session."""
        self.calls.submit(functools.partial(self.lanes.run, call))
        return job_of(call)

    def submit(self, token: str, function: int = 0, **facts: Any) -> Job[Any]:
        """Begin a call, and wait until it has joined."""
        job = self.start(self.call(token, function, **facts))
        self.peer.wait_for_call(token)
        return job

    def settle(self) -> None:
        """Wait until the threads have nothing more to do, and end them."""
        for workers in (self.service, self.calls):
            workers.close()
            workers.join(SECONDS)

    def settle_lanes(self, count: int) -> None:
        """Wait until so many lanes are left."""
        self.peer.wait(lambda: len(self.peer.open) <= count)
        with self._left:
            assert self._left.wait_for(lambda: len(list(self.lanes._lanes)) <= count, SECONDS)

    def close(self) -> None:
        """End everything."""
        self.peer.release_all()
        for job in self._jobs:
            job.cancel()
        self.service.close()
        self.service.join(SECONDS)
        self.lanes.interrupt()
        self.settle()
        assert self.peer.open == {}

    def _note(self, lane: Lane) -> None:
        self._release(lane)
        with self._left:
            self._left.notify_all()

    # As the runtime of its calls.

    def choose_machine(self, call: Call, session_hash: str, *, fresh: bool) -> Machine:
        """Return the machine that the call was made with, or one of the session's kind."""
        own = self._machines.get(call)
        if own is not None:
            return own(call.app, call.endpoint, session_hash, fresh=fresh)
        conversation = talk(session_hash, "", self.peer.release)
        return Multiplexed(conversation, sends_edits=True, shared=self._shared)

    def shares_stream(self, call: Call) -> bool:
        """Tell whether a call can be in one conversation with others: all can, or none."""
        del call
        return self._shared

    def take_rendering(self, raw: Any, session_hash: str) -> None:
        """Note that the app made a part of the page."""
        self.rendered.append((raw, session_hash))

    def restart(self, call: Call) -> None:
        """Note that a call is to be started anew."""
        self.again.append(call)

    def withdraw(self, record: CallRecord) -> None:
        """Tell the peer that a call is given up."""
        if record.seat is not None:
            self.service.submit(functools.partial(self.lanes.withdraw, record))

    def forget(self, record: CallRecord) -> None:
        """Do nothing: the jobs are kept."""

    def run_callback(self, callback: Callable[[], None]) -> None:
        """Run it here and now."""
        callback()
