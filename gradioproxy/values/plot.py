"""Plots as Gradio sends them: a picture of matplotlib, or the JSON of a library for pages."""

from __future__ import annotations

import html
import json
from typing import TYPE_CHECKING, Any

from ..files.preview import IMAGE_LIMIT, NotShownError, Preview, preview_picture, take_content
from ..files.source import from_data_url
from ..markup import HTML, escape_line, render_note, render_size, render_text
from ..text import render_count, short_repr
from .plotly import clean_figure

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..files.preview import Room

PLOTLY = "application/vnd.plotly.v1+json"
_KINDS = ("matplotlib", "plotly", "altair", "bokeh")  # a tuple: whatever comes may be in it
_SHOWN = 1_000
_MOST_TRACES = 20


class _Picture:
    """A plot as a file, as far as `preview_picture` asks.

    Args:
        url: The ``data:`` URL that it came as.
    """

    def __init__(self, url: str) -> None:
        self.name = "plot"
        self.mime_type = "image/png"
        # Of four characters of base64, which follow a comma.
        self.size: int | None = (len(url) - url.find(",") - 1) * 3 // 4
        self._url = url

    def __repr__(self) -> str:
        return f"<Plot of {render_size(self.size or 0)}>"

    def read_head(self, limit: int) -> tuple[bytes, bool]:
        """Return so many of its first bytes, and whether these are all.

        Raises:
            NotShownError: The URL is broken.
        """
        source = from_data_url(self._url)
        if source is None:
            raise NotShownError("it is broken")
        with source.open() as handle:
            content = handle.read(limit + 1)
        return content[:limit], len(content) <= limit


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
    figure = clean_figure(written) if kind == "plotly" else None
    if figure is None:
        page = render_note(f"{about}; not drawn here:") + render_text(written, _SHOWN)
        page = room.write(page)
        return Preview(page, f"<{about}>", {HTML: page})
    summary = room.write(_summarize(figure))
    return Preview(summary, f"<{about}>", {HTML: summary, PLOTLY: figure})


def _preview_picture(url: str, room: Room) -> Preview:
    picture = _Picture(url)
    try:
        content = take_content(picture, picture.read_head, room, IMAGE_LIMIT)
        return preview_picture(content, picture)
    except NotShownError as reason:
        text = f"plot of {render_size(picture.size or 0)}, not shown: {reason}"
        return Preview(room.write(render_note(text)), f"<{text}>")


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
        for t in figure["data"][:_MOST_TRACES]
    ]
    hidden = len(figure["data"]) - len(traces)
    traces += [f"and {render_count(hidden, 'more trace')}"] if hidden else []
    return f"<div>{named}plotly figure: {', '.join(traces) or 'empty'}</div>"


def _name(name: object) -> str:
    return f"“{escape_line(html.unescape(name), 60)}”" if isinstance(name, str) and name else ""
