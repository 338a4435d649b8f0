"""What a job needs to know of the call that it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..files.call_files import CallFiles
    from .call import Receiver


@dataclass(frozen=True)
class Order:
    """What a job needs to know of the call that it is.

    Attributes:
        name: The function's name, for messages.
        call: The call as it was written, for reports.
        app: The app, for reports.
        media: Its files, whose streams are fetched before it is complete.
        decode: Makes a result for the caller of the values that came.
        lone: Whether the result of a call that yields nothing counts as its one partial result.
        call_timeout: Seconds that the call may take in all.
        withdraw: Tells the session that the job ended here; does no I/O.
        defer: Runs a function on another thread.
        updates: Returns the updates of components among the values that came.
        check: Raises an error if what came can be no result.
    """

    name: str
    call: Callable[[], str]
    app: str
    media: CallFiles
    decode: Callable[[tuple[Any, ...]], Any]
    lone: bool
    call_timeout: float | None
    withdraw: Callable[[Receiver], None]
    defer: Callable[[Callable[[], None]], None]
    updates: Callable[[tuple[Any, ...]], tuple[dict[str, Any] | None, ...]] = lambda _: ()
    check: Callable[[tuple[Any, ...]], None] = lambda _: None
