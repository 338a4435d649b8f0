"""What components take besides what their schemas say."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from gradioproxy.functions.component_hints import common_hints, more_hints
from gradioproxy.functions.file_like import FileLike
from gradioproxy.functions.table_like import FigureLike, TableLike
from gradioproxy.schema.shape import ANYTHING, FILE, TEXT, Array, Shape
from tests.support.schemas import parameter


@pytest.mark.parametrize(
    ("kind", "shape", "more", "common"),
    [
        ("textbox", TEXT, [], []),
        ("dataframe", ANYTHING, [TableLike], [TableLike]),
        ("plot", ANYTHING, [FigureLike], [FigureLike]),
        ("timeseries", ANYTHING, [FileLike, TableLike], [FileLike, TableLike]),
        ("datetime", TEXT, [dt.datetime, dt.date, float], [dt.datetime, dt.date, float]),
        ("gallery", Array(FILE), [], [list[FileLike]]),
        ("gallery", FILE, [], []),
        ("image", FILE, [], []),
        ("image", ANYTHING, [FileLike], [FileLike]),
        ("label", ANYTHING, [Mapping[str, float]], [dict[str, float]]),
        ("highlightedtext", ANYTHING, [Mapping[str, Any]], [dict[str, Any]]),
        ("multimodaltextbox", ANYTHING, [FileLike, Sequence[FileLike]], [FileLike, list[FileLike]]),
    ],
)
def test_hints(kind: str, shape: Shape, more: list[Any], common: list[Any]) -> None:
    made = parameter("x", shape, kind=kind)
    assert more_hints(made) == more
    assert common_hints(made) == common
