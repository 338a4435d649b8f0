"""What is known here of a call that a function makes, from its first byte to its end.

The session's threads tell it what happens; its caller sees of it what `job.Job` shows. A call goes
on though nobody has its job any more.
"""

from __future__ import annotations

import contextlib
import functools
import logging
from collections import deque
from typing import TYPE_CHECKING, Any, Protocol

from ..errors import AppError, GradioProxyError, JobCancelled, ProtocolError, Timeout, Trace
from ..notebook import in_notebook
from ..protocols import events
from ..protocols.diffs import build_value
from ..text import one_line
from ..values.changes import is_update
from .ending_record import EndingRecord
from .failures import add_call_details, copy_error, error_for, explain_app_error
from .future import CANCELLED, End
from .partial_results import PartialResults
from .status import Log, advance_status
from .timeline import Timeline

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..files.call_files import CallFiles
    from ..protocols.events import Event
    from ..values.decode import Decoder
    from .call_journal import CallJournal
    from .future import EndTeller
    from .messages import Teller
    from .partial_results import Node
    from .record import CallRecord
    from .request import CallRequest
    from .sight import Sight
    from .status import Stage

log = logging.getLogger("gradioproxy")
_LEVELS = {"warning": logging.WARNING, "error": logging.ERROR}
_LONGEST_LINE = 1000


class Home(Protocol):
    """What a call belongs to, as far as it has to know: a session's `engine.Engine`."""

    def withdraw(self, record: CallRecord) -> None:
        """Tell the server, from another thread, that a call is given up."""
        ...

    def forget(self, record: JobRecord) -> None:
        """Let go of a call that is over."""
        ...

    def run_callback(self, callback: Callable[[], None]) -> None:
        """Run a user's callback on a thread that may wait for other calls."""
        ...


