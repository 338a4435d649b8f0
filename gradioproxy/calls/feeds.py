"""Where the chunks of a feed go: all to one run of the function, or each to a call of its own.

Gradio has the first from 5.0 on. Before, the page makes a call for each chunk, under its one
session hash; so does a feed, one after the other, for a function that keeps what it heard in a
state to get the chunks in order.
"""

from __future__ import annotations

import abc
import contextlib
import time
from collections import deque
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from .. import forksafe
from .failures import copy_error
from .feed_call import FeedCall

if TYPE_CHECKING:
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
        self.read = 0

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
            self._node, self.read = node.next, self.read + 1
            return (self._record.decode(node.data),)
        if (error := self._job.exception(0)) is not None:
            raise copy_error(error)
        return ()


class Feeder(abc.ABC):
    """What takes the chunks of a feed, and gives the values for them."""

    @abc.abstractmethod
    def send(self, chunk: Chunk) -> None:
        """Send a chunk; returns at once."""

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
        """Do nothing, unless the feed did not end well; to be asked when it is over.

        Raises:
            GradioProxyError: It did not.
        """
        if (error := self.job.exception(0)) is not None:
            raise copy_error(error)


class RunFeeder(Feeder):
    """Sends the chunks to one run of the function.

    Args:
        engine: What runs calls.
        first: The first chunk, whose job is that of the whole feed.
    """

    def __init__(self, engine: Engine, first: Chunk) -> None:
        self._job, self._record = first.job, first.record
        self._values = ValueReader(first)
        self._call = cast("FeedCall", engine.start(*first, make=FeedCall))
        self._sent = 1

    @property
    def pending(self) -> int:
        """How many chunks are not answered yet."""
        return 0 if self.is_over else max(0, self._sent - self._record.look().news[1])

    def send(self, chunk: Chunk) -> None:
        """Send a chunk; returns at once."""
        self._sent += 1
        self._call.put(chunk.payload)

    def finish(self) -> None:
        """Take notice that no other chunk comes."""
        self._call.put(None)

    def cancel(self) -> None:
        """Give the run up."""
        self._job.cancel()

    def receive(self, timeout: float | None) -> tuple[Any, ...] | None:
        """Return the next value; see `Feeder`."""
        return self._values.take() if self._values.wait(timeout) else None

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

    Args:
        engine: What runs calls.
        first: The first chunk.
    """

    def __init__(self, engine: Engine, first: Chunk) -> None:
        self._engine = engine
        self._waiting: deque[Chunk] = deque()
        self._begun: deque[ValueReader] = deque()
        self._changed = forksafe.Condition()
        self._finished = self._is_over = self._is_running = self._is_cancelled = False
        self._error: BaseException | None = None
        self._job, self._record = first.job, first.record
        self._begin(first)

    def send(self, chunk: Chunk) -> None:
        """Make a call of a chunk when its turn comes."""
        with self._changed:
            if self._is_running or self._waiting:
                self._waiting.append(chunk)
                return
        self._begin(chunk)

    def finish(self) -> None:
        """Take notice that no other chunk comes."""
        with self._changed:
            self._finished = True
            self._changed.notify_all()

    def cancel(self) -> None:
        """Give up the call that is under way, and those that are to follow."""
        with self._changed:
            if self._is_at_end:
                return
            self._waiting.clear()
            self._is_cancelled = self._is_over = True
            self._changed.notify_all()
        self._job.cancel()

    def _begin(self, chunk: Chunk) -> None:
        values = ValueReader(chunk)
        with self._changed:
            self._is_running = True
        try:
            self._engine.start(*chunk, tab=True)
        except BaseException as error:
            with self._changed:
                self._is_running, self._is_over, self._error = False, True, error
                self._changed.notify_all()
            raise
        with self._changed:
            self._job, self._record = chunk.job, chunk.record
            self._begun.append(values)
            self._changed.notify_all()
            is_cancelled = self._is_cancelled
        chunk.job.add_done_callback(self._begin_next)
        if is_cancelled:  # meanwhile
            chunk.job.cancel()

    def _begin_next(self, ended: Any) -> None:
        """Begin the call of the next chunk; on a thread that may wait for other calls."""
        with self._changed:
            if ended.cancelled() or ended.exception() is not None:
                self._is_over = True
                self._waiting.clear()
            chunk = self._waiting.popleft() if self._waiting else None
            self._is_running = chunk is not None
            self._changed.notify_all()
        if chunk is not None:
            with contextlib.suppress(Exception):  # who iterates is told
                self._begin(chunk)

    def receive(self, timeout: float | None) -> tuple[Any, ...] | None:
        """Return the next value; see `Feeder`."""
        deadline = None if timeout is None else time.monotonic() + timeout
        while True:
            left = None if deadline is None else max(0.0, deadline - time.monotonic())
            with self._changed:
                self._changed.wait_for(lambda: self._begun or self._is_at_end, left)
                if not self._begun:
                    return self._end() if self._is_at_end else None
                values = self._begun[0]
            if not values.wait(left):
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
            seen = self._record.look()
            return len(self._waiting) + (self._is_running and not (seen.is_over or seen.news[1]))

    @property
    def _is_at_end(self) -> bool:
        return self._is_over or (self._finished and not self._is_running and not self._waiting)

    @property
    def job(self) -> Job[Any]:
        """The call that is under way, or was last."""
        return self._job

    @property
    def is_over(self) -> bool:
        """Whether a call failed or was cancelled."""
        end = self._record.end
        return self._is_over or (end is not None and end.stage != "finished")
