"""The call that somebody is typing: which argument of what the cursor is in.

Rule: text in, text out. The code is not complete, so that no parser of Python takes it; nothing of
it is evaluated.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import NamedTuple

LONGEST = 200_000
"""How many characters before the cursor are looked at."""

_CALLEE = re.compile(
    r"(?<![\w.)\]])([^\W\d]\w*(?:\s*\.\s*[^\W\d]\w*"
    r"|\s*\[\s*(?:'[^'\\\n]*'|\"[^\"\\\n]*\"|\d{1,6})\s*\])*)\s*\Z"
)
_LONGEST_CALLEE = 400
_DEFINITION = re.compile(r"\b(def|class)\s+\Z")
_ARGUMENT = re.compile(r"\s*(?:([^\W\d]\w*)\s*=(?!=)\s*)?", re.DOTALL)
_PLAIN = re.compile(r"[\w.+-]*\Z")
_OPENING, _CLOSING = "([{", ")]}"


class OpenCall(NamedTuple):
    """Where the cursor is.

    Attributes:
        callee: What is called, as steps: a name, then attributes (text) and keys (in a tuple).
        keyword: The name of the argument, if it is passed by name.
        position: How many arguments are before it.
        fragment: What of the value is there: nothing, letters, or a text that has begun.
        in_list: Whether the value is an item of a list.
    """

    callee: tuple[str | tuple[str | int], ...]
    keyword: str | None
    position: int
    fragment: str
    in_list: bool


@dataclass
class _Bracket:
    """A bracket that is open: which, where, where its present part begins, how many are before."""

    kind: str
    place: int
    begin: int
    commas: int = 0


def find_open_call(text: str) -> OpenCall | None:
    """Return the innermost call whose parentheses are open at the end of a text.

    Args:
        text: What is before the cursor.

    Returns:
        The call; ``None`` if the cursor is in none, or in something else than a simple value.
    """
    brackets, quote = _scan(text) if len(text) <= LONGEST else ([], None)
    in_list = bool(brackets) and brackets[-1].kind == "["
    call = brackets[-2 if in_list else -1] if len(brackets) > in_list else None
    if call is None or call.kind != "(":
        return None
    inner = brackets[-1]
    written = text[call.begin : inner.place if in_list else len(text)]
    argument = _ARGUMENT.match(written)
    begin = inner.begin if in_list else call.begin + (argument.end() if argument else 0)
    fragment = text[begin:].lstrip()
    callee = _find_callee(text[: call.place])
    if argument is None or callee is None or (in_list and argument.end() < len(written)):
        return None
    is_value = _PLAIN.match(fragment) if quote is None else quote == len(text) - len(fragment)
    return OpenCall(callee, argument[1], call.commas, fragment, in_list) if is_value else None


def _scan(text: str) -> tuple[list[_Bracket], int | None]:
    """Return the brackets that are open at the end, and where a text begins that is open."""
    brackets: list[_Bracket] = []
    place = 0
    while place < len(text):
        letter = text[place]
        if letter in "'\"":
            end = _find_end(text, place)
            if end is None:
                return brackets, place
            place = end
            continue
        if letter == "#":
            end = text.find("\n", place)
            if end < 0:
                return [], None  # in a comment
            if brackets and not text[brackets[-1].begin : place].strip():
                brackets[-1].begin = end  # it stands before the argument
            place = end
        elif letter in _OPENING:
            brackets.append(_Bracket(letter, place, place + 1))
        elif letter in _CLOSING and brackets:
            brackets.pop()
        elif letter == "," and brackets:
            brackets[-1].commas += 1
            brackets[-1].begin = place + 1
        place += 1
    return brackets, None


def _find_end(text: str, place: int) -> int | None:
    """Return where a text literal ends; ``None`` if it does not."""
    quote = text[place]
    triple = text.startswith(quote * 3, place)
    mark = quote * 3 if triple else quote
    place += len(mark)
    while place < len(text):
        if text[place] == "\\":
            place += 2
        elif text.startswith(mark, place):
            return place + len(mark)
        elif text[place] == "\n" and not triple:
            return place  # it is broken, and what follows is another line
        else:
            place += 1
    return None


def _find_callee(text: str) -> tuple[str | tuple[str | int], ...] | None:
    """Return what stands at the end of a text, before the parenthesis, as steps."""
    found = _CALLEE.search(text[-_LONGEST_CALLEE:])
    if found is None or _DEFINITION.search(text[: len(text) - len(found[0])]):
        return None
    try:
        node = ast.parse(found[1].strip(), mode="eval").body
    except (SyntaxError, ValueError):
        return None
    steps: list[str | tuple[str | int]] = []
    while not isinstance(node, ast.Name):
        if isinstance(node, ast.Attribute):
            steps.append(node.attr)
            node = node.value
        elif isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
            key = node.slice.value
            if not isinstance(key, str | int):
                return None
            steps.append((key,))
            node = node.value
        else:
            return None
    return (node.id, *reversed(steps))
