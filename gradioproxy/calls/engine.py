"""What runs the calls of a session: threads, lanes, uploads, and what happens to them at a fork."""

from __future__ import annotations

import atexit
import concurrent.futures
import functools
import time
import weakref
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import forksafe
from ..errors import (
    ConnectionLost,
    GradioProxyError,
    ProtocolError,
    SchemaChanged,
    ServerError,
    SessionClosed,
)
from ..files.stream import Media
from ..files.upload import Uploader, unreadable
from ..transport.http import Restarted
from .call import Call, Isolation, Receiver
from .failures import own_error
from .heartbeat import Heartbeats
from .history import Memory
from .scheduler import Lanes
from .workers import Alarms, Workers

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..files.payload import Payload
    from ..options import SessionOptions
    from ..schema.endpoint import App, Endpoint
    from ..transport.http import Transport
    from .job import Job

# Tasks that tell the server of cancelled calls; they never wait for a stream.
SERVICE_THREADS = 4
# How long closing a session waits for its threads, which have nothing to do any more.
CLOSE_SECONDS = 5.0
# What of these the server gets to hear that calls are cancelled.
TELL_SECONDS = 2.0
# The same for the end of the interpreter, when nobody is left to be told what became of them.
LEAVE_SECONDS = 1.0
# How often a call is started that finds a new server each time.
MAX_ATTEMPTS = 3
# What the post of a call that was given up still gets for its answer: that tells what is to be
# cancelled at the server.
GRACE_SECONDS = 2.0


