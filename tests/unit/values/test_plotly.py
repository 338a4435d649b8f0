"""Figures of plotly: what is left of them can run nothing and load nothing."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradioproxy.values.plotly import LONGEST, clean_figure
from tests.support.notebook import HOSTILE

MARKS = re.compile(r"</?(b|i|br|em|strong|sub|sup|s|u|extra)\s*/?>", re.IGNORECASE)
BAR = {"type": "bar", "x": ["a", "b"], "y": [1, 2.5]}


def list_strings(value: Any) -> list[str]:
    """Return every text in a value, keys included."""
    if isinstance(value, dict):
        return [text for pair in value.items() for one in pair for text in list_strings(one)]
    if isinstance(value, list):
        return [text for one in value for text in list_strings(one)]
    return [value] if isinstance(value, str) else []


def test_a_plain_figure_stays_as_it_is() -> None:
    """As JSON or not; with the marks that need no attributes, and arrays of numbers."""
    figure: dict[str, Any] = {
        "data": [
            BAR,
            {"x": [1], "hovertemplate": "%{x}<br><b>%{y}</b><extra></extra>"},
            {"type": "heatmap", "z": {"dtype": "f8", "bdata": "AAAA+/==", "shape": "2, 3"}},
            {"type": "sankey", "link": {"source": [0, 1], "target": [2, 2], "value": [1, 1]}},
        ],
        "layout": {"title": {"text": "<b>Bars</b>"}, "yaxis": {"tickformat": "$,.2f"}},
    }
    assert clean_figure(figure) == figure
    assert clean_figure(json.dumps(figure)) == figure


@pytest.mark.parametrize("text", HOSTILE)
def test_texts_have_no_elements_links_or_formulas(text: str) -> None:
    """Wherever they are; plotly writes out what is left as it was."""
    template = {"layout": {"title": text, "images": [text]}, "data": {"bar": [{"name": text}]}}
    figure = {
        "data": [
            BAR | {"name": text, "text": [text], "meta": {text: text}, "customdata": [[text]]}
        ],
        "layout": {"title": text, "annotations": [{"text": text}], "template": template},
    }
    cleaned = clean_figure(figure)
    assert cleaned is not None
    for found in list_strings(cleaned):
        assert "<" not in found
        assert "\\" not in found
        assert "\u202e" not in found
    assert "data" not in cleaned["layout"]["template"]


def test_marks_with_attributes_are_none() -> None:
    cleaned = clean_figure({"data": [BAR | {"name": "<b onclick=x>a</b> <A HREF='u'>b</A>"}]})
    assert cleaned is not None
    assert (
        cleaned["data"][0]["name"] == "&#60;b onclick=x&#62;a</b> &#60;A HREF='u'&#62;b&#60;/A&#62;"
    )


def test_what_loads_or_changes_something_is_left_out() -> None:
    url = "https://evil.example/x"
    layout = {
        "images": [{"source": url}],
        "mapbox": {"style": url},
        "mapbox2": {"style": url},
        "map": {"style": {"sources": {"a": {"url": url}}}},
        "geo": {"resolution": 50},
        "updatemenus": [{"buttons": [{"args": [{"images[0].source": url}]}]}],
        "sliders": [{}],
        "annotations": [{"text": "x", "captureevents": True, "href": url}],
        "xaxis": {"source": url, "topojsonURL": url},
    }
    figure = {"data": [BAR], "layout": layout, "config": {"plotlyServerURL": url}, "frames": [BAR]}
    assert clean_figure(figure) == {
        "data": [BAR],
        "layout": {"annotations": [{"text": "x", "captureevents": True}], "xaxis": {}},
    }


@pytest.mark.parametrize(
    "figure",
    [
        None,
        "",
        "{",
        "[]",
        7,
        {},
        {"data": "x"},
        {"data": ["x"]},
        {"data": [{"type": "image", "source": "https://evil.example"}]},
        {"data": [{"type": "scattermapbox"}]},
        {"data": [{"type": "choropleth"}]},
        {"data": [{"type": ["bar"]}]},
        {"data": [{"type": "unheard-of"}]},
        '{"data": [' + "[" * 100_000,
    ],
)
def test_what_is_no_figure_that_is_known(figure: Any) -> None:
    assert clean_figure(figure) is None


def test_what_is_too_large_or_too_deep() -> None:
    large = {"data": [BAR | {"name": "x" * LONGEST}]}
    assert clean_figure(json.dumps(large)) is None
    assert clean_figure(large) is None
    assert clean_figure({"data": [BAR | {"name": object()}]}) is None
    deep: Any = "x"
    for _ in range(100):
        deep = [deep]
    assert clean_figure({"data": [BAR | {"text": deep}]}) is None


HIDDEN = ("\u200b", "\x00", "\u202e", "\ufeff", "\U000e0020", "\x1b")


@pytest.mark.parametrize("mark", HIDDEN)
def test_names_are_what_they_are_without_what_hides_in_them(mark: str) -> None:
    """Nothing is another word when it is cleaned than when it is looked at."""
    url = "https://evil.example/x"

    def hide(word: str) -> str:
        return f"{word[:2]}{mark}{word[2:]}"

    layout: dict[str, Any] = {
        hide("images"): [{hide("source"): url}],
        hide("mapbox"): {hide("style"): url},
    }
    template = {"layout": layout, "data": {"bar": [{"name": url}]}}
    annotation = {"text": "x", hide("href"): url}
    shown = {hide("template"): template, "annotations": [annotation]}
    cleaned = clean_figure({hide("data"): [BAR], "layout": layout | shown})
    layout = {"annotations": [{"text": "x"}], "template": {"layout": {}}}
    assert cleaned == {"data": [BAR], "layout": layout}
    assert clean_figure({"data": [{hide("type"): "image", "z": url}]}) is None
    assert clean_figure({"data": [{"type": "bar", hide("type"): "image"}]}) is None
    assert clean_figure({"data": [{"type": hide("image")}]}) is None


@pytest.mark.parametrize(
    "array",
    [
        {"dtype": "<script>", "bdata": "AAAA"},
        {"dtype": {"href": "javascript:alert(1)"}, "bdata": "AAAA"},
        {"dtype": "f8", "bdata": "AAAA", "shape": "<a href='u'>"},
        {"dtype": "f8", "bdata": "AAAA", "shape": [["\\(x\\)"]]},
        {"dtype": "i1", "bdata": "AAAA", "shape": "99999, 99999"},
        {"dtype": "i1", "bdata": "not base64!"},
        {"dtype": "i1", "bdata": ["AAAA"]},
        {"bdata": "AAAA"},
    ],
)
def test_arrays_that_are_none(array: dict[str, Any]) -> None:
    """What is beside the bytes is no way in, and no reason to make billions of numbers."""
    assert clean_figure({"data": [{"type": "heatmap", "z": array}]}) == {
        "data": [{"type": "heatmap", "z": None}],
        "layout": {},
    }


JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(["name", "text", "x", "meta", "<a>"]), JSON), JSON)
def test_any_figure(trace: dict[str, Any], layout: Any) -> None:
    """Whatever is in it, nothing but marks is left of elements."""
    cleaned = clean_figure({"data": [trace], "layout": layout})
    assert cleaned is not None
    for text in list_strings(cleaned):
        assert "<" not in MARKS.sub("", text)
        assert "\\" not in text
