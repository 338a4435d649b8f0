"""A function in a notebook: its signature, what it does, what it takes and returns."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from ..markup import escape, escape_line, render_pairs
from ..text import one_line, split_paragraphs
from .annotations import render_annotation
from .codegen import REQUIRED
from .help_text import parameter_text, result_text, token_text, trigger_text
from .page_event import event_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..schema.endpoint import Endpoint

_MOST = 60
_LONGEST_DEFAULT = 30


def summarize_signature(name: str, signature: inspect.Signature) -> str:
    """Return a function's name and its parameters on one line, without their types."""
    parameters = [
        parameter.name
        if parameter.default is inspect.Parameter.empty
        else f"{parameter.name}={one_line(repr(parameter.default), _LONGEST_DEFAULT)}"
        for parameter in signature.parameters.values()
    ]
    result = signature.return_annotation
    arrow = "" if result is None else f" -> {render_annotation(result, choices=False)}"
    return f"{name}({', '.join(parameters)}){arrow}"


def render_function(
    name: str,
    names: tuple[str, ...],
    hints: Mapping[str, Any],
    defaults: Mapping[str, Any],
    endpoint: Endpoint,
) -> str:
    """Return what a notebook shows of a function, as HTML.

    Args:
        name: Its name.
        names: Its parameters' names.
        hints: Their annotations, and that of what it returns as ``return``.
        defaults: The defaults of those that have one, or `REQUIRED`.
        endpoint: What it calls.
    """
    parameters = [
        inspect.Parameter(
            each,
            inspect.Parameter.POSITIONAL_OR_KEYWORD,
            default=defaults.get(each, inspect.Parameter.empty),
        )
        for each in names
    ]
    signature = inspect.Signature(parameters, return_annotation=hints.get("return"))
    about = split_paragraphs(endpoint.description, 2000) or [trigger_text(endpoint, "it")]
    about += [each.replace("``", "") for each in (event_text(endpoint), token_text(endpoint))]
    words = "".join(f"<p>{escape(each)}</p>" for each in about if each)
    rows = [
        (each, _describe(hints.get(each), defaults.get(each), parameter_text(parameter, each)))
        for each, parameter in zip(names[:_MOST], endpoint.parameters, strict=False)
    ]
    hidden = len(names) - len(rows)
    rows += [("…", f"and {hidden} more")] if hidden else []
    returned = " ".join(filter(None, (result_text(result) for result in endpoint.results[:_MOST])))
    rows += [("returns", escape_line(returned, 500))] if returned else []
    head = escape_line(summarize_signature(name, signature), 1000)
    return f"<code>{head}</code>{words}{render_pairs(rows)}"


def _describe(hint: Any, default: Any, words: str) -> str:
    needed = " (required)" if default is REQUIRED else ""
    kind = one_line(render_annotation(hint, choices=False), 100)
    return f"<code>{escape_line(kind)}</code>{needed} {escape_line(words, 1000)}"
