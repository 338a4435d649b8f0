"""What the components of Gradio 3 take and give, whose schemas are missing or say "any JSON".

Read from those versions' ``preprocess`` and ``postprocess`` functions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .shapes import (
    ANYTHING,
    BOOLEAN,
    FILE,
    NULL,
    NUMBER,
    TEXT,
    Array,
    Choice,
    Field,
    FixedArray,
    Object,
    Shape,
    union,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

_TABLE = Object(
    "Table", (Field("headers", Array(TEXT), True), Field("data", Array(ANYTHING), True))
)
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

_PLAIN: dict[str, Shape] = {
    "textbox": TEXT,
    "number": NUMBER,
    "slider": NUMBER,
    "checkbox": BOOLEAN,
    "colorpicker": TEXT,
    "code": TEXT,
    "markdown": TEXT,
    "html": TEXT,
    "dataframe": _TABLE,
    "chatbot": Array(FixedArray((_SAID, _SAID))),
    "gallery": Array(FixedArray((FILE, union([TEXT, NULL])))),
    "highlightedtext": Array(FixedArray((TEXT, union([TEXT, NUMBER, NULL])))),
    "annotatedimage": FixedArray((FILE, Array(FixedArray((FILE, TEXT))))),
    "label": _LABELS,
    "audio": FILE,
    "video": FILE,
    "model3d": FILE,
    "timeseries": FILE,
}


def shape_of(kind: str, properties: Mapping[str, Any]) -> Shape:
    """Return the shape of a component's values.

    Args:
        kind: The component's type (``textbox``).
        properties: What its author set.

    Returns:
        The shape; `shapes.Anything` for what is not known.
    """
    if kind in {"file", "uploadbutton"}:
        return Array(FILE) if properties.get("file_count") in ("multiple", "directory") else FILE
    if kind == "image":
        on_image = properties.get("source") in ("upload", "webcam")
        return _SKETCH if properties.get("tool") == "sketch" and on_image else FILE
    if kind in {"radio", "dropdown", "checkboxgroup"}:
        one = _choice(properties.get("choices"))
        several = kind == "checkboxgroup" or properties.get("multiselect") is True
        return Array(one) if several else one
    return _PLAIN.get(kind, ANYTHING)


def _choice(choices: object) -> Shape:
    if not isinstance(choices, list) or not choices:
        return ANYTHING
    values = [choice[-1] if isinstance(choice, list) and choice else choice for choice in choices]
    if not all(isinstance(value, str | int | float) for value in values):
        return ANYTHING
    return Choice(tuple(values))
