"""Bringing the files of a call up before it is sent, and telling its caller how far that is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..files.payload import Payload
    from ..files.upload import Uploader
    from .call import Call
    from .record import CallRecord


def bring_up(uploader: Uploader, call: Call, payload: Payload) -> list[Any]:
    """Bring the files of a payload up; return what is sent.

    Args:
        uploader: What brings files to the app.
        call: The call that they are of; when it is over, this stops.
        payload: What is to be sent.

    Raises:
        GradioProxyError, OSError: As `Uploader.fill` does.
        Restarted: The server is another one now.
    """
    record = call.record
    if not payload.slots or call.is_over:
        return payload.data
    with call.waiting():
        before = record.change_stage("uploading")
        record.note(f"{len(payload.slots)} files go up")
        data = uploader.fill(payload, UploadObserver(record), call.transport, call.app)
        # A call that is fed may have gone on meanwhile.
        record.change_stage(before, only_from="uploading")
        return data


class UploadObserver:
    """Stops an upload when its call is over, and tells the call how far it is."""

    def __init__(self, record: CallRecord) -> None:
        self._record = record

    def should_stop(self) -> bool:
        """Tell whether nobody waits for the call any more."""
        return self._record.is_over

    def report(self, sent: int, total: int) -> None:
        """Show whoever watches the call how much was sent."""
        self._record.update(sent=sent, to_send=total)
