"""The partial results of a call as an iterator that owns the call."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from ..closing import Closing
from ..uncopyable import Uncopyable

if TYPE_CHECKING:
    from collections.abc import Callable

    from typing_extensions import Self

    from .job import Job

T = TypeVar("T")


class Stream(Closing, Uncopyable, Generic[T]):
    """The partial results of a call, as they come.

    An iterator and a context manager. Closing it, leaving its ``with`` block or losing the last
    reference to it cancels the call, unless it is done. Made by a function's ``stream``.
    """

    _instead = "Pass its partial results."

    __module__ = "gradioproxy"

    def __init__(self, job: Job[T]) -> None:
        self._job = job
        self._values = job.new_outputs()

    def __repr__(self) -> str:
        return f"<Stream of {self._job!r}>"

    @property
    def job(self) -> Job[T]:
        """The call."""
        return self._job

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """Return what a notebook shows: what it is of, and where that is; nothing is taken."""
        del include, exclude  # IPython leaves out what is not wanted
        from ..notebook import shows_media  # late: few scripts look

        text = {"text/plain": repr(self)}
        if not shows_media():
            return text
        from .display import render_state

        return text | {"text/html": render_state(self._job._record)}  # noqa: SLF001 - ours alone

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> T:
        try:
            return next(self._values)
        except KeyboardInterrupt:
            self.close()
            raise

    def close(self) -> None:
        """Cancel the call, unless it is done."""
        self._job.cancel()

    def __del__(self, is_ending: Callable[[], bool] = sys.is_finalizing) -> None:
        # When the interpreter ends, other threads stand still, perhaps with a lock held; the
        # server was told before that. Then even the names of this module may be gone.
        if is_ending():
            return
        job = getattr(self, "_job", None)  # a half-made stream has none
        if job is not None and not job.done():
            with contextlib.suppress(RuntimeError):  # no thread can be started any more
                job.cancel()
