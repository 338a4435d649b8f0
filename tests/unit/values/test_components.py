"""What some components take besides JSON; the rest is tried on real servers."""

from __future__ import annotations

import base64
import datetime as dt
import io
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from gradioproxy.schema.shape import (
    ANYTHING,
    FILE,
    NUMBER,
    TEXT,
    Array,
    Field,
    Object,
    Shape,
    union,
)
from gradioproxy.values.components import convert_for_component
from gradioproxy.values.foreign import read_foreign
from gradioproxy.values.markers import file
from tests.support.schemas import parameter

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
    one = parameter("x", shape, component=component, properties=properties)
    return convert_for_component(one, read_foreign(one, value))


def test_what_is_not_known_stays_what_it_is() -> None:
    """Components that take nothing but JSON are left alone, and so is what is left out."""
    value = object()
    assert made("Textbox", value) is value
    assert made("Own", value) is value
    for component in ("Datetime", "Plot", "Imageeditor"):
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


def test_what_else_is_in_a_table_is_left_out() -> None:
    """Keys that a version does not know make it no other table; some of them fail at any."""
    known = {"headers": ["a"], "data": [["1"]]}
    more = {"extra": 1, "metadata": {}, "value": [[1]]}
    for shape in (TABLE, TABLE_3):
        assert made("Dataframe", {**known, **more}, shape) == {**known, "metadata": {}}
    assert made("Dataframe", {**known, **more}) == {**known, **more}
    # Without rows these are columns.
    columns = {"headers": ["x"], "data": [1], "other": [2]}
    table = {"headers": ["headers", "data", "other"], "data": [["x", 1, 2]]}
    assert made("Dataframe", columns, TABLE_3) == table


def test_headers_that_are_numbers_on_the_page() -> None:
    """An app gets text where its Gradio takes nothing else."""
    shape = Object("Table", (Field("headers", Array(union([TEXT, NUMBER])), True), TABLE.fields[1]))
    assert made("Dataframe", {"headers": [1], "data": [[2]]}, shape)["headers"] == ["1"]


def test_a_list_of_one_file() -> None:
    """It is that file where one is taken; other lists are no file."""
    for component in ("File", "Uploadbutton"):
        assert made(component, ["a.txt"], FILE) == "a.txt"
        assert made(component, ["a.txt"], Array(FILE)) == ["a.txt"]
        for other in (["a.txt", "b.txt"], [], [1], [["a.txt"]]):
            assert made(component, other, FILE) == other


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
    assert made("Plot", given) == given
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


def test_what_the_caller_gives_is_sent() -> None:
    """Nothing that is there is replaced, not even nothing."""
    cases: list[dict[str, Any]] = [{"composite": None}, {"layers": None}]
    for given in [*cases, {"composite": None, "layers": []}]:
        sent = made("Imageeditor", {"background": b"x", **given})
        assert {key: sent[key] for key in given} == given
    assert made("Dataframe", {"headers": None, "data": [[1]]}, TABLE)["headers"] is None


DATED: dict[str, Any] = {"include_time": False}


@pytest.mark.parametrize("kind", ["timestamp", "datetime", None])
def test_text_is_written_as_the_app_reads_it(kind: str | None) -> None:
    """The app fails at a time where it expects none, and at a date alone where it expects one."""
    assert made("Datetime", "2020-10-01 05:20:15", type=kind, **DATED) == "2020-10-01"
    assert made("Datetime", "2020-10-01", type=kind) == "2020-10-01 00:00:00"


@pytest.mark.parametrize("kind", ["timestamp", "datetime"])
def test_text_that_is_no_moment(kind: str) -> None:
    """The component fails at it, with words that an app may hide; without checks it is sent."""
    for text in ("soon", "2020-10-01 25:00:00", "1 October"):
        with pytest.raises(ValueError, match="or text like 2024-01-31 23:59:59"):
            made("Datetime", text, type=kind)
    for text in ("", "now", "now - 5m", "2020-1-2 3:4:5"):
        assert made("Datetime", text, type=kind) == text
    assert made("Datetime", "2020-1-2", type=kind, **DATED) == "2020-1-2"
    one = parameter(component="Datetime", properties={"type": kind})
    assert read_foreign(one, "soon", validate=False) == "soon"


def test_text_for_text_stays_as_it_is() -> None:
    """A component that gives the app its text gives it any text."""
    for text in ("2020-10-01 05:20:15", "2020-10-01T05:20", "1 October"):
        assert made("Datetime", text, type="string", **DATED) == text
    day = dt.date(2020, 10, 1)
    assert made("Datetime", day, type="string", **DATED) == "2020-10-01"


@pytest.mark.parametrize(
    "properties",
    [
        {"col_count": [2, "fixed"]},
        {"column_count": [2, "fixed"]},
        {"column_count": [2, "dynamic"], "column_limits": [2, 2]},
    ],
)
@pytest.mark.parametrize("rows", [[[1]], [[1, 2], [1, 2, 3]], [1, 2], [[]]])
def test_rows_of_another_width_than_fixed_columns(properties: dict[str, Any], rows: Any) -> None:
    """Where nobody can add or take away a column, such rows are of another table."""
    with pytest.raises(ValueError, match=r"and the table 2 columns \(p, q\)"):
        made("Dataframe", rows, TABLE, headers=["p", "q"], **properties)
    assert made("Dataframe", [[1, 2]], TABLE, headers=["p", "q"], **properties)["data"] == [[1, 2]]
    named = made("Dataframe", {"a": [1]}, TABLE, headers=["p", "q"], **properties)
    assert named["headers"] == ["a"]


