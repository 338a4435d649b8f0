"""What the components of Gradio 3 take and give, whose schemas are missing or say too little.

Their schemas are those of a class, whatever its author set: one file for a button that takes
several, a text for an image that is drawn on, any JSON for a table. What holds was read from the
``preprocess`` and ``postprocess`` functions of those versions, which differ: a sketch goes in as
two images and comes out as one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from .shapes import (
    ANYTHING,
    BOOLEAN,
    FILE,
    INTEGER,
    NULL,
    NUMBER,
    TEXT,
    Array,
    Choice,
    Dictionary,
    Field,
    FixedArray,
    Object,
    Shape,
    union,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

Side: TypeAlias = Literal["inputs", "outputs"]

_TABLE = Object(
    "Table", (Field("headers", Array(TEXT), True), Field("data", Array(ANYTHING), True))
)
# A part of the table can be chosen on the page, by the values of its first column.
_SERIES = Object("Series", (*_TABLE.fields, Field("range", Array(NUMBER), False)))
_SAID = union([TEXT, NULL, FILE])
_LABEL = union([TEXT, NUMBER])
_CONFIDENCE = Object(
    "Confidence", (Field("label", _LABEL, True), Field("confidence", NUMBER, True))
)
_LABELS = Object(
    "Label", (Field("label", _LABEL, True), Field("confidences", Array(_CONFIDENCE), False))
)
# What is drawn on an image is an image of its own.
_SKETCH = Object("Sketch", (Field("image", FILE, True), Field("mask", FILE, True)))
_MAYBE_FILE = union([FILE, NULL])
# Some versions give the video alone, later ones a pair with its subtitles; all take the video.
_VIDEO = union([FILE, FixedArray((_MAYBE_FILE, _MAYBE_FILE))])
_PLOT = Object("Plot", (Field("type", TEXT, True), Field("plot", TEXT, True)), ANYTHING)

_SHAPES: dict[str, Shape] = {
    "textbox": TEXT,
    "number": NUMBER,
    "slider": NUMBER,
    "checkbox": BOOLEAN,
    "colorpicker": TEXT,
    "button": TEXT,
    "code": TEXT,
    "markdown": TEXT,
    "html": TEXT,
    "dataframe": _TABLE,
    "dataset": INTEGER,
    "fileexplorer": Array(Array(TEXT)),
    "chatbot": Array(FixedArray((_SAID, _SAID))),
    "gallery": Array(union([FILE, FixedArray((FILE, union([TEXT, NULL])))])),
    "highlightedtext": Array(FixedArray((TEXT, union([TEXT, NUMBER, NULL])))),
    "annotatedimage": FixedArray((FILE, Array(FixedArray((FILE, TEXT))))),
    "label": _LABELS,
    "plot": _PLOT,
    "audio": FILE,
    "video": _VIDEO,
    "model3d": FILE,
    "timeseries": union([FILE, _SERIES]),
}

_GIVEN: dict[str, Shape] = {"dataset": Dictionary(ANYTHING), "timeseries": _TABLE}
"""Those that come out in another form than they go in."""


def shape_of(kind: str, properties: Mapping[str, Any], side: Side, declared: Shape) -> Shape:
    """Return the shape of a component's values.

    Args:
        kind: The component's type (``textbox``).
        properties: What its author set.
        side: Whether the values go in or come out.
        declared: The shape that its schema says.

    Returns:
        The shape; the declared one of components that are not known.
    """
    match kind:
        case "file" | "uploadbutton":
            several = properties.get("file_count") in ("multiple", "directory")
            return Array(FILE) if several or isinstance(declared, Array) else FILE
        case "image":
            return _SKETCH if side == "inputs" and is_sketch(properties) else FILE
        case "radio" | "dropdown" | "checkboxgroup" if declared == ANYTHING:
            one = _choice(properties.get("choices"))
            several = kind == "checkboxgroup" or properties.get("multiselect") is True
            return Array(one) if several else one
    known = (side == "outputs" and _GIVEN.get(kind)) or _SHAPES.get(kind)
    return known or declared


def is_sketch(properties: Mapping[str, Any]) -> bool:
    """Tell whether what is drawn on an image goes in beside it."""
    return properties.get("tool") == "sketch" and properties.get("source") in ("upload", "webcam")


def _choice(choices: object) -> Shape:
    if not isinstance(choices, list) or not choices:
        return ANYTHING
    values = [choice[-1] if isinstance(choice, list) and choice else choice for choice in choices]
    if not all(isinstance(value, str | int | float) for value in values):
        return ANYTHING
    return Choice(tuple(values))
