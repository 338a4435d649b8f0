"""Sentences about what a function takes and returns.

This module returns text on one line and knows of no docstring style. Every text of an app that gets
into a sentence was cleaned when the description was read, or goes through `repr` here.
"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from ..schema.endpoint import is_filler
from ..schema.shape import Array, Enum, Object, Shape, Union
from ..suggest import fold_name
from ..text import is_brief, one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..schema.endpoint import JSON, Choice, Endpoint, Parameter, Result

# All choices are listed up to these numbers of choices and characters, and so many beyond.
MAX_CHOICES = 40
MAX_LISTED = 600
FEW_CHOICES = 6
MAX_KEYS = 5

MAX_VALUE = 60
MAX_CHOICE = 120
MAX_OBJECT = 80

# Names of functions that their author gave no name of its own.
_UNNAMED = re.compile(r"/?(fn_\d+|lambda|.+_\d+)")

# What Gradio's own page translates, and we don't (``chat_interface.message_placeholder``).
_KEY = re.compile(r"\w+(\.\w+)+")

_LONG_WORD = re.compile(r"(\S{20})\S{10,}(\S{30})")

# What a component is to somebody who never sees the page; others are called by their names.
_PHRASES = {
    "annotatedimage": "an annotated image",
    "api": "",  # what `gr.api` describes is on no page
    "audio": "an audio file",
    "barplot": "a bar plot",
    "browserstate": "a state of the browser",
    "chatbot": "a chatbot's messages",
    "checkboxgroup": "a checkbox group",
    "code": "source code",
    "colorpicker": "a color picker",
    "datetime": "a date and time",
    "downloadbutton": "a download button",
    "highlightedtext": "highlighted text",
    "html": "HTML",
    "imageeditor": "an image editor",
    "imageslider": "an image slider",
    "json": "JSON",
    "lineplot": "a line plot",
    "markdown": "Markdown",
    "model3d": "a 3D model",
    "multimodaltextbox": "a multimodal textbox",
    "radio": "radio buttons",
    "scatterplot": "a scatter plot",
    "timeseries": "a time series",
    "uploadbutton": "an upload button",
} | {
    name: f"{'an' if name[0] in 'aeiou' else 'a'} {name}"
    for name in (
        *("button", "checkbox", "dataframe", "dropdown", "file", "gallery", "image", "label"),
        *("number", "plot", "slider", "textbox", "timer", "video"),
    )
}

# The same of what comes back, which is no part of a page; others are as above.
_VALUES = {
    "button": "a button's text",
    "checkbox": "True or False",
    "checkboxgroup": "a list of choices",
    "colorpicker": "a color",
    "dataframe": "a table",
    "downloadbutton": "a file to download",
    "dropdown": "a choice",
    "imageeditor": "an edited image",
    "multimodaltextbox": "text with files",
    "radio": "a choice",
    "slider": "a number",
    "textbox": "text",
    "timer": "a number of seconds",
    "uploadbutton": "a file",
}

# What follows a label after "as".
_SUBSTANCES = frozenset(
    {"HTML", "JSON", "Markdown", "highlighted text", "source code", "text", "text with files"}
)


def parameter_text(parameter: Parameter, name: str, *, named: bool = True) -> str:
    """Describe a parameter.

    Args:
        parameter: The parameter.
        name: Its name in Python.
        named: Whether the name stands beside the text, so that the text need not repeat it.

    Returns:
        Its label, component, limits and choices, the author's words and its default; empty where
        none of them says anything.
    """
    thing = _describe_component(parameter) + _describe_limits(parameter)
    thing += _describe_keys(parameter.shape) + _describe_choices(parameter)
    known = {name, parameter.component}
    sentences = [_build_sentence(parameter.label, thing, known)]
    if not named and not _says(parameter.label, known):
        sentences = [_build_sentence(_split_name(name), thing, {parameter.component})]
    sentences.append(_finish_sentence(parameter.help) if parameter.help else "")
    sentences.append(_describe_placeholder(parameter))
    if not parameter.shown:
        sentences.append("The page does not show it at first.")
    if parameter.has_default:
        sentences.append(f"Defaults to {default_text(parameter.default)}.")
    return " ".join(filter(None, sentences))


def result_text(result: Result, name: str = "") -> str:
    """Describe a result.

    Args:
        result: The result.
        name: Its name in Python, if it has one.

    Returns:
        Its label and component; empty where neither says anything.
    """
    kind, constraints = result.component.lower(), result.constraints
    if kind == "dropdown" and constraints.multiselect:
        kind = "checkboxgroup"
    thing = None if constraints.many_files else _VALUES.get(kind)
    thing = thing or _describe_output(_describe_component(result))
    thing += _describe_keys(result.shape)
    return _build_sentence(result.label, thing, {name, result.component})


def trigger_text(endpoint: Endpoint, function: str = "") -> str:
    """Say what on the page calls a function whose own name says nothing.

    Args:
        endpoint: The function's endpoint.
        function: What to call the function where it is the object of the clause.

    Returns:
        A clause such as ``the button 'Clear' calls``; empty if the function has a name of its own,
        or nothing is known of what calls it.
    """
    trigger = endpoint.trigger
    if trigger is None or not _UNNAMED.fullmatch(endpoint.name):
        return ""
    calls = " ".join(filter(None, ["calls", function]))
    label = f" {_render_value(trigger.label)}" if trigger.label else ""
    if trigger.component.endswith("button") and trigger.event == "click":
        event = clause = f"the button{label}"
        clause = f"{clause} {calls}"
    elif trigger.component:
        event = f"``{trigger.event}`` of the {trigger.component}{label}"
        clause = f"runs on {event}"
    else:
        event, clause = "the loading of the page", "runs when the page is loaded"
    return f"runs after what {event} calls" if trigger.follows else clause


def token_text(endpoint: Endpoint) -> str:
    """Say that a function takes a token to act for its caller; nothing of one that does not."""
    if not endpoint.wants_token:
        return ""
    needs = "It needs" if endpoint.needs_token else "It can use"
    return (
        f"{needs} a Hugging Face token of yours to act for you: ``oauth_token=``, of ``connect`` "
        "or ``with_options``. It gets no other."
    )


def default_text(value: JSON) -> str:
    """Return a default as a person would mention it: short, and files by their names.

    Args:
        value: The default as JSON.

    Returns:
        Text that follows "defaults to".
    """
    files = value if isinstance(value, list) else [value]
    names = [_find_file_name(file) for file in files]
    if names and all(names):
        return f"the app's own {'file' if len(names) == 1 else 'files'} {_join_words(names, 'and')}"
    if isinstance(value, dict | list):
        text = _describe_table(value)
        if not text and len(value) <= FEW_CHOICES and is_brief(value, MAX_OBJECT):
            text = one_line(repr(value))
        return text if 0 < len(text) <= MAX_OBJECT else "what the page shows at first"
    if isinstance(value, str) and len(value) > MAX_VALUE:
        return f"a text that begins with {one_line(value[: MAX_VALUE // 2])!r}"
    return _render_value(value)


def _describe_table(value: JSON) -> str:
    """Return what a table has, or nothing for what is no table."""
    if not isinstance(value, dict):
        return ""
    headers, rows = value.get("headers"), value.get("data")
    if not isinstance(headers, list) or not isinstance(rows, list):
        return ""
    shown = [_render_value(header) for header in headers[: MAX_KEYS + 1]]
    named = f" with the column{'s' if len(shown) > 1 else ''} {_join_words(shown, 'and')}"
    columns = named if 0 < len(shown) <= MAX_KEYS and len(named) < MAX_OBJECT // 2 else ""
    count = len(rows)
    if not count:
        return f"an empty table{columns}"
    return f"a table of {count:,} row{'s' if count > 1 else ''}{columns}"


def _describe_component(value: Parameter | Result) -> str:
    """Return what a component is, with its article."""
    # By the name that the app gives it: what is derived from a component may be another thing.
    kind, constraints = value.component.lower(), value.constraints
    if kind == "textbox" and constraints.password:
        return "a password"
    if kind == "datetime" and not constraints.timed:
        return "a date"
    if kind in {"file", "uploadbutton"} and constraints.many_files:
        return "one or more files"
    if kind in _PHRASES or not kind:
        return _PHRASES.get(kind, "a value")
    return f"{'an' if kind[0] in 'aeiou' else 'a'} {value.component} component"


def _describe_output(thing: str) -> str:
    """Return what a component gives; of one that is not known, its value."""
    return f"the value of {thing}" if thing.endswith(" component") else thing


def _describe_limits(parameter: Parameter) -> str:
    """Return the limits that a component sets, to follow what it is."""
    kind, constraints = parameter.kind, parameter.constraints
    if kind in {"file", "uploadbutton"} and constraints.file_types:
        return f" ({', '.join(constraints.file_types[:8])})"
    if kind == "textbox" and constraints.max_length:
        return f" of at most {constraints.max_length} characters"
    limits = (constraints.minimum, constraints.maximum, constraints.step)
    low, high, step = map(_render_number, limits)
    if kind not in {"slider", "number"} or not (low or high):
        return ""
    between = f" from {low} to {high}" if low and high else ""
    text = between or (f" of at least {low}" if low else f" of at most {high}")
    # Every number field has a step of 1 unless its author chose another.
    return f"{text} in steps of {step}" if step and (kind, step) != ("number", "1") else text


def _describe_keys(shape: Shape) -> str:
    """Return the keys of an object, or of the objects in a list, to follow what they are in."""
    each, inner = ("each ", shape.item) if isinstance(shape, Array) else ("", shape)
    if not isinstance(inner, Object):
        return ""
    fields = [part for part in inner.fields if part.required] or inner.fields
    names = [_render_value(part.name) for part in fields[:MAX_KEYS]]
    names += ["others"] if len(fields) > MAX_KEYS else []
    return f", {each}with the key{'s' if len(names) > 1 else ''} {_join_words(names, 'and')}"


def _describe_choices(parameter: Parameter) -> str:
    """Return the choices of a component, to follow its limits."""
    choices = parameter.choices
    if not choices:
        return _describe_special_values(parameter.shape)
    last = "and" if parameter.takes_list else "or"
    shown = [_describe_choice(choice) for choice in choices[: MAX_CHOICES + 1]]
    if len(choices) > MAX_CHOICES or sum(map(len, shown)) > MAX_LISTED:
        shown = shown[:FEW_CHOICES]
        more = len(choices) - len(shown)
        shown += [f"{more} more"] if more else []
        last = "and"
    if parameter.constraints.custom_values:
        own = "values of your own" if parameter.takes_list else "a value of your own"
        return f": {', '.join(shown)} or {own}"
    return f": {'any of ' if parameter.takes_list else ''}{_join_words(shown, last)}"


def _describe_special_values(shape: Shape) -> str:
    """Return the values that stand beside a type (``Literal["auto"] | int``), after a colon."""
    special = (
        [one for one in shape.members if isinstance(one, Enum)] if isinstance(shape, Union) else []
    )
    values = [value for one in special for value in one.values if value is not None]
    if not 0 < len(values) <= FEW_CHOICES:
        return ""
    return f": {', '.join(map(_render_value, values))} or another value"


def _describe_choice(choice: Choice) -> str:
    """Return one choice: its value, and its label where that is another."""
    value = _render_value(choice.value, MAX_CHOICE)
    same = choice.label in {value, one_line(choice.value), ""}
    return value if same else f"{value} ({one_line(choice.label, MAX_VALUE)})"


def _says(label: str, known: set[str]) -> bool:
    """Tell whether a label says more than what is known."""
    text = label.rstrip(" :")
    return bool(text) and fold_name(text) not in {fold_name(name) for name in known}


def _split_name(name: str) -> str:
    """Return a name as words; of a name that Gradio itself fills in, nothing."""
    return "" if is_filler(name) else " ".join(name.split("_")).strip()


def _describe_placeholder(parameter: Parameter) -> str:
    """Return what stands in an empty component, unless it was said already."""
    text = parameter.placeholder
    if not _says(text, {parameter.label, parameter.help}) or _KEY.fullmatch(text):
        return ""
    return f"Placeholder: {_render_value(text, MAX_CHOICE)}."


def _build_sentence(label: str, thing: str, known: set[str]) -> str:
    """Return a sentence of a label and what it stands at, without a label that says nothing."""
    # Without a component to begin with, what follows it begins the sentence.
    thing = thing.lstrip(",: ")
    text = label.rstrip(" :")
    if not _says(text, known):
        return _finish_sentence(thing)
    if re.match(r"[a-z]+(\s|$)", text):
        text = text[0].upper() + text[1:]
    if text[-1] in ".?!…":
        return f"{text} {_finish_sentence(thing)}".rstrip()
    if re.search(r"[,;:]|\.\s", text) or not thing:
        # What the thing belongs to would be lost among the label's own parts.
        return f"{text}. {_finish_sentence(thing)}".rstrip()
    substance = re.split("[,:]", thing)[0] in _SUBSTANCES
    return f"{text}, {'as ' if substance else ''}{thing}."


def _finish_sentence(text: str) -> str:
    """Return *text* with a capital at its beginning and a full stop at its end."""
    ended = text if not text or text[-1] in ".?!…" else f"{text}."
    return ended[:1].upper() + ended[1:]


def _join_words(texts: Sequence[str], last: str) -> str:
    """Return an enumeration as prose has it."""
    return f" {last} ".join([", ".join(texts[:-1]), texts[-1]] if len(texts) > 1 else texts)


def _render_value(value: JSON, limit: int = MAX_VALUE) -> str:
    """Return a value as Python writes it, shortened if it must be."""
    if isinstance(value, str) and len(value) > limit:
        value = value[: limit - 1] + "…"
    if isinstance(value, str):
        # Of a long address or path, both ends tell it from others.
        value = _LONG_WORD.sub(r"\1…\2", value)
    return one_line(repr(value), 2 * limit)


def _render_number(number: float | None) -> str:
    """Return a number without a superfluous ``.0``, or nothing for none."""
    return "" if number is None else repr(number)[:30].removesuffix(".0")


def _find_file_name(value: JSON) -> str:
    """Return the quoted name of a file of the app, or nothing for another value."""
    path = value.get("path", value.get("name")) if isinstance(value, dict) else None
    if not isinstance(path, str) or not {"url", "meta", "is_file"} & value.keys():
        return ""
    name = value.get("orig_name")
    return _render_value(name if isinstance(name, str) and name else posixpath.basename(path))
