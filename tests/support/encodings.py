"""What is sent for many values of many components: the table that `expected_encodings.json` keeps.

``python -m tests.support.encodings`` writes that file anew, to see in a diff what a change changes.
"""

from __future__ import annotations

import collections
import contextlib
import datetime as dt
import decimal
import enum
import io
import json
import os
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import PIL.Image

from gradioproxy.errors import ArgumentError
from gradioproxy.files.file import File
from gradioproxy.schema.release import Release
from gradioproxy.schema.shape import (
    ANYTHING,
    BOOLEAN,
    FILE,
    INTEGER,
    NULL,
    NUMBER,
    TEXT,
    Array,
    Dictionary,
    Field,
    FixedArray,
    Object,
    Shape,
    Union,
)
from gradioproxy.values.encode import Encoder
from gradioproxy.values.markers import Untrusted, file
from tests.support.schemas import endpoint, parameter
from tests.support.web_server import transport_to

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gradioproxy.schema.endpoint import Parameter

EXPECTED = Path(__file__).resolve().parents[1] / "data" / "expected_encodings.json"
APP = transport_to("http://app.test")

MAYBE_TEXT = Union((TEXT, NULL))
MAYBE_FILE = Union((FILE, NULL))
PICTURE = Object("GalleryImage", (Field("image", FILE, True), Field("caption", MAYBE_TEXT, False)))
CLIP = Object("GalleryVideo", (Field("video", FILE, True), Field("caption", MAYBE_TEXT, False)))
SAID = Object("TextMessage", (Field("text", TEXT, True), Field("type", TEXT, False)))
SHOWN = Object("FileMessage", (Field("file", FILE, True), Field("alt_text", MAYBE_TEXT, False)))
TURN = Object(
    "Message",
    (Field("role", TEXT, True), Field("content", Union((TEXT, Array(Union((SAID, SHOWN))))), True)),
)
TABLE = Object(
    "Table", (Field("headers", Array(TEXT), True), Field("data", Array(Array(ANYTHING)), True))
)
TOKEN = Object(
    "Token", (Field("token", TEXT, True), Field("class_or_confidence", MAYBE_TEXT, True))
)
RANK = Object("Rank", (Field("label", TEXT, True), Field("confidence", NUMBER, False)))

NEW, OLD = (6, 31), (3, 50, 2)
BOXES: dict[str, Any] = {"choices": ["one", "two"], "closed_choices": True}

# Component, shape, release, and what else the parameter has.
PARAMETERS: dict[str, tuple[str, Shape, tuple[int, ...], dict[str, Any]]] = {
    "textbox": ("Textbox", TEXT, NEW, {}),
    "number": ("Number", NUMBER, NEW, {}),
    "slider": ("Slider", INTEGER, NEW, {"properties": {"minimum": 0, "maximum": 4}}),
    "checkbox": ("Checkbox", BOOLEAN, NEW, {}),
    "radio": ("Radio", TEXT, NEW, BOXES),
    "checkboxgroup": ("Checkboxgroup", Array(TEXT), NEW, BOXES),
    "image": ("Image", MAYBE_FILE, NEW, {}),
    "image of 3": ("Image", FILE, OLD, {}),
    "files": ("File", Array(FILE), NEW, {}),
    "video of 3": ("Video", Union((FILE, FixedArray((FILE, MAYBE_FILE)))), OLD, {}),
    "gallery": ("Gallery", Array(Union((PICTURE, CLIP))), NEW, {}),
    "chatbot": ("Chatbot", Array(TURN), NEW, {}),
    "chatbot of 3": (
        "Chatbot",
        Array(FixedArray((Union((TEXT, FILE, NULL)), Union((TEXT, FILE, NULL))))),
        OLD,
        {},
    ),
    "dataframe": ("Dataframe", TABLE, NEW, {"properties": {"headers": ["a", "b"]}}),
    "datetime": ("Datetime", TEXT, NEW, {"properties": {"timezone": "Europe/Berlin"}}),
    "imageeditor": (
        "Imageeditor",
        Object(
            "Editor",
            (
                Field("background", MAYBE_FILE, False),
                Field("layers", Array(FILE), False),
                Field("composite", MAYBE_FILE, False),
            ),
        ),
        NEW,
        {},
    ),
    "multimodal": (
        "Multimodaltextbox",
        Object("Multimodal", (Field("text", TEXT, True), Field("files", Array(FILE), True))),
        NEW,
        {},
    ),
    "highlighted": ("Highlightedtext", Array(TOKEN), NEW, {}),
    "label": (
        "Label",
        Object("Label", (Field("label", TEXT, True), Field("confidences", Array(RANK), False))),
        NEW,
        {},
    ),
    "plot": ("Plot", ANYTHING, NEW, {}),
    "json": ("Json", ANYTHING, NEW, {}),
    "dictionary": ("Api", Dictionary(INTEGER), NEW, {}),
}


