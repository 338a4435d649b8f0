"""The options of `connect`: those of a session, and those that can be changed for one call."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from .uncopyable import Uncopyable

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping

T = TypeVar("T")

# Servers send something every 15 seconds; below three times that, a slow network looks dead.
LEAST_IDLE_TIMEOUT = 45.0

DocstringStyle = Literal["google", "numpydoc", "rest", "epydoc"]
JobsPolicy = Literal["forget", "warn", "error"]


@dataclass(frozen=True)
class CallOptions(Uncopyable):
    """What can be changed for one call: see ``with_options``.

    Attributes:
        call_timeout: Seconds that a call may take in all; ``None`` for any number.
        progress: Whether to show a bar: ``"auto"`` on terminals and in notebooks.
        headers: Headers to add to the session's; those with the value ``None`` are taken away.
        token: The token to send; ``None`` for the session's, ``False`` for none.
        oauth_token: The token for functions that ask for one (``gr.OAuthToken``); ``None`` for the
            session's, ``False`` for none.
        validate: Whether choices, types and limits are checked before anything is sent.
        event_data: What an event of the page would bring, as JSON; ``None`` for none.
        trigger_id: The number of the component whose event it is; by default the first one of
            those that call the function on the page.
    """

    call_timeout: float | None = None
    progress: bool | Literal["auto"] = "auto"
    headers: Any = field(default=None, repr=False)
    token: str | bool | None = field(default=None, repr=False)
    oauth_token: str | bool | None = field(default=None, repr=False)
    validate: bool = True
    event_data: Any = None
    trigger_id: int | None = None

    def __post_init__(self) -> None:
        if self.call_timeout is not None:
            check_seconds("call_timeout", self.call_timeout)
        object.__setattr__(self, "event_data", _copy_json(self.event_data))
        if self.trigger_id is not None and type(self.trigger_id) is not int:
            raise TypeError(f"trigger_id is a component's number, not {self.trigger_id!r}")

    def without_secrets(self) -> dict[str, Any]:
        """Return what is not as by default and may be written down."""
        kept = {"call_timeout", "progress", "validate", "event_data", "trigger_id"}
        kept |= {"token"} if self.token is False else set()
        found = {part.name: getattr(self, part.name) for part in fields(self) if part.name in kept}
        return {name: value for name, value in found.items() if value != getattr(CallOptions, name)}


def _copy_json(value: Any) -> Any:
    """Return a copy of event data, which whoever gave them may change later.

    Raises:
        TypeError: They are no JSON.
    """
    if value is None:
        return None
    import json  # late: few calls have any

    try:
        return json.loads(json.dumps(value))
    except (TypeError, ValueError, RecursionError) as error:
        raise TypeError(
            f"event_data takes what JSON can say, such as {{'index': 0}}: {error}"
        ) from None


def add_headers(headers: Mapping[str, T], more: Mapping[str, T]) -> dict[str, T]:
    """Return headers with more of them, in place of those of the same names in whatever case."""
    names = {name.lower() for name in more}
    kept = {name: value for name, value in headers.items() if name.lower() not in names}
    return {**kept, **more}


@dataclass(frozen=True)
class SessionOptions:
    """What holds for a session as a whole; see `connect`."""

    idle_timeout: float = 60.0
    download_dir: str | os.PathLike[str] | None = None
    docstring_style: DocstringStyle = "google"
    unnamed: bool | None = None
    streams: int = 8
    max_jobs: int = 1000
    max_jobs_policy: JobsPolicy = "forget"
    isolate: bool | Literal["auto"] = "auto"
    session_hash: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        check_seconds("idle_timeout", self.idle_timeout)
        if self.idle_timeout < LEAST_IDLE_TIMEOUT:
            object.__setattr__(self, "idle_timeout", LEAST_IDLE_TIMEOUT)
        if type(self.streams) is not int or self.streams < 1:
            raise ValueError(f"streams must be at least 1, not {self.streams!r}")
        check_max_jobs(self.max_jobs)
        if self.isolate not in {True, False, "auto"}:
            raise ValueError(f"isolate must be True, False or 'auto', not {self.isolate!r}")
        if self.session_hash is not None:
            check_session_hash(self.session_hash)
            if self.isolate is True:
                raise ValueError("isolate=True puts no call under the session_hash")


def check_seconds(name: str, seconds: object) -> None:
    """Do nothing, if this can be how long to wait: the system takes no other numbers.

    Raises:
        TypeError, ValueError: It can't.
    """
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise TypeError(f"{name} is a number of seconds, not {type(seconds).__name__}")
    if not 0 <= seconds <= threading.TIMEOUT_MAX:
        raise ValueError(
            f"{name} is a number of seconds, 0 to {threading.TIMEOUT_MAX:.0f}, not {seconds}"
        )


def check_max_jobs(limit: object) -> None:
    """Do nothing, if this can be how many jobs a session remembers.

    Raises:
        ValueError: It can't.
    """
    if type(limit) is not int or limit < 0:
        raise ValueError(f"max_jobs is a number of jobs, not {limit!r}")


def check_session_hash(session_hash: object) -> None:
    """Do nothing, if this can be a session hash: it is a part of paths, and of `Event.event_id`.

    Raises:
        TypeError, ValueError: It can't.
    """
    if not isinstance(session_hash, str):
        raise TypeError(f"session_hash is text, not {type(session_hash).__name__}")
    if not re.fullmatch(r"[\w-]{1,200}", session_hash, re.ASCII):
        raise ValueError("session_hash has letters, digits, hyphens and underscores, 200 at most")


@dataclass(frozen=True)
class WakePolicy:
    """What to do about a Space that is not running.

    Attributes:
        timeout: Seconds to wait for it; ``None`` for any number, 0 for not at all.
        progress: Whether to show a bar meanwhile.
    """

    timeout: float | None = 300.0
    progress: bool | Literal["auto"] = "auto"
