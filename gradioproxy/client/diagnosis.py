"""What `diagnose` found, step by step, and how it is shown; nothing is tried here."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from ..text import one_line, render_count

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..errors import GradioProxyError

Outcome = Literal["ok", "failed", "skipped", "warning"]

WIDTH = 80
_OUTCOME, _SECONDS = len("skipped"), len("123.45 s")
# With less room than this beside the columns, texts stand below them.
_LEAST_ROOM = 30
_NARROWEST = 20
_INDENT = "    "
_MARK = "-> "
# As much of a text as is shown.
_LONGEST = 600


@dataclass(frozen=True)
class Step:
    """One step on the way to an app.

    Attributes:
        name: Which: ``address``, ``space``, ``name``, ``connection``, ``TLS``, ``answer``,
            ``login``, ``description``, ``protocol``, ``queue`` or ``stream``.
        outcome: ``ok``, ``failed``, ``warning`` (it works, but something is to be known), or
            ``skipped``: a step before it failed, or there is nothing to try.
        seconds: How long it took; ``None`` where nothing was asked.
        found: What was found.
        advice: What to do, where there is something to do.
    """

    name: str
    outcome: Outcome
    seconds: float | None
    found: str
    advice: str = ""


@dataclass(frozen=True)
class Diagnosis:
    """What `diagnose` found on the way to an app; its text is a table.

    Attributes:
        url: The app's address; as it was given, if there is none.
        steps: The steps in order. Each has a ``name``, an ``outcome`` (``ok``, ``failed``,
            ``skipped`` or ``warning``), its ``seconds``, what was ``found``, and ``advice``.
        error: The error that `connect` would end in, without a traceback: that of the step that
            failed; ``None`` if none did.
    """

    __module__ = "gradioproxy"

    url: str
    steps: tuple[Step, ...]
    error: GradioProxyError | None = field(default=None, compare=False)

    @property
    def ok(self) -> bool:
        """Whether no step failed."""
        return all(step.outcome != "failed" for step in self.steps)

    def __str__(self) -> str:
        return self.render()

    def __repr__(self) -> str:
        return f"<Diagnosis of {self.url}: {self._summary}>"

    def render(self, width: int = WIDTH) -> str:
        """Return the table.

        Args:
            width: How many columns a line may have.
        """
        width = max(width, _NARROWEST)
        lines = textwrap.wrap(f"{one_line(self.url)}: {self._summary}", width)
        name = max((len(step.name) for step in self.steps), default=0)
        for step in self.steps:
            seconds = "" if step.seconds is None else f"{step.seconds:.2f} s"
            columns = f"{step.outcome:{_OUTCOME}}  {step.name:{name}}  {seconds:>{_SECONDS}}"
            lines += _render_step(columns, step, width)
        return "\n".join(lines)

    @property
    def _summary(self) -> str:
        failed = next((step.name for step in self.steps if step.outcome == "failed"), None)
        if failed is not None:
            return f"the step {failed!r} failed"
        warnings = sum(step.outcome == "warning" for step in self.steps)
        return f"ok, with {render_count(warnings, 'warning')}" if warnings else "ok"


def _render_step(columns: str, step: Step, width: int) -> Iterator[str]:
    """Yield the lines of a step: its columns, and its texts beside them or below."""
    room = width - len(columns) - 2
    if room < _LEAST_ROOM:
        yield from textwrap.wrap(" ".join(columns.split()), width)
        yield from (_INDENT + line for line in _wrap_texts(step, width - len(_INDENT)))
        return
    beside = list(_wrap_texts(step, room))
    yield f"{columns}  {beside[0]}" if beside else columns.rstrip()
    for line in beside[1:]:
        yield " " * (len(columns) + 2) + line


def _wrap_texts(step: Step, room: int) -> Iterator[str]:
    """Yield the lines of what was found, and of what to do."""
    for text, mark in ((step.found, ""), (step.advice, _MARK)):
        # An address is not broken at its hyphens: it is copied.
        yield from textwrap.wrap(
            one_line(text, _LONGEST),
            room,
            initial_indent=mark,
            subsequent_indent=" " * len(mark),
            break_on_hyphens=False,
        )