class Color(enum.Enum):
    """A choice of Python."""

    ONE = "one"


class Strange:
    """Something that is nothing else."""

    def __repr__(self) -> str:
        return "<Strange>"


def _in_itself() -> list[Any]:
    made: list[Any] = [1]
    made.append(made)
    return made


def _nested(depth: int) -> Any:
    made: Any = 1
    for _ in range(depth):
        made = [made]
    return made


def _picture() -> Any:
    return np.zeros((2, 2, 3), dtype="uint8")


# What a value is made of anew each time: an open file is read, and a generator is used up.
VALUES: dict[str, Callable[[], Any]] = {
    "None": lambda: None,
    "True": lambda: True,
    "3": lambda: 3,
    "7.0": lambda: 7.0,
    "Decimal": lambda: decimal.Decimal("1.5"),
    "numpy int": lambda: np.int64(3),
    "numpy text": lambda: np.str_("two"),
    "thousands of digits": lambda: 10**5000,
    "text": lambda: "one",
    "digits": lambda: "3",
    "enum": lambda: Color.ONE,
    "moment": lambda: dt.datetime(2024, 1, 2, 3, 4, 5, tzinfo=dt.timezone.utc),
    "day": lambda: dt.date(2024, 1, 2),
    "numpy moment": lambda: np.datetime64("2024-01-02T03:04:05", "ns"),
    "text of a moment": lambda: "2024-01-02 03:04:05",
    "path": lambda: Path("a b.txt"),
    "text of a path": lambda: "a b.txt",
    "missing path": lambda: Path("missing.txt"),
    "url": lambda: "https://web.test/a%20b.png",
    "data url": lambda: "data:text/plain;base64,Y29udGVudA==",
    "bytes": lambda: b"....ftyp1",
    "open file": lambda: Path("a b.txt").open("rb"),  # noqa: SIM115 - closed by `encode_all`
    "text file": lambda: io.StringIO("content"),
    "file of the app": lambda: File({"path": "/srv/x.png"}, APP),
    "file of another app": lambda: File({"path": "/srv/x.png"}, transport_to("http://other.test")),
    "description of a file": lambda: {"path": "/srv/x.png", "orig_name": "x.png"},
    "description of a file of 3": lambda: {"name": "/srv/x", "is_file": True, "data": None},
    "handle_file": lambda: {
        "path": "a b.txt",
        "orig_name": "a b.txt",
        "meta": {"_type": "gradio.FileData"},
    },
    "marked": lambda: {"a": [file("a b.txt"), file(_picture()), file((8000, [1, 2]))]},
    "picture": _picture,
    "Pillow": lambda: PIL.Image.new("RGB", (2, 3)),
    "array": lambda: np.array([0.5, 1]),
    "matrix": lambda: np.array([[1, 2], [3, 4]]),
    "sound": lambda: (8000, np.zeros(4)),
    "listed sound": lambda: (8000, [1, 2, 3]),
    "pictures": lambda: [_picture(), (_picture(), "caption")],
    "empty list": list,
    "texts": lambda: ["one", "two"],
    "tuple": lambda: ("one", "two"),
    "set": lambda: {"two"},
    "wrong choice": lambda: ["one", "tow"],
    "rows": lambda: [[1, None], [np.float64("nan"), dt.date(2024, 1, 2)]],
    "columns": lambda: {"a": [1, 2], "b": np.array([3, 4])},
    "table": lambda: {"headers": ["a"], "data": [[1], ["x"]]},
    "dictionaries": lambda: [{"a": 1}, {"b": 2}],
    "path and caption": lambda: (Path("a b.txt"), "caption"),
    "paths and captions": lambda: [("a b.txt", "caption"), (Path("a b.txt"), None)],
    "text and files": lambda: ("one", [Path("a b.txt"), "a b.txt"]),
    "pairs": lambda: [("hello", None), ["what", (Path("a b.txt"), "alt")]],
    "messages": lambda: [{"role": "user", "content": "x"}, {"role": "user", "content": ["x"]}],
    "entities": lambda: {"text": "a b", "entities": [{"start": 0, "end": 1, "entity": "A"}]},
    "confidences": lambda: {"cat": 0.25, "dog": np.float32(0.75)},
    "background": lambda: {"background": _picture()},
    "user dictionary": lambda: collections.UserDict(a=np.int8(1)),
    "keys": lambda: {1: 1, None: 2, 2.5: 3, ("t",): 4, Color.ONE: 5},
    "key that can't be written": lambda: {10**5000: 1},
    "in itself": _in_itself,
    "deep": lambda: _nested(99),
    "too deep": lambda: _nested(120),
    "strange": Strange,
    "strange inside": lambda: {"a": [Strange(), b"x", Path("a"), PIL.Image.new("L", (1, 1)).mode]},
    "complex": lambda: [1j],
    "update": lambda: {"__type__": "update", "value": "one"},
    "update without a value": lambda: {"__type__": "update"},
    "stranger's path": lambda: Untrusted("a b.txt"),
    "stranger's path inside": lambda: Untrusted({"image": "a b.txt"}),
    "stranger's url": lambda: Untrusted(["https://web.test/x.png"]),
    "stranger's url of a file of the app": lambda: Untrusted("http://app.test/file=/srv/x.png"),
}


