"""Where the chunks of a feed go: all to one run of the function, or each to a call of its own.

Gradio has the first from 5.0 on, for functions that `protocols.takes_feeds` tells. For others the
page makes a call for each chunk, under its one session hash; so does a feed, one after the other,
for a function that keeps what it heard in a state to get the chunks in order.
"""

from __future__ import annotations

import abc
import contextlib
import functools
import time
from collections import deque
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from .. import forksafe
from ..errors import ConnectionLost
from .failures import copy_error, own_error
from .feed_call import FeedCall
from .record import Listeners

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..files.payload import Payload
    from .engine import Engine
    from .job import Job
    from .job_record import JobRecord
    from .partial_results import Node


class Chunk(NamedTuple):
    """A chunk that is to be sent: its job, what is known of it, and what is sent."""

    job: Job[Any]
    record: JobRecord
    payload: Payload


class ValueReader:
    """Reads the values of one call as they come."""

    def __init__(self, chunk: Chunk) -> None:
        self._job, self._record = chunk.job, chunk.record
        self._node: Node = chunk.record.find_next()

    def has_news(self) -> bool:
        """Tell whether there is a value, or the call is over."""
        return self._node.next is not None or self._record.is_over

    def wait(self, timeout: float | None) -> bool:
        """Wait for a value, or the end of the call; tell whether there is one."""
        return self._record.wait_until(self.has_news, timeout)

    def take(self) -> tuple[Any, ...]:
        """Return the next value in a tuple, which is empty at the end of a call that ended well.

        Raises:
            GradioProxyError: The call did not end well.
        """
        node = self._node
        if node.next is not None:
            self._node = node.next
            return (self._record.decode(node.data),)
        if (error := self._job.exception(0)) is not None:
            raise copy_error(error)
        return ()


class Feeder(abc.ABC):
    """What takes the chunks of a feed, and gives the values for them."""

    @abc.abstractmethod
    def send(self, given: Mapping[str, Any]) -> bool:
        """Send a chunk, unless none is taken any more; tell whether it was; returns at once.

        Args:
            given: The function's arguments, by name.
        """

    @abc.abstractmethod
    def finish(self) -> None:
        """Take notice that no other chunk comes."""

    @abc.abstractmethod
    def cancel(self) -> None:
        """Give up what is under way."""

    @abc.abstractmethod
    def receive(self, timeout: float | None) -> tuple[Any, ...] | None:
        """Return the next value in a tuple, which is empty at the end; ``None`` if none came.

        Raises:
            GradioProxyError: A call did not end well.
        """

    @abc.abstractmethod
    def add_listener(self, tell: Callable[[], None]) -> None:
        """Call a function whenever `receive` may have something else to return; on any thread."""

    @abc.abstractmethod
    def remove_listener(self, tell: Callable[[], None]) -> None:
        """Call it no more."""

    @property
    @abc.abstractmethod
    def pending(self) -> int:
        """How many chunks are not answered yet."""

    @property
    @abc.abstractmethod
    def job(self) -> Job[Any]:
        """The call that is under way, or was last."""

    @property
    @abc.abstractmethod
    def is_over(self) -> bool:
        """Whether no chunk is taken any more."""

    def ensure_well(self) -> None:
        """Do nothing, unless the feed did not end well.

        Raises:
            GradioProxyError: It did not.
        """
        if self.job.done() and (error := self.job.exception(0)) is not None:
            raise copy_error(error)