def test_rows_that_are_nobodys_to_refuse() -> None:
    """Lists and arrays have no headers to fit; and without checks, the app takes what comes."""
    wide: dict[str, Any] = {"headers": ["a"], "data": [[1, 2]]}
    for kind in ("array", "numpy"):
        assert made("Dataframe", wide, TABLE, type=kind)["data"] == [[1, 2]]
    fixed = parameter(
        shape=TABLE, component="Dataframe", properties={"col_count": [2, "fixed"], "type": "pandas"}
    )
    for rows in (wide, [[1]], [[1, 2, 3]]):
        with pytest.raises(ValueError, match="a row has"):
            read_foreign(fixed, rows)
        data = wide["data"] if rows is wide else rows
        assert read_foreign(fixed, rows, validate=False)["data"] == data


@pytest.mark.parametrize(
    "properties",
    [
        {},
        {"col_count": [2, "dynamic"]},
        {"column_limits": [1, 3]},
        {"column_limits": [None, 2]},
        {"col_count": "fixed"},
        {"col_count": ["x", "fixed"]},
        {"col_count": [True]},
    ],
)
def test_rows_of_a_table_whose_columns_can_change(properties: dict[str, Any]) -> None:
    """More cells than headers get numbers, as on the page; fewer are of unknown columns."""
    assert made("Dataframe", [[1]], TABLE, headers=["p", "q"], **properties)["headers"] == ["p"]
    properties = {**properties, "type": "pandas"}
    wide = made("Dataframe", [[1, 2, 3]], TABLE, headers=["p", "q"], **properties)
    assert wide["headers"] == ["p", "q", "3"]
    for rows in ([[1]], [1, 2], [[1, 2], [1]]):
        with pytest.raises(ValueError, match=r"a row has 1 cell, and the table 2 columns \(p, q"):
            made("Dataframe", rows, TABLE, headers=["p", "q"], **properties)
    nothing: list[Any] = [[], [[]]]
    for empty in nothing:
        assert made("Dataframe", empty, TABLE, headers=["p", "q"], **properties)["data"] == empty
    numbered = made("Dataframe", [[1]], TABLE, headers=["1", "2"], **properties)
    assert numbered["headers"] == ["1"]


def test_no_table() -> None:
    """No version of the component takes `None`; somebody's own may, and an app that shows it."""
    with pytest.raises(ValueError, match="it takes a DataFrame, rows"):
        made("Dataframe", None, TABLE)
    assert read_foreign(parameter(component="Dataframe"), None, validate=False) is None
    assert read_foreign(parameter(component="Sheet", kind="dataframe"), None) is None
    empty = parameter(component="Dataframe", has_default=True, default=None)
    assert read_foreign(empty, None) is None


def test_rows_shorter_than_their_headers() -> None:
    """All of them: pandas takes none of these, and knows what to do with one among others."""
    short = {"headers": ["a", "b"], "data": [[1], [2]]}
    with pytest.raises(ValueError, match="a row has 1 cell, and there are 2 headers"):
        made("Dataframe", short, TABLE, type="pandas")
    taken: list[Any] = [[[1, 2], [3]], [[]], []]
    for kept in taken:
        table = {"headers": ["a", "b"], "data": kept}
        assert made("Dataframe", table, TABLE, type="pandas") == table
    for kind in ("array", "numpy"):
        assert made("Dataframe", [[1]], TABLE, type=kind, headers=["p", "q"])["data"] == [[1]]


def test_rows_of_a_table_that_a_function_fills() -> None:
    """It may have other columns by now, as many as these have."""
    filled = parameter(
        shape=TABLE,
        component="Dataframe",
        properties={"headers": ["p", "q"], "type": "pandas"},
        changeable=True,
    )
    assert read_foreign(filled, [[1]])["headers"] == ["p"]


def test_tables_as_other_versions_write_them() -> None:
    """What a version put into its own table is kept, and a table of columns is told from it."""
    cases: list[dict[str, Any]] = [{"metadata": None}, {"metadata": {"a": []}}, {"range": [1, 2]}]
    for rest in cases:
        table = {"headers": ["a"], "data": [[1]], **rest}
        assert made("Dataframe", table, TABLE_3) == table
    columns = {"data": [1], "metadata": [2]}
    assert made("Dataframe", columns, TABLE_3)["headers"] == ["data", "metadata"]


SKETCH = Object("Sketch", (Field("image", FILE, True), Field("mask", FILE, True)))


def test_an_image_that_is_drawn_on() -> None:
    """An image alone is one that nobody has drawn on; one with a mask is sent with it."""
    alone = made("Image", b"x", SKETCH)
    assert (alone["image"], alone["mask"].like) == (b"x", b"x")
    read_once = made("Image", io.BytesIO(b"x"), SKETCH)
    assert read_once["image"] is read_once["mask"].like  # for which there is one source
    marked = made("Image", file(b"x"), SKETCH)
    assert marked["image"] == marked["mask"].like == b"x"
    drawn = {"image": b"x", "mask": b"y"}
    assert made("Image", drawn, SKETCH) == drawn
    assert made("Image", b"x", FILE) == b"x"
