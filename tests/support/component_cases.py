"""A value for each component that ships with Gradio, as the endpoints of `components` take it."""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol

from tests.support.sample_files import (
    FILM,
    MASK_PNG,
    MODEL,
    RED_PNG,
    TEXT,
    TITLES,
    WAVE_WAV,
)
from tests.support.versions import release_of

FIVE, LATE_FIVE, SIX = (5,), (5, 50), (6,)


class Case(NamedTuple):
    """A call, and the first version and the first one no more that it is for."""

    endpoint: str
    argument: Any
    since: tuple[int, ...] = ()
    until: tuple[int, ...] = (99,)


class Lasting(Protocol):
    """What is for some versions."""

    @property
    def since(self) -> tuple[int, ...]:
        """The first one."""
        ...

    @property
    def until(self) -> tuple[int, ...]:
        """The first one no more."""
        ...


def applies(case: Lasting, version: str) -> bool:
    """Tell whether a case is for this version."""
    return case.since <= release_of(version) < case.until


GRID = {"headers": ["a", "b"], "data": [[1, "x"], [2.5, None]], "metadata": None}
NUMBERS = {"headers": ["first", "second"], "data": [[1, 2], [3, 4]], "metadata": None}
CONFIDENCES = [{"label": "cat", "confidence": 0.75}, {"label": "dog", "confidence": 0.25}]
TOKENS = [
    {"token": "The", "class_or_confidence": None},
    {"token": "quick", "class_or_confidence": "adj"},
]
DRAWN = {"background": RED_PNG, "layers": [MASK_PNG], "composite": RED_PNG}
LINE = {"columns": ["x", "y"], "data": [[1, 2]], "datatypes": {"x": "nominal"}, "mark": "line"}
CHAT = [
    {
        "role": "user",
        "content": [{"type": "text", "text": "hi"}, {"type": "file", "file": RED_PNG}],
    },
    {
        "role": "assistant",
        "content": [{"type": "text", "text": "yes"}],
        "metadata": {"title": "thought"},
        "options": [{"value": "a", "label": "A"}],
    },
]
CHAT_4 = [
    {"role": "user", "content": "hi"},
    {
        "role": "assistant",
        "content": {"file": RED_PNG, "alt_text": "red"},
        "metadata": {"title": "thought"},
    },
]
PAIRS = [["hi", {"file": RED_PNG, "alt_text": "red"}], [None, "yes"]]

# One for each endpoint, and more where a component has several kinds of value.
CASES = [
    *(Case("textbox", text) for text in ("hällo", "", None)),
    *(Case("number", number) for number in (0, 2.5, None)),
    Case("slider", 0.3),
    *(Case("checkbox", ticked) for ticked in (True, False)),
    *(Case("checkboxgroup", ticked) for ticked in ([1, "2"], [])),
    *(Case("radio", one) for one in (1, "1", None)),
    *(Case("dropdown", one) for one in (1, "1", None)),
    *(Case("dropdowns", several) for several in (["1", 1], [])),
    Case("colorpicker", "#ff0000"),
    Case("code", "x = 1\n"),
    Case("html", "<b>x</b>"),
    Case("markdown", "# x"),
    *(Case("json", value) for value in ({"a": [1, None, {"b": 0.5}]}, [1, "x"], None)),
    *(Case("datetime", text) for text in ("2024-01-02 03:04:05", "", None)),
    Case("datetime_object", "2024-01-02 03:04:05"),
    Case("datetime_text", "2024-01-02"),
    Case("datetime_day", "2024-01-02"),
    Case("timer", 3.5),
    *(Case("label", {"label": "cat", "confidences": some}) for some in (CONFIDENCES, None)),
    Case("highlightedtext", TOKENS),
    Case("highlightedtext", [{"token": "a", "class_or_confidence": 0.5}]),
    *(Case(name, GRID) for name in ("dataframe", "dataframe_array")),
    Case("dataframe_numpy", NUMBERS),
    Case("dataframe", {"headers": ["a"], "data": [], "metadata": None}),
    Case("paramviewer", {"array": {"type": "int", "description": "x", "default": "None"}}),
    Case("dataset", 1),
    *(Case(name, LINE) for name in ("barplot", "lineplot", "scatterplot")),
    Case("lineplot", None),
    Case("plot", {"type": "matplotlib", "plot": "data:image/png;base64,AAAA"}),
    Case("fileexplorer", [["main.py"], ["before.py"]]),
    Case("fileexplorer_one", [["main.py"]]),
    Case("browserstate", {"a": 1}, LATE_FIVE),
    *(Case("dialogue", lines, LATE_FIVE) for lines in ([{"speaker": "A", "text": "hi"}], [])),
    *(Case(f"image_{kind}", RED_PNG) for kind in ("numpy", "pil", "filepath")),
    Case("image_numpy", None),
    *(Case(f"imageeditor_{kind}", DRAWN) for kind in ("numpy", "pil", "filepath")),
    Case("imageslider", [RED_PNG, MASK_PNG], LATE_FIVE),
    Case("annotatedimage", {"image": RED_PNG, "annotations": [{"image": MASK_PNG, "label": "a"}]}),
    *(Case(f"audio_{kind}", WAVE_WAV) for kind in ("numpy", "filepath")),
    Case("video", {"video": FILM, "subtitles": TITLES}, until=SIX),
    Case("video", {"video": FILM, "subtitles": None}, until=SIX),
    Case("video", FILM, SIX),
    Case("model3d", MODEL),
    *(Case(name, TEXT) for name in ("file", "file_bytes", "uploadbutton", "downloadbutton")),
    Case("files", [TEXT, RED_PNG]),
    *(
        Case(name, [{"image": RED_PNG, "caption": "red"}, {"image": MASK_PNG, "caption": None}])
        for name in ("gallery", "gallery_numpy", "album")
    ),
    Case("gallery", [{"video": FILM, "caption": "film"}], FIVE),
    *(Case("multimodaltextbox", {"text": "hi", "files": files}) for files in ([TEXT], [])),
    Case("chatbot", CHAT, SIX),
    Case("chatbot", CHAT_4, until=SIX),
    Case("chatbot_tuples", PAIRS, until=SIX),
]
