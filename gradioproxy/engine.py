"""What runs the calls of a session: threads, lanes, uploads, and what happens to them at a fork."""

from __future__ import annotations

import atexit
import concurrent.futures
import functools
import os
import threading
import time
import weakref
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .description import functions_of
from .errors import (
    ConnectionLost,
    GradioProxyError,
    ProtocolError,
    SchemaChanged,
    ServerError,
    SessionClosed,
)
from .faults import unreadable
from .heartbeat import Heartbeat
from .lane import Call, new_hash, own_error
from .lanes import Lanes
from .media import Media
from .memory import Memory
from .protocols import choose
from .transport import Restarted
from .uploads import Uploader, Watch
from .workers import Alarms, Workers

if TYPE_CHECKING:
    from collections.abc import Callable

    from .jobs import Job
    from .options import SessionOptions
    from .plan import Plan
    from .schema import App, Endpoint
    from .transport import Transport

# Tasks that tell the server of cancelled calls; they never wait for a stream.
SERVICE_THREADS = 4
# How long closing a session waits for its threads, which have nothing to do any more.
CLOSE_SECONDS = 5.0
# The same for the end of the interpreter, when nobody is left to be told what became of them.
LEAVE_SECONDS = 1.0
# How often a call is started that finds a new server each time.
MAX_ATTEMPTS = 3


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
        # For apps without a number: the app, and the number of the server that was first asked.
        self._seen: tuple[App | None, int | None] = (None, None)
        # Reads the description again; set by who holds it.
        self.reread: Callable[[], None] = lambda: None
        transport.verify_server = self.verify
        self.jobs = Memory(options.max_jobs, options.max_jobs_policy)
        self._reset()
        _engines.add(self)

    def _reset(self) -> None:
        """Make everything that one process has and its forked child must not share."""
        streams = self.options.streams
        self.session_hash = new_hash()
        self._lock = threading.RLock()
        self._rereading = threading.RLock()
        self._active: set[Job[Any]] = set()
        self._calls = Workers("call", 2 * streams)
        self._service = Workers("service", SERVICE_THREADS)
        self._callbacks = Workers("callback", streams)
        self._downloads = Workers("download", streams)
        self._alarms = Alarms()
        self._heart = Workers("heartbeat", 1)
        self._heartbeat = Heartbeat(
            self.transport,
            f"{self.app.prefix}/heartbeat/{self.session_hash}",
            self.options.idle_timeout,
            self._heart,
        )
        self._lanes = Lanes(streams, self.options.idle_timeout, self._calls.run)

    def start(
        self,
        job: Job[Any],
        endpoint: Endpoint,
        plan: Plan,
        transport: Transport,
        call_timeout: float | None,
    ) -> None:
        """Run a call; returns at once.

        Args:
            job: What it is known by.
            endpoint: What is called.
            plan: What is sent.
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
            session_hash=self.session_hash if self.app.stateful else None,
            machine=lambda endpoint, session_hash: choose(self.app, endpoint, session_hash),
            again=lambda call: self._calls.run(functools.partial(self._again, call, plan)),
        )
        with self._lock:
            self.ensure_open()
            self.jobs.add(job)
            self._active.add(job)
        if self.app.heartbeat:
            self._heartbeat.ensure()
        # Not the job's own method, which would move these few instructions to another thread.
        concurrent.futures.Future.add_done_callback(job, self._forget)
        if call_timeout is not None:
            alarm = self._alarms.set(call_timeout, functools.partial(job.expire, call_timeout))
            concurrent.futures.Future.add_done_callback(job, lambda _: self._alarms.clear(alarm))
        try:
            self._calls.run(functools.partial(self._run, call, plan))
        except RuntimeError as error:  # the system gives us no thread
            job.fail(own_error(error))

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

    def withdraw(self, job: Job[Any]) -> None:
        """Tell the server, from another thread, that a job is given up."""
        if job.lane is not None:
            self._service.run(functools.partial(self._lanes.withdraw, job))

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
        # The server is told of the cancels first; then what is left of the streams can go.
        self._service.close()
        self._service.join(CLOSE_SECONDS)
        self._lanes.interrupt()
        self._heartbeat.stop()
        for workers in (self._callbacks, self._calls, self._downloads, self._heart):
            workers.close()
        for workers in (self._callbacks, self._calls, self._downloads, self._heart):
            workers.join(CLOSE_SECONDS)
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
        self.jobs.after_fork()
        self.transport.renew()
        for job in orphans:
            job.orphan(
                ConnectionLost("The call belongs to the process that this one was forked from.")
            )

    def _fetch(self, task: Callable[[], None]) -> None:
        """Run what waits for downloads, beside the threads that read streams of events."""
        self._downloads.run(task)

    def _forget(self, job: concurrent.futures.Future[Any]) -> None:
        with self._lock:
            self._active.discard(job)

    def _run(self, call: Call, plan: Plan) -> None:
        """Bring the files up and make the call; on a thread of our own."""
        try:
            call.data = self._prepared(call, plan)
        except Restarted:
            self._again(call, plan)
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

    def _again(self, call: Call, plan: Plan) -> None:
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
            self._run(call, plan)

    def _reread(self) -> None:
        """Read the description of the app that is there now, unless another thread just did."""
        with self._rereading:
            try:
                self.verify(self.app)
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

    def verify(self, app: App) -> None:
        """Ask the server whether it is the one that described an app.

        Raises:
            Restarted: It is another one.
            ConnectError, ConnectionLost, Timeout: It was not reached.
        """
        seen = self._seen
        expected = app.app_id if app.app_id is not None or seen[0] is not app else seen[1]
        answer = self.transport.get(f"{app.prefix}/app_id")
        found = answer.json().get("app_id") if answer.ok else None
        if expected is None:
            # Before Gradio 3.42 the description has no number: who has the same functions will do,
            # and is told from others by its number from then on.
            described = self.transport.get("/config")
            functions = functions_of(described.json() if described.ok else None)
            if functions is not None and functions != app.functions:
                raise Restarted
            expected = self._first_seen(app, found)
        if found is not None and found != expected:
            raise Restarted

    def _first_seen(self, app: App, number: int | None) -> int | None:
        """Return the number of the first server that was seen to have described an app."""
        with self._lock:
            if self._seen[0] is not app or self._seen[1] is None:
                self._seen = app, number
            return self._seen[1]

    def _prepared(self, call: Call, plan: Plan) -> list[Any]:
        job = call.job
        if not plan.files or job.done():
            return plan.data
        job.update(stage="uploading")
        job.note(f"{len(plan.files)} files go up")
        watch = Watch(job.done, lambda sent, total: job.update(sent=sent, to_send=total))
        data = self.uploader.carry_out(plan, watch, call.transport, call.app)
        job.update(stage="pending")
        return data


_engines: weakref.WeakSet[Engine] = weakref.WeakSet()


def _after_fork() -> None:
    for engine in list(_engines):
        engine.after_fork()


def _leave() -> None:
    for engine in list(_engines):
        engine.leave()


atexit.register(_leave)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
