"""What is noted of the calls of chunks: nothing, or what a journal is to know of them.

Rule: as for a call of this session, ``sent`` is on the disk before a chunk is handed out, and a
result before anybody gets it. What takes its time is done on a thread of the session's: an executor
tells of a chunk's end on a thread by which it looks after all of its workers.
"""

from __future__ import annotations

import contextlib
import functools
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from ..errors import JournalError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ..files.call_files import CallFiles
    from ..schema.endpoint import JSON
    from ..values.decode import Decoder
    from .entry import Entry


class Received(NamedTuple):
    """What came of a call, before it is decoded.

    Attributes:
        data: What the app sent.
        decoder: Makes a result of that.
        files: Makes the files in it.
    """

    data: tuple[JSON, ...]
    decoder: Decoder
    files: CallFiles


class ChunkRecords(Protocol):
    """Notes what becomes of inputs."""

    def run(self, task: Callable[[], None]) -> None:
        """Run a function that notes what came of a chunk: here, or on a thread that may wait."""
        ...

    def note_sending(self, items: Sequence[Any]) -> None:
        """Note that calls are about to be handed out.

        Raises:
            JournalError: That can't be written, and they may not be.
        """
        ...

    def note_unsent(self, items: Sequence[Any]) -> None:
        """Note that calls come back that nobody has begun, and that they go out again."""
        ...

    def note_error(self, item: Any, error: BaseException, *, sent: bool) -> None:
        """Note what a call failed with, or that it was given up.

        Args:
            item: The input.
            error: Its error.
            sent: Whether the app may have run it.
        """
        ...

    def note_loss(self, item: Any, error: BaseException, *, sent: bool) -> None:
        """Note that the executor failed, and no call: it does not say what became of this one."""
        ...

    def keep(
        self,
        item: Any,
        received: Received,
        finish: Callable[[Any], None],
        fail: Callable[[BaseException], None],
    ) -> None:
        """Make a result of what came, and pass it on as soon as it is kept.

        Args:
            item: The input.
            received: What came.
            finish: Takes the result.
            fail: Takes what kept it from being kept.

        Raises:
            Exception: It is no result.
        """
        ...


class NoRecords:
    """Notes nothing."""

    def run(self, task: Callable[[], None]) -> None:
        """Run a function here."""
        task()

    def note_sending(self, items: Sequence[Any]) -> None:
        """Note nothing."""

    def note_unsent(self, items: Sequence[Any]) -> None:
        """Note nothing."""

    def note_error(self, item: Any, error: BaseException, *, sent: bool) -> None:
        """Note nothing."""

    def note_loss(self, item: Any, error: BaseException, *, sent: bool) -> None:
        """Note nothing."""

    def keep(
        self,
        item: Any,
        received: Received,
        finish: Callable[[Any], None],
        fail: Callable[[BaseException], None],
    ) -> None:
        """Make a result of what came, and pass it on."""
        del item, fail
        finish(received.decoder.decode(received.data, copy=False))


class EntryRecords:
    """Notes what becomes of the entries of one map's journal.

    Args:
        run: Runs a function on a thread that may wait for the app.
    """

    def __init__(self, run: Callable[[Callable[[], None]], None]) -> None:
        self._run = run

    def run(self, task: Callable[[], None]) -> None:
        """Run a function on a thread that may wait; here where the system gives us none."""
        try:
            self._run(task)
        except RuntimeError:
            task()

    def note_sending(self, items: Sequence[Entry]) -> None:
        """Note that calls are about to be handed out, in one transaction."""
        items[0].recorder.note_sending(*(item.number for item in items))

    def note_unsent(self, items: Sequence[Entry]) -> None:
        """Note that calls come back that nobody has begun."""
        with contextlib.suppress(JournalError):  # they count as sent, which harms nobody
            if items:
                items[0].recorder.note_unsent(*(item.number for item in items))

    def note_error(self, item: Entry, error: BaseException, *, sent: bool) -> None:
        """Note what a call failed with, or that it was given up."""
        with contextlib.suppress(Exception):  # what is not noted is not known
            item.note_error(error, sent=sent)

    def note_loss(self, item: Entry, error: BaseException, *, sent: bool) -> None:
        """Note that the executor failed, and no call."""
        with contextlib.suppress(Exception):  # as above
            item.note_loss(error, sent=sent)

    def keep(
        self,
        item: Entry,
        received: Received,
        finish: Callable[[Any], None],
        fail: Callable[[BaseException], None],
    ) -> None:
        """Make a result of what came, and pass it on as soon as it is kept, with its files."""
        data, decoder, files = received
        result = item.watch(decoder).decode(data, copy=False)
        item.keep(data, files, functools.partial(finish, result), fail)
