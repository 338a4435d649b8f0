"""Rendering functions as a table, for terminals and notebooks; knows no session."""

from __future__ import annotations

import inspect
import itertools
import textwrap
from collections.abc import Mapping
from typing import TYPE_CHECKING

from ..functions.display import summarize_signature
from ..functions.help_text import trigger_text
from ..markup import escape
from ..text import one_line, split_paragraphs

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..functions.function import Function
    from ..schema.endpoint import Endpoint

_WIDTH = 80
# A table of thousands of rows is not readable; the rest is counted.
_ROWS = 200


def build_rows(functions: Iterable[Function] | Mapping[str, Function]) -> list[tuple[str, str]]:
    """Return signature and summary of each of the first functions."""
    named = (
        functions.items()
        if isinstance(functions, Mapping)
        else ((function.__name__, function) for function in functions)
    )
    return [
        (summarize_signature(name, inspect.signature(function)), _summarize(function.endpoint))
        for name, function in itertools.islice(named, _ROWS)
    ]


def _summarize(endpoint: Endpoint) -> str:
    """Return the author's first words, or else what calls a function that has no name."""
    words = split_paragraphs(endpoint.description, 500)
    trigger = trigger_text(endpoint, "it")
    if words or not trigger:
        return one_line(words[0], 200) if words else ""
    return f"{trigger[0].upper()}{trigger[1:]}."


def render_text(
    heading: str, note: str, functions: Iterable[Function] | Mapping[str, Function], count: int
) -> str:
    """Return functions as a table of plain text.

    Args:
        heading: The line above it.
        note: Where the description comes from, if that has to be said.
        functions: The functions, or a mapping of names that they have elsewhere; no more are made
            than are shown.
        count: How many there are.
    """
    lines = [heading, *textwrap.wrap(note, _WIDTH), ""]
    for signature, summary in build_rows(functions):
        lines += textwrap.wrap(signature, _WIDTH, initial_indent="  ", subsequent_indent="      ")
        lines += textwrap.wrap(summary, _WIDTH, initial_indent="    ", subsequent_indent="    ")
    if count > _ROWS:
        lines.append(f"  … and {count - _ROWS} more")
    if not count:
        lines.append("  (no functions)")
    return "\n".join(lines)


def render_html(
    heading: str, note: str, functions: Iterable[Function] | Mapping[str, Function], count: int
) -> str:
    """Return functions as a table for a notebook; see `render_text`."""
    body = "".join(
        f"<tr><td style='text-align:left'><code>{escape(signature)}</code></td>"
        f"<td style='text-align:left'>{escape(summary)}</td></tr>"
        for signature, summary in build_rows(functions)
    )
    more = f"<p>… and {count - _ROWS} more</p>" if count > _ROWS else ""
    said = f"<p>{escape(note)}</p>" if note else ""
    return f"<p><b>{escape(heading)}</b></p>{said}<table>{body}</table>{more}"
