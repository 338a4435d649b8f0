"""A call whose way is noted in a journal, as it goes."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
from typing import TYPE_CHECKING, Any, NamedTuple

from ..calls.future import CANCELLED
from ..calls.job_record import JobRecord
from ..errors import (
    AppError,
    GradioProxyError,
    JobCancelled,
    JournalError,
    QueueFull,
    QuotaExceeded,
    RateLimited,
)
from .kept_files import find_place
from .stored import write_error, write_result

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..calls.future import End
    from ..calls.request import CallRequest
    from ..files.call_files import CallFiles
    from ..files.file import File
    from ..files.payload import Payload
    from ..transport.in_flight import InFlight
    from ..values.decode import Decoder
    from .kept_files import FileKeeper
    from .recorder import Recorder, State


class Entry(NamedTuple):
    """An input that is this map's to be called.

    Attributes:
        number: Its number in the journal.
        arguments: The function's arguments, by name.
        payload: What is sent.
        recorder: Writes the journal.
        keeper: Keeps the files of its result.
    """

    number: int
    arguments: Mapping[str, Any]
    payload: Payload
    recorder: Recorder
    keeper: FileKeeper


class RecordedCall(JobRecord):
    """What is known of a call, here and in a journal.

    Args:
        entry: Its input.
        request, home, decoder, files, keep, result_only: As of a `JobRecord`.
    """

    def __init__(  # noqa: PLR0917 - as of its base
        self,
        entry: Entry,
        request: CallRequest,
        home: Any,
        decoder: Decoder,
        files: CallFiles,
        keep: int | None = None,
        *,
        result_only: bool = False,
    ) -> None:
        # Let go of at the end: the session remembers the call, and would hold the journal by it.
        self._entry: Entry | None = entry
        self._made: dict[str, File] = {}
        self._data: tuple[Any, ...] = ()
        self._ending: End | None = None
        own = dataclasses.replace(decoder, make_file=self._make_file)
        super().__init__(request, home, own, files, keep, result_only=result_only)

    def _make_file(self, raw: Mapping[str, Any]) -> File:
        """Return the file for what the app sends for one, and note that there is one."""
        file = self._files.make_file(raw)
        self._made[find_place(raw)] = file
        return file

    def prepare_sending(self) -> None:
        """Note that what makes the app run the call is about to be sent.

        Raises:
            JournalError: That can't be written, so that nothing may be sent.
        """
        entry = self._entry
        if entry is None:
            raise JournalError(f"{self.request.name}() was given up before it was sent.")
        entry.recorder.note_sending(entry.number)

    def _complete(self, data: tuple[Any, ...]) -> None:
        self._data = data
        self._made.clear()  # those of partial results are none of the result
        super()._complete(data)

    def _finish_well(self, result: Any) -> None:
        """End the call when its result is in the journal, with its files."""
        own = {place: file for place, file in self._made.items() if self._is_kept(file)}
        if own:
            # Where downloads are made: this thread brings the news of other calls, too.
            self._files.run(functools.partial(self._keep, own, result))
        else:
            self._keep({}, result)

    def _is_kept(self, file: File) -> bool:
        url = file.url
        return not url.startswith("data:") and self.request.transport.is_own(url)

    def _keep(self, own: Mapping[str, File], result: Any) -> None:
        entry = self._entry
        if entry is None:
            return  # it was given up
        try:
            kept = {place: entry.keeper.keep(file) for place, file in own.items()}
            found = {place: way for place, way in kept.items() if way is not None}
            text = write_result(self._data, found, self.request.transport.hide)
            entry.recorder.note_result(entry.number, text)
        except OSError as error:  # the app's own are none: what it has lost is not kept
            path = str(getattr(error, "path", "") or error.filename or "")
            self.fail(JournalError(f"The journal can't be written: {error}", path=path))
        except Exception as error:  # noqa: BLE001 - whatever it is, nobody must wait for ever
            self.fail(error)
        else:
            super()._finish_well(result)
        finally:
            self._data = ()
            self._made.clear()

    # How it ends otherwise: that is noted before anybody is told, and from then on nothing is sent.

    def begin_sending(self) -> bool:
        """Note that what makes the app run the call goes out now, unless the call ends."""
        with self._changed:
            return self._ending is None and super().begin_sending()

    def wait_on(self, work: InFlight | None, *, patient: bool = False) -> None:
        """Note what the call alone waits for, which is ended if the call ends."""
        with self._changed:
            super().wait_on(work, patient=patient)
            if work is not None and self._ending is not None:
                work.interrupt()

    def _finish(self, end: End) -> bool:
        if end.stage != "finished":
            with self._changed:
                if self.is_over:
                    return False
                begun = self._ending
                if begun is not None and begun is not end and end is not CANCELLED:
                    return False  # another thread is at it, and what it does made this one fail
                # Who cancels goes on with what Ctrl-C may have cut short.
                self._ending = end = begun or end
                sent = self.withhold()
            error = self.build_cancellation() if end.value is None else end.value
            # What is not noted is not known; and nobody must wait for ever.
            with contextlib.suppress(Exception):
                self._note_failure(error, sent=sent)
        is_first = super()._finish(end)
        self._entry = None
        return is_first

    def _note_failure(self, error: BaseException, *, sent: bool) -> None:
        if isinstance(error, GradioProxyError):
            error.with_call(may_have_run=sent)
        state = find_state(error, sent=sent)
        if state is None or isinstance(error, JournalError):
            return
        text = None if state == "waiting" else write_error(error, self.request.transport.hide)
        if (entry := self._entry) is not None:
            entry.recorder.note_end(entry.number, state, text)


def find_state(error: BaseException, *, sent: bool) -> State | None:
    """Return what is known of an input whose call ended with an error.

    Args:
        error: The error.
        sent: Whether what makes the app run the call was sent, and not refused.

    Returns:
        The state; ``None`` if the call was refused, and whoever makes it again decides.
    """
    if sent:
        return "failed" if isinstance(error, AppError | QuotaExceeded) else "unknown"
    if isinstance(error, QueueFull | RateLimited):
        return None
    return "waiting" if isinstance(error, JobCancelled) else "failed"
