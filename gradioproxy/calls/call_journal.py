"""What keeps the way of a call, so that another process knows it: a protocol, which is a type."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..files.call_files import CallFiles
    from ..values.decode import Decoder


class CallJournal(Protocol):
    """Is told of each step of a call before it is taken, or anybody else hears of it.

    It is told without a lock, and may take its time.
    """

    def note_sending(self) -> None:
        """Note that what makes the app run the call is about to be sent.

        Raises:
            JournalError: That can't be written, so that nothing may be sent.
        """
        ...

    def note_unsent(self) -> None:
        """Note that nothing of it was sent after all, and that it goes on."""
        ...

    def watch(self, decoder: Decoder) -> Decoder:
        """Return a decoder for the call's result, whose files are noted."""
        ...

    def keep(
        self,
        data: tuple[Any, ...],
        files: CallFiles,
        then: Callable[[], None],
        fail: Callable[[BaseException], None],
    ) -> None:
        """Keep the call's result, which the decoder of `watch` has decoded, with its files.

        Args:
            data: What the app sent.
            files: Knows which files are the app's, and runs what has to wait for it.
            then: Called when it is kept.
            fail: Called with what is in the way of that.
        """
        ...

    def note_error(self, error: BaseException, *, sent: bool) -> None:
        """Note how else the call ends.

        Args:
            error: Its error.
            sent: Whether what makes the app run it was sent, and not refused.

        Raises:
            JournalError: That can't be written.
        """
        ...
