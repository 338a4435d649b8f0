"""How a call ended, for who uses the streams among its results."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ..errors import ConnectionLost

if TYPE_CHECKING:
    from collections.abc import Callable


class CallEnd(NamedTuple):
    """How a call ended, as far as those need to know who use its streams.

    Attributes:
        build_error: Returns what it ended with, if it did not end well.
        is_cut: Whether who reads along is to end at once, and not with the stream.
    """

    build_error: Callable[[], BaseException] | None = None
    is_cut: bool = True


def build_fork_error() -> ConnectionLost:
    """Return the error of a stream that the parent of a forked child goes on with."""
    return ConnectionLost("The call belongs to the process that this one was forked from.")
