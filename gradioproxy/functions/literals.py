"""Values and texts as Python source, as a formatter would write them.

What comes from an app gets into source in no other way: as a literal, made of characters that say
what they are. Lines are those of ``ruff format`` and ``black``; what is broken into lines has a
comma behind its last item, so that they leave it like that.
"""

from __future__ import annotations

import inspect
import math
import re
from typing import Any

from ..text import clean
from .naming import INVISIBLE

LINE_LENGTH = 88
INDENT = "    "

# What is larger is not for a signature.
MAX_TEXT = 500
MAX_ITEMS = 50
MAX_BITS = 256
MAX_DEPTH = 6

# Whatever is printable and written alike by everybody; the rest is escaped.
_PLAIN = re.compile(r"[ -~]|[^\W_]")
_BLANKS = re.compile(r"[^\S\n]")


def is_literal(value: object) -> bool:
    """Tell whether a value can be written, and is no longer than what belongs into a signature."""
    return _count_items(value, 0) <= MAX_ITEMS


def _count_items(value: object, depth: int) -> float:
    if depth > MAX_DEPTH:
        return math.inf
    if isinstance(value, dict):
        known = all(isinstance(key, str) and len(key) <= MAX_TEXT for key in value)
        items = list(value.values()) if known and len(value) <= MAX_ITEMS else [object()]
        return 1 + sum(_count_items(item, depth + 1) for item in items)
    if isinstance(value, list):
        items = value if len(value) <= MAX_ITEMS else [object()]
        return 1 + sum(_count_items(item, depth + 1) for item in items)
    if isinstance(value, bool | float | None):
        return 1
    if isinstance(value, int):
        return 1 if value.bit_length() <= MAX_BITS else math.inf
    return 1 if isinstance(value, str) and len(value) <= MAX_TEXT else math.inf


def write_literal(value: Any, indent: str = "", room: int = LINE_LENGTH) -> str:
    """Return a value as source.

    Args:
        value: What `is_literal` takes.
        indent: What the lines after the first begin with.
        room: How long the first line may be; a list or an object that is longer gets a line for
            each of its items.
    """
    lone = _write_lone(value)
    if len(lone) <= room or not isinstance(value, list | dict) or not value:
        return lone
    below = indent + INDENT
    if isinstance(value, list):
        items = [write_literal(one, below, LINE_LENGTH - len(below) - 1) for one in value]
    else:
        items = []
        for key, one in value.items():
            head = f"{write_text(key)}: "
            left = LINE_LENGTH - len(below) - len(head) - 1
            items.append(head + write_literal(one, below, left))
    opening, closing = "[]" if isinstance(value, list) else "{}"
    return "\n".join([opening, *(f"{below}{item}," for item in items), f"{indent}{closing}"])


def _write_lone(value: Any) -> str:
    if isinstance(value, str):
        return write_text(value)
    if isinstance(value, float) and not math.isfinite(value):
        return "math.nan" if math.isnan(value) else f"{'-' if value < 0 else ''}math.inf"
    if isinstance(value, list):
        return f"[{', '.join(map(_write_lone, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{write_text(k)}: {_write_lone(v)}' for k, v in value.items())}}}"
    if isinstance(value, int | float) and not isinstance(value, bool):
        return (float if isinstance(value, float) else int).__repr__(value)
    return repr(bool(value)) if isinstance(value, bool) else "None"


def write_text(text: str) -> str:
    """Return a text as a string literal that says exactly that, whatever is in it."""
    quote = "'" if text.count('"') > text.count("'") else '"'
    return f"{quote}{''.join(_write_character(c, quote) for c in text)}{quote}"


def _write_character(character: str, quote: str) -> str:
    if character in {quote, "\\"}:
        return f"\\{character}"
    if _PLAIN.fullmatch(character) and not INVISIBLE.match(character):
        return character
    return character.encode("unicode_escape").decode("ascii")


def write_docstring(text: str, indent: str = "") -> list[str]:
    """Return the lines of a docstring, without what a terminal obeys.

    Args:
        text: What it says; without blanks around it, as formatters take those away.
        indent: What its lines begin with.
    """
    plain = inspect.cleandoc(_BLANKS.sub(" ", clean(text, len(text) + 1).expandtabs(4)).strip())
    lines = plain.replace("\\", "\\\\").replace('"""', r"\"\"\"").split("\n")
    # Formatters put a blank before and behind a quotation mark that stands beside the outer ones.
    lines[0] = '"""' + (" " if lines[0].startswith('"') else "") + lines[0]
    if len(lines) > 1:
        lines.append('"""')
    elif re.search(r'(?<!\\)(\\\\)*"\Z', lines[0]):
        lines[0] += ' """'
    else:
        lines[0] += '"""'
    return [f"{indent}{line}".rstrip() for line in lines]
