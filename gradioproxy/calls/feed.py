"""A feed as its caller has it: chunks go in, values come out."""

from __future__ import annotations

import contextlib
import functools
import sys
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from ..closing import Closing
from ..errors import Timeout
from ..uncopyable import Uncopyable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from typing_extensions import Self

    from .feeds import Feeder
    from .job import Job

T = TypeVar("T")


class Feed(Closing, Uncopyable, Generic[T]):
    """A stream of inputs for a function, as from a microphone or a camera, and its results.

    An iterator over the results, one for each chunk (more where the function yields), in order; and
    a context manager. With ``async for``, ``await anext(feed)`` and ``async with`` it is the same
    in an event loop, which goes on meanwhile; whoever gives up waiting there gives up the feed. One
    thread, or task, can send while another iterates. Made by a function's ``feed``, whose arguments
    are the first chunk.

    Each chunk waits until the app has answered the one before, and none is skipped. Whoever sends
    what is worth nothing when it is late looks at `pending` first. When an error ends the feed, the
    app's time limit included, what it has not taken by then is dropped, and the error is raised.
    Leaving the ``with`` block closes the feed, and with an error cancels it; losing the last
    reference to one that is not closed cancels it, too.

    From Gradio 5 on one run of the function takes all chunks. There is a call for each chunk before
    that; of a function that goes past the queue (``queue=False``); and before Gradio 5.5 of one
    without a time limit.
    """

    __module__ = "gradioproxy"

    _instead = "Pass its results."

    def __init__(
        self,
        name: str,
        feeder: Feeder,
        bind: Callable[..., Mapping[str, Any]],
    ) -> None:
        self._name = name
        self._feeder = feeder
        self._bind = bind
        self._closed = False

    def __repr__(self) -> str:
        return f"<Feed of {self._feeder.job!r}>"

    @property
    def job(self) -> Job[T]:
        """The call: that of all chunks if one run takes them, else that of the latest chunk."""
        return self._feeder.job

    @property
    def pending(self) -> int:
        """How many chunks the app has not answered yet."""
        return self._feeder.pending

    @property
    def closed(self) -> bool:
        """Whether no chunk can be sent any more: it was closed, or is over."""
        return self._closed or self._feeder.is_over

    def send(self, *args: Any, **kwargs: Any) -> None:
        """Send a chunk; returns at once.

        Args:
            *args: The function's arguments; those left out are as ``feed`` was called with them.
            **kwargs: The same.

        Raises:
            TypeError, ArgumentError, MissingFile, FileTooLarge: As the function itself.
            ValueError: The feed was closed.
            Timeout: The app has ended it: its time limit is reached, or it waited for too long.
            GradioProxyError: What the feed ended with.
        """
        given = self._bind(*args, **kwargs)
        # With no lock of its own: a handler of a signal may close it in the middle of this, so it
        # is for the feeder to say, in one step, whether the chunk came in time.
        if not self._closed and self._feeder.send(given):
            return
        if self._closed:
            raise ValueError(f"The feed of {self._name}() was closed; begin another one.")
        self._feeder.ensure_well()
        raise Timeout(
            f"The app has ended the feed of {self._name}(): its time limit is reached, or it "
            "waited for too long. Nothing was sent; begin another one.",
            limit="time_limit",
        )

    def close(self) -> None:
        """Say that no other chunk comes; the results of those that were sent still do."""
        self._closed = True
        self._feeder.finish()

    def cancel(self) -> None:
        """Give the feed up: what was not answered is not waited for, and the app is told."""
        self._feeder.cancel()

    def receive(self, timeout: float | None = None) -> T:
        """Return the next result.

        Args:
            timeout: Seconds to wait for it; the feed goes on if they are over.

        Raises:
            EOFError: There is none: the feed was closed or ended, and all were returned.
            Timeout: The seconds are over; or, with ``limit="time_limit"``, the app has ended the
                feed before it took all chunks.
            JobCancelled: The feed was cancelled.
            GradioProxyError: What else went wrong, the app's own error included.
        """
        found = self._feeder.receive(timeout)
        if found is None:
            raise Timeout(
                f"{self._name}() has no other result after {timeout} s; the feed goes on.",
                limit="result",
                seconds=timeout,
            )
        if not found:
            raise EOFError(f"The feed of {self._name}() has no other result.")
        value: T = found[0]
        return value

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> T:
        try:
            return self.receive()
        except EOFError:
            raise StopIteration from None
        except KeyboardInterrupt:
            self.cancel()
            raise

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> T:
        """Return the next result as soon as it is there, without blocking the event loop."""
        from .async_iteration import wait_async  # late, as that says

        found = await wait_async(self._feeder, functools.partial(self._feeder.receive, 0))
        if not found:
            raise StopAsyncIteration
        value: T = found[0]
        return value

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            self.close()
        else:
            self.cancel()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: object, *_: object) -> None:
        self.__exit__(kind)

    def __del__(self, is_ending: Callable[[], bool] = sys.is_finalizing) -> None:
        if is_ending() or getattr(self, "_closed", True):  # as for `Stream`
            return
        with contextlib.suppress(RuntimeError):  # no thread can be started any more
            self._feeder.cancel()
