"""HTML for notebooks, made of texts from strangers: nothing of theirs is ever more than text.

Rule: a text gets into HTML by `escape` alone, which also takes what reorders or hides characters,
and keeps it from MathJax, with which notebooks look for formulas, links in them included. No
attribute has a stranger's text but ``alt`` and ``title``; no address of a stranger's is linked.
Styles are written inline, without colours of backgrounds, so that themes stay as they are.
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

from .text import clean, one_line, render_count

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

HTML, PLAIN = "text/html", "text/plain"

LONGEST_TEXT = 5_000
"""How many characters of one text are shown."""
LONGEST_CELL = 200
MOST_ROWS, MOST_COLUMNS = 50, 20

_LEFT = "text-align:left;vertical-align:top"
_COLOURS = {"warning": "#e69f00", "error": "#d55e00", "success": "#009e73"}
_KILO = 1000
_BEGINNINGS = re.compile(r"[$\\]")


def escape(text: object, limit: int = LONGEST_TEXT) -> str:
    """Return a stranger's text for HTML, cleaned and no longer than so many characters."""
    return _split_formulas(html.escape(clean(text, limit)))


def escape_line(text: object, limit: int = LONGEST_CELL) -> str:
    """Return the same on one line."""
    return _split_formulas(html.escape(one_line(text, limit)))


def escape_attribute(text: object, limit: int = LONGEST_CELL) -> str:
    """Return the same for an attribute in quotation marks."""
    return html.escape(one_line(text, limit))


def _split_formulas(escaped: str) -> str:
    # What begins a formula is found within one element only.
    return _BEGINNINGS.sub(r"<span>\g<0></span>", escaped)


def render_text(text: str, limit: int = LONGEST_TEXT) -> str:
    """Return a text as it was written; what is not shown of it is said."""
    said = ""
    if len(text) > limit:
        said = render_note(f"… {len(text) - limit:,} more characters")
        text = text[:limit]
    return f"<pre style='white-space:pre-wrap;margin:0'>{escape(text, limit)}</pre>{said}"


def render_note(text: object) -> str:
    """Return a remark about what is shown."""
    return f"<div style='opacity:0.7;font-size:90%'>{escape_line(text, 500)}</div>"


def render_message(level: str, title: str, text: str) -> str:
    """Return what an app told the person at the page.

    Args:
        level: ``info``, ``warning``, ``error`` or ``success``; others are as the first.
        title: Its heading.
        text: What it says.
    """
    colour = _COLOURS.get(level, "#0072b2")
    return (
        f"<div style='border-left:4px solid {colour};padding:2px 8px;margin:2px 0'>"
        f"<b>{escape_line(title, 100)}</b> {escape(text, 1000)}</div>"
    )


def render_progress(
    words: str, done: float, total: float | None, unit: str = "", rest: str = ""
) -> str:
    """Return how far something is, with a bar where there is something to count.

    Args:
        words: What it is at.
        done: How much is done.
        total: Of how much; ``None`` or 0 where that is not known.
        unit: What is counted; see `describe_count`.
        rest: What else is said, behind it.
    """
    if not total:
        return f"{escape_line(words)}{escape_line(rest)}"
    share = min(1.0, max(0.0, done / total))
    bar = f"<progress value='{share:.4f}' max='1'></progress>"
    return f"{escape_line(words)} {bar} {escape_line(describe_count(done, total, unit) + rest)}"


def describe_count(done: float, total: float, unit: str) -> str:
    """Return how much of something is done: with ``%`` as a share, with ``B`` in bytes."""
    if unit == "%":
        return f"{done / total:.0%}"
    if unit == "B":
        return f"{render_size(int(done))} of {render_size(int(total))}"
    return f"{done:g}/{total:g} {unit}"


def render_pairs(pairs: Iterable[tuple[str, str]]) -> str:
    """Return a table of two columns: names, and HTML beside them."""
    return f"<table>{''.join(render_pair(*pair) for pair in pairs)}</table>"


def render_pair(name: str, made: str) -> str:
    """Return a row of such a table: a name, and HTML beside it."""
    return f"<tr><th style='{_LEFT}'>{escape_line(name)}</th><td style='{_LEFT}'>{made}</td></tr>"


def render_grid(headers: Sequence[object], rows: Sequence[object]) -> str:
    """Return a table of texts; what is not shown of it is said.

    Args:
        headers: The columns' names; none if they have none.
        rows: The rows, each a list of values, or one value.
    """
    lists = [row if isinstance(row, list | tuple) else [row] for row in rows[:MOST_ROWS]]
    width = max([len(headers), *map(len, lists)], default=0)
    shown = min(width, MOST_COLUMNS)
    head = "".join(f"<th style='{_LEFT}'>{escape_line(name)}</th>" for name in headers[:shown])
    body = "".join(
        "<tr>"
        + "".join(
            f"<td style='{_LEFT}'>{'' if value is None else escape_line(value)}</td>"
            for value in row[:shown]
        )
        + "</tr>"
        for row in lists
    )
    top = f"<thead><tr>{head}</tr></thead>" if head else ""
    hidden = []
    if len(rows) > MOST_ROWS:
        hidden.append(f"the first {MOST_ROWS} of {len(rows):,} rows")
    if width > shown:
        hidden.append(f"{shown} of {width:,} columns")
    size = " and ".join(hidden) or f"{render_count(len(rows), 'row')}"
    return f"<table>{top}<tbody>{body}</tbody></table>{render_note(size)}"


def render_table(table: Mapping[str, object]) -> str:
    """Return a table as an app sends it, with ``headers`` and ``data``."""
    headers, rows = table.get("headers"), table.get("data")
    found = list(rows) if isinstance(rows, list | tuple) else []
    # Some versions send one row without cells for a table without rows.
    found = [] if found == [[]] else found
    return render_grid(headers if isinstance(headers, list | tuple) else (), found)


def render_size(number: int) -> str:
    """Return a number of bytes as people say it."""
    size, units = float(number), ["bytes", "kB", "MB", "GB"]
    while size >= _KILO and len(units) > 1:
        size, units = size / _KILO, units[1:]
    digits = 1 if units[0] != "bytes" and size < 10 else 0  # noqa: PLR2004 - two figures say enough
    return f"{size:.{digits}f} {units[0]}"
