"""What some components take besides the JSON that their schemas describe.

One function for each component, in the table at the end. It gets a value, as builtins, and the
parameter, and returns what the schema describes, with files still in it; or it raises `ValueError`,
whose text says what the component takes. Objects of other libraries that one component alone takes
are read in `foreign`; what a schema alone can say of any component is in `shorthand`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..builtin import to_builtin
from ..schema.shape import File, FixedArray, Union
from .grids import objects_in
from .kinds import could_be_file, is_inline, is_list
from .markers import Blank, FileMarker

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..schema.endpoint import Parameter


def convert_for_component(parameter: Parameter, value: Any) -> Any:
    """Return what a component's schema describes for a value that the component takes.

    Args:
        parameter: The parameter, with its component.
        value: What the caller passed, as builtins.

    Returns:
        The value itself, where it is that already or nothing is known of the component.

    Raises:
        ValueError: The component takes nothing like it; the text says what it takes.
    """
    kind = parameter.kind
    convert = _CONVERTERS.get(kind)
    return value if convert is None or value is None else convert(value, parameter)


def _add_layers(value: Any, _parameter: Parameter) -> Any:
    """Return an image as the editor has one that nobody has drawn on."""
    if could_be_file(value):
        value = {"background": value}
    if isinstance(value, Mapping) and value.get("background") is not None:
        # What the caller gives is sent, even if it is nothing.
        unpainted = not value.get("layers") and "composite" not in value
        if unpainted:
            return {"layers": [], "composite": value["background"], **value}
    return value


def _add_mask(value: Any, parameter: Parameter) -> Any:
    """Return an image alone as one that nobody has drawn on, where what is drawn goes in too."""
    if not (_is_sketch(parameter) and could_be_file(value)):
        return value
    if isinstance(value, FileMarker):
        value = value.value
    return {"image": value, "mask": Blank(value)}


def _is_sketch(parameter: Parameter) -> bool:
    """Tell whether an image goes in beside what is drawn on it."""
    return any(
        field.name == "mask" for made in objects_in(parameter.shape) for field in made.fields
    )


def _take_from_list(value: Any, parameter: Parameter) -> Any:
    """Return the file in a list of one file, as pages send it, where one is taken."""
    one = value[0] if isinstance(value, list | tuple) and len(value) == 1 else None
    return one if isinstance(parameter.shape, File) and could_be_file(one) else value


def _add_subtitles(value: Any, parameter: Parameter) -> Any:
    """Return a video alone as one without subtitles, where Gradio 3 has a pair of them.

    It takes both, but not from functions that are given what the page sends (``preprocess=False``,
    as all that flag): those find a pair there. No video is ``None`` on the page, too: a pair of
    nothing is more than other functions understand.
    """
    is_alone = could_be_file(value) or (isinstance(value, Mapping) and is_inline(value))
    return [value, None] if is_alone and _is_pair(parameter.shape) else value


def _is_pair(shape: object) -> bool:
    return isinstance(shape, Union) and any(isinstance(one, FixedArray) for one in shape.members)


def _make_message(value: Any, _parameter: Parameter) -> Any:
    """Return a file, or several of them, as a message without text."""
    files = value if isinstance(value, list) else [value]
    texts = any(isinstance(file, str) for file in files)
    return {"text": "", "files": files} if all(map(could_be_file, files)) and not texts else value


def _make_messages(value: Any, parameter: Parameter) -> Any:
    """Return pairs of what was said and answered as messages, where the chat is made of these."""
    roles = any(f.name == "role" for made in objects_in(parameter.shape) for f in made.fields)
    if not roles or not is_list(value):
        return value
    messages: list[Any] = []
    for turn in value:
        if not isinstance(turn, list | tuple) or len(turn) != 2:  # noqa: PLR2004
            messages.append(turn)
            continue
        said = zip(("user", "assistant"), turn, strict=True)
        messages += [{"role": role, "content": text} for role, text in said if text is not None]
    return messages


def _split_into_tokens(value: Any, _parameter: Parameter) -> Any:
    """Return a text with entities as its pieces, marked and unmarked."""
    if not isinstance(value, Mapping) or not {"text", "entities"} <= value.keys():
        return value
    text, end = str(value["text"]), 0
    pieces: list[tuple[str, Any]] = []
    try:
        for entity in sorted(value["entities"], key=lambda entity: entity["start"]):
            pieces.append((text[end : entity["start"]], None))
            end = entity["end"]
            mark = entity.get("entity") or entity.get("entity_group")
            pieces.append((text[entity["start"] : end], mark))
    except (KeyError, TypeError, AttributeError):
        raise ValueError("entities have 'entity', 'start' and 'end'") from None
    return [piece for piece in [*pieces, (text[end:], None)] if piece[0]]


def _rank_confidences(value: Any, _parameter: Parameter) -> Any:
    """Return the confidences by label as the page has them, the highest first."""
    if not isinstance(value, Mapping) or not value or value.keys() <= {"label", "confidences"}:
        return value
    if not all(isinstance(number, int | float) for number in value.values()):
        raise ValueError("it takes a label, or a dictionary of labels with their confidences")
    ranked = sorted(value.items(), key=lambda pair: pair[1], reverse=True)
    labels = [to_builtin(label) for label, _ in ranked]
    confidences = [
        {"label": label, "confidence": number}
        for label, (_, number) in zip(labels, ranked, strict=True)
    ]
    return {"label": labels[0], "confidences": confidences}


def _split_paths(value: Any, _parameter: Parameter) -> Any:
    """Return paths below the folder that the page shows as lists of their parts."""
    one = isinstance(value, str | os.PathLike)
    paths = [value] if one else value
    if not is_list(paths):
        return value
    return [_split_path(path) if isinstance(path, str | os.PathLike) else path for path in paths]


def _split_path(path: Any) -> list[str]:
    return [part for part in os.fspath(path).replace(os.sep, "/").split("/") if part]


_CONVERTERS: dict[str, Callable[[Any, Parameter], Any]] = {
    "chatbot": _make_messages,
    "file": _take_from_list,
    "fileexplorer": _split_paths,
    "highlightedtext": _split_into_tokens,
    "image": _add_mask,
    "imageeditor": _add_layers,
    "label": _rank_confidences,
    "multimodaltextbox": _make_message,
    "uploadbutton": _take_from_list,
    "video": _add_subtitles,
}
