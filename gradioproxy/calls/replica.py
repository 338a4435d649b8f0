"""One of several addresses of an app: what runs calls there, and whether it can take any now."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..errors import ConnectError, ProtocolError, RateLimited
from ..text import one_line
from .failures import copy_error
from .load import Load

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..errors import GradioProxyError
    from ..schema.endpoint import App
    from .engine import Engine

# How long an address is left out before it is tried again, doubled each time.
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
_LONGEST_REASON = 300


@dataclass(frozen=True)
class Outage:
    """That an address is left out.

    Attributes:
        error: Why.
        since: When that began, in seconds since the epoch.
        due: From when on it is tried again, by `time.monotonic`.
        trying: The number of the try that is under way, if one is.
        tried: The number of the last one that has ended; 0 if none has.
    """

    error: GradioProxyError
    since: float
    due: float
    trying: int | None = None
    tried: int = 0


class Replica:
    """One of the addresses of an app.

    Args:
        url: The address, without secrets.
        reach: Returns what runs calls there, after asking the app whether it is the one that a
            description is of; raises what is in the way.
        engine: What runs calls there, if it was reached.
        close: Closes what *reach* has opened, also where that was no use.

    Attributes:
        url: The same.
        reach: The same.
        close: The same.
        load: What it has to do.
        outage: That it is left out, if it is.
    """

    def __init__(
        self,
        url: str,
        reach: Callable[[App], Engine],
        engine: Engine | None,
        close: Callable[[], None],
    ) -> None:
        self.url = url
        self.reach = reach
        self.close = close
        self.load = Load()
        self.outage: Outage | None = None
        self._engine = engine
        self._pause = FIRST_PAUSE

    @property
    def is_known(self) -> bool:
        """Whether it was ever reached."""
        return self._engine is not None

    @property
    def engine(self) -> Engine:
        """What runs calls there, once it was reached."""
        if self._engine is None:
            raise ProtocolError(f"{self.url} was not reached yet.")
        return self._engine

    # Each with the lock of the `ReplicaEngine` held.

    def leave_out(self, error: GradioProxyError) -> None:
        """Send no calls there until it was tried, and that not for some time."""
        self.end_try()
        since, tried = time.time(), 0
        if self.outage is not None:
            since, tried = self.outage.since, self.outage.tried
        kept = copy_error(error).with_traceback(None)  # which would hold whoever was at it
        kept.__cause__ = None
        pause = max(self._pause, min(getattr(error, "retry_after", None) or 0.0, LONGEST_PAUSE))
        self.outage = Outage(kept, since, time.monotonic() + pause, tried=tried)
        self._pause = min(2 * self._pause, LONGEST_PAUSE)

    def begin_try(self, number: int) -> None:
        """Take note that it is being tried, if it is left out."""
        if self.outage is not None:
            self.outage = replace(self.outage, trying=number)

    def end_try(self) -> None:
        """Take note that it is not being tried any more."""
        if self.outage is not None and self.outage.trying is not None:
            self.outage = replace(self.outage, trying=None, tried=self.outage.trying)

    def come_back(self, engine: Engine) -> None:
        """Take note that it was reached."""
        self._engine, self.outage = engine, None

    def prove(self) -> None:
        """Take note that a call ended well there."""
        self._pause = FIRST_PAUSE

    def after_fork(self) -> None:
        """Leave what is under way there to the parent."""
        self.load.forget()
        self.end_try()


def build_outage_error(what: str, errors: Mapping[str, GradioProxyError]) -> GradioProxyError:
    """Return the error for that no address can be used: of their class, if all failed alike.

    Where all take calls later, it says when the first of them does.

    Args:
        what: What is said first.
        errors: Why not, by the addresses.
    """
    kinds = {type(error) for error in errors.values()}
    kind = kinds.pop() if len(kinds) == 1 else ConnectError
    reasons = [f"  {url}: {one_line(error, _LONGEST_REASON)}" for url, error in errors.items()]
    made = kind("\n".join([what, *reasons]))
    if isinstance(made, RateLimited):
        waits = [getattr(error, "retry_after", None) for error in errors.values()]
        made.retry_after = min((each for each in waits if each is not None), default=None)
    return made
