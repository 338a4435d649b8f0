"""What an author set of a component, as it is read from a description."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradioproxy.schema.constraints import UNCONSTRAINED, parse_constraints
from tests.support.schemas import values

SET: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("slider", {"minimum": 0, "maximum": 1.5, "step": 0.5}, {"minimum": 0, "maximum": 1.5}),
    ("number", {"minimum": 3}, {"minimum": 3, "maximum": None}),
    # Limits between which there is nothing.
    ("slider", {"minimum": 3, "maximum": 1}, {"minimum": None, "maximum": None}),
    ("textbox", {"max_length": 3, "max_choices": 2}, {"max_length": 3}),
    ("dropdown", {"max_length": 3, "max_choices": 2}, {"max_length": 2}),
    ("image", {"max_length": 3, "max_choices": 2}, {"max_length": None}),
    ("dropdown", {"multiselect": True}, {"multiselect": True, "custom_values": False}),
    ("dropdown", {"allow_custom_value": True}, {"custom_values": True, "multiselect": False}),
    ("file", {"file_count": "multiple"}, {"many_files": True}),
    ("file", {"file_count": "directory"}, {"many_files": True}),
    ("file", {"file_count": "single"}, {"many_files": False}),
    ("file", {"file_types": ["image", ".png", ""]}, {"file_types": ("image", ".png")}),
    ("textbox", {"type": "password"}, {"password": True, "passes_text_on": False}),
    ("datetime", {"include_time": False}, {"timed": False}),
    ("datetime", {"type": "timestamp"}, {"reads_moments": True}),
    ("dataframe", {"type": "polars"}, {"names_columns": True, "takes_long_rows": False}),
    (
        "datetime",
        {"type": "string", "timezone": "UTC"},
        {"passes_text_on": True, "timezone": "UTC"},
    ),
    ("dataframe", {"headers": ["a", 2]}, {"headers": ("a", 2), "columns": None}),
    ("dataframe", {"col_count": [2, "fixed"]}, {"columns": 2}),
    ("dataframe", {"column_count": [3, "fixed"], "col_count": [2, "fixed"]}, {"columns": 3}),
    ("dataframe", {"col_count": [2, "dynamic"], "column_limits": [1, 1]}, {"columns": 1}),
    ("dataframe", {"column_limits": [1, 2]}, {"columns": None}),
    ("dataframe", {"type": "numpy"}, {"takes_long_rows": True}),
    ("dataframe", {"type": "pandas"}, {"takes_long_rows": False}),
]


@pytest.mark.parametrize(("kind", "properties", "expected"), SET)
def test_what_an_author_sets(
    kind: str, properties: dict[str, Any], expected: dict[str, Any]
) -> None:
    made = parse_constraints(kind, properties)._asdict()
    assert {name: made[name] for name in expected} == expected


@pytest.mark.parametrize(
    "properties",
    [
        *({name: value} for name in ("minimum", "step") for value in (True, "0", math.nan, [1])),
        *({"max_length": value} for value in (0, -1, True, 2.5, "3", [3])),
        {"multiselect": [True]},
        {"allow_custom_value": "yes"},
        {"file_count": ["multiple"]},
        {"file_types": "image"},
        {"file_types": [1, None]},
        {"include_time": None},
        {"timezone": 1},
        {"type": ["numpy"]},
        {"headers": "ab"},
        {"col_count": "fixed"},
        *({"col_count": [count, "fixed"]} for count in (True, -1, 0, 2.0)),
        *({"column_limits": [count, count]} for count in (True, -1, 0)),
    ],
    ids=repr,
)
def test_what_no_gradio_sets_counts_as_not_set(properties: dict[str, Any]) -> None:
    assert parse_constraints("textbox", properties) == UNCONSTRAINED


@pytest.mark.parametrize("kind", [".p\x1b[1mng", ".png\u202e", ".p\nng", "." + "x" * 99])
def test_a_kind_of_file_is_nothing_that_a_terminal_acts_on(kind: str) -> None:
    (made,) = parse_constraints("file", {"file_types": [kind]}).file_types
    assert made.isprintable()
    assert len(made) <= 20


def test_headers_are_what_stands_above_a_column() -> None:
    """What is nested is no header; it would be sent, and written into messages."""
    deep: Any = "x"
    for _ in range(900):
        deep = [deep]
    made = parse_constraints("dataframe", {"headers": ["a", 1, None, deep, {"a": deep}]}).headers
    assert made[:3] == ("a", 1, None)
    assert all(isinstance(header, str) and len(header) < 100 for header in made[3:])


PROPERTIES = (
    *("minimum", "maximum", "step", "max_length", "multiselect", "allow_custom_value", "type"),
    *("file_count", "file_types", "include_time", "timezone", "headers", "col_count"),
    *("column_count", "column_limits"),
)


@given(properties=st.dictionaries(st.sampled_from(PROPERTIES), values))
def test_whatever_an_app_sets_is_read(properties: dict[str, Any]) -> None:
    """Nothing raises, and limits have something between them."""
    made = parse_constraints("textbox", properties)
    if made.minimum is not None and made.maximum is not None:
        assert made.minimum <= made.maximum
