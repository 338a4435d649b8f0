"""Figures of plotly, made safe to be handed to its renderer in a notebook.

Rule: everything is cleaned first, names and kinds included, and what passes is chosen of what that
leaves: nothing may become another word behind the choice. What passes is listed here, and
everything else is left out: kinds of traces that draw data and load nothing; texts without links,
entities and formulas, as plotly makes HTML of those and has MathJax make links of these; no
addresses, no pictures, no maps (their tiles are fetched), no buttons (they change what was left out
here). A figure with another kind of trace is no figure here.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any

from ..text import clean

LONGEST = 5_000_000
"""How many characters of JSON a figure may have."""
_DEEPEST = 40
_LONGEST_STRING = 20_000

_TRACES = frozenset(
    {
        *("bar", "barpolar", "box", "candlestick", "carpet", "cone", "contour", "contourcarpet"),
        *("funnel", "funnelarea", "heatmap", "histogram", "histogram2d", "histogram2dcontour"),
        *("icicle", "indicator", "isosurface", "mesh3d", "ohlc", "parcats", "parcoords", "pie"),
        *("sankey", "scatter", "scatter3d", "scattercarpet", "scattergl", "scatterpolar"),
        *("scatterpolargl", "scatterternary", "splom", "streamtube", "sunburst", "surface"),
        *("table", "treemap", "violin", "volume", "waterfall"),
    }
)
_LEFT_OUT = re.compile(
    r"(geo|map|mapbox)\d*|images|updatemenus|sliders|transforms|source|.*url.*|.*href.*",
    re.IGNORECASE,
)
# What plotly takes for marks in a text, without attributes; all other brackets are written out.
_MARKS = re.compile(r"</?(b|i|br|em|strong|sub|sup|s|u|extra)\s*/?>", re.IGNORECASE)
_SPECIAL = re.compile(r"[<>&\\]")
# Arrays of numbers as bytes: of which kind, and the lengths of their dimensions.
_KIND = re.compile(r"[a-z]{1,8}[0-9]{0,2}c?")
_BYTES = re.compile(r"[A-Za-z0-9+/=]*")
_SHAPE = re.compile(r"[0-9]{1,9}(, ?[0-9]{1,9}){0,2}")
_ARRAY = {"dtype", "bdata", "shape"}


def clean_figure(figure: object) -> dict[str, Any] | None:
    """Return the data and the layout of a figure, cleaned.

    Args:
        figure: The figure as an app sent it, or its JSON.

    Returns:
        What ``application/vnd.plotly.v1+json`` stands for; ``None`` if it can't be shown as such.
    """
    try:
        # What is there already is written as well, so that it is JSON, and not too much of it.
        text = figure if isinstance(figure, str) else json.dumps(figure)
        cleaned = _clean(json.loads(text), 0) if len(text) <= LONGEST else None
    except (TypeError, ValueError, RecursionError, _TooDeepError):
        return None
    if not isinstance(cleaned, dict):
        return None
    traces, layout = cleaned.get("data"), cleaned.get("layout")
    if not isinstance(traces, list) or not all(map(_is_known, traces)):
        return None
    layout = layout if isinstance(layout, dict) else {}
    return {"data": traces, "layout": _choose_template(layout)}


class _TooDeepError(Exception):
    """A figure is nested deeper than figures are."""


def _is_known(trace: object) -> bool:
    kind = trace.get("type", "scatter") if isinstance(trace, dict) else None
    return isinstance(kind, str) and kind in _TRACES


def _choose_template(layout: dict[str, Any]) -> dict[str, Any]:
    """Return a layout with what its template says of layouts; traces have kinds of their own."""
    template = layout.get("template")
    plain = {key: value for key, value in layout.items() if key != "template"}
    inner = template.get("layout") if isinstance(template, dict) else None
    return plain | {"template": {"layout": inner}} if isinstance(inner, dict) else plain


def _clean(value: Any, depth: int) -> Any:
    """Return a part of a figure, cleaned."""
    if depth > _DEEPEST:
        raise _TooDeepError
    if isinstance(value, str):
        return _clean_text(value)
    if isinstance(value, list):
        return [_clean(item, depth + 1) for item in value]
    if not isinstance(value, dict):
        return value
    named = {_clean_text(key): item for key, item in value.items()}
    if named.keys() <= _ARRAY and "bdata" in named:
        return named if _is_array(**named) else None
    return {
        key: _clean(item, depth + 1)
        for key, item in named.items()
        # The ends of a flow have that name as well, and are numbers.
        if not _LEFT_OUT.fullmatch(key) or (key == "source" and _is_numbers(item))
    }


def _is_array(bdata: object, dtype: object = "", shape: object = "1") -> bool:
    """Tell whether these are an array, with no more numbers than there are bytes for."""
    texts = ((bdata, _BYTES), (dtype, _KIND), (shape, _SHAPE))
    if not all(isinstance(text, str) and form.fullmatch(text) for text, form in texts):
        return False
    return math.prod(map(int, str(shape).split(","))) <= max(1, len(str(bdata)))


def _is_numbers(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, int | float) for item in value)


def _clean_text(text: str) -> str:
    """Return a text in which plotly finds nothing but marks without attributes."""
    text = clean(text, _LONGEST_STRING)
    parts, place = [], 0
    for mark in _MARKS.finditer(text):
        parts += [_write_out(text[place : mark.start()]), mark[0]]
        place = mark.end()
    return "".join([*parts, _write_out(text[place:])])


def _write_out(text: str) -> str:
    # Without its backslash a formula has no commands. As numbers, plotly shows them as they were.
    return _SPECIAL.sub(lambda found: f"&#{ord(found[0])};", text)