class JobRecord(EndingRecord):
    """What is known of a call.

    Args:
        request: What is asked of the app.
        home: What it belongs to.
        decoder: Makes results of what comes.
        files: Makes the files among them.
        keep: How many partial results are kept; by default as the session's limits say.
        result_only: Whether its caller gets the result and nothing else, so that it need not
            count as a partial result.
        journal: Keeps its way, if anything does.
    """

    def __init__(
        self,
        request: CallRequest,
        home: Home,
        decoder: Decoder,
        files: CallFiles,
        keep: int | None = None,
        *,
        result_only: bool = False,
        journal: CallJournal | None = None,
    ) -> None:
        # Before it is registered there: another thread may fork, and the child ends the call.
        self._teller: EndTeller | None = None
        super().__init__(request, journal)
        limits = request.limits
        # Let go of at the end: the session remembers the job, and would be held by it.
        self._home: Home | None = home
        self._decoder = decoder
        self._files = files
        self._logs: deque[Log] = deque(maxlen=limits.logs)
        self._said = 0
        self._messages: Teller | None = None
        if in_notebook():
            from .messages import Teller  # late: few scripts are notebooks

            self._messages = Teller()
        self._partial = PartialResults(limits.outputs if keep is None else keep, limits.kept)
        self._updates: tuple[Any, ...] = ()
        self._result_only = result_only
        self._callbacks: list[Callable[[], None]] = []
        self._timeline = Timeline(limits.timeline)

    # What its job asks.

    def take_teller(self, teller: EndTeller) -> None:
        """Tell a job of the end, for as long as somebody has it."""
        self._teller = teller

    def list_logs(self) -> list[Log]:
        """Return what the app said so far."""
        with self._changed:
            return list(self._logs)

    def decode_outputs(self) -> list[Any]:
        """Return the partial results that are kept, each anew."""
        with self._changed:
            kept = self._partial.kept
        return [self.decode(values) for values in kept]

    def decode_updates(self) -> tuple[dict[str, Any] | None, ...]:
        """Return how the app changed its components with the latest result."""
        return self._decoder.updates(self._updates)

    def decode(self, values: tuple[Any, ...]) -> Any:
        """Return what a caller gets of a partial result; see `events.Yielded`."""
        try:
            data = [*map(build_value, values)]
        except RecursionError:  # whoever asks is deep in Python's stack already
            raise ProtocolError("There is no room to put a partial result together.") from None
        return self._decoder.decode(data)

    def find_first(self) -> Node:
        """Return where the partial results begin that are kept."""
        with self._changed:
            return self._partial.first

    def find_next(self) -> Node:
        """Return where those begin that are still to come."""
        with self._changed:
            return self._partial.end

    def wait_for_end(self, timeout: float | None) -> End | None:
        """Return how the call ended, as soon as it has; ``None`` when so many seconds are over."""
        with self._changed:
            self._changed.wait_for(lambda: self.is_over, timeout)
            return self.end

    def look(self) -> Sight:
        """Return what is to be seen of the call now."""
        from .sight import Sight  # late: few scripts look

        with self._changed:
            return Sight(
                self._status, tuple(self._logs), self._partial.latest, self.end, self._news
            )

    def show_with_messages(self) -> None:
        """Note that a notebook shows the job, and with it what the app says."""
        if self._messages is not None:
            self._messages.take_back()

    def wait_for_change(self, seen: Sight) -> Sight:
        """Return what is to be seen of the call as soon as it is something else, or it is over."""
        with self._changed:
            self._changed.wait_for(
                lambda: self.is_over or self._status is not seen.status or self._news != seen.news
            )
            return self.look()

    @property
    def _news(self) -> tuple[int, int]:
        return self._said, self._partial.count

    def add_callback(self, callback: Callable[[], None]) -> bool:
        """Have a function called at the end, on a thread that may wait; false if it is over."""
        with self._changed:
            if not self.is_over:
                self._callbacks.append(callback)
            return not self.is_over

    # What the session's threads tell it.

    def note(self, what: str) -> None:
        """Add an entry to the timeline of the call's report."""
        self._timeline.note(what)

    def handle(self, *happened: Event) -> None:
        """Note what happened to the call, unless it is over."""
        with self._changed:
            if self.end is not None:
                return
            before = self._partial.count
            for event in happened:
                try:
                    if isinstance(event, events.Yielded):  # there may be thousands
                        self._take_partial_result(event)
                    else:
                        self.note(events.summary(event, self.request.transport.hide))
                        self._handle(event)
                except Exception as error:  # noqa: BLE001, PERF203 - nobody must wait for ever
                    self._effects.append(functools.partial(self.give_up, error))
            if self._partial.count > before:
                self._files.note_news()
                self._notify()

    def _take_partial_result(self, event: events.Yielded) -> None:
        self._timeline.note_partial_result(event)
        self._decoder.check(event.values)
        self._partial.append(event.values, event.size)
        if self._status.stage != "running":
            self._set_status(advance_status(self._status, event))

    def _handle(self, event: Event) -> None:
        match event:
            case events.Queued() | events.Started() | events.Progressed():
                self._set_status(advance_status(self._status, event))
            case events.Logged(level, text, title):
                said = Log(level, text, title)
                self._logs.append(said)
                self._said += 1
                self._effects.append(functools.partial(self._tell_message, said))
                self._notify()
            case events.Completed(data):
                self._effects.append(functools.partial(self._complete, data))
            case _:
                error = error_for(event, self.request.name, sent=self.withhold())
                own = explain_app_error(error, self.request)
                self._effects.append(functools.partial(self.fail, own))

    def _tell_message(self, said: Log) -> None:
        hide, name, level = self.request.transport.hide, self.request.name, said.level
        if self._messages is not None:
            title = said.title and hide(said.title)
            self._messages.tell(name, Log(level, hide(said.text), title))
            if not log.hasHandlers():
                return  # Python would write it where notebooks show errors
        # On one line: a second one could look as if somebody else had written it.
        line = hide(one_line(said.text, _LONGEST_LINE))
        log.log(_LEVELS.get(level, logging.INFO), "%s: %s", name, line)

    def fail(self, error: BaseException) -> None:
        """End the call with an error, unless it is over; not to be called with a lock held."""
        if self._finish_with(error, "cancelled" if isinstance(error, JobCancelled) else "failed"):
            self._conclude()

    def give_up(self, error: BaseException) -> None:
        """End the call with an error of this side, and have the app told, or it could go on."""
        if self._finish_with(error, "failed"):
            self._conclude(withdraw=True)

    def expire(self) -> None:
        """End the call because ``call_timeout`` is over."""
        seconds = self.request.options.call_timeout
        self.give_up(
            Timeout(
                f"{self.request.name}() took longer than call_timeout={seconds} s and was "
                "cancelled.",
                limit="call_timeout",
                seconds=seconds,
            )
        )

    def drop_files(self) -> None:
        """Give up the streams that are on their way here."""
        self._files.drop()

    def abandon(self, error: GradioProxyError) -> None:
        """End the call in a forked child, where nobody brings it to its end.

        Its callbacks, and whoever waits for its job, are the parent's.
        """
        if self._teller is not None:
            self._teller.forget_waiters()
        self._callbacks = []
        self._home = None
        self._finish_with(error, "failed")
        self._tell_job()

    def trace(self) -> Trace:
        """Return what is known of the call, for a report."""
        return Trace(self.request.peer, self.request.text, self._timeline.build_entries())

    # How it ends. First that is noted, in one step, from which on whatever comes is ignored; then
    # whoever waits is told, with no lock held. What Ctrl-C cuts short, whoever comes next goes on
    # with: asking the job is enough for who waits for it, and cancelling it or closing its session
    # for the rest.

    def cancel(self) -> bool:
        """Give the call up; return whether that is how it ends."""
        self._finish(CANCELLED)
        # Also of one that was given up, and whose end Ctrl-C came into.
        self._conclude(withdraw=self.end is CANCELLED)
        return self.end is CANCELLED

    def _finish_with(self, error: BaseException, stage: Stage) -> bool:
        """Note that the call ends with an error, unless it is over; tell whether it was not."""
        # An error without its details is still one, and nobody must wait for ever.
        with contextlib.suppress(Exception):
            self._add_details(error)
        return self._finish(End(stage, error))

    def _conclude(self, *, withdraw: bool = False) -> None:
        """Tell everybody how the call ended, and the server if it is to stop."""
        self._tell_job()
        self._end_files()
        self.run_effects()
        if self._messages is not None:
            self._messages.end()  # it holds all that the cell's context has
        with self._changed:
            callbacks, self._callbacks = self._callbacks, []
        home = self._home
        if home is not None:
            for fn in callbacks:
                home.run_callback(fn)
            home.forget(self)
            self.forget_app()
            if withdraw:
                home.withdraw(self)
            self._home = None

    def _end_files(self) -> None:
        """Say how the call ended to those who read a stream of its results along."""
        end = self.end
        if end is None or end.stage == "finished":
            self._files.end_call(is_cut=False)
            return
        error = self.build_cancellation() if end is CANCELLED else end.value
        # The app ends what it streams when it fails, and all that it made before is good.
        is_cut = not isinstance(error, AppError)
        self._files.end_call(functools.partial(copy_error, error), is_cut=is_cut)

    def _tell_job(self) -> None:
        if self._teller is not None:
            self._teller.tell(self.end)

    def _complete(self, data: tuple[Any, ...]) -> None:
        """End the call with a result, as soon as its streams are here; an effect."""
        if self.is_over:
            return  # it was given up just now, by whoever runs this
        has_updates = any(map(is_update, data))
        # What came can be large. Where nothing was yielded that may have parts in common with it,
        # and nothing is kept of it here, the caller can have it as it is.
        is_whole = not self._partial.count and self.request.endpoint.generator is not True
        is_copied = has_updates or not (is_whole and self._result_only)
        journal, decoder = self._journal, self._decoder
        try:
            decoder = decoder if journal is None else journal.watch(decoder)
            result = decoder.decode(data, copy=is_copied)
        except Exception as error:  # noqa: BLE001 - whatever it is, nobody must wait for ever
            self.give_up(error)
            return
        with self._changed:
            if self.end is not None:
                return
            self._updates = data if has_updates else ()
            if is_whole and not self._result_only:
                # The result of a call that yields nothing counts as its one partial result.
                self._partial.append(data)
                self._notify()
        end = functools.partial(self._finish_well, result)
        if journal is not None:
            end = functools.partial(journal.keep, data, self._files, end, self.fail)
        if self._files.has_streams:
            self.note("streams are fetched")
            self.update(stage="downloading", eta=None)
            self._files.download_all(end)
        else:
            end()

    def _finish_well(self, result: Any) -> None:
        if self._finish(End("finished", result)):
            self._conclude()

    def _add_details(self, error: BaseException) -> None:
        add_call_details(
            error,
            self.trace(),
            event_id=self.event_id,
            sent=self.sent,
            outputs=lambda: tuple(self.decode_outputs()),
            hide=self.request.transport.hide,
        )
