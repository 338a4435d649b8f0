"""What runs the calls of a session: threads, lanes, uploads, and what happens to them at a fork."""

from __future__ import annotations

import functools
import time
import weakref
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import forksafe, protocols
from ..errors import SessionClosed
from ..files.call_files import CallFiles
from ..files.upload import Uploader
from ..transport.http import Restarted
from ..transport.request import load_forms
from ..uncopyable import Uncopyable
from . import leaving
from .call import Begun, Call, Isolation
from .current_app import CurrentApp
from .failures import EndsBadly, build_wandering_error, ensure_attachable, own_error
from .hashes import SessionHashes
from .heartbeat import Heartbeats
from .history import JobHistory
from .scheduler import Scheduler
from .under_way import UnderWay
from .uploading import bring_up
from .workers import Timers, Workers

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from ..files.payload import Payload
    from ..options import SessionOptions
    from ..protocols.machine import Machine, Step
    from ..schema.endpoint import App
    from ..transport.http import Transport
    from .described import Described
    from .job import Job
    from .job_record import JobRecord
    from .lane import Lane
    from .record import CallRecord

# Beyond those that read a stream, threads that bring files up and post calls: a hundred jobs take a
# dozen threads so. Where every stream is read, a distant server gets so many posts at once.
SENDING_THREADS = 2
# Tasks that tell the server of cancelled calls; they never wait for a stream.
SERVICE_THREADS = 4
# How long closing a session waits for its threads, which have nothing to do any more.
CLOSE_SECONDS = 5.0
# How much of that is for telling the server of cancelled calls.
TELL_SECONDS = 2.0
# How often a call is started that finds a new server each time.
MAX_ATTEMPTS = 3
# What the post of a call that was given up still gets for its answer: that tells what is to be
# cancelled; and what it gets where that is a value of a generator, whose rest can be forgotten.
GRACE_SECONDS = 2.0
PATIENCE_SECONDS = 10.0


