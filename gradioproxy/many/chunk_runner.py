"""The runner whose calls are made by the workers of an executor, several in each task.

Calls are handed out in chunks, as a task costs more than many a call does. There are as many chunks
under way as there are workers, and each of them has a share of ``concurrency``: so many calls of it
are under way at once. A chunk has as many calls as take about a second; what a worker does not
begin in twice that time comes back, and goes out again.

Rule: chunks are handed out by the thread that asks for results, and by no other: an executor that
breaks tells of it with its own lock held.
"""

from __future__ import annotations

import contextlib
import functools
import math
import os
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from .. import forksafe
from ..calls.failures import copy_error
from ..errors import GradioProxyError, JobCancelled, JournalError
from ..files.upload import unreadable
from .carrying import carry, count_content
from .chunk import Chunk
from .chunk_records import NoRecords
from .losses import describe_end, describe_loss
from .pending import PendingInput

if TYPE_CHECKING:
    from ..errors import ConnectionLost
    from ..files.payload import Payload
    from ..schema.endpoint import Endpoint
    from .chunk import Answer, AppReference, ChunkAnswer, Find, Ticket
    from .chunk_records import ChunkRecords, Received
    from .workers import ChunkFuture, Workers

# How long a chunk is to take, and when a worker begins no more of its calls.
TARGET_SECONDS, LIMIT_SECONDS = 1.0, 2.0
LONGEST_CHUNK = 256
# As much content of files goes along in one chunk, unless one call has more.
CHUNK_BYTES = 8 << 20


class MappedFunction(Protocol):
    """The function whose calls are made."""

    @property
    def name(self) -> str:
        """What it is called."""
        ...

    @property
    def endpoint(self) -> Endpoint:
        """What is called."""
        ...

    def refer(self) -> tuple[Find, AppReference]:
        """Return how a worker finds the app: a function of a module, and what it is given."""
        ...

    def encode(self, item: Any) -> Payload:
        """Return what the call of an input sends; raises what is wrong with the input."""
        ...

    def receive(self, answer: Answer) -> Received:
        """Return what came of a call, and what makes a result of it as of one of this session."""
        ...

    def explain(self, error: BaseException, item: Any) -> BaseException:
        """Return the error of an input's call, with what is known of it here."""
        ...


@dataclass(eq=False)
class _Handed:
    """A chunk that a worker has.

    Attributes:
        width: How many of its calls are under way at most.
        calls: They.
        ticket: What the worker takes before it begins.
        future: What tells of its end.
    """

    width: int
    calls: list[PendingInput]
    ticket: Ticket | None = None
    future: ChunkFuture | None = None


