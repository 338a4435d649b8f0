"""The choices of a parameter: those that only its schema has, and which one a value means.

Rule: whether another value than a choice is refused is for `values` to say.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ..text import one_line
from .endpoint import Choice
from .match import json_equal
from .shape import NULL, Array, Enum, Shape, Union

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_TAG = re.compile(r"</?[A-Za-z][^<>]*>")
_ELEMENT = re.compile(r"<([A-Za-z][\w-]*)(?:\s[^<>]*)?>[^<>]*</\1\s*>")


def find_choices(shape: Shape) -> tuple[Choice, ...] | None:
    """Return the choices that a schema has: of one, of a list of them, or with ``null`` beside.

    Args:
        shape: What a parameter takes.

    Returns:
        The choices, each labelled as it is written; ``None`` if other values are right as well.
    """
    if isinstance(shape, Array):
        shape = shape.item
    if isinstance(shape, Union):
        rest = [member for member in shape.members if member != NULL]
        shape = rest[0] if len(rest) == 1 else shape
    if not isinstance(shape, Enum):
        return None
    values = [value for value in shape.values if value is not None]
    return tuple(Choice(value, one_line(value)) for value in values) or None


def visible_text(text: str) -> str:
    """Return what a browser shows of a text that may have HTML in it."""
    plain = _TAG.sub("", text)
    if "&" in plain:
        import html  # late: few texts have entities

        plain = html.unescape(plain)
    return " ".join(plain.split())


def find_choice(choices: Sequence[Choice], value: Any) -> Choice | None:
    """Return the choice that a value means.

    Args:
        choices: The choices.
        value: What was given.

    Returns:
        The one of that value; else of that label; else the only one whose value or label a browser
        shows like that, with what is in its elements or without; ``None`` if there is none.
    """
    for choice in choices:
        if json_equal(choice.value, value):
            return choice
    for choice in choices:
        if json_equal(choice.label, value):
            return choice
    if isinstance(value, str):
        for seen in (visible_text, _outside_elements):
            found = [choice for choice in choices if _is_seen_as(choice, value, seen)]
            if len(found) == 1:
                return found[0]
    return None


def _is_seen_as(choice: Choice, value: str, seen: Callable[[str], str]) -> bool:
    wanted = " ".join(value.split())
    texts = {text for text in (choice.value, choice.label) if isinstance(text, str)}
    return bool(wanted) and any("<" in text and seen(text) == wanted for text in texts)


def _outside_elements(text: str) -> str:
    """Return what a browser shows of a text besides what stands in its elements."""
    return visible_text(_ELEMENT.sub(" ", text))
