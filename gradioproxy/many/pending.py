"""An input whose call is made elsewhere, and what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import forksafe
from ..calls.failures import copy_error
from ..errors import Timeout

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..files.payload import Payload


class PendingInput:
    """A call that is made elsewhere, as a `runner.Pending`.

    Rule: who ends it claims that first, notes the end where it is noted, and then tells of it.

    Args:
        item: The input.
        payload: What is sent for it.
        withdraw: Ends it as one that is given up.

    Attributes:
        is_out: Whether it was handed to a worker.
    """

    def __init__(
        self, item: Any, payload: Payload, withdraw: Callable[[PendingInput], None]
    ) -> None:
        self.item = item
        self.payload = payload
        self._withdraw = withdraw
        self._lock = forksafe.RLock()
        self.is_out = False
        self._is_claimed = self._is_done = False
        self._result: Any = None
        self._error: BaseException | None = None
        self._callbacks: list[Callable[[PendingInput], object]] = []

    def result(self, timeout: float | None = None) -> Any:
        """Return its result, or raise its error, once that is known; nobody waits here."""
        if not self._is_done:
            raise Timeout("There is no result yet.", limit="result", seconds=timeout)
        if self._error is not None:
            raise copy_error(self._error)
        return self._result

    def cancel(self) -> bool:
        """Give it up; tell whether it was not done."""
        is_first = self.claim()
        if is_first:
            self._withdraw(self)
        return is_first

    def add_done_callback(self, fn: Callable[[PendingInput], object]) -> None:
        """Call a function when it is done, on the thread that brings the end, or here."""
        with self._lock:
            if not self._is_done:
                self._callbacks.append(fn)
                return
        fn(self)

    @property
    def is_ending(self) -> bool:
        """Whether somebody has claimed to end it."""
        return self._is_claimed

    def claim(self) -> bool:
        """Tell whether its end is left to whoever asks: to the first one."""
        with self._lock:
            is_first = not self._is_claimed
            self._is_claimed = True
            return is_first

    def finish(self, result: Any) -> None:
        """End it with a result, as who has claimed that."""
        self._end(result, None)

    def fail(self, error: BaseException) -> None:
        """End it with an error, as who has claimed that."""
        self._end(None, error)

    def _end(self, result: Any, error: BaseException | None) -> None:
        with self._lock:
            self._result, self._error = result, error
            self._is_done = True
            callbacks, self._callbacks = self._callbacks, []
        for fn in callbacks:
            fn(self)