class ChunkRunner:
    """Makes calls by the workers of an executor.

    Args:
        workers: The workers.
        function: The function whose calls they are.
        concurrency: How many calls are under way at most, at all workers together.
        patience: Seconds for which a call may be refused; ``None`` for any number.
        records: Notes what becomes of the calls; by default nothing is noted.

    Attributes:
        failure: Why the executor takes nothing more, if it does not.
    """

    def __init__(
        self,
        workers: Workers,
        function: MappedFunction,
        concurrency: int,
        patience: float | None,
        records: ChunkRecords | None = None,
    ) -> None:
        self._workers = workers
        self._records: ChunkRecords = NoRecords() if records is None else records
        self._function = function
        self._patience = patience
        count = min(concurrency, workers.count or concurrency)
        some, more = divmod(concurrency, count)
        self._widths = [some + 1] * more + [some] * (count - more)
        # Those whose turn nobody has, the widest last.
        self._idle = sorted(self._widths)
        self._handed: set[_Handed] = set()
        self._waiting: deque[PendingInput] = deque()
        # How many calls a chunk has for each of those that are under way at once.
        self._rounds = 1.0
        self._lock = forksafe.RLock()
        self._process = os.getpid()
        self.failure: ConnectionLost | None = None

    # What whoever feeds it asks.

    @property
    def capacity(self) -> int:
        """How many inputs it takes: two chunks for each worker."""
        return 2 * sum(map(self._find_size, self._widths))

    def start(self, item: Any) -> PendingInput:
        """Take an input; raises what is wrong with it."""
        name = self._function.name
        if os.getpid() != self._process:
            raise describe_end(name, RuntimeError("it belongs to the process before the fork"))
        pending = PendingInput(item, self._function.encode(item), self._withdraw)
        with self._lock:
            self._waiting.append(pending)
        self._hand_out(everything=False)
        return pending

    def flush(self) -> None:
        """Hand out what waits, as far as workers are idle."""
        self._hand_out(everything=True)

    def close(self) -> None:
        """Let go of what was needed to hand chunks out."""
        self._workers.close()

    # Out.

    def _find_size(self, width: int) -> int:
        """Return how many calls a chunk has."""
        return max(width, min(LONGEST_CHUNK, int(self._rounds * width)))

    def _hand_out(self, *, everything: bool) -> None:
        """Hand out what waits to idle workers.

        Args:
            everything: Whether also less than what a worker has under way at once.
        """
        while (handed := self._take_waiting(everything=everything)) is not None:
            payloads = self._pack(handed)
            if not payloads:
                self._free(handed)
                continue
            try:
                future = self._submit(handed, payloads)
            except JournalError as error:  # so nothing may be sent
                self._workers.discard(handed.ticket)
                self._free(handed)
                for call in handed.calls:
                    self._fail(call, copy_error(error), sent=False)
            except Exception as error:  # noqa: BLE001 - whatever it is, it takes nothing more
                self._workers.discard(handed.ticket)
                self._free(handed)
                self._refuse(handed.calls, error)
            else:
                handed.future = future
                # Which is called at once, by an executor that has made the calls already.
                future.add_done_callback(functools.partial(self._take_end, handed))

    def _take_waiting(self, *, everything: bool) -> _Handed | None:
        """Take calls for an idle worker; ``None`` if there is none, or not enough for it."""
        with self._lock:
            count = len(self._waiting)
            if not self._idle or not count or (count < self._idle[-1] and not everything):
                return None
            fair = math.ceil(count / len(self._idle))
            width = self._idle.pop()
            size = min(count, self._find_size(width), fair if everything else max(fair, width))
            handed = _Handed(width, [self._waiting.popleft() for _ in range(size)])
            self._handed.add(handed)
            return handed

    def _pack(self, handed: _Handed) -> list[Payload]:
        """Return what a chunk sends: as much as goes into one. What can't be sent has ended."""
        payloads: list[Payload] = []
        calls, handed.calls, content = handed.calls, [], 0
        for number, call in enumerate(calls):
            if content >= CHUNK_BYTES:
                self._put_back(calls[number:])
                break
            try:
                shared = self._workers.sees_files
                payload = carry(call.payload, self._function.name, shared=shared)
            except GradioProxyError as error:
                self._fail(call, error, sent=False)
                continue
            except OSError as error:
                self._fail(call, unreadable(error, self._function.name), sent=False)
                continue
            content += count_content(payload)
            handed.calls.append(call)
            payloads.append(payload)
        return payloads

    def _submit(self, handed: _Handed, payloads: list[Payload]) -> ChunkFuture:
        """Hand a chunk out; raises why the executor does not take it."""
        if self.failure is not None:
            raise self.failure
        function = self._function
        find, app = function.refer()
        handed.ticket = ticket = self._workers.make_ticket()
        chunk = Chunk(
            find=find,
            app=app,
            name=function.name,
            endpoint=function.endpoint,
            payloads=payloads,
            width=handed.width,
            patience=self._patience,
            seconds=LIMIT_SECONDS,
            ticket=ticket,
        )
        # Before it is noted: from here on nobody knows whether a worker begins them.
        for call in handed.calls:
            call.is_out = True
        self._records.note_sending([call.item for call in handed.calls])
        return self._workers.submit(chunk)

    def _put_back(self, calls: list[PendingInput]) -> None:
        """Let calls that have not begun wait again, before all others."""
        self._records.note_unsent([call.item for call in calls if call.is_out])
        with self._lock:
            for call in calls:
                call.is_out = False
            self._waiting.extendleft(call for call in reversed(calls) if not call.is_ending)

    def _free(self, handed: _Handed) -> None:
        """Let a worker be idle again."""
        with self._lock:
            self._handed.discard(handed)
            self._idle = sorted([*self._idle, handed.width])

    # Back.

    def _take_end(self, handed: _Handed, future: ChunkFuture) -> None:
        """Take note of what became of a chunk; on any thread, perhaps under a lock of its."""
        self._records.run(functools.partial(self._take_answer, handed, future))

    def _take_answer(self, handed: _Handed, future: ChunkFuture) -> None:
        try:
            answer = future.result()
        except BaseException as error:  # noqa: BLE001 - a worker's Ctrl-C is no reason to end here
            self._free(handed)
            self._lose(handed, error)
            return
        if answer.refused:
            self._free(handed)
            self._lose(handed, None)
        else:
            self._take_outcomes(handed, answer)

    def _take_outcomes(self, handed: _Handed, answer: ChunkAnswer) -> None:
        self._workers.discard(handed.ticket)
        ended = len(answer.outcomes)
        self._put_back(handed.calls[ended:])
        self._adapt(handed.width, ended, answer.seconds)
        # Before anybody hears of the calls: who does has the next ones for it.
        self._free(handed)
        for call, outcome in zip(handed.calls, answer.outcomes, strict=False):
            self._end(call, outcome)

    def _adapt(self, width: int, ended: int, seconds: float) -> None:
        """Have chunks take about as long as they are to take."""
        fitting = ended / width * TARGET_SECONDS / max(seconds, 1e-3)
        with self._lock:
            self._rounds = max(1.0, min(fitting, 2 * self._rounds, LONGEST_CHUNK))

    def _end(self, call: PendingInput, outcome: Answer | BaseException) -> None:
        """End a call with what came of it, unless it was given up."""
        if isinstance(outcome, BaseException):
            error = self._function.explain(outcome, call.item)
            self._fail(call, error, sent=getattr(error, "may_have_run", True))
        elif call.claim():
            try:
                received = self._function.receive(outcome)
                fail = functools.partial(self._fail_decoding, call)
                self._records.keep(call.item, received, call.finish, fail)
            except Exception as error:  # noqa: BLE001 - it is what came of the call
                self._fail_decoding(call, error)

    def _fail_decoding(self, call: PendingInput, error: BaseException) -> None:
        """End a call that was claimed, whose result is none, or can't be kept."""
        if isinstance(error, GradioProxyError):
            error.with_call(may_have_run=True)
        self._records.note_error(call.item, error, sent=True)
        call.fail(error)

    def _fail(self, call: PendingInput, error: BaseException, *, sent: bool) -> None:
        """End a call with its error, unless it was given up."""
        if call.claim():
            self._records.note_error(call.item, error, sent=sent)
            call.fail(error)

    def _fail_losing(self, call: PendingInput, error: ConnectionLost, *, sent: bool) -> None:
        """End a call that the executor lost or refused, unless it was given up."""
        if call.claim():
            explained = self._function.explain(error, call.item)
            self._records.note_loss(call.item, explained, sent=sent)
            call.fail(explained)

    def _lose(self, handed: _Handed, error: BaseException | None) -> None:
        """End the calls of a chunk of which the executor does not say what came of them."""
        if all(call.is_ending for call in handed.calls):
            self._workers.discard(handed.ticket)
            return  # they were given up, and so it was
        may_have_run = self._workers.revoke(handed.ticket)
        if error is not None and not may_have_run:
            # It is not for what a chunk does that it fails, so there is no use in handing out more.
            self._refuse(handed.calls, error)
            return
        for call in handed.calls:
            lost = describe_loss(self._function.name, error, may_have_run=may_have_run)
            self._fail_losing(call, lost, sent=may_have_run)

    def _refuse(self, calls: list[PendingInput], error: BaseException) -> None:
        """End calls, and all that wait, as the executor takes nothing more."""
        with self._lock:
            if self.failure is None:
                self.failure = describe_end(self._function.name, error)
            refused = [*calls, *self._waiting]
            self._waiting.clear()
        for call in refused:
            self._fail_losing(call, copy_error(self.failure), sent=False)

    def _withdraw(self, call: PendingInput) -> None:
        """End a call that is given up, and let go of a chunk of which all were."""
        with self._lock:
            with contextlib.suppress(ValueError):
                self._waiting.remove(call)
            unwanted = [
                handed for handed in self._handed if all(each.is_ending for each in handed.calls)
            ]
        self._give_up(call, sent=call.is_out)
        for handed in unwanted:
            # Whoever let go of the results may be anybody, as the collector; and the cluster gone.
            with contextlib.suppress(Exception):
                if not self._workers.revoke(handed.ticket):
                    for each in handed.calls:  # nobody has begun it
                        self._give_up(each, sent=False)
                if handed.future is not None:
                    handed.future.cancel()

    def _give_up(self, call: PendingInput, *, sent: bool) -> None:
        error = JobCancelled("The call was given up.").with_call(may_have_run=sent)
        self._records.note_error(call.item, error, sent=sent)
        call.fail(error)