class Engine(Uncopyable):
    """Runs calls.

    Args:
        description: What the app says of itself.
        transport: The way to it.
        options: The session's options.
        describe: Asks the app for its description, again.
        arrive: Sees to it that the app is there, before a call.
    """

    def __init__(
        self,
        description: Described,
        transport: Transport,
        options: SessionOptions,
        describe: Callable[[Transport], Described],
        arrive: Callable[[Transport], None] | None = None,
    ) -> None:
        self.transport = transport
        self.options = options
        self.current = CurrentApp(description, transport, describe)
        self.uploader = Uploader(transport, self.app.prefix)
        self.closed = False
        self._see_to_app = arrive
        self.jobs = JobHistory(options.max_jobs, options.max_jobs_policy)
        self._reset(options.session_hash)
        leaving.register(self)
        forksafe.register(self)

    def _reset(self, session_hash: str | None = None) -> None:
        """Make everything that one process has and its forked child must not share.

        Args:
            session_hash: The hash that calls go under first; by default one that nobody has.
        """
        streams = self.options.streams
        self._lock = forksafe.RLock()
        self._calls = Workers("call", streams + SENDING_THREADS)
        self._service = Workers("service", SERVICE_THREADS)
        # What lets go of streams that should have ended, and does no more: one thread is enough.
        self._ending = Workers("ending", 1)
        self._callbacks = Workers("callback", streams)
        self._downloads = Workers("download", streams)
        self._along = Workers("along", streams)
        self._timers = Timers()
        self._under_way = UnderWay(self._timers)
        # As many as there are lanes of both kinds, and the session's own hash.
        self._heart = Workers("heartbeat", streams + 2)
        self._heartbeats = Heartbeats(
            self.transport, f"{self.app.prefix}/heartbeat", self.options.idle_timeout, self._heart
        )
        # Its threads would go on for a session that nobody has any more; by whoever let go of it.
        self._stop_heartbeats = weakref.finalize(self, self._heartbeats.stop)
        self._stop_heartbeats.atexit = False
        later = functools.partial(self._timers.set_on, self._ending)
        idle = self.options.idle_timeout
        hashes = SessionHashes(self._heartbeats, streams, session_hash)
        self._lanes = Scheduler(streams, idle, self._calls.submit, later, hashes)

    @property
    def app(self) -> App:
        """The app, as it describes itself now."""
        return self.current.app

    def arrive(self) -> None:
        """See to it that the app is there, and where it was: before anything is sent to it.

        Raises:
            GradioProxyError: As `client.cached.CachedApp.arrive` does.
        """
        if self._see_to_app is not None:
            self._see_to_app(self.transport)

    def refresh(self) -> None:
        """Ask the app for its description again, and tell whoever observes it.

        Raises:
            GradioProxyError: As `client.discovery.describe_app` does.
        """
        self.current.refresh()

    @property
    def session_hash(self) -> str:
        """What the app knows the session by."""
        return self._lanes.own_hash

    def leave_state(self) -> None:
        """Let calls that are begun from now on go under a hash that nobody has used."""
        self._lanes.leave_own()
        self.current.forget_renderings()

    def start(
        self,
        job: Job[Any],
        record: JobRecord,
        payload: Payload,
        begun: Begun | None = None,
        *,
        make: type[Call] = Call,
        tab: bool = False,
    ) -> Call:
        """Run a call; returns at once.

        Args:
            job: What its caller has of it.
            record: What is known of it here.
            payload: What is sent.
            begun: How the server knows the call, if it was begun elsewhere.
            make: What the call is made by.
            tab: Whether it belongs with others under the session's own hash, as those of a tab.

        Returns:
            The call on its way.

        Raises:
            SessionClosed: The session was closed.
            SchemaChanged: The app was restarted, and the function is another one now.
            TooManyJobs: The session remembers as many jobs as it may, by its policy.
        """
        isolation = "none" if tab else self._isolation
        call = make(record, self, payload, isolation, begun)
        self._take_in(job, record, self._aim(call))
        return call

    def _take_in(self, job: Job[Any], record: JobRecord, begin: Callable[[], None]) -> None:
        """Remember a job, and begin its call; raises what `start` does."""
        self.ensure_open()
        try:
            # Without the lock, as what it warns of may be handled by code of the user's.
            self.jobs.add(job, record)
            self._admit(record, begin, record)
        except (KeyboardInterrupt, SystemExit):  # nobody gets the job, and a thread may be at it
            record.cancel()
            raise

    def launch(self, record: CallRecord, payload: Payload) -> None:
        """Run a call whose job and time are looked after elsewhere; see `start`.

        Raises:
            SchemaChanged: The app was restarted, and the function is another one now.
        """
        self._admit(record, self._aim(Call(record, self, payload, self._isolation)))

    def _aim(self, call: Call) -> Callable[[], None]:
        """Let a call be for the app as it is now; return what begins it."""
        if call.payload.slots:
            load_forms()
        call.retarget(self.app)
        call.tab = self.session_hash
        return functools.partial(self._calls.submit, functools.partial(self._run, call))

    def _admit(
        self, record: CallRecord, begin: Callable[[], None], timed: JobRecord | None = None
    ) -> None:
        """Begin a call that is under way from now on; *timed* as for `UnderWay.add`."""
        try:
            with self._lock:
                self.ensure_open()
                self._under_way.add(record, timed)
            begin()
        except RuntimeError as error:  # the system gives us no thread
            record.fail(own_error(error))

    def feed(self, task: Callable[[], None]) -> None:
        """Run what brings a call more of its inputs, on a thread that may wait for the app."""
        self._calls.submit(task)

    def act(self, record: CallRecord, act: Callable[[Lane, Hashable], list[Step]]) -> None:
        """Do something in the conversation that a call takes part in, if it does."""
        self._lanes.act(record, act)

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

    # What calls ask for, as `call.Runtime`, and jobs, as `job_record.Home`.

    def choose_machine(self, call: Call, session_hash: str, *, fresh: bool) -> Machine:
        """Return what speaks the protocol of a call, under a hash."""
        following = "" if call.begun is None else call.begun.following
        limits = call.transport.access.limits
        machine = protocols.choose(
            call.app, call.endpoint, session_hash, following=following, fresh=fresh, limits=limits
        )
        if following:
            ensure_attachable(machine, call.name, call.app.version)
        return machine

    def take_rendering(self, raw: Any, session_hash: str) -> None:
        """Take note of a part of the page that the app has made, with functions in it."""
        self.current.add_rendering(raw, lambda: session_hash == self.session_hash)

    def shares_stream(self, call: Call) -> bool:
        """Tell whether a call can be in one conversation with others."""
        if call.begun is not None:
            return bool(call.begun.session_hash)
        return protocols.shares_stream(call.app, call.endpoint)

    def restart(self, call: Call) -> None:
        """Start a call anew, because the server is another one now; nothing of it was sent."""
        self._calls.submit(functools.partial(self._retry, call))

    def withdraw(self, record: CallRecord) -> None:
        """Tell the server, from another thread, that a call is given up."""
        work = record.work
        if record.seat is not None:
            self._service.submit(functools.partial(self._lanes.withdraw, record))
            if work is not None:
                seconds = PATIENCE_SECONDS if record.patient else GRACE_SECONDS
                self._timers.set(seconds, work.interrupt)
        elif work is not None:
            work.interrupt()

    def forget(self, record: JobRecord) -> None:
        """Let go of a call that is over."""
        if record.request.endpoint.part is not None and record.sent:
            self.current.note_end(record.request, record.end)
        self.let_go(record)

    def let_go(self, record: CallRecord) -> None:
        """Let go of a call that goes on elsewhere, or whose end is told there."""
        self._under_way.drop(record)

    def run_callback(self, callback: Callable[[], None]) -> None:
        """Run a user's callback on a thread that may wait for other calls."""
        self._callbacks.submit(callback)

    def make_files(self, transport: Transport) -> CallFiles:
        """Return what makes the files of a call whose way to the app is *transport*."""
        folder = self.options.download_dir
        given = None if folder is None else Path(folder)
        # Downloads wait for the app beside the threads that read streams of events.
        run, run_along = self._downloads.submit, self._along.submit
        return CallFiles(transport, self.app.prefix, given, run, run_along)

    def close(self) -> None:
        """Cancel what runs, end the threads and close the connections."""
        with self._lock:
            self.closed = True
            active = self._under_way.list()
        deadline = time.monotonic() + CLOSE_SECONDS
        bringing = (self._calls, self._downloads, self._along)
        everybody = (self._service, self._ending, self._callbacks, *bringing, self._heart)
        # Who presses Ctrl-C meanwhile waits for nothing more; what is open is closed all the same.
        try:
            try:
                for record in active:
                    record.cancel()
                # The server is told of the cancels first; then what is left of the streams can go.
                self._service.close()
                self._service.join(TELL_SECONDS)
            finally:
                self._timers.close()
                self._lanes.interrupt()
                self._stop_heartbeats()  # which lets go of what they know
                for workers in everybody:
                    workers.close()
                    workers.interrupt()
            for workers in everybody:
                workers.join(deadline - time.monotonic())
            self._timers.join(deadline - time.monotonic())
        finally:
            self.transport.close()

    def leave(self, deadline: float) -> None:
        """Tell the server of the calls under way, because the interpreter ends.

        Not every server notices that their streams are closed. This runs on the thread that is
        there, since no other can be started any more.

        Args:
            deadline: When to stop, by `time.monotonic`: the server is as good as gone.
        """
        self._under_way.leave(deadline)
        # What was cancelled just before, as by Ctrl-C, is on its way.
        self._service.close()
        self._service.join(deadline - time.monotonic())
        self._lanes.drop_all()
        self._calls.close()

    def finish_leaving(self, deadline: float) -> None:
        """Wait for the threads that make calls, but not for long, and close the connections."""
        self._calls.join(deadline - time.monotonic())
        self.transport.close()

    def after_fork(self) -> None:
        """Start anew in a forked child; calls that were under way are the parent's."""
        self._stop_heartbeats.detach()
        self._reset()
        self.current.after_fork()
        self.uploader.forget()
        self.jobs.clear()
        self.transport.renew()

    def _run(self, call: Call) -> None:
        """Bring the files up and make the call; on a thread of our own."""
        with EndsBadly(call):
            self.arrive()
            if call.begun is not None:  # nothing will be sent that a restart would hold up
                self.refresh_if_restarted()
                call.retarget(self.app)
            try:
                call.set_data(bring_up(self.uploader, call, call.payload))
            except Restarted:
                self._retry(call)
                return
        if not call.is_over:
            self._lanes.run(call)

    def _retry(self, call: Call) -> None:
        """Start a call anew, of which nothing reached the server that is there now."""
        with EndsBadly(call):
            call.count_attempt()
            if call.attempts > MAX_ATTEMPTS:
                raise build_wandering_error(self.transport.address.url)
            self.refresh_if_restarted()
            call.retarget(self.app)
            self._run(call)

    def refresh_if_restarted(self) -> None:
        """Ask for the description of the app that is there now, unless a thread just did."""
        self.current.refresh_if_restarted(self.uploader.forget)
