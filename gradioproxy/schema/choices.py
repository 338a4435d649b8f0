"""The choices of a parameter: those that only its schema has, and which one a value means.

Rule: whether another value than a choice is refused is for `values` to say.
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Any

from ..text import one_line
from .endpoint import Option
from .match import json_equal
from .shape import NULL, Array, Enum, Shape, Union

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_TAG = re.compile(r"</?[A-Za-z][^<>]*>")
_ELEMENT = re.compile(r"<([A-Za-z][\w-]*)(?:\s[^<>]*)?>[^<>]*</\1\s*>")


def options_in(shape: Shape) -> tuple[Option, ...] | None:
    """Return the choices that a schema has: of one, of a list of them, or with ``null`` beside.

    Args:
        shape: What a parameter takes.

    Returns:
        The choices, each labelled as it is written; ``None`` if other values are right as well.
    """
    if isinstance(shape, Array):
        shape = shape.item
    if isinstance(shape, Union):
        rest = [option for option in shape.options if option != NULL]
        shape = rest[0] if len(rest) == 1 else shape
    if not isinstance(shape, Enum):
        return None
    values = [value for value in shape.values if value is not None]
    return tuple(Option(value, one_line(value)) for value in values) or None


def visible_text(text: str) -> str:
    """Return what a browser shows of a text that may have HTML in it."""
    return " ".join(html.unescape(_TAG.sub("", text)).split())


def find_option(options: Sequence[Option], value: Any) -> Option | None:
    """Return the choice that a value means.

    Args:
        options: The choices.
        value: What was given.

    Returns:
        The one of that value; else of that label; else the only one whose value or label a browser
        shows like that, with what is in its elements or without; ``None`` if there is none.
    """
    for option in options:
        if json_equal(option.value, value):
            return option
    for option in options:
        if json_equal(option.label, value):
            return option
    if isinstance(value, str):
        for seen in (visible_text, _outside_elements):
            found = [option for option in options if _is_seen_as(option, value, seen)]
            if len(found) == 1:
                return found[0]
    return None


def _is_seen_as(option: Option, value: str, seen: Callable[[str], str]) -> bool:
    wanted = " ".join(value.split())
    texts = {text for text in (option.value, option.label) if isinstance(text, str)}
    return bool(wanted) and any("<" in text and seen(text) == wanted for text in texts)


def _outside_elements(text: str) -> str:
    """Return what a browser shows of a text besides what stands in its elements."""
    return visible_text(_ELEMENT.sub(" ", text))
