"""The docstring of an endpoint's function.

One model is filled and composed in the style that is asked for. Reading the text again in that
style gives the same parameters: a description can't pretend to be a section.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import docstring_parser as dp
from docstring_parser.common import DocstringExample

from ..text import one_line, split_paragraphs
from ..values.limits import is_checked
from .annotations import render_annotation
from .example import write_example
from .help_text import parameter_text, result_text, token_text, trigger_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ..options import DocstringStyle
    from ..schema.endpoint import Endpoint, Parameter

# `help` indents a docstring by four of the eighty columns.
WIDTH = 76
INDENT = 4

# An author's description beyond this is no longer read in a docstring.
MAX_DESCRIPTION = 4_000
MAX_TYPE = 40

_COUNTS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")

_STYLES = {
    "google": (dp.DocstringStyle.GOOGLE, dp.RenderingStyle.CLEAN),
    "numpydoc": (dp.DocstringStyle.NUMPYDOC, dp.RenderingStyle.CLEAN),
    "rest": (dp.DocstringStyle.REST, dp.RenderingStyle.CLEAN),
    "epydoc": (dp.DocstringStyle.EPYDOC, dp.RenderingStyle.COMPACT),
}

# Where a section of any style begins; a description that has such a line loses a character of it.
_TITLE = re.compile(r"([A-Z][a-z]+(?: [A-Z][a-z]+)?):\s*")
_DIRECTIVE = re.compile(r"^\.\.(\s*\w+\s*)::")
_UNDERLINE = re.compile(r"[-=~^_*#+]{3,}")
_ITEM = re.compile(r"([-*+•]|\d{1,3}[.)])\s+(?=\S)")
_SENTENCE = re.compile(r"[.!?…](?=\s+[^\sa-z])")

# What the parser of epydoc takes for a field in the middle of a text.
_FIELD = re.compile(
    r"(param|keyword|type|[ic]?var|raise|return|yield)((?:\s+[A-z_][A-z0-9_]*\??)?):"
)


def compose_docstring(
    endpoint: Endpoint,
    *,
    name: str,
    parameters: Sequence[str],
    annotations: Mapping[str, Any],
    style: DocstringStyle = "google",
    app: str = "app",
    url: str = "",
) -> str:
    """Compose the docstring of an endpoint's function.

    Args:
        endpoint: The endpoint.
        name: The function's name.
        parameters: The names of its parameters.
        annotations: Its annotations by parameter, and that of what it returns as ``return``.
        style: The docstring's style.
        app: The expression for the session in the example; empty where the function has none.
        url: The app's address, where the example is to begin with what opens the session.

    Returns:
        The text, as ``__doc__`` has it.
    """
    writer = _Writer(style)
    writer.add_description(endpoint)
    for known, parameter in zip(parameters, endpoint.parameters, strict=True):
        writer.add_parameter(known, parameter, annotations[known])
    writer.add_results(endpoint, annotations["return"], name)
    writer.add_errors(endpoint)
    width = WIDTH if style == "numpydoc" else WIDTH - INDENT
    called = f"{app}.{name}" if app else name
    writer.add_example(write_example(called, endpoint, parameters, url=url, width=width))
    return writer.compose()


def description(endpoint: Endpoint) -> str:
    """Return what an endpoint's function does, in the author's words, and what it returns."""
    summary, body = _split_summary(endpoint)
    parts = [summary, *body, *endpoint.notes]
    if endpoint.collects_event:
        parts.append("It takes what an event of the page brings, which no argument can.")
    results = [text for one in endpoint.results if (text := result_text(one))]
    if results:
        parts.append("\n".join(["Returns:", *(f"- {text}" for text in results)]))
    return "\n\n".join(parts)


_TAKES_CHUNKS = (
    "It is made for a stream of inputs, as from a microphone or a camera: ``feed(...)`` takes the "
    "first chunk, and returns a `Feed` for the others."
)


class _Writer:
    """Fills the model of one docstring, and composes it."""

    def __init__(self, style: DocstringStyle) -> None:
        self.style = style
        self.model = dp.Docstring()
        # The two styles of fields write a type as a field of its own: in the others' place it could
        # have no blanks.
        self.fields = style in {"rest", "epydoc"}

    def add_description(self, endpoint: Endpoint) -> None:
        summary, body = _split_summary(endpoint)
        if endpoint.collects_event:
            from .page_event import event_text  # late: few functions take any

            body.append(event_text(endpoint))
        body += filter(None, [token_text(endpoint), *endpoint.notes])
        body += [_TAKES_CHUNKS] if endpoint.takes_chunks else []
        first, *rest = _wrap_text(summary)
        self.model.short_description = first
        # A summary of several lines goes on as the description, with no blank between.
        self.model.blank_after_short_description = not rest
        long = "\n".join(rest)
        if body:
            long = "\n\n".join(filter(None, [long, _wrap_body(body)]))
        self.model.long_description = long or None
        self.model.blank_after_long_description = bool(long)

    def add_parameter(self, name: str, parameter: Parameter, annotation: Any) -> None:
        kind = _shorten_annotation(annotation)
        optional = parameter.has_default and not self.fields
        head = f"{name} ({kind}{', optional' if optional else ''}): "
        text = self.wrap(parameter_text(parameter, name), f":param {name}: ", head)
        typed = None if self.style == "rest" else kind
        self.model.meta.append(
            dp.DocstringParam(["param", name], text, name, typed, optional, default=None)
        )
        if self.style == "rest":
            self.model.meta.append(dp.DocstringMeta(["type", name], kind))

    def add_results(self, endpoint: Endpoint, annotation: Any, name: str) -> None:
        results, kind = endpoint.results, _shorten_annotation(annotation)
        if not results:
            return
        if len(results) == 1:
            text = result_text(results[0])
        else:
            count = _COUNTS[len(results)] if len(results) < len(_COUNTS) else len(results)
            text = f"A named tuple of {count} values:"
        streamed = f"Each partial result as it comes, when called as ``{name}.stream(...)``."
        lines = [self.wrap(text, ":returns: ", f"{kind}: ")]
        hints = getattr(annotation, "__annotations__", {}) if len(results) > 1 else {}
        for (field, hint), result in zip(hints.items(), results, strict=False):
            line = f"{field} ({_shorten_annotation(hint)}): {result_text(result, field)}"
            lines.append(_wrap_hanging(line.rstrip(": "), WIDTH - 2 * INDENT))
        # The parser of epydoc takes a function that returns and yields for a mistake.
        apart = self.style != "epydoc"
        lines += [self.wrap(streamed, "", "")] if endpoint.generator and not apart else []
        self.add_returns("\n".join(lines), kind, yields=False)
        if endpoint.generator and apart:
            self.add_returns(self.wrap(streamed, ":yields: ", f"{kind}: "), kind, yields=True)

    def add_returns(self, text: str, kind: str, *, yields: bool) -> None:
        if self.style == "google" and not kind.endswith("]"):
            # The parser of this style takes what has blanks for the beginning of a sentence.
            kind = kind.replace(" ", "")
        key = "yields" if yields else "returns"
        if self.style == "epydoc":
            text = _FIELD.sub(r"\1\2", text)
        typed = None if self.style == "rest" else kind
        self.model.meta.append(dp.DocstringReturns([key], text, typed, is_generator=yields))
        if self.style == "rest" and not yields:
            self.model.meta.append(dp.DocstringMeta(["rtype"], kind))

    def add_errors(self, endpoint: Endpoint) -> None:
        errors = {"AppError": "The app's own function failed."}
        if endpoint.contradiction:
            errors = {"SchemaError": "Always: the app contradicts itself about it."}
        if any(
            parameter.closed_choices or is_checked(parameter) for parameter in endpoint.parameters
        ):
            errors["ArgumentError"] = "An argument isn't what its parameter takes."
        if endpoint.takes_files:
            errors["MissingFile"] = "A file isn't there, or can't be read."
        for error, text in errors.items():
            self.model.meta.append(dp.DocstringRaises(["raises", error], text, error))

    def add_example(self, call: str) -> None:
        text = _FIELD.sub(r"\1\2", call) if self.style == "epydoc" else call
        if self.fields:
            text = f"\n{text}"
        key = "examples" if self.style == "numpydoc" else "example"
        self.model.meta.append(DocstringExample([key], None, text))

    def compose(self) -> str:
        style, rendering = _STYLES[self.style]
        text = dp.compose(self.model, style, rendering, " " * INDENT)
        text = re.sub(r"^(:raises \w+) :", r"\1:", text, flags=re.MULTILINE)
        return re.sub(r"\n{3,}", "\n\n", re.sub(r" +$", "", text, flags=re.MULTILINE))

    def wrap(self, text: str, field: str, head: str) -> str:
        """Return a description wrapped for its place behind the head that the style writes."""
        if self.fields:
            return _wrap(text, WIDTH - INDENT, len(field) - INDENT)
        if self.style == "numpydoc":
            return _wrap(text, WIDTH - INDENT)
        return _wrap(text, WIDTH - 2 * INDENT, len(head) - INDENT)


def _split_summary(endpoint: Endpoint) -> tuple[str, list[str]]:
    """Return the sentence that comes first, and the paragraphs that follow."""
    parts = split_paragraphs(endpoint.description, MAX_DESCRIPTION)
    said = [part for part in map(_strip_markup, parts) if part]
    if not said:
        return _build_default_summary(endpoint), []
    first, *rest = said
    if _ITEM.match(first):
        return _build_default_summary(endpoint), said
    text = " ".join(first.split())
    end = _SENTENCE.search(text, 4)
    if end is None:
        return text, rest
    more = text[end.end() :].strip()
    return text[: end.end()], [more, *rest] if more else rest


def _build_default_summary(endpoint: Endpoint) -> str:
    number = re.fullmatch(r"fn_(\d+)", endpoint.name)
    name = f"``{one_line(endpoint.name, 60)}`` function"
    text = f"Call the app's {f'function number {number[1]}' if number else name}"
    trigger = trigger_text(endpoint)
    return f"{text}, which {trigger}." if trigger else f"{text}."


def _strip_markup(paragraph: str) -> str:
    """Return a paragraph without the lines that only underline others, and without what opens it.

    A colon or an at sign at the very beginning would be a field.
    """
    lines = (line.strip() for line in paragraph.split("\n"))
    return "\n".join(line for line in lines if not _UNDERLINE.fullmatch(line)).lstrip(":@ \t\n")


def _wrap_body(parts: Iterable[str]) -> str:
    """Return paragraphs wrapped; a list keeps its lines."""
    made = []
    for part in parts:
        lines = part.split("\n")
        if any(_ITEM.match(line) for line in lines):
            made.append("\n".join(map(_wrap_item, lines)))
        else:
            made.append("\n".join(_wrap_text(" ".join(lines))))
    return "\n\n".join(made)


def _wrap_text(text: str) -> list[str]:
    """Return *text* in lines none of which begins a section."""
    return [_defuse_line(line) for line in _wrap(text, WIDTH).split("\n")]


def _defuse_line(line: str) -> str:
    """Return a line of a description changed as little as it takes to begin no section."""
    if line[:1] in {":", "@"}:
        return f" {line}"
    if match := _TITLE.fullmatch(line):
        return match[1]
    return _DIRECTIVE.sub(r"..\1:", line)


def _wrap_item(line: str) -> str:
    """Return a line of a list, wrapped below where its text begins."""
    mark = _ITEM.match(line)
    return _defuse_line(_wrap_hanging(line, WIDTH, mark.end() if mark else 0))


def _wrap_hanging(text: str, width: int, indent: int = INDENT) -> str:
    """Return a line wrapped, with what follows indented."""
    first, *rest = _wrap(text, width - indent, -indent).split("\n")
    return "\n".join([first, *(f"{' ' * indent}{line}" for line in rest)])


def _wrap(text: str, width: int, used: int = 0) -> str:
    """Return *text* in lines of *width*, of which the first has *used* columns less.

    The standard library's wrapping costs ten times as much, which shows when a completion asks for
    a thousand docstrings.
    """
    lines: list[str] = []
    line: list[str] = []
    left = width - used
    for word in text.split():
        *full, rest = _split_word(word, width // 2)
        if line and (full or len(rest) + 1 > left):
            lines.append(" ".join(line))
            line, left = [], width
        lines += full
        left -= len(rest) + 1 if line else len(rest)
        line.append(rest)
    return "\n".join([*lines, " ".join(line)])


def _split_word(word: str, size: int) -> list[str]:
    """Return a word in pieces if it is a text in a script that has no blanks between words.

    Their characters take three bytes each, or more, and most of them two columns.
    """
    if len(word) <= size or len(word.encode()) < 2 * len(word):
        return [word]
    return [word[start : start + size] for start in range(0, len(word), size)]


def _shorten_annotation(annotation: Any) -> str:
    """Return an annotation short enough to stand in a line; choices are in the description."""
    text = render_annotation(annotation, choices=False)
    while len(text) > MAX_TYPE and "[" in text:
        text = re.sub(r"\[[^\[\]]*\]", "", text)
    return " | ".join(dict.fromkeys(text.split(" | "))) if "[" not in text else text
