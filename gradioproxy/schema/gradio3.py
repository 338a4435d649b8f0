"""What the components of Gradio 3 take and give, whose schemas are missing or say too little.

Their schemas are those of a class, whatever its author set: one file for a button that takes
several, a text for an image that is drawn on, any JSON for a table. What holds was read from the
``preprocess`` and ``postprocess`` functions of those versions, which differ: a sketch goes in as
two images and comes out as one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from .constraints import parse_constraints
from .shape import (
    ANYTHING,
    BOOLEAN,
    FILE,
    INTEGER,
    NULL,
    NUMBER,
    TEXT,
    Array,
    Dictionary,
    Enum,
    Field,
    FixedArray,
    Object,
    Shape,
    union,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .component import Component

Side: TypeAlias = Literal["inputs", "outputs"]

_LABEL = union([TEXT, NUMBER])
# Headers that nobody chose are numbers on the page.
_TABLE = Object(
    "Table", (Field("headers", Array(_LABEL), True), Field("data", Array(ANYTHING), True))
)
_METADATA = Field("metadata", union([Dictionary(ANYTHING), NULL]), False)
# A part of the table can be chosen on the page, by the values of its first column.
_SERIES = Object("Series", (*_TABLE.fields, Field("range", Array(NUMBER), False)))
_SAID = union([TEXT, NULL, FILE])
_CONFIDENCE = Object(
    "Confidence", (Field("label", _LABEL, True), Field("confidence", NUMBER, True))
)
# Nothing at all, where there is no label.
_LABELS = Object(
    "Label", (Field("label", _LABEL, False), Field("confidences", Array(_CONFIDENCE), False))
)
# What is drawn on an image is an image of its own.
_SKETCH = Object("Sketch", (Field("image", FILE, True), Field("mask", FILE, True)))
_MAYBE_FILE = union([FILE, NULL])
# From 3.26 on: the video and its subtitles.
_TITLED = FixedArray((_MAYBE_FILE, _MAYBE_FILE))
_PLOT = Object(
    "Plot",
    # Plots of one kind, such as bars, say which.
    (Field("type", TEXT, True), Field("plot", TEXT, True), Field("chart", TEXT, False)),
    ANYTHING,
)

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
    "image": FILE,
    "video": FILE,
    "model3d": FILE,
    "timeseries": union([FILE, _SERIES]),
}

# Those that come out in another form than they go in. A button for uploads has what the page shows
# on it.
_GIVEN: dict[str, Shape] = {
    "dataset": Dictionary(ANYTHING),
    "timeseries": _TABLE,
    "uploadbutton": ANYTHING,
}


def shape_of(component: Component, side: Side, declared: Shape) -> Shape:
    """Return the shape of a component's values.

    Args:
        component: The component.
        side: Whether the values go in or come out.
        declared: The shape that its schema says.

    Returns:
        The shape; the declared one of components that are not known.
    """
    kind, properties = component.kind, component.properties
    constraints = parse_constraints(kind, properties)
    shape = (side == "outputs" and _GIVEN.get(kind)) or _SHAPES.get(kind, declared)
    match kind:
        case "file" | "uploadbutton" if side == "inputs" or kind == "file":
            several = constraints.many_files or isinstance(declared, Array)
            shape = Array(FILE) if several else FILE
        case "dataframe" if _has_metadata(properties):
            shape = Object(_TABLE.title, (*_TABLE.fields, _METADATA))
        case "image" if side == "inputs" and _is_sketch(properties):
            shape = union([FILE, _SKETCH])  # an image alone is one that nobody has drawn on
        case "video" if component.serializer == "VideoSerializable":
            shape = _TITLED if side == "outputs" else union([FILE, _TITLED])
        case "radio" | "dropdown" | "checkboxgroup" if declared == ANYTHING:
            one = _read_enum(properties.get("choices"))
            several = kind == "checkboxgroup" or constraints.multiselect
            shape = Array(one) if several else one
    return shape


def _is_sketch(properties: Mapping[str, Any]) -> bool:
    """Tell whether what is drawn on an image goes in beside it."""
    return properties.get("tool") == "sketch" and properties.get("source") in ("upload", "webcam")


def _has_metadata(properties: Mapping[str, Any]) -> bool:
    """Tell whether a version has more in a table than headers and rows (3.50)."""
    shown = properties.get("value")
    return isinstance(shown, dict) and "metadata" in shown


def _read_enum(choices: object) -> Shape:
    if not isinstance(choices, list) or not choices:
        return ANYTHING
    values = [choice[-1] if isinstance(choice, list) and choice else choice for choice in choices]
    if not all(isinstance(value, str | int | float) for value in values):
        return ANYTHING
    return Enum(tuple(values))