class RunFeeder(Feeder):
    """Sends the chunks to one run of the function.

    Args:
        engine: What runs calls.
        first: The first chunk, whose job is that of the whole feed.
        encode: Returns what is sent for arguments.
    """

    def __init__(
        self, engine: Engine, first: Chunk, encode: Callable[[Mapping[str, Any]], Payload]
    ) -> None:
        self._encode = encode
        self._job, self._record = first.job, first.record
        self._values = ValueReader(first)
        self._call = cast("FeedCall", engine.start(*first, make=FeedCall))

    @property
    def pending(self) -> int:
        """How many chunks are not answered yet."""
        return 0 if self.is_over else max(0, self._call.taken - self._record.look().news[1])

    def send(self, given: Mapping[str, Any]) -> bool:
        """Send a chunk; see `Feeder`."""
        return self._call.put(self._encode(given))

    def finish(self) -> None:
        """Take notice that no other chunk comes."""
        self._call.finish()

    def cancel(self) -> None:
        """Give the run up."""
        self._job.cancel()

    def receive(self, timeout: float | None) -> tuple[Any, ...] | None:
        """Return the next value; see `Feeder`."""
        return self._values.take() if self._values.wait(timeout) else None

    def add_listener(self, tell: Callable[[], None]) -> None:
        """Call a function at each change of the call."""
        self._record.add_listener(tell)

    def remove_listener(self, tell: Callable[[], None]) -> None:
        """Call it no more."""
        self._record.remove_listener(tell)

    @property
    def job(self) -> Job[Any]:
        """The call."""
        return self._job

    @property
    def is_over(self) -> bool:
        """Whether the call is over."""
        return self._record.is_over


