"""A session as a table, for terminals and notebooks."""

from __future__ import annotations

import html
import inspect
import itertools
import textwrap
from typing import TYPE_CHECKING

from ..functions.annotations import spell
from ..functions.help_text import trigger_text
from ..text import one_line, paragraphs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..functions.function import Function
    from ..schema.endpoint import Endpoint
    from .session import Session

_WIDTH = 80
# A table of thousands of rows is not readable; the rest is counted.
_ROWS = 200


def rows(functions: Iterable[Function]) -> list[tuple[str, str]]:
    """Return signature and summary of each function."""
    found = []
    for function in functions:
        signature = inspect.signature(function)
        parameters = [
            parameter.name
            if parameter.default is inspect.Parameter.empty
            else f"{parameter.name}={one_line(repr(parameter.default), 30)}"
            for parameter in signature.parameters.values()
        ]
        result = signature.return_annotation
        arrow = "" if result is None else f" -> {spell(result, choices=False)}"
        about = _summary(function.endpoint)
        found.append((f"{function.__name__}({', '.join(parameters)}){arrow}", about))
    return found


def _summary(endpoint: Endpoint) -> str:
    """Return the author's first words, or else what calls a function that has no name."""
    words = paragraphs(endpoint.description, 500)
    trigger = trigger_text(endpoint, "it")
    if words or not trigger:
        return one_line(words[0], 200) if words else ""
    return f"{trigger[0].upper()}{trigger[1:]}."


def as_text(session: Session, note: str = "") -> str:
    """Return a session as a table of plain text, with a note of where it comes from above it."""
    lines = [heading(session), *textwrap.wrap(note, _WIDTH), ""]
    for signature, summary in rows(_first(session)):
        lines += textwrap.wrap(signature, _WIDTH, initial_indent="  ", subsequent_indent="      ")
        lines += textwrap.wrap(summary, _WIDTH, initial_indent="    ", subsequent_indent="    ")
    if len(session) > _ROWS:
        lines.append(f"  … and {len(session) - _ROWS} more")
    if not len(session):
        lines.append("  (no functions)")
    return "\n".join(lines)


def as_html(session: Session, note: str = "") -> str:
    """Return a session as a table for a notebook; see `as_text`."""
    body = "".join(
        f"<tr><td style='text-align:left'><code>{html.escape(signature)}</code></td>"
        f"<td style='text-align:left'>{html.escape(summary)}</td></tr>"
        for signature, summary in rows(_first(session))
    )
    more = f"<p>… and {len(session) - _ROWS} more</p>" if len(session) > _ROWS else ""
    said = f"<p>{html.escape(note)}</p>" if note else ""
    return f"<p><b>{html.escape(heading(session))}</b></p>{said}<table>{body}</table>{more}"


def _first(session: Session) -> Iterator[Function]:
    """Yield the functions that are shown; by brackets, as an app may have one called ``values``."""
    return (session[name] for name in itertools.islice(session, _ROWS))


def heading(session: Session) -> str:
    """Return the line above the table."""
    count = len(session)
    state = ", closed" if session.closed else ""
    noun = "function" if count == 1 else "functions"
    version = one_line(session.version, 40)
    return f"{session.name}: {count} {noun} at {session.url} (Gradio {version}{state})"
