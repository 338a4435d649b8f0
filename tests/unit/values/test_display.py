"""Results in notebooks."""

from __future__ import annotations

import base64
import io
import pickle
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from PIL import Image

from gradioproxy.files.file import File
from gradioproxy.files.preview import Room
from gradioproxy.functions.annotations import result_type
from gradioproxy.values.display import build_bundle, render_value
from gradioproxy.values.plain import render_plain
from gradioproxy.values.table import Table
from tests.support.notebook import HOSTILE, ZMQInteractiveShell, read_page
from tests.support.schemas import endpoint, result, values
from tests.support.web_server import transport_to

ADDRESS = "http://127.0.0.1:9"


class Pair(NamedTuple):
    """A result of two parts."""

    first: Any
    second: Any


def image(colour: str = "red") -> File:
    """Return a picture of an app, which is here."""
    buffer = io.BytesIO()
    Image.new("RGB", (4, 3), colour).save(buffer, "PNG")
    url = f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}"
    return File({"url": url, "mime_type": "image/png"}, transport_to(ADDRESS))


def show(value: object) -> str:
    """Return the page for a value, which has nothing in it that it must not have."""
    page = render_value(value, Room())
    read_page(page)
    return page


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_is_more_than_text(text: str) -> None:
    """Wherever it is in whatever value."""
    for value in (
        text,
        [text],
        {text: text},
        {"headers": [text], "data": [[text]]},
        [{"role": text, "content": text}],
        [{"role": "user", "content": [{"type": "text", "text": text}, {"value": text}]}],
        [{"image": image(), "caption": text}],
        {"label": text, "confidences": [{"label": text, "confidence": 0.5}]},
        {"type": "bokeh", "plot": text},
        Pair(text, {"a": [[text, {"b": text}]]}),
    ):
        show(value)
        bundle = build_bundle(value)
        assert {"text/plain", "text/html"} <= bundle.keys()
        assert "\x1b" not in bundle["text/plain"]


@given(values)
def test_every_value_is_shown(value: Any) -> None:
    show(value)
    show(Pair(value, [value]))
    render_plain(value)


def test_galleries_are_rows() -> None:
    """In each of the forms in which apps send them, with captions."""
    first, second = image(), image("blue")
    for value in (
        [{"image": first, "caption": None}, {"image": second, "caption": "blue"}],
        [[first, None], (second, "blue")],
    ):
        page = show(value)
        assert page.count("<figure") == page.count("<img") == 2
        assert "<figcaption>blue</figcaption>" in page
    assert show([first, second]).count("<figure") == 2
    page = show([first] * 45)
    assert page.count("<figure") == 40
    assert read_page(page).endswith("… and 5 more")


def test_a_chat_is_a_talk() -> None:
    page = show(
        [
            {"role": "user", "content": "Hello", "metadata": None},
            {"role": "assistant", "content": [{"type": "text", "text": "Hi"}, {"file": image()}]},
            {"role": "assistant", "content": {"file": image(), "alt_text": "x"}},
            {"role": "assistant", "content": {"component": "plot", "value": {"a": 1}}},
        ]
    )
    assert "<b>user</b>" in page
    assert page.count("<img") == 2
    assert "Hello" in read_page(page)
    long = [{"role": "user", "content": str(number)} for number in range(100)]
    text = read_page(show(long))
    assert text.startswith("… 60 earlier messages")
    assert text.endswith("user99")


def test_tables_labels_and_lists() -> None:
    table = {"headers": ["a", "b"], "data": [[1, None]], "metadata": None}
    assert "<th style='text-align:left;vertical-align:top'>a</th>" in show(table)
    assert show(Table(table)) == show(table) == Table(table)._repr_html_()
    assert "75.0%" in show({"label": "cat", "confidences": [{"label": "cat", "confidence": 0.75}]})
    assert show([[1, 2], [3, 4]]).count("<tr>") == 2
    assert read_page(show([1, "a", None])) == "[1, 'a', None]"
    assert "<ol start='0'><li>" in show([{"a": 1}, "b"])
    for value, text in (([], "[]"), ({}, "{}"), (None, "None"), (2.5, "2.5"), ((), "()")):
        assert read_page(show(value)) == text


def test_large_values_are_cut() -> None:
    """And say so."""
    assert len(show(["x" * 1000] * 10_000)) < 300_000
    assert len(show({str(number): "x" * 3 for number in range(10_000)})) < 30_000
    assert "… and 9,960 more" in show({str(number): 1 for number in range(10_000)})
    deep: Any = "end"
    for _ in range(500):
        deep = {"in": deep}
    assert len(show(deep)) < 10_000
    assert len(render_plain(Pair("x" * 100_000, list(range(100_000))))) < 10_000


def test_a_display_has_an_end() -> None:
    """However much is nested in a value, and whatever each part of it is."""
    text: Any = "$" * 4_000
    table = {"headers": ["a"], "data": [[text] * 20] * 50}
    file = File({"url": "data:text/plain," + "x" * 4_000}, transport_to(ADDRESS))
    for leaf in (text, table, [{"role": text, "content": text}] * 40, [{"a": 1}], file):
        value = leaf
        for _ in range(4):
            value = [value] * 30 if leaf is file else {f"{text}{n}": value for n in range(30)}
        room = Room(text=100_000)
        page = render_value(value, room)
        read_page(page)
        assert room.is_full
        assert len(page) < 101_000 + len(text)
        assert leaf is file or page.count("fills the display") <= 1


def test_a_talk_has_an_end() -> None:
    """However what is said in it is nested."""
    for depth in (2, 3, 500):
        said: Any = "$" * 4_000
        for _ in range(depth):
            said = [said] * (40 if depth < 4 else 1)
        room = Room(text=100_000)
        page = render_value([{"role": "user", "content": said}] * 40, room)
        read_page(page)
        assert len(page) < 101_000 + 4_000


def test_numbers_of_any_length() -> None:
    """No float has them, and Python does not even write them."""
    for number in (10**400, -(10**400), 10**5000):
        one = {"label": number, "confidence": number}
        for value in (
            {"label": number, "confidences": [one]},
            {number: number},
            [[number]],
            [{"a": number}],
            [{"role": number, "content": number}],
            {"headers": [number], "data": [[number, [number]]]},
        ):
            show(value)
            build_bundle(value)


def test_a_named_result_displays_itself(notebook: ZMQInteractiveShell) -> None:
    """And stays what it is."""
    made = endpoint(results=(result("image"), result("words")))
    kind: Any = result_type("predict", made)
    value = kind(image(), "text")
    bundle = value._repr_mimebundle_()
    assert bundle["text/plain"] == "PredictResult(image=<File 'file.png'>, words='text')"
    assert "<img" in bundle["text/html"]
    assert pickle.loads(pickle.dumps(kind(1, 2))) == (1, 2)  # noqa: S301 - made here
    notebook.display_formatter.active_types = ["text/plain"]
    assert value._repr_mimebundle_(include=None, exclude=None).keys() == {"text/plain"}


def test_what_stands_alone_is_what_front_ends_take() -> None:
    assert build_bundle(image()).keys() == {"text/plain", "image/png"}
    plot = {"type": "plotly", "plot": {"data": [], "layout": {}}}
    assert build_bundle(plot)["application/vnd.plotly.v1+json"] == {"data": [], "layout": {}}
    assert build_bundle([plot]).keys() == {"text/plain", "text/html"}
