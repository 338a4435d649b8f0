"""Annotations of exported functions: what the schema says, and whatever else calls take."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import pytest

from gradioproxy.functions.accepted import accepted_annotation, list_of
from gradioproxy.functions.annotations import parameter_annotation, render_annotation
from gradioproxy.functions.file_like import FileLike
from gradioproxy.functions.table_like import FigureLike, TableLike
from gradioproxy.schema.endpoint import Choice
from gradioproxy.schema.shape import (
    FILE,
    INTEGER,
    NULL,
    TEXT,
    Array,
    Enum,
    Field,
    FixedArray,
    Object,
    Union,
    parse_shape,
)
from tests.support.schemas import parameter

ONE = Choice(1, "One")
PICTURE = Object(
    "GalleryImage", (Field("image", FILE, True), Field("caption", Union((TEXT, NULL)), True))
)
MESSAGE = Object("MultimodalData", (Field("text", TEXT, True), Field("files", Array(FILE), True)))


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"shape": TEXT}, str),
        ({"shape": TEXT, "has_default": True, "default": None}, str | None),
        ({"shape": FILE}, FileLike),
        ({"shape": FILE, "has_default": True, "default": {"path": "x"}}, FileLike | None),
        ({"shape": Array(TEXT)}, list[str] | tuple[str, ...]),
        ({"shape": Array(INTEGER)}, Sequence[int]),
        ({"shape": Array(FILE)}, Sequence[FileLike] | FileLike),
        ({"shape": FixedArray((INTEGER, TEXT))}, tuple[int, str] | list[Any]),
        ({"shape": parse_shape({"type": "object"})}, Mapping[str, Any]),
        ({"shape": TEXT, "component": "DateTime"}, str | dt.datetime | dt.date | float),
        ({"shape": TEXT, "component": "Dataframe"}, TableLike),
        ({"shape": TEXT, "component": "Plot"}, FigureLike),
        (
            {"shape": TEXT, "choices": ["a", "b"], "closed_choices": True},
            Literal["a", "b"] | enum.Enum,
        ),
        ({"shape": TEXT, "choices": ["a", "b"]}, str | enum.Enum),
        (
            {"shape": INTEGER, "choices": [ONE], "closed_choices": True},
            Literal[1, "One"] | enum.Enum,
        ),
        ({"shape": INTEGER, "choices": [ONE]}, int | str | enum.Enum),
        (
            {"shape": Array(Enum(("a",))), "choices": ["a"], "closed_choices": True},
            Sequence[Literal["a"] | enum.Enum] | Literal["a"] | enum.Enum,
        ),
        (
            {"shape": Array(TEXT), "choices": ["a"], "component": "CheckboxGroup"},
            list[str | enum.Enum] | tuple[str | enum.Enum, ...] | str | enum.Enum | None,
        ),
        ({"shape": Enum((1.5, 2.5))}, float),
    ],
)
def test_annotations(facts: dict[str, Any], expected: Any) -> None:
    assert accepted_annotation(parameter("x", **facts)) == expected


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (
            {"shape": Array(PICTURE), "component": "Gallery"},
            (
                "Sequence[GalleryImage | FileLike | tuple[FileLike, str | None]]"
                " | GalleryImage | FileLike"
            ),
        ),
        (
            {"shape": MESSAGE, "component": "MultimodalTextbox"},
            (
                "MultimodalData | tuple[str, Sequence[FileLike] | FileLike]"
                " | FileLike | Sequence[FileLike]"
            ),
        ),
    ],
)
def test_short_forms(facts: dict[str, Any], expected: str) -> None:
    """Parts alone and tuples of parts, at any depth."""
    assert render_annotation(accepted_annotation(parameter("x", **facts))) == expected


def test_functions_of_sessions_are_left_alone() -> None:
    """Their classes are others, although they are made of the same shapes."""
    wide = accepted_annotation(parameter("x", Array(PICTURE)))
    narrow = parameter_annotation(parameter("x", Array(PICTURE)))
    assert render_annotation(narrow) == "list[GalleryImage]"
    assert narrow.__args__[0] not in wide.__args__


def test_a_text_is_no_list_of_texts() -> None:
    assert list_of(str) == list[str] | tuple[str, ...]
    assert list_of(int) == Sequence[int]
