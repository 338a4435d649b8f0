"""The options of `connect`: those of a session, and those that can be changed for one call."""

from __future__ import annotations

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
        validate: Whether choices, types and limits are checked before anything is sent.
    """

    call_timeout: float | None = None
    progress: bool | Literal["auto"] = "auto"
    headers: Any = field(default=None, repr=False)
    token: str | bool | None = field(default=None, repr=False)
    validate: bool = True

    def without_secrets(self) -> dict[str, Any]:
        """Return what is not as by default and may be written down."""
        kept = {"call_timeout", "progress", "validate"} | (
            {"token"} if self.token is False else set()
        )
        found = {part.name: getattr(self, part.name) for part in fields(self) if part.name in kept}
        return {name: value for name, value in found.items() if value != getattr(CallOptions, name)}


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

    def __post_init__(self) -> None:
        if self.idle_timeout < LEAST_IDLE_TIMEOUT:
            object.__setattr__(self, "idle_timeout", LEAST_IDLE_TIMEOUT)
        if self.streams < 1:
            raise ValueError(f"streams must be at least 1, not {self.streams}")
        if self.isolate not in {True, False, "auto"}:
            raise ValueError(f"isolate must be True, False or 'auto', not {self.isolate!r}")


@dataclass(frozen=True)
class WakePolicy:
    """What to do about a Space that is not running.

    Attributes:
        timeout: Seconds to wait for it; ``None`` for any number, 0 for not at all.
        progress: Whether to show a bar meanwhile.
    """

    timeout: float | None = 300.0
    progress: bool | Literal["auto"] = "auto"
