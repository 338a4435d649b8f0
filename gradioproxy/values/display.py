"""Results in notebooks: galleries as rows, tables as tables, chats as talks, plots as plots.

What a value is, is told by its form alone: a list of pictures is a gallery, whatever made it. Files
show themselves (`File.__preview__`); everything else is text, escaped by `markup`.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

from ..files.file import File
from ..files.preview import Preview, Room
from ..markup import (
    HTML,
    PLAIN,
    escape,
    render_grid,
    render_note,
    render_pair,
    render_table,
    render_text,
)
from ..notebook import shows_media
from ..text import one_line
from .plain import render_plain
from .plot import is_plot, preview_plot

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

Part = TypeVar("Part")

MOST_ITEMS = 40
_DEEPEST = 4
# What is left of a part, and of all that follows, where a display is full.
_LEFT_OUT = "…"
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
    made = find_preview(value, room or Room())
    if made is not None:
        return text | (dict(made.alone) or {HTML: made.html})
    return text | {HTML: render_value(value, room or Room())}


def find_preview(value: Any, room: Room) -> Preview | None:
    """Return what is shown of a file or a plot, which may be shown alone; else ``None``."""
    if isinstance(value, File):
        return value.__preview__(room)
    return preview_plot(value, room) if is_plot(value) else None


def render_value(value: object, room: Room, depth: int = 0) -> str:  # noqa: PLR0911 - a case each
    """Return a value as HTML.

    Args:
        value: The value.
        room: How much more is shown, which gets less.
        depth: How deep it is in another one.
    """
    if room.is_full:
        return _LEFT_OUT
    made = find_preview(value, room)
    if made is not None:
        return made.html
    if isinstance(value, str):
        return room.write(render_text(value))
    if depth > _DEEPEST:
        return _write_plain(value, room)
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return _render_fields(_name_fields(value), room, depth)
    if isinstance(value, dict):
        return _render_object(value, room, depth)
    if isinstance(value, list | tuple) and value:
        return _render_list(value, room, depth)
    return _write_plain(value, room)


def _write_plain(value: object, room: Room) -> str:
    return room.write(render_text(render_plain(value), _LONGEST_REPR))


def _name_fields(value: Any) -> dict[str, Any]:
    """Return what a named tuple has, by its fields."""
    return dict(zip(value._fields, value, strict=True))


def _render_object(value: Mapping[Any, Any], room: Room, depth: int) -> str:
    if _is_table(value):
        return room.write(render_table(value))
    confidences = value.get("confidences")
    if "label" in value and isinstance(confidences, list) and all(map(_is_confidence, confidences)):
        pairs = [(one["label"], _render_share(one["confidence"])) for one in confidences]
        return room.write(f"<b>{escape(value['label'], 200)}</b>{render_grid((), pairs)}")
    return _render_fields(value, room, depth) if value else _write_plain(value, room)


def _is_table(value: Mapping[Any, Any]) -> bool:
    """Tell whether an object is a table: also where no schema said so."""
    return isinstance(value.get("headers"), list) and isinstance(value.get("data"), list)


def _is_confidence(value: object) -> bool:
    """Tell whether a value is how sure an app is of a label."""
    if not isinstance(value, dict) or "label" not in value:
        return False
    return isinstance(value.get("confidence"), int | float)


def _render_share(share: float) -> str:
    try:
        return f"{share:.1%}"
    except OverflowError:  # a server may send an integer of any length
        return one_line(share, 30)


def _render_fields(fields: Mapping[Any, Any], room: Room, depth: int) -> str:
    named = ((one_line(name), value) for name, value in islice(fields.items(), MOST_ITEMS))
    rows = _frame_parts(
        named,
        lambda one, made: render_pair(one[0], made),
        lambda one: render_value(one[1], room, depth + 1),
        room,
    )
    return f"<table>{''.join(rows)}</table>{_say_more(len(fields), len(rows))}"


def _frame_parts(
    parts: Iterable[Part],
    frame: Callable[[Part, str], str],
    render: Callable[[Part], str],
    room: Room,
) -> list[str]:
    """Return HTML for each part of a value, as far as there is room for any of it.

    Args:
        parts: The parts.
        frame: Puts what a part is around its HTML: a name, a role, a caption.
        render: Returns the HTML of one.
        room: How much more is shown, which gets less.
    """
    made = []
    for part in parts:
        if room.is_full:
            break
        room.reserve(frame(part, ""))
        made.append(frame(part, render(part)))
    return made


def _render_list(values: Sequence[Any], room: Room, depth: int) -> str:
    pictures = [_find_picture(one) for one in values]
    if all(pictures):
        return _render_gallery([one for one in pictures if one], room)
    if all(isinstance(one, dict) and "role" in one and "content" in one for one in values):
        return _render_chat(values, room, depth)
    if all(_is_row(one) for one in values):
        return room.write(render_grid((), values))
    if not any(isinstance(one, File | dict | list | tuple) for one in values):
        return _write_plain(values, room)
    items = _frame_parts(
        values[:MOST_ITEMS],
        lambda _, made: f"<li>{made}</li>",
        lambda one: render_value(one, room, depth + 1),
        room,
    )
    return f"<ol start='0'>{''.join(items)}</ol>{_say_more(len(values), len(items))}"


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
    figures = _frame_parts(
        pictures[:MOST_ITEMS],
        lambda one, made: (
            "<figure style='margin:0;max-width:240px'>"
            f"{made}<figcaption>{escape(one[1], 200)}</figcaption></figure>"
        ),
        lambda one: render_value(one[0], room),
        room,
    )
    style = "display:flex;flex-wrap:wrap;gap:8px;align-items:end"
    row = f"<div style='{style}'>{''.join(figures)}</div>"
    return row + _say_more(len(pictures), len(figures))


def _render_chat(messages: Sequence[Mapping[str, Any]], room: Room, depth: int) -> str:
    shown = messages[-MOST_ITEMS:]
    earlier = len(messages) - len(shown)
    said = render_note(f"… {earlier:,} earlier messages") if earlier else ""
    talk = _frame_parts(
        shown,
        lambda one, made: (
            f"<div style='border-left:4px solid {_ROLES.get(one_line(one['role']), '#999999')};"
            f"padding:2px 8px;margin:4px 0'><b>{escape(one['role'], 60)}</b>{made}</div>"
        ),
        lambda one: _render_content(one["content"], room, depth + 1),
        room,
    )
    return said + "".join(talk) + _say_more(len(shown), len(talk))


def _render_content(content: object, room: Room, depth: int) -> str:
    """Return what a message of a chat says: text, a file, or several of both."""
    if isinstance(content, list) and depth <= _DEEPEST:
        parts = _frame_parts(
            content[:MOST_ITEMS],
            lambda _, made: made,
            lambda one: _render_content(one, room, depth + 1),
            room,
        )
        return "".join(parts) + _say_more(len(content), len(parts))
    if isinstance(content, dict):
        inner = next((content[key] for key in ("text", "file", "value") if key in content), None)
        content = content if inner is None else inner
    return render_value(content, room, depth)


def _say_more(count: int, shown: int) -> str:
    return render_note(f"… and {count - shown:,} more") if count > shown else ""
