"""Plots as Gradio sends them: a picture of matplotlib, or the JSON of a library for pages."""

from __future__ import annotations

import html
import json
from typing import TYPE_CHECKING, Any

from ..files.preview import IMAGE_LIMIT, NotShownError, Preview, preview_picture
from ..files.source import from_data_url
from ..markup import HTML, escape_line, render_note, render_size, render_text
from ..text import short_repr
from .plotly import clean_figure

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..files.preview import Room

PLOTLY = "application/vnd.plotly.v1+json"
_KINDS = ("matplotlib", "plotly", "altair", "bokeh")  # a tuple: whatever comes may be in it
_SHOWN = 1_000


class _Picture:
    """A plot as a file, as far as `preview_picture` asks."""

    def __init__(self, size: int) -> None:
        self.name = "plot"
        self.mime_type = "image/png"
        self.size: int | None = size

    def __repr__(self) -> str:
        return f"<Plot, {self.size:,} bytes>"


def is_plot(value: object) -> bool:
    """Tell whether a value is a plot."""
    return (
        isinstance(value, dict)
        and value.get("type") in _KINDS
        and isinstance(value.get("plot"), str | dict)
        and value.keys() <= {"type", "plot", "chart"}
    )


def preview_plot(value: Mapping[str, Any], room: Room) -> Preview:
    """Return what is shown of a plot.

    That of plotly, where it stands alone, is handed to plotly if the front end has it. Those of
    altair and bokeh are programs for their libraries, and are shown as their text.
    """
    kind, plot = value["type"], value["plot"]
    if isinstance(plot, str) and plot.startswith("data:"):
        return _preview_picture(plot, room)
    written = plot if isinstance(plot, str) else _write(plot)
    about = f"{kind} plot, {len(written):,} characters of JSON"
    page = render_note(f"{about}; not drawn here:") + render_text(written, _SHOWN)
    figure = clean_figure(plot) if kind == "plotly" else None
    if figure is None:
        return Preview(page, f"<{about}>", {HTML: page})
    summary = _summarize(figure)
    return Preview(summary, f"<{about}>", {HTML: summary, PLOTLY: figure})  # type: ignore[dict-item]


def _preview_picture(url: str, room: Room) -> Preview:
    try:
        content = _read_picture(url, min(IMAGE_LIMIT, room.left))
        made = preview_picture(content, _Picture(len(content)))
    except NotShownError as reason:
        text = f"plot of {render_size(len(url) * 3 // 4)}, not shown: {reason}"
        return Preview(render_note(text), f"<{text}>")
    room.left -= len(content)
    return made


def _read_picture(url: str, limit: int) -> bytes:
    """Return what is in a ``data:`` URL.

    Raises:
        NotShownError: It is broken, or has more bytes than that.
    """
    if len(url) > 2 * limit:
        raise NotShownError("it is too large")
    source = from_data_url(url)
    if source is None:
        raise NotShownError("it is broken")
    with source.open() as handle:
        return handle.read()


def _write(plot: Mapping[str, Any]) -> str:
    try:
        return json.dumps(plot, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError):  # a caller put something else into it
        return short_repr(plot, 1000)


def _summarize(figure: Mapping[str, Any]) -> str:
    """Return in words what a figure has, where nothing draws it."""
    title = figure["layout"].get("title")
    title = title.get("text") if isinstance(title, dict) else title
    named = f"<b>{escape_line(html.unescape(title))}</b> " if isinstance(title, str) else ""
    traces = [
        " ".join(filter(None, [escape_line(t.get("type", "scatter")), _name(t.get("name"))]))
        for t in figure["data"][:20]
    ]
    return f"<div>{named}plotly figure: {', '.join(traces) or 'empty'}</div>"


def _name(name: object) -> str:
    return f"“{escape_line(html.unescape(name), 60)}”" if isinstance(name, str) and name else ""
