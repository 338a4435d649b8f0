"""What runs the calls of a session: threads, lanes, uploads, and what happens to them at a fork."""

from __future__ import annotations

import concurrent.futures
import functools
import os
import threading
import weakref
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import ConnectionLost, GradioProxyError, ProtocolError, SessionClosed
from .faults import unreadable
from .files import File
from .lanes import Call, Lanes, new_hash
from .memory import Memory
from .protocols import choose
from .uploads import Uploader, Watch
from .workers import Alarms, Workers

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .jobs import Job
    from .options import SessionOptions
    from .schema import App, Endpoint
    from .transport import Transport
    from .values import Plan

# Tasks that tell the server of cancelled calls; they never wait for a stream.
SERVICE_THREADS = 4
# How long closing a session waits for its threads, which have nothing to do any more.
CLOSE_SECONDS = 5.0


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
        self.jobs = Memory(options.max_jobs, options.max_jobs_policy)
        self._reset()
        _engines.add(self)

    def _reset(self) -> None:
        """Make everything that one process has and its forked child must not share."""
        streams = self.options.streams
        self.session_hash = new_hash()
        self._lock = threading.RLock()
        self._active: set[Job[Any]] = set()
        self._calls = Workers("call", 2 * streams)
        self._service = Workers("service", SERVICE_THREADS)
        self._callbacks = Workers("callback", streams)
        self._alarms = Alarms()
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
            TooManyJobs: The session remembers as many jobs as it may, by its policy.
        """
        call = Call(
            job=job,
            transport=transport,
            function=endpoint.function,
            name=endpoint.name,
            session_hash=self.session_hash if self.app.stateful else None,
            machine=functools.partial(choose, self.app, endpoint),
        )
        if self.closed:
            raise SessionClosed(
                "The session was closed. Open it again with "
                f"gradioproxy.connect({self.transport.address.url!r})."
            )
        self.jobs.add(job)
        with self._lock:
            self._active.add(job)
        # Not the job's own method, which would move these few instructions to another thread.
        concurrent.futures.Future.add_done_callback(job, self._forget)
        if call_timeout is not None:
            alarm = self._alarms.set(call_timeout, functools.partial(job.expire, call_timeout))
            concurrent.futures.Future.add_done_callback(job, lambda _: self._alarms.clear(alarm))
        self._calls.run(functools.partial(self._run, call, plan))

    def withdraw(self, job: Job[Any]) -> None:
        """Tell the server, from another thread, that a job is given up."""
        if job.lane is not None:
            self._service.run(functools.partial(self._lanes.withdraw, job))

    def defer(self, callback: Callable[[], None]) -> None:
        """Run a user's callback on a thread that may wait for other calls."""
        self._callbacks.run(callback)

    def make_file(self, raw: Mapping[str, Any]) -> File:
        """Return the `File` for what the app sends for one."""
        folder = self.options.download_dir
        return File(
            raw, self.transport, self.app.prefix, None if folder is None else lambda: Path(folder)
        )

    def close(self) -> None:
        """Cancel what runs, end the threads and close the connections."""
        with self._lock:
            self.closed = True
            active = list(self._active)
        for job in active:
            job.cancel()
        # Behind the cancels: by then the server knows, and what is left of the streams can go.
        if active:
            self._service.run(self._lanes.interrupt)
        everything = (self._service, self._callbacks, self._calls)
        for workers in everything:
            workers.close()
        self._alarms.close()
        for workers in everything:
            workers.join(CLOSE_SECONDS)
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

    def _forget(self, job: concurrent.futures.Future[Any]) -> None:
        with self._lock:
            self._active.discard(job)

    def _run(self, call: Call, plan: Plan) -> None:
        """Bring the files up and make the call; on a thread of our own."""
        try:
            call.data = self._prepared(call, plan)
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

    def _prepared(self, call: Call, plan: Plan) -> list[Any]:
        job = call.job
        if not plan.files or job.done():
            return plan.data
        job.update(stage="uploading")
        job.note(f"upload of {len(plan.files)} files")
        watch = Watch(job.done, lambda sent, total: job.update(sent=sent, to_send=total))
        sources = [pending.source for pending in plan.files]
        uploads = self.uploader.send(sources, watch, call.transport)
        job.update(stage="pending")
        return plan.filled([upload.value for upload in uploads])


_engines: weakref.WeakSet[Engine] = weakref.WeakSet()


def _after_fork() -> None:
    for engine in list(_engines):
        engine.after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
