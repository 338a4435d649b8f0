"""What of the page a function takes besides its arguments: what an event of a component brings.

The description says that a function takes it, and which event calls it on the page, but not what
that brings: this is what Gradio's own page sends, and Gradio's classes read (``gr.SelectData``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..text import one_line

if TYPE_CHECKING:
    from ..schema.endpoint import Endpoint

_FILE = {"path": "/path/on/the/server/a.txt", "orig_name": "a.txt"}

# By event. Others bring what their component likes.
_EXAMPLES: dict[str, dict[str, Any]] = {
    "copy": {"value": "Hello"},
    "delete": _FILE,
    "download": _FILE,
    "edit": {"index": 0, "previous_value": "Hello", "value": "Hi"},
    "key_up": {"key": "o", "input_value": "Hello"},
    "like": {"index": 0, "value": "Hello", "liked": True},
    "retry": {"index": 0, "value": "Hello"},
    "select": {"index": 0, "value": "Hello", "selected": True},
    "undo": {"index": 0, "value": "Hello"},
}
# A cell is selected by row and column, and a point by its place from the left and from the top.
_GRIDS = frozenset({"dataframe", "image"})


def build_event_example(endpoint: Endpoint) -> dict[str, Any]:
    """Return what the event that calls a function on the page might bring, as JSON."""
    target = endpoint.target
    if target is None or target.event not in _EXAMPLES:
        return {"index": 0, "value": "Hello"}
    example = _EXAMPLES[target.event]
    has_place = "index" in example and target.kind in _GRIDS
    return {**example, "index": [0, 0]} if has_place else example


def event_text(endpoint: Endpoint) -> str:
    """Say what a function takes of the page; nothing of one that takes nothing."""
    if not endpoint.collects_event:
        return ""
    target = endpoint.target
    event = one_line(target.event, 60).replace("`", "'") if target else ""
    known = target and f", ``{event}`` of the {target.kind or 'component'},"
    return (
        f"It takes what an event of the page{known or ''} brings: give it that, as JSON, by "
        "``with_options(event_data=...)``."
    )