def encode(one: Parameter, value: Any, release: tuple[int, ...]) -> Any:
    """Return the JSON for a value, with the names of files in their slots, or the error's text."""
    try:
        payload = Encoder(APP, Release(release)).encode("f", endpoint([one]), ["x"], {"x": value})
    except ArgumentError as error:
        return {type(error).__name__: re.sub(r"0x[0-9A-Fa-f]+", "0x", str(error)).splitlines()}
    [data] = payload.fill([f"<{slot.source.name} for {slot.where}>" for slot in payload.slots])
    return data


def encode_all(name: str) -> dict[str, Any]:
    """Return what is sent for all values by a parameter of the table; paths are relative."""
    component, shape, release, facts = PARAMETERS[name]
    one = parameter("x", shape, component=component, **facts)
    made = {}
    for label, make in VALUES.items():
        value = make()
        made[label] = json.loads(json.dumps(encode(one, value, release)))
        if isinstance(value, io.IOBase):
            value.close()
    return made


@contextlib.contextmanager
def folder_of_files() -> Iterator[None]:
    """Work in a folder with the files that the values name."""
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            Path("a b.txt").write_bytes(b"content")
            yield
        finally:
            os.chdir(before)


def main() -> None:
    """Write the table."""
    with folder_of_files():
        made = {name: encode_all(name) for name in PARAMETERS}
    tables = [
        f"{json.dumps(name)}: {{\n"
        + ",\n".join(f" {json.dumps(label)}: {json.dumps(value)}" for label, value in table.items())
        + "\n}"
        for name, table in made.items()
    ]
    EXPECTED.write_text("{\n" + ",\n".join(tables) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
