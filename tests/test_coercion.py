"""What some components take besides JSON; the rest is tried on real servers."""

from __future__ import annotations

import base64
import datetime as dt
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from gradioproxy.coercion import coerced
from gradioproxy.shapes import ANYTHING, TEXT, Array, Field, Object, Shape
from tests.descriptions import parameter

if TYPE_CHECKING:
    from collections.abc import Callable

TABLE = Object(
    "DataframeData",
    (
        Field("headers", Array(TEXT), True),
        Field("data", Array(Array(ANYTHING)), True),
        Field("metadata", ANYTHING, False),
    ),
)
TABLE_3 = Object("Table", TABLE.fields[:2])


def made(component: str, value: Any, shape: Shape = ANYTHING, **properties: Any) -> Any:
    """Return what a component is sent."""
    return coerced(parameter("x", shape, component=component, properties=properties), value)


def test_what_is_not_known_stays_what_it_is() -> None:
    """Components that take nothing but JSON are left alone, and so is what is left out."""
    value = object()
    assert made("Textbox", value) is value
    assert made("Own", value) is value
    for component in ("Dataframe", "Datetime", "Plot", "Imageeditor"):
        assert made(component, None) is None


class Polars:
    """A table as polars has them."""

    columns = ("a", "b")

    def rows(self) -> list[tuple[Any, ...]]:
        """Return the rows."""
        return [(1, float("nan")), (2, "x")]


def test_tables_of_each_version() -> None:
    """Metadata goes only to versions that know it, and headers are text where they have to be."""
    assert made("Dataframe", Polars(), TABLE_3) == {
        "headers": ["a", "b"],
        "data": [[1, None], [2, "x"]],
    }
    frame = pd.DataFrame({1: [pd.NA], 2: [pd.NaT], 3: [None]})
    nothing = {"headers": ["1", "2", "3"], "data": [[None, None, None]], "metadata": None}
    assert made("Dataframe", frame, TABLE) == nothing
    several = pd.DataFrame([[1, 2]], columns=pd.MultiIndex.from_tuples([("a", "b"), ("a", "c")]))
    assert made("Dataframe", several, TABLE)["headers"] == ["a b", "a c"]
    given = {"headers": ["a"], "data": [[1]], "metadata": {"styling": [["bold"]]}}
    assert made("Dataframe", given, TABLE) == given
    assert made("Dataframe", [], TABLE, headers=["p", "q"])["headers"] == ["p", "q"]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("table.csv", "it takes a DataFrame, rows"),
        (5, "it takes a DataFrame, rows"),
        ([1, [2]], "it takes a DataFrame, rows"),
        ({"a": 1}, "columns are lists of one length"),
        ({"a": [1], "b": [1, 2]}, "columns are lists of one length"),
        ({"headers": ["a"], "data": [[1, 2]]}, "a row has 2 cells, and there are 1 headers"),
    ],
)
def test_what_is_no_table(value: Any, said: str) -> None:
    """What has no rows, or rows that do not fit, is refused."""
    with pytest.raises(ValueError, match=said):
        made("Dataframe", value, TABLE)


def test_moments() -> None:
    """A moment is sent as the page shows it, and text that the server reads as it is."""
    moment = dt.datetime(2024, 1, 2, 3, 4, 5)  # noqa: DTZ001 - as people pass them
    assert made("Datetime", moment) == "2024-01-02 03:04:05"
    assert made("Datetime", moment, include_time=False) == "2024-01-02"
    for text in ("now", "now - 5m", "soon", ""):
        assert made("Datetime", text) == text
    aware = dt.datetime(2024, 1, 2, tzinfo=dt.timezone.utc)
    assert made("Datetime", aware, timezone="Asia/Tokyo") == "2024-01-02 09:00:00"
    stamp = time.mktime((2024, 1, 2, 3, 4, 5, 0, 0, -1))
    assert made("Datetime", stamp) == "2024-01-02 03:04:05"
    assert made("Datetime", np.float64(stamp)) == "2024-01-02 03:04:05"


@pytest.mark.parametrize("value", [object(), [1], float("nan"), 1e30, dt.time(1)])
def test_what_is_no_moment(value: Any) -> None:
    """What is no moment is refused."""
    with pytest.raises(ValueError, match="it takes a datetime, a date, a timestamp"):
        made("Datetime", value)


@pytest.mark.parametrize("zone", [None, "", "Nowhere/At/All", "../etc"])
def test_a_zone_that_the_app_does_not_name(zone: str | None) -> None:
    """An app that names no zone would take another moment for the one that was meant."""
    with pytest.raises(ValueError, match="no time zone: the app does not name its own"):
        made("Datetime", dt.datetime(2024, 1, 2, tzinfo=dt.timezone.utc), timezone=zone)


def figure(library: str, **methods: Callable[..., Any]) -> Any:
    """Return a figure as a library has them."""
    return type("Figure", (), {**methods, "__module__": f"{library}.figure"})()


def test_figures() -> None:
    """Figures of the libraries that Gradio knows become what the page has of them."""
    drawn = figure(
        "matplotlib", savefig=lambda _self, file, **how: file.write(how["format"].encode())
    )
    image = base64.b64encode(b"png").decode()
    assert made("Plot", drawn) == {"type": "matplotlib", "plot": f"data:image/png;base64,{image}"}
    for library in ("plotly", "altair"):
        shown = figure(library, to_json=lambda _self: "{}")
        assert made("Plot", shown) == {"type": library, "plot": "{}"}
    given = {"type": "bokeh", "plot": "{}"}
    assert made("Plot", given) is given
    with pytest.raises(ValueError, match="it takes a figure of matplotlib, plotly or altair"):
        made("Plot", object())


def test_labels_and_entities_that_are_wrong() -> None:
    """Confidences are numbers, and entities have their places."""
    with pytest.raises(ValueError, match="a dictionary of labels with their confidences"):
        made("Label", {"cat": "high"})
    with pytest.raises(ValueError, match="entities have 'entity', 'start' and 'end'"):
        made("Highlightedtext", {"text": "a", "entities": [{"start": 0}]})
    assert made("Highlightedtext", {"text": "ab", "entities": []}) == [("ab", None)]
    assert made("Label", {}) == {}
    assert made("Label", {"label": "cat", "confidences": None}) == {
        "label": "cat",
        "confidences": None,
    }


def test_an_editor_keeps_what_was_drawn() -> None:
    """Only an image without layers is its own composite."""
    assert made("Imageeditor", b"x") == {"layers": [], "background": b"x", "composite": b"x"}
    kept: list[Any] = [{"background": b"x", "layers": [b"y"]}, {"background": None, "layers": []}]
    for drawn in kept:
        assert made("Imageeditor", drawn) == drawn
    assert made("Imageeditor", {"background": b"x", "composite": b"z"})["composite"] == b"z"
