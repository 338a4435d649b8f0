"""Results in notebooks: galleries as rows, tables as tables, chats as talks, plots as plots.

What a value is, is told by its form alone: a list of pictures is a gallery, whatever made it. Files
show themselves (`File.__preview__`); everything else is text, escaped by `markup`.
"""

from __future__ import annotations

import reprlib
from typing import TYPE_CHECKING, Any

from ..files.file import File
from ..files.preview import Room
from ..markup import (
    HTML,
    PLAIN,
    escape,
    render_grid,
    render_note,
    render_pairs,
    render_table,
    render_text,
)
from ..notebook import shows_media
from .plot import is_plot, preview_plot

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MOST_ITEMS = 40
_DEEPEST = 4
_LONGEST_REPR = 2_000

_ROLES = {"user": "#0072b2", "assistant": "#009e73", "system": "#999999"}
_PICTURES = ("image", "video")
_PAIR = 2


def build_bundle(value: object, room: Room | None = None) -> dict[str, Any]:
    """Return a value by media type, as front ends take it; with its text always.

    Args:
        value: A result of a function, or a part of one.
        room: How much is shown.
    """
    text = {PLAIN: render_plain(value)}
    if not shows_media():
        return text
    room = room or Room()
    if isinstance(value, File) or is_plot(value):
        alone = _preview(value, room)
        return text | (dict(alone.alone) or {HTML: alone.html})
    return text | {HTML: render_value(value, room)}


def render_value(value: object, room: Room, depth: int = 0) -> str:  # noqa: PLR0911 - a case each
    """Return a value as HTML.

    Args:
        value: The value.
        room: How much more is shown, which gets less.
        depth: How deep it is in another one.
    """
    if isinstance(value, File) or is_plot(value):
        return str(_preview(value, room).html)
    if isinstance(value, str):
        return render_text(value)
    if depth > _DEEPEST:
        return render_text(render_plain(value), _LONGEST_REPR)
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return _render_fields(_name_fields(value), room, depth)
    if isinstance(value, dict):
        return _render_object(value, room, depth)
    if isinstance(value, list | tuple) and value:
        return _render_list(value, room, depth)
    return render_text(render_plain(value), _LONGEST_REPR)


def _name_fields(value: Any) -> dict[str, Any]:
    """Return what a named tuple has, by its fields."""
    return dict(zip(value._fields, value, strict=True))


def _preview(value: Any, room: Room) -> Any:
    return value.__preview__(room) if isinstance(value, File) else preview_plot(value, room)


def _render_object(value: Mapping[Any, Any], room: Room, depth: int) -> str:
    if _is_table(value):
        return render_table(value)
    confidences = value.get("confidences")
    if "label" in value and isinstance(confidences, list) and all(map(_is_confidence, confidences)):
        pairs = [(one["label"], f"{one['confidence']:.1%}") for one in confidences]
        return f"<b>{escape(value['label'], 200)}</b>{render_grid((), pairs)}"
    return _render_fields(value, room, depth) if value else render_text("{}")


def _is_table(value: Mapping[Any, Any]) -> bool:
    """Tell whether an object is a table: also where no schema said so."""
    return isinstance(value.get("headers"), list) and isinstance(value.get("data"), list)


def _is_confidence(value: object) -> bool:
    """Tell whether a value is how sure an app is of a label."""
    if not isinstance(value, dict) or "label" not in value:
        return False
    return isinstance(value.get("confidence"), int | float)


def _render_fields(fields: Mapping[Any, Any], room: Room, depth: int) -> str:
    shown = list(fields.items())[:MOST_ITEMS]
    pairs = [(str(name), render_value(value, room, depth + 1)) for name, value in shown]
    return render_pairs(pairs) + _say_more(len(fields), len(shown))


def _render_list(values: Sequence[Any], room: Room, depth: int) -> str:
    pictures = [_find_picture(one) for one in values]
    if all(pictures):
        return _render_gallery([one for one in pictures if one], room)
    if all(isinstance(one, dict) and "role" in one and "content" in one for one in values):
        return _render_chat(values, room, depth)
    if all(_is_row(one) for one in values):
        return render_grid((), values)
    if not any(isinstance(one, File | dict | list | tuple) for one in values):
        return render_text(render_plain(values), _LONGEST_REPR)
    shown = values[:MOST_ITEMS]
    items = "".join(f"<li>{render_value(one, room, depth + 1)}</li>" for one in shown)
    return f"<ol start='0'>{items}</ol>{_say_more(len(values), len(shown))}"


def _is_row(value: object) -> bool:
    """Tell whether a value is a list of texts and numbers."""
    plain = str | int | float | None
    return isinstance(value, list | tuple) and all(isinstance(one, plain) for one in value)


def _find_picture(value: object) -> tuple[File, str] | None:
    """Return the picture and the caption of an item of a gallery, or ``None``."""
    caption: object = ""
    if isinstance(value, dict):
        caption = value.get("caption")
        value = next((value[key] for key in _PICTURES if key in value), None)
    elif isinstance(value, list | tuple) and len(value) == _PAIR:
        value, caption = value
    if not isinstance(value, File) or not value.mime_type.startswith(_PICTURES):
        return None
    return (value, caption or "") if isinstance(caption, str | None) else None


def _render_gallery(pictures: Sequence[tuple[File, str]], room: Room) -> str:
    figures = "".join(
        "<figure style='margin:0;max-width:240px'>"
        f"{file.__preview__(room).html}<figcaption>{escape(caption, 200)}</figcaption></figure>"
        for file, caption in pictures[:MOST_ITEMS]
    )
    row = f"<div style='display:flex;flex-wrap:wrap;gap:8px;align-items:end'>{figures}</div>"
    return row + _say_more(len(pictures), min(len(pictures), MOST_ITEMS))


def _render_chat(messages: Sequence[Mapping[str, Any]], room: Room, depth: int) -> str:
    shown = messages[-MOST_ITEMS:]
    earlier = len(messages) - len(shown)
    said = render_note(f"… {earlier:,} earlier messages") if earlier else ""
    return said + "".join(
        f"<div style='border-left:4px solid {_ROLES.get(str(one['role']), '#999999')};"
        f"padding:2px 8px;margin:4px 0'><b>{escape(one['role'], 60)}</b>"
        f"{_render_content(one['content'], room, depth)}</div>"
        for one in shown
    )


def _render_content(content: object, room: Room, depth: int) -> str:
    """Return what a message of a chat says: text, a file, or several of both."""
    if isinstance(content, list):
        return "".join(_render_content(one, room, depth + 1) for one in content[:MOST_ITEMS])
    if isinstance(content, dict):
        inner = next((content[key] for key in ("text", "file", "value") if key in content), None)
        content = content if inner is None else inner
    return render_value(content, room, depth + 1)


def _say_more(count: int, shown: int) -> str:
    return render_note(f"… and {count - shown:,} more") if count > shown else ""


def render_plain(value: object) -> str:
    """Return a value as Python writes it, with what is long in it left out."""
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        parts = (f"{name}={_BRIEF.repr(each)}" for name, each in _name_fields(value).items())
        return f"{type(value).__name__}({', '.join(parts)})"
    return _BRIEF.repr(value)


def _make_brief() -> reprlib.Repr:
    made = reprlib.Repr()
    made.maxlevel = 8
    made.maxlist = made.maxdict = made.maxtuple = 200
    made.maxstring = made.maxother = _LONGEST_REPR
    return made


_BRIEF = _make_brief()