class Engine:
    """Runs calls.

    Args:
        app: The app.
        transport: The way to it.
        options: The session's options.
    """

    def __init__(self, app: App, transport: Transport, options: SessionOptions) -> None:
        self.app = app
        self.transport = transport
        self.options = options
        self.uploader = Uploader(transport, app.prefix)
        self.closed = False
        # Reads the description again; set by who holds it.
        self.reread: Callable[[], None] = lambda: None
        self.jobs = Memory(options.max_jobs, options.max_jobs_policy)
        self._reset()
        _engines.add(self)
        forksafe.register(self)

    def _reset(self) -> None:
        """Make everything that one process has and its forked child must not share."""
        streams = self.options.streams
        self._lock = forksafe.RLock()
        self._rereading = forksafe.RLock()
        self._active: set[Job[Any]] = set()
        self._calls = Workers("call", 2 * streams)
        self._service = Workers("service", SERVICE_THREADS)
        self._callbacks = Workers("callback", streams)
        self._downloads = Workers("download", streams)
        self._alarms = Alarms()
        # As many as there are lanes, and the session's own hash.
        self._heart = Workers("heartbeat", streams + 1)
        self._heartbeats = Heartbeats(
            self.transport, f"{self.app.prefix}/heartbeat", self.options.idle_timeout, self._heart
        )
        self._lanes = Lanes(streams, self.options.idle_timeout, self._calls.run, self._heartbeats)

    @property
    def session_hash(self) -> str:
        """What the app knows the session by."""
        return self._lanes.own_hash

    def start(
        self,
        job: Job[Any],
        endpoint: Endpoint,
        payload: Payload,
        transport: Transport,
        call_timeout: float | None,
    ) -> None:
        """Run a call; returns at once.

        Args:
            job: What it is known by.
            endpoint: What is called.
            payload: What is sent.
            transport: The way to the app, with the secrets of this call.
            call_timeout: Seconds that it may take in all.

        Raises:
            SessionClosed: The session was closed.
            SchemaChanged: The app was restarted, and the function is another one now.
            TooManyJobs: The session remembers as many jobs as it may, by its policy.
        """
        call = Call(
            job=job,
            transport=transport,
            app=self.app,
            endpoint=self._current(endpoint),
            again=lambda call: self._calls.run(functools.partial(self._again, call, payload)),
            isolation=self._isolation,
        )
        with self._lock:
            self.ensure_open()
            self.jobs.add(job)
            self._active.add(job)
        # Not the job's own method, which would move these few instructions to another thread.
        concurrent.futures.Future.add_done_callback(job, self._forget)
        if call_timeout is not None:
            alarm = self._alarms.set(call_timeout, functools.partial(job.expire, call_timeout))
            concurrent.futures.Future.add_done_callback(job, lambda _: self._alarms.clear(alarm))
        try:
            self._calls.run(functools.partial(self._run, call, payload))
        except RuntimeError as error:  # the system gives us no thread
            job.fail(own_error(error))

    @property
    def _isolation(self) -> Isolation:
        """Under which hash calls may go."""
        isolate = self.options.isolate
        if isolate is True:
            return "full"
        return "none" if isolate is False or self.app.stateful else "auto"

    def ensure_open(self) -> None:
        """Do nothing, unless the session was closed.

        Raises:
            SessionClosed: It was.
        """
        if self.closed:
            raise SessionClosed(
                "The session was closed. Open it again with "
                f"gradioproxy.connect({self.transport.address.source!r})."
            )

    def withdraw(self, job: Receiver) -> None:
        """Tell the server, from another thread, that a job is given up."""
        work = job.work
        if job.lane is not None:
            self._service.run(functools.partial(self._lanes.withdraw, job))
            if work is not None and not job.patient:
                self._alarms.set(GRACE_SECONDS, work.interrupt)
        elif work is not None:
            work.interrupt()

    def defer(self, callback: Callable[[], None]) -> None:
        """Run a user's callback on a thread that may wait for other calls."""
        self._callbacks.run(callback)

    def media(self, transport: Transport) -> Media:
        """Return what makes the files of a call whose way to the app is *transport*."""
        folder = self.options.download_dir
        give = None if folder is None else lambda: Path(folder)
        return Media(transport, self.app.prefix, give, self._fetch)

    def close(self) -> None:
        """Cancel what runs, end the threads and close the connections."""
        with self._lock:
            self.closed = True
            active = list(self._active)
        for job in active:
            job.cancel()
        self._alarms.close()
        deadline = time.monotonic() + CLOSE_SECONDS
        # The server is told of the cancels first; then what is left of the streams can go.
        self._service.close()
        self._service.join(TELL_SECONDS)
        self._lanes.interrupt()
        self._heartbeats.stop()
        everybody = (self._service, self._callbacks, self._calls, self._downloads, self._heart)
        for workers in everybody:
            workers.close()
            workers.interrupt()
        for workers in everybody:
            workers.join(deadline - time.monotonic())
        self.transport.close()

    def leave(self) -> None:
        """Tell the server of the calls under way, because the interpreter ends.

        Not every server notices that their streams are closed. This runs on the thread that is
        there, since no other can be started any more.
        """
        deadline = time.monotonic() + CLOSE_SECONDS
        for job in list(self._active):
            if time.monotonic() > deadline:
                break  # the server is as good as gone
            if job.lane is not None:
                lane, number = job.lane
                lane.abandon(number)
        # What was cancelled just before, as by Ctrl-C, is on its way.
        self._service.close()
        self._service.join(deadline - time.monotonic())
        self._lanes.abandon()
        self._calls.close()
        self._calls.join(LEAVE_SECONDS)
        self.transport.close()

    def after_fork(self) -> None:
        """Start anew in a forked child; calls that were under way are the parent's."""
        orphans = list(self._active)
        self._reset()
        self.uploader.forget()
        self.jobs.clear()
        self.transport.renew()
        for job in orphans:
            job.abandon(
                ConnectionLost("The call belongs to the process that this one was forked from.")
            )

    def _fetch(self, task: Callable[[], None]) -> None:
        """Run what waits for downloads, beside the threads that read streams of events."""
        self._downloads.run(task)

    def _forget(self, job: concurrent.futures.Future[Any]) -> None:
        with self._lock:
            self._active.discard(job)

    def _run(self, call: Call, payload: Payload) -> None:
        """Bring the files up and make the call; on a thread of our own."""
        try:
            with call.waiting():
                call.data = self._prepared(call, payload)
        except Restarted:
            self._again(call, payload)
            return
        except GradioProxyError as error:
            call.job.fail(error)
        except OSError as error:
            call.job.fail(unreadable(error, call.name))
        except Exception as error:
            # A defect of ours; but nobody must wait for ever because of it.
            call.job.fail(ProtocolError(f"gradioproxy failed itself: {error!r}"))
            raise
        if not call.job.done():
            self._lanes.run(call)

    def _again(self, call: Call, payload: Payload) -> None:
        """Start a call anew, of which nothing reached the server that is there now."""
        call.attempts += 1
        try:
            if call.attempts > MAX_ATTEMPTS:
                raise ServerError(  # noqa: TRY301 - it goes where the others go
                    f"{self.transport.address.url} leads to another server each time. An app with "
                    "several replicas needs a proxy that keeps sessions together."
                )
            self._reread()
            call.app = self.app
            call.endpoint = self._current(call.endpoint)
        except GradioProxyError as error:
            call.job.fail(error)
        except Exception as error:
            call.job.fail(ProtocolError(f"gradioproxy failed itself: {error!r}"))
            raise
        else:
            self._run(call, payload)

    def _reread(self) -> None:
        """Read the description of the app that is there now, unless another thread just did."""
        with self._rereading:
            try:
                self.transport.confirm(self.app)
            except Restarted:
                self.uploader.forget()
                self.reread()

    def _current(self, endpoint: Endpoint) -> Endpoint:
        """Return the endpoint as the app that is there now has it.

        Raises:
            SchemaChanged: It has none, or one that means something else.
        """
        app = self.app
        found = app.find(endpoint.name)
        if found is endpoint or (found is not None and found.is_like(endpoint)):
            return found
        how = "is gone" if found is None else "takes or returns something else now"
        raise SchemaChanged(
            f"The app was restarted, and {endpoint.name} {how}. Nothing was sent. Look at it with "
            "help(), then call it as it is now."
        )

    def _prepared(self, call: Call, payload: Payload) -> list[Any]:
        job = call.job
        if not payload.slots or job.done():
            return payload.data
        job.update(stage="uploading")
        job.note(f"{len(payload.slots)} files go up")
        data = self.uploader.fill(payload, _JobObserver(job), call.transport, call.app)
        job.update(stage="pending")
        return data


class _JobObserver:
    """Stops an upload when its job is done, and tells the job how far it is."""

    def __init__(self, job: Receiver) -> None:
        self._job = job

    def should_stop(self) -> bool:
        """Tell whether nobody waits for the job any more."""
        return self._job.done()

    def report(self, sent: int, total: int) -> None:
        """Show the job's reader how much was sent."""
        self._job.update(sent=sent, to_send=total)


_engines: weakref.WeakSet[Engine] = weakref.WeakSet()


def _leave() -> None:
    for engine in list(_engines):
        engine.leave()


atexit.register(_leave)
