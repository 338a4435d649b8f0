"""An input that is a map's to be called, and what becomes of it, as a journal keeps it."""

from __future__ import annotations

import dataclasses
import functools
from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import (
    AppError,
    JobCancelled,
    JournalError,
    QueueFull,
    QuotaExceeded,
    RateLimited,
)
from .kept_files import find_place
from .stored import write_error, write_result

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..calls.request import Encoded
    from ..files.call_files import CallFiles
    from ..files.file import File
    from ..values.decode import Decoder
    from .kept_files import FileKeeper
    from .recorder import Recorder, State


class Pen(NamedTuple):
    """What the entries of one map are written with.

    Attributes:
        recorder: Writes the journal.
        keeper: Keeps the files of results.
        hide: Takes secrets out of a text.
    """

    recorder: Recorder
    keeper: FileKeeper
    hide: Callable[[str], str]


class Entry:
    """An input that is this map's to be called, as a `call_journal.CallJournal`.

    Args:
        number: Its number in the journal.
        encoded: Its arguments, and what is sent.
        pen: What it is written with.

    Attributes:
        number: The same.
        encoded: The same.
    """

    def __init__(self, number: int, encoded: Encoded, pen: Pen) -> None:
        self.number = number
        self.encoded = encoded
        self._pen = pen
        self._files: dict[str, File] = {}

    @property
    def recorder(self) -> Recorder:
        """What writes the journal."""
        return self._pen.recorder

    def note_sending(self) -> None:
        """Note that what makes the app run the call is about to be sent."""
        self._pen.recorder.note_sending(self.number)

    def note_unsent(self) -> None:
        """Note that nothing of it was sent after all, and that it goes on."""
        self._pen.recorder.note_unsent(self.number)

    def watch(self, decoder: Decoder) -> Decoder:
        """Return a decoder for the call's result, whose files are noted."""
        self._files = found = {}

        def make_file(raw: Mapping[str, Any]) -> File:
            found[find_place(raw)] = file = decoder.make_file(raw)
            return file

        return dataclasses.replace(decoder, make_file=make_file)

    def keep(
        self,
        data: tuple[Any, ...],
        files: CallFiles,
        then: Callable[[], None],
        fail: Callable[[BaseException], None],
    ) -> None:
        """Keep the call's result, with the files that the app has of it; see `CallJournal`."""
        found, self._files = self._files, {}
        # Not what is in the result itself, or elsewhere.
        own = {
            place: file
            for place, file in found.items()
            if not file.url.startswith("data:") and files.is_own(file.url)
        }
        task = functools.partial(self._keep, data, own, then, fail)
        if own:
            # Where downloads are made: this thread brings the news of other calls, too.
            files.run(task)
        else:
            task()

    def _keep(
        self,
        data: tuple[Any, ...],
        files: Mapping[str, File],
        then: Callable[[], None],
        fail: Callable[[BaseException], None],
    ) -> None:
        recorder, keeper, hide = self._pen
        try:
            kept = {place: keeper.keep(file) for place, file in files.items()}
            found = {place: way for place, way in kept.items() if way is not None}
            recorder.note_result(self.number, write_result(data, found, hide))
        except OSError as error:  # the app's own are none: what it has lost is not kept
            path = str(getattr(error, "path", "") or error.filename or "")
            fail(JournalError(f"The journal can't be written: {error}", path=path))
        except Exception as error:  # noqa: BLE001 - whatever it is, nobody must wait for ever
            fail(error)
        else:
            then()

    def note_error(self, error: BaseException, *, sent: bool) -> None:
        """Note how else the call ends."""
        state = find_state(error, sent=sent)
        if state is not None and not isinstance(error, JournalError):
            self._note_end(error, state)

    def note_loss(self, error: BaseException, *, sent: bool) -> None:
        """Note that whoever was to make the call can't say what became of it, or refused it.

        Args:
            error: What is said of that.
            sent: Whether anything may have been sent of it.
        """
        self._note_end(error, "unknown" if sent else "waiting")

    def _note_end(self, error: BaseException, state: State) -> None:
        text = None if state == "waiting" else write_error(error, self._pen.hide)
        self._pen.recorder.note_end(self.number, state, text)


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
