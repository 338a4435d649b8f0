"""Plots as Gradio sends them."""

from __future__ import annotations

import base64
import io
import json
from typing import Any

import pytest
from PIL import Image

from gradioproxy.files.preview import IMAGE_LIMIT, Room
from gradioproxy.values.plot import PLOTLY, is_plot, preview_plot
from tests.support.notebook import HOSTILE, read_page


def picture(kind: str = "PNG", media: str = "image/png") -> str:
    """Return a picture as a URL."""
    buffer = io.BytesIO()
    Image.new("RGB", (4, 3), "red").save(buffer, kind)
    return f"data:{media};base64,{base64.b64encode(buffer.getvalue()).decode()}"


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_picture_is_shown_as_one(kind: str) -> None:
    """By its content, whatever the app calls it."""
    room = Room()
    url = picture(kind, "text/html")
    made = preview_plot({"type": "matplotlib", "plot": url}, room)
    assert made.alone == {f"image/{kind.lower()}": url.partition(",")[2]}
    read_page(made.html)
    assert room.left < Room().left


@pytest.mark.parametrize(
    "plot",
    [
        "data:image/png;base64,AAAA",
        "data:text/html,<script>alert(1)</script>",
        "data:image/svg+xml,<svg onload='alert(1)'/>",
        "data:image/png;base64,?",
        "data:image/png;base64," + "A" * (3 * IMAGE_LIMIT),
        *HOSTILE,
    ],
)
def test_what_is_no_picture(plot: str) -> None:
    """Is told, or shown as the text that it is."""
    for kind in ("matplotlib", "plotly", "altair", "bokeh"):
        made = preview_plot({"type": kind, "plot": plot}, Room())
        assert made.alone.keys() <= {"text/html"}
        assert "<img" not in made.html
        assert len(made.html) < 20_000
        read_page(made.html)


def test_a_figure_of_plotly() -> None:
    """Goes to plotly, cleaned, with words beside it for who has none."""
    figure = {
        "data": [{"type": "bar", "name": "<i>a</i> $1"}, {"y": [1]}],
        "layout": {"title": {"text": HOSTILE[0]}},
    }
    for plot in (figure, json.dumps(figure)):
        value = {"type": "plotly", "plot": plot}
        assert is_plot(value)
        made = preview_plot(value, Room())
        data: Any = made.alone[PLOTLY]
        assert data["layout"]["title"]["text"] == "&#60;script&#62;alert(1)&#60;/script&#62;"
        text = read_page(made.html)
        assert text == f"{HOSTILE[0]} plotly figure: bar “<i>a</i> $1”, scatter"
        assert made.alone["text/html"] == made.html


def test_pictures_count_as_files_do() -> None:
    """Each takes of the room for bytes, and of that for files; what does not fit says so."""
    value = {"type": "matplotlib", "plot": picture()}
    room = Room(files=1)
    pages = [preview_plot(value, room).html for _ in range(2)]
    assert ["<img" in page for page in pages] == [True, False]
    assert read_page(pages[1]).endswith("not shown: there are so many")
    page = preview_plot(value, Room(left=10)).html
    assert read_page(page).endswith("not shown: what is beside it fills the display")
    large = {"type": "matplotlib", "plot": f"{picture()}{'A' * 4 * IMAGE_LIMIT}"}
    page = preview_plot(large, Room()).html
    assert read_page(page).startswith("plot of 30 MB, not shown: more than 10 MB")


def test_many_traces_are_counted() -> None:
    figure = {"data": [{"type": "bar"}] * 23}
    page = preview_plot({"type": "plotly", "plot": figure}, Room()).html
    assert read_page(page).endswith("bar, and 3 more traces")


def test_programs_for_libraries_are_texts() -> None:
    for kind in ("altair", "bokeh"):
        made = preview_plot({"type": kind, "plot": '{"usermeta": {"a": 1}}'}, Room())
        assert f"{kind} plot, 22 characters of JSON; not drawn here" in read_page(made.html)


def test_other_values_are_no_plots() -> None:
    for value in (None, "x", {}, {"type": "plotly"}, {"type": "plotly", "plot": 1}):
        assert not is_plot(value)
    assert not is_plot({"type": "other", "plot": "x"})
    assert not is_plot({"type": "plotly", "plot": "x", "else": 1})
    assert not is_plot({"type": [], "plot": "x"})
