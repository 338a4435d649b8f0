"""Signatures that are readable on a terminal: in lines that fit, where Python writes a single one.

They bind and compare as Python's own do; only their text is another.
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from .annotations import render_annotation

if TYPE_CHECKING:
    from types import FunctionType

# `help` writes lines of eighty columns, and a name before the signature.
WIDTH = 80
_NAME = 20
_INDENT = 4

_EMPTY = inspect.Parameter.empty


class Signature(inspect.Signature):
    """A signature whose text is short: Python's own is one line before 3.13, however long."""

    room = WIDTH - _NAME
    """The columns that a name leaves to it."""

    def __str__(self) -> str:
        return self.format(max_width=self.room)

    def format(self, *, max_width: int | None = None, **_options: Any) -> str:
        """Return the signature as text.

        Args:
            max_width: The number of columns that it may have; beyond, each parameter gets a line
                of its own, in which a long default is ``...`` and many choices are their type,
                and a longer one as many as it takes.
            **_options: What later versions of Python know.
        """
        parameters = list(self.parameters.values())
        if any(one.kind is not inspect.Parameter.POSITIONAL_OR_KEYWORD for one in parameters):
            plain = inspect.Signature(parameters, return_annotation=self.return_annotation)
            return str(plain)  # such as `functools.partial` leaves it
        result = self.return_annotation
        arrow = "" if result is _EMPTY else f" -> {render_annotation(result)}"
        lone = f"({', '.join(map(_render_parameter, parameters))}){arrow}"
        if max_width is None or len(lone) <= max_width:
            return lone
        lines = [f"{' ' * _INDENT}{_render_line(parameter)}," for parameter in parameters]
        return "\n".join(["(", *lines, f"){arrow}"])


def add_signature(function: FunctionType) -> None:
    """Give a function its signature, from its code, defaults and annotations."""
    code, hints = function.__code__, function.__annotations__
    names = code.co_varnames[: code.co_argcount]
    defaults = function.__defaults__ or ()
    values = (_EMPTY,) * (len(names) - len(defaults)) + defaults
    parameters = [
        inspect.Parameter(
            name,
            inspect.Parameter.POSITIONAL_OR_KEYWORD,
            default=value,
            annotation=hints.get(name, _EMPTY),
        )
        for name, value in zip(names, values, strict=True)
    ]
    signature = Signature(parameters, return_annotation=hints.get("return", _EMPTY))
    signature.room = WIDTH - max(_NAME, len(function.__name__))
    function.__dict__["__signature__"] = signature


def _render_line(parameter: inspect.Parameter) -> str:
    """Return a parameter as text that fits in a line, if that can be."""
    texts = (
        _render_parameter(parameter),
        _render_parameter(parameter, choices=False),
        _render_parameter(parameter, choices=False, default="..."),
    )
    fitting = (text for text in texts if len(text) < WIDTH - _INDENT)
    return next(fitting, None) or _break_annotation(texts[-1], _INDENT)


def _break_annotation(text: str, indent: int) -> str:
    """Return an annotation in lines, as formatters break it: what is in its brackets goes below."""
    begin, end = _find_brackets(text)
    if indent + len(text) < WIDTH or begin == end:
        return text
    below = indent + _INDENT
    parts = [_break_annotation(part, below) for part in _split_parts(text[begin + 1 : end])]
    lines = [f"{' ' * below}{part}," for part in parts]
    if len(parts) == 1:
        lines = [lines[0].removesuffix(",")]
    return "\n".join([text[: begin + 1], *lines, f"{' ' * indent}{text[end:]}"])


def _find_brackets(text: str) -> tuple[int, int]:
    """Return the places of the widest pair of brackets that is in no other."""
    pairs, opened = [(0, 0)], []
    for place, letter in enumerate(text):
        if letter == "[":
            opened.append(place)
        elif letter == "]":
            pairs.append((opened.pop(), place))
    return max(pairs, key=lambda pair: pair[1] - pair[0])


def _split_parts(text: str) -> list[str]:
    """Return what commas outside of brackets divide."""
    parts, depth = [""], 0
    for letter in text:
        depth += (letter == "[") - (letter == "]")
        if letter == "," and not depth:
            parts.append("")
        else:
            parts[-1] += letter
    return [part.strip() for part in parts]


def _render_parameter(
    parameter: inspect.Parameter, *, choices: bool = True, default: str | None = None
) -> str:
    hint = parameter.annotation
    text = parameter.name
    if hint is not _EMPTY:
        text += f": {render_annotation(hint, choices=choices)}"
    if parameter.default is _EMPTY:
        return text
    equals = "=" if hint is _EMPTY else " = "
    return f"{text}{equals}{repr(parameter.default) if default is None else default}"