class ChainFeeder(Feeder):
    """Makes a call for each chunk, when the one before has ended.

    What happens next is decided under a lock, and done without it: beginning a call may run code of
    users. The next call begins on the engine's threads, as those for callbacks may all be waiting
    for what comes of it.

    Args:
        engine: What runs calls.
        first: The first chunk.
        make: Makes a chunk of arguments.
    """

    def __init__(
        self, engine: Engine, first: Chunk, make: Callable[[Mapping[str, Any]], Chunk]
    ) -> None:
        self._engine, self._make = engine, make
        self._waiting: deque[Chunk] = deque()
        self._begun: deque[ValueReader] = deque()
        # The call that is under way, or about to begin; and the one that ended before.
        self._running: Chunk | None = None
        self._ended: Chunk | None = None
        self._changed = forksafe.Condition()
        self._listeners = Listeners(self._changed)
        self._finished = self._is_over = self._is_cancelled = False
        self._error: BaseException | None = None
        self._job, self._record = first.job, first.record
        forksafe.register(self)
        self._take(first)

    def after_fork(self) -> None:
        """Leave the calls to the parent."""
        if not self._is_at_end:
            self._error = ConnectionLost(
                "The feed belongs to the process that this one was forked from."
            )
        self._waiting.clear()
        self._listeners.clear()
        self._running, self._is_over = None, True

    def send(self, given: Mapping[str, Any]) -> bool:
        """Make a call of a chunk when its turn comes; see `Feeder`."""
        return self._take(self._make(given))

    def _take(self, chunk: Chunk) -> bool:
        try:
            with self._changed:
                if self.is_over or self._finished:
                    return False
                if self._running is not None:
                    self._waiting.append(chunk)
                    return True
                self._give_turn(chunk)
            self._begin(chunk)
        except (KeyboardInterrupt, SystemExit):  # nobody knows how far it came
            self.cancel()
            raise
        return True

    def finish(self) -> None:
        """Take notice that no other chunk comes."""
        with self._changed:
            self._finished = True
            self._changed.notify_all()
        self._listeners.tell()

    def cancel(self) -> None:
        """Give up the call that is under way, and those that are to follow."""
        with self._changed:
            if self._is_at_end:
                return
            self._waiting.clear()
            self._is_cancelled = self._is_over = True
            self._changed.notify_all()
        self._job.cancel()
        self._listeners.tell()

    def _give_turn(self, chunk: Chunk) -> None:
        """Let a chunk be the next, whose call is begun without the lock, which is held here."""
        self._running, self._job, self._record = chunk, chunk.job, chunk.record
        self._begun.append(ValueReader(chunk))
        self._changed.notify_all()

    def _begin(self, chunk: Chunk) -> None:
        """Begin the call of the chunk whose turn it is; raises what `Engine.start` does."""
        # First, so that its end is noticed whatever happens here.
        chunk.record.add_listener(self._note_news)
        if self._ended is not None:  # or a long feed would be all that the session remembers
            self._engine.jobs.forget([self._ended.job])
        try:
            if self._is_over:
                chunk.job.cancel()  # a handler of a signal has ended the feed just now
            if not chunk.record.is_over:
                self._engine.start(*chunk, tab=True)
        except Exception as error:
            chunk.record.fail(error)  # who waits for its values is told
            raise
        if chunk.record.is_over:  # it was cancelled, maybe before it began
            self._engine.forget(chunk.record)

    def add_listener(self, tell: Callable[[], None]) -> None:
        """Call a function at each change of a call, or of the feed."""
        self._listeners.add(tell)

    def remove_listener(self, tell: Callable[[], None]) -> None:
        """Call it no more."""
        self._listeners.remove(tell)

    def _note_news(self) -> None:
        """Take notice of a change of the call that is under way; a listener of its."""
        self._look()
        self._listeners.tell()

    def _look(self) -> None:
        """Let the next chunk have its turn if the call before has ended."""
        with self._changed:
            ended = self._running
            if ended is None or (end := ended.record.end) is None:
                return
            if end.stage != "finished":
                self._is_over = True
                self._waiting.clear()
            self._running, self._ended = None, ended
            chunk = self._waiting.popleft() if self._waiting else None
            if chunk is not None:
                self._give_turn(chunk)
            self._changed.notify_all()
        ended.record.remove_listener(self._note_news)
        if chunk is not None:
            try:
                self._engine.feed(functools.partial(self._begin_next, chunk))
            except RuntimeError as error:  # the system gives us no thread
                self._fail_next(chunk, own_error(error))

    def _begin_next(self, chunk: Chunk) -> None:
        """Begin the call of a chunk whose turn it is, on a thread of the engine's."""
        with contextlib.suppress(Exception):  # who iterates is told
            self._begin(chunk)

    def _fail_next(self, chunk: Chunk, error: BaseException) -> None:
        chunk.record.add_listener(self._note_news)
        chunk.record.fail(error)

    def receive(self, timeout: float | None) -> tuple[Any, ...] | None:
        """Return the next value; see `Feeder`."""
        deadline = None if timeout is None else time.monotonic() + timeout
        while True:
            with self._changed:
                self._changed.wait_for(
                    lambda: self._begun or self._is_at_end, _find_seconds_left(deadline)
                )
                if not self._begun:
                    return self._end() if self._is_at_end else None
                values = self._begun[0]
            if not values.wait(_find_seconds_left(deadline)):
                return None
            if value := values.take():
                return value
            with self._changed:
                if self._begun and self._begun[0] is values:
                    self._begun.popleft()

    def ensure_well(self) -> None:
        """Do nothing, unless a call failed or could not begin, or the feed was cancelled."""
        self._end()
        super().ensure_well()

    def _end(self) -> tuple[Any, ...]:
        """Return that there is no other value, when those of all calls were taken."""
        if self._error is not None:
            raise copy_error(self._error)
        if self._is_cancelled:
            raise self._record.build_cancellation()
        return ()

    @property
    def pending(self) -> int:
        """How many chunks are not answered yet."""
        with self._changed:
            is_running = self._running is not None
            seen = self._record.look()
            return len(self._waiting) + (is_running and not (seen.is_over or seen.news[1]))

    @property
    def _is_at_end(self) -> bool:
        return self._is_over or (self._finished and self._running is None)

    @property
    def job(self) -> Job[Any]:
        """The call that is under way, or was last."""
        return self._job

    @property
    def is_over(self) -> bool:
        """Whether a call failed or was cancelled."""
        end = self._record.end
        return self._is_over or (end is not None and end.stage != "finished")


def _find_seconds_left(deadline: float | None) -> float | None:
    return None if deadline is None else max(0.0, deadline - time.monotonic())
