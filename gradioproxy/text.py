"""Text from strangers, made fit to show: this module knows nothing of Gradio and does no I/O."""

from __future__ import annotations

import json
import re
import reprlib
import unicodedata
from typing import Any

# Controls (C0 without tab and newline, DEL, C1), bidirectional marks, embeddings, overrides and
# isolates, invisible fillers, the byte order mark, tag characters and lone surrogates: whatever
# can move a cursor, reorder a line or hide in an identifier, and has no business in a message.
_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\U000e0000-\U000e007f\ud800-\udfff]"
)


class _Brief(reprlib.Repr):
    def repr_int(self, x: int, level: int) -> str:
        del level
        return _to_str(x)


def _to_str(value: object) -> str:
    try:
        return str(value)
    except ValueError:
        # Of integers of thousands of digits Python writes no others, as that takes its time.
        if not isinstance(value, int):
            raise
        return hex(value)


# Lists and objects stand where a text should be; their beginning says all that there is to say.
_BRIEF = _Brief()
_BRIEF.maxlevel = 3

_BLANKS = re.compile(r"\n\s*\n")


def clean(text: object, limit: int = 10_000) -> str:
    """Return *text* without control, bidirectional and invisible characters.

    Args:
        text: What a server sent; anything that is no string is turned into one.
        limit: The longest result in characters; what is beyond is replaced by an ellipsis.

    Returns:
        The text with its line breaks (all of one kind) and tabs, and nothing else that a terminal
        obeys.
    """
    # Twice the limit fills it in all but absurd cases, and bounds the work on huge texts.
    safe = (_BRIEF.repr(text) if isinstance(text, list | dict) else _to_str(text))[: 2 * limit]
    # Most texts are plain, and a description has thousands of them.
    if not (safe.isascii() and safe.isprintable()):
        safe = _UNSAFE.sub("", safe.replace("\r\n", "\n").replace("\r", "\n"))
    return safe if len(safe) <= limit else safe[: limit - 1].rstrip() + "…"


def one_line(text: object, limit: int = 200) -> str:
    """Return *text* cleaned and on a single line of at most *limit* characters."""
    # Most texts are this plain, and an app can have thousands of them.
    if isinstance(text, str) and len(text) <= limit and text.isascii() and text.isprintable():
        return " ".join(text.split())
    return clean(" ".join(clean(text, 4 * limit).split()), limit)


def split_paragraphs(text: object, limit: int = 10_000) -> list[str]:
    """Return the paragraphs of *text*, cleaned, each without leading and trailing blanks."""
    return [part.strip() for part in _BLANKS.split(clean(text, limit)) if part.strip()]


def is_brief(value: object, room: int) -> bool:
    """Tell whether the `repr` of a value is source for it, and may be short.

    Args:
        value: Anything; what is not JSON has no such `repr`.
        room: How many characters it may have; it can turn out to be longer.
    """
    if isinstance(value, list | dict):
        inside = [*value, *value.values()] if isinstance(value, dict) else value
        # Each level and each item takes two characters at least.
        return 2 * len(value) <= room and all(is_brief(one, room - 2) for one in inside)
    if isinstance(value, int):
        return value.bit_length() <= 4 * room
    return value is None or (isinstance(value, str) and len(value) <= room) or type(value) is float


def as_json(value: object, indent: int | None = None) -> str:
    """Return a value as JSON that people can read, without what a terminal obeys.

    Args:
        value: The value.
        indent: How far each level is indented, on lines of its own; ``None`` for a single line.
    """
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    return _UNSAFE.sub(lambda match: json.dumps(match[0])[1:-1], text)


def normalize_name(name: str) -> str:
    """Return *name* as Python normalises identifiers before it compares them (PEP 3131)."""
    return unicodedata.normalize("NFKC", name)


def short_repr(value: Any, limit: int = 80) -> str:
    """Return the repr of a caller's value, short and on one line."""
    try:
        text = repr(value)
    except Exception:  # noqa: BLE001 - a foreign __repr__ may raise anything
        text = f"<{type(value).__name__}>"
    return one_line(text, limit)


def render_count(number: int, noun: str) -> str:
    """Return a number of things in words."""
    return f"{number or 'no'} {noun}{'' if number == 1 else 's'}"
