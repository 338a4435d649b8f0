"""What a Space is doing in words, and waiting until it does something else.

Only the Hub is asked; nothing is known here of the app that the Space runs.

The stages are those of the Hub, of which `huggingface_hub` lists most (``SpaceStage``):
https://huggingface.co/docs/huggingface_hub/package_reference/space_runtime
"""

from __future__ import annotations

import logging
import math
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..errors import ConnectError, ConnectionLost, RateLimited, ServerError, Timeout
from ..progress_bar import REDRAW
from ..statuses import SERVER_FAULT
from ..text import one_line
from .failures import space_error
from .records import Record, get_name, with_runtime

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..errors import Limit
    from .records import Space
    from .rest import Hub

RUNNING = "RUNNING"
# The app answers, while another version of it may be under way.
ANSWERING = frozenset({RUNNING, "RUNNING_BUILDING", "RUNNING_APP_STARTING"})
# A visit to the app starts it again.
ASLEEP = frozenset({"SLEEPING", "STOPPED"})
# Stages that do not end by themselves. All others do, and those that are not known count as such.
_BROKEN = {
    "NO_APP_FILE": "has no app: its author has yet to add one",
    "CONFIG_ERROR": "has an error in its configuration, which its author has to mend",
    "BUILD_ERROR": "could not be built; its author has to mend it",
    "RUNTIME_ERROR": "has crashed; its author has to mend it, or start it again with "
    "gradioproxy.hub.start()",
    "PAUSED": "was paused by its owner, who alone can start it: gradioproxy.hub.start()",
    "DELETING": "is being deleted",
}
_WORDS = {
    "SLEEPING": "asleep",
    "STOPPED": "asleep",
    "BUILDING": "building",
    "APP_STARTING": "starting",
    "RUNNING_BUILDING": "running, and building its next version",
    "RUNNING_APP_STARTING": "running, and starting its next version",
}

# The pause between two questions grows from the first to the last: most changes come soon, and
# the Hub counts requests.
_FIRST_PAUSE, _LAST_PAUSE, _GROWTH = 0.25, 10.0, 1.5

# What the last question gets in any case.
_LEAST_PATIENCE = 1.0

_log = logging.getLogger("gradioproxy")


class _Clock:
    """The time that passes; tests have their own."""

    def now(self) -> float:
        """Return the time in seconds."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Let some seconds pass."""
        time.sleep(seconds)


_CLOCK = _Clock()


@dataclass(frozen=True)
class Deadline:
    """Until when to wait.

    Attributes:
        seconds: How long at most; ``None`` for any time.
        limit: The option that says so.
        began: When the wait began.
    """

    seconds: float | None
    limit: Limit
    began: float = field(default_factory=time.monotonic)

    def seconds_left(self, now: float) -> float:
        """Return the seconds that are left."""
        return math.inf if self.seconds is None else self.began + self.seconds - now


def check_stage(space: Space) -> None:
    """Raise if a Space is at a stage that does not end by itself.

    Raises:
        SpaceError: It is paused, broken or going.
    """
    stage = space.stage
    if stage in _BROKEN:
        said = one_line(space["runtime"].get("errorMessage") or "")
        problem = f"{_BROKEN[stage]} (stage {stage})."
        raise space_error(space, f"{problem} The Hub says: {said}" if said else problem)


def describe_stage(stage: str) -> str:
    """Return what a Space is doing in words."""
    return _WORDS.get(stage) or one_line(stage, 40).lower().replace("_", " ") or "not running yet"


def wait_for(
    hub: Hub,
    space: Space,
    stages: frozenset[str],
    deadline: Deadline,
    show: Callable[[str], None],
    *,
    clock: _Clock = _CLOCK,
) -> Space:
    """Ask the Hub again and again until a Space is at one of some stages.

    A question that fails for a reason that passes (too many requests, a fault of the server, a
    network that is gone) is no answer, and the next one comes later.

    Args:
        hub: The Hub.
        space: What it said of the Space before.
        stages: What to wait for.
        deadline: How long.
        show: Takes the words for what is waited for.
        clock: The time.

    Returns:
        The Space as it is now.

    Raises:
        SpaceError: It is paused, broken or going.
        Timeout: It takes too long.
        AuthenticationError, ServerError: The Hub refused.
    """
    pause, trouble = _FIRST_PAUSE, None
    while True:
        check_stage(space)
        if space.stage in stages:
            return space
        words = f"{get_name(space)} is {describe_stage(space.stage)}"
        left = deadline.seconds_left(clock.now())
        if left <= 0:
            raise Timeout(
                f"{words} after {deadline.seconds:g} s. Raise {deadline.limit}= to wait longer"
                + ("; gradioproxy.hub.start() wakes it." if space.stage in ASLEEP else "."),
                limit=deadline.limit,
                seconds=deadline.seconds,
            ) from trouble
        _sleep(min(pause, left), words, show, clock)
        pause = min(pause * _GROWTH, _LAST_PAUSE)
        try:
            # A Hub that is silent is not waited for beyond the end.
            patience = max(deadline.seconds_left(clock.now()), _LEAST_PATIENCE)
            path = f"/api/spaces/{space['id']}/runtime"
            runtime, trouble = hub.get(path, max_seconds=patience), None
        except (RateLimited, ServerError, ConnectError, ConnectionLost, Timeout) as error:
            if isinstance(error, ServerError) and (error.status or 0) < SERVER_FAULT:
                raise
            trouble = error
            pause = max(pause, getattr(error, "retry_after", None) or 0)
        else:
            space = _apply_runtime(space, runtime)


def _apply_runtime(space: Space, runtime: Any) -> Space:
    """Return a Space at the stage that the Hub has just named."""
    if not isinstance(runtime, Record) or not isinstance(runtime.get("stage"), str):
        raise ServerError(f"The Hub does not say what the Space {get_name(space)!r} is doing.")
    now = with_runtime(space, runtime)
    if now.stage != space.stage:
        before, after = one_line(space.stage, 40), one_line(now.stage, 40)
        _log.info("%s: %s, then %s", get_name(space), before, after)
    return now


def _sleep(seconds: float, words: str, show: Callable[[str], None], clock: _Clock) -> None:
    """Let time pass, with words that are shown anew as it goes on; Ctrl-C ends it at once."""
    while seconds > 0:
        show(words)
        clock.sleep(min(seconds, REDRAW))
        seconds -= REDRAW
